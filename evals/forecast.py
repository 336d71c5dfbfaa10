"""Forecasts on three public sets at rolling origins, peers beside ours on the same windows.

`python -m evals.forecast [retail|items|weekly|speed]` (= `make eval-forecast`). Constants of our methods were chosen
while looking at the most sold 700 products of the retail set and at windows of the other two that these touch; the
figure `...-unseen` is of products and origins that nobody looked at. Peers are given the same history.
"""

import csv
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from evals.figures import SHARED_DATA, record
from evals.forecast_peers import (
    PROBABILITIES,
    Peer,
    classic,
    direct_lightgbm,
    profile,
    seasonal_naive,
    window,
    year_growth,
)
from zhanggui.planning import Frequency, build_panel, forecast, read_sales

Vector = NDArray[np.float64]
COMMAND = "python -m evals.forecast"
RETAIL = SHARED_DATA / "online_retail_uci" / "online_retail.parquet"
ITEMS = SHARED_DATA / "store_item_demand_150k" / "sales.csv"
WEEKLY = SHARED_DATA / "walmart_weekly" / "sales.csv"
SEED = 7


@dataclass(frozen=True)
class Case:
    """A set at some origins: `values[series, period]`, which series count at an origin, and who runs beside ours."""

    name: str
    file: Path
    values: Vector
    dates: list[date]
    frequency: Frequency
    horizon: int
    origins: Sequence[int]
    ranks: tuple[int, int] | None
    peers: dict[str, Peer]
    flags: Vector | None = None


