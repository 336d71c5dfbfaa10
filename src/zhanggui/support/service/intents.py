"""What a customer wants: n-grams and meaning, each judged by linear machines, their margins added and calibrated."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

# scipy ships no types.
from scipy.sparse import csr_matrix as _csr  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]
from scipy.sparse import hstack as _hstack  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from zhanggui.kernel.retrieval import Embedder
from zhanggui.kernel.textmodels import LinearModel, clean
from zhanggui.support.service.textvectors import TextVectors

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_CSR = cast(Any, _csr)
_HSTACK = cast(Any, _hstack)
MOST_EMBEDDED: Final = 15_000  # different texts; more are judged by n-grams alone, which then suffice
_ASIDE: Final = 10  # one in so many texts is kept aside to calibrate
_CALIBRATE_FROM: Final = 200
_MEANING: Final = 1.0  # length of the meaning's part of a row beside the n-grams' part of length 1
_COST: Final = 1.0
_SCALES: Final = np.exp(np.linspace(-1.0, 4.0, 51))


class IntentModel:
    """Labels texts. Make one by `fit`."""

    def __init__(self, labels: tuple[str, ...], machine: "_Machine", scale: float, embedder: Embedder) -> None:
        self.labels = labels
        self._machine, self._scale, self._embedder = machine, scale, embedder

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        embedder: Embedder,
        *,
        seed: int = 0,
        warn: Callable[[str], None] | None = None,
    ) -> "IntentModel | LinearModel":
        """Train on texts and labels (text i has label i); beyond 15,000 different texts it is the linear model alone.

        Raises:
            BadInput: fewer than ten different texts, or fewer than two labels.
        """
        rows = clean(texts, labels)
        if len(rows.texts) > MOST_EMBEDDED:
            return LinearModel.fit(texts, labels, seed=seed, task="intent", warn=warn)
        for warning in rows.warnings:
            if warn is not None:
                warn(warning)
        names = tuple(sorted(set(rows.labels)))
        number = {name: place for place, name in enumerate(names)}
        wanted = np.array([number[label] for label in rows.labels], dtype=np.int64)
        vectors = embedder.queries(rows.texts).astype(np.float64)
        scale = _calibrated(rows.texts, vectors, wanted, len(names), seed)
        return cls(names, _Machine(rows.texts, vectors, wanted, len(names), seed), scale, embedder)

    def predict(self, texts: Sequence[str]) -> Floats:
        """Calibrated probabilities, [texts, labels]; rows add up to 1."""
        vectors = self._embedder.queries(list(texts)).astype(np.float64)
        return _probabilities(self._machine.margins(texts, vectors), self._scale)


class _Machine:
    """One support vector machine a label over n-grams and meaning side by side, and one over meaning alone."""

    def __init__(self, texts: Sequence[str], vectors: Floats, wanted: Ints, kinds: int, seed: int) -> None:
        learning: Any = import_module("sklearn.svm")  # no types; half a second to import
        self._words = TextVectors(texts)
        self._middle = vectors.mean(axis=0)
        self._kinds = kinds
        svc: Any = learning.LinearSVC(C=_COST, random_state=seed)
        self._joint = svc.fit(self._rows(texts, vectors), wanted)

    def margins(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """Scores, [texts, labels]."""
        given: Floats = self._joint.decision_function(self._rows(texts, vectors))
        return np.column_stack((-given, given)) if self._kinds == 2 else given

    def _rows(self, texts: Sequence[str], vectors: Floats) -> Any:
        moved = vectors - self._middle
        moved = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9) * _MEANING
        return _HSTACK((self._words.rows(texts), _CSR(moved))).tocsr()


def _probabilities(margins: Floats, scale: float) -> Floats:
    raised = np.exp((margins - margins.max(axis=1, keepdims=True)) * scale)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


def _calibrated(texts: Sequence[str], vectors: Floats, wanted: Ints, kinds: int, seed: int) -> float:
    """The steepness of the softmax that a machine of nine tenths needs on the tenth that it did not see."""
    aside = np.random.default_rng(seed).permutation(len(texts)) % _ASIDE == 0
    rest, asked = np.flatnonzero(~aside), np.flatnonzero(aside)
    if len(texts) < _CALIBRATE_FROM or len(set(wanted[rest])) < kinds:
        return 2.0
    machine = _Machine([texts[int(place)] for place in rest], vectors[rest], wanted[rest], kinds, seed)
    margins = machine.margins([texts[int(place)] for place in asked], vectors[asked])
    right = np.arange(len(asked)), wanted[asked]
    losses = [-np.log(np.maximum(_probabilities(margins, scale)[right], 1e-12)).mean() for scale in _SCALES]
    return float(_SCALES[int(np.argmin(losses))])
