"""Schedules: each due instant starts one job, missed ones are made up for once, time zones are honoured."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import TESTER
from tests.kernel.jobs.conftest import MakeJobs
from tests.kernel.jobs.ledger import LedgerKind

from zhanggui.kernel.clock import FixedClock
from zhanggui.kernel.errors import BadInput, NotFound
from zhanggui.kernel.jobs.rules import next_due
from zhanggui.kernel.jobs.schedules import fire_due
from zhanggui.kernel.storage import Database

_KINDS = {"ledger": LedgerKind()}


def test_each_due_instant_starts_one_job(make_jobs: MakeJobs, books: Database, clock: FixedClock) -> None:
    jobs = make_jobs()
    with books.begin("m1", TESTER) as uow:  # Monday 2026-01-05 09:00 UTC is 17:00 in Shanghai
        made = jobs.schedules.put(
            uow, "morning", kind="ledger", arguments={"count": 2}, cron="30 6 * * *", timezone="Asia/Shanghai"
        )
    assert made.next_at == datetime(2026, 1, 5, 22, 30, tzinfo=UTC)
    assert fire_due(books, _KINDS) == 0
    clock.advance(timedelta(hours=13, minutes=30))
    assert [fire_due(books, _KINDS) for _ in range(3)] == [1, 0, 0]
    clock.advance(timedelta(days=5))
    assert [fire_due(books, _KINDS) for _ in range(3)] == [1, 0, 0]
    with books.begin("m1", TESTER) as uow:
        (schedule,) = jobs.schedules.all(uow)
        found = jobs.page(uow).items
    assert schedule.next_at == datetime(2026, 1, 11, 22, 30, tzinfo=UTC)
    assert len(found) == 2 and schedule.last_job_id == found[0].id
    assert {job.started_by for job in found} == {"system:schedule morning"}


def test_switched_off_dropped_or_of_another_merchant(make_jobs: MakeJobs, books: Database, clock: FixedClock) -> None:
    jobs = make_jobs()
    with books.begin("m1", TESTER) as uow:
        for name in ("off", "dropped"):
            jobs.schedules.put(uow, name, kind="ledger", arguments={"count": 1}, cron="* * * * *")
        jobs.schedules.enable(uow, "off", False)
        jobs.schedules.drop(uow, "dropped")
        with pytest.raises(NotFound):
            jobs.schedules.drop(uow, "dropped")
    clock.advance(timedelta(hours=1))
    assert fire_due(books, _KINDS) == 0
    with books.begin("m2", TESTER) as uow:
        assert jobs.schedules.all(uow) == ()
        with pytest.raises(NotFound):
            jobs.schedules.enable(uow, "off", True)


def test_one_that_cannot_start_does_not_stop_the_others(
    make_jobs: MakeJobs, books: Database, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(LedgerKind):
        def items(self, _uow: object, _arguments: object) -> list[object]:  # type: ignore[override]
            raise BadInput(field="shop", expected="a shop of yours", found="gone")

    kinds = {"ledger": LedgerKind(), "broken": Broken(name="broken")}
    jobs = make_jobs(*kinds.values())
    with books.begin("m1", TESTER) as uow:
        jobs.schedules.put(uow, "a", kind="broken", arguments={}, cron="0 * * * *")
        jobs.schedules.put(uow, "b", kind="ledger", arguments={"count": 1}, cron="0 * * * *")
    clock.advance(timedelta(hours=1))
    assert fire_due(books, kinds) == 2
    assert "could not start" in caplog.text
    with books.begin("m1", TESTER) as uow:
        assert [job.kind for job in jobs.page(uow).items] == ["ledger"]
        assert all(schedule.next_at > clock.now() for schedule in jobs.schedules.all(uow))


@pytest.mark.parametrize(
    ("cron", "timezone", "field"),
    [
        ("61 * * * *", "UTC", "cron"),
        ("* * * *", "UTC", "cron"),
        ("* * * * * *", "UTC", "cron"),
        ("@daily", "UTC", "cron"),
        ("每天早上", "UTC", "cron"),
        ("0 0 30 2 *", "UTC", "cron"),
        ("0," * 80 + "0 * * * *", "UTC", "cron"),
        ("* * * * *", "Mars/Base", "timezone"),
        ("* * * * *", "../../etc/passwd", "timezone"),
        ("* * * * *", "", "timezone"),
    ],
)
def test_bad_expressions_are_refused(cron: str, timezone: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        next_due(cron, timezone, datetime(2026, 1, 5, tzinfo=UTC))
    assert refused.value.field == field


@given(
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
    weekday=st.integers(0, 6),
    after=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
)
def test_next_due_is_the_first_minute_that_fits(minute: int, hour: int, weekday: int, after: datetime) -> None:
    found = next_due(f"{minute} {hour} * * {weekday}", "UTC", after)
    oracle = after.replace(hour=hour, minute=minute, second=0, microsecond=0)
    while oracle <= after or oracle.isoweekday() % 7 != weekday:
        oracle += timedelta(days=1)
    assert found == oracle
