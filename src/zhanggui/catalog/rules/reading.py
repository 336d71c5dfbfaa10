"""From an input line of the batch contract to facts: the one place where untyped product data enters these rules."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import cast

from zhanggui.catalog.models import Fact, ProductFacts
from zhanggui.kernel.errors import BadInput


def _text(data: Mapping[str, object], key: str) -> str:
    value = data.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    raise BadInput(field=key, expected="text", found=repr(value))


def _scalar(field: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) or (isinstance(value, (int, float)) and math.isfinite(value)):
        return str(value).strip()
    raise BadInput(field=field, expected="text, a number, or a list of them", found=repr(value))


def _category(data: Mapping[str, object]) -> tuple[str, ...]:
    value = data.get("category")
    if isinstance(value, (list, tuple)):
        return tuple(_scalar("category", part) for part in cast("Sequence[object]", value))
    return tuple(part.strip() for part in re.split(r"\s*>>?\s*", _text(data, "category")) if part.strip())


def _price(data: Mapping[str, object]) -> str:
    value = data.get("price")
    if value is None or isinstance(value, str):
        return (value or "").strip()
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise BadInput(field="price", expected="a number", found=repr(value))
    return str(value)


def _attributes(value: object) -> tuple[Fact, ...]:
    if value is None:
        return ()
    if not isinstance(value, Mapping):
        raise BadInput(field="attributes", expected="an object of name to value or values", found=repr(value))
    found: list[Fact] = []
    for name, held in cast("Mapping[object, object]", value).items():
        label = str(name)
        many = cast("Sequence[object]", held) if isinstance(held, (list, tuple)) else (held,)
        found += [Fact(label, _scalar(f"attributes.{label}", one)) for one in many if one is not None]
    return tuple(fact for fact in found if fact.value)


def facts_of(product: Mapping[str, object]) -> ProductFacts:
    """The facts of an input line `{id, title?, category?, brand?, price?, currency?, attributes: {name: value(s)}}`.

    A category may be one path (`a > b`) or a list. Unknown fields are ignored.

    Raises:
        BadInput: a field has the wrong type; names the field.
    """
    return ProductFacts(
        title=_text(product, "title"),
        category=_category(product),
        brand=_text(product, "brand"),
        facts=_attributes(product.get("attributes")),
        price=_price(product),
        currency=_text(product, "currency"),
    )
