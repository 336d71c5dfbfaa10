"""Seasons: weekday and month factors of daily series, and the same weeks one and two years ago of weekly ones."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from zhanggui.planning.models import GRID, Counts, Mask, Vector
from zhanggui.planning.rules.recent import rising

YEAR_OF_DAYS = 365
YEAR_OF_WEEKS = 52
_FEWEST_FOR_MONTHS = 400


def day_factors(values: Vector, first: Counts, dates: Sequence[date], ahead: Sequence[date]) -> tuple[Vector, Vector]:
    """(factors of the past `[series, period]`, of the future `[series, horizon]`): weekday times month, 1 is usual.

    Each series' factors are pulled towards those of all series as far as chance alone explains their differences
    (method-of-moments shrinkage). Months need more than a year of history.
    """
    series, periods = values.shape
    trend = _running_year(values)
    ratio = values / np.maximum(trend, 1e-9)
    live = (np.arange(periods, dtype=np.int64) >= first[:, None]) & (trend > 0)
    weekday = np.array([day.weekday() for day in (*dates, *ahead)])
    month = np.array([day.month - 1 for day in (*dates, *ahead)])
    by_weekday, by_month = np.ones((series, 7)), np.ones((series, 12))
    yearly = periods >= _FEWEST_FOR_MONTHS
    for _ in range(3):
        if yearly:
            by_month = _shrunk(ratio / by_weekday[:, weekday[:periods]], live, month[:periods], 12)
        by_weekday = _shrunk(ratio / by_month[:, month[:periods]], live, weekday[:periods], 7)
    factors = by_weekday[:, weekday] * by_month[:, month]
    return factors[:, :periods], factors[:, periods:]


def profile_quantiles(values: Vector, past: Vector, future: Vector, windows: Sequence[int]) -> Vector:
    """Level times factors `[series, horizon, GRID]`; the level is the mean over several windows of the past.

    The spread comes from the series' own residuals of the last two years, in units of the square root of the expected
    sales (counts vary like that), pulled a little towards that of all series.
    """
    levels = [values[:, -w:].sum(axis=1) / np.maximum(past[:, -w:].sum(axis=1), 1e-9) for w in windows]
    middle = np.mean(levels, axis=0)[:, None] * future
    expected = _running_year(values) * past
    root = np.sqrt(np.maximum(expected, 0.5))
    residual = ((values - expected) / root)[:, -2 * YEAR_OF_DAYS :]
    own = np.quantile(residual, GRID, axis=1).T
    shape = own * 0.8 + own.mean(axis=0) * 0.2 if len(values) >= 10 else own
    return rising(middle[:, :, None] + shape[:, None, :] * np.sqrt(np.maximum(middle, 0.5))[:, :, None])


def year_ago(values: Vector, marks: Vector, horizon: int) -> list[Vector]:
    """Point forecasts `[series, horizon]` of weekly series from the same weeks a year (and two) ago; best averaged.

    Last year's weeks times the growth of the last 8, 13 or 26 weeks over theirs, and the season's shape shared among
    series. `marks` `[series, period + horizon]` are flags (holidays): a week looks at the week beside where the flags
    of 52 weeks ago differ.
    """
    periods = values.shape[1]
    back = _aligned(marks, periods, horizon)
    last = np.take_along_axis(values, back, axis=1)
    found: list[Vector] = []
    for width in (8, 13):
        one = last * _growth(values, width, YEAR_OF_WEEKS)[:, None]
        if periods >= 2 * YEAR_OF_WEEKS + width:
            earlier = np.take_along_axis(values, np.maximum(back - YEAR_OF_WEEKS, 0), axis=1)
            one = one * 0.6 + earlier * _growth(values, width, 2 * YEAR_OF_WEEKS)[:, None] * 0.4
        found.append(one)
    found.append(_shared_shape(values, last, 8))
    found.append(last * _growth(values, 26, YEAR_OF_WEEKS)[:, None])
    return found


def _growth(values: Vector, width: int, lag: int) -> Vector:
    periods = values.shape[1]
    width = min(width, periods - lag)
    now = values[:, -width:].sum(axis=1)
    then = values[:, periods - lag - width : periods - lag].sum(axis=1)
    return np.clip(np.where(then > 0, now / np.maximum(then, 1e-9), 1.0), 0.2, 5.0)


def _shared_shape(values: Vector, last: Vector, width: int) -> Vector:
    """The level of the last weeks times how last year went on from here, half of it as all series together went on."""
    periods = values.shape[1]
    start = periods - YEAR_OF_WEEKS
    width = min(width, start)
    base = values[:, start - width : start].mean(axis=1, keepdims=True)
    shape = np.clip(last / np.maximum(base, 1e-9), 0.0, 10.0)
    shape = np.where(base > 0, shape, 1.0)
    shared = np.median(shape, axis=0, keepdims=True) if len(values) >= 5 else shape
    return values[:, -width:].mean(axis=1, keepdims=True) * (shape * 0.5 + shared * 0.5)


def _aligned(marks: Vector, periods: int, horizon: int) -> Counts:
    """For each future week the past week to look at: 52 weeks back, or the one beside it that has the same flags."""
    series = len(marks)
    plain = np.arange(periods, periods + horizon, dtype=np.int64) - YEAR_OF_WEEKS
    plain = np.where(plain >= periods, plain - YEAR_OF_WEEKS, plain)
    back = np.broadcast_to(plain, (series, horizon)).astype(np.int64)
    if marks.shape[1] < periods + horizon or not marks[:, periods:].any():
        return np.minimum(back, periods - 1).copy()
    wanted = marks[:, periods : periods + horizon]
    chosen = np.minimum(back, periods - 1).copy()
    differs = np.take_along_axis(marks, chosen, axis=1) != wanted
    for shift in (-1, 1):
        beside = np.clip(back + shift, 0, periods - 1)
        fits = differs & (np.take_along_axis(marks, beside, axis=1) == wanted)
        chosen = np.where(fits, beside, chosen)
        differs &= ~fits
    return chosen


def _running_year(values: Vector) -> Vector:
    """The mean of the year around each day, always over a full year where there is one `[series, period]`."""
    series, periods = values.shape
    span = min(YEAR_OF_DAYS, periods)
    sums = np.cumsum(np.concatenate([np.zeros((series, 1)), values], axis=1), axis=1)
    low = np.clip(np.arange(periods, dtype=np.int64) - span // 2, 0, periods - span)
    return (sums[:, low + span] - sums[:, low]) / span


def _shrunk(ratio: Vector, live: Mask, key: Counts, kinds: int) -> Vector:
    """Mean ratio per key `[series, kinds]`, pulled towards the mean of all series by how far chance explains it."""
    out = np.ones((len(ratio), kinds))
    for kind in np.unique(key).tolist():
        part, on = ratio[:, key == kind], live[:, key == kind]
        count = on.sum(axis=1)
        total = np.where(on, part, 0.0).sum(axis=1)
        mean = np.where(count > 0, total / np.maximum(count, 1), 1.0)
        spread = np.where(on, (part - mean[:, None]) ** 2, 0.0).sum(axis=1) / np.maximum(count - 1, 1)
        chance = spread / np.maximum(count, 1)
        known = count > 1
        if known.sum() < 2:
            out[:, kind] = np.clip(mean, 0.05, 20.0)
            continue
        shared = float(np.average(mean[known], weights=count[known]))
        real = max(float(mean[known].var()) - float(chance[known].mean()), 0.0)
        weight = np.where(known, chance / (chance + real + 1e-12), 1.0)
        out[:, kind] = np.clip(shared * weight + mean * (1 - weight), 0.05, 20.0)
    return out
