"""Many rows into a table at the speed of the database: SQLite by many-row inserts, PostgreSQL by COPY.

Both go through the raw connection of the unit of work, so they are part of its transaction.
"""

import io
import sqlite3
from itertools import chain
from typing import Any, cast

import polars as pl
import psycopg
import sqlalchemy as sa

from zhanggui.kernel.storage import UnitOfWork

# SQLite pays per statement more than per row; 100 rows of 10 columns stay far below its limit of 32,766 variables.
_ROWS_PER_STATEMENT = 100


def insert_frame(uow: UnitOfWork, table: sa.Table, frame: pl.DataFrame, constants: dict[str, Any]) -> None:
    """Insert every row of `frame` as the merchant's.

    Args:
        uow: the open transaction.
        table: a merchant's table.
        frame: columns named as in the table; null is NULL.
        constants: the columns that are the same in every row, as Python values of the column's type.
    """
    if frame.is_empty():
        return
    fixed = {"merchant_id": uow.merchant_id, **constants}
    if uow.connection.dialect.name == "sqlite":
        same = {name: frame[name][0] for name in frame.columns if _constant(frame[name])}
        _insert_sqlite(uow, table, frame.drop(same), {**fixed, **same}, len(frame))
    else:
        _copy_postgres(uow, table, frame, fixed)


def _constant(column: pl.Series) -> bool:
    first = column[0]
    return not (isinstance(first, str) and len(first) > 200) and bool(column.eq_missing(first).all())


def _insert_sqlite(uow: UnitOfWork, table: sa.Table, frame: pl.DataFrame, fixed: dict[str, Any], height: int) -> None:
    raw = cast(sqlite3.Connection, uow.connection.connection.dbapi_connection)
    quote = uow.connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in [*fixed, *frame.columns])
    literals = ", ".join(_literal(uow, table, name, value) for name, value in fixed.items())
    bound, places = _distinct(frame)
    one = f"({literals}{', ?' * len(places)})"
    head = f"INSERT INTO {quote(table.name)} ({names}) VALUES "  # noqa: S608 - names of our own columns, literals quoted
    # Numbered places let a column that repeats another (the SKU that is the id) share its value.
    rows = (
        literals + "".join(f", ?{row * len(bound) + place + 1}" for place in places)
        for row in range(_ROWS_PER_STATEMENT)
    )
    many = head + ", ".join(f"({row})" for row in rows)
    columns = [column.to_list() for column in bound]
    whole = height - height % _ROWS_PER_STATEMENT
    cursor = raw.cursor()
    for start in range(0, whole, _ROWS_PER_STATEMENT):
        block = zip(*(column[start : start + _ROWS_PER_STATEMENT] for column in columns), strict=True)
        cursor.execute(many, list(chain.from_iterable(block)))
    for row in range(whole, height):
        cursor.execute(head + one, [columns[place][row] for place in places])


def _distinct(frame: pl.DataFrame) -> tuple[list[pl.Series], list[int]]:
    """The different columns, and for each column of `frame` which of them it is."""
    bound: list[pl.Series] = []
    places: list[int] = []
    for column in frame.get_columns():
        same = (at for at, other in enumerate(bound) if column.dtype == other.dtype and column.equals(other))
        places.append(next(same, len(bound)))
        if places[-1] == len(bound):
            bound.append(column)
    return bound, places


def _literal(uow: UnitOfWork, table: sa.Table, name: str, value: object) -> str:
    # A constant written into the statement costs nothing per row; SQLAlchemy quotes it by the column's type.
    bound = sa.literal(value, table.c[name].type) if value is not None else sa.null()
    return str(bound.compile(dialect=uow.connection.dialect, compile_kwargs={"literal_binds": True}))


def _copy_postgres(uow: UnitOfWork, table: sa.Table, frame: pl.DataFrame, constants: dict[str, Any]) -> None:
    raw = cast(psycopg.Connection[Any], uow.connection.connection.dbapi_connection)
    quote = uow.connection.dialect.identifier_preparer.quote
    fixed = {name: _stored(uow, table, name, value) for name, value in constants.items()}
    whole = frame.with_columns(pl.lit(value).alias(name) for name, value in fixed.items())
    names = ", ".join(quote(name) for name in whole.columns)
    statement = f"COPY {quote(table.name)} ({names}) FROM STDIN (FORMAT csv)".encode()
    text = io.BytesIO()
    whole.write_csv(text, include_header=False, quote_style="non_numeric", null_value="")
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(text.getbuffer())


def _stored(uow: UnitOfWork, table: sa.Table, name: str, value: object) -> Any:
    convert = table.c[name].type.dialect_impl(uow.connection.dialect).bind_processor(uow.connection.dialect)
    return convert(value) if convert else value
