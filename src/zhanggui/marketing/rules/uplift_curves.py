"""How well a ranking finds the customers whom a contact moves: the uplift curve, its area, uplift@k."""

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


def uplift_curve(scores: Vector, treated: Vector, outcome: Vector, *, seed: int = 0) -> Vector:
    """The gain per treated customer of contacting the best 1, 2, ... n customers by score.

    At each place: outcomes of the treated so far less those of the control scaled to their number, over all treated
    (the Qini curve, Radcliffe 2007). Equal scores come in random order by `seed`.
    """
    order = np.lexsort((np.random.default_rng(seed).random(len(scores)), -scores))
    gained, contacted = outcome[order], treated[order]
    seen, unseen = np.cumsum(contacted), np.cumsum(1 - contacted)
    good, without = np.cumsum(gained * contacted), np.cumsum(gained * (1 - contacted))
    scaled = without * np.divide(seen, unseen, out=np.zeros_like(seen), where=unseen > 0)
    return (good - scaled) / max(1.0, float(seen[-1]))


def area_over_random(scores: Vector, treated: Vector, outcome: Vector, *, seed: int = 0) -> float:
    """The area between the uplift curve and that of a random order, per treated customer (the Qini coefficient)."""
    curve = uplift_curve(scores, treated, outcome, seed=seed)
    return float(curve.mean() - curve[-1] / 2)


def uplift_at(share: float, scores: Vector, treated: Vector, outcome: Vector) -> float:
    """The effect among the best `share` of customers by score: mean outcome of the treated less that of the control."""
    top = np.argsort(-scores, kind="stable")[: max(1, round(share * len(scores)))]
    moved, kept = outcome[top][treated[top] > 0], outcome[top][treated[top] == 0]
    if len(moved) == 0 or len(kept) == 0:
        return float("nan")
    return float(moved.mean() - kept.mean())
