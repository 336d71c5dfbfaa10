"""Hands open jobs to durable runs, chunk by chunk, fairly among the jobs of a kind, and starts what is due."""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from zhanggui.kernel.jobs import store
from zhanggui.kernel.jobs.durable import Durable
from zhanggui.kernel.jobs.schedules import fire_due
from zhanggui.kernel.jobs.store import OpenJob
from zhanggui.kernel.jobs.work import Assignment, Worker
from zhanggui.kernel.storage import Actor, Database

_LOG = logging.getLogger(__name__)
_ACTOR = Actor("system", "jobs")
_IDLE = 0.2
_SOON = 0.01
_RENEW_EVERY = 15.0
LEASE = timedelta(seconds=90)
_CRASHES = 3

Chunk = tuple[str, str, int]
Key = tuple[str, str]


class Dispatcher:
    """A thread that keeps every slot of every kind busy while there is work. It knows nothing that is not stored."""

    def __init__(self, database: Database, data_dir: Path, workers: Mapping[str, Worker]) -> None:
        """Launch durable execution (which recovers what was under way) and the thread.

        Raises:
            Conflict: another process already runs the jobs of this data directory.
        """
        self._database = database
        self._workers = workers
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._bodies_over = 0
        self._collected = 0
        self._plans: dict[Key, deque[int]] = {}
        self._crashes: Counter[Chunk] = Counter()
        self._served: dict[Key, float] = {}
        self._renewed = time.monotonic()
        self._durable = Durable(database, data_dir, self._chunk)
        self._runs: dict[str, Chunk] = self._durable.alive()
        self._thread = threading.Thread(target=self._loop, name="job-dispatcher", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look for work now instead of at the next tick."""
        self._wake.set()

    def close(self, grace: float) -> None:
        """Begin nothing more, give items under way `grace` seconds to finish, let go of the jobs."""
        self._stop.set()
        self.wake()
        self._thread.join()
        for worker in self._workers.values():
            worker.stop()
        self._drain(grace)
        for worker in self._workers.values():
            worker.abandon()
        self._drain(10.0)
        with self._database.installation() as connection:
            store.release_all(connection, self._durable.worker)
        self._durable.close()

    def _drain(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        self._collect()
        while self._runs and time.monotonic() < deadline:
            time.sleep(_SOON)
            self._collect()

    def _chunk(self, merchant_id: str, job_id: str, kind: str, positions: list[int]) -> None:
        # The body of a durable run: deterministic given what its steps recorded.
        try:
            worker = self._workers.get(kind)
            for position in positions:
                if worker is None or worker.work(self._durable, Assignment(merchant_id, job_id, position)) == "stop":
                    break
        finally:
            self._bodies_over += 1
            self._wake.set()

    def _loop(self) -> None:
        while not self._stop.is_set():
            try:
                self._tick()
            except Exception:
                _LOG.exception("the job dispatcher stumbled; it goes on")
            # A run is over a moment after its body, when its outcome is written: look again soon.
            self._wake.wait(_SOON if self._bodies_over > self._collected else _IDLE)
            self._wake.clear()

    def _tick(self) -> None:
        self._collect()
        clock, worker = self._database.clock, self._durable.worker
        if time.monotonic() - self._renewed > _RENEW_EVERY:
            self._renewed = time.monotonic()
            with self._database.installation() as connection:
                store.renew_leases(connection, worker, clock.now() + LEASE)
        fire_due(self._database, {name: worker.kind for name, worker in self._workers.items()})
        with self._database.installation(read_only=True) as connection:
            found = store.open_jobs(connection, worker, clock.now())
        mine = [job for job in found if job.kind in self._workers and (job.mine or self._claim(job))]
        keys = {_key(job) for job in mine}
        self._plans = {key: plan for key, plan in self._plans.items() if key in keys}
        for kind in {job.kind for job in mine}:
            self._fill(kind, [job for job in mine if job.kind == kind])

    def _collect(self) -> None:
        # Take note of the runs that are over.
        if not self._runs:
            self._collected = self._bodies_over
            return
        alive = self._durable.alive()
        for run_id in [run_id for run_id in self._runs if run_id not in alive]:
            chunk = self._runs.pop(run_id)
            self._collected += 1
            if self._durable.broken(run_id):
                self._crashes[chunk] += 1
            self._durable.forget(run_id)

    def _claim(self, job: OpenJob) -> bool:
        with self._database.begin(job.merchant_id, _ACTOR) as uow:
            return store.claim_job(uow, job.id, self._durable.worker, uow.clock.now() + LEASE)

    def _fill(self, kind: str, jobs: Sequence[OpenJob]) -> None:
        keys = {_key(job) for job in jobs}
        slots = self._workers[kind].kind.limits.concurrency
        slots -= sum(chunk[:2] in keys for chunk in self._runs.values())
        waiting = deque(sorted(jobs, key=lambda job: self._served.get(_key(job), 0.0)))
        while waiting and slots > 0:
            job = waiting.popleft()
            number = self._next_chunk(job)
            if number is not None:
                slots -= self._start(job, number)
                waiting.append(job)

    def _next_chunk(self, job: OpenJob) -> int | None:
        # None when all of the job is under way; a job with nothing left to do is closed.
        plan = self._plans.get(_key(job))
        if plan:
            return plan.popleft()
        under_way = {chunk[2] for chunk in self._runs.values() if chunk[:2] == _key(job)}
        if plan is not None and under_way:
            return None
        with self._database.begin(job.merchant_id, _ACTOR) as uow:
            numbers = store.pending_chunks(uow, job.id, job.chunk)
            if not numbers:
                store.close_job(uow, job.id)
        plan = self._plans[_key(job)] = deque(number for number in numbers if number not in under_way)
        return plan.popleft() if plan else None

    def _start(self, job: OpenJob, number: int) -> bool:
        self._served[_key(job)] = time.monotonic()
        chunk = (job.merchant_id, job.id, number)
        with self._database.begin(job.merchant_id, _ACTOR) as uow:
            first = number * job.chunk
            positions = store.pending_positions(uow, job.id, first=first, last=first + job.chunk)
            if self._crashes[chunk] >= _CRASHES:
                for position in positions:
                    store.finish_item(
                        uow, job.id, position, error=f"its worker broke off {_CRASHES} times; see the log"
                    )
                return False
        if not positions:
            return False
        self._runs[self._durable.start(chunk, job.kind, positions)] = chunk
        return True


def _key(job: OpenJob) -> Key:
    return job.merchant_id, job.id
