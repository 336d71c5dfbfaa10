"""Products to Shopify CSV."""

from collections.abc import Iterable, Iterator, Sequence

from zhanggui.connectors.shopify_csv import columns as names
from zhanggui.connectors.tabular import cells as cell
from zhanggui.connectors.tabular import join_list, write_row
from zhanggui.kernel.commerce import Product, Variant
from zhanggui.kernel.errors import BadInput

_DEFAULT = "Default Title"


def write_shopify(products: Sequence[Product], *, legacy: bool = True) -> Iterator[str]:
    """CSV lines, the header first. Columns follow from what the products have.

    Args:
        products: what to write; walked twice.
        legacy: the header generation.

    Raises:
        BadInput: a product has more than three options (Shopify's limit).
    """
    attributes = list(dict.fromkeys(name for product in products for name in product.attributes))
    extras = list(dict.fromkeys(_base(name) for product in products for name in product.extra))
    own = [name for name in names.RENAMED if name in names.FIELDS]
    kept = [name for name in extras if name not in names.FIELDS]
    header = own + kept + [names.metafield_column(name) for name in attributes]
    yield write_row(header if legacy else [names.RENAMED.get(name, name) for name in header])
    for product in products:
        for row in shopify_rows(product):
            yield write_row([row.get(name, "") for name in header])


def shopify_rows(product: Product) -> list[dict[str, str]]:
    """The rows of one product by legacy column name.

    Raises:
        BadInput: more than three options.
    """
    option_names = list(dict.fromkeys(name for variant in product.variants for name in variant.options))
    if len(option_names) > 3:
        raise BadInput(field=f"options of {product.id}", expected="at most 3", found=", ".join(option_names))
    count = max(1, len(product.variants), len(product.images))
    rows: list[dict[str, str]] = [{"Handle": product.id} for _ in range(count)]
    rows[0].update(_head(product, option_names))
    for row, variant in zip(rows, product.variants, strict=False):
        row.update(_variant_cells(variant, option_names))
    for index, (row, address) in enumerate(zip(rows, product.images, strict=False), 1):
        row.update({"Image Src": address, "Image Position": str(index)})
    for name, text in product.extra.items():
        base, index = _base(name), _index(name)
        if index <= count and base not in names.FIELDS:
            rows[index - 1][base] = text
    return rows


def _head(product: Product, option_names: list[str]) -> dict[str, str]:
    from_type = product.category and product.extra.get("Type", "") == " > ".join(product.category)
    head = {
        "Title": product.title,
        "Body (HTML)": product.description,
        "Vendor": product.brand,
        "Product Category": "" if from_type else " > ".join(product.category),
        "Tags": join_list(product.tags, ","),
        "Status": product.status,
    }
    if not product.variants and product.price is not None:
        head["Variant Price"] = cell.amount_text(product.price)
    for (column, _value), name in zip(
        names.OPTIONS, option_names or (["Title"] if product.variants else []), strict=False
    ):
        head[column] = name
    head.update({names.metafield_column(name): join_list(values) for name, values in product.attributes.items()})
    return head


def _variant_cells(variant: Variant, option_names: Iterable[str]) -> dict[str, str]:
    cells = {
        "Variant SKU": variant.sku,
        "Variant Barcode": variant.barcode,
        "Variant Price": "" if variant.price is None else cell.amount_text(variant.price),
        "Variant Inventory Qty": "" if variant.stock is None else str(variant.stock),
        "Variant Grams": "" if variant.weight_grams is None else cell.decimal_text(variant.weight_grams),
    }
    values = [variant.options.get(name, "") for name in option_names] or [_DEFAULT]
    cells.update({column: value for (_name, column), value in zip(names.OPTIONS, values, strict=False)})
    return cells


def _base(name: str) -> str:
    head, mark, tail = name.rpartition(" [")
    return head if mark and tail.endswith("]") and tail[:-1].isdigit() and int(tail[:-1]) > 1 else name


def _index(name: str) -> int:
    return 1 if _base(name) == name else int(name.rpartition(" [")[2][:-1])
