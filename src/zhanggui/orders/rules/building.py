"""From what a shop tells of an order to its life, through the transition tables. Pure.

The life is a function of the newest whole order, the parts told by themselves since, and our own changes: whichever
way and in whichever order the news came in, the same news give the same life. What does not fit (a parcel of units
that were never ordered, a refund above the payment) stays out of the life and is named among the flags.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from zhanggui.kernel.commerce import SourceOrder, SourceParcel, SourcePart, SourcePayment, SourceRefund
from zhanggui.kernel.errors import Conflict, MerchantError
from zhanggui.kernel.types import Money
from zhanggui.orders.models import (
    Fulfilment,
    FulfilmentState,
    LifeLine,
    OrderLife,
    OrderState,
    Parcel,
    Payment,
    PaymentState,
    Refund,
    RefundState,
    Return,
    ReturnState,
    ShipmentState,
    Stamp,
    Transition,
    Units,
)
from zhanggui.orders.models.intake import OwnChange
from zhanggui.orders.rules.changes import apply_change
from zhanggui.orders.rules.life import move_order
from zhanggui.orders.rules.machines import (
    FULFILMENT,
    ORDER,
    PAYMENT,
    REFUND,
    RETURN,
    SHIPMENT,
    FulfilmentEvent,
    Machine,
    OrderEvent,
    PaymentEvent,
    RefundEvent,
    ReturnEvent,
    ShipmentEvent,
)

Part = TypeVar("Part", SourcePayment, SourceParcel, SourceRefund)
State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class _Walk(Generic[State, Event]):
    """What a telling stands for: the events from the first state on, each with the state before and after it."""

    steps: tuple[tuple[Event, State, State], ...]
    end: State


def _walk(machine: Machine[State, Event], start: State, *events: Event) -> _Walk[State, Event]:
    # The table is asked once for all orders told alike.
    steps: list[tuple[Event, State, State]] = []
    state = start
    for event in events:
        before, state = state, machine.after(state, event)
        steps.append((event, before, state))
    return _Walk(tuple(steps), state)


def _payment(*events: PaymentEvent) -> _Walk[PaymentState, PaymentEvent]:
    return _walk(PAYMENT, PaymentState.PENDING, *events)


def _fulfilment(*events: FulfilmentEvent) -> _Walk[FulfilmentState, FulfilmentEvent]:
    return _walk(FULFILMENT, FulfilmentState.OPEN, *events)


def _shipment(*events: ShipmentEvent) -> _Walk[ShipmentState, ShipmentEvent]:
    return _walk(SHIPMENT, ShipmentState.CREATED, ShipmentEvent.HAND_OVER, *events)


def _refund(*events: RefundEvent) -> _Walk[RefundState, RefundEvent]:
    return _walk(REFUND, RefundState.REQUESTED, *events)


_PAYMENTS: Mapping[str, _Walk[PaymentState, PaymentEvent]] = {
    "pending": _payment(),
    "authorised": _payment(PaymentEvent.AUTHORISE),
    "captured": _payment(PaymentEvent.AUTHORISE, PaymentEvent.CAPTURE),
    "voided": _payment(PaymentEvent.VOID),
    "failed": _payment(PaymentEvent.FAIL),
}
_HANDED = _fulfilment(FulfilmentEvent.PICK, FulfilmentEvent.PACK, FulfilmentEvent.DISPATCH)
_FULFILMENTS: Mapping[str, _Walk[FulfilmentState, FulfilmentEvent]] = {
    "open": _fulfilment(),
    "cancelled": _fulfilment(FulfilmentEvent.CANCEL),
}
_SHIPMENTS: Mapping[str, _Walk[ShipmentState, ShipmentEvent]] = {
    "sent": _shipment(),
    "delivered": _shipment(ShipmentEvent.DELIVER),
    "returned": _shipment(ShipmentEvent.TURN_BACK, ShipmentEvent.RETURN),
    "lost": _shipment(ShipmentEvent.LOSE),
}
_REFUNDS: Mapping[str, _Walk[RefundState, RefundEvent]] = {
    "requested": _refund(),
    "settled": _refund(RefundEvent.APPROVE, RefundEvent.SEND, RefundEvent.SETTLE),
    "failed": _refund(RefundEvent.APPROVE, RefundEvent.SEND, RefundEvent.FAIL),
}
_RETURN = _walk(RETURN, ReturnState.REQUESTED, ReturnEvent.APPROVE, ReturnEvent.RECEIVE, ReturnEvent.ACCEPT)


@dataclass(frozen=True, slots=True)
class Built:
    """An order's life with what did not fit into it.

    Attributes:
        told: the whole order with the parts that were told by themselves.
        flags: what was left out and why.
        superseded: numbers of own changes that the shop's news made impossible (or had already in them).
    """

    told: SourceOrder
    life: OrderLife
    flags: tuple[str, ...]
    superseded: tuple[int, ...]


def with_parts(order: SourceOrder, parts: Iterable[SourcePart]) -> SourceOrder:
    """The order with parts told by themselves: of two tellings of one part the later counts, of equals the whole's.

    A deletion counts whenever it was told: shops give no time with it, and what is deleted does not come back.
    """
    since = [part for part in parts if part.version >= order.version or part.gone]
    if not since:
        return order
    since.sort(key=lambda part: part.version)
    cancelled = order.cancelled_at
    if cancelled is None and any(part.gone for part in since):
        cancelled = max(order.version, min(part.version for part in since if part.gone))
    return replace(
        order,
        payments=_joined(order.payments, [(x.version, x.payment) for x in since if x.payment], order.version),
        parcels=_joined(order.parcels, [(x.version, x.parcel) for x in since if x.parcel], order.version),
        refunds=_joined(order.refunds, [(x.version, x.refund) for x in since if x.refund], order.version),
        cancelled_at=cancelled,
    )


def _joined(known: Sequence[Part], told: Sequence[tuple[datetime, Part]], version: datetime) -> tuple[Part, ...]:
    parts = {part.id: part for part in known}
    for at, part in told:
        if at > version or part.id not in parts:
            parts[part.id] = part
    return tuple(parts.values())


def build_life(
    order: SourceOrder, order_id: str, *, parts: Sequence[SourcePart] = (), changes: Sequence[OwnChange] = ()
) -> Built:
    """The order's life from everything told and done.

    Raises:
        MerchantError: the lines alone make no order (see `check_news`, which refuses such orders first).
    """
    told = with_parts(order, parts)
    builder = _Builder(told, order_id)
    builder.payments()
    builder.parcels()
    builder.cancelled_units()
    builder.refunds()
    life = builder.ended(builder.life())
    superseded: list[int] = []
    for own in changes:
        try:
            life = apply_change(life, own.change, own.stamp)
        except MerchantError:
            superseded.append(own.number)
    return Built(told, life, tuple(builder.flags), tuple(superseded))


class _Builder:
    """Collects the parts of one life; every state comes out of the transition tables, the sums are checked once."""

    def __init__(self, order: SourceOrder, order_id: str) -> None:
        self._order, self._id = order, order_id
        self._who = f"shop:{order.source}"
        self.flags: list[str] = []
        self._history: list[Transition] = []
        self._stamp: Stamp | None = None
        self._state = OrderState.PLACED
        self._lines = {x.id: LifeLine(x.id, x.sku, x.quantity, x.unit_price) for x in order.lines}
        self._payments: dict[str, Payment] = {}
        self._fulfilments: list[Fulfilment] = []
        self._parcels: list[Parcel] = []
        self._returns: list[Return] = []
        self._refunds: list[Refund] = []
        self._allocated: dict[str, int] = {}
        self._delivered: dict[str, int] = {}
        self._note(order.placed_at, "order", order_id, "place", "", OrderState.PLACED)
        gross = sum(line.unit_price.minor * line.quantity for line in order.lines)
        self._left_to_take = gross + order.charges.minor

    def _note(self, at: datetime, thing: str, name: str, event: str, before: str, after: str) -> None:
        # Much happens at one instant: its stamp is made once.
        if self._stamp is None or self._stamp.at != at:
            self._stamp = Stamp(at, self._who, "told by the shop")
        self._history.append(Transition(self._stamp, thing, name, event, before, after))

    def _accept(self, at: datetime) -> None:
        if self._state is OrderState.PLACED:
            self._state = ORDER.after(self._state, OrderEvent.ACCEPT)
            self._note(at, "order", self._id, OrderEvent.ACCEPT, OrderState.PLACED, self._state)

    def payments(self) -> None:
        """Payments in the order told; what would take more than the order costs is left out."""
        for told in self._order.payments:
            if told.amount.minor <= 0:
                continue
            taken = told.captured.minor if told.state == "captured" else 0
            if taken > self._left_to_take:
                self.flags.append(f"payment {told.id} takes {told.captured}, more than the order costs")
                continue
            self._left_to_take -= taken
            walk = _PAYMENTS[told.state if taken or told.state != "captured" else "authorised"]
            self._note(told.at, "payment", told.id, "expect", "", PaymentState.PENDING)
            for event, before, after in walk.steps:
                word = f"{event} {told.captured}" if event is PaymentEvent.CAPTURE else event
                self._note(told.at, "payment", told.id, word, before, after)
            captured = told.captured if taken else Money(0, told.amount.currency)
            self._payments[told.id] = Payment(told.id, told.method, told.amount, captured, walk.end)
            if walk.end in (PaymentState.AUTHORISED, PaymentState.CAPTURED):
                self._accept(told.at)

    def parcels(self) -> None:
        """Parcels in the order told; one that holds more units than are left of a line is left out."""
        for told in self._order.parcels:
            problem = self._parcel_problem(told)
            if problem:
                self.flags.append(f"parcel {told.id} {problem}")
                continue
            self._accept(told.at)
            walk = _FULFILMENTS.get(told.state, _HANDED)
            self._note(told.at, "fulfilment", told.id, "allocate", "", FulfilmentState.OPEN)
            for event, before, after in walk.steps:
                self._note(told.at, "fulfilment", told.id, event, before, after)
            self._fulfilments.append(Fulfilment(told.id, told.warehouse or "-", dict(told.units), walk.end))
            if walk.end is FulfilmentState.DISPATCHED:
                self._ship(told)
            if told.state not in ("cancelled", "returned", "lost"):
                _more(self._allocated, told.units)

    def _parcel_problem(self, told: SourceParcel) -> str:
        if not told.units:
            return "holds nothing"
        if unknown := next((line for line in told.units if line not in self._lines), ""):
            return f"holds the line {unknown}, which the order does not have"
        for line, count in told.units.items():
            left = self._lines[line].ordered - self._allocated.get(line, 0)
            if count > left:
                return f"holds {count} of line {line}, of which {left} are left"
        return ""

    def _ship(self, told: SourceParcel) -> None:
        walk = _SHIPMENTS[told.state]
        self._note(told.at, "shipment", told.id, "create", "", ShipmentState.CREATED)
        for event, before, after in walk.steps:
            at = told.at if event is ShipmentEvent.HAND_OVER else told.ended_at or told.at
            self._note(at, "shipment", told.id, event, before, after)
        self._parcels.append(Parcel(told.id, told.id, told.carrier, told.tracking_number, dict(told.units), walk.end))
        if walk.end is ShipmentState.DELIVERED:
            _more(self._delivered, told.units)

    def cancelled_units(self) -> None:
        """Units taken off lines again."""
        for line in self._order.lines:
            if not line.cancelled:
                continue
            if line.cancelled + self._allocated.get(line.id, 0) > line.quantity:
                self.flags.append(f"line {line.id}: {line.cancelled} units taken off, but they were sent")
                continue
            self._lines[line.id] = replace(self._lines[line.id], cancelled=line.cancelled)
            self._note(self._order.version, "line", line.id, "cancel", "0", str(line.cancelled))

    def refunds(self) -> None:
        """Refunds in the order told, each to a payment that has that much left; with the goods that came back."""
        for told in self._order.refunds:
            if told.amount.minor <= 0:
                continue
            payment = self._payment_for(told)
            if payment is None:
                self.flags.append(f"refund {told.id} of {told.amount} is above what was paid and not yet refunded")
                continue
            returned = self._return(told)
            walk = _REFUNDS[told.state]
            self._note(told.at, "refund", told.id, f"request {told.amount}", "", RefundState.REQUESTED)
            for event, before, after in walk.steps:
                self._note(told.at, "refund", told.id, event, before, after)
            self._refunds.append(Refund(told.id, payment, told.amount, told.reason, returned, walk.end))

    def _payment_for(self, told: SourceRefund) -> str | None:
        if told.amount.currency != self._order.total.currency:
            return None
        named = [told.payment_id] if told.payment_id in self._payments else list(self._payments)
        for payment_id in named:
            alive = (r for r in self._refunds if r.payment_id == payment_id and r.state is not RefundState.FAILED)
            left = self._payments[payment_id].captured.minor - sum(refund.amount.minor for refund in alive)
            if told.amount.minor <= left:
                return payment_id
        return None

    def _return(self, told: SourceRefund) -> str:
        # Only delivered units can come back; whether others were is not ours to guess.
        units: Units = {line: count for line, count in told.units.items() if 0 < count <= self._delivered.get(line, 0)}
        if not units or told.state != "settled":
            return ""
        for line, count in units.items():
            self._delivered[line] -= count
        name = f"return-{told.id}"
        self._note(told.at, "return", name, "request", "", ReturnState.REQUESTED)
        for event, before, after in _RETURN.steps:
            self._note(told.at, "return", name, event, before, after)
        self._returns.append(Return(name, units, told.reason or "-", _RETURN.end))
        return name

    def life(self) -> OrderLife:
        """The life so far; its constructor checks the sums."""
        return OrderLife(
            id=self._id,
            state=self._state,
            charges=self._order.charges,
            lines=tuple(self._lines.values()),
            payments=tuple(self._payments.values()),
            fulfilments=tuple(self._fulfilments),
            parcels=tuple(self._parcels),
            returns=tuple(self._returns),
            refunds=tuple(self._refunds),
            history=tuple(self._history),
        )

    def ended(self, life: OrderLife) -> OrderLife:
        """The life cancelled or closed, where the shop says so and it is possible."""
        if self._order.cancelled_at is not None:
            why = self._order.cancel_reason.strip() or "told by the shop"
            try:
                return move_order(life, OrderEvent.CANCEL, Stamp(self._order.cancelled_at, self._who, why))
            except Conflict:
                self.flags.append("the shop cancelled it although units were sent")
        elif self._order.closed_at is not None and life.state is OrderState.ACCEPTED:
            try:
                return move_order(life, OrderEvent.CLOSE, Stamp(self._order.closed_at, self._who, "told by the shop"))
            except Conflict:
                return life  # the shop archives orders that are still on their way; that is no contradiction
        return life


def _more(total: dict[str, int], units: Units) -> None:
    for line, count in units.items():
        total[line] = total.get(line, 0) + count
