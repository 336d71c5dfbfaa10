"""Shopify's column names as data: the legacy name, the new name, and what the column fills. Pure."""

import hashlib
import re
from typing import Literal

Place = Literal["product", "variant", "image"]

# legacy name -> new name; a name that did not change stands on both sides.
RENAMED = {
    "Handle": "URL handle",
    "Title": "Title",
    "Body (HTML)": "Description",
    "Vendor": "Vendor",
    "Product Category": "Product category",
    "Type": "Type",
    "Tags": "Tags",
    "Published": "Published on online store",
    "Option1 Name": "Option1 name",
    "Option1 Value": "Option1 value",
    "Option1 Linked To": "Option1 Linked To",
    "Option2 Name": "Option2 name",
    "Option2 Value": "Option2 value",
    "Option2 Linked To": "Option2 Linked To",
    "Option3 Name": "Option3 name",
    "Option3 Value": "Option3 value",
    "Option3 Linked To": "Option3 Linked To",
    "Variant SKU": "SKU",
    "Variant Grams": "Weight value (grams)",
    "Variant Inventory Tracker": "Inventory tracker",
    "Variant Inventory Qty": "Inventory quantity",
    "Variant Inventory Policy": "Continue selling when out of stock",
    "Variant Fulfillment Service": "Fulfillment service",
    "Variant Price": "Price",
    "Variant Compare At Price": "Compare-at price",
    "Variant Requires Shipping": "Requires shipping",
    "Variant Taxable": "Charge tax",
    "Variant Barcode": "Barcode",
    "Image Src": "Product image URL",
    "Image Position": "Image position",
    "Image Alt Text": "Image alt text",
    "Gift Card": "Gift card",
    "SEO Title": "SEO title",
    "SEO Description": "SEO description",
    "Variant Image": "Variant image URL",
    "Variant Weight Unit": "Weight unit for display",
    "Variant Tax Code": "Tax code",
    "Cost per item": "Cost per item",
    "Status": "Status",
}
_LEGACY = {name.lower(): legacy for legacy, new in RENAMED.items() for name in (legacy, new)}

VARIANT_EXTRA = frozenset(
    {
        "Variant Inventory Tracker",
        "Variant Inventory Policy",
        "Variant Fulfillment Service",
        "Variant Compare At Price",
        "Variant Requires Shipping",
        "Variant Taxable",
        "Variant Image",
        "Variant Weight Unit",
        "Variant Tax Code",
        "Cost per item",
    }
)
IMAGE_EXTRA = frozenset({"Image Alt Text"})
PRODUCT_EXTRA = frozenset(
    {"Type", "Published", "Gift Card", "SEO Title", "SEO Description"} | {f"Option{n} Linked To" for n in (1, 2, 3)}
)
OPTIONS = tuple((f"Option{n} Name", f"Option{n} Value") for n in (1, 2, 3))
# What makes a row carry a variant, and what each of these columns fills.
VARIANT_FIELDS = {
    "Variant SKU": "variants",
    "Option1 Value": "variants",
    "Option2 Value": "variants",
    "Option3 Value": "variants",
    "Variant Barcode": "barcode",
    "Variant Inventory Qty": "stock",
    "Variant Grams": "weight",
}
FIELDS = {
    "Handle": "id",
    "Title": "title",
    "Body (HTML)": "description",
    "Vendor": "brand",
    "Product Category": "category",
    "Tags": "tags",
    "Variant Price": "price",
    "Image Src": "images",
    "Image Position": "images",
    "Status": "status",
    **VARIANT_FIELDS,
    **{name: "variants" for name, _value in OPTIONS},
}
STATUSES = ("active", "draft", "archived")
_METAFIELD = re.compile(r"(?P<name>.+?)\s*\((?:product\.)?metafields\.(?P<key>[^)]+)\)")


def legacy_name(column: str) -> str:
    """The legacy name of a column of either generation; any other name stays as it is."""
    return _LEGACY.get(column.strip().lower(), column.strip())


def metafield_name(column: str) -> str | None:
    """The attribute that a metafield column fills, or None for another column."""
    found = _METAFIELD.fullmatch(column)
    return found["name"].strip() if found else None


def metafield_column(attribute: str) -> str:
    """The header of an attribute's metafield column. Shopify keys are ASCII: other names get a key from their hash."""
    key = re.sub(r"[^a-z0-9]+", "_", attribute.lower()).strip("_")
    if len(key) < 2 or not attribute.isascii():
        key = f"zg_{hashlib.sha256(attribute.encode()).hexdigest()[:12]}"
    return f"{attribute} (product.metafields.custom.{key})"


def field_of(column: str) -> str:
    """The field of `ReadProduct.fields` that a column fills."""
    legacy = legacy_name(column)
    attribute = metafield_name(column)
    if attribute is not None:
        return f"attributes.{attribute}"
    return FIELDS.get(legacy) or f"extra.{legacy}"


def is_unknown(column: str) -> bool:
    """Whether Shopify would not know the column."""
    return metafield_name(column) is None and column.strip().lower() not in _LEGACY and " / " not in column
