"""Combine methods by how they did on the past, and set the interval's width by what it covered there."""

from collections.abc import Iterator, Sequence

import numpy as np

from zhanggui.planning.models import GRID, MIDDLE, Vector
from zhanggui.planning.rules.scores import pinball

_STEPS = 4
_NEAR_BEST = 1.005
_LOW, _HIGH = 3, 11
_WIDTHS = np.linspace(0.7, 1.6, 19)
# As much weight as this many observations say for the width as it stands.
_PRIOR = 150.0


def simplex(members: int, steps: int = _STEPS) -> Iterator[tuple[float, ...]]:
    """Every way of sharing 1 among `members` in parts of 1 / `steps`."""

    def shares(left: int, places: int) -> Iterator[tuple[int, ...]]:
        if places == 1:
            yield (left,)
            return
        for part in range(left + 1):
            for rest in shares(left - part, places - 1):
                yield (part, *rest)

    for parts in shares(steps, members):
        yield tuple(part / steps for part in parts)


def choose_weights(members: Sequence[Sequence[Vector]], truths: Sequence[Vector], scale: Vector) -> Vector:
    """Weights of the methods that would have done best on past origins.

    Args:
        members: for each origin, each method's quantiles `[series, horizon, GRID]`.
        truths: for each origin, what came, `[series, horizon]`.
        scale: of each series, for an error that counts every series alike.

    The loss is half pinball over each series' scale, half pinball over all units. The weights are the mean of all
    mixtures within half a percent of the best: a choice that does not hang on a hair.
    """
    count = len(members[0])
    if count == 1:
        return np.ones(1)
    options = list(simplex(count))
    alike, units = np.zeros(len(options)), np.zeros(len(options))
    good = scale > 0
    for quantiles, truth in zip(members, truths, strict=True):
        for i, weights in enumerate(options):
            loss = pinball(truth, mix(quantiles, np.array(weights)), GRID).mean(axis=(1, 2))
            alike[i] += float((loss[good] / scale[good]).mean()) if good.any() else 0.0
            units[i] += float(loss.sum()) / max(float(truth.mean(axis=1).sum()), 1e-9)
    total = alike / max(alike.min(), 1e-12) + units / max(units.min(), 1e-12)
    near = np.array(options)[total <= total.min() * _NEAR_BEST]
    return near.mean(axis=0)


def mix(members: Sequence[Vector], weights: Vector) -> Vector:
    """The weighted mean of quantile functions (Vincent averaging): as sharp as its parts are."""
    total = np.zeros_like(members[0])
    for quantiles, weight in zip(members, weights.tolist(), strict=True):
        if weight:
            total += quantiles * weight
    return total


def widen(quantiles: Vector, width: float) -> Vector:
    """Stretch quantiles about their median; never below zero."""
    middle = quantiles[:, :, MIDDLE : MIDDLE + 1]
    return np.maximum(middle + (quantiles - middle) * width, 0.0)


def choose_width(mixed: Sequence[Vector], truths: Sequence[Vector]) -> float:
    """The stretch at which the 80 % interval held 80 % of past truths, pulled towards 1 where they were few."""
    shares = np.zeros(len(_WIDTHS))
    seen = 0
    for quantiles, truth in zip(mixed, truths, strict=True):
        seen += truth.size
        for i, width in enumerate(_WIDTHS.tolist()):
            wide = widen(quantiles, width)
            inside = (truth >= wide[:, :, _LOW]) & (truth <= wide[:, :, _HIGH])
            shares[i] += float(inside.sum())
    shares /= max(seen, 1)
    best = float(_WIDTHS[int(np.abs(shares - 0.8).argmin())])
    return 1 + (best - 1) * seen / (seen + _PRIOR)
