"""Many rows into a table at the speed of the database, in the unit of work's own transaction.

Values are given as they are stored (instants as integer microseconds, JSON as text): going through the column types
costs more than the database does.
"""

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import psycopg
import sqlalchemy as sa

from zhanggui.kernel.storage import UnitOfWork

Values = tuple[Any, ...]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MOST_IN_LIST = 500


def micros(at: datetime) -> int:
    """An aware instant as it is stored."""
    return (at - _EPOCH) // _MICROSECOND


def instant(stored: int) -> datetime:
    """A stored instant."""
    return _EPOCH + stored * _MICROSECOND


def insert_rows(uow: UnitOfWork, table: sa.Table, rows: Sequence[Values]) -> None:
    """Insert rows whose values stand in the order of the table's columns, without the merchant (the first column)."""
    if not rows:
        return
    raw = uow.connection.connection.dbapi_connection
    merchant_id, dialect = uow.merchant_id, uow.connection.dialect
    statement = _insertion(table, dialect)
    if dialect.name == "sqlite":
        cast(sqlite3.Connection, raw).executemany(statement, [(merchant_id, *row) for row in rows])
        return
    with cast(psycopg.Connection[Any], raw).cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for row in rows:
            copy.write_row((merchant_id, *row))


_insertions: dict[tuple[str, str], str] = {}


def _insertion(table: sa.Table, dialect: sa.Dialect) -> str:
    """The statement that fills a table of ours, made once for each kind of database."""
    known = _insertions.get((table.name, dialect.name))
    if known is not None:
        return known
    quote = dialect.identifier_preparer.quote
    columns = list(table.columns.keys())
    names = ", ".join(quote(name) for name in columns)
    if dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        made = f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})"  # noqa: S608 - our own names only
    else:
        made = f"COPY {quote(table.name)} ({names}) FROM STDIN"
    return _insertions.setdefault((table.name, dialect.name), made)


def parts_of(ids: Sequence[str]) -> list[Sequence[str]]:
    """The ids in lists short enough for one statement."""
    return [ids[start : start + _MOST_IN_LIST] for start in range(0, len(ids), _MOST_IN_LIST)]
