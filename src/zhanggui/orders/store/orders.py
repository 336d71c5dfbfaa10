"""Orders kept: the newest telling of each, the parts told apart, our own changes, and everything written out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
import sqlalchemy as sa
from pydantic import TypeAdapter

from zhanggui.kernel.commerce import SourceOrder, SourcePart
from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders.models import Stamp, Transition
from zhanggui.orders.models.intake import Change, OwnChange, part_of
from zhanggui.orders.store import tables
from zhanggui.orders.store.bulk import insert_rows, micros, parts_of
from zhanggui.orders.store.written import Head, Kept, event_row, order_row, part_rows, source_row

_TOLD = TypeAdapter(SourceOrder)
_PART = TypeAdapter(SourcePart)
_WRITTEN = {
    table.name: table
    for table in (
        tables.order_lines, tables.payments, tables.fulfilments, tables.shipments,
        tables.returns, tables.refunds, tables.order_events,
    )
}  # fmt: skip


# What every intake asks, built once: putting a statement together costs more than a small one takes to run.
_source, _order, _part = tables.order_sources.c, tables.orders.c, tables.order_parts.c
_MERCHANT, _IDS = sa.bindparam("merchant", type_=sa.String), sa.bindparam("ids", expanding=True, type_=sa.String)
_KNOWN = (
    sa.select(_source.order_id, _source.version, _source.fetched, _source.digest, _order.created_by, _order.last_change)
    .select_from(tables.order_sources)
    .join(tables.orders, sa.and_(_order.merchant_id == _source.merchant_id, _order.id == _source.order_id))
    .where(_source.merchant_id == _MERCHANT, _source.order_id.in_(_IDS))
)
_PARTS = (
    sa.select(_part.order_id, _part.told)
    .where(_part.merchant_id == _MERCHANT, _part.order_id.in_(_IDS))
    .order_by(_part.order_id, _part.kind, _part.part_id)
)


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """What the database has of an order before news about it: the rank of its telling, who made and changed it last."""

    version: datetime
    fetched: int
    digest: str
    created_by: str
    last_change: str

    @property
    def rank(self) -> tuple[datetime, int, str]:
        """As `Head.rank`."""
        return self.version, self.fetched, self.digest


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One entry of an order's timeline; `own` is a change made here, the others were told by the shop."""

    at: datetime
    who: str
    why: str
    thing: str
    thing_id: str
    event: str
    before: str
    after: str
    own: bool


def make_head(order: SourceOrder, fetched_at: datetime | None = None) -> Head:
    """An order as its telling is kept."""
    told = orjson.dumps(order)
    digest = sha256(told).hexdigest()[:32]
    return Head(order.version, 0 if fetched_at is None else micros(fetched_at), digest, told.decode())


def read_told(text: str) -> SourceOrder:
    """A kept telling as the order it is."""
    return _TOLD.validate_json(text)


