"""Products to WooCommerce CSV."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from zhanggui.connectors.tabular import cells as cell
from zhanggui.connectors.tabular import write_row
from zhanggui.connectors.woocommerce_csv import columns as names
from zhanggui.kernel.commerce import Product, Variant

_OWN = (
    "Type",
    "SKU",
    "GTIN, UPC, EAN, or ISBN",
    "Name",
    "Published",
    "Description",
    "Stock",
    "Weight (kg)",
    "Regular price",
    "Categories",
    "Tags",
    "Images",
    "Brands",
    "Parent",
    "Position",
    names.ID_META,
    names.UNITS_META,
)
_PER_KG = Decimal("0.001")


def write_woocommerce(products: Sequence[Product]) -> Iterator[str]:
    """CSV lines, the header first. Columns follow from what the products have; `products` is walked twice."""
    count = max((len(_attribute_cells(product)) for product in products), default=0)
    extras = dict.fromkeys(name for product in products for name in product.extra if name not in names.FIELDS)
    header = [*_OWN, *(name for name in extras if name not in _OWN)]
    for number in range(1, count + 1):
        header += [f"Attribute {number} {part}" for part in ("name", "value(s)", "visible", "global")]
    yield write_row(header)
    for product in products:
        for row in woocommerce_rows(product):
            yield write_row([row.get(name, "") for name in header])


def woocommerce_rows(product: Product) -> list[dict[str, str]]:
    """The rows of one product by column name: one `simple`, or a `variable` and its `variation` rows."""
    simple = not product.variants or (len(product.variants) == 1 and not product.variants[0].options)
    head = {
        "Type": "simple" if simple else "variable",
        "SKU": product.id,
        "Name": product.title,
        "Published": names.STATUS_TO_PUBLISHED.get(product.status, "-1"),
        "Description": product.description,
        "Categories": product.extra.get("Categories") or names.join_values((" > ".join(product.category),)),
        "Tags": names.join_values(product.tags),
        "Images": names.join_values(product.images),
        "Brands": product.brand,
        names.ID_META: product.id,
        names.UNITS_META: "" if product.variants else "0",
    }
    head.update({name: text for name, text in product.extra.items() if name not in names.FIELDS})
    head.update(_numbered(_attribute_cells(product)))
    if simple and product.variants:
        head.update(_unit(product.variants[0]))
    elif simple and product.price is not None:
        head["Regular price"] = cell.amount_text(product.price)
    if simple:
        return [head]
    return [head, *(_variation(product, variant, index) for index, variant in enumerate(product.variants, 1))]


def _variation(product: Product, variant: Variant, position: int) -> dict[str, str]:
    return {
        "Type": "variation",
        "Name": f"{product.title} - {variant.title}" if variant.title else product.title,
        "Published": "1",
        "Parent": product.id,
        "Position": str(position),
        **_unit(variant),
        **_numbered({name: (value,) for name, value in variant.options.items()}),
    }


def _unit(variant: Variant) -> dict[str, str]:
    return {
        "SKU": variant.sku,
        "GTIN, UPC, EAN, or ISBN": variant.barcode,
        "Stock": "" if variant.stock is None else str(variant.stock),
        "Weight (kg)": "" if variant.weight_grams is None else cell.decimal_text(variant.weight_grams, _PER_KG),
        "Regular price": "" if variant.price is None else cell.amount_text(variant.price),
    }


def _attribute_cells(product: Product) -> dict[str, tuple[str, ...]]:
    """Every attribute of the parent row: the options with all their values, then the product's own."""
    options: dict[str, dict[str, None]] = {}
    for variant in product.variants:
        for name, value in variant.options.items():
            options.setdefault(name, {})[value] = None
    found = {name: tuple(values) for name, values in options.items()}
    found.update({name: values for name, values in product.attributes.items() if name not in options})
    return found


def _numbered(attributes: dict[str, tuple[str, ...]]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for number, (name, values) in enumerate(attributes.items(), 1):
        cells[f"Attribute {number} name"] = name
        cells[f"Attribute {number} value(s)"] = names.join_values(values)
        cells[f"Attribute {number} visible"] = "1"
        cells[f"Attribute {number} global"] = "0"
    return cells
