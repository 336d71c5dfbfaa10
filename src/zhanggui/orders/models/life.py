"""The life of one order as records: payments, fulfilments, parcels, returns, refunds, exchanges, every transition.

An `OrderLife` that breaks conservation of units or money cannot be built: its constructor refuses it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from zhanggui.kernel.errors import BadInput, Conflict
from zhanggui.kernel.types import Money

Units = Mapping[str, int]  # line id -> how many units, each above 0


class OrderState(StrEnum):
    """Where the order as a whole stands; how far it is paid and sent is counted from its parts."""

    PLACED = "placed"
    ACCEPTED = "accepted"
    HELD = "held"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class PaymentState(StrEnum):
    """Where one payment stands; it may be captured in several parts."""

    PENDING = "pending"
    AUTHORISED = "authorised"
    CAPTURED = "captured"
    VOIDED = "voided"
    FAILED = "failed"


class FulfilmentState(StrEnum):
    """Where one warehouse's work on some units stands."""

    OPEN = "open"
    PICKING = "picking"
    PACKED = "packed"
    DISPATCHED = "dispatched"
    CANCELLED = "cancelled"


class ShipmentState(StrEnum):
    """Where one parcel stands."""

    CREATED = "created"
    IN_TRANSIT = "in-transit"
    OUT_FOR_DELIVERY = "out-for-delivery"
    ATTEMPT_FAILED = "attempt-failed"
    AT_PICKUP_POINT = "at-pickup-point"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    LOST = "lost"
    VOIDED = "voided"


class ReturnState(StrEnum):
    """Where the customer's return of delivered units stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    SENT_BACK = "sent-back"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class RefundState(StrEnum):
    """Where money on its way back to the customer stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    SENT = "sent"
    SETTLED = "settled"
    FAILED = "failed"
    REJECTED = "rejected"


class ExchangeState(StrEnum):
    """Where an exchange of delivered units for others stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REPLACEMENT_SENT = "replacement-sent"
    COMPLETED = "completed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who did something, when and why; all three are required."""

    at: datetime
    who: str
    why: str

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise BadInput(field="at", expected="a time with its zone", found=self.at.isoformat())
        for name, value in (("who", self.who), ("why", self.why)):
            if not value.strip():
                raise BadInput(field=name, expected="words", found=value)


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of one thing, as it was recorded. `before` is empty where the thing came into being."""

    stamp: Stamp
    thing: str
    id: str
    event: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LifeLine:
    """Ordered units of one SKU. `exchange_id` is set on lines that replace returned units."""

    id: str
    sku: str
    ordered: int
    unit_price: Money
    cancelled: int = 0
    exchange_id: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money promised (`amount`) and taken (`captured`) by one method."""

    id: str
    method: str
    amount: Money
    captured: Money
    state: PaymentState = PaymentState.PENDING


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """Units that one warehouse is to send."""

    id: str
    warehouse: str
    units: Units
    state: FulfilmentState = FulfilmentState.OPEN


@dataclass(frozen=True, slots=True)
class Parcel:
    """Units of one fulfilment that travel together."""

    id: str
    fulfilment_id: str
    carrier: str
    tracking_number: str
    units: Units
    state: ShipmentState = ShipmentState.CREATED


@dataclass(frozen=True, slots=True)
class Return:
    """Delivered units that the customer sends back."""

    id: str
    units: Units
    reason: str
    state: ReturnState = ReturnState.REQUESTED


@dataclass(frozen=True, slots=True)
class Refund:
    """Money back to one payment; `return_id` where returned goods are the cause."""

    id: str
    payment_id: str
    amount: Money
    reason: str
    return_id: str = ""
    state: RefundState = RefundState.REQUESTED


@dataclass(frozen=True, slots=True)
class Exchange:
    """A return whose units are replaced by the order lines that carry this exchange's id."""

    id: str
    return_id: str
    state: ExchangeState = ExchangeState.REQUESTED


_DEAD_RETURNS = frozenset({ReturnState.REJECTED, ReturnState.WITHDRAWN, ReturnState.DECLINED})
_DEAD_REFUNDS = frozenset({RefundState.FAILED, RefundState.REJECTED})
_DEAD_EXCHANGES = frozenset({ExchangeState.REJECTED, ExchangeState.WITHDRAWN})
_IDLE_PARCELS = frozenset({ShipmentState.VOIDED, ShipmentState.RETURNED, ShipmentState.LOST})


