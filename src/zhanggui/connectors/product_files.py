"""Open any product file: unpack, decode, recognise the format. What the doors hand to the importer."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from zhanggui.connectors.generic_table import ColumnMapping, GenericTable
from zhanggui.connectors.generic_table.json_rows import looks_like_json
from zhanggui.connectors.public_sets import AdvertiseGen, DummyJson, FlipkartSample, MyntraCatalog
from zhanggui.connectors.shopify_csv import ShopifyCsv
from zhanggui.connectors.tabular import CsvTable, Limits, OpenProducts, ProductFormat, TextFile, open_text
from zhanggui.connectors.woocommerce_csv import WooCommerceCsv
from zhanggui.kernel.errors import BadInput

FORMATS = (
    "auto",
    "shopify-csv",
    "woocommerce-csv",
    "generic-table",
    "dummyjson",
    "flipkart-sample",
    "myntra-catalog",
    "advertisegen",
)


def format_named(name: str, currency: str, mapping: ColumnMapping | None = None) -> ProductFormat:
    """The format with this name, reading prices in `currency` where the file names none.

    Raises:
        BadInput: there is no such format.
    """
    match name:
        case "shopify-csv":
            return ShopifyCsv(currency)
        case "woocommerce-csv":
            return WooCommerceCsv(currency)
        case "generic-table":
            return GenericTable(currency, mapping)
        case "dummyjson":
            return DummyJson()
        case "flipkart-sample":
            return FlipkartSample()
        case "myntra-catalog":
            return MyntraCatalog()
        case "advertisegen":
            return AdvertiseGen()
        case _:
            raise BadInput(field="format", expected=f"one of {', '.join(FORMATS)}", found=name)


def recognise(source: TextFile) -> str:
    """The name of the format that a file's columns speak of; `generic-table` for any other."""
    if looks_like_json(source):
        return "generic-table"
    columns = {name.lower() for name in CsvTable(source).columns}
    if columns & {"handle", "url handle"} and columns & {"body (html)", "variant sku", "variant price", "url handle"}:
        return "shopify-csv"
    if {"type", "sku", "name"} <= columns:
        return "woocommerce-csv"
    return "generic-table"


@contextmanager
def open_products(
    path: Path,
    currency: str,
    *,
    name: str | None = None,
    kind: str = "auto",
    mapping: ColumnMapping | None = None,
    limits: Limits | None = None,
) -> Generator[OpenProducts]:
    """A product file ready to import; temporary copies are gone afterwards.

    Args:
        path: the file as it came, packed or not, in any of the encodings of `open_text`.
        currency: of prices that name none.
        name: the file's name at the sender's.
        kind: a name of `FORMATS`; `auto` recognises it.
        mapping: for `generic-table`; None guesses.
        limits: of size and ratio.

    Raises:
        BadInput: as `open_text`; an unknown format.
    """
    with open_text(path, name=name, limits=limits) as source:
        chosen = "generic-table" if mapping else recognise(source) if kind == "auto" else kind
        yield OpenProducts(format_named(chosen, currency, mapping), source)
