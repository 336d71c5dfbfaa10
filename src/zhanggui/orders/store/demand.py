"""Units ordered per SKU and day, for those who plan: what was asked for, not what was shipped."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders.store.tables import order_lines, orders

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
        heads.placed_at >= datetime.combine(since, time(), UTC), heads.state != "cancelled", name != ""
    )
    for row in uow.rows(statement.group_by(name, day)):
        if row["units"] > 0:
            yield OrderedUnits(str(row["sku"])[:200], _EPOCH + timedelta(days=int(row["day"])), float(row["units"]))
