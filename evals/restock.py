"""Restocking simulated on history: our policy against (s, S) on naive forecasts, at the same share of demand served.

`python -m evals.restock` (= `make eval-restock`). Each week of the second half of the history, each policy sees only
what came before, orders, and gets its goods two weeks later; what cannot be served is lost. Both policies are run at
many levels of caution; stock is compared where both serve the same share of demand. Products count alike: units are
in multiples of a product's mean weekly demand. No supplier's minimum and no packs: they would hide the difference.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from evals.figures import record
from evals.forecast import RETAIL, retail
from zhanggui.planning import Demand, Panel, StockItem, advise, forecast
from zhanggui.planning.rules.stock import DAY_CORRELATION

Vector = NDArray[np.float64]
COMMAND = "python -m evals.restock"
SEED = 7
LEAD, REVIEW, START, PRODUCTS = 2, 1, 12, 300
CAUTION = (0.5, 0.6, 0.7, 0.8, 0.87, 0.92, 0.95, 0.97, 0.985, 0.993)
SERVED = 0.9
# The standard deviation of a day that adds up to that of a week when days are correlated as the policy takes them.
DAY_SHARE = 1 / np.sqrt((1 - DAY_CORRELATION) * 7 + DAY_CORRELATION * 49)
Policy = Callable[[int, int, float, float], float]


def panel_of(values: Vector, dates: Sequence[date]) -> Panel:
    """A weekly panel of what was sold so far."""
    sold = values > 0
    first = np.where(sold.any(axis=1), sold.argmax(axis=1), values.shape[1]).astype(np.int64)
    names = tuple(f"s{i}" for i in range(len(values)))
    flags = np.zeros((len(values), values.shape[1] + LEAD + REVIEW))
    return Panel(names, "W", tuple(dates), values, first, flags, np.zeros(values.shape, dtype=bool))


def our_policy(values: Vector, dates: Sequence[date]) -> Policy:
    """Order up to the advice's target; the forecast is made anew each week from the past only."""
    weeks: dict[int, tuple[Vector, Vector]] = {}
    for week in range(START, values.shape[1]):
        found = forecast(panel_of(values[:, :week], dates[:week]), LEAD + REVIEW)
        spread = (found.at(0.9) - found.at(0.1)) / 2.563
        weeks[week] = np.nan_to_num(found.mean()), np.nan_to_num(spread)

    def order(week: int, product: int, position: float, caution: float) -> float:
        mean, spread = weeks[week][0][product], weeks[week][1][product]
        demand = Demand(tuple(np.repeat(mean / 7, 7).tolist()), tuple(np.repeat(spread * DAY_SHARE, 7).tolist()))
        item = StockItem("x", on_hand=0, lead_days=LEAD * 7, review_days=REVIEW * 7, service=caution)
        advice = advise(item, demand)
        return max(advice.target - position, 0.0)

    return order


def naive_policy(values: Vector) -> Policy:
    """(s, S): at s or below order up to S; demand is the mean of the last 8 weeks, normal with their spread."""

    def order(week: int, product: int, position: float, caution: float) -> float:
        seen = values[product, max(0, week - 8) : week]
        mean, spread, z = float(seen.mean()), float(seen.std(ddof=1)), float(stats.norm.ppf(caution))
        point = mean * (LEAD + REVIEW / 2) + z * spread * np.sqrt(LEAD + REVIEW / 2)
        target = mean * (LEAD + REVIEW) + z * spread * np.sqrt(LEAD + REVIEW)
        return max(target - position, 0.0) if position <= point else 0.0

    return order


def simulate(values: Vector, policy: Policy, caution: float) -> tuple[Vector, Vector, Vector]:
    """(served, asked, stock at each week's end) of each product, summed over weeks."""
    count, end = values.shape
    served, asked, kept = np.zeros(count), np.zeros(count), np.zeros(count)
    for product in range(count):
        stock = float(values[product, START - 8 : START].mean() * (LEAD + REVIEW))
        coming: dict[int, float] = {}
        for week in range(START, end):
            stock += coming.pop(week, 0.0)
            quantity = policy(week, product, stock + sum(coming.values()), caution)
            if quantity > 0:
                coming[week + LEAD] = coming.get(week + LEAD, 0.0) + quantity
            demand = float(values[product, week])
            sold = min(stock, demand)
            stock -= sold
            # The first weeks run on the stock that both begin with.
            if week >= START + LEAD:
                served[product] += sold
                asked[product] += demand
                kept[product] += stock
    return served, asked, kept


def stock_at(runs: Sequence[tuple[Vector, Vector, Vector]], rows: NDArray[np.int64]) -> float:
    """Stock where the share served is `SERVED`, straight between the levels of caution."""
    shares = [float(served[rows].sum() / asked[rows].sum()) for served, asked, _ in runs]
    kept = [float(stock[rows].sum()) for _, _, stock in runs]
    order = np.argsort(shares)
    return float(np.interp(SERVED, np.array(shares)[order], np.array(kept)[order]))


def main() -> None:
    """Run both policies at every caution, print their curves, record the ratio of stock."""
    if not RETAIL.is_file():
        raise SystemExit("the public set online_retail_uci is not here; set ZHANGGUI_SHARED_DATA")
    case = retail()[0]
    rows = np.argsort(-case.values[:, :START].sum(axis=1), kind="stable")[:PRODUCTS]
    values = case.values[rows]
    values = values / values[:, :START].mean(axis=1, keepdims=True) * 10
    curves: dict[str, list[tuple[Vector, Vector, Vector]]] = {}
    for name, policy in (("zhanggui", our_policy(values, case.dates)), ("(s, S) naive", naive_policy(values))):
        curves[name] = [simulate(values, policy, caution) for caution in CAUTION]
        for caution, (served, asked, kept) in zip(CAUTION, curves[name], strict=True):
            print(
                f"  {name:14s} caution {caution:.3f}  served {served.sum() / asked.sum():.3f}  stock {kept.sum():,.0f}"
            )
    everyone = np.arange(len(values))
    ratio = stock_at(curves["zhanggui"], everyone) / stock_at(curves["(s, S) naive"], everyone)
    chance = np.random.default_rng(SEED)
    draws: list[float] = []
    for _ in range(500):
        some = chance.integers(0, len(values), len(values))
        draws.append(stock_at(curves["zhanggui"], some) / stock_at(curves["(s, S) naive"], some))
    common: dict[str, Any] = {"command": COMMAND, "dataset": "online_retail_uci", "files": [RETAIL], "seed": SEED}
    interval = (float(np.quantile(draws, 0.025)), float(np.quantile(draws, 0.975)))
    peer = "(s, S) on the mean and spread of the last 8 weeks"
    note = f"stock kept over that of {peer}, both serving {SERVED:.0%} of demand; {PRODUCTS} products"
    record("restock-stock-ratio", ratio, interval=interval, note=note, **common)


if __name__ == "__main__":
    main()
