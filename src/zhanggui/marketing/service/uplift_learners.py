"""The learners behind uplift: three that keep things simple, averaged.

Effects of a contact are small beside the noise of what customers do, so the ranking is won by what does not fit noise:
a ridge regression of the doubly robust effect on main effects, boosted stumps on the same, and one booster that sees
the contact as a feature (S-learner). Each is averaged over the ways to cut the rows for its helpers.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
_BASE: dict[str, Any] = {
    "objective": "regression",
    "learning_rate": 0.05,
    "lambda_l2": 20.0,
    "max_bin": 63,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "verbosity": -1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
}
_RIDGE = 100.0
_WEIGHTS = (1.0, 1.0, 1.0)


def boosted(features: Matrix, target: Vector, *, rounds: int, leaves: int, floor: int, seed: int) -> Any:
    """A LightGBM regression on squared error; `floor` is the fewest rows in a leaf."""
    # LightGBM takes seconds to import and has no types: whoever does not predict does not wait for it.
    boosting: Any = import_module("lightgbm")
    floor = max(5, min(floor, len(target) // 20))
    settings = {**_BASE, "num_leaves": leaves, "min_data_in_leaf": floor, "seed": seed}
    return boosting.train(settings, boosting.Dataset(features, target), num_boost_round=rounds)


@dataclass(frozen=True, slots=True)
class Straight:
    """A ridge regression on main effects, with features on one scale."""

    middle: Vector
    spread: Vector
    weights: Vector
    level: float

    @classmethod
    def fit(cls, features: Matrix, target: Vector, penalty: float = _RIDGE) -> "Straight":
        """Least squares with `penalty` on the squared weights of standardised features (Hoerl and Kennard 1970)."""
        middle, spread = features.mean(axis=0), features.std(axis=0)
        spread = np.where(spread > 0, spread, 1.0)
        scaled, level = (features - middle) / spread, float(target.mean())
        moment = scaled.T @ scaled + penalty * np.eye(features.shape[1])
        weights: Vector = np.asarray(np.linalg.solve(moment, scaled.T @ (target - level)), dtype=np.float64)
        return cls(middle, spread, weights, level)

    def predict(self, features: Matrix) -> Vector:
        """The line at each row."""
        scaled = np.clip((features - self.middle) / self.spread, -6.0, 6.0)
        return self.level + scaled @ self.weights


@dataclass(frozen=True, slots=True)
class Experiment:
    """Rows of a random experiment: features, who was contacted (1 or 0), what came of it, chance of being contacted."""

    features: Matrix
    treated: Vector
    outcome: Vector
    chance: Vector

    def part(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "Experiment":
        """Some of the rows."""
        return Experiment(self.features[rows], self.treated[rows], self.outcome[rows], self.chance[rows])


@dataclass(frozen=True, slots=True)
class Learners:
    """The three fitted learners; `effect` is their average."""

    straight: Straight
    stumps: Any
    joint: Any

    @classmethod
    def fit(cls, rows: Experiment, seed: int) -> "Learners":
        """Fit all three. `seed` cuts the rows in two for the doubly robust effect."""
        effects = doubly_robust(rows, seed)
        joined = np.column_stack([rows.features, rows.treated])
        return cls(
            Straight.fit(rows.features, effects),
            boosted(rows.features, effects, rounds=60, leaves=2, floor=500, seed=seed),
            boosted(joined, rows.outcome, rounds=150, leaves=6, floor=200, seed=seed),
        )

    def effect(self, features: Matrix) -> Vector:
        """How much a contact adds to the outcome of each row."""
        ones, zeros = np.ones(len(features)), np.zeros(len(features))
        joint = np.asarray(self.joint.predict(np.column_stack([features, ones])), dtype=np.float64)
        joint = joint - np.asarray(self.joint.predict(np.column_stack([features, zeros])), dtype=np.float64)
        stumps = np.asarray(self.stumps.predict(features), dtype=np.float64)
        parts = np.column_stack([self.straight.predict(features), stumps, joint])
        return parts @ (np.asarray(_WEIGHTS) / sum(_WEIGHTS))


def doubly_robust(rows: Experiment, seed: int) -> Vector:
    """Each row's effect as it can be read off without bias, noise and all (the AIPW score, Robins et al. 1994).

    What a row would have done with and without the contact is predicted by models of the other half of the rows.
    """
    half = np.random.default_rng(seed).permutation(len(rows.outcome)) % 2
    with_contact, without = np.zeros(len(half)), np.zeros(len(half))
    for side in (0, 1):
        learn, judge = rows.part(half != side), half == side
        for expected, arm in ((with_contact, learn.treated > 0), (without, learn.treated == 0)):
            expected[judge] = expected_outcome(learn.part(arm), rows.features[judge], seed)
    gain = rows.treated * (rows.outcome - with_contact) / rows.chance
    loss = (1 - rows.treated) * (rows.outcome - without) / (1 - rows.chance)
    return with_contact - without + gain - loss


def expected_outcome(learn: Experiment, features: Matrix, seed: int) -> Vector:
    """What rows like those in `learn` do: half trees, half a straight line."""
    trees = boosted(learn.features, learn.outcome, rounds=60, leaves=4, floor=200, seed=seed)
    straight = Straight.fit(learn.features, learn.outcome).predict(features)
    return (np.asarray(trees.predict(features), dtype=np.float64) + straight) / 2
