"""Imports of order files: what each did, and what was there before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from zhanggui.kernel.errors import Conflict, NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.store.bulk import parts_of
from zhanggui.orders.store.tables import order_import_changes, order_imports, order_sources, orders


@dataclass(frozen=True, slots=True)
class OrderImport:
    """One import of one file; `problems` holds the first of the rejected rows."""

    id: str
    format: str
    file_name: str
    actor: str
    status: str
    started_at: datetime
    counts: Mapping[str, int]
    problems: Sequence[JsonObject]


@dataclass(frozen=True, slots=True)
class Before:
    """An order as it was told before an import changed it."""

    order_id: str
    version: datetime
    fetched: int
    told: str
    last_change: str


class OrderImportStore:
    """The merchant's imports of orders."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def record(self, done: OrderImport) -> None:
        """Keep a finished import."""
        row = {name: getattr(done, name) for name in OrderImport.__slots__}
        self._uow.insert(order_imports, {**row, "counts": dict(done.counts), "problems": list(done.problems)})

    def get(self, import_id: str) -> OrderImport:
        """One import.

        Raises:
            NotFound: there is none.
        """
        row = self._uow.row(self._uow.select(order_imports).where(order_imports.c.id == import_id))
        if row is None:
            raise NotFound(f"no import of orders {import_id!r}")
        return _import(row)

    def all(self, *, limit: int = 100) -> tuple[OrderImport, ...]:
        """The newest imports, newest first."""
        statement = self._uow.select(order_imports).order_by(order_imports.c.id.desc()).limit(limit)
        return tuple(_import(row) for row in self._uow.rows(statement))

    def close(self, import_id: str) -> None:
        """Mark an import undone.

        Raises:
            Conflict: it is undone already.
        """
        done = self._uow.update(order_imports).where(order_imports.c.id == import_id, order_imports.c.status == "done")
        if not self._uow.change(done.values(status="undone")):
            raise Conflict(f"the import {import_id!r} is undone already")

    def keep_before(self, import_id: str, ids: Sequence[str]) -> None:
        """Remember orders as they are told now, before the import changes them."""
        source = order_sources.c
        joined = sa.and_(orders.c.merchant_id == source.merchant_id, orders.c.id == source.order_id)
        for some in parts_of(ids):
            statement = (
                sa.select(source.order_id, source.version, source.fetched, source.told, orders.c.last_change)
                .select_from(order_sources.join(orders, joined))
                .where(source.merchant_id == self._uow.merchant_id, source.order_id.in_(some))
            )
            rows = [{**row, "import_id": import_id} for row in self._uow.rows(statement)]
            self._uow.insert(order_import_changes, rows)

    def before(self, import_id: str) -> tuple[Before, ...]:
        """The orders that the import changed, as they were told before."""
        table = order_import_changes.c
        columns = (table.order_id, table.version, table.fetched, table.told, table.last_change)
        statement = self._uow.select(order_import_changes, *columns).where(table.import_id == import_id)
        return tuple(Before(**row) for row in self._uow.rows(statement.order_by(table.order_id)))

    def last_touched(self, import_id: str) -> tuple[set[str], set[str]]:
        """Orders that the import made, and orders that it (and nothing since) changed last."""
        made = self._uow.select(orders, orders.c.id).where(orders.c.created_by == import_id)
        last = self._uow.select(orders, orders.c.id).where(orders.c.last_change == import_id)
        run = self._uow.connection.execute
        return set(run(made).scalars()), set(run(last).scalars())


def _import(row: sa.RowMapping) -> OrderImport:
    return OrderImport(**{name: row[name] for name in OrderImport.__slots__})
