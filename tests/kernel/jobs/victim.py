"""The process that is killed: it works on a merchant's jobs in the background until none is open."""

import time
from multiprocessing.connection import Connection
from pathlib import Path

from tests.kernel.jobs.ledger import LedgerKind

from zhanggui.kernel.jobs import Jobs
from zhanggui.kernel.storage import Actor, Database

MERCHANT = "m1"
_ACTOR = Actor("system", "victim")


def work_on_ledger(parent: Connection, url: str, data_dir: str) -> None:
    """Jobs that write a ledger."""
    database = Database(url)
    jobs = Jobs(database, Path(data_dir))
    jobs.register(LedgerKind())
    work(parent, database, jobs)


def work(parent: Connection, database: Database, jobs: Jobs) -> None:
    """Launch, say "ready", wait until no job is open, close, say "done"."""
    jobs.launch()
    parent.send("ready")
    while True:
        with database.begin(MERCHANT, _ACTOR, read_only=True) as uow:
            if all(job.state == "done" for job in jobs.page(uow).items):
                break
        time.sleep(0.02)
    jobs.close()
    database.close()
    parent.send("done")
