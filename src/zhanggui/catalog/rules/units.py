"""Numbers with their units as shops write them, in Chinese and English, and when two of them say the same."""

import re
from dataclasses import dataclass
from functools import cache

from zhanggui.catalog.rules.tables import table

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_EN_NUMBERS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90,
    "hundred": 100, "dozen": 12,
}  # fmt: skip
_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|(?<![\w.])\.\d+"
_NOT_AFTER_ONE = frozenset("度天日月倍年周转")
_NOT_WRITTEN = frozenset("度帧匹里")
_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure: its dimension and its size in the dimension's base unit."""

    name: str
    dimension: str
    factor: float


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text. `digits` counts the decimals shown; `counter` is a measure word (件, pack)."""

    start: int
    end: int
    value: float
    digits: int
    unit: Unit | None = None
    counter: str = ""
    currency: str = ""
    group: int = 0

    @property
    def base(self) -> float:
        """The amount in the base unit of its dimension."""
        return self.value * (self.unit.factor if self.unit else 1.0)


@cache
def _spellings() -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for name, (dimension, factor, forms) in table("units")["units"].items():
        for form in forms:
            found[str(form).lower()] = Unit(str(name), str(dimension), float(factor))
    return found


def unit_named(name: str) -> Unit | None:
    """The unit that a name spells in full (`Thread count`, `Watts`), or None."""
    folded = name.strip().lower()
    return _spellings().get(folded) if len(folded) > 2 else None


@cache
def _grammar() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    forms = sorted(_spellings(), key=len, reverse=True)
    latin = "|".join(re.escape(f) for f in forms if f[-1].isascii() and f[-1].isalpha())
    other = "|".join(re.escape(f) for f in forms if not (f[-1].isascii() and f[-1].isalpha()))
    counters = table("units")
    zh = "|".join(sorted(counters["counters_zh"], key=len, reverse=True))
    en = "|".join(sorted(counters["counters_en"], key=len, reverse=True))
    unit = rf"(?P<unit>(?:{latin})(?![a-zA-Z])|{other})"
    tail = rf"\s*-?\s*(?:{unit}|(?P<zh>{zh})|(?P<en>(?:{en})\b))"
    number = re.compile(_NUMBER)
    return (
        number,
        re.compile(tail, re.IGNORECASE),
        re.compile(rf"(?P<n>半|[零一二两三四五六七八九十百千万]+)(?:{other}|(?P<c>{zh}))"),
    )


_WORD_NUMBER = re.compile(rf"\b(?:{'|'.join(_EN_NUMBERS)})\b", re.IGNORECASE)
_MONEY_BEFORE = re.compile(r"(¥|￥|\$|€|£|₹|\brs\.?|\binr|\busd|\bcny|\brmb)\s*$", re.IGNORECASE)
_LINK = re.compile(
    r"\s*(?:[x×*X✕~～\-–—/至到]|by|to|and|or)\s*(?:[¥￥$€£₹]|rs\.?)?\s*(?:[LWHDlwhd]\s*)?(?=[.\d])|\s*[LWHD]\s*[x×*]\s*(?=\d)",
    re.IGNORECASE,
)
_CURRENCY = {"¥": "CNY", "￥": "CNY", "$": "USD", "€": "EUR", "£": "GBP", "₹": "INR", "rs": "INR", "rs.": "INR",
             "inr": "INR", "usd": "USD", "cny": "CNY", "rmb": "CNY"}  # fmt: skip


def chinese_number(text: str) -> float | None:
    """A Chinese numeral up to 万, or None: 十二 = 12, 两百 = 200, 半 = 0.5."""
    if text == "半":
        return 0.5
    if text[0] in "百千万":
        return None
    total = digit = 0
    for character in text:
        if character in _DIGITS:
            digit = digit * 10 + _DIGITS[character] if digit else _DIGITS[character]
        else:
            total += (digit or 1) * _POWERS[character]
            digit = 0
    return float(total + digit)


def find_numbers(text: str) -> list[Number]:
    """Every number of the text with the unit, measure word or currency that goes with it.

    Numbers joined by x, to or a dash share the unit after the last (`8 x 10 inches`, `3-5 days`) and a group.
    """
    number, tail, chinese = _grammar()
    found: list[Number] = []
    for match in number.finditer(text):
        shown = match.group().replace(",", "")
        after = tail.match(text, match.end())
        digits = len(shown.partition(".")[2])
        unit, counter = _measured(after)
        currency = ""
        before = _MONEY_BEFORE.search(text, max(0, match.start() - 5), match.start())
        if before:
            currency = _CURRENCY[before.group(1).lower()]
        end = after.end() if after and (unit or counter) else match.end()
        found.append(Number(match.start(), end, float(shown), digits, unit, counter, currency))
    found = _share_units(text, found)
    found += _written_chinese(text, chinese) + _written_english(text, tail)
    found += [Number(at, at + 1, _FRACTIONS[c], 2) for at, c in enumerate(text) if c in _FRACTIONS]
    return sorted(found, key=lambda n: n.start)


def _measured(after: re.Match[str] | None) -> tuple[Unit | None, str]:
    if after is None:
        return None, ""
    if after.group("unit"):
        return _spellings()[after.group("unit").lower()], ""
    return None, (after.group("zh") or after.group("en") or "").lower()


def _share_units(text: str, numbers: list[Number]) -> list[Number]:
    """Give the numbers of one chain (8 x 10 inches) the unit of the last that has one, and one group."""
    shared = list(numbers)
    group = 0
    for at in range(len(numbers) - 2, -1, -1):
        left, right = shared[at], shared[at + 1]
        link = _LINK.match(text, left.end)
        if link and link.end() == right.start:
            group = right.group or group + 1
            unit = left.unit or (right.unit if not left.counter and not left.currency else None)
            currency = left.currency or (right.currency if not unit else "")
            counter = left.counter or ("" if unit else right.counter)
            shared[at + 1] = Number(right.start, right.end, right.value, right.digits, right.unit, right.counter,
                                    right.currency or (left.currency if not right.unit else ""), group)  # fmt: skip
            shared[at] = Number(left.start, left.end, left.value, left.digits, unit, counter, currency, group)
    return shared


def _written_chinese(text: str, pattern: re.Pattern[str]) -> list[Number]:
    found: list[Number] = []
    for match in pattern.finditer(text):
        value = chinese_number(match.group("n"))
        counter = match.group("c") or ""
        measure = match.group()[len(match.group("n")) :]
        idle = measure in _NOT_AFTER_ONE or (counter and counter != "件套")
        if value is None or (match.group("n") == "一" and idle) or measure in _NOT_WRITTEN or match.group() == "四周":
            continue
        unit = None if counter else _spellings().get(measure)
        if counter or unit:
            found.append(Number(match.start(), match.end(), value, 0, unit, counter))
    return found


def _written_english(text: str, tail: re.Pattern[str]) -> list[Number]:
    found: list[Number] = []
    for match in _WORD_NUMBER.finditer(text):
        unit, counter = _measured(tail.match(text, match.end()))
        found.append(Number(match.start(), match.end(), float(_EN_NUMBERS[match.group().lower()]), 0, unit, counter))
    return found


def same_amount(claimed: Number, known: Number) -> bool:
    """Whether `claimed` says what `known` says.

    In one unit the values must be equal, save that a figure with three or more decimals may be shown rounded to fewer.
    Across units the converted value must round to the digits that the claim shows, within 3 %.
    """
    if (claimed.unit is None) != (known.unit is None):
        return False
    if claimed.unit is None or known.unit is None or claimed.unit.name == known.unit.name:
        return _rounds_in_unit(claimed, known)
    if claimed.unit.dimension != known.unit.dimension:
        return _cun(claimed, known)
    return _converts(claimed, known.base / claimed.unit.factor)


def _rounds_in_unit(claimed: Number, known: Number) -> bool:
    if abs(claimed.value - known.value) <= 1e-9 * max(1.0, abs(known.value)):
        return True
    precise = known.digits >= 3 and claimed.digits >= 1 and claimed.value != 0
    return precise and abs(round(known.value, claimed.digits) - claimed.value) < 1e-9


def _converts(claimed: Number, exact: float) -> bool:
    if abs(exact - claimed.value) <= 1e-6 * max(abs(exact), 1e-9):
        return True
    half = 0.5 * 10.0**-claimed.digits
    return abs(exact - claimed.value) <= half * 1.0001 and abs(exact - claimed.value) <= 0.03 * abs(exact)


def _cun(claimed: Number, known: Number) -> bool:
    """寸 is an inch for screens and wheels, a thirtieth of a metre elsewhere: either reading may hold."""
    pair = {claimed.unit.dimension if claimed.unit else "", known.unit.dimension if known.unit else ""}
    if pair != {"length", "length_cun"} or claimed.unit is None or known.unit is None:
        return False
    for metres in (0.0254, 1 / 30):
        exact = known.value * metres if known.unit.dimension == "length_cun" else known.base
        size = metres if claimed.unit.dimension == "length_cun" else claimed.unit.factor
        if _converts(claimed, exact / size):
            return True
    return False
