"""Products to stored rows and back, exactly. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from zhanggui.catalog.store.tables import PATH_SEPARATOR
from zhanggui.kernel.commerce import Product, Variant
from zhanggui.kernel.types import JsonObject, JsonValue, Money

Row = dict[str, Any]


def to_json(value: object) -> str:
    """JSON text that keeps the order of keys: attributes stay as the merchant wrote them."""
    return orjson.dumps(value).decode()


def inline_variant(product: Product) -> Variant | None:
    """The product's one plain variant, when it fits into the product's own row."""
    if len(product.variants) != 1:
        return None
    only = product.variants[0]
    return only if not only.options and not only.title and only.price == product.price else None


def to_row(product: Product) -> Row:
    """The columns of `products` that come from the product itself."""
    unit = inline_variant(product)
    return {
        "id": product.id,
        "title": product.title,
        "sku": unit.sku if unit else None,
        "brand": product.brand,
        "category": PATH_SEPARATOR.join(product.category),
        "price_minor": product.price.minor if product.price else None,
        "currency": product.price.currency if product.price else None,
        "stock": unit.stock if unit else _total_stock(product.variants),
        "status": product.status,
        "variant_count": len(product.variants),
        "details": to_json(_details(product, unit)),
        "description": product.description,
    }


def _details(product: Product, unit: Variant | None) -> dict[str, object]:
    """What no list filters by. Empty parts are left out: a million products pay for every byte."""
    parts: dict[str, object] = {
        "attributes": {name: list(values) for name, values in product.attributes.items()},
        "images": list(product.images),
        "tags": list(product.tags),
        "extra": dict(product.extra),
        "barcode": unit.barcode if unit else "",
        "weight_grams": unit.weight_grams if unit else None,
    }
    return {name: part for name, part in parts.items() if part or part == 0}


def to_variant_rows(product: Product) -> list[Row]:
    """The rows of `product_variants`; none when the product's row says it all."""
    if inline_variant(product):
        return []
    return [
        {
            "product_id": product.id,
            "position": position,
            "sku": variant.sku,
            "title": variant.title,
            "options": to_json(dict(variant.options)),
            "price_minor": variant.price.minor if variant.price else None,
            "currency": variant.price.currency if variant.price else None,
            "stock": variant.stock,
            "barcode": variant.barcode,
            "weight_grams": variant.weight_grams,
        }
        for position, variant in enumerate(product.variants, 1)
    ]


def from_row(row: Mapping[Any, Any], variants: Sequence[Mapping[Any, Any]] = ()) -> Product:
    """The product that `to_row` and `to_variant_rows` stored; `variants` in the order of their position."""
    details: JsonObject = orjson.loads(row["details"])
    price = _money(row)
    found = tuple(_variant(variant) for variant in variants)
    if not found and row["variant_count"] == 1:
        weight = details.get("weight_grams")
        found = (
            Variant(
                sku=row["sku"] or "",
                price=price,
                stock=row["stock"],
                barcode=str(details.get("barcode") or ""),
                weight_grams=None if weight is None else float(str(weight)),
            ),
        )
    return Product(
        id=row["id"],
        title=row["title"],
        description=row["description"],
        category=tuple(row["category"].split(PATH_SEPARATOR)) if row["category"] else (),
        brand=row["brand"],
        attributes={name: _strings(values) for name, values in _mapping(details.get("attributes")).items()},
        price=price,
        images=_strings(details.get("images")),
        tags=_strings(details.get("tags")),
        variants=found,
        status=row["status"],
        extra={name: str(text) for name, text in _mapping(details.get("extra")).items()},
    )


def _variant(row: Mapping[Any, Any]) -> Variant:
    return Variant(
        sku=row["sku"],
        title=row["title"],
        options={name: str(text) for name, text in _mapping(orjson.loads(row["options"])).items()},
        price=_money(row),
        stock=row["stock"],
        barcode=row["barcode"],
        weight_grams=row["weight_grams"],
    )


def _money(row: Mapping[Any, Any]) -> Money | None:
    return None if row["price_minor"] is None else Money(row["price_minor"], row["currency"])


def _total_stock(variants: Sequence[Variant]) -> int | None:
    known = [variant.stock for variant in variants if variant.stock is not None]
    return sum(known) if known else None


def _mapping(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _strings(value: JsonValue) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
