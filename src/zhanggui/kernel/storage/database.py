"""The engine and the unit of work: one transaction, one merchant, one actor."""

import sqlite3
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection

from zhanggui.kernel.clock import Clock, SystemClock

ActorKind = Literal["person", "desk", "job", "system", "agent", "token"]
Row = Mapping[str, Any]

_PRAGMAS = (
    "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000", "cache_size=-65536",
    # What is deleted is overwritten: an erased person must not be found in free pages.
    "secure_delete=ON",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person by name, the desk itself, a job, an agent, an API token."""

    kind: ActorKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


def _to_json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _on_sqlite_connect(connection: DBAPIConnection, _record: object) -> None:
    assert isinstance(connection, sqlite3.Connection)
    # Python's sqlite3 would otherwise begin transactions late and deferred; `_begin_immediate` does it.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: sa.Connection) -> None:
    # A deferred transaction that turns into a writer fails at once with SQLITE_BUSY; an immediate one waits its turn.
    mode = "DEFERRED" if connection.get_execution_options().get("read_only") else "IMMEDIATE"
    connection.exec_driver_sql(f"BEGIN {mode}")


class UnitOfWork:
    """One open transaction on behalf of one actor within one merchant. Stores build every statement from here."""

    def __init__(self, connection: sa.Connection, merchant_id: str, actor: Actor, clock: Clock) -> None:
        self.connection = connection
        self.merchant_id = merchant_id
        self.actor = actor
        self.clock = clock

    def select(self, table: sa.Table, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
        """A select over this merchant's rows of `table` (all columns, or those named)."""
        return sa.select(*columns or (table,)).select_from(table).where(table.c.merchant_id == self.merchant_id)

    def update(self, table: sa.Table) -> sa.Update:
        """An update of this merchant's rows of `table`."""
        return sa.update(table).where(table.c.merchant_id == self.merchant_id)

    def delete(self, table: sa.Table) -> sa.Delete:
        """A delete of this merchant's rows of `table`."""
        return sa.delete(table).where(table.c.merchant_id == self.merchant_id)

    def insert(self, table: sa.Table, rows: Row | Sequence[Row]) -> None:
        """Insert one row or many, as this merchant's."""
        many: Sequence[Row] = [rows] if isinstance(rows, Mapping) else rows
        if many:
            self.connection.execute(sa.insert(table), [{**row, "merchant_id": self.merchant_id} for row in many])

    def insert_new(self, table: sa.Table, row: Row) -> bool:
        """Insert a row unless one with the same key is there; True when it was inserted. Exactly-once rests on this."""
        values = {**row, "merchant_id": self.merchant_id}
        statement = self._dialect_insert(table).values(values).on_conflict_do_nothing()
        return self.connection.execute(statement.returning(table.c.merchant_id)).first() is not None

    def upsert(self, table: sa.Table, rows: Sequence[Row], *, key: Sequence[str]) -> None:
        """Insert rows or, where (merchant_id, *key) is taken, overwrite the other columns."""
        if not rows:
            return
        names = list(rows[0])
        statement = self._dialect_insert(table)
        changed = {name: statement.excluded[name] for name in names if name not in key}
        self.connection.execute(
            statement.on_conflict_do_update(index_elements=["merchant_id", *key], set_=changed),
            [{**row, "merchant_id": self.merchant_id} for row in rows],
        )

    def rows(self, statement: sa.Executable) -> Sequence[sa.RowMapping]:
        """Run a select; every row as a mapping."""
        return self.connection.execute(statement).mappings().all()

    def row(self, statement: sa.Executable) -> sa.RowMapping | None:
        """Run a select; the first row as a mapping, or None."""
        return self.connection.execute(statement).mappings().first()

    def scalar(self, statement: sa.Executable) -> Any:
        """Run a select; the first column of the first row, or None."""
        return self.connection.execute(statement).scalar()

    def change(self, statement: sa.Executable) -> int:
        """Run an update or a delete; how many rows it touched."""
        return self.connection.execute(statement).rowcount

    def _dialect_insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        return sqlite.insert(table) if self.connection.dialect.name == "sqlite" else postgresql.insert(table)


class Database:
    """The installation's database."""

    def __init__(self, url: str, *, clock: Clock | None = None, pool_size: int = 10) -> None:
        """Open (and for SQLite create) the database at a SQLAlchemy URL. Tables come from `migrate`."""
        self.url = url
        self.clock: Clock = clock or SystemClock()
        self.dialect: Literal["sqlite", "postgresql"]
        parsed = sa.make_url(url)
        if parsed.get_backend_name() == "sqlite":
            self.dialect = "sqlite"
            if parsed.database and parsed.database != ":memory:":
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        else:
            self.dialect = "postgresql"
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.engine = sa.create_engine(
            parsed,
            pool_size=pool_size,
            max_overflow=20,
            pool_pre_ping=self.dialect == "postgresql",
            json_serializer=_to_json,
            json_deserializer=orjson.loads,
        )
        if self.dialect == "sqlite":
            event.listen(self.engine, "connect", _on_sqlite_connect)
            event.listen(self.engine, "begin", _begin_immediate)

    @contextmanager
    def begin(self, merchant_id: str, actor: Actor, *, read_only: bool = False) -> Generator[UnitOfWork]:
        """One transaction: commits at the end, rolls back when the body raises."""
        with self.engine.connect() as raw:
            connection = raw.execution_options(read_only=read_only)
            with connection.begin():
                yield UnitOfWork(connection, merchant_id, actor, self.clock)

    @contextmanager
    def installation(self, *, read_only: bool = False) -> Generator[sa.Connection]:
        """A transaction outside any merchant: sign-in, merchants, migrations, maintenance."""
        with self.engine.connect() as raw:
            connection = raw.execution_options(read_only=read_only)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Return every connection."""
        self.engine.dispose()
