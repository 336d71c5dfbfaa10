"""What may be done to an order in its life: each function takes the order and gives the order after it, recorded.

State changes go through the tables of `machines`; sums are kept by the constructor of `OrderLife`. Every function
raises Conflict where the change is not possible and NotFound where the order has no such part.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from zhanggui.kernel.errors import BadInput, Conflict, NotFound
from zhanggui.kernel.types import Money
from zhanggui.orders.models import (
    Exchange,
    ExchangeState,
    Fulfilment,
    FulfilmentState,
    LifeLine,
    OrderLife,
    OrderState,
    Parcel,
    Payment,
    PaymentState,
    Refund,
    Return,
    ReturnState,
    ShipmentState,
    Stamp,
    Transition,
    Units,
)
from zhanggui.orders.rules.machines import (
    EXCHANGE,
    FULFILMENT,
    ORDER,
    PAYMENT,
    REFUND,
    RETURN,
    SHIPMENT,
    ExchangeEvent,
    FulfilmentEvent,
    OrderEvent,
    PaymentEvent,
    RefundEvent,
    ReturnEvent,
    ShipmentEvent,
)


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


Part = TypeVar("Part", bound=_HasId)
_OPEN_PARCELS = frozenset(ShipmentState) - {
    ShipmentState.DELIVERED,
    ShipmentState.RETURNED,
    ShipmentState.LOST,
    ShipmentState.VOIDED,
}
_OPEN_RETURNS = {ReturnState.REQUESTED, ReturnState.APPROVED, ReturnState.SENT_BACK, ReturnState.RECEIVED}
_OPEN_EXCHANGES = {ExchangeState.REQUESTED, ExchangeState.APPROVED, ExchangeState.REPLACEMENT_SENT}


def place(order_id: str, lines: Sequence[LifeLine], charges: Money, stamp: Stamp) -> OrderLife:
    """A new order. `charges` are freight and fees less discounts; they may be negative, the total may not."""
    if not lines:
        raise BadInput(field="lines", expected="at least one line", found="none")
    begun = Transition(stamp, "order", order_id, "place", "", OrderState.PLACED)
    life = OrderLife(order_id, OrderState.PLACED, charges, tuple(lines), history=(begun,))
    if life.total().minor < 0:
        raise BadInput(field="charges", expected="a total of 0 or more", found=str(life.total()))
    return life


def move_order(life: OrderLife, event: OrderEvent, stamp: Stamp) -> OrderLife:
    """Accept, hold, release, cancel, close or reopen the order. Cancelling cancels every unit; closing needs rest."""
    after = ORDER.after(life.state, event)
    step = Transition(stamp, "order", life.id, event, life.state, after)
    lines = life.lines
    if event is OrderEvent.CANCEL:
        lines = tuple(replace(line, cancelled=line.ordered) for line in lines)
    if event is OrderEvent.CLOSE and (busy := _unfinished(life)):
        raise Conflict(f"order {life.id} cannot close: {busy} is not finished")
    return replace(life, state=after, lines=lines, history=(*life.history, step))


def cancel_units(life: OrderLife, line_id: str, count: int, stamp: Stamp) -> OrderLife:
    """Cancel some units that no fulfilment holds."""
    _active(life)
    _positive(count, "count")
    line = _part(life.lines, line_id, "line")
    now = replace(line, cancelled=line.cancelled + count)
    step = Transition(stamp, "line", line_id, "cancel", str(line.cancelled), str(now.cancelled))
    return replace(life, lines=_with(life.lines, now), history=(*life.history, step))


def add_payment(life: OrderLife, payment_id: str, method: str, amount: Money, stamp: Stamp) -> OrderLife:
    """Expect an amount by one method; several payments may share an order."""
    _active(life)
    _positive(amount.minor, "amount")
    payment = Payment(payment_id, method, amount, Money(0, amount.currency))
    step = _born(stamp, "payment", payment_id, "expect", payment.state)
    return replace(life, payments=(*life.payments, payment), history=(*life.history, step))


def move_payment(life: OrderLife, payment_id: str, event: PaymentEvent, stamp: Stamp) -> OrderLife:
    """Authorise, void or fail a payment; to capture, use `capture`."""
    if event is PaymentEvent.CAPTURE:
        raise BadInput(field="event", expected="capture with an amount", found=event)
    payment = _part(life.payments, payment_id, "payment")
    now = replace(payment, state=PAYMENT.after(payment.state, event))
    step = Transition(stamp, "payment", payment_id, event, payment.state, now.state)
    return replace(life, payments=_with(life.payments, now), history=(*life.history, step))


def capture(life: OrderLife, payment_id: str, amount: Money, stamp: Stamp) -> OrderLife:
    """Take an amount of an authorised payment, in one part or several."""
    _active(life)
    _positive(amount.minor, "amount")
    payment = _part(life.payments, payment_id, "payment")
    after = PAYMENT.after(payment.state, PaymentEvent.CAPTURE)
    now = replace(payment, state=after, captured=payment.captured + amount)
    step = Transition(stamp, "payment", payment_id, f"capture {amount}", payment.state, now.state)
    return replace(life, payments=_with(life.payments, now), history=(*life.history, step))


def allocate(life: OrderLife, fulfilment_id: str, warehouse: str, units: Units, stamp: Stamp) -> OrderLife:
    """Give some units to a warehouse. Only an accepted order is worked on."""
    if life.state is not OrderState.ACCEPTED:
        raise Conflict(f"order {life.id} is {life.state}: nothing can be allocated")
    dead = {e.id for e in life.exchanges if e.state not in (ExchangeState.APPROVED, ExchangeState.REPLACEMENT_SENT)}
    if any(line.exchange_id in dead for line in life.lines if line.id in units):
        raise Conflict("units of an exchange that is not approved cannot be allocated")
    made = Fulfilment(fulfilment_id, warehouse, dict(units))
    step = _born(stamp, "fulfilment", fulfilment_id, "allocate", made.state)
    return replace(life, fulfilments=(*life.fulfilments, made), history=(*life.history, step))


def move_fulfilment(life: OrderLife, fulfilment_id: str, event: FulfilmentEvent, stamp: Stamp) -> OrderLife:
    """Pick, pack, dispatch or cancel a warehouse's work. A held order stands still, except for cancelling."""
    if life.state is OrderState.HELD and event is not FulfilmentEvent.CANCEL:
        raise Conflict(f"order {life.id} is held")
    fulfilment = _part(life.fulfilments, fulfilment_id, "fulfilment")
    now = replace(fulfilment, state=FULFILMENT.after(fulfilment.state, event))
    step = Transition(stamp, "fulfilment", fulfilment_id, event, fulfilment.state, now.state)
    return replace(life, fulfilments=_with(life.fulfilments, now), history=(*life.history, step))


