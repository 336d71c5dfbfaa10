"""WooCommerce's column names as data. Pure."""

import re
from decimal import Decimal

ID_META = "Meta: zhanggui_id"
UNITS_META = "Meta: zhanggui_units"
FIELDS = {
    "ID": "id",
    "Type": "variants",
    "SKU": "variants",
    "Name": "title",
    "Published": "status",
    "Description": "description",
    "Stock": "stock",
    "Regular price": "price",
    "Categories": "category",
    "Tags": "tags",
    "Images": "images",
    "Brands": "brand",
    "GTIN, UPC, EAN, or ISBN": "barcode",
    "Weight (kg)": "weight",
    "Weight (g)": "weight",
    "Weight (lbs)": "weight",
    "Weight (oz)": "weight",
    "Parent": "variants",
    ID_META: "id",
    UNITS_META: "id",
}
EXTRA = frozenset(
    {
        "Is featured?",
        "Visibility in catalog",
        "Short description",
        "Date sale price starts",
        "Date sale price ends",
        "Tax status",
        "Tax class",
        "In stock?",
        "Low stock amount",
        "Backorders allowed?",
        "Sold individually?",
        "Allow customer reviews?",
        "Purchase note",
        "Sale price",
        "Shipping class",
        "Download limit",
        "Download expiry days",
        "Grouped products",
        "Upsells",
        "Cross-sells",
        "External URL",
        "Button text",
        "Position",
    }
)
# Avoirdupois pound and ounce in grams, exact by definition (1959).
WEIGHTS = {
    "Weight (kg)": Decimal(1000),
    "Weight (g)": Decimal(1),
    "Weight (lbs)": Decimal("453.59237"),
    "Weight (oz)": Decimal("28.349523125"),
}
PUBLISHED = {"1": "active", "0": "archived", "-1": "draft", "": "active", "true": "active", "false": "draft"}
STATUS_TO_PUBLISHED = {"active": "1", "archived": "0", "draft": "-1"}
_ATTRIBUTE = re.compile(r"Attribute (\d+) (name|value\(s\)|visible|global|default)", re.IGNORECASE)
_SPELLED = {name.lower(): name for name in (*FIELDS, *EXTRA)}


def spelled(column: str) -> str:
    """A column's own spelling: WooCommerce ignores case."""
    return _SPELLED.get(column.strip().lower(), column.strip())


def attribute_column(column: str) -> tuple[int, str] | None:
    """(number, part) of an `Attribute n ...` column; None for another."""
    found = _ATTRIBUTE.fullmatch(column.strip())
    return (int(found[1]), found[2].lower()) if found else None


def field_of(column: str) -> str:
    """The field of `ReadProduct.fields` that a column fills."""
    if attribute_column(column):
        return "attributes"
    name = spelled(column)
    return FIELDS.get(name) or f"extra.{name}"


def is_unknown(column: str) -> bool:
    """Whether WooCommerce would not know the column."""
    return attribute_column(column) is None and spelled(column).lower() not in _SPELLED and "Meta:" not in column


def split_values(cell: str) -> tuple[str, ...]:
    """The values of a cell divided by commas, where `\\,` is a comma of the value itself (WooCommerce's own way)."""
    parts = re.split(r"(?<!\\),", cell)
    return tuple(part.strip().replace("\\,", ",") for part in parts if part.strip())


def join_values(values: tuple[str, ...]) -> str:
    """The values as one cell that `split_values` reads back."""
    return ", ".join(value.replace(",", "\\,") for value in values)
