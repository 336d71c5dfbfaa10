"""Products of three public sets as input lines of `batch copy`; which ones are drawn is decided by a seed alone."""

import ast
import csv
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.figures import SHARED_DATA

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ProductSet:
    """A public set: where it lies, how a line is read, the language its copy is written in."""

    name: str
    file: Path
    read: Callable[[Path], list[Line]]
    locale: str
    channels: tuple[str, ...]

    def draw(self, count: int, seed: int) -> list[Line]:
        """`count` products (all when fewer), the same for a seed; a smaller draw is the start of a larger one."""
        lines = self.read(self.file)
        return sorted(lines, key=lambda line: random.Random(f"{seed}/{self.name}/{line['id']}").random())[:count]

    def channel(self, position: int) -> str:
        """The channel of the n-th product drawn: they alternate."""
        return self.channels[position % len(self.channels)]


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, str | list[str]]:
    attributes: dict[str, list[str]] = {}
    for name, value in pairs:
        attributes.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in attributes.items()}


def _specifications(row: dict[str, str]) -> dict[str, str | list[str]]:
    try:
        pairs = ast.literal_eval(row["product_specifications"])
    except (ValueError, SyntaxError):
        return {}
    told = [(str(p["key"]), str(p["value"])) for p in pairs if isinstance(p, dict) and p.get("key") and p.get("value")]
    return _grouped(told)


def read_flipkart(file: Path) -> list[Line]:
    """Products that have at least three specifications with a name."""
    with file.open(encoding="utf-8", newline="") as rows:
        lines = [_flipkart_line(row) for row in csv.DictReader(rows)]
    return [line for line in lines if len(line["attributes"]) >= 3]


def _flipkart_line(row: dict[str, str]) -> Line:
    try:
        category = [str(part) for part in ast.literal_eval(row["product_category_tree"])][:-1]
    except (ValueError, SyntaxError):
        category = []
    return {
        "id": row["uniq_id"],
        "title": row["product_name"],
        "brand": row["brand"],
        "category": " > ".join(category),
        "attributes": _specifications(row),
    }


def read_dummyjson(file: Path) -> list[Line]:
    """The made-up shop; its lengths are taken for centimetres and its weights for grams."""
    data = json.loads(file.read_text(encoding="utf-8"))
    return [_dummyjson_line(row) for row in (data["products"] if isinstance(data, dict) else data)]


def _dummyjson_line(row: Line) -> Line:
    size = row["dimensions"]
    attributes = {
        "Width": f"{size['width']} cm",
        "Height": f"{size['height']} cm",
        "Depth": f"{size['depth']} cm",
        "Weight": f"{row['weight']} g",
        "Warranty": row["warrantyInformation"],
        "Shipping": row["shippingInformation"],
        "Return policy": row["returnPolicy"],
        "Tags": list(row["tags"]),
        "SKU": row["sku"],
    }
    return {
        "id": str(row["id"]),
        "title": row["title"],
        "brand": row.get("brand") or "",
        "category": row["category"],
        "price": row["price"],
        "currency": "USD",
        "attributes": attributes,
    }


def read_advertisegen(file: Path) -> list[Line]:
    """Chinese clothes as attributes only: no title, no brand."""
    lines: list[Line] = []
    for number, text in enumerate(file.read_text(encoding="utf-8").splitlines()):
        pairs = [pair.partition("#") for pair in json.loads(text)["content"].split("*")]
        lines.append({"id": f"ad{number}", "attributes": _grouped([(name, value) for name, _, value in pairs])})
    return lines


SETS = {
    one.name: one
    for one in (
        ProductSet(
            "flipkart_sample",
            SHARED_DATA / "flipkart_sample" / "products.csv",
            read_flipkart,
            "en",
            ("amazon", "shopify"),
        ),
        ProductSet(
            "dummyjson", SHARED_DATA / "dummyjson" / "products.json", read_dummyjson, "en", ("amazon", "shopify")
        ),
        ProductSet(
            "advertisegen_dev", SHARED_DATA / "advertisegen_dev" / "dev.json", read_advertisegen, "zh-CN", ("taobao",)
        ),
    )
}
