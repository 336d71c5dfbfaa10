"""Export products with the copy that is live on a channel; what a model wrote is named for the writer to label."""

import html
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from zhanggui.catalog.store import ListingStore, ProductStore, PublishedListing
from zhanggui.kernel.commerce import Product
from zhanggui.kernel.storage import UnitOfWork

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class ExportListing:
    """A product with its text chosen; see `ports.Listing`."""

    product: Product
    link: str
    ai_fields: frozenset[str]


def export_listings(
    uow: UnitOfWork, *, channel: str, locale: str, link_template: str = "", product_ids: tuple[str, ...] = ()
) -> Iterator[ExportListing]:
    """Every product (or those named), with its live listing's title and description where there is one.

    Args:
        uow: the open transaction; stays open while the iterator is read.
        channel: whose listings to take.
        locale: in which language.
        link_template: the product page's address with `{id}` in it.
        product_ids: only these; all when empty.
    """
    products, listings = ProductStore(uow), ListingStore(uow)
    found = iter(products.get_many(product_ids).values()) if product_ids else products.walk()
    while chunk := list(islice(found, _CHUNK)):
        live = listings.live_of([product.id for product in chunk], channel, locale)
        for product in chunk:
            link = link_template.replace("{id}", product.id)
            version = live.get(product.id)
            if version is None:
                yield ExportListing(product, link, frozenset())
            else:
                yield _with_copy(product, link, version)


def _with_copy(product: Product, link: str, version: PublishedListing) -> ExportListing:
    title = str(version.copy.get("title") or "")
    body = _body(version)
    taken = {name: text for name, text in (("title", title), ("description", body)) if text}
    ai_fields = frozenset(taken) if version.ai_written else frozenset[str]()
    return ExportListing(replace(product, **taken), link, ai_fields)


def _body(version: PublishedListing) -> str:
    """Description and bullets as HTML, every character of theirs escaped."""
    description = str(version.copy.get("description") or "").strip()
    bullets = version.copy.get("bullets")
    paragraphs = "".join(f"<p>{html.escape(part)}</p>" for part in description.splitlines() if part.strip())
    if not isinstance(bullets, list) or not bullets:
        return paragraphs
    return f"{paragraphs}<ul>{''.join(f'<li>{html.escape(str(item))}</li>' for item in bullets)}</ul>"
