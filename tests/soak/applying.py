"""Bulk apply of approved proposals as a job, to be killed while it works."""

from collections.abc import Iterable
from multiprocessing.connection import Connection
from pathlib import Path

from tests.desk.stamps import StampKind
from tests.kernel.jobs.victim import work

from zhanggui.desk import Desk, Filter, Inbox, Kinds, State
from zhanggui.kernel.jobs import Jobs, Limits, WorkItem
from zhanggui.kernel.storage import Database, UnitOfWork
from zhanggui.kernel.types import JsonObject


class ApplyProposals:
    """Applies every approved proposal, one an item."""

    name = "apply-proposals"
    limits = Limits(concurrency=2, outside=False)

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def items(self, uow: UnitOfWork, _arguments: JsonObject) -> Iterable[WorkItem]:
        return [WorkItem(found, {"proposal": found}) for found in Inbox.ids(uow, Filter(states=(State.APPROVED,)))]

    def run_item(self, _merchant_id: str, _item: JsonObject, _key: str) -> JsonObject:
        return {}

    def save_item(self, uow: UnitOfWork, item: JsonObject, _prepared: JsonObject, _key: str) -> JsonObject:
        return {"state": str(self._desk.apply(uow, str(item["proposal"])).state)}


def make_desk() -> Desk:
    """A desk that stamps."""
    kinds = Kinds()
    kinds.register(StampKind())
    return Desk(kinds)


def work_on_desk(parent: Connection, url: str, data_dir: str) -> None:
    """One life: go on with the bulk apply."""
    database = Database(url)
    jobs = Jobs(database, Path(data_dir))
    jobs.register(ApplyProposals(make_desk()))
    work(parent, database, jobs)
