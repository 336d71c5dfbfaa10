"""A first look at a shop's file before anything is decided: format, encoding, columns, a few values, a guess."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from zhanggui.connectors.generic_table import guess_mapping, json_rows, looks_like_json
from zhanggui.connectors.order_files import guess_columns, is_parquet, recognise_orders
from zhanggui.connectors.product_files import recognise
from zhanggui.connectors.tabular import CsvTable, Limits, TextFile, open_text
from zhanggui.kernel.errors import BadInput

_SAMPLES = 3
_LOOKED_AT = 200
_LONGEST_SAMPLE = 80
_ORDER_TABLES = ("shopify-orders", "woocommerce-orders", "order-table")


@dataclass(frozen=True, slots=True)
class Look:
    """What a file seems to be.

    Attributes:
        columns: names in the order of the file; empty for formats whose fields are fixed.
        samples: by column, its first different values that are not blank, cut to 80 characters.
        guessed: by column, the field that it seems to fill; columns that nobody knows are missing.
        currency: of amounts that name none; a price column may name it: `Price (INR)`.
        editable: a person may say otherwise, because the file is a plain table.
    """

    format: str
    encoding: str
    packing: str
    columns: tuple[str, ...]
    samples: Mapping[str, tuple[str, ...]]
    guessed: Mapping[str, str]
    currency: str
    editable: bool


def look_at_products(path: Path, currency: str, *, name: str, limits: Limits, kind: str = "auto") -> Look:
    """A look at a file of products; `kind` overrules the format that is recognised.

    Raises:
        BadInput: as `open_text`; the file is empty, or a column is there twice.
    """
    with open_text(path, name=name, limits=limits) as source:
        found = recognise(source) if kind == "auto" else kind
        if found != "generic-table":
            return _fixed(found, source, currency)
        columns, samples = _columns(source)
        mapping = guess_mapping(columns, currency)
        guessed = {column: mapping.columns[column] for column in columns if column in mapping.columns}
        return Look(found, source.encoding, source.packing, columns, samples, guessed, mapping.currency, editable=True)


def look_at_orders(path: Path, currency: str, *, name: str, limits: Limits, kind: str = "auto") -> Look:
    """A look at a file of orders; `kind` overrules the format that is recognised.

    Raises:
        BadInput: as `open_text`; the file is empty, or a column is there twice.
    """
    if kind in ("auto", "online-retail-uci") and is_parquet(path):
        return Look("online-retail-uci", "parquet", "", (), {}, {}, currency, editable=False)
    with open_text(path, name=name, limits=limits) as source:
        found = recognise_orders(source) if kind == "auto" else kind
        if found not in _ORDER_TABLES:
            return _fixed(found, source, currency)
        columns, samples = _columns(source)
        mapping = guess_columns(columns, currency)
        editable = found == "order-table"
        guessed = dict(mapping.columns)
        return Look(found, source.encoding, source.packing, columns, samples, guessed, mapping.currency, editable)


def _fixed(found: str, source: TextFile, currency: str) -> Look:
    return Look(found, source.encoding, source.packing, (), {}, {}, currency, editable=False)


def _columns(source: TextFile) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    if looks_like_json(source):
        names = tuple(dict.fromkeys(name for row in _good(json_rows(source)) for name in row))
        return names, _samples(names, _good(json_rows(source)))
    table = CsvTable(source)
    return tuple(table.columns), _samples(tuple(table.columns), _good(table.rows()))


def _good(rows: Iterator[tuple[int, dict[str, str]] | BadInput]) -> Iterator[dict[str, str]]:
    return (row[1] for row in rows if not isinstance(row, BadInput))


def _samples(columns: tuple[str, ...], rows: Iterator[dict[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {name: {} for name in columns}
    for row in islice(rows, _LOOKED_AT):
        for name, kept in found.items():
            text = row.get(name, "").strip()
            if text and len(kept) < _SAMPLES:
                kept[text if len(text) <= _LONGEST_SAMPLE else f"{text[:_LONGEST_SAMPLE]}…"] = None
    return {name: tuple(kept) for name, kept in found.items()}
