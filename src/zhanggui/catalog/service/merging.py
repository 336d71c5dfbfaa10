"""How a product from a file meets the product that is there: only what the file speaks of changes. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from zhanggui.kernel.commerce import Product, Variant
from zhanggui.kernel.types import JsonValue, Money

_SCALARS = ("title", "description", "category", "brand", "price", "images", "tags", "status")
_VARIANT_FIELDS = {"price": "price", "stock": "stock", "barcode": "barcode", "weight": "weight_grams"}
_Value = TypeVar("_Value")


def merge(existing: Product, incoming: Product, fields: frozenset[str]) -> Product:
    """The existing product with the incoming one's values in `fields` (see `ReadProduct`); blank values blank."""
    taken = {name: getattr(incoming, name) for name in _SCALARS if name in fields}
    return replace(
        existing,
        **taken,
        attributes=_named(existing.attributes, incoming.attributes, "attributes", fields),
        extra=_named(existing.extra, incoming.extra, "extra", fields),
        variants=_variants(existing, incoming, fields),
    )


def _named(
    existing: Mapping[str, _Value], incoming: Mapping[str, _Value], group: str, fields: frozenset[str]
) -> Mapping[str, _Value]:
    """Names the file has a column for are taken or, when blank, removed; `Name [2]` goes with the column `Name`."""
    if group in fields:
        return incoming
    own = tuple(field.removeprefix(f"{group}.") for field in fields if field.startswith(f"{group}."))
    if not own:
        return existing

    def spoken_of(name: str) -> bool:
        return name in own or (name.endswith("]") and name.rpartition(" [")[0] in own)

    kept = {name: value for name, value in existing.items() if not spoken_of(name) or name in incoming}
    return {**kept, **{name: value for name, value in incoming.items() if spoken_of(name)}}


def _variants(existing: Product, incoming: Product, fields: frozenset[str]) -> tuple[Variant, ...]:
    keep = [attribute for field, attribute in _VARIANT_FIELDS.items() if field not in fields]
    if "variants" in fields:
        by_sku = {variant.sku: variant for variant in existing.variants if variant.sku}
        by_options = {tuple(sorted(variant.options.items())): variant for variant in existing.variants}
        merged: list[Variant] = []
        for variant in incoming.variants:
            old = by_sku.get(variant.sku) or by_options.get(tuple(sorted(variant.options.items())))
            merged.append(replace(variant, **{name: getattr(old, name) for name in keep}) if old else variant)
        return tuple(merged)
    given = {attribute for field, attribute in _VARIANT_FIELDS.items() if field in fields}
    if not given or len(existing.variants) > 1 or len(incoming.variants) > 1:
        return existing.variants
    new = incoming.variants[0] if incoming.variants else None
    if not existing.variants:
        return () if new is None else (new,)
    blank: Variant = new or Variant(sku="", price=incoming.price)
    return (replace(existing.variants[0], **{name: getattr(blank, name) for name in given}),)


def differences(before: Product, after: Product) -> dict[str, tuple[JsonValue, JsonValue]]:
    """The fields that differ, with both values as people read them."""
    found: dict[str, tuple[JsonValue, JsonValue]] = {}
    for name in (*_SCALARS, "variants"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            found[name] = (_shown(old), _shown(new))
    for group in ("attributes", "extra"):
        old_group: Mapping[str, object] = getattr(before, group)
        new_group: Mapping[str, object] = getattr(after, group)
        for name in dict.fromkeys([*old_group, *new_group]):
            if old_group.get(name) != new_group.get(name):
                found[f"{group}.{name}"] = (_shown(old_group.get(name, "")), _shown(new_group.get(name, "")))
    return found


def blanked(before: Product, after: Product) -> tuple[str, ...]:
    """The fields that had a value and would have none."""
    return tuple(name for name, (old, new) in differences(before, after).items() if old and not new)


def _shown(value: object) -> JsonValue:
    if value is None or value in ("", ()):
        return ""
    if isinstance(value, Money):
        return str(value)
    if isinstance(value, tuple):
        # isinstance cannot tell what a list or a dict holds.
        return "; ".join(_variant_shown(item) if isinstance(item, Variant) else str(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return str(value)


def _variant_shown(variant: Variant) -> str:
    parts = [
        variant.sku,
        variant.title,
        str(variant.price or ""),
        "" if variant.stock is None else f"× {variant.stock}",
    ]
    return " ".join(part for part in parts if part)
