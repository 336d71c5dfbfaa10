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
    quote = uow.connection.dialect.identifier_preparer.quote
    columns = list(table.columns.keys())
    names = ", ".join(quote(name) for name in columns)
    raw = uow.connection.connection.dbapi_connection
    if uow.connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})"  # noqa: S608 - our own names only
        whole = ((uow.merchant_id, *row) for row in rows)
        cast(sqlite3.Connection, raw).executemany(statement, whole)
        return
    statement = f"COPY {quote(table.name)} ({names}) FROM STDIN".encode()
    with cast(psycopg.Connection[Any], raw).cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row((uow.merchant_id, *row))


def parts_of(ids: Sequence[str]) -> list[Sequence[str]]:
    """The ids in lists short enough for one statement."""
    return [ids[start : start + _MOST_IN_LIST] for start in range(0, len(ids), _MOST_IN_LIST)]
