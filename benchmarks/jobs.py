"""Durable steps a second: DBOS as it comes, DBOS on our engine, and whole job items: `python -m benchmarks.jobs`.

Each measurement is a process of its own on a fresh SQLite database; the contenders take turns, the median is recorded.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from evals.figures import record

CONTENDERS = ("default", "ours", "items", "items-plain", "items-inline")


def steps_of_dbos(folder: Path, count: int, *, ours: bool) -> float:
    """Plain recorded steps a second in one workflow."""
    from dbos import DBOS, DBOSConfig

    from zhanggui.kernel.jobs.durable import system_engine
    from zhanggui.kernel.storage import Database

    config: DBOSConfig = {"name": "bench", "log_level": "ERROR", "application_version": "1"}
    if ours:
        config["system_database_engine"] = system_engine(Database(f"sqlite:///{folder / 'main.db'}"), folder)
    else:
        config["system_database_url"] = f"sqlite:///{folder / 'dbos.db'}"
    DBOS(config=config)

    @DBOS.workflow()
    def many(number: int) -> float:
        started = time.perf_counter()
        for at in range(number):
            DBOS.run_step({"name": "step"}, lambda at=at: at)
        return number / (time.perf_counter() - started)

    DBOS.launch()
    many(20)
    rate = many(count)
    DBOS.destroy()
    return rate


class NothingKind:
    """Items that prepare and save nothing: what is left is the cost of durability."""

    name = "nothing"

    def __init__(self, outside: bool) -> None:
        from zhanggui.kernel.jobs import Limits

        self.limits = Limits(concurrency=2, outside=outside)

    def items(self, _uow: Any, arguments: Any) -> list[Any]:
        """`count` empty items."""
        from zhanggui.kernel.jobs import WorkItem

        return [WorkItem(str(number)) for number in range(arguments["count"])]

    def run_item(self, _merchant: str, _item: Any, _key: str) -> dict[str, Any]:
        """Nothing."""
        return {}

    def save_item(self, _uow: Any, _item: Any, _prepared: Any, _key: str) -> dict[str, Any]:
        """Nothing."""
        return {}


def job_items(folder: Path, count: int, *, background: bool, outside: bool) -> float:
    """Whole items of a job a second: row read, prepared, saved, recorded."""
    from zhanggui.kernel.jobs import Jobs
    from zhanggui.kernel.storage import Actor, Database, metadata

    database = Database(f"sqlite:///{folder / 'main.db'}")
    metadata.create_all(database.engine)
    jobs = Jobs(database, folder)
    jobs.register(NothingKind(outside))
    if background:
        jobs.launch()
    with database.begin("m1", Actor("system", "bench")) as uow:
        job_id = jobs.start(uow, "nothing", {"count": count})
    started = time.perf_counter()
    if background:
        _await_done(database, jobs, job_id)
    else:
        jobs.run("m1", job_id)
    rate = count / (time.perf_counter() - started)
    jobs.close()
    return rate


def _await_done(database: Any, jobs: Any, job_id: str) -> None:
    from zhanggui.kernel.storage import Actor

    done = False
    while not done:
        time.sleep(0.02)
        with database.begin("m1", Actor("system", "bench"), read_only=True) as uow:
            done = jobs.get(uow, job_id).state == "done"


def measure(contender: str, count: int) -> float:
    """One measurement in this process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if contender.startswith("items"):
            return job_items(folder, count, background=contender != "items-inline", outside=contender == "items")
        return steps_of_dbos(folder, count, ours=contender == "ours")


def main() -> None:
    """Take turns, print and record the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", choices=CONTENDERS)
    chosen = parser.parse_args()
    if chosen.one:
        print(measure(chosen.one, chosen.count))
        return
    rates: dict[str, list[float]] = {contender: [] for contender in CONTENDERS}
    for _ in range(chosen.rounds):
        for contender in CONTENDERS:
            command = [sys.executable, "-m", "benchmarks.jobs", "--one", contender, "--count", str(chosen.count)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            rates[contender].append(float(done.stdout.split()[-1]))
    medians = {contender: median(found) for contender, found in rates.items()}
    command = f"python -m benchmarks.jobs --count {chosen.count} --rounds {chosen.rounds}"
    note = f"median of {chosen.rounds} interleaved rounds, SQLite; each step commits"
    for contender, name in (
        ("default", "jobs-steps-dbos-default"),
        ("ours", "jobs-steps-own-engine"),
        ("items", "jobs-items-background"),
        ("items-plain", "jobs-items-background-nothing-outside"),
        ("items-inline", "jobs-items-inline"),
    ):
        print(f"{name}: {medians[contender]:.0f}/s  {[round(rate) for rate in rates[contender]]}")
        record(name, medians[contender], unit="1/s", command=command, dataset="none", note=note)
    ratio = medians["ours"] / medians["default"]
    print(f"jobs-steps-ratio: {ratio:.2f}")
    record("jobs-steps-ratio", ratio, unit="x", command=command, dataset="none", note="own engine over DBOS default")


if __name__ == "__main__":
    main()
