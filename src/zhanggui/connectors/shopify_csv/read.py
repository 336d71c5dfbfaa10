"""Shopify CSV rows to products."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain

from zhanggui.connectors.shopify_csv import columns as names
from zhanggui.connectors.tabular import CsvTable, FileFacts, ReadProduct, TextFile, column_facts, split_list
from zhanggui.connectors.tabular import cells as cell
from zhanggui.kernel.commerce import Product, Variant
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Money

_Row = tuple[int, dict[str, str]]


class ShopifyCsv:
    """Reads Shopify product CSV files whose prices are in `currency`."""

    name = "shopify-csv"

    def __init__(self, currency: str) -> None:
        self.currency = currency

    def facts(self, source: TextFile) -> FileFacts:
        """What the file is; reads it once."""
        table = CsvTable(source)
        rows, blank = column_facts(table.columns, table.good_rows())
        fields = {column: names.field_of(column) for column in table.columns}
        known = {names.legacy_name(column) for column in table.columns}
        warnings: list[str] = []
        if known & set(names.VARIANT_FIELDS) and "Option1 Value" not in known:
            warnings.append("variant columns without Option1: Shopify itself refuses to update variants from this file")
        return FileFacts(
            encoding=source.encoding,
            packing=source.packing,
            delimiter=table.delimiter,
            rows=rows,
            columns=fields,
            unknown=tuple(column for column in table.columns if names.is_unknown(column)),
            blank=blank,
            warnings=tuple(warnings),
        )

    def read(self, source: TextFile) -> Iterator[ReadProduct | BadInput]:
        """Every product, and every row that cannot be read.

        Raises:
            BadInput: the header lacks the handle or the title.
        """
        table = CsvTable(source)
        known = {names.legacy_name(column) for column in table.columns}
        for needed in ("Handle", "Title"):
            if needed not in known:
                raise BadInput(
                    row=1,
                    field=needed,
                    expected=f"a column {needed} or {names.RENAMED[needed]}",
                    found="no such column",
                )
        fields = frozenset(names.field_of(column) for column in table.columns) - {"id"}
        group: list[_Row] = []
        for row in chain(table.rows(), [None]):
            if isinstance(row, BadInput):
                yield row
                continue
            current = None if row is None else (row[0], {names.legacy_name(key): text for key, text in row[1].items()})
            if group and (current is None or current[1]["Handle"].strip() not in ("", group[0][1]["Handle"].strip())):
                yield from self._product(group, fields)
                group = []
            if current is not None:
                group.append(current)

    def frames(self, source: TextFile) -> None:
        """Products span several rows here: there is no table form."""

    def _product(self, rows: list[_Row], fields: frozenset[str]) -> Iterator[ReadProduct | BadInput]:
        try:
            yield ReadProduct(_Builder(rows, self.currency).build(), rows[0][0], fields)
        except BadInput as bad:
            yield bad


@dataclass
class _Builder:
    rows: list[_Row]
    currency: str
    extra: dict[str, str] = field(default_factory=dict[str, str])

    def build(self) -> Product:
        number, first = self.rows[0]
        handle, title = first["Handle"].strip(), first["Title"].strip()
        if not handle:
            raise BadInput(row=number, field="Handle", expected="a handle", found="")
        if not title:
            raise BadInput(row=number, field="Title", expected="a title on the product's first row", found="")
        variants, lone_price = self._variants()
        self._keep(names.PRODUCT_EXTRA, first, 1)
        known = names.FIELDS.keys() | names.VARIANT_EXTRA | names.IMAGE_EXTRA | names.PRODUCT_EXTRA
        others = [column for column in first if column not in known and names.metafield_name(column) is None]
        self._keep(others, first, 1)
        category = cell.path_of(first.get("Product Category", "")) or cell.path_of(first.get("Type", ""))
        return Product(
            id=handle,
            title=title,
            description=first.get("Body (HTML)", ""),
            category=category,
            brand=first.get("Vendor", "").strip(),
            attributes=_attributes(first),
            price=variants[0].price if variants else lone_price,
            images=self._images(),
            tags=split_list(first.get("Tags", ""), ","),
            variants=tuple(variants),
            status=self._status(number, first),
            extra=self.extra,
        )

    def _variants(self) -> tuple[list[Variant], Money | None]:
        """The variants in the order of their rows; and the price of a product that has none."""
        first = self.rows[0][1]
        option_names = [first.get(name, "").strip() for name, _value in names.OPTIONS]
        variants: list[Variant] = []
        lone = None
        for number, row in self.rows:
            price = cell.amount(row.get("Variant Price", ""), self.currency, field="Variant Price", row=number)
            if not any(row.get(column, "").strip() for column in names.VARIANT_FIELDS):
                lone = lone or price
                if number == self.rows[0][0]:
                    self._keep(names.VARIANT_EXTRA, row, 1)
                continue
            variants.append(_variant(number, row, option_names, price))
            self._keep(names.VARIANT_EXTRA, row, len(variants))
        return variants, lone

    def _images(self) -> tuple[str, ...]:
        found: list[tuple[int, int, str, dict[str, str]]] = []
        for order, (number, row) in enumerate(self.rows):
            address = row.get("Image Src", "").strip()
            position = cell.count(row.get("Image Position", ""), field="Image Position", row=number)
            if address:
                found.append((position if position is not None else order + 1, order, address, row))
        found.sort(key=lambda image: image[:2])
        for index, image in enumerate(found, 1):
            self._keep(names.IMAGE_EXTRA, image[3], index)
        return tuple(image[2] for image in found)

    def _keep(self, columns: Iterable[str], row: dict[str, str], index: int) -> None:
        for column in columns:
            if text := row.get(column, ""):
                self.extra[column if index == 1 else f"{column} [{index}]"] = text

    @staticmethod
    def _status(number: int, first: dict[str, str]) -> str:
        given = first.get("Status", "").strip().lower()
        if given:
            if given not in names.STATUSES:
                raise BadInput(row=number, field="Status", expected="active, draft or archived", found=given)
            return given
        published = cell.flag(first.get("Published", ""), field="Published", row=number)
        return "draft" if published is False else "active"


def _variant(number: int, row: dict[str, str], option_names: list[str], price: Money | None) -> Variant:
    options: dict[str, str] = {}
    for index, (_name, value_column) in enumerate(names.OPTIONS):
        value = row.get(value_column, "").strip()
        if value:
            options[option_names[index] or f"Option{index + 1}"] = value
    if options == {"Title": "Default Title"} or options == {"Option1": "Default Title"}:
        options = {}
    return Variant(
        sku=row.get("Variant SKU", "").strip(),
        title=" / ".join(options.values()),
        options=options,
        price=price,
        stock=cell.count(row.get("Variant Inventory Qty", ""), field="Variant Inventory Qty", row=number),
        barcode=row.get("Variant Barcode", "").strip(),
        weight_grams=cell.grams(row.get("Variant Grams", ""), Decimal(1), field="Variant Grams", row=number),
    )


def _attributes(first: dict[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for column, text in first.items():
        attribute = names.metafield_name(column)
        values = split_list(text) if attribute is not None else ()
        if attribute is not None and values:
            found[attribute] = values
    return found
