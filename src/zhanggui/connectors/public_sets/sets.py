"""Rows of the public sets to products."""

import ast
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, cast

from zhanggui.connectors.tabular import CsvTable, FileFacts, ProductFrame, ReadProduct, TextFile
from zhanggui.connectors.tabular.cells import amount
from zhanggui.kernel.commerce import Product, Variant
from zhanggui.kernel.errors import BadInput

_ALL = frozenset(
    {"title", "description", "category", "brand", "price", "images", "tags", "status", "variants", "stock", "barcode"}
    | {"weight", "attributes", "extra"}
)


class _Set(ABC):
    """A set whose every record is one product."""

    name: str

    @abstractmethod
    def records(self, source: TextFile) -> Iterator[tuple[int, Mapping[str, Any]] | BadInput]:
        """The records with their row numbers."""

    @abstractmethod
    def product(self, number: int, record: Mapping[str, Any]) -> Product:
        """One record as a product.

        Raises:
            BadInput: a value is not what the set promises.
        """

    def facts(self, source: TextFile) -> FileFacts:
        """What the file is; reads it once."""
        rows, columns = 0, dict[str, str]()
        for record in self.records(source):
            rows += 1
            if not isinstance(record, BadInput):
                columns.update((name, name) for name in record[1])
        return FileFacts(source.encoding, source.packing, "", rows, columns)

    def read(self, source: TextFile) -> Iterator[ReadProduct | BadInput]:
        """Every product, and every record that cannot be read."""
        for record in self.records(source):
            if isinstance(record, BadInput):
                yield record
                continue
            try:
                yield ReadProduct(self.product(*record), record[0], _ALL)
            except BadInput as bad:
                yield bad
            except (KeyError, TypeError, ValueError, SyntaxError) as broken:
                yield BadInput(row=record[0], field="record", expected=f"a {self.name} record", found=repr(broken))

    def frames(self, source: TextFile) -> Iterator[ProductFrame] | None:
        """These sets are small: there is no table form."""
        return None


class FlipkartSample(_Set):
    """Products with key/value specifications; prices in INR."""

    name = "flipkart-sample"

    def records(self, source: TextFile) -> Iterator[tuple[int, Mapping[str, Any]] | BadInput]:
        """The CSV rows."""
        return CsvTable(source).rows()

    def product(self, number: int, record: Mapping[str, Any]) -> Product:
        """Specifications become attributes, in their order."""
        price = amount(record["discounted_price"].strip(), "INR", field="discounted_price", row=number)
        return Product(
            id=record["uniq_id"],
            title=record["product_name"].strip(),
            description=record["description"],
            category=tuple(str(part) for part in _literal(record["product_category_tree"])),
            brand=record["brand"].strip(),
            attributes=_grouped(_pairs(record["product_specifications"])),
            price=price,
            images=tuple(str(address) for address in _literal(record["image"])),
        )


class MyntraCatalog(_Set):
    """Fashion products; prices in INR."""

    name = "myntra-catalog"

    def records(self, source: TextFile) -> Iterator[tuple[int, Mapping[str, Any]] | BadInput]:
        """The CSV rows."""
        return CsvTable(source).rows()

    def product(self, number: int, record: Mapping[str, Any]) -> Product:
        """Gender and colour become attributes."""
        return Product(
            id=record["ProductID"],
            title=record["ProductName"].strip(),
            description=record["Description"].strip(),
            brand=record["ProductBrand"].strip(),
            attributes=_grouped([("Gender", record["Gender"]), ("Colour", record["PrimaryColor"])]),
            price=amount(record["Price (INR)"], "INR", field="Price (INR)", row=number),
        )


class AdvertiseGen(_Set):
    """`类型#上衣*材质#牛仔布` attribute strings; the human-written text is the description."""

    name = "advertisegen"

    def records(self, source: TextFile) -> Iterator[tuple[int, Mapping[str, Any]] | BadInput]:
        """The JSON lines, numbered from 1."""
        return _json_lines(source)

    def product(self, number: int, record: Mapping[str, Any]) -> Product:
        """The type is the category; a title does not exist, so the attributes' values stand in."""
        pairs = [tuple(part.split("#", 1)) for part in record["content"].split("*")]
        attributes = _grouped((pair[0], pair[1]) for pair in pairs if len(pair) == 2)
        kind = attributes.get("类型", ())
        if not attributes:
            raise BadInput(row=number, field="content", expected="name#value*name#value", found=record["content"])
        words = [value for name, values in attributes.items() if name != "类型" for value in values]
        return Product(
            id=f"advertisegen-{number}",
            title="".join([*dict.fromkeys(words)][:6]) + "".join(kind),
            description=record["summary"],
            category=kind[:1],
            attributes=attributes,
        )


class DummyJson(_Set):
    """An invented shop with stock, tags, shipping and return texts; prices in USD."""

    name = "dummyjson"

    def records(self, source: TextFile) -> Iterator[tuple[int, Mapping[str, Any]] | BadInput]:
        """The items of the JSON array, or of its `products`, numbered from 1.

        Raises:
            BadInput: it is neither.
        """
        parsed: Any = json.loads(source.path.read_text(encoding="utf-8"), parse_float=Decimal)
        items: Any = cast(dict[str, Any], parsed).get("products") if isinstance(parsed, dict) else parsed
        if not isinstance(items, list):
            raise BadInput(field="file", expected="an array of products", found=type(items).__name__)
        return enumerate(cast(list[dict[str, Any]], items), 1)

    def product(self, number: int, record: Mapping[str, Any]) -> Product:
        """Weight (given without a unit) and dimensions stay in `extra`; texts a shopper reads are attributes."""
        price = amount(str(record["price"]), "USD", field="price", row=number)
        size = cast(dict[str, Any], record.get("dimensions") or {})
        unit = Variant(
            sku=record["sku"], price=price, stock=int(record["stock"]), barcode=str(record["meta"]["barcode"])
        )
        return Product(
            id=str(record["id"]),
            title=record["title"],
            description=record["description"],
            category=(record["category"],),
            brand=record.get("brand") or "",
            attributes=_grouped(
                [
                    ("Warranty", record.get("warrantyInformation", "")),
                    ("Shipping", record.get("shippingInformation", "")),
                    ("Returns", record.get("returnPolicy", "")),
                ]
            ),
            price=price,
            images=tuple(record["images"]),
            tags=tuple(record["tags"]),
            variants=(unit,),
            extra={
                "weight": str(record["weight"]),
                **{f"dimensions.{name}": str(length) for name, length in size.items()},
                "minimumOrderQuantity": str(record["minimumOrderQuantity"]),
                "rating": str(record["rating"]),
            },
        )


def _json_lines(source: TextFile) -> Iterator[tuple[int, Mapping[str, Any]] | BadInput]:
    with source.path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            try:
                yield number, json.loads(line)
            except ValueError:
                yield BadInput(row=number, field="line", expected="a JSON object", found=line)


def _literal(text: str) -> list[Any]:
    """A Python or JSON list as the set writes it; nothing when blank."""
    return list(ast.literal_eval(text)) if text.strip() else []


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    # Some records have one pair instead of a list, some pairs have a value without a name: that says nothing.
    for pair in _literal(text if text.lstrip().startswith("[") else f"[{text}]"):
        if "key" in pair:
            yield pair["key"], pair.get("value", "")


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        text = str(value).strip()
        if text and text not in found.setdefault(str(name), []):
            found[str(name)].append(text)
    return {name: tuple(values) for name, values in found.items() if values}
