"""Units ordered per SKU and day, orders per day, parcels per warehouse, for those who plan."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders.store.tables import fulfilments, order_lines, orders

_EPOCH = date(1970, 1, 1)
# Instants are kept as microseconds since 1970.
_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class OrderedUnits:
    """Units of a SKU that were ordered on a day (UTC) and not cancelled."""

    sku: str
    day: date
    units: float


def ordered_units(uow: UnitOfWork, since: date) -> Iterator[OrderedUnits]:
    """Every SKU's units on every day from `since`, days without orders left out; cancelled orders and lines are not in.

    Lines without a SKU count under their title.
    """
    lines, heads = order_lines.c, orders.c
    name = sa.func.coalesce(sa.func.nullif(lines.sku, ""), lines.title)
    day, units = sa.type_coerce(heads.placed_at, sa.BigInteger) // _DAY, sa.func.sum(lines.quantity - lines.cancelled)
    joined = (heads.merchant_id == lines.merchant_id) & (heads.id == lines.order_id)
    statement = uow.select(order_lines, name.label("sku"), day.label("day"), units.label("units"))
    statement = statement.join(orders, joined).where(
        heads.placed_at >= _start(since), heads.state != "cancelled", name != ""
    )
    for row in uow.rows(statement.group_by(name, day)):
        if row["units"] > 0:
            yield OrderedUnits(str(row["sku"])[:200], _EPOCH + timedelta(days=int(row["day"])), float(row["units"]))


def orders_by_day(uow: UnitOfWork, since: date) -> Mapping[date, int]:
    """Orders placed on every day (UTC) from `since` and not cancelled; days without one are left out."""
    day = sa.type_coerce(orders.c.placed_at, sa.BigInteger) // _DAY
    statement = uow.select(orders, day.label("day"), sa.func.count().label("n"))
    statement = statement.where(orders.c.placed_at >= _start(since), orders.c.state != "cancelled").group_by(day)
    return {_EPOCH + timedelta(days=int(row["day"])): int(row["n"]) for row in uow.rows(statement)}


def parcels_by_warehouse(uow: UnitOfWork, first: date, until: date) -> Mapping[str, int]:
    """What was packed of the orders placed from `first` to before `until`, by warehouse: one fulfilment is one parcel.

    Cancelled orders and fulfilments are left out.
    """
    joined = (orders.c.merchant_id == fulfilments.c.merchant_id) & (orders.c.id == fulfilments.c.order_id)
    statement = uow.select(fulfilments, fulfilments.c.warehouse, sa.func.count().label("n")).join(orders, joined)
    statement = statement.where(
        orders.c.placed_at >= _start(first),
        orders.c.placed_at < _start(until),
        orders.c.state != "cancelled",
        fulfilments.c.state != "cancelled",
    )
    return {str(row["warehouse"]): int(row["n"]) for row in uow.rows(statement.group_by(fulfilments.c.warehouse))}


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
