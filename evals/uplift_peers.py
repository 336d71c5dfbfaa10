"""What uplift is usually done with: LightGBM as S-, T- and X-learner, an uplift forest, a response model."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np

Scores = Callable[[np.ndarray], np.ndarray]
SEED = 7
_SMALL: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 8,
    "min_data_in_leaf": 100,
    "verbosity": -1,
    "num_threads": 1,
    "seed": SEED,
    "deterministic": True,
}
_ROUNDS = 100


def plain_features(rows: list[dict[str, str]]) -> np.ndarray:
    """The usual table of the set: numbers as they are, one column a class."""
    zips, channels = ("Rural", "Urban"), ("Phone", "Multichannel")
    lines = [
        [
            *(float(row[name]) for name in ("recency", "history", "mens", "womens", "newbie")),
            *(float(row["zip_code"] == name) for name in zips),
            *(float(row["channel"] == name) for name in channels),
        ]
        for row in rows
    ]
    return np.asarray(lines)


def _trees(x: np.ndarray, y: np.ndarray, **changed: Any) -> Any:
    return lightgbm.train({**_SMALL, **changed}, lightgbm.Dataset(x, y), num_boost_round=_ROUNDS)


def s_learner(x: np.ndarray, t: np.ndarray, y: np.ndarray) -> Scores:
    model = _trees(np.column_stack([x, t]), y)
    return lambda z: (
        model.predict(np.column_stack([z, np.ones(len(z))])) - model.predict(np.column_stack([z, np.zeros(len(z))]))
    )


def t_learner(x: np.ndarray, t: np.ndarray, y: np.ndarray) -> Scores:
    contacted, usual = _trees(x[t == 1], y[t == 1]), _trees(x[t == 0], y[t == 0])
    return lambda z: contacted.predict(z) - usual.predict(z)


def x_learner(x: np.ndarray, t: np.ndarray, y: np.ndarray) -> Scores:
    """Kuenzel et al. 2019, weighted by the chance of being contacted."""
    contacted, usual = _trees(x[t == 1], y[t == 1]), _trees(x[t == 0], y[t == 0])
    gain = _trees(x[t == 1], y[t == 1] - usual.predict(x[t == 1]), objective="regression")
    loss = _trees(x[t == 0], contacted.predict(x[t == 0]) - y[t == 0], objective="regression")
    chance = t.mean()
    return lambda z: chance * loss.predict(z) + (1 - chance) * gain.predict(z)


def response_model(x: np.ndarray, t: np.ndarray, y: np.ndarray) -> Scores:
    """Who comes when contacted: the usual practice that uplift is meant to better."""
    model = _trees(x[t == 1], y[t == 1])
    return lambda z: model.predict(z)


@dataclass
class _Node:
    effect: float
    feature: int = -1
    cut: float = 0.0
    low: "_Node | None" = None
    high: "_Node | None" = None


def uplift_forest(x: np.ndarray, t: np.ndarray, y: np.ndarray, trees: int = 100) -> Scores:
    """A forest of uplift trees that split where squared effects grow most (Rzepakowski and Jaroszewicz 2012, ED)."""
    chance = np.random.default_rng(SEED)
    cuts = [np.unique(np.quantile(column, np.linspace(0, 1, 17)[1:-1])) for column in x.T]
    grown: list[_Node] = []
    for _ in range(trees):
        pick = chance.integers(0, len(y), len(y))
        grown.append(_grow(x[pick], t[pick], y[pick], (cuts, chance), 6))
    return lambda z: np.mean([_read(tree, z) for tree in grown], axis=0)


def _grow(x: np.ndarray, t: np.ndarray, y: np.ndarray, shared: Any, depth: int) -> _Node:
    cuts, chance = shared
    node = _Node(_effect(t, y))
    if depth == 0 or len(y) < 400:
        return node
    best = node.effect**2 * len(y) + 1e-9
    for feature in chance.choice(x.shape[1], 4, replace=False):
        for cut in cuts[feature]:
            low = x[:, feature] <= cut
            count = int(low.sum())
            if min(count, len(y) - count) < 200 or not _both(t[low]) or not _both(t[~low]):
                continue
            value = _effect(t[low], y[low]) ** 2 * count + _effect(t[~low], y[~low]) ** 2 * (len(y) - count)
            if value > best:
                best, node.feature, node.cut = value, int(feature), float(cut)
    if node.feature >= 0:
        low = x[:, node.feature] <= node.cut
        node.low = _grow(x[low], t[low], y[low], shared, depth - 1)
        node.high = _grow(x[~low], t[~low], y[~low], shared, depth - 1)
    return node


def _both(t: np.ndarray) -> bool:
    return bool(50 <= t.sum() <= len(t) - 50)


def _effect(t: np.ndarray, y: np.ndarray) -> float:
    contacted = t.sum()
    good = (y * t).sum()
    # Ten rows' worth of no effect, as the paper's regularisation has it.
    both = (y.sum() / len(y)) * 10
    return float((good + both) / (contacted + 10) - (y.sum() - good + both) / (len(t) - contacted + 10))


def _read(node: _Node, z: np.ndarray) -> np.ndarray:
    if node.low is None or node.high is None:
        return np.full(len(z), node.effect)
    low = z[:, node.feature] <= node.cut
    answer = np.empty(len(z))
    answer[low], answer[~low] = _read(node.low, z[low]), _read(node.high, z[~low])
    return answer
