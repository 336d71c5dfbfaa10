"""Jobs: register kinds, start, run, steer and watch them."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from zhanggui.kernel.errors import NotFound, ProgrammerError
from zhanggui.kernel.jobs import store
from zhanggui.kernel.jobs.dispatch import LEASE, Dispatcher
from zhanggui.kernel.jobs.models import Job, JobItem, JobKind, JobState
from zhanggui.kernel.jobs.rules import Command, check_command
from zhanggui.kernel.jobs.schedules import Schedules
from zhanggui.kernel.jobs.start import start_job
from zhanggui.kernel.jobs.work import Assignment, InlineSteps, Worker
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import JsonObject, Page, new_id

Watcher = Callable[[Job], None]
_BATCH = 200
_POLL = 0.2


class Jobs:
    """Durable jobs over many items: every item takes effect exactly once, whatever dies when.

    Jobs and items are rows of the merchant; `start` and the commands only write rows, so they belong to the caller's
    transaction and work from any process. The work is done by `launch` (in the background, durable through DBOS, one
    process per data directory) or by `run` (here and now, one item after another or `concurrency` at a time).
    """

    def __init__(self, database: Database, data_dir: Path) -> None:
        """Nothing is opened or started yet.

        Args:
            database: the main database.
            data_dir: where the lock and, for SQLite, DBOS's own file lie.
        """
        self._database = database
        self._data_dir = data_dir
        self._workers: dict[str, Worker] = {}
        self._kinds: dict[str, JobKind] = {}
        self._dispatcher: Dispatcher | None = None
        self.schedules = Schedules(self._kinds)

    def register(self, kind: JobKind) -> None:
        """Make a kind of job known; before `launch`.

        Raises:
            ProgrammerError: the name is taken, or jobs are already launched.
        """
        if kind.name in self._workers or self._dispatcher is not None:
            raise ProgrammerError(f"cannot register the kind of job {kind.name!r} (again, or after launch)")
        self._workers[kind.name] = Worker(self._database, kind)
        self._kinds[kind.name] = kind

    def launch(self) -> None:
        """Recover what an earlier process left unfinished and work in the background from now on.

        Raises:
            Conflict: another process already runs the jobs of this data directory.
            ProgrammerError: this process already runs jobs.
        """
        if self._dispatcher is not None:
            raise ProgrammerError("jobs are already launched")
        self._dispatcher = Dispatcher(self._database, self._data_dir, self._workers)

    def close(self, *, grace: float = 10.0) -> None:
        """Stop working: items under way get `grace` seconds, the rest is left for the next launch."""
        if self._dispatcher is not None:
            self._dispatcher.close(grace)
            self._dispatcher = None
            self._renew_workers()

    def start(self, uow: UnitOfWork, kind: str, arguments: JsonObject, *, key: str | None = None) -> str:
        """Write a new job in the caller's transaction; its id. The same key twice is the same job.

        Raises:
            NotFound: no such kind of job.
            BadInput: an item's key is unusable.
        """
        job_id = start_job(uow, self._worker(kind).kind, arguments, key=key)
        if self._dispatcher is not None:
            self._dispatcher.wake()
        return job_id

    def run(self, merchant_id: str, job_id: str, *, watch: Watcher | None = None) -> Job:
        """Bring a job to its end here and now, or wait for it where another worker already has it.

        Paused and cancelled jobs are returned as they are. `watch` gets the job now and then, and at the end.

        Raises:
            NotFound: the merchant has no such job, or its kind is not registered.
        """
        name = f"inline-{new_id()}"
        while True:
            with self._database.begin(merchant_id, Actor("job", name)) as uow:
                job = store.get_job(uow, job_id)
                worker = self._worker(job.kind)
                mine = store.claim_job(uow, job_id, name, uow.clock.now() + _lease(worker))
            if watch is not None:
                watch(job)
            if job.state not in ("queued", "running"):
                return job
            if mine:
                self._run_batch(merchant_id, job_id, name)
            else:
                time.sleep(_POLL)

    def command(self, uow: UnitOfWork, job_id: str, command: Command) -> Job:
        """Give a job a command; the job afterwards.

        - `pause`: nothing more is applied until `resume`; also nothing of what is under way.
        - `resume`: go on with a paused or cancelled job.
        - `cancel`: nothing more is applied; what was applied stays.
        - `retry`: try the failed items again, under the same keys.

        Raises:
            NotFound: the merchant has no such job.
            Conflict: the job's state does not allow it.
        """
        state = store.job_state(uow, job_id, lock="change")
        if state is None:
            raise NotFound(f"no job {job_id!r}")
        check_command(command, state)
        reopened = store.reopen_failed(uow, job_id) if command == "retry" else 0
        after: dict[Command, JobState] = {"pause": "paused", "resume": "queued", "cancel": "cancelled"}
        if command == "retry" and reopened and state in ("done", "cancelled"):
            after["retry"] = "queued"
        if command in after:
            store.set_state(uow, job_id, expected=state, state=after[command])
        return store.get_job(uow, job_id)

    def get(self, uow: UnitOfWork, job_id: str) -> Job:
        """One job with its progress.

        Raises:
            NotFound: the merchant has no such job.
        """
        return store.get_job(uow, job_id)

    def page(
        self,
        uow: UnitOfWork,
        *,
        state: JobState | None = None,
        kind: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Job]:
        """One page of the merchant's jobs, newest first."""
        return store.page_jobs(uow, state=state, kind=kind, cursor=cursor, limit=limit)

    @staticmethod
    def counts(uow: UnitOfWork) -> dict[str, int]:
        """How many of the merchant's jobs are in each state."""
        return store.count_jobs(uow)

    def items(
        self, uow: UnitOfWork, job_id: str, *, state: str | None = None, cursor: str | None = None, limit: int = 100
    ) -> Page[JobItem]:
        """One page of a job's items in order, each with its result or the reason why it failed."""
        return store.page_items(uow, job_id, state=state, cursor=cursor, limit=limit)

    def _worker(self, kind: str) -> Worker:
        worker = self._workers.get(kind)
        if worker is None:
            raise NotFound(f"no kind of job {kind!r}")
        return worker

    def _renew_workers(self) -> None:
        # A worker that was stopped stays stopped: whatever runs next needs new ones.
        for name, kind in self._kinds.items():
            self._workers[name] = Worker(self._database, kind)

    def _run_batch(self, merchant_id: str, job_id: str, name: str) -> None:
        with self._database.begin(merchant_id, Actor("job", name)) as uow:
            worker = self._worker(store.get_job(uow, job_id).kind)
            positions = store.pending_positions(uow, job_id, limit=_BATCH)
            if not positions:
                store.close_job(uow, job_id)
                return
        steps = InlineSteps(self._database)
        deadline = time.monotonic() + LEASE.total_seconds() / 3
        size = worker.kind.limits.concurrency
        try:
            with ThreadPoolExecutor(size, thread_name_prefix="job-inline") as pool:
                for first in range(0, len(positions), size):
                    group = positions[first : first + size]
                    under_way = [pool.submit(worker.work, steps, Assignment(merchant_id, job_id, at)) for at in group]
                    for item in under_way:
                        item.result()
                    if time.monotonic() > deadline:
                        return
        except BaseException:
            with self._database.begin(merchant_id, Actor("job", name)) as uow:
                store.release_job(uow, job_id, name)
            raise


def _lease(worker: Worker) -> timedelta:
    # Long enough for the slowest item; whoever is killed is succeeded after this at the latest.
    return LEASE + timedelta(seconds=worker.kind.limits.timeout)
