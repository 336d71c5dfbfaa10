"""Lifetime value on `cdnow`: 39 weeks learnt from, 39 weeks after scored; beside "as before" and LightGBM.

`python -m evals.lifetime` (= `make eval-lifetime`).
"""

from typing import Any

import lightgbm
import numpy as np
from sklearn.metrics import roc_auc_score

from evals.figures import SHARED_DATA, record
from evals.lifetime_data import read_cdnow
from zhanggui.marketing.rules.lifetime import BuyingModel, History, SpendModel, lifetime_value

FILE = SHARED_DATA / "cdnow" / "CDNOW_master.txt"
COMMAND = "python -m evals.lifetime"
WEEKS = 39
SEED = 7


def table(history: History) -> np.ndarray:
    """The four numbers of a history, with the time since the last purchase."""
    since = history.observed - history.last
    return np.column_stack([history.repeats, history.last, history.observed, since, history.spend])


def learnt(history: History) -> np.ndarray:
    """LightGBM on counts: learnt on the first half of what was known, twice its forecast for twice the time."""
    half, after, _ = read_cdnow(FILE, weeks=WEEKS // 2)
    settings: dict[str, Any] = {
        "objective": "poisson",
        "learning_rate": 0.05,
        "num_leaves": 8,
        "min_data_in_leaf": 100,
        "verbosity": -1,
        "num_threads": 1,
        "seed": SEED,
    }
    model = lightgbm.train(settings, lightgbm.Dataset(table(half), after), num_boost_round=100)
    return np.asarray(model.predict(table(history))) * WEEKS / (WEEKS // 2)


def interval(values: np.ndarray) -> tuple[float, float]:
    """95 % interval of the mean of the values, redrawn over customers."""
    chance = np.random.default_rng(SEED)
    means = [values[chance.integers(0, len(values), len(values))].mean() for _ in range(300)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    """Fit on the first 39 weeks, score the next 39, record."""
    if not FILE.is_file():
        raise SystemExit("the public set cdnow is not here; set ZHANGGUI_SHARED_DATA")
    history, purchases, amounts = read_cdnow(FILE, weeks=WEEKS)
    buying, spending = BuyingModel.fit(history), SpendModel.fit(history)
    rates = history.repeats / np.maximum(history.observed, 1e-9) * WEEKS
    forecasts = {"": buying.expected(history, WEEKS), "-peer-as-before": rates, "-peer-lightgbm": learnt(history)}
    common: dict[str, Any] = {"command": COMMAND, "dataset": "cdnow", "files": [FILE], "seed": SEED}
    note = f"{len(purchases)} customers, {int(purchases.sum())} purchases in the 39 weeks after"
    for name, forecast in forecasts.items():
        errors = np.abs(forecast - purchases)
        record(f"lifetime-mae{name}", float(errors.mean()), interval=interval(errors), unit="purchases", note=note,
               **common)  # fmt: skip
        ranked = float(roc_auc_score(purchases > 0, forecast))
        record(f"lifetime-next-purchase-auc{name}", ranked, note=note, **common)
        record(f"lifetime-total{name}", float(forecast.sum() / purchases.sum()), unit="forecast over seen", **common)
    silent = buying.silent(history, WEEKS)
    record("churn-auc", float(roc_auc_score(purchases == 0, silent)), note=note, **common)
    record("churn-share", float(silent.mean() / (purchases == 0).mean()), unit="forecast over seen", **common)
    value = lifetime_value(buying, spending, history, weeks=WEEKS, seed=SEED)
    inside = (value.lower <= amounts) & (amounts <= value.upper)
    record("lifetime-value-coverage-80", float(inside.mean()), interval=interval(inside.astype(float)),
           note="share of customers whose spend lies within the 80 % interval; amounts that are nought count as inside "
           "where the interval reaches nought", **common)  # fmt: skip
    errors = np.abs(value.expected - amounts)
    record("lifetime-value-mae", float(errors.mean()), interval=interval(errors), unit="USD", note=note, **common)
    naive = np.abs(rates * history.spend - amounts)
    record("lifetime-value-mae-peer-as-before", float(naive.mean()), interval=interval(naive), unit="USD", **common)
    record("lifetime-value-total", float(value.expected.sum() / amounts.sum()), unit="forecast over seen", **common)


if __name__ == "__main__":
    main()
