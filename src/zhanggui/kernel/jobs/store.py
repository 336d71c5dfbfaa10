"""Tables and queries of jobs. Merchant-scoped ones take the unit of work; the dispatcher's look across merchants."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.jobs.models import Job, JobItem, JobState, Progress, Schedule, WorkItem
from zhanggui.kernel.jobs.rules import eta
from zhanggui.kernel.storage import UnitOfWork, UtcDateTime, merchant_table
from zhanggui.kernel.types import JsonObject, Page

jobs = merchant_table(
    "jobs",
    sa.Column("id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("key", sa.String(200)),
    sa.Column("arguments", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("chunk", sa.Integer, nullable=False),
    sa.Column("started_by", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("started_at", UtcDateTime),
    sa.Column("finished_at", UtcDateTime),
    # The pace is measured from here: set again when the job is resumed or retried.
    sa.Column("counting_from", UtcDateTime),
    sa.Column("counted_before", sa.Integer, nullable=False, default=0),
    # Which process works on it, and until when the others keep away.
    sa.Column("worker", sa.String(64)),
    sa.Column("lease_until", UtcDateTime),
    sa.UniqueConstraint("merchant_id", "kind", "key"),
    sa.Index("ix_jobs_state", "state"),
)

job_items = merchant_table(
    "job_items",
    sa.Column("job_id", sa.String(64), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("item_key", sa.String(200), nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("result", sa.JSON(none_as_null=True)),
    sa.Column("error", sa.Text),
    sa.Column("finished_at", UtcDateTime),
    sa.Index("ix_job_items_state", "merchant_id", "job_id", "state", "position"),
    key=("job_id", "position"),
)

job_schedules = merchant_table(
    "job_schedules",
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("arguments", sa.JSON, nullable=False),
    sa.Column("cron", sa.String(128), nullable=False),
    sa.Column("timezone", sa.String(64), nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("next_at", UtcDateTime, nullable=False),
    sa.Column("last_job_id", sa.String(64)),
    key=("name",),
)

_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A job that somebody should be working on, as the dispatcher sees it."""

    merchant_id: str
    id: str
    kind: str
    chunk: int
    mine: bool


def insert_job(uow: UnitOfWork, row: dict[str, Any], items: Sequence[WorkItem]) -> bool:
    """Write a job and its items; False (and nothing written) when its key is taken."""
    if not uow.insert_new(jobs, row):
        return False
    for first in range(0, len(items), _BATCH):
        uow.insert(
            job_items,
            [
                {
                    "job_id": row["id"],
                    "position": place,
                    "item_key": item.key,
                    "payload": item.payload,
                    "state": "pending",
                }
                for place, item in enumerate(items[first : first + _BATCH], first)
            ],
        )
    return True


def find_key(uow: UnitOfWork, kind: str, key: str) -> str | None:
    """The job of this kind that was started under `key`."""
    return uow.scalar(uow.select(jobs, jobs.c.id).where(jobs.c.kind == kind, jobs.c.key == key))


def job_state(uow: UnitOfWork, job_id: str, *, lock: Literal["share", "change"] | None = None) -> JobState | None:
    """The job's state; None when there is no such job. A lock keeps others from changing it in this transaction."""
    statement = uow.select(jobs, jobs.c.state).where(jobs.c.id == job_id)
    return uow.scalar(statement.with_for_update(read=lock == "share") if lock else statement)


def get_job(uow: UnitOfWork, job_id: str) -> Job:
    """One job with its progress.

    Raises:
        NotFound: the merchant has no such job.
    """
    found = list_jobs(uow, where=jobs.c.id == job_id, limit=1)
    if not found:
        raise NotFound(f"no job {job_id!r}")
    return found[0]


def list_jobs(uow: UnitOfWork, *, where: sa.ColumnElement[bool] | None = None, limit: int) -> list[Job]:
    """Jobs, newest first, each with its progress."""
    statement = uow.select(jobs).order_by(jobs.c.id.desc()).limit(limit)
    rows = uow.rows(statement if where is None else statement.where(where))
    counts = _counts(uow, [row["id"] for row in rows])
    return [_job(row, counts.get(row["id"], {}), uow.clock.now()) for row in rows]


def page_jobs(uow: UnitOfWork, *, state: str | None, kind: str | None, cursor: str | None, limit: int) -> Page[Job]:
    """One page of jobs, newest first; the cursor is the last job's id."""
    wanted = sa.and_(sa.true(), *([jobs.c.state == state] if state else []), *([jobs.c.kind == kind] if kind else []))
    total = uow.scalar(uow.select(jobs, sa.func.count()).where(wanted))
    found = list_jobs(uow, where=wanted & (jobs.c.id < cursor) if cursor else wanted, limit=limit + 1)
    more = len(found) > limit
    return Page(tuple(found[:limit]), total, found[limit - 1].id if more else None)


