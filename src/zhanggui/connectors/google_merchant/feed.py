"""Listings to Google Merchant items, and items to text."""

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from xml.sax.saxutils import escape

from zhanggui.connectors.tabular import Listing, neutralise
from zhanggui.connectors.tabular.cells import amount_text, decimal_text
from zhanggui.kernel.commerce import Product, Variant

AI_SOURCE = "trained_algorithmic_media"
_LIMITS = {"title": 150, "description": 5_000}
_PLAIN = (
    "id",
    "item_group_id",
    "title",
    "structured_title",
    "description",
    "structured_description",
    "link",
    "image_link",
    "additional_image_link",
    "availability",
    "price",
    "condition",
    "brand",
    "gtin",
    "identifier_exists",
    "product_type",
    "color",
    "size",
    "material",
    "shipping_weight",
)
_OPTION_NAMES = {
    "color": ("color", "colour", "颜色"),
    "size": ("size", "尺码", "尺寸"),
    "material": ("material", "材质", "面料"),
}
_STRUCTURED = {"structured_title", "structured_description"}
_MORE_IMAGES = 10
_FORBIDDEN_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def feed_items(listings: Iterable[Listing]) -> Iterator[dict[str, str]]:
    """One item for each variant that has a price; a product without variants is one item."""
    for listing in listings:
        product = listing.product
        if product.status != "active":
            continue
        for variant in product.variants or (Variant(sku=product.id, price=product.price),):
            if variant.price is not None:
                yield {name: text for name, text in _item(listing, variant).items() if text}


def write_tsv(listings: Iterable[Listing]) -> Iterator[str]:
    """Lines of a tab-separated feed, the header first; formulas neutralised, tabs and line ends made blanks."""
    yield "\t".join(_PLAIN) + "\n"
    for item in feed_items(listings):
        cells = (
            _structured(item[name]) if name in _STRUCTURED and name in item else item.get(name, "") for name in _PLAIN
        )
        yield "\t".join(neutralise(re.sub(r"[\t\r\n]+", " ", cell)) for cell in cells) + "\n"


def write_xml(listings: Iterable[Listing], *, title: str, link: str) -> Iterator[str]:
    """Pieces of an RSS 2.0 feed, everything escaped; `title` and `link` are the shop's."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">\n<channel>\n'
    yield f"<title>{_xml(title)}</title>\n<link>{_xml(link)}</link>\n<description>{_xml(title)}</description>\n"
    for item in feed_items(listings):
        yield "<item>\n"
        for name, text in item.items():
            if name == "additional_image_link":
                yield from (f"<g:{name}>{_xml(address)}</g:{name}>\n" for address in text.split(","))
            elif name in _STRUCTURED:
                source = f"<g:digital_source_type>{AI_SOURCE}</g:digital_source_type>"
                yield f"<g:{name}>{source}<g:content>{_xml(text)}</g:content></g:{name}>\n"
            else:
                yield f"<g:{name}>{_xml(text)}</g:{name}>\n"
        yield "</item>\n"
    yield "</channel>\n</rss>\n"


def plain_text(markup: str) -> str:
    """HTML as text: tags gone (script and style with their content), entities resolved, blocks as line ends."""
    if "<" not in markup and "&" not in markup:
        return markup
    reader = _TextOf()
    reader.feed(markup)
    reader.close()
    return re.sub(r"\s*\n\s*", "\n", "".join(reader.parts)).strip()


class _TextOf(HTMLParser):
    _BLOCKS = frozenset({"p", "div", "li", "br", "ul", "ol", "h1", "h2", "h3", "h4", "tr", "table"})
    _HIDDEN = frozenset({"script", "style"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a line; hidden content begins."""
        self._hidden += tag in self._HIDDEN
        if tag in self._BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Hidden content ends."""
        self._hidden -= tag in self._HIDDEN and self._hidden > 0

    def handle_data(self, data: str) -> None:
        """Text between tags."""
        if not self._hidden:
            self.parts.append(data)


def _item(listing: Listing, variant: Variant) -> dict[str, str]:
    product = listing.product
    several = len(product.variants) > 1
    stocked = variant.stock is None or variant.stock > 0
    item = {
        "id": variant.sku or product.id,
        "item_group_id": product.id if several else "",
        **_text("title", product.title, listing),
        **_text("description", plain_text(product.description) or product.title, listing),
        "link": listing.link,
        "image_link": product.images[0] if product.images else "",
        "additional_image_link": ",".join(product.images[1 : 1 + _MORE_IMAGES]),
        "availability": "in_stock" if stocked else "out_of_stock",
        "price": f"{amount_text(variant.price)} {variant.price.currency}" if variant.price else "",
        "condition": "new",
        "brand": product.brand,
        "gtin": variant.barcode,
        "identifier_exists": "" if variant.barcode else "no",
        "product_type": " > ".join(product.category),
        "shipping_weight": "" if variant.weight_grams is None else f"{decimal_text(variant.weight_grams)} g",
    }
    return {**item, **{name: _known(names, variant, product) for name, names in _OPTION_NAMES.items()}}


def _text(name: str, text: str, listing: Listing) -> dict[str, str]:
    cut = text[: _LIMITS[name]]
    return {f"structured_{name}": cut} if name in listing.ai_fields else {name: cut}


def _known(names: tuple[str, ...], variant: Variant, product: Product) -> str:
    """A variant's option or a product's attribute by any of its names."""
    for name, value in variant.options.items():
        if name.lower() in names:
            return value
    return next(("/".join(found[:3]) for name, found in product.attributes.items() if name.lower() in names), "")


def _structured(text: str) -> str:
    # Google's text form: sub-attributes divided by a colon, content in quotes, quotes doubled.
    quoted = re.sub(r"[\t\r\n]+", " ", text).replace('"', '""')
    return f'{AI_SOURCE}:"{quoted}"'


def _xml(text: str) -> str:
    return escape(_FORBIDDEN_IN_XML.sub("", text))
