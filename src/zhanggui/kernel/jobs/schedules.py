"""Jobs that start by themselves: a merchant's cron schedules, each due instant started exactly once."""

import logging
from collections.abc import Mapping
from dataclasses import replace

from zhanggui.kernel.errors import NotFound, ZhangguiError
from zhanggui.kernel.jobs import store
from zhanggui.kernel.jobs.models import JobKind, Schedule
from zhanggui.kernel.jobs.rules import next_due
from zhanggui.kernel.jobs.start import start_job
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import JsonObject

_LOG = logging.getLogger(__name__)


class Schedules:
    """The merchant's own schedules. Instants missed while nothing ran are made up for by one start, not by many."""

    def __init__(self, kinds: Mapping[str, JobKind]) -> None:
        self._kinds = kinds

    def put(
        self, uow: UnitOfWork, name: str, *, kind: str, arguments: JsonObject, cron: str, timezone: str = "UTC"
    ) -> Schedule:
        """Add a schedule, or change and enable the one of this name.

        Raises:
            NotFound: no such kind of job.
            BadInput: the cron expression or the time zone is not one.
        """
        if kind not in self._kinds:
            raise NotFound(f"no kind of job {kind!r}")
        due = next_due(cron, timezone, uow.clock.now())
        schedule = Schedule(name, kind, arguments, cron, timezone, True, due, None)
        store.put_schedule(uow, schedule)
        return schedule

    def enable(self, uow: UnitOfWork, name: str, enabled: bool) -> Schedule:
        """Switch a schedule on or off; switched on, it is next due from now.

        Raises:
            NotFound: no such schedule.
        """
        schedule = store.get_schedule(uow, name, lock=True)
        if schedule is None:
            raise NotFound(f"no schedule {name!r}")
        due = next_due(schedule.cron, schedule.timezone, uow.clock.now())
        changed = replace(schedule, enabled=enabled, next_at=due)
        store.put_schedule(uow, changed)
        return changed

    def drop(self, uow: UnitOfWork, name: str) -> None:
        """Remove a schedule. Jobs that it started stay.

        Raises:
            NotFound: no such schedule.
        """
        if not store.drop_schedule(uow, name):
            raise NotFound(f"no schedule {name!r}")

    def all(self, uow: UnitOfWork) -> tuple[Schedule, ...]:
        """The merchant's schedules by name."""
        return store.list_schedules(uow)


def fire_due(database: Database, kinds: Mapping[str, JobKind]) -> int:
    """Start every scheduled job that is due, each in its own transaction with the schedule's next instant; how many.

    One that cannot be started (say, its arguments name a shop that is gone) is logged and goes on to its next instant.
    """
    with database.installation(read_only=True) as connection:
        due = store.due_schedules(connection, database.clock.now())
    return sum(_fire(database, kinds, merchant_id, name) for merchant_id, name in due)


def _fire(database: Database, kinds: Mapping[str, JobKind], merchant_id: str, name: str) -> bool:
    with database.begin(merchant_id, Actor("system", f"schedule {name}")) as uow:
        schedule = store.get_schedule(uow, name, lock=True)
        now = uow.clock.now()
        if schedule is None or not schedule.enabled or schedule.next_at > now or schedule.kind not in kinds:
            return False
        key = f"schedule:{name}:{schedule.next_at.isoformat()}"
        job_id = schedule.last_job_id
        try:
            with uow.connection.begin_nested():
                job_id = start_job(uow, kinds[schedule.kind], schedule.arguments, key=key)
        except ZhangguiError:
            _LOG.exception("schedule %s of merchant %s could not start its job", name, merchant_id)
        due = next_due(schedule.cron, schedule.timezone, now)
        store.put_schedule(uow, replace(schedule, next_at=due, last_job_id=job_id))
        return True
