"""Webhook deliveries as they came: recorded once, worked on once, kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import orjson
import sqlalchemy as sa

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.store.tables import webhook_deliveries

DeliveryState = Literal["queued", "applied", "stale", "ignored", "rejected"]


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    """What makes a delivery one and the same: the shop, the sender, and the sender's id for it."""

    shop_id: str
    source: str
    delivery_id: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery; `times` counts how often it came, `problem` names the field where it was rejected."""

    key: DeliveryKey
    state: DeliveryState
    topic: str
    received_at: datetime
    times: int
    body: str
    worked_at: datetime | None = None
    order_id: str | None = None
    problem: JsonObject | None = None


class DeliveryStore:
    """The merchant's webhook deliveries."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def add(self, key: DeliveryKey, *, topic: str, body: str) -> bool:
        """Record a delivery as queued; False (and counted) when it came before."""
        row = {
            "shop_id": key.shop_id,
            "source": key.source,
            "delivery_id": key.delivery_id,
            "state": "queued",
            "received_at": self._uow.clock.now(),
            "topic": topic,
            "times": 1,
            "body": body,
        }
        if self._uow.insert_new(webhook_deliveries, row):
            return True
        again = self._uow.update(webhook_deliveries).where(_here(key))
        self._uow.change(again.values(times=webhook_deliveries.c.times + 1))
        return False

    def newest(self, shop_id: str, source: str) -> datetime | None:
        """When the last delivery of a shop came; None before the first."""
        table = webhook_deliveries.c
        here = sa.and_(table.shop_id == shop_id, table.source == source)
        newest = self._uow.select(webhook_deliveries, table.received_at).where(here)
        return self._uow.scalar(newest.order_by(table.received_at.desc()).limit(1))

    def take(self, key: DeliveryKey) -> Delivery | None:
        """The delivery, locked for this transaction, while it is queued; None when it is not (any more)."""
        statement = self._uow.select(webhook_deliveries).where(_here(key), webhook_deliveries.c.state == "queued")
        row = self._uow.row(statement.with_for_update())
        return None if row is None else _delivery(row)

    def finish(
        self, key: DeliveryKey, state: DeliveryState, *, order_id: str | None = None, problem: BadInput | None = None
    ) -> None:
        """Record what became of a delivery."""
        told = None
        if problem is not None:
            shown = {"field": problem.field, "expected": problem.expected, "found": problem.found.replace("\0", "")}
            told = orjson.dumps(shown, option=orjson.OPT_NON_STR_KEYS).decode()
        values = {"state": state, "worked_at": self._uow.clock.now(), "order_id": order_id, "problem": told}
        self._uow.change(self._uow.update(webhook_deliveries).where(_here(key)).values(**values))

    def queue_again(self, key: DeliveryKey) -> bool:
        """Put a rejected or ignored delivery back into the queue (after a mend); whether there was one."""
        stuck = webhook_deliveries.c.state.in_(("rejected", "ignored"))
        return bool(
            self._uow.change(self._uow.update(webhook_deliveries).where(_here(key), stuck).values(state="queued"))
        )

    def waiting(self, *, limit: int = 1_000) -> tuple[DeliveryKey, ...]:
        """Queued deliveries, oldest first."""
        table = webhook_deliveries.c
        statement = self._uow.select(webhook_deliveries, table.shop_id, table.source, table.delivery_id)
        statement = statement.where(table.state == "queued").order_by(table.received_at, table.delivery_id)
        return tuple(DeliveryKey(**row) for row in self._uow.rows(statement.limit(limit)))

    def page(self, *, state: str = "", limit: int = 100) -> Sequence[Delivery]:
        """The newest deliveries, newest first; only those in `state` where it is given."""
        statement = self._uow.select(webhook_deliveries)
        if state:
            statement = statement.where(webhook_deliveries.c.state == state)
        statement = statement.order_by(webhook_deliveries.c.received_at.desc(), webhook_deliveries.c.delivery_id)
        return [_delivery(row) for row in self._uow.rows(statement.limit(limit))]

    def counts(self) -> dict[str, int]:
        """How many deliveries are in which state."""
        state = webhook_deliveries.c.state
        statement = self._uow.select(webhook_deliveries, state, sa.func.count().label("many")).group_by(state)
        return {row["state"]: row["many"] for row in self._uow.rows(statement)}


def _here(key: DeliveryKey) -> sa.ColumnElement[bool]:
    table = webhook_deliveries.c
    return sa.and_(table.shop_id == key.shop_id, table.source == key.source, table.delivery_id == key.delivery_id)


def _delivery(row: sa.RowMapping) -> Delivery:
    return Delivery(
        key=DeliveryKey(row["shop_id"], row["source"], row["delivery_id"]),
        state=row["state"],
        topic=row["topic"],
        received_at=row["received_at"],
        times=row["times"],
        body=row["body"],
        worked_at=row["worked_at"],
        order_id=row["order_id"],
        problem=None if row["problem"] is None else orjson.loads(row["problem"]),
    )
