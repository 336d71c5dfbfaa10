"""A change of one order as data, so that it can be stored, shown and applied again to a newer state. Pure."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject, JsonValue, Money
from zhanggui.orders.models import LifeLine, OrderLife, Parcel, Refund, Stamp
from zhanggui.orders.models.intake import Change
from zhanggui.orders.rules import life as lives
from zhanggui.orders.rules.machines import (
    ExchangeEvent,
    FulfilmentEvent,
    OrderEvent,
    PaymentEvent,
    RefundEvent,
    ReturnEvent,
    ShipmentEvent,
)

Word = TypeVar("Word", bound=StrEnum)


def apply_change(life: OrderLife, change: Change, stamp: Stamp) -> OrderLife:
    """The order after the change.

    Raises:
        BadInput: no such change, or an argument is missing or malformed.
        Conflict: the order's state does not allow it.
        NotFound: the order has no such part.
    """
    act = _ACTS.get(change.do)
    if act is None:
        raise BadInput(field="do", expected=f"one of {', '.join(_ACTS)}", found=change.do)
    return act(life, _Detail(change.detail), stamp)


class _Detail:
    """Arguments, each checked as it is read."""

    def __init__(self, values: JsonObject) -> None:
        self._values = values

    def word(self, name: str, *, optional: bool = False) -> str:
        """A piece of text of at most 500 characters."""
        value = self._values.get(name, "")
        if not isinstance(value, str) or len(value) > 500 or not (value or optional) or "\0" in value:
            raise BadInput(field=name, expected="1 to 500 characters", found=repr(value))
        return value

    def event(self, kind: type[Word]) -> Word:
        """One of the events of a machine."""
        found = self.word("event")
        try:
            return kind(found)
        except ValueError:
            raise BadInput(field="event", expected=f"one of {', '.join(kind)}", found=found) from None

    def count(self, name: str) -> int:
        """A whole number from 1 to 10^14."""
        return _whole(name, self._values.get(name))

    def money(self, life: OrderLife) -> Money:
        """The field `minor` in the order's currency."""
        return Money(self.count("minor"), life.currency)

    def units(self) -> dict[str, int]:
        """Line ids with counts."""
        value = self._values.get("units")
        if not isinstance(value, dict) or not value:
            raise BadInput(field="units", expected="line ids with counts", found=repr(value))
        return {line: _whole(f"units.{line}", count) for line, count in value.items()}

    def lines(self, life: OrderLife) -> tuple[LifeLine, ...]:
        """Replacement lines."""
        value = self._values.get("lines")
        if not isinstance(value, list) or not value or not all(isinstance(line, dict) for line in value):
            raise BadInput(field="lines", expected="a list of lines", found=repr(value))
        given = [_Detail(line) for line in value if isinstance(line, dict)]
        return tuple(LifeLine(x.word("id"), x.word("sku"), x.count("count"), x.money(life)) for x in given)


def _whole(name: str, value: JsonValue) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 10**14:
        raise BadInput(field=name, expected="a whole number above 0", found=repr(value))
    return value


def _ship(life: OrderLife, given: _Detail, stamp: Stamp) -> OrderLife:
    number = given.word("tracking_number", optional=True)
    carrier = given.word("carrier", optional=True)
    parcel = Parcel(given.word("id"), given.word("fulfilment_id"), carrier, number, given.units())
    return lives.ship(life, parcel, stamp)


def _request_refund(life: OrderLife, given: _Detail, stamp: Stamp) -> OrderLife:
    returned = given.word("return_id", optional=True)
    asked = Refund(given.word("id"), given.word("payment_id"), given.money(life), given.word("reason"), returned)
    return lives.request_refund(life, asked, stamp)


_Act = Callable[[OrderLife, _Detail, Stamp], OrderLife]
_ACTS: Mapping[str, _Act] = {
    "move_order": lambda life, x, stamp: lives.move_order(life, x.event(OrderEvent), stamp),
    "cancel_units": lambda life, x, stamp: lives.cancel_units(life, x.word("id"), x.count("count"), stamp),
    "add_payment": lambda life, x, stamp: lives.add_payment(life, x.word("id"), x.word("method"), x.money(life), stamp),
    "move_payment": lambda life, x, stamp: lives.move_payment(life, x.word("id"), x.event(PaymentEvent), stamp),
    "capture": lambda life, x, stamp: lives.capture(life, x.word("id"), x.money(life), stamp),
    "allocate": lambda life, x, stamp: lives.allocate(life, x.word("id"), x.word("warehouse"), x.units(), stamp),
    "move_fulfilment": lambda life, x, s: lives.move_fulfilment(life, x.word("id"), x.event(FulfilmentEvent), s),
    "ship": _ship,
    "move_parcel": lambda life, x, stamp: lives.move_parcel(life, x.word("id"), x.event(ShipmentEvent), stamp),
    "request_return": lambda life, x, s: lives.request_return(life, x.word("id"), x.units(), x.word("reason"), s),
    "move_return": lambda life, x, stamp: lives.move_return(life, x.word("id"), x.event(ReturnEvent), stamp),
    "request_refund": _request_refund,
    "move_refund": lambda life, x, stamp: lives.move_refund(life, x.word("id"), x.event(RefundEvent), stamp),
    "request_exchange": lambda life, x, stamp: lives.request_exchange(
        life, x.word("id"), x.word("return_id"), x.lines(life), stamp
    ),
    "move_exchange": lambda life, x, stamp: lives.move_exchange(life, x.word("id"), x.event(ExchangeEvent), stamp),
}
