"""Orders per day and parcels per warehouse of the next weeks, and the people who pack them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.planning.models import DayDemand, Forecasts, WorkDay, Workload
from zhanggui.planning.ports import WorkSource
from zhanggui.planning.service.planner import Planner

SERIES = "orders"
_HISTORY = timedelta(days=365 * 3)
# Orders of the last days may not have been given to a warehouse yet: they would make its share look smaller.
_SETTLED, _SHARE_DAYS, _SHOWN = timedelta(days=4), 56, 84


@dataclass(frozen=True, slots=True)
class WorkHistory:
    """What a forecast of the work is made from: today, orders of past days, parcels by warehouse and their orders."""

    today: date
    orders: Mapping[date, int]
    parcels: Mapping[str, int]
    packed_orders: int


class Staffing:
    """The work ahead of one installation; every call is on behalf of the merchant of the unit of work."""

    def __init__(self, planner: Planner, work: WorkSource) -> None:
        self._planner, self._work = planner, work

    def read(self, uow: UnitOfWork) -> WorkHistory:
        """Three years of orders until yesterday, and where those of the last eight settled weeks were packed."""
        today = uow.clock.now().date()
        until = today - _SETTLED
        first = until - timedelta(days=_SHARE_DAYS)
        orders = {day: count for day, count in self._work.orders(uow, today - _HISTORY).items() if day < today}
        counted = sum(count for day, count in orders.items() if first <= day < until)
        return WorkHistory(today, orders, self._work.parcels(uow, first, until), counted)

    def tell(self, history: WorkHistory, horizon: int = 28) -> Workload:
        """The work of `horizon` days from today. Touches no database.

        Parcels are the expected orders times each warehouse's parcels per order, so that warehouses add up.

        Raises:
            BadInput: the horizon is not 1 to 365.
        """
        rows = [DayDemand(SERIES, day, float(count)) for day, count in history.orders.items()]
        found = self._planner.compute(rows, history.today, horizon)
        shares = _shares(history)
        shown = history.today - timedelta(days=_SHOWN)
        first = min(history.orders, default=history.today)
        past = tuple(
            (day, history.orders.get(day, 0))
            for day in (history.today - timedelta(days=back) for back in range(_SHOWN, 0, -1))
            if day >= max(first, shown)
        )
        if found is None:
            return Workload("insufficient-data: no orders", "", past, 0, (), None, shares, _SHARE_DAYS)
        days = _days(found, shares) if found.status[0] == "ok" else ()
        test, span = found.back_test[0], (history.today - first).days
        return Workload(found.status[0], found.model[0], past, span, days, test, shares, _SHARE_DAYS)


def people_for(parcels: float, each: float) -> int:
    """How many people pack so many parcels a day when one packs `each`.

    Raises:
        BadInput: `each` is not above 0.

    >>> people_for(121, 60)
    3
    """
    if not (each > 0 and math.isfinite(each)):
        raise BadInput(field="per_person", expected="parcels a day, above 0", found=f"{each:g}")
    return math.ceil(parcels / each - 1e-9)


def staff_of(day: WorkDay, told: Workload, each: float) -> Mapping[str, int]:
    """People for a day by warehouse; under "" for all orders where nothing is known of warehouses.

    The expected work is staffed, not the worst case: the interval says how far it may be off.
    """
    parcels = day.parcels if told.parcels_per_order else {"": day.orders}
    return {name: people_for(count, each) for name, count in parcels.items()}


def _shares(history: WorkHistory) -> Mapping[str, float]:
    if not history.packed_orders:
        return {}
    return {name: count / history.packed_orders for name, count in sorted(history.parcels.items())}


def _days(found: Forecasts, shares: Mapping[str, float]) -> tuple[WorkDay, ...]:
    mean, low, high = found.mean()[0], found.at(0.1)[0], found.at(0.9)[0]
    return tuple(
        WorkDay(
            day, float(mean[t]), float(low[t]), float(high[t]),
            {name: float(mean[t]) * share for name, share in shares.items()},
        )
        for t, day in enumerate(found.dates)
    )  # fmt: skip
