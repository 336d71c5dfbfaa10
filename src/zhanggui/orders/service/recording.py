"""One order: its life, its timeline, and changes made here, each recorded with who and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zhanggui.kernel.commerce import ParcelStatus, SourceOrder, TrackingEvent, TrackingReport
from zhanggui.kernel.errors import Conflict
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders.models import OrderLife, ShipmentState, Stamp
from zhanggui.orders.models.intake import Change
from zhanggui.orders.rules.building import Built, build_life, with_parts
from zhanggui.orders.rules.changes import apply_change
from zhanggui.orders.rules.machines import ShipmentEvent
from zhanggui.orders.service.intake import Origin, rebuild
from zhanggui.orders.store import (
    OrderStore,
    OrderSummary,
    TimelineStep,
    TrackingStore,
    decided,
    order_summary,
    read_told,
)

_PARCEL_EVENTS = {
    ParcelStatus.PICKED_UP: ShipmentEvent.HAND_OVER,
    ParcelStatus.IN_TRANSIT: ShipmentEvent.HAND_OVER,
    ParcelStatus.OUT_FOR_DELIVERY: ShipmentEvent.OUT_FOR_DELIVERY,
    ParcelStatus.ATTEMPT_FAILED: ShipmentEvent.FAIL_ATTEMPT,
    ParcelStatus.READY_FOR_PICKUP: ShipmentEvent.ARRIVE_AT_PICKUP,
    ParcelStatus.DELIVERED: ShipmentEvent.DELIVER,
    ParcelStatus.RETURNING: ShipmentEvent.TURN_BACK,
    ParcelStatus.RETURNED: ShipmentEvent.RETURN,
    ParcelStatus.LOST: ShipmentEvent.LOSE,
}


@dataclass(frozen=True, slots=True)
class OrderDetails:
    """One order whole. `rules` are those of the arrival decision as recorded, `flags` what did not fit."""

    summary: OrderSummary
    told: SourceOrder
    life: OrderLife
    flags: tuple[str, ...]
    rules: tuple[Any, ...]
    timeline: tuple[TimelineStep, ...]
    tracking: dict[str, tuple[TrackingEvent, ...]]


def told_orders(uow: UnitOfWork, order_ids: Sequence[str]) -> dict[str, SourceOrder]:
    """These orders as their shops tell them, with parts told by themselves; by our id, unknown left out.

    Reads all of them at once: for whoever goes through many orders.
    """
    store = OrderStore(uow)
    parts = store.parts(order_ids)
    return {key: with_parts(told, parts.get(key, ())) for key, told in store.told(order_ids).items()}


def load_life(uow: UnitOfWork, order_id: str) -> OrderLife:
    """The order's life as it stands.

    Raises:
        NotFound: there is no such order.
    """
    return _built(uow, order_id).life


def order_details(uow: UnitOfWork, order_id: str) -> OrderDetails:
    """Everything about one order.

    Raises:
        NotFound: there is no such order.
    """
    summary = order_summary(uow, order_id)
    built = _built(uow, order_id)
    flags, rules = decided(uow, order_id)
    tracking = TrackingStore(uow)
    numbers = {parcel.tracking_number for parcel in built.life.parcels if parcel.tracking_number}
    return OrderDetails(
        summary=summary,
        told=built.told,
        life=built.life,
        flags=flags,
        rules=rules,
        timeline=OrderStore(uow).timeline(order_id),
        tracking={number: tracking.events(number) for number in sorted(numbers)},
    )


def order_timeline(uow: UnitOfWork, order_id: str) -> tuple[TimelineStep, ...]:
    """Every recorded transition of an order, oldest first, with who and why.

    Raises:
        NotFound: there is no such order.
    """
    order_summary(uow, order_id)
    return OrderStore(uow).timeline(order_id)


def record_event(uow: UnitOfWork, order_id: str, change: Change, *, why: str, who: str = "") -> OrderLife:
    """Change an order here, through the transition tables, and record it; the order's life afterwards.

    Args:
        uow: the open transaction.
        order_id: our id.
        change: what is done; see `Change`.
        why: the reason, in words.
        who: who does it, where that is not the unit of work's actor.

    Raises:
        NotFound: there is no such order, or it has no such part.
        Conflict: the order's state does not allow it; nothing is recorded.
        BadInput: the change is malformed.
    """
    summary = order_summary(uow, order_id)
    store = OrderStore(uow)
    store.lock_shop(summary.shop_id)
    before = _built(uow, order_id)
    stamp = Stamp(uow.clock.now(), who or str(uow.actor), why)
    life = apply_change(before.life, change, stamp)
    store.add_own(order_id, life.history[-1], change)
    by, head = str(uow.actor)[:40], store.head(order_id)
    rebuild(uow, {order_id: (head, read_told(head.told), by)}, Origin(summary.shop_id, by))
    return life


def record_tracking(uow: UnitOfWork, report: TrackingReport) -> int:
    """Keep a carrier's report; parcels under its number move on where their state allows. How many events were new."""
    tracking = TrackingStore(uow)
    new = tracking.add(report)
    event = _PARCEL_EVENTS.get(report.status)
    if event is None:
        return new
    why = f"{report.carrier}: {report.raw_status or report.status}"
    for order_id, parcel_id in tracking.orders_of(report.tracking_number):
        state = next(p.state for p in load_life(uow, order_id).parcels if p.id == parcel_id)
        if state is ShipmentState.CREATED and event is not ShipmentEvent.HAND_OVER:
            _try(uow, order_id, parcel_id, ShipmentEvent.HAND_OVER, why)
        _try(uow, order_id, parcel_id, event, why)
    return new


def _try(uow: UnitOfWork, order_id: str, parcel_id: str, event: ShipmentEvent, why: str) -> None:
    try:
        record_event(uow, order_id, Change("move_parcel", {"id": parcel_id, "event": str(event)}), why=why)
    except Conflict:
        return  # the parcel is further on already: carriers repeat themselves


def _built(uow: UnitOfWork, order_id: str) -> Built:
    store = OrderStore(uow)
    told = read_told(store.head(order_id).told)
    parts = store.parts([order_id]).get(order_id, ())
    own = store.own_changes([order_id]).get(order_id, ())
    return build_life(told, order_id, parts=parts, changes=own)
