"""What the desk did with orders and what it still has to tell the world: acts, the outbox, marks, exceptions.

An outbox row is written in the transaction of the change that causes it; a durable job delivers it with the row's id
as idempotency key, so that a crash in between neither loses nor doubles it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from zhanggui.kernel.errors import Conflict, NotFound
from zhanggui.kernel.storage import UnitOfWork, UtcDateTime, merchant_table
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.models.acts import Act
from zhanggui.orders.store.bulk import parts_of
from zhanggui.orders.store.tables import orders, shipments

EffectState = Literal["waiting", "sending", "done", "failed", "withdrawn"]
_ORDER = sa.String(330)
_NUMBERED = re.compile(r"\.\d+$")

order_outbox = merchant_table(
    "order_outbox",
    sa.Column("id", sa.String(120), nullable=False),
    sa.Column("order_id", _ORDER, nullable=False),
    sa.Column("effect", sa.String(40), nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("receipt", sa.JSON),
    sa.Column("problem", sa.Text),
    sa.Index("ix_order_outbox_merchant_id_state", "merchant_id", "state", "created_at"),
    sa.Index("ix_order_outbox_merchant_id_order_id", "merchant_id", "order_id"),
)

order_acts = merchant_table(
    "order_acts",
    sa.Column("key", sa.String(120), nullable=False),
    sa.Column("order_id", _ORDER, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("taken_back_at", UtcDateTime),
    sa.Index("ix_order_acts_merchant_id_order_id", "merchant_id", "order_id"),
    key=("key",),
)

# By what an order's customer can be known again; the words themselves are hashed.
order_marks = merchant_table(
    "order_marks",
    sa.Column("mark", sa.String(40), nullable=False),
    sa.Column("order_id", _ORDER, nullable=False),
    sa.Column("placed_at", UtcDateTime, nullable=False),
    sa.Column("refused", sa.Boolean, nullable=False),
    sa.Index("ix_order_marks_merchant_id_order_id", "merchant_id", "order_id"),
    key=("mark", "order_id"),
)


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing to be done outside. `id` is its idempotency key; `receipt` what the other side answered."""

    id: str
    order_id: str
    effect: str
    payload: JsonObject
    state: EffectState
    created_at: datetime
    receipt: JsonObject | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ActEntry:
    """An act in an order's timeline: `key` is the proposal's id."""

    key: str
    kind: str
    at: datetime
    who: str
    why: str
    payload: JsonObject
    taken_back_at: datetime | None


class OutboxStore:
    """The merchant's outbox."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def add(self, key: str, order_id: str, name: str, payload: JsonObject) -> str:
        """Put an effect in; its id. The same key and name twice is one effect; a name may end in a number (`x.2`)."""
        effect_id, now, effect = f"{key}:{name}", self._uow.clock.now(), _NUMBERED.sub("", name)
        row = {
            "id": effect_id, "order_id": order_id, "effect": effect, "payload": payload, "state": "waiting",
            "created_at": now, "changed_at": now,
        }  # fmt: skip
        self._uow.insert_new(order_outbox, row)
        return effect_id

    def get(self, effect_id: str) -> Effect:
        """One effect.

        Raises:
            NotFound: there is none of this id.
        """
        row = self._uow.row(self._uow.select(order_outbox).where(order_outbox.c.id == effect_id))
        if row is None:
            raise NotFound(f"no effect {effect_id!r}")
        return _effect(row)

    def waiting(self, effects: Iterable[str], *, limit: int = 500) -> list[Effect]:
        """The oldest effects of these kinds that are not done."""
        table = order_outbox.c
        wanted = self._uow.select(order_outbox).where(
            table.state.in_(("waiting", "sending")), table.effect.in_(list(effects))
        )
        return [_effect(row) for row in self._uow.rows(wanted.order_by(table.created_at, table.id).limit(limit))]

    def of_order(self, order_id: str) -> list[Effect]:
        """An order's effects, oldest first."""
        table = order_outbox.c
        wanted = self._uow.select(order_outbox).where(table.order_id == order_id)
        return [_effect(row) for row in self._uow.rows(wanted.order_by(table.created_at, table.id))]

    def begin(self, effect_id: str) -> bool:
        """Mark it as being sent; False where it was withdrawn, failed or is done. From here it cannot be withdrawn."""
        return self._set(effect_id, ("waiting", "sending"), "sending")

    def finish(self, effect_id: str, receipt: JsonObject) -> bool:
        """Record the answer; whether this call recorded it."""
        return self._set(effect_id, ("waiting", "sending"), "done", receipt=receipt)

    def fail(self, effect_id: str, problem: str) -> bool:
        """Record that the other side refused for good."""
        return self._set(effect_id, ("waiting", "sending"), "failed", problem=problem[:2000])

    def withdraw(self, key: str) -> None:
        """Take back every effect of a key that has not left.

        Raises:
            Conflict: one of them is being sent or was sent.
        """
        mine = order_outbox.c.id.startswith(f"{key}:", autoescape=True)
        gone = self._uow.scalar(
            self._uow.select(order_outbox, sa.func.count()).where(mine, order_outbox.c.state.in_(("sending", "done")))
        )
        if gone:
            raise Conflict("it has left the house: the other side was told already")
        values = {"state": "withdrawn", "changed_at": self._uow.clock.now()}
        self._uow.change(self._uow.update(order_outbox).where(mine).values(**values))

    def _set(self, effect_id: str, before: Sequence[str], state: EffectState, **values: object) -> bool:
        table = order_outbox.c
        statement = self._uow.update(order_outbox).where(table.id == effect_id, table.state.in_(before))
        return self._uow.change(statement.values(state=state, changed_at=self._uow.clock.now(), **values)) > 0


