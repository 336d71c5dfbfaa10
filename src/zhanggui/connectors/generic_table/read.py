"""Rows of any table to products, by a column mapping."""

from collections.abc import Iterator
from decimal import Decimal

from zhanggui.connectors.generic_table import values
from zhanggui.connectors.generic_table.frames import read_frames
from zhanggui.connectors.generic_table.json_rows import json_rows, looks_like_json
from zhanggui.connectors.generic_table.mapping import UNIT_FIELDS, ColumnMapping, guess_mapping
from zhanggui.connectors.generic_table.values import category_path, split_tags
from zhanggui.connectors.tabular import (
    CsvTable,
    FileFacts,
    ProductFrame,
    ReadProduct,
    TextFile,
    column_facts,
    split_list,
)
from zhanggui.connectors.tabular import cells as cell
from zhanggui.kernel.commerce import Product, Variant
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Money


class GenericTable:
    """Reads CSV, JSON Lines and JSON arrays; `mapping` None guesses one from the column names of each file."""

    name = "generic-table"

    def __init__(self, currency: str, mapping: ColumnMapping | None = None) -> None:
        self.currency, self.mapping = currency, mapping

    def facts(self, source: TextFile) -> FileFacts:
        """What the file is; reads it once."""
        columns, delimiter = self._columns(source)
        mapping = self.mapping_for(columns)
        rows, blank = column_facts(columns, _filled(columns, _good(self._rows(source))))
        fields = {name: mapping.field_of(name) for name in columns}
        missing = sorted(set(mapping.columns) - set(columns))
        return FileFacts(
            encoding=source.encoding,
            packing=source.packing,
            delimiter=delimiter,
            rows=rows,
            columns=fields,
            unknown=tuple(name for name in columns if name not in mapping.columns and fields[name] == f"extra.{name}"),
            blank=blank,
            warnings=tuple(f"the mapping names a column that is not there: {name}" for name in missing),
        )

    def read(self, source: TextFile) -> Iterator[ReadProduct | BadInput]:
        """Every product, and every row that cannot be read.

        Raises:
            BadInput: no column for the id or the SKU.
        """
        columns, _delimiter = self._columns(source)
        mapping = self.mapping_for(columns)
        mapping.check(columns)
        for row in self._rows(source):
            yield row if isinstance(row, BadInput) else read_row(row[0], row[1], mapping)

    def frames(self, source: TextFile) -> Iterator[ProductFrame] | None:
        """The same as tables; None for JSON and for CSV files with irregular rows."""
        if looks_like_json(source):
            return None
        table = CsvTable(source)
        mapping = self.mapping_for(table.columns)
        mapping.check(table.columns)
        return read_frames(table, mapping)

    def mapping_for(self, columns: list[str]) -> ColumnMapping:
        """The mapping given, or the guess for these columns."""
        return self.mapping or guess_mapping(columns, self.currency)

    @staticmethod
    def _columns(source: TextFile) -> tuple[list[str], str]:
        if looks_like_json(source):
            names = dict.fromkeys(name for row in _good(json_rows(source)) for name in row)
            return list(names), "JSON"
        table = CsvTable(source)
        return table.columns, table.delimiter

    @staticmethod
    def _rows(source: TextFile) -> Iterator[tuple[int, dict[str, str]] | BadInput]:
        return json_rows(source) if looks_like_json(source) else CsvTable(source).rows()


def read_row(number: int, row: dict[str, str], mapping: ColumnMapping) -> ReadProduct | BadInput:
    """One row as a product, or what is wrong with it."""
    named = {mapping.field_of(column): (column, text) for column, text in row.items()}
    try:
        return ReadProduct(_product(number, named, mapping), number, frozenset(_fields(named)))
    except BadInput as bad:
        return bad


def _product(number: int, named: dict[str, tuple[str, str]], mapping: ColumnMapping) -> Product:
    def text(name: str) -> str:
        return named.get(name, ("", ""))[1]

    key = (text("id") or text("sku")).strip()
    if not key or len(key) > values.LONGEST_ID:
        column = named.get("id", named.get("sku", ("id", "")))[0]
        raise BadInput(row=number, field=column, expected=values.EXPECTED_KEY, found=key)
    if "title" in named and not text("title").strip():
        raise BadInput(row=number, field=named["title"][0], expected=values.EXPECTED_TITLE, found="")
    currency = text("currency").strip().upper() or mapping.currency
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        column = named["currency"][0]
        raise BadInput(row=number, field=column, expected=values.EXPECTED_CURRENCY, found=currency)
    status = text("status").strip().lower()
    if status not in values.STATUSES:
        column, found = named["status"]
        raise BadInput(row=number, field=column, expected=values.EXPECTED_STATUS, found=found)
    price = cell.amount(text("price"), currency, field=named.get("price", ("price", ""))[0], row=number)
    unit = _unit(number, named, price)
    return Product(
        id=key,
        title=text("title").strip(),
        description=text("description"),
        category=category_path(text("category")),
        brand=text("brand").strip(),
        attributes=_attributes(named, mapping.separator),
        price=price,
        images=split_list(text("images"), mapping.separator),
        tags=split_tags(text("tags"), mapping.separator),
        variants=() if unit is None else (unit,),
        status=values.STATUSES[status],
        extra={name.removeprefix("extra."): pair[1] for name, pair in named.items() if _is_extra(name) and pair[1]},
    )


def _unit(number: int, named: dict[str, tuple[str, str]], price: Money | None) -> Variant | None:
    if not any(named.get(name, ("", ""))[1].strip() for name in UNIT_FIELDS):
        return None
    stock, weight = named.get("stock", ("", "")), named.get("weight", ("", ""))
    return Variant(
        sku=named.get("sku", ("", ""))[1].strip(),
        price=price,
        stock=cell.count(stock[1], field=stock[0], row=number),
        barcode=named.get("barcode", ("", ""))[1].strip(),
        weight_grams=cell.grams(weight[1], Decimal(1), field=weight[0], row=number),
    )


def _attributes(named: dict[str, tuple[str, str]], separator: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, (_column, text) in named.items():
        parts = split_list(text, separator) if name.startswith("attributes.") else ()
        if parts:
            found[name.removeprefix("attributes.")] = parts
    return found


def _is_extra(name: str) -> bool:
    return name.startswith("extra.")


def _fields(named: dict[str, tuple[str, str]]) -> Iterator[str]:
    for name in named:
        if name == "sku":
            yield "variants"
        elif name not in ("id", "currency", "ignore"):
            yield name


def _good(rows: Iterator[tuple[int, dict[str, str]] | BadInput]) -> Iterator[dict[str, str]]:
    return (row[1] for row in rows if not isinstance(row, BadInput))


def _filled(columns: list[str], rows: Iterator[dict[str, str]]) -> Iterator[dict[str, str]]:
    return ({name: row.get(name, "") for name in columns} for row in rows)
