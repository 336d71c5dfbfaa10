"""Scores of forecasts. Truth is `[series, horizon]`, quantiles `[series, horizon, probability]`."""

import numpy as np

from zhanggui.planning.models import Vector


def naive_scale(history: Vector, lag: int = 1) -> Vector:
    """Mean absolute step of each series over `lag` periods: the denominator of MASE (Hyndman & Koehler 2006)."""
    if history.shape[1] <= lag:
        return np.zeros(len(history))
    return np.abs(history[:, lag:] - history[:, :-lag]).mean(axis=1)


def mase(truth: Vector, point: Vector, scale: Vector) -> Vector:
    """Mean absolute scaled error of each series; NaN where the history never moved."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(scale > 0, np.abs(truth - point).mean(axis=1) / np.where(scale > 0, scale, 1.0), np.nan)


def pinball(truth: Vector, quantiles: Vector, probabilities: Vector) -> Vector:
    """Pinball loss `[series, horizon, probability]` (Koenker & Bassett 1978)."""
    error = truth[:, :, None] - quantiles
    return np.maximum(probabilities * error, (probabilities - 1) * error)


def weighted_quantile_loss(truth: Vector, quantiles: Vector, probabilities: Vector) -> float:
    """Twice the pinball loss over the units sold, averaged over probabilities (GluonTS' mean wQL)."""
    total = np.abs(truth).sum()
    if total == 0:
        return float("nan")
    return float((2 * pinball(truth, quantiles, probabilities).sum(axis=(0, 1)) / total).mean())


def coverage(truth: Vector, low: Vector, high: Vector) -> float:
    """Share of truths inside the closed interval."""
    return float(((truth >= low) & (truth <= high)).mean())
