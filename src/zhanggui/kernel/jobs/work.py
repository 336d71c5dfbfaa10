"""Working on one item: prepare it outside any transaction, save it inside one. Knows nothing about what drives it."""

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import orjson
from sqlalchemy.exc import DBAPIError, OperationalError

from zhanggui.kernel.errors import RetryLater
from zhanggui.kernel.jobs import store
from zhanggui.kernel.jobs.models import JobKind
from zhanggui.kernel.jobs.rules import error_text
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import JsonObject

Verdict = Literal["next", "stop"]
_LOG = logging.getLogger(__name__)
_SLICE = 0.2
_TRANSACTION_RETRIES = 8


class Steps(Protocol):
    """What makes the two halves of an item durable: recorded by DBOS, or plain calls when run inline."""

    def outside(self, call: Callable[[], JsonObject]) -> JsonObject:
        """Run something outside any transaction; at least once, its answer remembered where possible."""
        ...

    def inside(self, actor: Actor, merchant_id: str, call: Callable[[UnitOfWork], Verdict]) -> Verdict:
        """Run something in one transaction on the main database; its effect is there exactly once."""
        ...


@dataclass(frozen=True, slots=True)
class Assignment:
    """Which item of which job."""

    merchant_id: str
    job_id: str
    position: int


class Pace:
    """Lets at most `per_minute` calls begin in any minute; thread-safe."""

    def __init__(self, per_minute: int | None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._monotonic = monotonic
        self._begun: deque[float] = deque()
        self._lock = threading.Lock()

    def delay(self) -> float:
        """Take a place when there is one and return 0; otherwise the seconds until there may be one."""
        if self._per_minute is None:
            return 0.0
        with self._lock:
            now = self._monotonic()
            while self._begun and now - self._begun[0] >= 60:
                self._begun.popleft()
            if len(self._begun) < self._per_minute:
                self._begun.append(now)
                return 0.0
            return 60 - (now - self._begun[0])


class Worker:
    """Takes a kind's items through prepare and save."""

    def __init__(self, database: Database, kind: JobKind) -> None:
        self._database = database
        self.kind = kind
        self.actor = Actor("job", kind.name)
        self._pace = Pace(kind.limits.per_minute)
        self._stopping = threading.Event()
        self._abandoned = threading.Event()

    def stop(self) -> None:
        """Begin no further item."""
        self._stopping.set()

    def abandon(self) -> None:
        """Stop waiting for the items under way; they will be done again by whoever goes on with the job."""
        self._stopping.set()
        self._abandoned.set()

    def work(self, steps: Steps, at: Assignment) -> Verdict:
        """Bring one item to done or failed; "stop" when the job should not go on (paused, cancelled, shutting down)."""
        if not self.kind.limits.outside:
            # Stopping here is no recorded step, yet a replay does the same: it stops later or not at all.
            if not self._may_begin():
                return "stop"
            return steps.inside(self.actor, at.merchant_id, lambda uow: self._save(uow, at, {"do": "save"}))
        plan = steps.outside(lambda: self._prepare(at))
        if plan["do"] != "save":
            return "stop" if plan["do"] == "stop" else "next"
        return steps.inside(self.actor, at.merchant_id, lambda uow: self._save(uow, at, plan))

    def _may_begin(self) -> bool:
        while (delay := self._pace.delay()) > 0 and not self._stopping.wait(min(delay, _SLICE)):
            pass
        return not self._stopping.is_set()

    def _prepare(self, at: Assignment) -> JsonObject:
        if not self._may_begin():
            return {"do": "stop"}
        with self._database.begin(at.merchant_id, self.actor, read_only=True) as uow:
            if store.job_state(uow, at.job_id) != "running":
                return {"do": "stop"}
            item = store.pending_item(uow, at.job_id, at.position)
        if item is None:
            return {"do": "skip"}
        try:
            prepared = self._call(lambda: self.kind.run_item(at.merchant_id, item.payload, f"{at.job_id}:{item.key}"))
        except _Abandoned:
            return {"do": "stop"}
        except Exception as broken:
            _LOG.info("item %s of job %s failed: %s", item.key, at.job_id, type(broken).__name__)
            return {"do": "save", "error": error_text(broken)}
        return {"do": "save", "prepared": prepared}

    def _save(self, uow: UnitOfWork, at: Assignment, plan: JsonObject) -> Verdict:
        # The share lock makes pause and cancel final: once they have committed, nothing more is applied.
        if store.job_state(uow, at.job_id, lock="share") != "running":
            return "stop"
        item = store.pending_item(uow, at.job_id, at.position, lock=True)
        if item is None:
            return "next"
        error = plan.get("error")
        if isinstance(error, str):
            store.finish_item(uow, at.job_id, at.position, error=error)
            return "next"
        key = f"{at.job_id}:{item.key}"
        try:
            with uow.connection.begin_nested():
                prepared = plan.get("prepared")
                if not isinstance(prepared, dict):
                    prepared = _as_json(self.kind.run_item(at.merchant_id, item.payload, key))
                result = self.kind.save_item(uow, item.payload, prepared, key)
                store.finish_item(uow, at.job_id, at.position, result=_as_json(result))
        except Exception as broken:
            if is_transient(broken):
                raise
            store.finish_item(uow, at.job_id, at.position, error=error_text(broken))
        return "next"

    def _call(self, call: Callable[[], JsonObject]) -> JsonObject:
        limits = self.kind.limits
        for attempt in range(1, limits.attempts + 1):
            try:
                return _within(lambda: _as_json(call()), limits.timeout, self._abandoned)
            except RetryLater:
                if attempt == limits.attempts:
                    raise
                pause = min(30.0, 0.25 * 2**attempt) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
                if self._stopping.wait(pause):
                    raise _Abandoned from None
        raise AssertionError("unreachable")


class InlineSteps:
    """Plain calls: exactly once rests on the item's row alone, which changes in the same transaction as the effect."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def outside(self, call: Callable[[], JsonObject]) -> JsonObject:
        """Just call it."""
        return call()

    def inside(self, actor: Actor, merchant_id: str, call: Callable[[UnitOfWork], Verdict]) -> Verdict:
        """One transaction, again when the database says it collided with another."""
        for attempt in range(_TRANSACTION_RETRIES):
            try:
                with self._database.begin(merchant_id, actor) as uow:
                    return call(uow)
            except DBAPIError as broken:
                if not is_transient(broken) or attempt == _TRANSACTION_RETRIES - 1:
                    raise
                time.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")


def is_transient(broken: BaseException) -> bool:
    """Whether the whole transaction should be tried again: lost connection, lock, deadlock, serialization failure."""
    if not isinstance(broken, DBAPIError):
        return False
    if broken.connection_invalidated or getattr(broken.orig, "sqlstate", None) in ("40001", "40P01", "55P03"):
        return True
    return isinstance(broken, OperationalError) and "locked" in str(broken.orig)


class _Abandoned(Exception):
    """Nobody waits for this item any more."""


def _as_json(value: JsonObject) -> JsonObject:
    # What cannot be written as JSON (or is no object) must fail the item here, not the workflow that records it.
    read = orjson.loads(orjson.dumps(value))
    if not isinstance(read, dict):
        raise TypeError(f"expected a JSON object, found {type(value).__name__}")
    return read  # pyright: ignore[reportUnknownVariableType] - orjson.loads is untyped


def _within(call: Callable[[], JsonObject], timeout: float, abandoned: threading.Event) -> JsonObject:
    # A thread cannot be killed: one that stalls is left behind as a daemon, its answer dropped.
    answer: list[JsonObject] = []
    failure: list[Exception] = []
    done = threading.Event()

    def body() -> None:
        try:
            answer.append(call())
        except Exception as broken:
            failure.append(broken)
        finally:
            done.set()

    threading.Thread(target=body, name="job-item", daemon=True).start()
    deadline = time.monotonic() + timeout
    while not done.wait(max(0.0, min(_SLICE, deadline - time.monotonic()))):
        if abandoned.is_set():
            raise _Abandoned
        if time.monotonic() >= deadline:
            raise TimeoutError(f"no answer within {timeout:g} seconds")
    if failure:
        raise failure[0]
    return answer[0]
