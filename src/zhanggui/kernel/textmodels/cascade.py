"""A fast model that asks for a second opinion where it is not sure, and weighs both.

Texts of which the fast model is surer than `threshold` are its own. The others are shown to a slower judge, such as a
chat model, which gives one number a text: how much likelier it finds the second label than the first, in log odds. A
logistic regression of both numbers decides (stacking, Wolpert 1992). It is fitted on texts kept aside from the fast
model's training, so that the fast model's confidence there is what it is on new texts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels.model import Floats, TextModel, WeightedSpan

THRESHOLD: Final = 0.85  # a seventh of shop reviews kept aside in training lies below; the fast model errs there most
FEWEST: Final = 40
_RIDGE: Final = 1.0
_STEPS: Final = 50
_BOUND: Final = 12.0  # log odds beyond say nothing more
# Log odds of the second label against the first, one a text; NaN where the judge has no answer.
Opinion = Callable[[Sequence[str]], Floats]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Joint:
    """How both log odds are weighed: `bias + fast x own + slow x theirs` are the log odds of the second label."""

    bias: float
    fast: float
    slow: float

    def odds(self, own: Floats, theirs: Floats) -> Floats:
        """Joint log odds, [texts]; where the slow judge has no answer, the fast one's stand."""
        clear = np.isfinite(theirs)
        both = self.bias + self.fast * _bounded(own) + self.slow * _bounded(np.where(clear, theirs, 0.0))
        return np.where(clear, both, own)


class Cascade:
    """A model of two labels, and a slower judge of the texts that it is not sure of."""

    def __init__(self, fast: TextModel, opinion: Opinion, joint: Joint, threshold: float = THRESHOLD) -> None:
        _two(fast)
        if not 0.5 <= threshold <= 1:
            raise BadInput(field="threshold", expected="a probability of 0.5 to 1", found=str(threshold))
        self.labels, self.card = fast.labels, fast.card
        self._fast, self._opinion, self._joint, self._threshold = fast, opinion, joint, threshold

    def predict(self, texts: Sequence[str]) -> Floats:
        """Probabilities, [texts, labels]; the judge is asked once, of the unsure texts only."""
        given = self._fast.predict(texts)
        places = unsure(given, self._threshold)
        if len(places):
            theirs = self._opinion([texts[int(place)] for place in places])
            share = 1 / (1 + np.exp(-self._joint.odds(own_odds(given[places]), theirs)))
            given[places, 0], given[places, 1] = 1 - share, share
        return given

    def explain(self, text: str, label: str) -> tuple[WeightedSpan, ...]:
        """The words that spoke for and against a label in the eyes of the fast model.

        Raises:
            BadInput: there is no such label.
        """
        return self._fast.explain(text, label)


def unsure(given: Floats, threshold: float) -> npt.NDArray[np.intp]:
    """Places of the rows of `given` [texts, labels] whose highest probability is below the threshold."""
    return np.flatnonzero(given.max(axis=1) < threshold) if len(given) else np.zeros(0, dtype=np.intp)


def own_odds(given: Floats) -> Floats:
    """Log odds of the second label against the first, [texts], from probabilities [texts, 2]."""
    return np.log(np.maximum(given[:, 1], 1e-12)) - np.log(np.maximum(given[:, 0], 1e-12))


def fit_joint(own: Floats, theirs: Floats, second: Flags) -> Joint:
    """The weights of least penalised log loss, by Newton's method; rows without the judge's answer are left out.

    Args:
        own: the fast model's log odds, [texts], on texts that it was not trained on.
        theirs: the slow judge's, [texts].
        second: whether the text has the second label, [texts].

    Raises:
        BadInput: fewer than 40 rows with an answer, or all of one label.
    """
    clear = np.isfinite(theirs)
    right = second[clear].astype(np.float64)
    if len(right) < FEWEST or not 0 < right.sum() < len(right):
        raise BadInput(
            field="rows", expected=f"{FEWEST} unsure texts of both labels with an answer", found=f"{len(right)} rows"
        )
    rows = np.column_stack((np.ones(len(right)), _bounded(own[clear]), _bounded(theirs[clear])))
    # The penalty holds both judges near "the fast one as it is, the slow one unheard"; the bias is free.
    start, penalty = np.array([0.0, 1.0, 0.0]), np.diag([1e-6, _RIDGE, _RIDGE])
    weights = start.copy()
    for _ in range(_STEPS):
        share = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (share - right) + penalty @ (weights - start)
        step = np.linalg.solve((rows * (share * (1 - share))[:, None]).T @ rows + penalty, slope)
        weights = weights - step
        if float(np.abs(step).max()) < 1e-9:
            break
    return Joint(float(weights[0]), float(weights[1]), float(weights[2]))


def _bounded(odds: Floats) -> Floats:
    return np.clip(odds, -_BOUND, _BOUND)


def _two(model: TextModel) -> None:
    if len(model.labels) != 2:
        raise BadInput(field="labels", expected="a model of two labels", found=", ".join(model.labels))
