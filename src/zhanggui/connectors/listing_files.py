"""Write listings in any export format. What the doors hand exported products to."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import orjson

from zhanggui.connectors.google_merchant import write_tsv, write_xml
from zhanggui.connectors.schema_org import json_ld
from zhanggui.connectors.shopify_csv import write_shopify
from zhanggui.connectors.woocommerce_csv import write_woocommerce
from zhanggui.kernel.commerce import Product
from zhanggui.kernel.errors import BadInput


class Listing(Protocol):
    """A product to export with its text chosen; `ai_fields` names the fields that a model wrote."""

    @property
    def product(self) -> Product:
        """The product, with the live listing's texts."""
        ...

    @property
    def link(self) -> str:
        """Its page."""
        ...

    @property
    def ai_fields(self) -> frozenset[str]:
        """`title`, `description`, or neither."""
        ...


Writer = Callable[[Iterable[Listing]], Iterator[str]]


def _shopify(listings: Iterable[Listing]) -> Iterator[str]:
    return write_shopify([listing.product for listing in listings])


def _woocommerce(listings: Iterable[Listing]) -> Iterator[str]:
    return write_woocommerce([listing.product for listing in listings])


def _google_xml(listings: Iterable[Listing]) -> Iterator[str]:
    return write_xml(listings, title="Zhanggui", link="")


def _json_ld(listings: Iterable[Listing]) -> Iterator[str]:
    for listing in listings:
        yield orjson.dumps(json_ld(listing)).decode() + "\n"


_WRITERS: dict[str, tuple[Writer, str]] = {
    "shopify-csv": (_shopify, "text/csv; charset=utf-8"),
    "woocommerce-csv": (_woocommerce, "text/csv; charset=utf-8"),
    "google-tsv": (write_tsv, "text/tab-separated-values; charset=utf-8"),
    "google-xml": (_google_xml, "application/xml; charset=utf-8"),
    "json-ld": (_json_ld, "application/ld+json; charset=utf-8"),
}
EXPORT_FORMATS = tuple(_WRITERS)


def write_listings(kind: str, listings: Iterable[Listing]) -> tuple[Iterator[str], str]:
    """The export as pieces of text, and its media type. Cells that a spreadsheet would run as formulas are neutralised.

    Raises:
        BadInput: there is no such format.
    """
    if kind not in _WRITERS:
        raise BadInput(field="format", expected=f"one of {', '.join(EXPORT_FORMATS)}", found=kind)
    writer, media_type = _WRITERS[kind]
    return writer(listings), media_type
