"""One forest of all series: which pasts are alike, and what came after them. LightGBM behind one function.

Trees are grown on the mean of a damped target (LightGBM's random-forest mode); each leaf then keeps the quantiles of
what came after (Meinshausen 2006, quantile regression forests), so one fit answers for every level at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from zhanggui.planning.models import GRID, Counts, Vector
from zhanggui.planning.rules.recent import hold_spikes, state

_ROWS = 30_000
_FIRST_ORIGIN = 6
_LARGEST = 8.0
_TREES = 30
_LEAVES = 48
_SETTINGS: dict[str, Any] = {
    "objective": "regression",
    "boosting": "rf",
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "feature_fraction": 0.5,
    "num_leaves": _LEAVES,
    "max_bin": 63,
    "verbosity": -1,
    "num_threads": 1,
    "seed": 7,
    "deterministic": True,
    "force_row_wise": True,
    "feature_pre_filter": False,
}


@dataclass(frozen=True, slots=True)
class Forest:
    """A grown forest: `tables[tree][leaf, GRID]` are quantiles in units of a series' level."""

    trees: Any
    tables: tuple[Vector, ...]

    def quantiles(self, values: Vector, first: Counts, steps: Sequence[int]) -> Vector:
        """What follows the end of `values` after each of `steps` periods: `[series, step, GRID]`, in units."""
        held = hold_spikes(values)
        features, size = state(held, first)
        rows = _with_steps(features, steps)
        leaves = np.asarray(self.trees.predict(rows, pred_leaf=True, num_threads=1), dtype=np.int64)
        leaves = leaves.reshape(len(rows), -1)
        total = np.zeros((len(rows), len(GRID)))
        for tree, table in enumerate(self.tables):
            total += np.log1p(table)[leaves[:, tree]]
        relative = np.expm1(total / len(self.tables)).reshape(len(values), len(steps), len(GRID))
        ceiling = held.max(axis=1) * 1.2
        return np.minimum(relative * size[:, None, None], ceiling[:, None, None])


def grow(values: Vector, first: Counts, steps: Sequence[int]) -> Forest | None:
    """Learn from every origin in `values`; None where there are fewer than 200 examples."""
    features, targets, sizes = _examples(values, first, steps)
    if len(targets) < 200:
        return None
    lightgbm: Any = import_module("lightgbm")
    least = int(np.clip(len(targets) // 300, 10, 80))
    data = lightgbm.Dataset(
        features,
        np.arcsinh(targets * 2),
        weight=np.sqrt(sizes),
        params={"max_bin": 63, "verbosity": -1, "feature_pre_filter": False},
    )
    trees = lightgbm.train({**_SETTINGS, "min_data_in_leaf": least}, data, _TREES)
    leaves = np.asarray(trees.predict(features, pred_leaf=True, num_threads=1), dtype=np.int64).reshape(
        len(targets), -1
    )
    order = np.argsort(targets, kind="stable")
    tables = tuple(_leaf_quantiles(targets[order], leaves[order, tree]) for tree in range(leaves.shape[1]))
    return Forest(trees, tables)


def _examples(values: Vector, first: Counts, steps: Sequence[int]) -> tuple[Vector, Vector, Vector]:
    """(features, what came after in units of the level, level) of a sample of origins, steps and series."""
    periods = values.shape[1]
    origins = np.arange(_FIRST_ORIGIN, periods, dtype=np.int64)
    if len(origins) > 40:
        # A step that is no multiple of a week, the last origins always among them.
        origins = origins[:: -max(2, len(origins) // 40)][::-1]
    chance = np.random.default_rng(7)
    parts: list[tuple[Vector, Vector, Vector]] = []
    per_origin = max(50, _ROWS // max(1, len(origins)))
    for origin in origins.tolist():
        usable = [step for step in steps if origin + step <= periods]
        alive = np.flatnonzero(first < origin)
        if not usable or not len(alive):
            continue
        most = max(10, per_origin // len(usable))
        rows = alive if len(alive) <= most else np.sort(chance.choice(alive, most, replace=False))
        features, size = state(hold_spikes(values[rows, :origin]), first[rows])
        ahead = values[rows][:, [origin + step - 1 for step in usable]] / size[:, None]
        parts.append((_with_steps(features, usable), ahead.ravel(), np.repeat(size, len(usable))))
    if not parts:
        return np.zeros((0, 1)), np.zeros(0), np.zeros(0)
    features, targets, sizes = (np.concatenate(column) for column in zip(*parts, strict=True))
    return features, np.minimum(targets, _LARGEST), sizes


def _with_steps(features: Vector, steps: Sequence[int]) -> Vector:
    wide = np.repeat(features, len(steps), axis=0)
    return np.column_stack([wide, np.tile(np.asarray(steps, dtype=np.float64), len(features))])


def _leaf_quantiles(targets: Vector, leaves: Counts) -> Vector:
    """Quantiles `[leaf, GRID]` of rising `targets` by the leaf that each fell into."""
    order = np.argsort(leaves, kind="stable")
    grouped = targets[order]
    counts = np.bincount(leaves, minlength=_LEAVES)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    place = starts[:, None] + GRID * np.maximum(counts[:, None] - 1, 0)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, (starts + np.maximum(counts, 1) - 1)[:, None])
    low, high = np.minimum(low, len(grouped) - 1), np.minimum(high, len(grouped) - 1)
    share = place - np.floor(place)
    return grouped[low] * (1 - share) + grouped[high] * share
