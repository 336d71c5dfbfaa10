"""Forecast the shop's demand from its own orders, keep it, let people correct it, and say what to buy."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import new_id
from zhanggui.planning.models import (
    DayDemand,
    Demand,
    Forecasts,
    Sales,
    SalesEvent,
    StockAdvice,
    StockItem,
    StoredForecast,
)
from zhanggui.planning.ports import DemandSource
from zhanggui.planning.rules.events import sales_events
from zhanggui.planning.rules.panel import build_panel
from zhanggui.planning.rules.stock import share_budget
from zhanggui.planning.service.forecasting import forecast
from zhanggui.planning.store import ForecastStore, JsonRow, Override, SeriesInfo, StockStore

HORIZON = 56
_HISTORY = timedelta(days=365 * 3)
_MOST_UNITS = 1e9


@dataclass(frozen=True, slots=True)
class ForecastRun:
    """What a run did: SKUs forecast, of them with enough history, days each, the first of them."""

    series: int
    enough: int
    horizon: int
    first: date | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """Everything that is known of one SKU's demand."""

    info: SeriesInfo
    history: tuple[DayDemand, ...]
    days: tuple[StoredForecast, ...]
    overrides: tuple[Override, ...]
    events: tuple[SalesEvent, ...]


@dataclass(frozen=True, slots=True)
class OverrideScore:
    """How people's numbers did against the model's expected ones on days that are over: mean errors in units a day."""

    days: int
    people: float
    model: float