def ours(case: Case, values: Vector, origin: int, flags: Vector | None) -> Vector:
    """Quantiles by the very path of `batch forecast`: a CSV is written, read, cleaned and forecast."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sales.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(["series", "date", "quantity", *(["holiday"] if flags is not None else [])])
            for i in range(len(values)):
                for t in range(origin + (case.horizon if flags is not None else 0)):
                    shown = values[i, t] if t < origin else ""
                    out.writerow([f"s{i}", case.dates[t], shown, *([int(flags[i, t])] if flags is not None else [])])
        read = read_sales(path)
        found = forecast(build_panel(read.sales, case.frequency, case.horizon), case.horizon)
    if found.names != tuple(f"s{i}" for i in range(len(values))):
        raise SystemExit("series came back in another order")
    quantiles = np.stack([found.at(p) for p in PROBABILITIES], axis=2)
    return np.nan_to_num(quantiles)


def scores(truth: Vector, quantiles: Vector, history: Vector) -> tuple[Vector, float, float]:
    """(absolute scaled error of each series, weighted quantile loss over five quantiles, coverage of 80 %)."""
    scale = np.abs(np.diff(history, axis=1)).mean(axis=1)
    good = scale > 0
    scaled = np.abs(truth - quantiles[:, :, 2]).mean(axis=1)[good] / scale[good]
    error = truth[:, :, None] - quantiles
    loss = 2 * np.maximum(PROBABILITIES * error, (PROBABILITIES - 1) * error).sum(axis=(0, 1)) / truth.sum()
    inside = (truth >= quantiles[:, :, 1]) & (truth <= quantiles[:, :, 3])
    return scaled, float(loss.mean()), float(inside.mean())


def run(case: Case) -> None:
    """Every method at every origin; prints the table, records ours and the best peer."""
    table: dict[str, list[tuple[Vector, float, float]]] = {}
    for origin in case.origins:
        order = np.argsort(-case.values[:, :origin].sum(axis=1), kind="stable")
        rows = order if case.ranks is None else order[case.ranks[0] : case.ranks[1]]
        values = case.values[rows]
        history, truth = values[:, :origin], values[:, origin : origin + case.horizon]
        past, future = case.dates[:origin], case.dates[origin : origin + case.horizon]
        flags = None if case.flags is None else case.flags[rows]
        answers = {"zhanggui": ours(case, values, origin, flags)}
        answers |= {name: peer(history, past, future) for name, peer in case.peers.items()}
        for name, quantiles in answers.items():
            table.setdefault(name, []).append(scores(truth, quantiles, history))
    print(f"\n{case.name}: {len(rows)} series, horizon {case.horizon}, origins {list(case.origins)}")
    for name, found in table.items():
        mase, loss, inside = _means(found)
        print(f"  {name:22s} MASE {mase:.4f}  wQL {loss:.4f}  80 % interval holds {inside:.3f}")
    _record(case, table)


def _means(found: list[tuple[Vector, float, float]]) -> tuple[float, float, float]:
    return (
        float(np.mean([scaled.mean() for scaled, _, _ in found])),
        float(np.mean([loss for _, loss, _ in found])),
        float(np.mean([inside for _, _, inside in found])),
    )


def _record(case: Case, table: dict[str, list[tuple[Vector, float, float]]]) -> None:
    mine = table["zhanggui"]
    mase, loss, inside = _means(mine)
    peers = {name: _means(found) for name, found in table.items() if name != "zhanggui"}
    best = min(peers, key=lambda name: peers[name][0])
    sharpest = min(peers, key=lambda name: peers[name][1])
    common: dict[str, Any] = {
        "command": COMMAND,
        "dataset": case.file.parent.name,
        "files": [case.file],
        "seed": SEED,
    }
    chance = np.random.default_rng(SEED)
    everything = np.concatenate([scaled for scaled, _, _ in mine])
    draws = [everything[chance.integers(0, len(everything), len(everything))].mean() for _ in range(1000)]
    interval = (float(np.quantile(draws, 0.025)), float(np.quantile(draws, 0.975)))
    note = f"{len(case.origins)} origins, horizon {case.horizon}; best peer {best} {peers[best][0]:.4f}"
    record(f"forecast-{case.name}-mase", mase, interval=interval, note=note, **common)
    note = f"five quantiles 2.5 to 97.5 %; best peer {sharpest} {peers[sharpest][1]:.4f}"
    record(f"forecast-{case.name}-wql", loss, note=note, **common)
    record(f"forecast-{case.name}-coverage80", inside, note="share of truths inside the 80 % interval", **common)
    record(f"forecast-{case.name}-peer-mase", peers[best][0], note=best, **common)
    record(f"forecast-{case.name}-peer-wql", peers[sharpest][1], note=sharpest, **common)


def retail() -> list[Case]:
    """Weekly units of products (sales only, no cancellations), Mondays; origins late in the half year."""
    sold = (
        pl.read_parquet(RETAIL)
        .filter((pl.col("Quantity") > 0) & ~pl.col("InvoiceNo").str.starts_with("C"))
        .with_columns(pl.col("InvoiceDate").str.to_datetime("%m/%d/%y %H:%M").dt.truncate("1w").dt.date().alias("week"))
        .group_by("StockCode", "week")
        .agg(pl.col("Quantity").sum().cast(pl.Float64).alias("units"))
    )
    wide = sold.pivot(on="week", index="StockCode", values="units").sort("StockCode").fill_null(0.0)
    known = {date.fromisoformat(name): name for name in wide.columns if name != "StockCode"}
    start, end = min(known), max(known)
    dates = [start + timedelta(weeks=i) for i in range((end - start).days // 7 + 1)]
    nothing = np.zeros(len(wide))
    values = np.stack([wide[known[day]].to_numpy() if day in known else nothing for day in dates], axis=1)
    peers: dict[str, Peer] = {
        "naive": seasonal_naive(1),
        "8-week window": window(8),
        "LightGBM quantiles": direct_lightgbm((1, 2, 3, 4, 5, 6, 7, 8), (2, 4, 8, 13, 26)),
        "AutoETS": classic("ets", 1, "W-MON"),
        "DynamicOptimizedTheta": classic("theta", 1, "W-MON"),
    }
    shared: dict[str, Any] = {"values": values, "dates": dates, "frequency": "W", "horizon": 4, "peers": peers}
    return [
        Case(name="retail", file=RETAIL, origins=(18, 20, 22), ranks=(0, 700), **shared),
        Case(name="retail-unseen", file=RETAIL, origins=(17, 19, 21), ranks=(700, 1500), **shared),
    ]


def items() -> list[Case]:
    """Daily units per store and item; the last quarter, and the one before."""
    table = pl.read_csv(ITEMS, try_parse_dates=True)
    table = table.filter(pl.len().over("store", "item") == pl.len().over("store", "item").max())
    wide = table.pivot(on="date", index=["store", "item"], values="sales").sort("store", "item")
    names = [name for name in wide.columns if name not in ("store", "item")]
    values = wide.select(names).to_numpy().astype(np.float64)
    peers: dict[str, Peer] = {
        "seasonal naive": seasonal_naive(7),
        "profile per series": profile,
        "LightGBM quantiles": direct_lightgbm((1, 2, 3, 7, 14, 28), (7, 28, 91, 365)),
    }
    dates = [date.fromisoformat(name) for name in names]
    end = len(dates)
    return [Case("items", ITEMS, values, dates, "D", 92, (end - 184, end - 92), None, peers)]


def weekly() -> list[Case]:
    """Weekly sales per store with the holiday flag, the last 12 weeks."""
    table = pl.read_csv(WEEKLY)
    days = [datetime.strptime(text, "%d/%m/%y").date() for text in table["Date"].to_list()]
    table = table.with_columns(pl.Series("day", [day.isoformat() for day in days]))
    names = sorted({day.isoformat() for day in days})
    values, flags = (
        table.pivot(on="day", index="Store", values=column).sort("Store").select(names).to_numpy().astype(np.float64)
        for column in ("Weekly_Sales", "Holiday_Flag")
    )
    peers: dict[str, Peer] = {
        "seasonal naive": seasonal_naive(52),
        "last year x growth": year_growth,
        "LightGBM quantiles": direct_lightgbm((1, 2, 3, 4), (4, 8, 13, 52)),
        "AutoARIMA(52)": classic("arima", 52, "W-FRI"),
    }
    dates = [date.fromisoformat(name) for name in names]
    return [Case("weekly", WEEKLY, values, dates, "W", 12, (len(dates) - 12,), None, peers, flags)]


def speed() -> None:
    """Series a second over 20,000 short weekly series, the file's reading left out."""
    chance = np.random.default_rng(SEED)
    count, weeks = 20_000, 40
    rate = chance.gamma(0.6, 12, count)
    values = chance.poisson(rate[:, None] * chance.gamma(4, 0.25, (count, weeks))).astype(np.float64)
    dates = [date(2026, 1, 5) + timedelta(weeks=i) for i in range(weeks)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sales.csv"
        names = np.repeat([f"s{i}" for i in range(count)], weeks)
        pl.DataFrame({"series": names, "date": dates * count, "quantity": values.ravel()}).write_csv(path)
        # LightGBM takes seconds to import; a service does that once.
        forecast(build_panel(read_sales(_few(path)).sales, "W", 4), 4)
        started = time.perf_counter()
        read = read_sales(path)
        loaded, worked = time.perf_counter(), time.process_time()
        forecast(build_panel(read.sales, "W", 4), 4)
        done, busy = time.perf_counter() - loaded, time.process_time() - worked
    note = (
        f"20,000 weekly series of 40 weeks, back-test included; reading the CSV took {loaded - started:.1f} s besides"
    )
    common: dict[str, Any] = {"command": COMMAND, "dataset": "made up", "seed": SEED}
    record("forecast-speed", count / done, unit="series/s", note=note, **common)
    note = f"the same by processor seconds; waiting for a busy machine left out: {busy:.1f} s of {done:.1f} s"
    record("forecast-speed-processor", count / busy, unit="series/s", note=note, **common)


def _few(path: Path) -> Path:
    """The first rows of a CSV as a CSV of its own."""
    small = path.with_name("few.csv")
    small.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:20_000]), encoding="utf-8")
    return small


def main() -> None:
    """Run the sets that are named, or all."""
    wanted = sys.argv[1:] or ["retail", "items", "weekly", "speed"]
    for name, make, file in (("retail", retail, RETAIL), ("items", items, ITEMS), ("weekly", weekly, WEEKLY)):
        if name not in wanted:
            continue
        if not file.is_file():
            print(f"the public set {file.parent.name} is not here; set ZHANGGUI_SHARED_DATA")
            continue
        for case in make():
            run(case)
    if "speed" in wanted:
        speed()


if __name__ == "__main__":
    main()
