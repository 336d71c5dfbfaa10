"""The only file that knows DBOS: chunks of a job as workflows whose steps are recorded and survive kill -9.

DBOS keeps its own bookkeeping apart from ours: for SQLite in a file of its own, on our own WAL engine; for PostgreSQL
in the schema `dbos`. The save of an item runs as a transaction of its SQLAlchemy datasource on the main database, so
the record that the step is done commits together with our rows. No admin server, no telemetry, no listener, no network.
"""

import fcntl
import logging
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import orjson
import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, SetWorkflowID, SQLAlchemyDatasource
from dbos import Serializer as DbosSerializer
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection

from zhanggui.kernel.errors import Conflict, ProgrammerError
from zhanggui.kernel.jobs.work import Verdict
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import JsonObject, new_id

ChunkBody = Callable[[str, str, str, list[int]], None]
_WORKFLOW = "zhanggui-chunk"
_ALIVE = ("PENDING", "ENQUEUED", "DELAYED")
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON")


class Durable:
    """Starts, recovers and forgets runs of chunks. One may be open in a process, and one on a data directory."""

    _open: ClassVar["Durable | None"] = None

    def __init__(self, database: Database, data_dir: Path, body: ChunkBody) -> None:
        """Open DBOS's bookkeeping and begin to recover what an earlier process left unfinished.

        Args:
            database: the main database, where effects are saved.
            data_dir: holds the lock, this installation's executor id and, for SQLite, DBOS's own file.
            body: works on the pending items of a chunk: merchant, job, kind, positions. Runs inside a workflow.

        Raises:
            Conflict: another process already runs the jobs of this data directory.
            ProgrammerError: this process already has one open.
        """
        if Durable._open is not None:
            raise ProgrammerError("jobs are already launched in this process")
        data_dir.mkdir(parents=True, exist_ok=True)
        self._database = database
        self._lock = (data_dir / "jobs.lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            self._lock.close()
            raise Conflict("another process already runs the jobs of this data directory") from held
        self.worker = _executor_id(data_dir)
        self._engine = system_engine(database, data_dir)
        Durable._open = self
        try:
            self._launch(body)
        except BaseException:
            self.close()
            raise

    def _launch(self, body: ChunkBody) -> None:
        config: DBOSConfig = {
            "name": "zhanggui",
            "system_database_engine": self._engine,
            "application_version": "1",
            "executor_id": self.worker,
            "enable_otlp": False,
            "log_level": "ERROR",
            "use_listen_notify": False,
            "serializer": _Json(),
        }
        DBOS(config=config)
        logging.getLogger("dbos").propagate = False

        def chunk(merchant_id: str, job_id: str, kind: str, positions: list[int]) -> str:
            body(merchant_id, job_id, kind, positions)
            return "ended"

        self._workflow: Any = DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=None)(chunk)
        self._source = SQLAlchemyDatasource.create(
            database.url if (database := self._database).dialect == "postgresql" else "sqlite://",
            engine=database.engine,
            serializer=_Json(),
        )
        DBOS.launch()

    def start(self, at: tuple[str, str, int], kind: str, positions: Sequence[int]) -> str:
        """Start a run over a chunk (merchant, job, chunk number); the id of the run."""
        merchant_id, job_id, number = at
        run_id = f"{merchant_id}|{job_id}|{number}|{new_id()}"
        with SetWorkflowID(run_id):
            DBOS.start_workflow(self._workflow, merchant_id, job_id, kind, list(positions))
        return run_id

    def alive(self) -> dict[str, tuple[str, str, int]]:
        """Runs that are not over yet, and the chunk (merchant, job, number) each is for."""
        found = DBOS.list_workflows(status=list(_ALIVE), name=_WORKFLOW, load_input=False, load_output=False)
        return {run.workflow_id: chunk_of(run.workflow_id) for run in found}

    def broken(self, run_id: str) -> bool:
        """Whether a run that is over broke off with an error that is no item's."""
        status = DBOS.get_workflow_status(run_id)
        return status is not None and status.status != "SUCCESS"

    def forget(self, run_id: str) -> None:
        """Drop the records of a run that is over; what it did is in our own tables."""
        DBOS.delete_workflow(run_id)

    def outside(self, call: Callable[[], JsonObject]) -> JsonObject:
        """A recorded step: after a crash its answer is read back instead of running it again."""
        return DBOS.run_step({"name": "prepare"}, call)

    def inside(self, actor: Actor, merchant_id: str, call: Callable[[UnitOfWork], Verdict]) -> Verdict:
        """A datasource transaction: the record that the step is done commits with what `call` wrote."""

        def body() -> Verdict:
            connection = self._source.sql_session().connection()
            return call(UnitOfWork(connection, merchant_id, actor, self._database.clock))

        isolation: Literal["SERIALIZABLE", "READ COMMITTED"] = (
            "SERIALIZABLE" if self._database.dialect == "sqlite" else "READ COMMITTED"
        )
        return self._source.run_tx_step({"name": "save", "isolation_level": isolation}, body)

    def close(self) -> None:
        """Stop DBOS's threads and let another process have the data directory. Runs must be over."""
        DBOS.destroy(destroy_registry=True)
        self._engine.dispose()
        self._lock.close()
        Durable._open = None


def chunk_of(run_id: str) -> tuple[str, str, int]:
    """The chunk (merchant, job, number) that a run is for."""
    merchant_id, job_id, number, _ = run_id.rsplit("|", 3)
    return merchant_id, job_id, int(number)


class _Json(DbosSerializer):
    """Plain JSON instead of DBOS's pickles: nothing that is read back can run code."""

    def serialize(self, data: Any) -> str:
        return orjson.dumps({"error": str(data)} if isinstance(data, BaseException) else {"value": data}).decode()

    def deserialize(self, serialized_data: str) -> Any:
        read = orjson.loads(serialized_data)
        return RuntimeError(read["error"]) if "error" in read else read["value"]

    def name(self) -> str:
        return "zhanggui-json"


def _executor_id(data_dir: Path) -> str:
    # Recovery takes up the runs of the same executor: the id must outlive the process and differ between machines.
    file = data_dir / "jobs.executor"
    if not file.exists():
        file.write_text(new_id("x"))
    return file.read_text().strip()


def _on_connect(connection: DBAPIConnection, _record: object) -> None:
    assert isinstance(connection, sqlite3.Connection)
    # DBOS begins its transactions itself, late; this makes them take the write lock at once instead of failing later.
    connection.isolation_level = "IMMEDIATE"
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def system_engine(database: Database, data_dir: Path) -> sa.Engine:
    """The engine of DBOS's own bookkeeping: a WAL file beside the data, or a second pool on the same PostgreSQL."""
    if database.dialect == "sqlite":
        engine = sa.create_engine(f"sqlite:///{data_dir / 'jobs.db'}", pool_size=10, max_overflow=40)
        event.listen(engine, "connect", _on_connect)
        return engine
    # A pool of its own: a save holds a connection of the main pool while DBOS asks for one of its.
    return sa.create_engine(database.engine.url, pool_size=10, max_overflow=40, pool_pre_ping=True)