class Planner:
    """Planning for one installation; every call is on behalf of the merchant of the unit of work."""

    def __init__(self, demand: DemandSource) -> None:
        self._demand = demand

    def demand_until_yesterday(self, uow: UnitOfWork) -> tuple[DayDemand, ...]:
        """Three years of demand by day, today left out: it is not over."""
        today = uow.clock.now().date()
        return tuple(row for row in self._demand.daily(uow, today - _HISTORY) if row.day < today)

    def compute(self, rows: Sequence[DayDemand], today: date, horizon: int = HORIZON) -> Forecasts | None:
        """Forecast every SKU for `horizon` days from today; None without any demand. Touches no database.

        Raises:
            BadInput: the horizon is not 1 to 365.
        """
        if not 1 <= horizon <= 365:
            raise BadInput(field="horizon", expected="1 to 365 days", found=str(horizon))
        if not rows:
            return None
        names = tuple(sorted({row.sku for row in rows}))
        index = {name: i for i, name in enumerate(names)}
        # A row of nothing yesterday: the days since the last order are days without a sale.
        days = [*(row.day.toordinal() for row in rows), today.toordinal() - 1]
        sales = Sales(
            names,
            np.array([*(index[row.sku] for row in rows), 0], dtype=np.int64),
            np.array(days, dtype=np.int64),
            np.array([*(row.units for row in rows), 0.0], dtype=np.float64),
            np.full(len(days), np.nan),
        )
        return forecast(build_panel(sales, "D", horizon), horizon)

    def keep(self, uow: UnitOfWork, rows: Sequence[DayDemand], found: Forecasts | None) -> ForecastRun:
        """Write a computed forecast in place of the former one; days that are over keep what was forecast for them."""
        if found is None:
            return ForecastRun(0, 0, 0, None)
        store, now = ForecastStore(uow), uow.clock.now()
        first_sale: dict[str, date] = {}
        for row in rows:
            if row.units > 0:
                first_sale[row.sku] = min(row.day, first_sale.get(row.sku, row.day))
        store.forget_from(found.dates[0])
        store.keep(list(_infos(found, first_sale, now)), _days(found, now))
        enough = sum(word == "ok" for word in found.status)
        return ForecastRun(len(found.names), enough, len(found.dates), found.dates[0])

    def run(self, uow: UnitOfWork, horizon: int = HORIZON) -> ForecastRun:
        """Read demand, forecast, keep: all in one go."""
        rows = self.demand_until_yesterday(uow)
        return self.keep(uow, rows, self.compute(rows, uow.clock.now().date(), horizon))

    def outlook(self, uow: UnitOfWork, sku: str, *, past_days: int = 180, ahead_days: int = HORIZON) -> Outlook:
        """One SKU's past, forecast, people's numbers and sales events.

        Raises:
            NotFound: the SKU was never forecast.
        """
        store, today = ForecastStore(uow), uow.clock.now().date()
        info = store.info(sku)
        first, last = today - timedelta(days=past_days), today + timedelta(days=ahead_days - 1)
        history = tuple(row for row in self._demand.daily(uow, first) if row.sku == sku and row.day < today)
        days = tuple(store.days([sku], today, last)[sku])
        return Outlook(info, history, days, store.overrides(sku), sales_events(first, last))

    def override(self, uow: UnitOfWork, sku: str, days: tuple[date, date], units: float, reason: str) -> Override:
        """Put a person's own units a day in place of the model's for some days; who and why are kept.

        Raises:
            BadInput: the days are turned round, the units no number from 0, or the reason is missing.
            NotFound: the SKU was never forecast.
        """
        first, last = days
        if last < first or (last - first).days > 366:
            raise BadInput(field="last", expected=f"a day within a year from {first}", found=str(last))
        if not 0 <= units <= _MOST_UNITS:
            raise BadInput(field="units", expected="units a day, from 0", found=str(units))
        if not reason.strip():
            raise BadInput(field="reason", expected="why the model is wrong here", found="nothing")
        store = ForecastStore(uow)
        store.info(sku)
        own = Override(new_id(), sku, first, last, units, reason.strip()[:2000], str(uow.actor)[:120], uow.clock.now())
        store.override(own)
        return own

    def override_score(self, uow: UnitOfWork, sku: str) -> OverrideScore | None:
        """Whether people's numbers did better than the model's, on days that are over; None where there are none."""
        store, today = ForecastStore(uow), uow.clock.now().date()
        given = [o for o in store.overrides(sku) if o.withdrawn_at is None and o.first_day < today]
        if not given:
            return None
        first = min(o.first_day for o in given)
        kept = [day for day in store.days([sku], first, today - timedelta(days=1))[sku] if day.planned is not None]
        if not kept:
            return None
        truth: defaultdict[date, float] = defaultdict(float)
        for row in self._demand.daily(uow, first):
            truth[row.day] += row.units if row.sku == sku else 0.0
        people = sum(abs(truth[day.day] - (day.planned or 0.0)) for day in kept) / len(kept)
        model = sum(abs(truth[day.day] - day.mean) for day in kept) / len(kept)
        return OverrideScore(len(kept), people, model)

    def advice(
        self, uow: UnitOfWork, *, skus: Sequence[str] | None = None, budget_minor: int | None = None
    ) -> list[tuple[StockItem, StockAdvice, str]]:
        """What to order of every SKU with a stock record: (record, advice, forecast status).

        A SKU without enough history gets no order: its status says so.
        """
        items = StockStore(uow).all(skus)
        today = uow.clock.now().date()
        days = ForecastStore(uow).days([item.sku for item in items], today, today + timedelta(days=400))
        pairs: list[tuple[StockItem, Demand]] = []
        for item in items:
            kept = days[item.sku]
            mean, spread = tuple(day.expected for day in kept), tuple(day.spread for day in kept)
            pairs.append((item, Demand(mean, spread)))
        whole = sum(item.cost_minor for item in items) * 10**9 if budget_minor is None else budget_minor
        found = share_budget(pairs, whole)
        words = [days[item.sku][0].status if days[item.sku] else "no forecast" for item in items]
        return list(zip(items, found, words, strict=True))


def _infos(found: Forecasts, first_sale: dict[str, date], now: datetime) -> Iterator[SeriesInfo]:
    for i, sku in enumerate(found.names):
        test = found.back_test[i]
        span = (found.dates[0] - first_sale.get(sku, found.dates[0])).days
        yield SeriesInfo(
            sku=sku[:200],
            model=found.model[i][:120],
            status=found.status[i][:200],
            history_days=span,
            mase=_number(test.mase) if test else None,
            naive_mase=_number(test.naive_mase) if test else None,
            coverage80=_number(test.coverage80) if test else None,
            made_at=now,
        )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _days(found: Forecasts, now: datetime) -> Iterator[JsonRow]:
    mean, median, low, high = found.mean(), found.at(0.5), found.at(0.1), found.at(0.9)
    for i, sku in enumerate(found.names):
        if np.isnan(median[i]).any():
            continue
        for t, day in enumerate(found.dates):
            yield {
                "sku": sku[:200],
                "day": day,
                "mean": float(mean[i, t]),
                "median": float(median[i, t]),
                "low80": float(low[i, t]),
                "high80": float(high[i, t]),
                "made_at": now,
            }
