"""Jobs on both databases, in the background and inline: each item once, failures told, steered, shown, kept apart."""

import fcntl
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from tests.conftest import TESTER
from tests.kernel.jobs.conftest import MakeJobs, begin_job, effects, look, steer, until
from tests.kernel.jobs.ledger import LedgerKind, ledger, prepare_plainly

from zhanggui.kernel.clock import FixedClock
from zhanggui.kernel.errors import BadInput, Conflict, NotFound, ProgrammerError, RetryLater
from zhanggui.kernel.jobs import Job, Jobs, Limits, WorkItem
from zhanggui.kernel.jobs.store import claim_job
from zhanggui.kernel.storage import Database, UnitOfWork
from zhanggui.kernel.types import JsonObject

_ITEMS = [f"item-{number}" for number in range(7)]


def _finish(jobs: Jobs, database: Database, job_id: str, *, background: bool) -> Job:
    if not background:
        return jobs.run("m1", job_id)
    until(lambda: look(jobs, database, job_id).state == "done")
    return look(jobs, database, job_id)


background = pytest.mark.parametrize("background", [True, False], ids=["background", "inline"])


@background
def test_every_item_is_saved_once_with_its_result(make_jobs: MakeJobs, books: Database, background: bool) -> None:
    jobs = make_jobs(launched=background)
    job_id = begin_job(jobs, books, {"count": 7})
    job = _finish(jobs, books, job_id, background=background)
    assert (job.state, job.progress.total, job.progress.done, job.progress.failed) == ("done", 7, 7, 0)
    assert job.started_at is not None and job.finished_at is not None and job.started_by == "person:tester"
    assert effects(books) == _ITEMS
    with books.begin("m1", TESTER) as uow:
        shown = jobs.items(uow, job_id).items
        keys = {row["prepared"]["key"] for row in uow.rows(uow.select(ledger))}
    assert [item.result for item in shown] == [{"saved": number * 2} for number in range(7)]
    assert keys == {f"{job_id}:{item}" for item in _ITEMS}


def _troubled(item: JsonObject, number: int) -> JsonObject:
    answers: dict[int, object] = {1: {"twice": {1, 2}}, 2: ["no", "object"], 3: {"twice": "\ud800"}}
    if number == 0:
        raise ValueError("模型胡说 \0 nonsense")
    if number == 4:
        threading.Event().wait(2)
    return answers.get(number, {"twice": 1})  # type: ignore[return-value]


def _refuse_five(_uow: UnitOfWork, item: JsonObject) -> None:
    if item["number"] == 5:
        raise BadInput(field="price", expected="a number", found="abc")


@background
def test_a_failing_item_says_why_and_the_job_goes_on(make_jobs: MakeJobs, books: Database, background: bool) -> None:
    kind = LedgerKind(
        limits=Limits(concurrency=2, timeout=0.3),
        prepare=lambda _merchant, item, _key: _troubled(item, int(str(item["number"]))),
        before_save=_refuse_five,
    )
    jobs = make_jobs(kind, launched=background)
    job_id = begin_job(jobs, books, {"count": 7})
    job = _finish(jobs, books, job_id, background=background)
    assert (job.progress.done, job.progress.failed) == (1, 6)
    assert effects(books) == ["item-6"]
    with books.begin("m1", TESTER) as uow:
        failed = jobs.items(uow, job_id, state="failed").items
    reasons = {item.key: item.error or "" for item in failed}
    assert "模型胡说" in reasons["item-0"] and "\0" not in reasons["item-0"]
    assert all(reasons[f"item-{number}"].startswith("TypeError") for number in (1, 2, 3)), reasons
    assert "no answer within 0.3 seconds" in reasons["item-4"]
    assert reasons["item-5"] == "BadInput: price: expected a number, found 'abc'"
    assert all(item.result is None for item in failed)