class ActStore:
    """What the desk did with orders."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def add(self, act: Act, order_id: str, why: str) -> bool:
        """Record an act; False where its key is there already."""
        row = {
            "key": act.key, "order_id": order_id, "kind": act.kind, "at": act.at, "who": str(self._uow.actor),
            "why": why, "payload": act.payload,
        }  # fmt: skip
        return self._uow.insert_new(order_acts, row)

    def of_orders(self, ids: Sequence[str]) -> dict[str, list[Act]]:
        """The acts not taken back of these orders, oldest first."""
        table, found = order_acts.c, dict[str, list[Act]]()
        for some in parts_of(ids):
            wanted = self._uow.select(order_acts).where(table.order_id.in_(some), table.taken_back_at.is_(None))
            for row in self._uow.rows(wanted.order_by(table.at, table.key)):
                act = Act(row["key"], row["kind"], row["at"], row["payload"])
                found.setdefault(row["order_id"], []).append(act)
        return found

    def timeline(self, order_id: str) -> list[ActEntry]:
        """An order's acts for its timeline, oldest first, those taken back included."""
        wanted = self._uow.select(order_acts).where(order_acts.c.order_id == order_id)
        rows = self._uow.rows(wanted.order_by(order_acts.c.at, order_acts.c.key))
        return [ActEntry(**{name: row[name] for name in ActEntry.__slots__}) for row in rows]

    def take_back(self, key: str) -> None:
        """Mark an act as taken back."""
        statement = self._uow.update(order_acts).where(order_acts.c.key == key)
        self._uow.change(statement.values(taken_back_at=self._uow.clock.now()))


class MarkStore:
    """Which orders share a customer, a phone, an e-mail address or a place."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def put(self, order_id: str, marks: Iterable[str], placed_at: datetime, *, refused: bool) -> None:
        """The marks of an order, in place of those there."""
        self._uow.change(self._uow.delete(order_marks).where(order_marks.c.order_id == order_id))
        values = {"order_id": order_id, "placed_at": placed_at, "refused": refused}
        self._uow.insert(order_marks, [{"mark": mark, **values} for mark in sorted(set(marks))])

    def near(self, marks: Iterable[str], since: datetime, *, limit: int = 60) -> Mapping[str, bool]:
        """Orders with one of these marks placed since then, or refused at any time: id -> refused; newest first."""
        table = order_marks.c
        wanted = self._uow.select(order_marks, table.order_id, table.refused).where(
            table.mark.in_(sorted(set(marks))), sa.or_(table.placed_at >= since, table.refused)
        )
        rows = self._uow.rows(wanted.order_by(table.placed_at.desc(), table.order_id).limit(limit))
        return {row["order_id"]: row["refused"] for row in rows}


def recent_order_ids(uow: UnitOfWork, *, limit: int = 300) -> list[str]:
    """The ids of the newest orders."""
    wanted = uow.select(orders, orders.c.id).order_by(orders.c.placed_at.desc(), orders.c.id.desc()).limit(limit)
    return [row["id"] for row in uow.rows(wanted)]


def changed_orders(
    uow: UnitOfWork, since: datetime, placed_since: datetime, *, after: str = "", limit: int = 500
) -> list[str]:
    """Orders written out since then (changed by anybody) and placed lately, by id."""
    wanted = uow.select(orders, orders.c.id).where(
        orders.c.changed_at >= since, orders.c.placed_at >= placed_since, orders.c.id > after
    )
    return [row["id"] for row in uow.rows(wanted.order_by(orders.c.id).limit(limit))]


def orders_with_parcels(uow: UnitOfWork, since: datetime, *, after: str = "", limit: int = 500) -> list[str]:
    """Orders placed since then that have a parcel and are not cancelled, by id; `after` is the last id of a page."""
    parcel = sa.exists().where(shipments.c.merchant_id == orders.c.merchant_id, shipments.c.order_id == orders.c.id)
    wanted = uow.select(orders, orders.c.id).where(
        orders.c.placed_at >= since, orders.c.state != "cancelled", orders.c.id > after, parcel
    )
    return [row["id"] for row in uow.rows(wanted.order_by(orders.c.id).limit(limit))]


def unsent_orders(uow: UnitOfWork, since: datetime, *, after: str = "", limit: int = 500) -> list[str]:
    """Open orders placed since then of which not everything is sent, by id."""
    wanted = uow.select(orders, orders.c.id).where(
        orders.c.placed_at >= since,
        orders.c.state.in_(("placed", "accepted", "held")),
        orders.c.delivery_state.in_(("none", "part-sent")),
        orders.c.id > after,
    )
    return [row["id"] for row in uow.rows(wanted.order_by(orders.c.id).limit(limit))]


def order_ids_between(
    uow: UnitOfWork, first: datetime, last: datetime, *, after: str = "", limit: int = 500
) -> list[str]:
    """Orders placed from `first` until before `last`, by id."""
    wanted = uow.select(orders, orders.c.id).where(
        orders.c.placed_at >= first, orders.c.placed_at < last, orders.c.id > after
    )
    return [row["id"] for row in uow.rows(wanted.order_by(orders.c.id).limit(limit))]


def _effect(row: sa.RowMapping) -> Effect:
    return Effect(
        id=row["id"],
        order_id=row["order_id"],
        effect=row["effect"],
        payload=row["payload"],
        state=row["state"],
        created_at=row["created_at"],
        receipt=row["receipt"],
        problem=row["problem"] or "",
    )
