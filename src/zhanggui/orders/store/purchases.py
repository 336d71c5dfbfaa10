"""Who ordered which SKU when, for those who recommend: one row a line that was not cancelled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders.store.tables import order_lines, orders

_CHUNK = 400


@dataclass(frozen=True, slots=True)
class BoughtLine:
    """A line of an order. `customer` is `shop:customer` as the shop names them, empty for guests; `email` as told."""

    order_id: str
    customer: str
    email: str
    sku: str
    at: datetime
    units: int


def bought_lines(uow: UnitOfWork, since: datetime, *, limit: int, people: Sequence[str] = ()) -> Iterator[BoughtLine]:
    """The newest lines placed at or after `since`, newest first; cancelled orders, lines and lines without SKU are out.

    Args:
        limit: lines at most.
        people: only theirs, each `shop:customer` or an e-mail address in lower case; empty for everybody's.
    """
    lines, heads = order_lines.c, orders.c
    units = lines.quantity - lines.cancelled
    statement = uow.select(
        order_lines, heads.id, heads.shop_id, heads.customer_id, heads.customer_email, heads.placed_at, lines.line_id,
        lines.sku, units.label("units"),
    )  # fmt: skip
    joined = (heads.merchant_id == lines.merchant_id) & (heads.id == lines.order_id)
    statement = statement.join(orders, joined).where(heads.state != "cancelled", lines.sku != "", units > 0)
    if people:
        ids = sorted({row["id"] for row in uow.rows(_orders_of(uow, people))})
        found = _of_orders(uow, statement, since, ids)[:limit]
    else:
        newest = statement.where(heads.placed_at >= since).order_by(heads.placed_at.desc(), heads.id, lines.line_id)
        found = uow.rows(newest.limit(limit))
    for row in found:
        customer = f"{row['shop_id']}:{row['customer_id']}" if row["customer_id"] else ""
        yield BoughtLine(
            row["id"], customer, row["customer_email"], row["sku"], row["placed_at"], int(row["units"])
        )  # fmt: skip


def _of_orders(uow: UnitOfWork, statement: sa.Select[Any], since: datetime, ids: Sequence[str]) -> list[sa.RowMapping]:
    """The lines of these orders, newest first.

    Time is looked at and sorted by here: a database without statistics would walk through everybody's orders by time.
    """
    found: list[sa.RowMapping] = []
    for start in range(0, len(ids), _CHUNK):
        found += uow.rows(statement.where(order_lines.c.order_id.in_(ids[start : start + _CHUNK])))
    found.sort(key=lambda row: (row["id"], row["line_id"]))
    return sorted((row for row in found if row["placed_at"] >= since), key=lambda row: row["placed_at"], reverse=True)


def _orders_of(uow: UnitOfWork, people: Sequence[str]) -> sa.CompoundSelect[Any]:
    """Ids of their orders, each part by an index of its own."""
    heads = orders.c
    own = [one.partition(":")[2] for one in people if ":" in one]
    emails = [one for one in people if "@" in one]
    mixed = sa.text("customer_email <> lower(customer_email)")
    return sa.union_all(
        uow.select(orders, heads.id).where(
            heads.customer_id.in_(own), heads.customer_id != "", (heads.shop_id + ":" + heads.customer_id).in_(people)
        ),
        uow.select(orders, heads.id).where(heads.customer_email.in_(emails)),
        uow.select(orders, heads.id).where(mixed, sa.func.lower(heads.customer_email).in_(emails)),
    )
