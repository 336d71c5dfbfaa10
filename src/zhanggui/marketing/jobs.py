"""Scheduled work of marketing: customers taken from orders and measured anew."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import cast

from zhanggui.kernel.jobs import Jobs, Limits, WorkItem
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.marketing.ports import OrderBook
from zhanggui.marketing.service.customers import refresh_customers

REFRESH_JOB = "customers-refresh"
_NIGHTLY = "marketing: customers"


def schedule_marketing(jobs: Jobs, uow: UnitOfWork) -> None:
    """Refresh customers every night; a schedule that is there stays as it was left."""
    if _NIGHTLY not in {one.name for one in jobs.schedules.all(uow)}:
        jobs.schedules.put(uow, _NIGHTLY, kind=REFRESH_JOB, arguments={}, cron="23 18 * * *")


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