def ship(life: OrderLife, parcel: Parcel, stamp: Stamp) -> OrderLife:
    """Put units of a dispatched fulfilment into a parcel; one fulfilment may fill several."""
    fulfilment = _part(life.fulfilments, parcel.fulfilment_id, "fulfilment")
    if fulfilment.state is not FulfilmentState.DISPATCHED or parcel.state is not ShipmentState.CREATED:
        raise Conflict(f"fulfilment {fulfilment.id} is {fulfilment.state}: no new parcel can leave")
    step = _born(stamp, "shipment", parcel.id, "create", parcel.state)
    return replace(life, parcels=(*life.parcels, parcel), history=(*life.history, step))


def move_parcel(life: OrderLife, parcel_id: str, event: ShipmentEvent, stamp: Stamp) -> OrderLife:
    """What a carrier reports, or a parcel voided before it leaves."""
    parcel = _part(life.parcels, parcel_id, "shipment")
    now = replace(parcel, state=SHIPMENT.after(parcel.state, event))
    step = Transition(stamp, "shipment", parcel_id, event, parcel.state, now.state)
    return replace(life, parcels=_with(life.parcels, now), history=(*life.history, step))


def request_return(life: OrderLife, return_id: str, units: Units, reason: str, stamp: Stamp) -> OrderLife:
    """Ask to send delivered units back."""
    asked = Return(return_id, dict(units), reason)
    step = _born(stamp, "return", return_id, "request", asked.state)
    return replace(life, returns=(*life.returns, asked), history=(*life.history, step))


def move_return(life: OrderLife, return_id: str, event: ReturnEvent, stamp: Stamp) -> OrderLife:
    """Approve, reject, send back, receive, accept, decline or withdraw a return."""
    asked = _part(life.returns, return_id, "return")
    now = replace(asked, state=RETURN.after(asked.state, event))
    step = Transition(stamp, "return", return_id, event, asked.state, now.state)
    return replace(life, returns=_with(life.returns, now), history=(*life.history, step))


