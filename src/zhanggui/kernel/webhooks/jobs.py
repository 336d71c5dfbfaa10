"""Scheduled work: tell what happened."""

from collections.abc import Iterable

from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.jobs import Jobs, Limits, WorkItem
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.kernel.webhooks.service import Webhooks

WEBHOOKS_JOB = "webhooks-out"
_SCHEDULE = "webhooks: tell what happened"


class WebhooksJob:
    """Tells every registered address what it has not heard yet. No arguments; to run every minute."""

    name = WEBHOOKS_JOB
    limits = Limits(concurrency=4, timeout=60.0)

    def __init__(self, webhooks: Webhooks) -> None:
        self._webhooks = webhooks

    def items(self, uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        """What may be sent now; gathered in the transaction that starts the job."""
        for message_id in self._webhooks.gather(uow):
            yield WorkItem(message_id, {"message": message_id})

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        """Send one; after a crash it is sent again under the same id."""
        try:
            return self._webhooks.send(merchant_id, str(item["message"]))
        except NotFound:
            return {"gone": True}  # its address was removed meanwhile

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        """Record how it went."""
        if "gone" in prepared:
            return prepared
        return {"state": self._webhooks.settle(uow, str(item["message"]), prepared)}


def schedule_webhooks(jobs: Jobs, uow: UnitOfWork) -> None:
    """Set up what runs by itself for a merchant with an address; a schedule that is there stays as it was left."""
    if Webhooks.endpoints(uow) and _SCHEDULE not in {one.name for one in jobs.schedules.all(uow)}:
        jobs.schedules.put(uow, _SCHEDULE, kind=WEBHOOKS_JOB, arguments={}, cron="* * * * *")
