"""The recent past as evidence: shop-wide ups and downs taken out, spikes held down, windows, features of a state."""

import numpy as np

from zhanggui.planning.models import GRID, Counts, Vector

# Windows of periods that features look at.
_MEANS = (2, 4, 8, 13, 26)
_MEDIANS = (4, 8, 13)
_LAGS = 6


def shop_rhythm(values: Vector, *, width: int = 9) -> Vector:
    """How far each period of the whole shop stood from its surroundings `[period]`; 1 is usual.

    A week with a holiday sells little of everything. Taken out, a series' own level shows. Each series counts up to its
    own 98th percentile; the surroundings are a running median.
    """
    periods = int(values.shape[1])
    if len(values) < 30 or periods < 8:
        flat: Vector = np.ones(periods, dtype=np.float64)
        return flat
    total = np.minimum(values, np.quantile(values, 0.98, axis=1, keepdims=True)).sum(axis=0)
    half = width // 2
    usual = np.array([np.median(total[max(0, t - half) : t + half + 1]) for t in range(periods)])
    rhythm: Vector = np.clip(np.maximum(total, 1e-9) / np.maximum(usual, 1e-9), 0.25, 3.0)
    return rhythm


def hold_spikes(values: Vector, factor: float = 4.0) -> Vector:
    """Cap each series at `factor` times the mean of its ordinary sales, or half again its largest ordinary one.

    Ordinary: the periods with sales, without the largest twentieth (at least one). A series with fewer than three
    periods of sales has no ordinary ones: it is held to ten times the largest period of the others.
    """
    ordered = np.sort(np.where(values > 0, values, 0.0), axis=1)
    positive = (ordered > 0).sum(axis=1)
    left_out = np.maximum(1, positive // 20)
    rows = np.arange(len(values), dtype=np.int64)
    below = np.cumsum(ordered, axis=1)
    edge = values.shape[1] - left_out - 1
    usual = below[rows, np.maximum(edge, 0)] / np.maximum(positive - left_out, 1)
    cap = np.maximum(factor * usual, 1.5 * ordered[rows, np.maximum(edge, 0)])
    known = positive >= 3
    others = 10 * float(np.minimum(ordered[:, -1], cap)[known].max()) if known.any() else np.inf
    cap = np.where(known, np.maximum(cap, 1.0), others)
    return np.minimum(values, cap[:, None])


def window_quantiles(values: Vector, first: Counts, width: int) -> Vector:
    """Quantiles `[series, GRID]` of the last `width` periods since each series' first sale (at least three)."""
    periods = int(values.shape[1])
    spans = np.clip(periods - first, min(3, periods), min(width, periods))
    out = np.zeros((len(values), len(GRID)))
    for span in np.unique(spans).tolist():
        rows = spans == span
        out[rows] = np.quantile(values[rows][:, periods - span :], GRID, axis=1).T
    return out


def level(values: Vector) -> Vector:
    """The size of each series, by which others' histories are made comparable; never zero."""
    periods = int(values.shape[1])
    near = values[:, -min(13, periods) :].mean(axis=1)
    far = values[:, -min(26, periods) :].mean(axis=1)
    floor = np.maximum(values.mean(axis=1) * 0.3, 0.25)
    return np.maximum(near * 0.7 + far * 0.3, floor)


def state(values: Vector, first: Counts) -> tuple[Vector, Vector]:
    """(features `[series, feature]` in units of the level, level `[series]`) at the end of `values`."""
    periods = int(values.shape[1])
    size = level(values)
    relative = values / size[:, None]
    nothing = np.full(len(values), np.nan)
    columns = [relative[:, -1 - lag] if lag < periods else nothing for lag in range(_LAGS)]
    columns += [relative[:, -min(w, periods) :].mean(axis=1) for w in _MEANS]
    roots = np.sqrt(relative)
    for width in _MEDIANS:
        columns.append(np.median(relative[:, -min(width, periods) :], axis=1))
        columns.append(roots[:, -min(width, periods) :].mean(axis=1) ** 2)
    columns += [relative[:, -min(w, periods) :].std(axis=1) for w in (8, 13)]
    sold = values > 0
    columns.append(1 - sold[:, -min(8, periods) :].mean(axis=1))
    columns.append(sold[:, -min(13, periods) :].mean(axis=1))
    columns.append(relative[:, -min(13, periods) :].max(axis=1))
    since = np.full(len(values), float(periods))
    ever = sold.any(axis=1)
    since[ever] = sold[ever][:, ::-1].argmax(axis=1)
    columns.append(since)
    age: Counts = np.clip(periods - first, 0, 8)
    columns.append(age.astype(np.float64))
    columns.append(np.log(size))
    return np.stack(columns, axis=1), size


def rising(quantiles: Vector) -> Vector:
    """Quantiles that never cross and never fall below zero."""
    return np.maximum.accumulate(np.maximum(quantiles, 0.0), axis=-1)
