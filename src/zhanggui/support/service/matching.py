"""Whether two questions ask the same: meaning, words and form weighed by a small model learnt from labelled pairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
from scipy.sparse import hstack as _stacked  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.retrieval import Embedder
from zhanggui.support.models.matching import Match
from zhanggui.support.rules.matching import Pair, counted
from zhanggui.support.service.textvectors import TextVectors

Floats = npt.NDArray[np.float64]
hstack = cast(Any, _stacked)
FEWEST: Final = 50
_FOLDS: Final = 5
_PARTS: Final = 32  # main directions of the learnt texts' vectors that the pair is also compared in
_COMMON: Final = 2  # of the main directions, those that all texts share and that say nothing
# Without labelled pairs: weights on centred cosine, words' cosine and shared stretches, and the level of `same`.
_PLAIN: Final = (0.5, 0.3, 0.2)
_PLAIN_LEVEL: Final = 0.62
_CROWDED: Final = 0.75  # cosines of any two questions stand above it
_GRAM_C: Final = 0.3
_LINEAR_C: Final = 0.05
_ROUNDS: Final = 120
_TREES: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.04,
    "num_leaves": 7,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "verbosity": -1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
}


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
    level: float

    def scores(self, pairs: Sequence[Pair], embedder: Embedder) -> Floats:
        """Probability of the same question, one a pair."""
        return self.judge.scores(self.views.of(pairs, _embedded(pairs, embedder)))


class _Views:
    """A pair in numbers: form, words, and meaning with what all questions of this shop share taken out of it.

    The vectors crowd together; their mean and first main directions say only what the shop is about (all-but-the-top,
    Mu & Viswanath 2018).
    """

    def __init__(self, pairs: Sequence[Pair], vectors: "_Both") -> None:
        texts = list(dict.fromkeys(text for pair in pairs for text in (pair.a, pair.b)))
        self.words = TextVectors(texts, least=2)
        whole = np.vstack(vectors)
        self._mean = whole.mean(axis=0)
        _, _, turned = np.linalg.svd(whole - self._mean, full_matrices=False)
        self._common, self._main = turned[:_COMMON], turned[_COMMON : _COMMON + _PARTS]

    def of(self, pairs: Sequence[Pair], vectors: "_Both") -> tuple[Floats, Any]:
        """Dense features [pairs, n] and sparse ones: n-grams in which the questions agree and differ."""
        a, b = (self.words.rows([getattr(pair, name) for pair in pairs]) for name in ("a", "b"))
        form = np.array([counted(pair) for pair in pairs])
        shared = np.asarray(a.multiply(b).sum(axis=1)).ravel()
        left, right = (self._bare(part) for part in vectors)
        gap = np.abs((left - right) @ self._main.T)
        raw = (vectors[0] * vectors[1]).sum(axis=1)
        alike = (left * right).sum(axis=1)
        dense = np.column_stack((form, shared, raw, alike, np.abs(left - right).max(axis=1), gap))
        return dense, hstack((abs(a - b), a.multiply(b))).tocsr()

    def _bare(self, vectors: Floats) -> Floats:
        moved = vectors - self._mean
        moved = moved - moved @ self._common.T @ self._common
        return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)


class _Judge:
    """Trees and a linear model over the dense features and the verdict of a linear model over the n-grams."""

    def __init__(self, seen: tuple[Floats, Any], same: Floats, seed: int) -> None:
        learning: Any = import_module("sklearn.linear_model")  # no types; half a second to import
        boosting: Any = import_module("lightgbm")
        dense, grams = seen
        self._grams = learning.LogisticRegression(C=_GRAM_C, max_iter=200).fit(grams, same)
        folds = np.random.default_rng(seed).permutation(len(same)) % _FOLDS
        told = np.zeros(len(same))
        for fold in range(_FOLDS):
            part = learning.LogisticRegression(C=_GRAM_C, max_iter=200).fit(grams[folds != fold], same[folds != fold])
            told[folds == fold] = part.decision_function(grams[folds == fold])
        features = np.column_stack((dense, told))
        self._middle, self._spread = features.mean(axis=0), features.std(axis=0) + 1e-9
        self._linear = learning.LogisticRegression(C=_LINEAR_C, max_iter=500).fit(self._scaled(features), same)
        self._trees = boosting.train({**_TREES, "seed": seed}, boosting.Dataset(features, same), _ROUNDS)

    def scores(self, seen: tuple[Floats, Any]) -> Floats:
        """The mean of both models' probabilities."""
        features = np.column_stack((seen[0], self._grams.decision_function(seen[1])))
        linear = self._linear.predict_proba(self._scaled(features))[:, 1]
        return np.asarray((linear + self._trees.predict(features, num_threads=1)) / 2, dtype=np.float64)

    def _scaled(self, features: Floats) -> Floats:
        return (features - self._middle) / self._spread


def _fit(pairs: Sequence[Pair], embedder: Embedder, seed: int) -> _Fitted:
    same = np.array([float(bool(pair.same)) for pair in pairs])
    vectors = _embedded(pairs, embedder)
    views = _Views(pairs, vectors)
    dense, grams = views.of(pairs, vectors)
    folds = np.random.default_rng(seed + 1).permutation(len(pairs)) % _FOLDS
    told = np.zeros(len(pairs))
    for fold in range(_FOLDS):
        here = folds == fold
        if len(set(same[~here])) == 2:
            told[here] = _Judge((dense[~here], grams[~here]), same[~here], seed).scores((dense[here], grams[here]))
    return _Fitted(views, _Judge((dense, grams), same, seed), best_level(told, same))


def best_level(scores: Floats, same: Floats) -> float:
    """The score from which on calling pairs the same gives the best F1 (harmonic mean of precision and recall)."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(same[order])
    f1 = 2 * hits / (np.arange(1, len(same) + 1) + same.sum())
    return float(scores[order[int(f1.argmax())]])


def _plain(pairs: Sequence[Pair], embedder: Embedder) -> Floats:
    texts = list(dict.fromkeys(text for pair in pairs for text in (pair.a, pair.b)))
    left, right = _embedded(pairs, embedder)
    words = TextVectors(texts)
    a, b = (words.rows([getattr(pair, name) for pair in pairs]) for name in ("a", "b"))
    shared = np.asarray(a.multiply(b).sum(axis=1)).ravel()
    meaning = np.clip(((left * right).sum(axis=1) - _CROWDED) / (1 - _CROWDED), 0.0, 1.0)
    form = np.array([counted(pair)[0] for pair in pairs])
    return np.column_stack((meaning, shared, form)) @ np.array(_PLAIN)


_Both = tuple[Floats, Floats]


def _embedded(pairs: Sequence[Pair], embedder: Embedder) -> _Both:
    texts = list(dict.fromkeys(text for pair in pairs for text in (pair.a, pair.b)))
    rows = embedder.queries(texts).astype(np.float64)
    place = {text: number for number, text in enumerate(texts)}
    return rows[[place[pair.a] for pair in pairs]], rows[[place[pair.b] for pair in pairs]]