def request_refund(life: OrderLife, refund: Refund, stamp: Stamp) -> OrderLife:
    """Ask for money back to one payment. Open and sent refunds count: the sum never passes what was captured."""
    _positive(refund.amount.minor, "amount")
    _part(life.payments, refund.payment_id, "payment")
    if refund.return_id:
        _part(life.returns, refund.return_id, "return")
    step = _born(stamp, "refund", refund.id, f"request {refund.amount}", refund.state)
    return replace(life, refunds=(*life.refunds, refund), history=(*life.history, step))


def move_refund(life: OrderLife, refund_id: str, event: RefundEvent, stamp: Stamp) -> OrderLife:
    """Approve, reject, send, settle or fail a refund. A failed one is asked for anew."""
    refund = _part(life.refunds, refund_id, "refund")
    now = replace(refund, state=REFUND.after(refund.state, event))
    step = Transition(stamp, "refund", refund_id, event, refund.state, now.state)
    return replace(life, refunds=_with(life.refunds, now), history=(*life.history, step))


def request_exchange(
    life: OrderLife, exchange_id: str, return_id: str, replacements: Sequence[LifeLine], stamp: Stamp
) -> OrderLife:
    """Ask for other units in place of a return's; the replacements become lines of the order with their own price."""
    back = _part(life.returns, return_id, "return")
    if back.state not in _OPEN_RETURNS or any(e.return_id == return_id for e in life.exchanges):
        raise Conflict(f"return {return_id} is {back.state}, or has its exchange already")
    if not replacements:
        raise BadInput(field="replacements", expected="at least one line", found="none")
    lines = tuple(replace(line, exchange_id=exchange_id) for line in replacements)
    asked = Exchange(exchange_id, return_id)
    step = _born(stamp, "exchange", exchange_id, "request", asked.state)
    return replace(life, lines=life.lines + lines, exchanges=(*life.exchanges, asked), history=(*life.history, step))


def move_exchange(life: OrderLife, exchange_id: str, event: ExchangeEvent, stamp: Stamp) -> OrderLife:
    """Approve, reject, send the replacement of, complete or withdraw an exchange.

    A rejected or withdrawn exchange cancels its replacement lines.
    """
    asked = _part(life.exchanges, exchange_id, "exchange")
    now = replace(asked, state=EXCHANGE.after(asked.state, event))
    lines = life.lines
    if event in (ExchangeEvent.REJECT, ExchangeEvent.WITHDRAW):
        lines = tuple(replace(x, cancelled=x.ordered) if x.exchange_id == exchange_id else x for x in lines)
    step = Transition(stamp, "exchange", exchange_id, event, asked.state, now.state)
    return replace(life, lines=lines, exchanges=_with(life.exchanges, now), history=(*life.history, step))


def _unfinished(life: OrderLife) -> str:
    busy: list[str] = [p.id for p in life.parcels if p.state in _OPEN_PARCELS]
    busy += [f.id for f in life.fulfilments if f.state not in (FulfilmentState.DISPATCHED, FulfilmentState.CANCELLED)]
    busy += [r.id for r in life.returns if r.state in _OPEN_RETURNS]
    busy += [r.id for r in life.refunds if r.state in ("requested", "approved", "sent")]
    busy += [e.id for e in life.exchanges if e.state in _OPEN_EXCHANGES]
    busy += [p.id for p in life.payments if p.state in (PaymentState.PENDING, PaymentState.AUTHORISED)]
    return busy[0] if busy else ""


def _active(life: OrderLife) -> None:
    if life.state in (OrderState.CANCELLED, OrderState.CLOSED):
        raise Conflict(f"order {life.id} is {life.state}")


def _positive(count: int, name: str) -> None:
    if count <= 0:
        raise BadInput(field=name, expected="more than 0", found=str(count))


def _part(parts: Iterable[Part], wanted: str, thing: str) -> Part:
    found = next((part for part in parts if part.id == wanted), None)
    if found is None:
        raise NotFound(f"the order has no {thing} {wanted}")
    return found


def _with(parts: Sequence[Part], now: Part) -> tuple[Part, ...]:
    return tuple(now if part.id == now.id else part for part in parts)


def _born(stamp: Stamp, thing: str, part_id: str, event: str, state: str) -> Transition:
    return Transition(stamp, thing, part_id, event, "", state)