class OrderStore:
    """The merchant's orders."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def lock_shop(self, shop_id: str) -> None:
        """Let one transaction at a time take in news of a shop (SQLite has one writer anyway)."""
        if self._uow.connection.dialect.name == "postgresql":
            key = int.from_bytes(sha256(f"{self._uow.merchant_id}\0{shop_id}".encode()).digest()[:8], signed=True)
            self._uow.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))

    def known(self, ids: Sequence[str]) -> dict[str, KnownOrder]:
        """Which of these orders are there, with the rank of their telling."""
        found: dict[str, KnownOrder] = {}
        for some in parts_of(ids):
            for order_id, *rest in self._uow.connection.execute(_KNOWN, self._asked(some)):
                found[order_id] = KnownOrder(*rest)
        return found

    def told(self, ids: Sequence[str]) -> dict[str, SourceOrder]:
        """The newest whole telling of each of these orders."""
        table = tables.order_sources
        found: dict[str, SourceOrder] = {}
        for some in parts_of(ids):
            statement = self._uow.select(table, table.c.order_id, table.c.told).where(table.c.order_id.in_(some))
            for row in self._uow.rows(statement):
                found[row["order_id"]] = read_told(row["told"])
        return found

    def head(self, order_id: str) -> Head:
        """The newest whole telling of an order.

        Raises:
            NotFound: there is no such order.
        """
        table = tables.order_sources
        row = self._uow.row(self._uow.select(table).where(table.c.order_id == order_id))
        if row is None:
            raise NotFound(f"no order {order_id!r}")
        return Head(row["version"], row["fetched"], row["digest"], row["told"])

    def add_part(self, order_id: str, part: SourcePart) -> bool:
        """Keep news of a part unless what is there is as new; whether it was kept."""
        kind, part_id = part_of(part)
        told = orjson.dumps(part)
        digest = sha256(told).hexdigest()[:32]
        table = tables.order_parts
        here = sa.and_(table.c.order_id == order_id, table.c.kind == kind, table.c.part_id == part_id)
        row = self._uow.row(self._uow.select(table, table.c.version, table.c.digest).where(here))
        if row is not None and (row["version"], row["digest"]) >= (part.version, digest):
            return False
        values = {"order_id": order_id, "kind": kind, "part_id": part_id, "version": part.version}
        self._uow.upsert(
            table, [{**values, "digest": digest, "told": told.decode()}], key=["order_id", "kind", "part_id"]
        )
        return True

    def parts(self, ids: Sequence[str]) -> dict[str, list[SourcePart]]:
        """The parts told by themselves, by order."""
        found: dict[str, list[SourcePart]] = {}
        for some in parts_of(ids):
            for order_id, told in self._uow.connection.execute(_PARTS, self._asked(some)):
                found.setdefault(order_id, []).append(_PART.validate_json(told))
        return found

    def own_changes(self, ids: Sequence[str]) -> dict[str, list[OwnChange]]:
        """Our own changes in the order they were made, by order."""
        table = tables.order_events
        found: dict[str, list[OwnChange]] = {}
        for some in parts_of(ids):
            statement = self._uow.select(table).where(table.c.order_id.in_(some), table.c.number < 0)
            for row in self._uow.rows(statement.order_by(table.c.order_id, table.c.number.desc())):
                change: dict[str, Any] = orjson.loads(row["change"])
                stamp = Stamp(row["at"], row["who"], row["why"])
                made = OwnChange(row["number"], Change(change["do"], change["detail"]), stamp)
                found.setdefault(row["order_id"], []).append(made)
        return found

    def add_own(self, order_id: str, step: Transition, change: Change) -> int:
        """Record one of our own changes; its number in the timeline (below 0, counting down)."""
        table = tables.order_events
        lowest = self._uow.scalar(
            self._uow.select(table, sa.func.min(table.c.number)).where(table.c.order_id == order_id)
        )
        number = min(int(lowest or 0), 0) - 1
        text = orjson.dumps({"do": change.do, "detail": change.detail}).decode()
        insert_rows(self._uow, table, [event_row(order_id, number, step, text)])
        return number

    def write(self, kept: Sequence[Kept], *, there: Iterable[str]) -> None:
        """Write orders out, in place of those of them that are `there` already."""
        self._clear(list(there))
        now = micros(self._uow.clock.now())
        insert_rows(self._uow, tables.orders, [order_row(one, now) for one in kept])
        insert_rows(self._uow, tables.order_sources, [source_row(one) for one in kept])
        rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _WRITTEN}
        for one in kept:
            for name, part in part_rows(one).items():
                if part:
                    rows[name] += part
        for name, some in rows.items():
            insert_rows(self._uow, _WRITTEN[name], some)

    def remove(self, ids: Sequence[str]) -> None:
        """Take orders away, with everything written of them."""
        self._clear(ids)
        for some in parts_of(ids):
            for table in (tables.order_parts, tables.order_events):
                self._uow.change(self._uow.delete(table).where(table.c.order_id.in_(some)))

    def touched(self, ids: Sequence[str]) -> set[str]:
        """Which of these orders have changes of our own."""
        table, found = tables.order_events, set[str]()
        for some in parts_of(ids):
            statement = self._uow.select(table, table.c.order_id).where(table.c.order_id.in_(some), table.c.number < 0)
            found.update(self._uow.connection.execute(statement).scalars())
        return found

    def timeline(self, order_id: str) -> tuple[TimelineStep, ...]:
        """Everything that happened to an order, oldest first."""
        table = tables.order_events
        rows = self._uow.rows(self._uow.select(table).where(table.c.order_id == order_id))
        names = ("at", "who", "why", "thing", "thing_id", "event", "before", "after")
        # Told steps of one instant in the order told, then our own in the order made.
        ordered = sorted(rows, key=lambda row: (row["at"], row["number"] < 0, abs(row["number"])))
        return tuple(TimelineStep(*(row[name] for name in names), own=row["number"] < 0) for row in ordered)

    def _asked(self, ids: Sequence[str]) -> dict[str, Any]:
        return {"merchant": self._uow.merchant_id, "ids": ids}

    def _clear(self, ids: Sequence[str]) -> None:
        for some in parts_of(ids):
            self._uow.change(self._uow.delete(tables.orders).where(tables.orders.c.id.in_(some)))
            for table in (tables.order_sources, *_WRITTEN.values()):
                gone = self._uow.delete(table).where(table.c.order_id.in_(some))
                if table is tables.order_events:
                    gone = gone.where(table.c.number >= 0)
                self._uow.change(gone)


def decided(uow: UnitOfWork, order_id: str) -> tuple[tuple[str, ...], tuple[Mapping[str, Any], ...]]:
    """The flags of an order and the rules of its arrival decision, as recorded.

    Raises:
        NotFound: there is no such order.
    """
    table = tables.order_sources
    row = uow.row(uow.select(table, table.c.flags, table.c.decision).where(table.c.order_id == order_id))
    if row is None:
        raise NotFound(f"no order {order_id!r}")
    return tuple(orjson.loads(row["flags"])), tuple(orjson.loads(row["decision"]))
