"""Scheduled work of marketing: customers taken from orders and measured anew, recommendations learnt anew."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import cast

from zhanggui.kernel.jobs import Jobs, Limits, WorkItem
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.marketing.ports import OrderBook
from zhanggui.marketing.service.customers import refresh_customers
from zhanggui.marketing.service.serving import Recommender

REFRESH_JOB = "customers-refresh"
RECOMMEND_JOB = "recommendations-learn"
_NIGHTLY = (
    ("marketing: customers", REFRESH_JOB, "23 18 * * *"),
    ("marketing: recommendations", RECOMMEND_JOB, "53 18 * * *"),
)


def schedule_marketing(jobs: Jobs, uow: UnitOfWork) -> None:
    """Refresh customers and learn recommendations every night; a schedule that is there stays as it was left."""
    there = {one.name for one in jobs.schedules.all(uow)}
    for name, kind, cron in _NIGHTLY:
        if name not in there:
            jobs.schedules.put(uow, name, kind=kind, arguments={}, cron=cron)


class RefreshCustomersJob:
    """Takes in orders and measures customers; arguments: all (true: every order again). One item is the shop."""

    name = REFRESH_JOB
    limits = Limits(outside=False)

    def __init__(self, book: OrderBook) -> None:
        self._book = book

    def items(self, uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        """One item: measures compare customers with one another, so they are computed together."""
        yield WorkItem("shop", {"all": arguments.get("all") is True})

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        """Nothing to prepare: all is done in the saving transaction."""
        return {}

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        """Refresh; what was done."""
        return cast(JsonObject, asdict(refresh_customers(uow, self._book, everything=bool(item["all"]))))


class RecommendJob:
    """Learns a shop's purchases anew; no arguments. One item is the shop.

    What is learnt stays in this process; other processes learn by themselves when what they have is old.
    """

    name = RECOMMEND_JOB
    limits = Limits(concurrency=1, timeout=3_600.0, attempts=3, chunk=1)

    def __init__(self, database: Database, recommender: Recommender) -> None:
        self._database, self._recommender = database, recommender

    def items(self, uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        """The one item."""
        yield WorkItem("shop", {})

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        """Read purchases, then learn with no transaction open."""
        with self._database.begin(merchant_id, Actor("job", RECOMMEND_JOB), read_only=True) as uow:
            purchases, now = self._recommender.gather(uow), uow.clock.now()
        fitted = self._recommender.learn(merchant_id, purchases, now)
        return {"lines": len(purchases), "items": len(fitted.sold)}

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        """Nothing to write: what is learnt is never stored."""
        return prepared
