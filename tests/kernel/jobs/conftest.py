"""Fixtures of jobs: a ledger to count effects in, and a factory of Jobs that are closed afterwards."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.conftest import TESTER
from tests.kernel.jobs.ledger import LedgerKind, lines, tables

from zhanggui.kernel.jobs import Job, JobKind, Jobs
from zhanggui.kernel.storage import Database
from zhanggui.kernel.types import JsonObject

MakeJobs = Callable[..., Jobs]


@pytest.fixture
def books(database: Database) -> Iterator[Database]:
    """The database with an empty ledger beside the house's tables."""
    tables.drop_all(database.engine)
    tables.create_all(database.engine)
    yield database
    tables.drop_all(database.engine)


@pytest.fixture
def make_jobs(books: Database, tmp_path: Path) -> Iterator[MakeJobs]:
    """Makes Jobs with the kinds given, launched if asked."""
    made: list[Jobs] = []

    def make(*kinds: JobKind, launched: bool = False) -> Jobs:
        jobs = Jobs(books, tmp_path / "data")
        for kind in kinds or (LedgerKind(),):
            jobs.register(kind)
        made.append(jobs)
        if launched:
            jobs.launch()
        return jobs

    yield make
    for jobs in made:
        jobs.close()


def begin_job(
    jobs: Jobs, database: Database, arguments: JsonObject, *, kind: str = "ledger", key: str | None = None
) -> str:
    """Start a job for m1 in a transaction of its own."""
    with database.begin("m1", TESTER) as uow:
        return jobs.start(uow, kind, arguments, key=key)


def look(jobs: Jobs, database: Database, job_id: str) -> Job:
    """m1's job as it is now."""
    with database.begin("m1", TESTER, read_only=True) as uow:
        return jobs.get(uow, job_id)


def steer(jobs: Jobs, database: Database, job_id: str, command: str) -> Job:
    """Give m1's job a command in a transaction of its own."""
    with database.begin("m1", TESTER) as uow:
        return jobs.command(uow, job_id, command)  # type: ignore[arg-type]


def effects(database: Database) -> list[str]:
    """m1's ledger lines."""
    with database.begin("m1", TESTER, read_only=True) as uow:
        return lines(uow)


def until(true: Callable[[], bool]) -> None:
    """Wait for something that another thread will bring about."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
