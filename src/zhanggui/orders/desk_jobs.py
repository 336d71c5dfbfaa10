"""Scheduled work of the desk on orders: rules look at what changed, exceptions are sought, the outbox is taken out."""

from collections.abc import Iterable
from dataclasses import asdict

from zhanggui.kernel.jobs import Limits, WorkItem
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.service.automations import Automations
from zhanggui.orders.service.delivering import Outbox
from zhanggui.orders.service.exceptions import ExceptionDesk

AUTOMATIONS_JOB, EXCEPTIONS_JOB, OUTBOX_JOB = "order-automations", "order-exceptions", "order-outbox"


class AutomationsJob:
    """One sweep of the merchant's rules over what changed; no arguments. To run every few minutes."""

    name = AUTOMATIONS_JOB
    limits = Limits(outside=False)

    def __init__(self, automations: Automations) -> None:
        self._automations = automations

    def items(self, uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        """The one sweep."""
        yield WorkItem("sweep")

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        """Nothing to prepare: all is done in the saving transaction."""
        return {}

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        """Sweep; how many orders were looked at."""
        return {"looked_at": self._automations.sweep(uow)}


class ExceptionsJob:
    """One look for exceptions over every open parcel; no arguments. To run hourly."""

    name = EXCEPTIONS_JOB
    limits = Limits(outside=False)

    def __init__(self, exceptions: ExceptionDesk) -> None:
        self._exceptions = exceptions

    def items(self, uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        """The one scan."""
        yield WorkItem("scan")

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        """Nothing to prepare."""
        return {}

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        """Scan; what was seen."""
        return asdict(self._exceptions.scan(uow))


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
