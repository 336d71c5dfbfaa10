"""Scheduled work of the desk on orders: rules look at what changed, exceptions are sought, the outbox is taken out."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import cast

from zhanggui.kernel.jobs import Jobs, Limits, WorkItem
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, JsonValue
from zhanggui.orders.jobs import DELIVERIES_JOB, RECONCILE_JOB
from zhanggui.orders.service.automations import Automations
from zhanggui.orders.service.delivering import Outbox
from zhanggui.orders.service.exceptions import ExceptionDesk, Scanned
from zhanggui.orders.store import ConnectionStore, OrderQuery, search_orders

AUTOMATIONS_JOB, EXCEPTIONS_JOB, OUTBOX_JOB = "order-automations", "order-exceptions", "order-outbox"

# What runs by itself for a merchant with orders, and what besides for one with a connected shop: the schedule's name,
# the job, its arguments, when (cron, UTC).
_SCHEDULES: tuple[tuple[str, str, JsonObject, str], ...] = (
    ("orders: automations", AUTOMATIONS_JOB, {}, "*/5 * * * *"),
    ("orders: exceptions", EXCEPTIONS_JOB, {}, "7 * * * *"),
)
_CONNECTED: tuple[tuple[str, str, JsonObject, str], ...] = (
    ("orders: take out the outbox", OUTBOX_JOB, {}, "* * * * *"),
    ("orders: deliveries that wait", DELIVERIES_JOB, {"waiting": True}, "*/10 * * * *"),
    ("orders: ask shops what changed", RECONCILE_JOB, {"all": True}, "*/15 * * * *"),
)
_BATCH = 25


class AutomationsJob:
    """The merchant's rules look at what changed; no arguments. To run every few minutes. One item is some orders."""

    name = AUTOMATIONS_JOB
    limits = Limits(outside=False)

    def __init__(self, automations: Automations) -> None:
        self._automations = automations

    def items(self, uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        """What is due, in batches: so that no transaction keeps others waiting long."""
        due = self._automations.due(uow)
        for start in range(0, len(due), _BATCH):
            some: list[JsonValue] = [[order_id, only_time] for order_id, only_time in due[start : start + _BATCH]]
            yield WorkItem(str(start), {"orders": some})

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        """Nothing to prepare: all is done in the saving transaction."""
        return {}

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        """Look at the orders; how many rules fired."""
        fired = 0
        for order_id, only_time in cast(list[tuple[str, bool]], item["orders"]):
            fired += len(self._automations.look_at(uow, order_id, only_time=only_time))
        return {"fired": fired}


class ExceptionsJob:
    """Looks for exceptions over every open parcel; no arguments. To run hourly. One item is some orders."""

    name = EXCEPTIONS_JOB
    limits = Limits(outside=False)

    def __init__(self, exceptions: ExceptionDesk) -> None:
        self._exceptions = exceptions

    def items(self, uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        """What is due, in batches."""
        due = self._exceptions.due(uow)
        for start in range(0, len(due), _BATCH):
            yield WorkItem(str(start), {"orders": [*due[start : start + _BATCH]]})

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        """Nothing to prepare."""
        return {}

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        """Look at the orders; what was seen."""
        seen = Scanned()
        for order_id in cast(list[str], item["orders"]):
            seen = seen.plus(self._exceptions.look_at(uow, order_id))
        return asdict(seen)


class OutboxJob:
    """Delivers what waits in the outbox; no arguments. One item is one effect, its id the key outside."""

    name = OUTBOX_JOB
    limits = Limits(concurrency=4, timeout=60.0, attempts=5)

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    def items(self, uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        """The effects that something here can deliver."""
        for effect in self._outbox.waiting(uow):
            yield WorkItem(effect.id, {"effect": effect.id})

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        """Deliver it. After a crash it is delivered again under the same key."""
        return self._outbox.send(merchant_id, str(item["effect"]))

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        """Record the answer with what it means for the order."""
        return {"state": self._outbox.settle(uow, str(item["effect"]), prepared)}


def schedule_orders(jobs: Jobs, uow: UnitOfWork) -> list[str]:
    """Set up what runs by itself for this merchant; the names of the new schedules.

    A schedule that is there already stays as the merchant left it. One without orders and shops needs none.
    """
    connected = bool(ConnectionStore(uow).all())
    if not connected and not search_orders(uow, OrderQuery(limit=1)).items:
        return []
    known, new = {one.name for one in jobs.schedules.all(uow)}, list[str]()
    for name, kind, arguments, cron in (*_SCHEDULES, *(_CONNECTED if connected else ())):
        if name not in known:
            jobs.schedules.put(uow, name, kind=kind, arguments=arguments, cron=cron)
            new.append(name)
    return new
