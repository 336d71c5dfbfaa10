"""The peers of `evals.forecast`: naive, windows, a profile per series, direct LightGBM quantiles, statsforecast."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsforecast import StatsForecast
from statsforecast.models import AutoARIMA, AutoETS, DynamicOptimizedTheta

Vector = NDArray[np.float64]
PROBABILITIES: Vector = np.array([0.025, 0.1, 0.5, 0.9, 0.975])
Peer = Callable[[Vector, Sequence[date], Sequence[date]], Vector]


def _spread(point: Vector, residual: Vector) -> Vector:
    """Quantiles `[series, horizon, probability]` about a point forecast, from each series' own residuals."""
    offsets = np.quantile(residual, PROBABILITIES, axis=1).T
    return np.sort(np.maximum(point[:, :, None] + offsets[:, None, :] - offsets[:, None, 2:3], 0), axis=2)


def seasonal_naive(season: int) -> Peer:
    """As one season ago, with the spread of its own past errors."""

    def peer(values: Vector, _past: Sequence[date], future: Sequence[date]) -> Vector:
        times = -(-len(future) // season)
        point = np.tile(values[:, -season:], (1, times))[:, : len(future)]
        return _spread(point, values[:, season:] - values[:, :-season])

    return peer


def window(width: int) -> Peer:
    """Empirical quantiles of the last periods."""

    def peer(values: Vector, _past: Sequence[date], future: Sequence[date]) -> Vector:
        found = np.quantile(values[:, -width:], PROBABILITIES, axis=1).T
        return np.repeat(found[:, None, :], len(future), axis=1)

    return peer


def year_growth(values: Vector, _past: Sequence[date], future: Sequence[date]) -> Vector:
    """Last year's weeks times the growth of the last 8 weeks over theirs; spread from the same rule earlier."""

    def point(known: Vector, horizon: int) -> Vector:
        end = known.shape[1]
        growth = known[:, -8:].sum(axis=1) / np.maximum(known[:, end - 60 : end - 52].sum(axis=1), 1e-9)
        return known[:, end - 52 : end - 52 + horizon] * growth[:, None]

    horizon, end = len(future), values.shape[1]
    starts = [end - horizon * k for k in (1, 2, 3) if end - horizon * k >= 60]
    errors = [values[:, s : s + horizon] - point(values[:, :s], horizon) for s in starts]
    return _spread(point(values, horizon), np.concatenate(errors, axis=1))


def profile(values: Vector, past: Sequence[date], future: Sequence[date]) -> Vector:
    """Level x weekday x month, each series for itself; the level is that of the last year."""
    weekday = np.array([day.weekday() for day in (*past, *future)])
    month = np.array([day.month for day in (*past, *future)])
    end = values.shape[1]
    factors = np.ones((len(values), len(weekday)))
    for key in (weekday, month):
        flat = values / factors[:, :end]
        for kind in np.unique(key):
            on = key[:end] == kind
            if on.any():
                factors[:, key == kind] *= (flat[:, on].mean(axis=1) / np.maximum(flat.mean(axis=1), 1e-9))[:, None]
    factors = np.maximum(factors, 1e-3)
    level = (values[:, -365:] / factors[:, end - 365 : end]).mean(axis=1, keepdims=True)
    expected = level * factors[:, end - 365 : end]
    relative = np.quantile(values[:, -365:] / np.maximum(expected, 1e-9), PROBABILITIES, axis=1).T
    return (level * factors[:, end:])[:, :, None] * relative[:, None, :]


def direct_lightgbm(lags: Sequence[int], windows: Sequence[int], *, rounds: int = 150) -> Peer:
    """One LightGBM model per quantile over all series, origins and steps; targets in units of the series' level."""

    def features(known: Vector, steps: Sequence[int], days: Sequence[date]) -> tuple[Vector, Vector]:
        end = known.shape[1]
        level = np.maximum(known[:, -min(end, max(windows)) :].mean(axis=1), 0.1)
        relative = known / level[:, None]
        base = [relative[:, -lag] if lag <= end else np.full(len(known), np.nan) for lag in lags]
        base += [relative[:, -min(end, w) :].mean(axis=1) for w in windows]
        base += [np.median(relative[:, -min(end, w) :], axis=1) for w in windows]
        base += [relative[:, -min(end, w) :].std(axis=1) for w in windows[-2:]]
        rows = []
        for step, day in zip(steps, days, strict=True):
            ago = [
                relative[:, end + step - 1 - back]
                if end + step - 1 - back in range(end)
                else np.full(len(known), np.nan)
                for back in (52, 53, 364)
            ]
            fixed = [np.full(len(known), float(x)) for x in (step, day.weekday(), day.month, day.isocalendar().week)]
            rows.append(np.stack([*base, *ago, *fixed, np.log(level)], axis=1))
        return np.stack(rows, axis=1), level

    def peer(values: Vector, past: Sequence[date], future: Sequence[date]) -> Vector:
        horizon, end = len(future), values.shape[1]
        chance = np.random.default_rng(0)
        origins = np.arange(max(5, end - 400), end)
        origins = origins if len(origins) <= 40 else np.sort(chance.choice(origins, 40, replace=False))
        inputs, targets = [], []
        for origin in origins.tolist():
            steps = [s for s in range(1, horizon + 1) if origin + s <= end]
            steps = steps if len(steps) <= 6 else sorted(chance.choice(steps, 6, replace=False).tolist())
            if not steps:
                continue
            found, level = features(values[:, :origin], steps, [past[origin + s - 1] for s in steps])
            inputs.append(found.reshape(-1, found.shape[2]))
            targets.append((values[:, [origin + s - 1 for s in steps]] / level[:, None]).ravel())
        table, wanted = np.concatenate(inputs), np.concatenate(targets)
        if len(wanted) > 40_000:
            kept = chance.choice(len(wanted), 40_000, replace=False)
            table, wanted = table[kept], wanted[kept]
        ahead, level = features(values, list(range(1, horizon + 1)), future)
        rows = ahead.reshape(-1, ahead.shape[2])
        columns = []
        for probability in PROBABILITIES:
            settings: dict[str, Any] = {
                "objective": "quantile",
                "alpha": float(probability),
                "learning_rate": 0.05,
                "num_leaves": 15,
                "min_data_in_leaf": 50,
                "feature_fraction": 0.8,
                "verbosity": -1,
                "num_threads": 1,
                "seed": 1,
            }
            model = lightgbm.train(settings, lightgbm.Dataset(table, wanted), rounds)
            columns.append(np.asarray(model.predict(rows)).reshape(len(values), horizon) * level[:, None])
        return np.sort(np.maximum(np.stack(columns, axis=2), 0), axis=2)

    return peer


def classic(name: str, season: int, frequency: str) -> Peer:
    """A model of statsforecast: `theta`, `ets` or `arima`."""

    def peer(values: Vector, past: Sequence[date], future: Sequence[date]) -> Vector:
        models: dict[str, Any] = {
            "theta": lambda: DynamicOptimizedTheta(season_length=season, alias="m"),
            "ets": lambda: AutoETS(season_length=season, alias="m"),
            "arima": lambda: AutoARIMA(season_length=season, alias="m"),
        }
        series, end = values.shape
        table = pd.DataFrame(
            {
                "unique_id": np.repeat(np.arange(series), end),
                "ds": np.tile(np.array(past, dtype="datetime64[ns]"), series),
                "y": values.ravel(),
            }
        )
        engine = StatsForecast(models=[models[name]()], freq=frequency, n_jobs=1)
        found: Any = engine.forecast(df=table, h=len(future), level=[80, 95]).sort_values(["unique_id", "ds"])
        columns = [found[c].to_numpy().reshape(series, -1) for c in ("m-lo-95", "m-lo-80", "m", "m-hi-80", "m-hi-95")]
        return np.sort(np.maximum(np.stack(columns, axis=2), 0), axis=2)

    return peer
