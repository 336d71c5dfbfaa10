"""How each shop is connected: its settings, its secrets (sealed), how far we have asked it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import orjson
import sqlalchemy as sa

from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, new_id
from zhanggui.orders.store.tables import shop_connections, shop_secrets, sync_cursors

Purpose = Literal["webhook", "api"]


@dataclass(frozen=True, slots=True)
class Connection:
    """A shop's connection to one source: `settings` as that source's connector reads them (host, currency ...)."""

    shop_id: str
    source: str
    settings: JsonObject


@dataclass(frozen=True, slots=True)
class SyncCursor:
    """How far a shop was asked: everything changed before `since` is here; inside a run `cursor` is the next page."""

    since: datetime
    newest: datetime | None = None
    cursor: str = ""
    finished_at: datetime | None = None
    taken: int = 0


class ConnectionStore:
    """The merchant's connections to shops."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def put(self, connection: Connection) -> None:
        """Keep a connection, over an older one of the same shop and source."""
        row = {
            "shop_id": connection.shop_id,
            "source": connection.source,
            "settings": orjson.dumps(connection.settings).decode(),
            "changed_at": self._uow.clock.now(),
        }
        self._uow.upsert(shop_connections, [row], key=["shop_id", "source"])

    def get(self, shop_id: str, source: str) -> Connection:
        """One connection.

        Raises:
            NotFound: there is none.
        """
        table = shop_connections.c
        statement = self._uow.select(shop_connections).where(table.shop_id == shop_id, table.source == source)
        row = self._uow.row(statement)
        if row is None:
            raise NotFound(f"the shop {shop_id!r} is not connected to {source!r}")
        return Connection(shop_id, source, orjson.loads(row["settings"]))

    def all(self) -> tuple[Connection, ...]:
        """Every connection, by shop and source."""
        order = (shop_connections.c.shop_id, shop_connections.c.source)
        found = self._uow.rows(self._uow.select(shop_connections).order_by(*order))
        return tuple(Connection(row["shop_id"], row["source"], orjson.loads(row["settings"])) for row in found)

    def add_secret(self, shop_id: str, source: str, purpose: Purpose, sealed: str, *, overlap: timedelta) -> None:
        """Keep a sealed secret; the ones before it go on counting for `overlap` only."""
        now, table = self._uow.clock.now(), shop_secrets.c
        older = self._uow.update(shop_secrets).where(_secret(shop_id, source, purpose))
        ends = sa.or_(table.ends_at.is_(None), table.ends_at > now + overlap)
        self._uow.change(older.where(ends).values(ends_at=now + overlap))
        row = {"shop_id": shop_id, "source": source, "purpose": purpose, "id": new_id("sec"), "sealed": sealed}
        self._uow.insert(shop_secrets, {**row, "created_at": now, "ends_at": None})

    def secrets(self, shop_id: str, source: str, purpose: Purpose) -> tuple[str, ...]:
        """The sealed secrets that count now, newest first."""
        table = shop_secrets.c
        counts = sa.or_(table.ends_at.is_(None), table.ends_at > self._uow.clock.now())
        statement = self._uow.select(shop_secrets, table.sealed).where(_secret(shop_id, source, purpose), counts)
        return tuple(self._uow.connection.execute(statement.order_by(table.created_at.desc(), table.id)).scalars())

    def purposes(self, shop_id: str, source: str) -> frozenset[str]:
        """Which secrets of the shop there are that count now."""
        table = shop_secrets.c
        counts = sa.or_(table.ends_at.is_(None), table.ends_at > self._uow.clock.now())
        here = sa.and_(table.shop_id == shop_id, table.source == source, counts)
        return frozenset(row["purpose"] for row in self._uow.rows(self._uow.select(shop_secrets).where(here)))

    def remove(self, shop_id: str, source: str) -> bool:
        """Forget a connection with its secrets and how far it was asked; False where there is none."""
        found = 0
        for table in (shop_connections, shop_secrets, sync_cursors):
            here = sa.and_(table.c.shop_id == shop_id, table.c.source == source)
            found += self._uow.change(self._uow.delete(table).where(here))
        return found > 0

    def cursor(self, shop_id: str, source: str) -> SyncCursor | None:
        """How far the shop was asked; None before the first time."""
        table = sync_cursors.c
        columns = (table.since, table.newest, table.cursor, table.finished_at, table.taken)
        statement = self._uow.select(sync_cursors, *columns).where(table.shop_id == shop_id, table.source == source)
        row = self._uow.row(statement)
        return None if row is None else SyncCursor(**row)

    def put_cursor(self, shop_id: str, source: str, at: SyncCursor) -> None:
        """Record how far the shop was asked."""
        names = ("since", "newest", "cursor", "finished_at", "taken")
        row = {"shop_id": shop_id, "source": source, **{name: getattr(at, name) for name in names}}
        self._uow.upsert(sync_cursors, [row], key=["shop_id", "source"])


def _secret(shop_id: str, source: str, purpose: Purpose) -> sa.ColumnElement[bool]:
    table = shop_secrets.c
    return sa.and_(table.shop_id == shop_id, table.source == source, table.purpose == purpose)