@dataclass(frozen=True, slots=True)
class OrderLife:
    """One order with everything that ever happened to it.

    Raises:
        Conflict: the parts do not add up (units sent above units ordered, refunds above captures ...).
    """

    id: str
    state: OrderState
    charges: Money
    lines: tuple[LifeLine, ...]
    payments: tuple[Payment, ...] = ()
    fulfilments: tuple[Fulfilment, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    returns: tuple[Return, ...] = ()
    refunds: tuple[Refund, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    history: tuple[Transition, ...] = ()

    def __post_init__(self) -> None:
        broken = next(_violations(self), None)
        if broken is not None:
            raise Conflict(f"order {self.id}: {broken}")

    @property
    def currency(self) -> str:
        """The one currency of the order."""
        return self.charges.currency

    def total(self) -> Money:
        """What the order costs now: units neither cancelled nor of a dead exchange, plus charges."""
        dead = {exchange.id for exchange in self.exchanges if exchange.state in _DEAD_EXCHANGES}
        minor = self.charges.minor
        for line in self.lines:  # all of one currency, which the constructor has seen to
            if line.exchange_id not in dead:
                minor += line.unit_price.minor * (line.ordered - line.cancelled)
        return Money(minor, self.currency)

    def captured(self) -> Money:
        """Money taken from the customer, over all payments."""
        return sum_money((payment.captured for payment in self.payments), self.currency)

    def refunded(self, payment_id: str = "") -> Money:
        """Money given or being given back (refunds that failed or were rejected do not count)."""
        alive = (r for r in self.refunds if r.state not in _DEAD_REFUNDS and payment_id in ("", r.payment_id))
        return sum_money((refund.amount for refund in alive), self.currency)

    def allocated(self) -> Counter[str]:
        """Units in fulfilments that are not cancelled, less units that came back unsold or were lost, per line."""
        held = _count(f.units for f in self.fulfilments if f.state is not FulfilmentState.CANCELLED)
        gone = _count(p.units for p in self.parcels if p.state in (ShipmentState.RETURNED, ShipmentState.LOST))
        return held - gone if gone else held

    def shipped(self) -> Counter[str]:
        """Units in parcels that are on their way or delivered, per line."""
        return _count(p.units for p in self.parcels if p.state not in _IDLE_PARCELS)

    def delivered(self) -> Counter[str]:
        """Units that reached the customer, per line."""
        return _count(p.units for p in self.parcels if p.state is ShipmentState.DELIVERED)

    def returned(self) -> Counter[str]:
        """Units asked to go back, going back or back (rejected, declined and withdrawn returns do not count)."""
        return _count(r.units for r in self.returns if r.state not in _DEAD_RETURNS)


def sum_money(amounts: Iterable[Money], currency: str) -> Money:
    """The exact sum; raises BadInput where currencies mix."""
    minor = 0
    for amount in amounts:
        if amount.currency != currency:
            return Money(minor, currency) + amount  # refused with Money's own words
        minor += amount.minor
    return Money(minor, currency)


def _count(many: Iterable[Units]) -> Counter[str]:
    total: Counter[str] = Counter()
    for units in many:
        for line, count in units.items():
            total[line] = total.get(line, 0) + count
    return total


_PART_NAMES = ("lines", "payments", "fulfilments", "parcels", "returns", "refunds", "exchanges")


def _violations(life: OrderLife) -> Iterator[str]:
    yield from _unit_violations(life)
    yield from _money_violations(life)
    for name in _PART_NAMES:
        parts = getattr(life, name)
        if len(parts) > 1 and len(parts) != len({part.id for part in parts}):
            yield f"an id is used twice among its {name}"


def _unit_violations(life: OrderLife) -> Iterator[str]:
    for line in life.lines:
        if line.ordered <= 0 or not 0 <= line.cancelled <= line.ordered:
            yield f"line {line.id} cancels more than was ordered, or orders nothing"
    if not (life.fulfilments or life.parcels or life.returns):
        return
    known = {line.id for line in life.lines}
    named = [*((f.id, f.units) for f in life.fulfilments), *((p.id, p.units) for p in life.parcels)]
    for part_id, units in [*named, *((r.id, r.units) for r in life.returns)]:
        if not units or any(type(count) is not int or count <= 0 for count in units.values()):
            yield f"{part_id} names no units, or not a whole number above 0"
        if set(units) - known:
            yield f"{part_id} names a line that the order does not have"
    yield from _line_violations(life)
    yield from _fulfilment_violations(life)


def _line_violations(life: OrderLife) -> Iterator[str]:
    allocated, shipped, delivered, returned = life.allocated(), life.shipped(), life.delivered(), life.returned()
    for line in life.lines:
        held, sent = allocated.get(line.id, 0), shipped.get(line.id, 0)
        if line.cancelled + held > line.ordered:
            yield f"line {line.id} has more units cancelled and allocated than ordered"
        if sent > held:
            yield f"line {line.id} has more units sent than allocated"
        if returned.get(line.id, 0) > delivered.get(line.id, 0):
            yield f"line {line.id} has more units returned than delivered"
    if life.state is OrderState.CANCELLED and (shipped or allocated):
        yield "it is cancelled but has units allocated or sent"


def _fulfilment_violations(life: OrderLife) -> Iterator[str]:
    for fulfilment in life.fulfilments:
        parcels = [p for p in life.parcels if p.fulfilment_id == fulfilment.id and p.state is not ShipmentState.VOIDED]
        sent = _count(parcel.units for parcel in parcels)
        if any(count > fulfilment.units.get(line, 0) for line, count in sent.items()):
            yield f"fulfilment {fulfilment.id} has more units sent than it holds"
        if parcels and fulfilment.state is not FulfilmentState.DISPATCHED:
            yield f"fulfilment {fulfilment.id} is {fulfilment.state} but has a parcel"


def _money_violations(life: OrderLife) -> Iterator[str]:
    amounts = [line.unit_price for line in life.lines]
    for payment in life.payments:
        amounts += (payment.amount, payment.captured)
    amounts += [refund.amount for refund in life.refunds]
    currency, captured, gross = life.charges.currency, 0, life.charges.minor
    for amount in amounts:
        if amount.currency != currency:
            yield f"an amount is not in {currency}"
            return
        if amount.minor < 0:
            yield "an amount is negative"
    for payment in life.payments:
        captured += payment.captured.minor
        if payment.amount.minor < payment.captured.minor:
            yield f"payment {payment.id} takes more than was authorised"
        if life.refunds and payment.captured.minor < life.refunded(payment.id).minor:
            yield f"payment {payment.id} is refunded above what was captured"
    for line in life.lines:
        gross += line.unit_price.minor * line.ordered
    if gross < captured:
        yield "more is captured than the order ever cost"
    yield from _refund_violations(life)


def _refund_violations(life: OrderLife) -> Iterator[str]:
    paid_ids = {payment.id for payment in life.payments} if life.refunds else ()
    if any(refund.payment_id not in paid_ids for refund in life.refunds):
        yield "a refund names a payment that the order does not have"
