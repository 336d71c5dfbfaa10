"""kill -9 at random instants: every item takes effect once; none is lost, none is done twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.kernel.jobs.killing import lives
from tests.kernel.jobs.ledger import LedgerKind, lines, tables
from tests.kernel.jobs.victim import work_on_ledger
from tests.postgres import fresh_database

from zhanggui.kernel.jobs import Jobs
from zhanggui.kernel.storage import Actor, Database, MerchantStore, metadata

_ACTOR = Actor("person", "tester")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database that other processes can open too."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'main.db'}"
        return
    with fresh_database(request.getfixturevalue("postgres_url")) as fresh:
        yield fresh


def kill_over_ledger(url: str, data_dir: Path, *, count: int, times: int, seed: int) -> int:
    """Start a ledger job of `count` items, kill its worker `times` times; how many of the kills found work going on."""
    database = Database(url)
    metadata.create_all(database.engine)
    tables.create_all(database.engine)
    MerchantStore(database).create("m1", name="Test shop")
    jobs = Jobs(database, data_dir)
    jobs.register(LedgerKind())
    with database.begin("m1", _ACTOR) as uow:
        job_id = jobs.start(uow, "ledger", {"count": count})
    interrupted = 0
    for death in lives(work_on_ledger, url, data_dir, times=times, longest=0.6, seed=seed):
        with database.begin("m1", _ACTOR, read_only=True) as uow:
            applied, progress = lines(uow), jobs.get(uow, job_id).progress
        assert len(applied) == len(set(applied)) == progress.done, "an item took effect twice or half"
        interrupted += death.killed and 0 < progress.done < count
    with database.begin("m1", _ACTOR, read_only=True) as uow:
        job = jobs.get(uow, job_id)
        assert lines(uow) == sorted(f"item-{number}" for number in range(count))
        assert (job.state, job.progress.done, job.progress.failed) == ("done", count, 0)
    database.close()
    return interrupted


@pytest.mark.slow
def test_every_item_takes_effect_once_whatever_is_killed_when(url: str, tmp_path: Path) -> None:
    interrupted = kill_over_ledger(url, tmp_path / "data", count=200, times=20, seed=20)
    assert interrupted > 0
