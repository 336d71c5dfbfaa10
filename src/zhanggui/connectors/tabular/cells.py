"""What a single cell of a product table may hold: lists, amounts, counts, formulas made harmless. Pure."""

import re
from decimal import Decimal

import orjson

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Money, minor_digits

# A spreadsheet runs a cell that begins with one of these (OWASP, "CSV Injection"); a leading apostrophe stops it.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
COUNT = r"^[ \t]*[+-]?[0-9]{1,12}(\.0+)?[ \t]*$"
WEIGHT = r"^[ \t]*[0-9]{1,9}(\.[0-9]+)?[ \t]*$"
_COUNT, _WEIGHT = re.compile(COUNT), re.compile(WEIGHT)
_YES = {"true": True, "1": True, "yes": True, "y": True, "false": False, "0": False, "no": False, "n": False}


def neutralise(cell: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run; plain numbers stay. Undone exactly by `restore`."""
    return f"'{cell}" if _FORMULA.match(cell) and (cell[0] == "'" or not _NUMBER.fullmatch(cell)) else cell


def restore(cell: str) -> str:
    """Take away the apostrophe that `neutralise` (or WooCommerce's own exporter) put there."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def split_list(cell: str, separator: str = ";") -> tuple[str, ...]:
    """The values of a list cell: a JSON array of strings, or plain text with separators; blank values are dropped."""
    if cell.startswith("["):
        try:
            parsed = orjson.loads(cell)
        except orjson.JSONDecodeError:
            parsed = None
        # isinstance cannot tell what a list or a dict holds.
        if isinstance(parsed, list) and all(isinstance(item, str) for item in parsed):  # pyright: ignore[reportUnknownVariableType]
            return tuple(str(item) for item in parsed)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return tuple(part.strip() for part in cell.split(separator) if part.strip())


def join_list(values: tuple[str, ...], separator: str = ";") -> str:
    """A list as one cell that `split_list` reads back exactly: plain where that is possible, else a JSON array."""
    plain = f"{separator} ".join(values)
    return plain if split_list(plain, separator) == values else orjson.dumps(list(values)).decode()


def path_of(cell: str) -> tuple[str, ...]:
    """A category path (`Clothing > Shirts`) as its parts."""
    return tuple(part.strip() for part in cell.split(">") if part.strip())


def amount_pattern(currency: str) -> str:
    """Regular expression (for Python and Rust) of a price: no sign, at most the currency's decimals, under 10^12."""
    digits = minor_digits(currency)
    decimals = rf"(\.[0-9]{{1,{digits}}}0*)?" if digits else r"(\.0+)?"
    return rf"^[ \t]*[¥￥$€£]?[ \t]*([0-9]{{1,3}}(,[0-9]{{3}}){{1,3}}|[0-9]{{1,12}}){decimals}[ \t]*$"


def amount_expected(currency: str) -> str:
    """What a price should look like, for people."""
    digits = minor_digits(currency)
    return f"a price such as 1299.00 with at most {digits} decimals" if digits else "a price such as 1299"


def amount(cell: str, currency: str, *, field: str, row: int) -> Money | None:
    """A price; None when blank.

    Raises:
        BadInput: not a plain decimal number, negative, or finer than the currency's minor unit.
    """
    if not cell.strip():
        return None
    if not re.match(amount_pattern(currency), cell):
        raise BadInput(field=field, expected=amount_expected(currency), found=cell, row=row)
    return Money.parse(cell.strip().lstrip("¥￥$€£").strip(), currency)


def count(cell: str, *, field: str, row: int) -> int | None:
    """A whole number; None when blank.

    Raises:
        BadInput: anything else.
    """
    if not cell.strip():
        return None
    if not _COUNT.match(cell):
        raise BadInput(field=field, expected="a whole number", found=cell, row=row)
    return int(Decimal(cell.strip()))


def grams(cell: str, factor: Decimal, *, field: str, row: int) -> float | None:
    """A weight in grams, the cell times `factor`; None when blank.

    Raises:
        BadInput: not a plain decimal number.
    """
    text = cell.strip()
    if not text:
        return None
    if not _WEIGHT.match(text):
        raise BadInput(field=field, expected="a weight such as 350 or 0.35", found=cell, row=row)
    return float(Decimal(text) * factor)


def decimal_text(value: float, factor: Decimal = Decimal(1)) -> str:
    """A float times `factor` in plain notation, exact, without trailing zeros."""
    text = format(Decimal(repr(value)) * factor, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def flag(cell: str, *, field: str, row: int) -> bool | None:
    """TRUE/FALSE, 1/0 or yes/no; None when blank.

    Raises:
        BadInput: anything else.
    """
    text = cell.strip().lower()
    if not text:
        return None
    if text not in _YES:
        raise BadInput(field=field, expected="TRUE or FALSE", found=cell, row=row)
    return _YES[text]


def amount_text(price: Money) -> str:
    """A price in major units with the currency's digits, no symbol."""
    return f"{price.major:.{minor_digits(price.currency)}f}"