def count_jobs(uow: UnitOfWork) -> dict[str, int]:
    """How many jobs are in each state."""
    wanted = uow.select(jobs, jobs.c.state, sa.func.count().label("number")).group_by(jobs.c.state)
    return {row["state"]: int(row["number"]) for row in uow.rows(wanted)}


def page_items(uow: UnitOfWork, job_id: str, *, state: str | None, cursor: str | None, limit: int) -> Page[JobItem]:
    """One page of a job's items, in order; the cursor is the last item's position."""
    wanted = job_items.c.job_id == job_id
    if state:
        wanted &= job_items.c.state == state
    total = uow.scalar(uow.select(job_items, sa.func.count()).where(wanted))
    statement = uow.select(job_items).where(wanted).order_by(job_items.c.position).limit(limit + 1)
    rows = uow.rows(statement.where(job_items.c.position > int(cursor)) if cursor else statement)
    found = [_item(row) for row in rows[:limit]]
    return Page(tuple(found), total, str(found[-1].position) if len(rows) > limit else None)


def pending_item(uow: UnitOfWork, job_id: str, position: int, *, lock: bool = False) -> JobItem | None:
    """The item, unless it is already done or failed."""
    statement = uow.select(job_items).where(
        job_items.c.job_id == job_id, job_items.c.position == position, job_items.c.state == "pending"
    )
    row = uow.row(statement.with_for_update() if lock else statement)
    return None if row is None else _item(row)


def finish_item(
    uow: UnitOfWork, job_id: str, position: int, *, result: JsonObject | None = None, error: str | None = None
) -> None:
    """Mark a pending item done with its result, or failed with the reason."""
    uow.change(
        uow.update(job_items)
        .where(job_items.c.job_id == job_id, job_items.c.position == position, job_items.c.state == "pending")
        .values(state="done" if error is None else "failed", result=result, error=error, finished_at=uow.clock.now())
    )


def pending_positions(
    uow: UnitOfWork, job_id: str, *, first: int = 0, last: int | None = None, limit: int | None = None
) -> list[int]:
    """Positions of the items still to do, from `first` and before `last`."""
    statement = (
        uow.select(job_items, job_items.c.position)
        .where(job_items.c.job_id == job_id, job_items.c.state == "pending", job_items.c.position >= first)
        .order_by(job_items.c.position)
        .limit(limit)
    )
    if last is not None:
        statement = statement.where(job_items.c.position < last)
    return [row["position"] for row in uow.rows(statement)]


def pending_chunks(uow: UnitOfWork, job_id: str, size: int) -> list[int]:
    """Numbers of the chunks (position // size) that still hold a pending item."""
    number = (job_items.c.position - job_items.c.position % size) / size
    statement = (
        uow.select(job_items, sa.cast(number, sa.Integer).label("number"))
        .where(job_items.c.job_id == job_id, job_items.c.state == "pending")
        .distinct()
        .order_by("number")
    )
    return [row["number"] for row in uow.rows(statement)]


def close_job(uow: UnitOfWork, job_id: str) -> bool:
    """Mark a running job done when none of its items is pending; whether it was closed."""
    left = sa.exists().where(
        job_items.c.merchant_id == uow.merchant_id, job_items.c.job_id == job_id, job_items.c.state == "pending"
    )
    statement = uow.update(jobs).where(jobs.c.id == job_id, jobs.c.state == "running", ~left)
    return uow.change(statement.values(state="done", finished_at=uow.clock.now(), worker=None, lease_until=None)) == 1


def set_state(uow: UnitOfWork, job_id: str, *, expected: JobState, state: JobState) -> bool:
    """Move a job from one state to another; whether it was in the expected one. Nobody holds it afterwards."""
    values: dict[str, Any] = {"state": state, "worker": None, "lease_until": None, "finished_at": None}
    if state == "cancelled":
        values["finished_at"] = uow.clock.now()
    return uow.change(uow.update(jobs).where(jobs.c.id == job_id, jobs.c.state == expected).values(**values)) == 1


def reopen_failed(uow: UnitOfWork, job_id: str) -> int:
    """Make every failed item pending again; how many."""
    statement = uow.update(job_items).where(job_items.c.job_id == job_id, job_items.c.state == "failed")
    return uow.change(statement.values(state="pending", error=None, finished_at=None))


def claim_job(uow: UnitOfWork, job_id: str, worker: str, lease_until: datetime) -> bool:
    """Take a job that nobody works on (or whose worker's lease ran out), or renew one's own; whether it is now ours."""
    now = uow.clock.now()
    free = sa.or_(jobs.c.worker.is_(None), jobs.c.worker == worker, jobs.c.lease_until < now)
    counted = (
        sa.select(sa.func.count())
        .where(job_items.c.merchant_id == uow.merchant_id, job_items.c.job_id == job_id, job_items.c.state != "pending")
        .scalar_subquery()
    )
    fresh = jobs.c.state == "queued"
    statement = uow.update(jobs).where(jobs.c.id == job_id, jobs.c.state.in_(("queued", "running")), free)
    return (
        uow.change(
            statement.values(
                state="running",
                worker=worker,
                lease_until=lease_until,
                started_at=sa.func.coalesce(jobs.c.started_at, sa.literal(now, UtcDateTime)),
                counting_from=sa.case((fresh, sa.literal(now, UtcDateTime)), else_=jobs.c.counting_from),
                counted_before=sa.case((fresh, counted), else_=jobs.c.counted_before),
            )
        )
        == 1
    )


