"""Everything that ever happened to one order in one line of time: news, decisions, rules, messages, parcels."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from zhanggui.desk import Filter, Inbox
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders.service.recording import OrderDetails, order_details
from zhanggui.orders.store.automations import RunStore
from zhanggui.orders.store.outbox import OutboxStore

TrailSort = Literal["step", "parcel", "proposal", "rule", "effect"]
_MOST = 200


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One entry. `subject` is what it is about (a thing, a kind of proposal, a rule, an effect), `text` its words.

    `own`: done here rather than told by the shop or a carrier; `proposal`: where its decision stands.
    """

    at: datetime
    sort: TrailSort
    subject: str
    state: str
    who: str
    text: str
    own: bool = True
    proposal: str = ""
    place: str = ""


def order_trail(uow: UnitOfWork, order_id: str) -> tuple[OrderDetails, tuple[TrailEntry, ...]]:
    """The order with everything recorded about it, the newest first.

    Raises:
        NotFound: there is no such order.
    """
    details = order_details(uow, order_id)
    entries = [
        *_steps(details),
        *_parcels(details),
        *_proposals(uow, order_id),
        *_rules(uow, order_id),
        *_effects(uow, order_id),
    ]
    return details, tuple(sorted(entries, key=lambda one: one.at, reverse=True))


def _steps(details: OrderDetails) -> Iterator[TrailEntry]:
    for step in details.timeline:
        yield TrailEntry(step.at, "step", step.thing, step.after, step.who, step.why, step.own)


def _parcels(details: OrderDetails) -> Iterator[TrailEntry]:
    for number, events in details.tracking.items():
        for event in events:
            yield TrailEntry(event.at, "parcel", number, event.status, "", event.text, False, place=event.place)


def _proposals(uow: UnitOfWork, order_id: str) -> Iterator[TrailEntry]:
    for one in Inbox.page(uow, Filter(subject=order_id), limit=_MOST).items:
        yield TrailEntry(one.created_at, "proposal", one.kind, str(one.state), "", one.title, proposal=one.id)


def _rules(uow: UnitOfWork, order_id: str) -> Iterator[TrailEntry]:
    for run in RunStore(uow).of_order(order_id, limit=_MOST):
        yield TrailEntry(run.at, "rule", run.kind, run.mode, run.rule_id, "", proposal=run.proposal_id or "")


def _effects(uow: UnitOfWork, order_id: str) -> Iterator[TrailEntry]:
    for effect in OutboxStore(uow).of_order(order_id):
        words = effect.problem or str(effect.payload.get("text") or effect.payload.get("reason") or "")
        yield TrailEntry(effect.created_at, "effect", effect.effect, str(effect.state), "", words)
