"""What planning speaks of: demand on a calendar, forecasts, back-tests. Arrays are `[series, period]` by default."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Frequency = Literal["D", "W"]
Vector = NDArray[np.float64]
Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]

# Probabilities that every method answers for; asked levels and the mean are read off these.
GRID: Vector = np.array([0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99])
MIDDLE = 7


@dataclass(frozen=True, slots=True)
class Sales:
    """Rows of sales as columns of equal length.

    Attributes:
        names: what `series` counts into.
        series: index into `names`.
        days: proleptic ordinal of the day (`date.toordinal`).
        quantity: units; below zero is a return, NaN is unknown (a future row that brings covariates, or a hole).
        in_stock: 1 on sale, 0 sold out, NaN not said.
        flags: name of a yes/no covariate -> its value on each row (NaN where empty).
        ignored: covariates that are no yes/no flags; they are named, not used.
    """

    names: tuple[str, ...]
    series: Counts
    days: Counts
    quantity: Vector
    in_stock: Vector
    flags: dict[str, Vector] = field(default_factory=dict[str, Vector])
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """Demand on a regular calendar.

    Attributes:
        names: the series.
        frequency: days or weeks.
        dates: of each period (a week is named by one day, the same weekday always).
        values: units, `[series, period]`, never below zero, no holes.
        first: period of the first sale of each series; `len(dates)` where there never was one.
        flags: known yes/no covariates, `[series, period + horizon]`, 0 where unknown.
        filled: periods whose demand was not seen (sold out, unknown, shop closed) and is an estimate.
    """

    names: tuple[str, ...]
    frequency: Frequency
    dates: tuple[date, ...]
    values: Vector
    first: Counts
    flags: Vector
    filled: Mask

    def until(self, period: int) -> "Panel":
        """The panel as it stood before `period`: what a back-test may see (flags to come stay: they are known)."""
        return Panel(
            self.names,
            self.frequency,
            self.dates[:period],
            self.values[:, :period],
            np.minimum(self.first, period),
            self.flags,
            self.filled[:, :period],
        )

    def only(self, rows: Counts) -> "Panel":
        """Some series of the panel."""
        wanted: list[int] = rows.tolist()
        names = tuple(self.names[i] for i in wanted)
        return Panel(
            names,
            self.frequency,
            self.dates,
            self.values[rows],
            self.first[rows],
            self.flags[rows],
            self.filled[rows],
        )


@dataclass(frozen=True, slots=True)
class BackTest:
    """How a forecast did on the last known periods, made only from what came before them.

    Attributes:
        origins: how many times the past was cut.
        mase: mean absolute error over that of the one-step naive forecast in the history (Hyndman & Koehler 2006).
        naive_mase: the same for "as in the last period".
        coverage80: share of truths inside the 80 % interval.
    """

    origins: int
    mase: float
    naive_mase: float
    coverage80: float


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Forecasts of a panel.

    Attributes:
        names: the series.
        dates: the future periods.
        quantiles: `[series, horizon, len(GRID)]`, rising, never below zero; NaN where there is too little.
        model: what made them, a word for each series.
        status: `ok`, or `insufficient-data: ` and the reason.
        back_test: of each series; None where the history is too short for one.
    """

    names: tuple[str, ...]
    dates: tuple[date, ...]
    quantiles: Vector
    model: tuple[str, ...]
    status: tuple[str, ...]
    back_test: tuple[BackTest | None, ...]

    def mean(self) -> Vector:
        """The expected units `[series, horizon]`: the quantile function's area, flat beyond its ends."""
        gaps = np.diff(GRID)
        inner = ((self.quantiles[:, :, 1:] + self.quantiles[:, :, :-1]) / 2 * gaps).sum(axis=2)
        return inner + self.quantiles[:, :, 0] * GRID[0] + self.quantiles[:, :, -1] * (1 - GRID[-1])

    def at(self, probability: float) -> Vector:
        """The quantile for any probability `[series, horizon]`, straight between those of the grid."""
        place = float(np.interp(probability, GRID, np.arange(len(GRID), dtype=np.int64)))
        low = int(place)
        high = min(low + 1, len(GRID) - 1)
        share = place - low
        return self.quantiles[:, :, low] * (1 - share) + self.quantiles[:, :, high] * share


