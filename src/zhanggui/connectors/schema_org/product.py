"""A listing to JSON-LD."""

from collections.abc import Mapping

import orjson

from zhanggui.connectors.google_merchant.feed import plain_text
from zhanggui.connectors.tabular import Listing
from zhanggui.connectors.tabular.cells import amount_text
from zhanggui.kernel.commerce import Variant
from zhanggui.kernel.types import JsonObject, JsonValue

# IPTC's vocabulary, which schema.org names for the origin of content.
AI_SOURCE = "https://schema.org/TrainedAlgorithmicMediaDigitalSource"


def json_ld(listing: Listing) -> JsonObject:
    """The product with an offer for each variant that has a price. AI-written text is declared in `subjectOf`."""
    product = listing.product
    offers: list[JsonValue] = [
        _offer(variant, listing.link)
        for variant in product.variants or (Variant(sku=product.id, price=product.price),)
        if variant.price is not None
    ]
    facts: list[JsonValue] = [
        {"@type": "PropertyValue", "name": name, "value": values[0] if len(values) == 1 else list(values)}
        for name, values in product.attributes.items()
    ]
    content: Mapping[str, JsonValue] = {
        "productID": product.id,
        "name": product.title,
        "description": plain_text(product.description),
        "url": listing.link,
        "image": list(product.images),
        "brand": {"@type": "Brand", "name": product.brand} if product.brand else "",
        "category": " > ".join(product.category),
        "sku": product.variants[0].sku if len(product.variants) == 1 else "",
        "additionalProperty": facts,
        "offers": offers,
        "subjectOf": _origin(listing),
    }
    filled = {name: value for name, value in content.items() if value not in ("", [], None)}
    return {"@context": "https://schema.org", "@type": "Product", **filled}


def script_element(listing: Listing) -> str:
    """The JSON-LD in its script element; no text in it can end the element."""
    text = orjson.dumps(json_ld(listing)).decode()
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return f'<script type="application/ld+json">{text}</script>'


def _offer(variant: Variant, link: str) -> JsonObject:
    assert variant.price is not None
    stocked = variant.stock is None or variant.stock > 0
    offer: JsonObject = {
        "@type": "Offer",
        "price": amount_text(variant.price),
        "priceCurrency": variant.price.currency,
        "availability": f"https://schema.org/{'InStock' if stocked else 'OutOfStock'}",
    }
    more = {"sku": variant.sku, "url": link, "name": variant.title, "gtin": variant.barcode}
    return {**offer, **{name: text for name, text in more.items() if text}}


def _origin(listing: Listing) -> JsonValue:
    if not listing.ai_fields:
        return ""
    return {
        "@type": "CreativeWork",
        "abstract": f"AI-written: {', '.join(sorted(listing.ai_fields))}",
        "digitalSourceType": AI_SOURCE,
    }
