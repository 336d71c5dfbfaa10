"""An order as it stood at a past instant, and the moments of its past at which rules would have looked. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from zhanggui.kernel.errors import ZhangguiError
from zhanggui.kernel.types import Money
from zhanggui.orders.models import (
    ExchangeState,
    FulfilmentState,
    LifeLine,
    OrderLife,
    OrderState,
    PaymentState,
    RefundState,
    ReturnState,
    ShipmentState,
    Transition,
)
from zhanggui.orders.rules.automation import Moment, Trigger
from zhanggui.orders.rules.dossier import Dossier, dossier_facts
from zhanggui.orders.rules.machines import ExchangeEvent, OrderEvent

# The hours after an order at which the scheduled look would have found something new to say about an unpaid one.
_LOOKS = (1, 24, 48, 72, 96, 168)
_TRACED = {("order", "cancel"): "cancel-order", ("order", "hold"): "hold", ("fulfilment", "allocate"): "fulfil"}


class _Part(Protocol):
    @property
    def id(self) -> str: ...


Part = TypeVar("Part", bound=_Part)


def life_at(life: OrderLife, at: datetime) -> OrderLife | None:
    """The order as its recorded transitions leave it at an instant; None before it was placed.

    Raises:
        Conflict: what was recorded until then does not add up (a shop that tells of a refund before its payment).
    """
    past = tuple(step for step in life.history if step.stamp.at <= at)
    states = {(step.thing, step.id): step.after for step in past}
    if ("order", life.id) not in states:
        return None

    def there(thing: str, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        return tuple(part for part in parts if (thing, part.id) in states)

    return OrderLife(
        id=life.id,
        state=OrderState(states["order", life.id]),
        charges=life.charges,
        lines=_lines(life, past, states),
        payments=tuple(
            replace(p, state=PaymentState(states["payment", p.id]), captured=_captured(p.id, past, life.currency))
            for p in there("payment", life.payments)
        ),
        fulfilments=tuple(
            replace(f, state=FulfilmentState(states["fulfilment", f.id])) for f in there("fulfilment", life.fulfilments)
        ),
        parcels=tuple(
            replace(p, state=ShipmentState(states["shipment", p.id])) for p in there("shipment", life.parcels)
        ),
        returns=tuple(replace(r, state=ReturnState(states["return", r.id])) for r in there("return", life.returns)),
        refunds=tuple(replace(r, state=RefundState(states["refund", r.id])) for r in there("refund", life.refunds)),
        exchanges=tuple(
            replace(e, state=ExchangeState(states["exchange", e.id])) for e in there("exchange", life.exchanges)
        ),
        history=past,
    )


def moments_of(dossier: Dossier, until: datetime) -> Iterator[Moment]:
    """The instants at which rules would have looked at this order, oldest first, with what was known then.

    Stock and the desk's own acts of the past are not known; the address and the risk are those of today.
    """
    for at, trigger in sorted(_occasions(dossier, until), key=lambda one: one[0]):
        try:
            then = life_at(dossier.life, at)
        except ZhangguiError:
            continue
        if then is not None:
            facts = dossier_facts(replace(dossier, life=then, acts=(), stock=None), at)
            yield Moment(dossier.life.id, trigger, at, facts, _followed(dossier.life, at))


def _occasions(dossier: Dossier, until: datetime) -> Iterator[tuple[datetime, Trigger]]:
    words = {"shipment": Trigger.PARCEL, "return": Trigger.RETURN}
    for step in dossier.life.history:
        if step.thing == "order" and step.event == "place":
            yield step.stamp.at, Trigger.PLACED
        elif step.thing == "payment" and step.event.startswith("capture"):
            yield step.stamp.at, Trigger.PAID
        elif step.thing in words:
            yield step.stamp.at, words[step.thing]
    for hours in _LOOKS:
        at = dossier.told.placed_at + timedelta(hours=hours)
        if at <= until:
            yield at, Trigger.HOUR


def _followed(life: OrderLife, at: datetime) -> frozenset[str]:
    later = [step for step in life.history if step.stamp.at >= at]
    kinds = {_TRACED[step.thing, step.event] for step in later if (step.thing, step.event) in _TRACED}
    if any(step.thing == "refund" and step.event.startswith("request") for step in later):
        kinds.add("refund")
    return frozenset(kinds)


def _captured(payment_id: str, past: tuple[Transition, ...], currency: str) -> Money:
    taken = 0
    for step in past:
        word, _, amount = step.event.partition(" ")
        if step.thing == "payment" and step.id == payment_id and word == "capture":
            taken += Money.parse(amount.split(" ")[0], currency).minor
    return Money(taken, currency)


def _lines(life: OrderLife, past: tuple[Transition, ...], states: dict[tuple[str, str], str]) -> tuple[LifeLine, ...]:
    gone = any(step.thing == "order" and step.event == OrderEvent.CANCEL for step in past)
    dead = {s.id for s in past if s.thing == "exchange" and s.event in (ExchangeEvent.REJECT, ExchangeEvent.WITHDRAW)}
    lines: list[LifeLine] = []
    for line in life.lines:
        if line.exchange_id and ("exchange", line.exchange_id) not in states:
            continue
        cancelled = line.ordered if gone or line.exchange_id in dead else int(states.get(("line", line.id), "0"))
        lines.append(replace(line, cancelled=cancelled))
    return tuple(lines)
