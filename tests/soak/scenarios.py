"""What is killed, and what must hold after every death and at the end."""

from pathlib import Path

from tests.desk.stamps import draft, stamps
from tests.kernel.jobs.killing import lives
from tests.kernel.jobs.ledger import LedgerKind, lines, tables
from tests.kernel.jobs.victim import work_on_ledger
from tests.soak.applying import ApplyProposals, make_desk, work_on_desk

from zhanggui.desk import Inbox, State
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.jobs import JobKind, Jobs
from zhanggui.kernel.storage import Actor, Database, MerchantStore, metadata

_ACTOR = Actor("person", "tester")
# Seconds of work before a death, at most. DBOS takes up to a second to hand out what it recovered: shorter lives would
# mostly die while they wait.
_LONGEST = 1.5


def _open(url: str) -> Database:
    database = Database(url)
    metadata.create_all(database.engine)
    tables.create_all(database.engine)
    MerchantStore(database).create("m1", name="Test shop")
    return database


def _jobs(database: Database, data_dir: Path, kind: JobKind) -> Jobs:
    jobs = Jobs(database, data_dir)
    jobs.register(kind)
    return jobs


def kill_over_ledger(url: str, data_dir: Path, *, count: int, times: int, seed: int) -> int:
    """A job of `count` items that write a ledger; how many of `times` deaths found it half done.

    After every death a line stands in the ledger exactly for the items that are recorded done.
    """
    database = _open(url)
    jobs = _jobs(database, data_dir, LedgerKind())
    with database.begin("m1", _ACTOR) as uow:
        job_id = jobs.start(uow, "ledger", {"count": count})
    half_done = 0
    for death in lives(work_on_ledger, url, data_dir, times=times, longest=_LONGEST, seed=seed):
        with database.begin("m1", _ACTOR, read_only=True) as uow:
            applied, progress = lines(uow), jobs.get(uow, job_id).progress
        assert len(applied) == len(set(applied)) == progress.done, "an item took effect twice, or only half"
        half_done += death.killed and 0 < progress.done < count
    with database.begin("m1", _ACTOR, read_only=True) as uow:
        job = jobs.get(uow, job_id)
        assert lines(uow) == sorted(f"item-{number}" for number in range(count))
        assert (job.state, job.progress.done, job.progress.failed) == ("done", count, 0)
    database.close()
    return half_done


def kill_over_desk(url: str, data_dir: Path, *, count: int, times: int, seed: int) -> int:
    """A bulk apply of `count` approved proposals; how many of `times` deaths found it half done.

    After every death each applied proposal has stamped its thing once, no other has, and the audit chain is whole.
    """
    database = _open(url)
    desk = make_desk()
    jobs = _jobs(database, data_dir, ApplyProposals(desk))
    with database.begin("m1", _ACTOR) as uow:
        for proposal in desk.propose_many(uow, [draft(f"thing-{number}") for number in range(count)]):
            assert proposal is not None
            desk.approve(uow, proposal.id)
        job_id = jobs.start(uow, "apply-proposals", {})
    half_done = 0
    for death in lives(work_on_desk, url, data_dir, times=times, longest=_LONGEST, seed=seed):
        applied = _check_desk(database)
        half_done += death.killed and 0 < applied < count
    assert _check_desk(database) == count
    with database.begin("m1", _ACTOR, read_only=True) as uow:
        progress = jobs.get(uow, job_id).progress
        assert (progress.done, progress.failed) == (count, 0)
        results = {item.result["state"] for item in jobs.items(uow, job_id, limit=count).items if item.result}
        assert results == {"applied"}
    database.close()
    return half_done


def _check_desk(database: Database) -> int:
    with database.begin("m1", _ACTOR, read_only=True) as uow:
        counts = Inbox.counts(uow)
        applied = counts.get(("stamp", State.APPLIED), 0)
        assert set(counts) <= {("stamp", State.APPLIED), ("stamp", State.APPROVED)}, "a proposal went astray"
        times = [row["times"] for row in uow.rows(uow.select(stamps, stamps.c.times))]
        assert times == [1] * applied, "a proposal was applied twice, or only half"
        assert list(AuditLog(uow).verify()) == [], "the audit chain is broken"
    return applied