def release_job(uow: UnitOfWork, job_id: str, worker: str) -> None:
    """Let go of a job that is ours, so that another worker may go on with it at once."""
    statement = uow.update(jobs).where(jobs.c.id == job_id, jobs.c.worker == worker)
    uow.change(statement.values(worker=None, lease_until=None))


def open_jobs(connection: sa.Connection, worker: str, now: datetime) -> list[OpenJob]:
    """Jobs of every merchant that this worker holds or may claim, oldest first."""
    free = sa.or_(jobs.c.worker.is_(None), jobs.c.worker == worker, jobs.c.lease_until < now)
    mine = sa.and_(jobs.c.worker.is_not(None), jobs.c.worker == worker, jobs.c.state == "running")
    statement = (
        sa.select(jobs.c.merchant_id, jobs.c.id, jobs.c.kind, jobs.c.chunk, mine.label("mine"))
        .where(jobs.c.state.in_(("queued", "running")), free)
        .order_by(jobs.c.created_at, jobs.c.id)
    )
    return [
        OpenJob(row.merchant_id, row.id, row.kind, row.chunk, bool(row.mine)) for row in connection.execute(statement)
    ]


def renew_leases(connection: sa.Connection, worker: str, lease_until: datetime) -> None:
    """Hold on to every job that is this worker's."""
    connection.execute(sa.update(jobs).where(jobs.c.worker == worker).values(lease_until=lease_until))


def release_all(connection: sa.Connection, worker: str) -> None:
    """Let go of every job that is this worker's."""
    connection.execute(sa.update(jobs).where(jobs.c.worker == worker).values(worker=None, lease_until=None))


def due_schedules(connection: sa.Connection, now: datetime) -> list[tuple[str, str]]:
    """(merchant, schedule name) of everything that should have started by now."""
    statement = sa.select(job_schedules.c.merchant_id, job_schedules.c.name).where(
        job_schedules.c.enabled, job_schedules.c.next_at <= now
    )
    return [(row.merchant_id, row.name) for row in connection.execute(statement)]


def get_schedule(uow: UnitOfWork, name: str, *, lock: bool = False) -> Schedule | None:
    """The merchant's schedule of this name."""
    statement = uow.select(job_schedules).where(job_schedules.c.name == name)
    row = uow.row(statement.with_for_update() if lock else statement)
    return None if row is None else _schedule(row)


def list_schedules(uow: UnitOfWork) -> tuple[Schedule, ...]:
    """The merchant's schedules by name."""
    return tuple(_schedule(row) for row in uow.rows(uow.select(job_schedules).order_by(job_schedules.c.name)))


def put_schedule(uow: UnitOfWork, schedule: Schedule) -> None:
    """Add a schedule or change the one of this name."""
    fields = ("name", "kind", "arguments", "cron", "timezone", "enabled", "next_at", "last_job_id")
    uow.upsert(job_schedules, [{name: getattr(schedule, name) for name in fields}], key=["name"])


def drop_schedule(uow: UnitOfWork, name: str) -> bool:
    """Remove a schedule; whether there was one."""
    return uow.change(uow.delete(job_schedules).where(job_schedules.c.name == name)) == 1


def _counts(uow: UnitOfWork, job_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    statement = (
        uow.select(job_items, job_items.c.job_id, job_items.c.state, sa.func.count().label("n"))
        .where(job_items.c.job_id.in_(job_ids))
        .group_by(job_items.c.job_id, job_items.c.state)
    )
    found: dict[str, dict[str, int]] = {}
    for row in uow.rows(statement):
        found.setdefault(row["job_id"], {})[row["state"]] = row["n"]
    return found


def _job(row: sa.RowMapping, counts: dict[str, int], now: datetime) -> Job:
    done, failed = counts.get("done", 0), counts.get("failed", 0)
    finished = done + failed - row["counted_before"]
    running = row["state"] == "running"
    due = eta(now, row["counting_from"], finished, row["total"] - done - failed) if running else None
    names = ("id", "kind", "key", "arguments", "state", "started_by", "created_at", "started_at", "finished_at")
    return Job(**{name: row[name] for name in names}, progress=Progress(row["total"], done, failed, due))


def _item(row: sa.RowMapping) -> JobItem:
    names = ("position", "payload", "state", "result", "error", "finished_at")
    return JobItem(key=row["item_key"], **{name: row[name] for name in names})


def _schedule(row: sa.RowMapping) -> Schedule:
    return Schedule(**{name: value for name, value in row.items() if name != "merchant_id"})
