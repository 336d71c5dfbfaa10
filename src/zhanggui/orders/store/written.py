"""One order written out as the rows of every table, from its life and what its shop told. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from zhanggui.kernel.commerce import SourceOrder
from zhanggui.orders.models import OrderLife, OrderState, PaymentState, ReturnState, ShipmentState, Transition
from zhanggui.orders.models.intake import Arrival
from zhanggui.orders.store.bulk import Values, micros

_BACK = (ReturnState.RECEIVED, ReturnState.ACCEPTED)
_NO_JSON = "[]"


@dataclass(frozen=True, slots=True)
class Head:
    """The newest whole telling of an order: what decides which of two is newer, and the telling itself as JSON.

    `fetched` is 0 for news that were sent to us, else when we asked (microseconds): an answer to a question is at
    least as new as anything sent with the same version.
    """

    version: datetime
    fetched: int
    digest: str
    told: str

    @property
    def rank(self) -> tuple[datetime, int, str]:
        """Of two tellings the one with the greater rank counts, whichever came first."""
        return self.version, self.fetched, self.digest


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything to be written of one order."""

    order_id: str
    shop_id: str
    head: Head
    told: SourceOrder
    life: OrderLife
    flags: tuple[str, ...]
    arrival: Arrival
    created_by: str
    last_change: str
    own_events: int = 0
    """How many of the last transitions of the life are our own changes, which have their rows already."""


def order_row(kept: Kept, now: int) -> Values:
    """The row of `orders`."""
    told, life = kept.told, kept.life
    captured = sum(payment.captured.minor for payment in life.payments)
    refunded = life.refunded().minor if life.refunds else 0
    customer = told.customer
    return (
        kept.order_id,
        kept.shop_id,
        told.number or told.external_id,
        life.state.value,
        payment_state(life, captured, refunded),
        delivery_state(life),
        kept.arrival.outcome,
        micros(told.placed_at),
        micros(told.version),
        None if told.promised_at is None else micros(told.promised_at),
        life.currency,
        life.total().minor,
        captured,
        refunded,
        sum(line.ordered - line.cancelled for line in life.lines),
        customer.id if customer else "",
        customer.name if customer else "",
        customer.email if customer else "",
        told.source,
        kept.created_by,
        kept.last_change,
        now,
    )


def source_row(kept: Kept) -> Values:
    """The row of `order_sources`."""
    head, arrival = kept.head, kept.arrival
    flags = orjson.dumps(kept.flags).decode() if kept.flags else _NO_JSON
    rules = _decision(arrival)
    return kept.order_id, micros(head.version), head.fetched, head.digest, head.told, flags, rules


_PASSED: dict[tuple[str, ...], str] = {}


def _decision(arrival: Arrival) -> str:
    # Nearly every order passes every rule, so that text is made once.
    if arrival.outcome == "accept":
        names = tuple(rule.id for rule in arrival.rules)
        if names not in _PASSED:
            _PASSED[names] = orjson.dumps(arrival.rules).decode()
        return _PASSED[names]
    return orjson.dumps(arrival.rules).decode()


def part_rows(kept: Kept) -> Mapping[str, list[Values]]:
    """The rows of the parts, by table name."""
    key, life = kept.order_id, kept.life
    titles = {line.id: line.title for line in kept.told.lines}
    return {
        "order_lines": [
            (key, x.id, x.sku, titles.get(x.id, ""), x.ordered, x.cancelled, x.unit_price.minor) for x in life.lines
        ],
        "payments": [(key, x.id, x.method, x.state.value, x.amount.minor, x.captured.minor) for x in life.payments],
        "fulfilments": [(key, x.id, x.warehouse, x.state.value, _units(x.units)) for x in life.fulfilments],
        "shipments": [
            (key, x.id, x.fulfilment_id, x.carrier, x.tracking_number, x.state.value, _units(x.units))
            for x in life.parcels
        ],
        "returns": [(key, x.id, x.state.value, x.reason, _units(x.units)) for x in life.returns],
        "refunds": [
            (key, x.id, x.payment_id, x.return_id, x.state.value, x.amount.minor, x.reason) for x in life.refunds
        ],
        "order_events": [event_row(key, number, step, None) for number, step in enumerate(_told_steps(kept))],
    }


def _told_steps(kept: Kept) -> tuple[Transition, ...]:
    history = kept.life.history
    return history[: len(history) - kept.own_events] if kept.own_events else history


def event_row(order_id: str, number: int, step: Transition, change: str | None) -> Values:
    """The row of `order_events` for one transition."""
    stamp = step.stamp
    at = micros(stamp.at)
    return order_id, number, at, stamp.who, stamp.why, step.thing, step.id, step.event, step.before, step.after, change


def _units(units: Mapping[str, int]) -> str:
    return orjson.dumps(dict(units), option=orjson.OPT_SORT_KEYS).decode()


def payment_state(life: OrderLife, captured: int, refunded: int) -> str:
    """unpaid, authorised, part-paid, paid, part-refunded, refunded, voided or failed."""
    if captured and refunded >= captured:
        return "refunded"
    if refunded:
        return "part-refunded"
    if captured:
        return "paid" if captured >= life.total().minor else "part-paid"
    states = {payment.state for payment in life.payments}
    for state, word in ((PaymentState.AUTHORISED, "authorised"), (PaymentState.PENDING, "unpaid")):
        if state in states:
            return word
    if states:
        return "voided" if PaymentState.VOIDED in states else "failed"
    return "paid" if life.total().minor == 0 else "unpaid"


def delivery_state(life: OrderLife) -> str:
    """none, part-sent, sent, delivered, part-returned or returned; counted over units that are not cancelled."""
    if not life.parcels:
        return "none"
    wanted = sum(line.ordered - line.cancelled for line in life.lines)
    back = sum(sum(x.units.values()) for x in life.returns if x.state in _BACK)
    back += sum(sum(x.units.values()) for x in life.parcels if x.state is ShipmentState.RETURNED)
    if back:
        return "returned" if back >= wanted else "part-returned"
    if sum(life.delivered().values()) >= wanted and life.state is not OrderState.CANCELLED:
        return "delivered"
    sent = sum(life.shipped().values())
    return "none" if not sent else "sent" if sent >= wanted else "part-sent"
