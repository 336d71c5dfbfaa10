"""Large regular CSV files as whole tables: the same products and the same problems as row by row, by Polars.

Every check of `read._product` is here as an expression; a test holds the two against each other. Cells that are not
plain (lists, escapes) go through the very functions of the row reader, once for each distinct cell.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from zhanggui.connectors.generic_table import json_cells, values
from zhanggui.connectors.generic_table.mapping import UNIT_FIELDS, ColumnMapping
from zhanggui.connectors.generic_table.structure import is_regular
from zhanggui.connectors.tabular import CsvTable, ProductFrame, split_list
from zhanggui.connectors.tabular import cells as cell
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import minor_digits

_CHUNK = 50_000
_FORMULA = r"^'('*[=+\-@\t\r\n＝＋－＠])"
_PATH_SEPARATOR = "\x1f"
Check = tuple[str, str, pl.Expr]
# Helper columns; no column of a regular file can have a NUL in its name.
_ROW, _KEY, _CURRENCY, _BAD = "\0row", "\0key", "\0currency", "\0bad"
_PRICE = "price"


def read_frames(table: CsvTable, mapping: ColumnMapping) -> Iterator[ProductFrame] | None:
    """The products of a CSV file in tables of 50,000; None when rows are irregular or a cell is too long."""
    source = table.source
    if not is_regular(source.path, table.delimiter, len(table.columns)):
        return None
    whole = pl.read_csv(
        source.path,
        has_header=False,
        skip_rows=1,
        separator=table.delimiter,
        schema={name: pl.String() for name in table.columns},
        empty_string_is_null=False,
    )
    longest = whole.select(pl.all().str.len_bytes().max()).row(0) if len(whole) else ()
    if any((size or 0) > source.limits.cell_characters for size in longest):
        return None
    return _frames(whole, mapping)


def _frames(whole: pl.DataFrame, mapping: ColumnMapping) -> Iterator[ProductFrame]:
    named = {mapping.field_of(column): column for column in whole.columns}
    fields = frozenset("variants" if name == "sku" else name for name in named) - {"id", "currency", "ignore"}
    whole = whole.with_row_index(_ROW, offset=2).with_columns(_key(named).alias(_KEY))
    if not whole[_KEY].is_sorted():
        # Rows that reach the primary key's index in order only ever append to it.
        whole = whole.sort(_KEY, maintain_order=True)
    unique = not (whole[_KEY] == whole[_KEY].shift(1)).any()
    seen: dict[str, int] = {}
    for start in range(0, len(whole), _CHUNK):
        part = whole.slice(start, _CHUNK)
        quoted = [name for name in named.values() if part[name].str.starts_with("'").any()]
        if quoted:
            part = part.with_columns(pl.col(name).str.replace(_FORMULA, "${1}") for name in quoted)
            part = part.with_columns(_key(named).alias(_KEY))
        good, problems = _checked(part, named, mapping)
        table = _Columns(good, named, mapping).table()
        if not unique or quoted:
            table, twice = _first_only(table, seen)
            problems = sorted([*problems, *twice], key=lambda bad: bad.row or 0)
        yield ProductFrame(table, tuple(problems), fields)


def _key(named: dict[str, str]) -> pl.Expr:
    texts = [pl.col(named[name]).str.strip_chars() for name in ("id", "sku") if name in named]
    return pl.coalesce(*(pl.when(text != "").then(text) for text in texts), pl.lit(""))


def _checked(part: pl.DataFrame, named: dict[str, str], mapping: ColumnMapping) -> tuple[pl.DataFrame, list[BadInput]]:
    """The good rows, and the first thing wrong with each bad one."""
    part = part.with_columns(_currency(named, mapping).alias(_CURRENCY))
    checks = list(_checks(part, named))
    bad = pl.coalesce([pl.when(~check[2]).then(pl.lit(index)) for index, check in enumerate(checks)])
    part = part.with_columns(bad.alias(_BAD))
    problems: list[BadInput] = []
    shown = {named.get("id", named.get("sku", "")): _KEY, named.get("currency", ""): _CURRENCY}
    for row in part.filter(pl.col(_BAD).is_not_null()).iter_rows(named=True):
        column, expected, _right = checks[int(row[_BAD])]
        if expected == _PRICE:
            expected = cell.amount_expected(row[_CURRENCY])
        found = "" if expected == values.EXPECTED_TITLE else str(row[shown.get(column, column)])
        problems.append(BadInput(row=row[_ROW], field=column, expected=expected, found=found))
    return (part.filter(pl.col(_BAD).is_null()) if problems else part), problems


def _currency(named: dict[str, str], mapping: ColumnMapping) -> pl.Expr:
    if "currency" not in named:
        return pl.lit(mapping.currency)
    given = pl.col(named["currency"]).str.strip_chars().str.to_uppercase()
    return pl.when(given == "").then(pl.lit(mapping.currency)).otherwise(given)


def _checks(part: pl.DataFrame, named: dict[str, str]) -> Iterator[Check]:
    """(column, expected, expression that is true where the cell is right), in the order of the row reader."""
    key = pl.col(_KEY)
    yield named.get("id", named.get("sku", "id")), values.EXPECTED_KEY, (key != "") & (key.str.len_chars() <= 255)
    if "title" in named:
        yield named["title"], values.EXPECTED_TITLE, pl.col(named["title"]).str.strip_chars() != ""
    if "currency" in named:
        yield named["currency"], values.EXPECTED_CURRENCY, pl.col(_CURRENCY).str.contains("^[A-Z]{3}$")
    if "status" in named:
        status = pl.col(named["status"]).str.strip_chars().str.to_lowercase()
        yield named["status"], values.EXPECTED_STATUS, status.is_in(list(values.STATUSES))
    if "price" in named:
        price = pl.col(named["price"])
        right = pl.lit(value=False)
        for currency in part[_CURRENCY].unique():
            right = right | ((pl.col(_CURRENCY) == currency) & price.str.contains(cell.amount_pattern(currency)))
        yield named["price"], _PRICE, right | (price.str.strip_chars() == "")
    for name, pattern, expected in (
        ("stock", cell.COUNT, values.EXPECTED_COUNT),
        ("weight", cell.WEIGHT, values.EXPECTED_WEIGHT),
    ):
        if name in named:
            text = pl.col(named[name])
            yield named[name], expected, text.str.contains(pattern) | (text.str.strip_chars() == "")


@dataclass(frozen=True, slots=True)
class _Columns:
    """Good rows to the columns of a stored product."""

    part: pl.DataFrame
    named: dict[str, str]
    mapping: ColumnMapping

    def table(self) -> pl.DataFrame:
        has_unit = self._has_unit()
        price = self._price()
        table = self.part.select(
            pl.col(_ROW).alias("row"),
            pl.col(_KEY).alias("id"),
            self._stripped("title").alias("title"),
            pl.when(has_unit).then(self._stripped("sku")).alias("sku"),
            self._stripped("brand").alias("brand"),
            pl.lit("").alias("category"),
            price.alias("price_minor"),
            pl.when(price.is_not_null()).then(pl.col(_CURRENCY)).alias("currency"),
            self._stock().alias("stock"),
            self._status().alias("status"),
            has_unit.cast(pl.Int64).alias("variant_count"),
            pl.lit("").alias("details"),
            self._text("description").alias("description"),
        )
        return table.with_columns(self._category().alias("category"), self._details().alias("details"))

    def _text(self, name: str) -> pl.Expr:
        return pl.col(self.named[name]) if name in self.named else pl.lit("")

    def _stripped(self, name: str) -> pl.Expr:
        return self._text(name).str.strip_chars()

    def _price(self) -> pl.Expr:
        scale = pl.lit(2)
        for currency in self.part[_CURRENCY].unique():
            digits = minor_digits(currency)
            if digits != 2:
                scale = pl.when(pl.col(_CURRENCY) == currency).then(pl.lit(digits)).otherwise(scale)
        number = self._text("price").str.replace_all("[ \t,¥￥$€£]", "").cast(pl.Float64, strict=False)
        return (number * pl.lit(10.0).pow(scale)).round().cast(pl.Int64)

    def _stock(self) -> pl.Expr:
        plain = self._stripped("stock").str.replace(r"\.0+$", "").str.strip_prefix("+")
        return plain.cast(pl.Int64, strict=False)

    def _status(self) -> pl.Expr:
        if "status" not in self.named:
            return pl.lit("active")
        return self._stripped("status").str.to_lowercase().replace_strict(values.STATUSES, default="active")

    def _category(self) -> pl.Series:
        if "category" not in self.named:
            return pl.repeat("", len(self.part), dtype=pl.String, eager=True)
        cells = self.part[self.named["category"]]
        return json_cells.each(cells, lambda text: _PATH_SEPARATOR.join(values.category_path(text)))

    def _details(self) -> pl.Series:
        separator, height = self.mapping.separator, len(self.part)

        def split(text: str) -> tuple[str, ...]:
            return split_list(text, separator)

        attributes = {
            name.removeprefix("attributes."): json_cells.lists(self.part[column], separator, split)
            for name, column in self.named.items()
            if name.startswith("attributes.")
        }
        extra = {
            name.removeprefix("extra."): json_cells.strings(self.part[column])
            for name, column in self.named.items()
            if name.startswith("extra.")
        }
        groups = {
            "attributes": _braced(json_cells.members(attributes, "[]", height)).replace("{}", "")
            if attributes
            else None,
            "images": self._list("images", separator, split),
            "tags": self._list("tags", "," + separator, lambda text: values.split_tags(text, separator)),
            "extra": _braced(json_cells.members(extra, '""', height)).replace("{}", "") if extra else None,
            "barcode": self._barcode(),
            "weight_grams": self._weight(),
        }
        return _braced(
            json_cells.members({name: column for name, column in groups.items() if column is not None}, "", height)
        )

    def _list(self, name: str, separators: str, split: Callable[[str], tuple[str, ...]]) -> pl.Series | None:
        if name not in self.named:
            return None
        return json_cells.lists(self.part[self.named[name]], separators, split).replace("[]", "")

    def _barcode(self) -> pl.Series | None:
        if "barcode" not in self.named:
            return None
        return json_cells.strings(self.part[self.named["barcode"]].str.strip_chars()).replace('""', "")

    def _weight(self) -> pl.Series | None:
        if "weight" not in self.named:
            return None
        number = self._stripped("weight").cast(pl.Float64, strict=False).cast(pl.String)
        return self.part.select(number.fill_null("")).to_series()

    def _has_unit(self) -> pl.Expr:
        filled = [self._stripped(name) != "" for name in UNIT_FIELDS if name in self.named]
        return pl.any_horizontal(filled) if filled else pl.lit(value=False)


def _braced(inside: pl.Series) -> pl.Series:
    """Members as a JSON object."""
    return pl.select(pl.concat_str(pl.lit("{"), inside, pl.lit("}"))).to_series()


def _first_only(table: pl.DataFrame, seen: dict[str, int]) -> tuple[pl.DataFrame, list[BadInput]]:
    """Without the products that an earlier row of the file has; those as problems."""
    problems: list[BadInput] = []
    keep: list[bool] = []
    for row, key in table.select("row", "id").iter_rows():
        first = seen.setdefault(key, row)
        keep.append(first == row)
        if first != row:
            expected = f"a product once in the file (row {first} has it)"
            problems.append(BadInput(row=row, field="id", expected=expected, found=key))
    return table.filter(pl.Series(keep, dtype=pl.Boolean)), problems