@dataclass(frozen=True, slots=True)
class DayDemand:
    """Units of one SKU that were ordered on one day (UTC), cancelled lines left out."""

    sku: str
    day: date
    units: float


@dataclass(frozen=True, slots=True)
class StockItem:
    """What is known of a SKU's stock and of how it is bought.

    Attributes:
        on_hand, reserved, incoming: units in the warehouse, promised to customers, ordered from the supplier.
        lead_days, lead_spread: days from order to shelf, and their standard deviation.
        review_days: how often one orders.
        least: smallest order the supplier takes (MOQ), 0 for none.
        pack: orders come in multiples of this.
        shelf_days: days that a unit can be sold, 0 for no limit.
        cost_minor: price of a unit from the supplier, minor units of `currency`; 0 where unknown.
        missed_minor: what a missed sale costs (margin and goodwill), 0 where unknown.
        holding_percent: cost of keeping a unit a year, percent of its cost.
        service: wanted share of cycles without a stock-out, used where costs are unknown.
    """

    sku: str
    on_hand: int = 0
    reserved: int = 0
    incoming: int = 0
    lead_days: float = 7.0
    lead_spread: float = 0.0
    review_days: int = 7
    least: int = 0
    pack: int = 1
    shelf_days: int = 0
    cost_minor: int = 0
    missed_minor: int = 0
    holding_percent: float = 25.0
    service: float = 0.95
    currency: str = "CNY"
    supplier: str = ""

    @property
    def position(self) -> int:
        """What can still be sold without another order: on hand plus incoming less reserved."""
        return self.on_hand + self.incoming - self.reserved


@dataclass(frozen=True, slots=True)
class Demand:
    """Demand per day ahead: expected units and standard deviation of each day, first day first."""

    mean: tuple[float, ...]
    spread: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class StockAdvice:
    """What to buy, and the arithmetic that says so.

    Attributes:
        sku: the SKU.
        service: the probability of no stock-out that is aimed at; from costs where they are known (newsvendor).
        from_costs: whether it is.
        demand: expected units until an order placed at the next review would be on the shelf.
        safety_stock: units kept above that.
        reorder_point: order when the position is at or below this.
        target: order up to this.
        quantity: units to order now, 0 for none.
        cover_days: days that the position lasts at the expected pace; None where nothing is expected.
        limited_by: `""`, `least` (MOQ raised it), `shelf` or `budget` (they lowered it).
        cost_minor: what the order costs, minor units.
    """

    sku: str
    service: float
    from_costs: bool
    demand: float
    safety_stock: float
    reorder_point: float
    target: float
    quantity: int
    cover_days: float | None
    limited_by: str = ""
    cost_minor: int = 0


@dataclass(frozen=True, slots=True)
class StoredForecast:
    """One day of a kept forecast; `planned` is a person's own number in place of the model's, with its reason."""

    sku: str
    day: date
    mean: float
    median: float
    low80: float
    high80: float
    model: str
    status: str
    planned: float | None = None
    reason: str = ""

    @property
    def expected(self) -> float:
        """What planning counts with: the person's number where there is one."""
        return self.mean if self.planned is None else self.planned

    @property
    def spread(self) -> float:
        """Standard deviation that an 80 % interval of a normal distribution would have."""
        return max(self.high80 - self.low80, 0.0) / 2.563


@dataclass(frozen=True, slots=True)
class SalesEvent:
    """A stretch of days on which shops sell otherwise than usual."""

    name: str
    name_zh: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class WorkDay:
    """One day ahead: orders expected, the 80 % interval, and the parcels expected of each warehouse."""

    day: date
    orders: float
    low80: float
    high80: float
    parcels: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Workload:
    """How many orders, and so parcels, come in: what staff is planned by.

    Attributes:
        status: `ok`, or `insufficient-data: ` and the reason; then there are no days.
        model: what made the forecast.
        history: orders of the days that are over, the last ones.
        history_days: days since the first order.
        days: the days ahead, today first.
        back_test: how the forecast did on the past; None where the history is too short for one.
        parcels_per_order: of each warehouse, over the weeks that `share_days` counts; empty where nothing was packed.
        share_days: the days that these were counted over.
    """

    status: str
    model: str
    history: tuple[tuple[date, int], ...]
    history_days: int
    days: tuple[WorkDay, ...]
    back_test: BackTest | None
    parcels_per_order: Mapping[str, float]
    share_days: int
