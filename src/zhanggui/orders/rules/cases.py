"""Facts about a request, read from the order's own history: when it was paid, sent, received, what may go back."""

from collections.abc import Iterable
from datetime import datetime

from zhanggui.kernel.types import Money
from zhanggui.orders.models import (
    FactValue,
    OrderLife,
    ServiceCase,
    ShipmentState,
    Transition,
    Units,
    Verdict,
    sum_money,
)
from zhanggui.orders.rules.engine import evaluate
from zhanggui.orders.rules.machines import ReturnEvent, ShipmentEvent
from zhanggui.orders.rules.policy import Policy

# Whose fault a reason means, where the request is proved.
FAULT_OF = {
    "no-reason": "buyer",
    "quality": "seller",
    "wrong-item": "seller",
    "not-as-described": "seller",
    "missing-item": "seller",
    "damaged": "carrier",
    "late": "carrier",
}


def decide(case: ServiceCase, policy: Policy) -> Verdict:
    """Judge one request under one policy."""
    return evaluate(policy, case.action, case_facts(case))


def case_facts(case: ServiceCase) -> dict[str, FactValue]:
    """Every fact that the request and its order's history give; what nobody knows is None or absent."""
    order, units = case.order, _units(case)
    value = _value(order, units)
    dispatched, delivered = _dispatched_at(order), _delivered_at(order, units)
    facts: dict[str, FactValue] = {
        "request.at": case.at,
        "request.reason": case.reason,
        "request.fault": FAULT_OF.get(case.reason),
        "request.proof": case.proof,
        "request.units": sum(units.values()),
        "request.amount": case.amount if case.amount is not None else value,
        "goods.kinds": case.goods.kinds,
        "goods.intact": case.goods.intact,
        "goods.opened": case.goods.opened,
        "goods.exception_agreed": case.goods.exception_agreed,
        "trader.informed": case.trader.informed,
        "trader.informed_return_cost": case.trader.informed_return_cost,
        "order.state": str(order.state),
        "order.placed_at": order.history[0].stamp.at if order.history else None,
        "order.paid_at": _latest(order.history, "payment", "capture"),
        "order.dispatched": dispatched is not None,
        "order.dispatched_at": dispatched,
        "order.dispatched_or_now": dispatched or case.at,
        "order.dispatch_promised_at": case.dispatch_promised_at,
        "order.delivered_at": delivered,
        "order.delivered_or_now": delivered or case.at,
        "order.presale": case.presale,
        "order.subtotal": value,
        "order.subtotal_with_freight": value + order.charges if _everything(order, units) else value,
        "order.outbound_freight": order.charges,
        "return.received_at": _latest(order.history, "return", ReturnEvent.RECEIVE),
        "units.excess": max((count - _returnable(order, line) for line, count in units.items()), default=0),
        "units.excess_unshipped": max((count - _unshipped(order, line) for line, count in units.items()), default=0),
        "money.refundable": order.captured() - order.refunded(),
        "parcel.lost": any(parcel.state is ShipmentState.LOST for parcel in order.parcels),
    }
    if case.price is not None:
        drop = case.price.paid - case.price.now
        facts |= {"price.paid": case.price.paid, "price.now": case.price.now, "price.drop": drop}
        facts["price.same_offer"] = case.price.same_offer
    return facts


def _units(case: ServiceCase) -> Units:
    """The units asked for; all of the order's where the request names none."""
    if case.units is not None:
        return case.units
    return {line.id: line.ordered - line.cancelled for line in case.order.lines if line.ordered > line.cancelled}


def _value(order: OrderLife, units: Units) -> Money:
    """The price of some units; an order-wide discount (negative charges) is shared in proportion, half a unit up."""
    prices = {line.id: line.unit_price for line in order.lines}
    value = sum_money((prices[line] * count for line, count in units.items() if line in prices), order.currency)
    goods = order.total() - order.charges
    if order.charges.minor >= 0 or goods.minor <= 0:
        return value
    paid = max(0, goods.minor + order.charges.minor)
    return Money((2 * value.minor * paid + goods.minor) // (2 * goods.minor), order.currency)


def _everything(order: OrderLife, units: Units) -> bool:
    """Whether freight was paid and nothing of the order stays with the customer."""
    back = order.returned()
    kept = (line.ordered - line.cancelled - back[line.id] - units.get(line.id, 0) for line in order.lines)
    return order.charges.minor > 0 and all(count <= 0 for count in kept)


def _returnable(order: OrderLife, line: str) -> int:
    return order.delivered()[line] - order.returned()[line]


def _unshipped(order: OrderLife, line: str) -> int:
    ordered = sum(entry.ordered - entry.cancelled for entry in order.lines if entry.id == line)
    return ordered - order.shipped()[line]


def _dispatched_at(order: OrderLife) -> datetime | None:
    """When the last unit was handed over to a carrier; None while anything is still to be sent."""
    waiting = any(_unshipped(order, line.id) > 0 for line in order.lines)
    return None if waiting else _latest(order.history, "shipment", ShipmentEvent.HAND_OVER)


def _delivered_at(order: OrderLife, units: Units) -> datetime | None:
    """When the customer received the last of the parcels that hold the units asked about."""
    parcels = {p.id for p in order.parcels if p.state is ShipmentState.DELIVERED and set(p.units) & set(units)}
    steps = (step for step in order.history if step.thing == "shipment" and step.id in parcels)
    return _latest(steps, "shipment", ShipmentEvent.DELIVER)


def _latest(steps: Iterable[Transition], thing: str, event: str) -> datetime | None:
    times = [s.stamp.at for s in steps if s.thing == thing and s.event.split(" ")[0] == event]
    return max(times, default=None)
