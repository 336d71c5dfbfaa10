"""WooCommerce CSV rows to products."""

from collections.abc import Iterator

from zhanggui.connectors.tabular import CsvTable, FileFacts, ReadProduct, TextFile, column_facts
from zhanggui.connectors.tabular import cells as cell
from zhanggui.connectors.woocommerce_csv import columns as names
from zhanggui.kernel.commerce import Product, Variant
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Money

_Row = tuple[int, dict[str, str]]


class WooCommerceCsv:
    """Reads WooCommerce product CSV files whose prices are in `currency`."""

    name = "woocommerce-csv"

    def __init__(self, currency: str) -> None:
        self.currency = currency

    def facts(self, source: TextFile) -> FileFacts:
        """What the file is; reads it once."""
        table = CsvTable(source)
        rows, blank = column_facts(table.columns, table.good_rows())
        return FileFacts(
            encoding=source.encoding,
            packing=source.packing,
            delimiter=table.delimiter,
            rows=rows,
            columns={column: names.field_of(column) for column in table.columns},
            unknown=tuple(column for column in table.columns if names.is_unknown(column)),
            blank=blank,
        )

    def read(self, source: TextFile) -> Iterator[ReadProduct | BadInput]:
        """Every product in the order of its parent row, and every row that cannot be read. Holds the file in memory:
        a variation may stand anywhere.

        Raises:
            BadInput: the header lacks the name, or both SKU and ID.
        """
        table = CsvTable(source)
        known = {names.spelled(column) for column in table.columns}
        if "Name" not in known:
            raise BadInput(row=1, field="Name", expected="a column Name", found="no such column")
        if not known & {"SKU", "ID", names.ID_META}:
            raise BadInput(row=1, field="SKU", expected="a column SKU or ID", found="no such column")
        fields = frozenset(names.field_of(column) for column in table.columns) - {"id"}
        parents: list[_Row] = []
        variations: dict[str, list[_Row]] = {}
        for row in table.rows():
            if isinstance(row, BadInput):
                yield row
                continue
            current = (row[0], {names.spelled(column): text for column, text in row[1].items()})
            if "variation" in _kinds(current[1]):
                variations.setdefault(current[1].get("Parent", "").strip(), []).append(current)
            else:
                parents.append(current)
        for parent in parents:
            yield from self._product(parent, _children(parent[1], variations), fields)
        for parent_key, orphans in variations.items():
            for number, _row in orphans:
                yield BadInput(row=number, field="Parent", expected="the SKU or id:n of a product", found=parent_key)

    def frames(self, source: TextFile) -> None:
        """Products span several rows here: there is no table form."""

    def _product(self, parent: _Row, children: list[_Row], fields: frozenset[str]) -> Iterator[ReadProduct | BadInput]:
        good: list[Variant] = []
        options = {name for _number, row in children for name in _attributes(row)}
        for number, row in children:
            try:
                good.append(self._variant(number, row))
            except BadInput as bad:
                yield bad
        try:
            yield ReadProduct(self._build(parent, good, options), parent[0], fields)
        except BadInput as bad:
            yield bad

    def _build(self, parent: _Row, variants: list[Variant], options: set[str]) -> Product:
        number, row = parent
        key = _key(row)
        title = row["Name"].strip()
        if not key:
            raise BadInput(row=number, field="SKU", expected="a SKU or an ID", found="")
        if not title:
            raise BadInput(row=number, field="Name", expected="a name", found="")
        published = row.get("Published", "").strip().lower()
        if published not in names.PUBLISHED:
            raise BadInput(row=number, field="Published", expected="1, 0 or -1", found=published)
        lone = self._variant(number, row)
        if not variants and "variable" not in _kinds(row) and self._sells(row):
            variants = [Variant(lone.sku, "", {}, lone.price, lone.stock, lone.barcode, lone.weight_grams)]
        paths = [cell.path_of(path) for path in names.split_values(row.get("Categories", ""))]
        attributes = {name: values for name, values in _attributes(row).items() if name not in options}
        return Product(
            id=key,
            title=title,
            description=row.get("Description", ""),
            category=paths[0] if paths else (),
            brand=row.get("Brands", "").strip(),
            attributes=attributes,
            price=variants[0].price if variants else lone.price,
            images=names.split_values(row.get("Images", "")),
            tags=names.split_values(row.get("Tags", "")),
            variants=tuple(variants),
            status=names.PUBLISHED[published],
            extra=_extra(row, paths),
        )

    def _variant(self, number: int, row: dict[str, str]) -> Variant:
        options = {name: values[0] for name, values in _attributes(row).items()}
        weight = next((name for name in names.WEIGHTS if row.get(name, "").strip()), "Weight (kg)")
        return Variant(
            sku=row.get("SKU", "").strip(),
            title=" / ".join(options.values()),
            options=options,
            price=self._price(number, row),
            stock=cell.count(row.get("Stock", ""), field="Stock", row=number),
            barcode=row.get("GTIN, UPC, EAN, or ISBN", "").strip(),
            weight_grams=cell.grams(row.get(weight, ""), names.WEIGHTS[weight], field=weight, row=number),
        )

    def _price(self, number: int, row: dict[str, str]) -> Money | None:
        return cell.amount(row.get("Regular price", ""), self.currency, field="Regular price", row=number)

    @staticmethod
    def _sells(row: dict[str, str]) -> bool:
        if row.get(names.UNITS_META, "").strip() == "0":
            return False
        return any(row.get(name, "").strip() for name in ("SKU", "Stock", "GTIN, UPC, EAN, or ISBN", *names.WEIGHTS))


def _kinds(row: dict[str, str]) -> set[str]:
    return {kind.strip().lower() for kind in row.get("Type", "").split(",")}


def _key(row: dict[str, str]) -> str:
    number = row.get("ID", "").strip()
    return row.get(names.ID_META, "").strip() or row.get("SKU", "").strip() or (f"woo-{number}" if number else "")


def _children(parent: dict[str, str], variations: dict[str, list[_Row]]) -> list[_Row]:
    """The parent's variations, taken out of `variations`; in the order of their positions, then of the file."""
    keys = [parent.get("SKU", "").strip(), f"id:{parent.get('ID', '').strip()}"]
    found = [row for key in keys if key not in ("", "id:") for row in variations.pop(key, [])]
    return sorted(found, key=lambda row: _position(row[1]))


def _position(row: dict[str, str]) -> int:
    text = row.get("Position", "").strip()
    return int(text) if text.isascii() and text.isdigit() else 0


def _attributes(row: dict[str, str]) -> dict[str, tuple[str, ...]]:
    names_by_number: dict[int, str] = {}
    values_by_number: dict[int, tuple[str, ...]] = {}
    for column, text in row.items():
        place = names.attribute_column(column)
        if place and place[1] == "name":
            names_by_number[place[0]] = text.strip()
        elif place and place[1] == "value(s)":
            values_by_number[place[0]] = names.split_values(text)
    found = {names_by_number[number]: values_by_number.get(number, ()) for number in sorted(names_by_number)}
    return {name: values for name, values in found.items() if name and values}


def _extra(row: dict[str, str], paths: list[tuple[str, ...]]) -> dict[str, str]:
    kept = {
        name: text
        for name, text in row.items()
        if text and name not in names.FIELDS and names.attribute_column(name) is None
    }
    if len(paths) > 1:
        kept["Categories"] = row["Categories"]
    return kept
