"""How well written texts agree with wanted ones, and whether one model is really better than another."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_ORDER = 6
_BETA = 2.0
_ROUNDS = 2000


def chrf(given: str, wanted: str) -> float:
    """Character n-gram F score, 0 to 1 (chrF2, Popović 2015): n from 1 to 6, blanks left out, recall counts double."""
    given, wanted = "".join(given.split()), "".join(wanted.split())
    precisions: list[float] = []
    recalls: list[float] = []
    for n in range(1, _ORDER + 1):
        mine = Counter(given[place : place + n] for place in range(len(given) - n + 1))
        theirs = Counter(wanted[place : place + n] for place in range(len(wanted) - n + 1))
        if not mine and not theirs:
            continue
        common = (mine & theirs).total()
        precisions.append(common / mine.total() if mine else 0.0)
        recalls.append(common / theirs.total() if theirs else 0.0)
    if not precisions:
        return 1.0
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    if precision + recall == 0:
        return 0.0
    return (1 + _BETA**2) * precision * recall / (_BETA**2 * precision + recall)


@dataclass(frozen=True, slots=True)
class Lead:
    """How much better one model is than another on the same rows: the mean difference and its 95 % interval."""

    mean: float
    low: float
    high: float
    rows: int

    @property
    def sure(self) -> bool:
        """The whole interval is above nothing."""
        return self.low > 0


def lead(ours: Sequence[float], theirs: Sequence[float], *, seed: int = 0) -> Lead:
    """Paired bootstrap over rows (Efron & Tibshirani 1993; Koehn 2004): both models' scores of each row, in order."""
    difference = np.asarray(ours, dtype=np.float64) - np.asarray(theirs, dtype=np.float64)
    if len(difference) == 0:
        return Lead(0.0, 0.0, 0.0, 0)
    random = np.random.default_rng(seed)
    means = np.array([difference[random.integers(0, len(difference), len(difference))].mean() for _ in range(_ROUNDS)])
    low, high = np.quantile(means, (0.025, 0.975))
    return Lead(float(difference.mean()), float(low), float(high), len(difference))