@background
def test_failed_items_are_tried_again_under_the_same_key(
    make_jobs: MakeJobs, books: Database, background: bool
) -> None:
    asked: Counter[str] = Counter()

    def prepare(_merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        asked[key] += 1
        if asked[key] == 1 and item["number"] == 2:
            raise ValueError("not today")
        return {"twice": 0}

    jobs = make_jobs(LedgerKind(prepare=prepare), launched=background)
    job_id = begin_job(jobs, books, {"count": 4})
    assert _finish(jobs, books, job_id, background=background).progress.failed == 1
    assert steer(jobs, books, job_id, "retry").state == "queued"
    job = _finish(jobs, books, job_id, background=background)
    assert (job.progress.done, job.progress.failed) == (4, 0)
    assert effects(books) == _ITEMS[:4]
    assert asked == {f"{job_id}:item-{number}": 2 if number == 2 else 1 for number in range(4)}


@background
def test_a_kind_that_does_nothing_outside_is_prepared_inside(
    make_jobs: MakeJobs, books: Database, background: bool
) -> None:
    kind = LedgerKind(
        limits=Limits(concurrency=2, outside=False),
        prepare=lambda _merchant, item, _key: _troubled(item, int(str(item["number"]))),
        before_save=_refuse_five,
    )
    jobs = make_jobs(kind, launched=background)
    job_id = begin_job(jobs, books, {"count": 7})
    job = _finish(jobs, books, job_id, background=background)
    assert (job.progress.done, job.progress.failed) == (2, 5)  # nobody times a stall inside a transaction
    assert effects(books) == ["item-4", "item-6"]


def test_retry_later_is_tried_again_and_given_up(make_jobs: MakeJobs, books: Database) -> None:
    asked: Counter[str] = Counter()

    def prepare(_merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        asked[key] += 1
        if item["number"] == 1 or asked[key] == 1:
            raise RetryLater("busy")
        return {"twice": 0}

    jobs = make_jobs(LedgerKind(prepare=prepare, limits=Limits(attempts=2, concurrency=2)))
    job = jobs.run("m1", begin_job(jobs, books, {"count": 2}))
    assert (job.progress.done, job.progress.failed) == (1, 1)
    assert set(asked.values()) == {2}


class _Gate:
    """Holds items back until it is opened; counts those that stand before it."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.waiting = 0
        self.most = 0
        self.lock = threading.Lock()

    def prepare(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        with self.lock:
            self.waiting += 1
            self.most = max(self.most, self.waiting)
        self.open.wait(60)
        with self.lock:
            self.waiting -= 1
        return prepare_plainly(merchant_id, item, key)


@pytest.mark.parametrize("command", ["pause", "cancel"])
def test_after_pause_or_cancel_nothing_is_applied_until_resumed(
    make_jobs: MakeJobs, books: Database, command: str
) -> None:
    gate = _Gate()
    jobs = make_jobs(LedgerKind(prepare=gate.prepare), launched=True)
    job_id = begin_job(jobs, books, {"count": 6})
    until(lambda: gate.waiting == 2)
    stopped = steer(jobs, books, job_id, command)
    gate.open.set()
    until(lambda: gate.waiting == 0)
    jobs.close()
    assert effects(books) == []
    assert stopped.state == look(jobs, books, job_id).state == {"pause": "paused", "cancel": "cancelled"}[command]
    jobs.launch()
    assert steer(jobs, books, job_id, "resume").state == "queued"
    assert _finish(jobs, books, job_id, background=True).progress.done == 6
    assert effects(books) == _ITEMS[:6]


@background
def test_no_more_items_at_once_than_the_limit(make_jobs: MakeJobs, books: Database, background: bool) -> None:
    gate = _Gate()
    gate.open.set()
    jobs = make_jobs(LedgerKind(prepare=gate.prepare, limits=Limits(concurrency=3, chunk=2)), launched=background)
    started = [begin_job(jobs, books, {"count": 9}) for _ in range(2)]
    for job_id in started:
        assert _finish(jobs, books, job_id, background=background).progress.done == 9
    assert gate.most <= 3
    assert Counter(effects(books)) == Counter([f"item-{number}" for number in range(9)] * 2)


def test_a_later_small_job_does_not_wait_for_a_big_one(make_jobs: MakeJobs, books: Database) -> None:
    order: list[str] = []

    def prepare(merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        order.append(key.split(":")[0])
        return prepare_plainly(merchant_id, item, key)

    jobs = make_jobs(LedgerKind(prepare=prepare, limits=Limits(concurrency=1, chunk=5)))
    big, small = begin_job(jobs, books, {"count": 40}), begin_job(jobs, books, {"count": 5})
    jobs.launch()
    for job_id in (big, small):
        _finish(jobs, books, job_id, background=True)
    assert order.index(small) < 25 and order[-1] == big


def test_close_leaves_the_rest_for_the_next_launch(make_jobs: MakeJobs, books: Database) -> None:
    gate = _Gate()
    jobs = make_jobs(LedgerKind(prepare=gate.prepare), launched=True)
    job_id = begin_job(jobs, books, {"count": 5})
    until(lambda: gate.waiting == 2)
    jobs.close(grace=0.1)
    assert look(jobs, books, job_id).state == "running" and effects(books) == []
    gate.open.set()
    jobs.launch()
    assert _finish(jobs, books, job_id, background=True).progress.done == 5
    assert effects(books) == _ITEMS[:5]


def test_one_process_at_a_time_runs_the_jobs_of_a_data_directory(
    make_jobs: MakeJobs, books: Database, tmp_path: Path
) -> None:
    jobs = make_jobs()
    (tmp_path / "data").mkdir()
    with (tmp_path / "data" / "jobs.lock").open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Conflict, match="another process"):
            jobs.launch()
    jobs.launch()
    with pytest.raises(ProgrammerError):
        make_jobs(launched=True)
    with pytest.raises(ProgrammerError):
        jobs.register(LedgerKind(name="late"))


def test_a_background_job_is_waited_for_and_a_dead_worker_succeeded(
    make_jobs: MakeJobs, books: Database, clock: FixedClock
) -> None:
    jobs = make_jobs(launched=True)
    job_id = begin_job(jobs, books, {"count": 30})
    seen: list[int] = []
    assert jobs.run("m1", job_id, watch=lambda job: seen.append(job.progress.done)).state == "done"
    assert seen == sorted(seen) and seen[-1] == 30
    jobs.close()
    again = begin_job(jobs, books, {"count": 3})
    with books.begin("m1", TESTER) as uow:
        assert claim_job(uow, again, "inline-dead", clock.now() + timedelta(minutes=5))
        assert not claim_job(uow, again, "another", clock.now())
    clock.advance(timedelta(minutes=6))
    assert jobs.run("m1", again).progress.done == 3


def test_the_same_key_is_the_same_job(make_jobs: MakeJobs, books: Database) -> None:
    jobs = make_jobs()
    first = begin_job(jobs, books, {"count": 3}, key="nightly")
    assert begin_job(jobs, books, {"count": 99}, key="nightly") == first
    assert begin_job(jobs, books, {"count": 3}, key="other") != first
    with books.begin("m2", TESTER) as uow:
        assert jobs.start(uow, "ledger", {"count": 1}, key="nightly") != first
    assert look(jobs, books, first).progress.total == 3


def test_a_job_of_a_rolled_back_transaction_never_was(make_jobs: MakeJobs, books: Database) -> None:
    jobs = make_jobs(launched=True)
    with pytest.raises(RuntimeError), books.begin("m1", TESTER) as uow:
        jobs.start(uow, "ledger", {"count": 3})
        raise RuntimeError
    with books.begin("m1", TESTER) as uow:
        assert jobs.page(uow).total == 0


def test_merchants_see_only_their_own(make_jobs: MakeJobs, books: Database) -> None:
    jobs = make_jobs()
    job_id = begin_job(jobs, books, {"count": 3})
    with books.begin("m2", TESTER) as uow:
        assert jobs.page(uow).total == 0 and jobs.items(uow, job_id).total == 0
        for act in (lambda: jobs.get(uow, job_id), lambda: jobs.command(uow, job_id, "cancel")):
            with pytest.raises(NotFound):
                act()
    with pytest.raises(NotFound):
        jobs.run("m2", job_id)


def test_pages_of_jobs_and_items(make_jobs: MakeJobs, books: Database) -> None:
    jobs = make_jobs(LedgerKind(), LedgerKind(name="other"))
    started = [begin_job(jobs, books, {"count": 5}) for _ in range(3)]
    begin_job(jobs, books, {"count": 1}, kind="other")
    jobs.run("m1", started[0])
    with books.begin("m1", TESTER) as uow:
        first = jobs.page(uow, kind="ledger", limit=2)
        second = jobs.page(uow, kind="ledger", limit=2, cursor=first.next_cursor)
        assert [job.id for job in (*first.items, *second.items)] == started[::-1]
        assert first.total == 3 and second.next_cursor is None
        assert [job.id for job in jobs.page(uow, state="done").items] == started[:1]
        head = jobs.items(uow, started[1], limit=3)
        tail = jobs.items(uow, started[1], limit=3, cursor=head.next_cursor)
        assert [item.position for item in (*head.items, *tail.items)] == [0, 1, 2, 3, 4]
        assert head.total == 5 and tail.next_cursor is None


def test_commands_that_the_state_does_not_allow(make_jobs: MakeJobs, books: Database) -> None:
    jobs = make_jobs()
    job_id = begin_job(jobs, books, {"count": 1})
    with pytest.raises(Conflict, match="cannot resume a job that is queued"):
        steer(jobs, books, job_id, "resume")
    assert jobs.run("m1", job_id).state == "done"
    for command in ("pause", "cancel", "resume"):
        with pytest.raises(Conflict):
            steer(jobs, books, job_id, command)
    assert steer(jobs, books, job_id, "retry").state == "done"


class _Odd(LedgerKind):
    def items(self, _uow: UnitOfWork, arguments: JsonObject) -> list[WorkItem]:
        return [WorkItem(str(key), {"number": 1}) for key in arguments["keys"]]  # type: ignore[union-attr]


def test_odd_items(make_jobs: MakeJobs, books: Database) -> None:
    jobs = make_jobs(_Odd())
    assert look(jobs, books, begin_job(jobs, books, {"keys": []})).state == "done"
    twice = begin_job(jobs, books, {"keys": ["商品-1", "商品-1", "<b>"]})
    assert look(jobs, books, twice).progress.total == 2
    for bad in ("", "x" * 201, "nul\0"):
        with pytest.raises(BadInput, match="row 2, key"):
            begin_job(jobs, books, {"keys": ["good", bad]})
    with pytest.raises(NotFound, match="no kind of job"):
        begin_job(jobs, books, {}, kind="unknown")
