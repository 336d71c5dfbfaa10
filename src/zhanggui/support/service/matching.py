"""Whether two questions ask the same: meaning, words and form weighed by a small model learnt from labelled pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.retrieval import Embedder
from zhanggui.support.models.matching import Match
from zhanggui.support.rules.matching import Pair, counted
from zhanggui.support.service.textvectors import TextVectors

Floats = npt.NDArray[np.float64]
FEWEST: Final = 50
_FOLDS: Final = 5
_COMMON: Final = 2  # of the main directions, those that all texts share and that say nothing
# Without labelled pairs: weights on centred cosine, words' cosine and shared stretches, and the level of `same`.
_PLAIN: Final = (0.8, 0.1, 0.1)
_PLAIN_LEVEL: Final = 0.62
_CROWDED: Final = 0.75  # cosines of any two questions stand above it
_DIRECTIONS: Final = (32, 64, 128)  # main directions that the pair is compared in, besides all of them
_COSTS: Final = (0.05, 0.0003)  # C of the plain features' model and of the products'
_PRODUCTS: Final = 0.5  # weight of the products' model


class QuestionMatcher:
    """Scores pairs. Make one by `fit`, or by `plain` where nobody labelled any."""

    def __init__(self, embedder: Embedder, *, fitted: "_Fitted | None" = None) -> None:
        self._embedder, self._fitted = embedder, fitted

    @classmethod
    def plain(cls, embedder: Embedder) -> "QuestionMatcher":
        """A matcher that learnt from no pairs: how alike meaning and words are."""
        return cls(embedder)

    @classmethod
    def fit(cls, pairs: Sequence[Pair], embedder: Embedder, *, seed: int = 0) -> "QuestionMatcher":
        """Learn from labelled pairs; the level of `same` is the one of best F1 on pairs held out in turn.

        Raises:
            BadInput: fewer than 50 pairs, or all of one label.
        """
        labelled = [pair for pair in pairs if pair.same is not None]
        kinds = {pair.same for pair in labelled}
        if len(labelled) < FEWEST or len(kinds) < 2:
            found = f"{len(labelled)} pairs, {len(kinds)} labels"
            raise BadInput(field="train", expected=f"at least {FEWEST} pairs of both labels", found=found)
        return cls(embedder, fitted=_fit(labelled, embedder, seed))

    def match(self, pairs: Sequence[Pair]) -> list[Match]:
        """For each pair a score from 0 to 1 and whether they ask the same."""
        if not pairs:
            return []
        if self._fitted is None:
            scores, level = _plain(pairs, self._embedder), _PLAIN_LEVEL
        else:
            scores, level = self._fitted.scores(pairs, self._embedder), self._fitted.level
        return [Match(bool(score >= level), round(float(score), 6)) for score in scores]


@dataclass(frozen=True, slots=True)
class _Fitted:
    """The learnt model: what is seen of a pair, what it weighs, and the level of `same`."""

    views: "_Views"
    judge: "_Judge"
    steps: tuple[float, float]
    level: float

    def scores(self, pairs: Sequence[Pair], embedder: Embedder) -> Floats:
        """Probability of the same question, one a pair."""
        told = self.judge.scores(self.views.of(pairs, _embedded(pairs, embedder)))
        return _sigmoid(self.steps[0] * told + self.steps[1])


class _Views:
    """A pair in numbers: form, words, and meaning with what all questions of this shop share taken out of it.

    The vectors crowd together; their mean and first main directions say only what the shop is about (all-but-the-top,
    Mu & Viswanath 2018), and main directions of the rest, evened out half-way, tell questions apart best.
    """

    def __init__(self, pairs: Sequence[Pair], vectors: "_Both") -> None:
        self._words = TextVectors(_texts(pairs), least=2)
        whole = np.vstack(vectors)
        self._mean = whole.mean(axis=0)
        _, sizes, turned = np.linalg.svd(whole - self._mean, full_matrices=False)
        self._common = turned[:_COMMON]
        self._evened = [turned[:most].T / np.sqrt(np.maximum(sizes[:most], 1e-9)) for most in _DIRECTIONS]

    def of(self, pairs: Sequence[Pair], vectors: "_Both") -> tuple[Floats, Floats]:
        """A few plain features [pairs, n], and the products of the two vectors [pairs, dimensions]."""
        a, b = (self._words.rows([getattr(pair, name) for pair in pairs]) for name in ("a", "b"))
        shared = np.asarray(a.multiply(b).sum(axis=1)).ravel()
        left, right = (self._bare(part) for part in vectors)
        moved = [part - self._mean for part in vectors]
        evened = [(_unit(moved[0] @ basis) * _unit(moved[1] @ basis)).sum(axis=1) for basis in self._evened]
        raw, alike = (vectors[0] * vectors[1]).sum(axis=1), (left * right).sum(axis=1)
        form = np.array([counted(pair) for pair in pairs])
        farthest = np.abs(left - right).max(axis=1)
        return np.column_stack((form, shared, raw, alike, farthest, *evened)), left * right

    def _bare(self, vectors: Floats) -> Floats:
        moved = vectors - self._mean
        return _unit(moved - moved @ self._common.T @ self._common)


class _Judge:
    """A linear model of the plain features and one of the products (a learnt, weighted cosine), added up."""

    def __init__(self, seen: tuple[Floats, Floats], same: Floats) -> None:
        self._parts = [_Linear(part, same, cost) for part, cost in zip(seen, _COSTS, strict=True)]

    def scores(self, seen: tuple[Floats, Floats]) -> Floats:
        """Higher is more alike; no probability yet."""
        parts = [part.scores(features) for part, features in zip(self._parts, seen, strict=True)]
        return np.asarray(parts[0] + _PRODUCTS * parts[1], dtype=np.float64)


class _Linear:
    """Logistic regression on features evened out; its scores evened out by what they were on the training pairs."""

    def __init__(self, features: Floats, same: Floats, cost: float) -> None:
        learning: Any = import_module("sklearn.linear_model")  # no types; half a second to import
        self._middle, self._spread = features.mean(axis=0), features.std(axis=0) + 1e-9
        self._model = learning.LogisticRegression(C=cost, max_iter=500).fit(self._even(features), same)
        told: Floats = self._model.decision_function(self._even(features))
        self._usual, self._range = float(told.mean()), float(told.std()) + 1e-9

    def scores(self, features: Floats) -> Floats:
        """One score a row."""
        told: Floats = self._model.decision_function(self._even(features))
        return (told - self._usual) / self._range

    def _even(self, features: Floats) -> Floats:
        return (features - self._middle) / self._spread


def _fit(pairs: Sequence[Pair], embedder: Embedder, seed: int) -> _Fitted:
    same = np.array([float(bool(pair.same)) for pair in pairs])
    vectors = _embedded(pairs, embedder)
    folds = np.random.default_rng(seed).permutation(len(pairs)) % _FOLDS
    told = np.zeros(len(pairs))
    for fold in range(_FOLDS):
        here, rest = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        if len(set(same[rest])) == 2:
            views, judge = _trained([pairs[int(place)] for place in rest], _some(vectors, rest), same[rest])
            told[here] = judge.scores(views.of([pairs[int(place)] for place in here], _some(vectors, here)))
    learning: Any = import_module("sklearn.linear_model")
    steps: Any = learning.LogisticRegression(C=1e3).fit(told[:, None], same)
    steep, offset = float(steps.coef_[0, 0]), float(steps.intercept_[0])
    views, judge = _trained(pairs, vectors, same)
    return _Fitted(views, judge, (steep, offset), best_level(_sigmoid(steep * told + offset), same))


def _trained(pairs: Sequence[Pair], vectors: "_Both", same: Floats) -> tuple[_Views, _Judge]:
    views = _Views(pairs, vectors)
    return views, _Judge(views.of(pairs, vectors), same)


def _some(vectors: "_Both", places: npt.NDArray[np.int64]) -> "_Both":
    return vectors[0][places], vectors[1][places]


def _unit(rows: Floats) -> Floats:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -30, 30))), dtype=np.float64)


def best_level(scores: Floats, same: Floats) -> float:
    """The score from which on calling pairs the same gives the best F1 (harmonic mean of precision and recall)."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(same[order])
    f1 = 2 * hits / (np.arange(1, len(same) + 1) + same.sum())
    return float(scores[order[int(f1.argmax())]])


def _plain(pairs: Sequence[Pair], embedder: Embedder) -> Floats:
    left, right = _embedded(pairs, embedder)
    words = TextVectors(_texts(pairs))
    a, b = (words.rows([getattr(pair, name) for pair in pairs]) for name in ("a", "b"))
    shared = np.asarray(a.multiply(b).sum(axis=1)).ravel()
    meaning = np.clip(((left * right).sum(axis=1) - _CROWDED) / (1 - _CROWDED), 0.0, 1.0)
    form = np.array([counted(pair)[0] for pair in pairs])
    return np.column_stack((meaning, shared, form)) @ np.array(_PLAIN)


_Both = tuple[Floats, Floats]


def _embedded(pairs: Sequence[Pair], embedder: Embedder) -> _Both:
    texts = _texts(pairs)
    rows = embedder.queries(texts).astype(np.float64)
    place = {text: number for number, text in enumerate(texts)}
    return rows[[place[pair.a] for pair in pairs]], rows[[place[pair.b] for pair in pairs]]


def _texts(pairs: Sequence[Pair]) -> list[str]:
    return list(dict.fromkeys(text for pair in pairs for text in (pair.a, pair.b)))
