"""Neutral orders as JSON: the fields of `SourceOrder` and `SourcePart`, amounts as {minor, currency}. Pure."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from zhanggui.kernel.commerce import SourceNews, SourceOrder, SourcePart
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject

_ORDER: TypeAdapter[SourceOrder] = TypeAdapter(SourceOrder)
_PART: TypeAdapter[SourcePart] = TypeAdapter(SourcePart)
_ORDER_TOPICS = ("order.created", "order.updated", "order.cancelled", "order.paid", "order.fulfilled")
_PART_TOPICS = ("payment.updated", "shipment.updated", "refund.created", "refund.updated", "order.deleted")


def read_order(data: JsonObject) -> SourceOrder:
    """One whole order.

    Raises:
        BadInput: names the first field that is not what it should be.
    """
    return _read(_ORDER, data)


def read_news(topic: str, data: JsonObject) -> tuple[SourceNews, ...]:
    """What a delivery of this topic tells; nothing where the topic is not about orders.

    Raises:
        BadInput: names the first field that is not what it should be.
    """
    if topic in _ORDER_TOPICS:
        return (read_order(data),)
    if topic in _PART_TOPICS:
        gone = {"gone": True} if topic == "order.deleted" else {}
        return (_read(_PART, {**data, **gone}),)
    return ()


def _read(adapter: TypeAdapter[Any], data: JsonObject) -> Any:
    try:
        return adapter.validate_python(data, strict=False)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "order"
        raise BadInput(field=field, expected=first["msg"], found=repr(first.get("input"))) from None
