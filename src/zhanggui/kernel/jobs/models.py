"""What a job is: its kind, its state, its items, its progress, its schedule. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject

JobState = Literal["queued", "running", "paused", "cancelled", "done"]
ItemState = Literal["pending", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard a kind of job may work.

    Args:
        concurrency: items at once in one process, over all jobs of the kind.
        per_minute: items begun in a minute at most, over all jobs of the kind; None is no limit.
        timeout: seconds an item's `run_item` may take; then the item fails and the job goes on.
        attempts: tries of `run_item` when it raises RetryLater.
        chunk: items that one durable workflow carries at most.
        outside: whether `run_item` does anything outside (a model, a network, long computing). Where it does not, it is
            called in the saving transaction, which spares half of the bookkeeping; no timeout and one attempt then.
    """

    concurrency: int = 1
    per_minute: int | None = None
    timeout: float = 600.0
    attempts: int = 3
    chunk: int = 25
    outside: bool = True


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One thing to work on: a key that is unique within its job, and what the kind needs to know."""

    key: str
    payload: JsonObject = field(default_factory=lambda: JsonObject())


class JobKind(Protocol):
    """What a capability registers: how to find the items, how to prepare one, how to save one."""

    @property
    def name(self) -> str:
        """Unique name, such as `listing-copy`."""
        ...

    @property
    def limits(self) -> Limits:
        """How hard it may work."""
        ...

    def items(self, uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        """The items of a new job, in the transaction that starts it. A repeated key counts once."""
        ...

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        """Prepare one item outside any transaction: model calls, outside calls.

        May run again after a crash, always with the same `key`: give it to outside calls as their idempotency key.
        RetryLater is tried again; any other exception fails the item.
        """
        ...

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        """Save what was prepared and return the item's result. In effect exactly once; an exception undoes it all."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is."""

    total: int
    done: int
    failed: int
    eta: datetime | None = None

    @property
    def left(self) -> int:
        """Items that are neither done nor failed."""
        return self.total - self.done - self.failed


@dataclass(frozen=True, slots=True)
class Job:
    """One run of a kind over its items."""

    id: str
    kind: str
    key: str | None
    arguments: JsonObject
    state: JobState
    progress: Progress
    started_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobItem:
    """One item of a job, with its result or the reason why it failed."""

    position: int
    key: str
    payload: JsonObject
    state: ItemState
    result: JsonObject | None
    error: str | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job that starts by itself: a five-field cron expression in an IANA time zone."""

    name: str
    kind: str
    arguments: JsonObject
    cron: str
    timezone: str
    enabled: bool
    next_at: datetime
    last_job_id: str | None
