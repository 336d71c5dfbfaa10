"""Training of the linear model: document frequencies, two machines by liblinear, calibration on rows kept aside."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from zhanggui.kernel.textmodels.calibration import Calibration, fit_calibration
from zhanggui.kernel.textmodels.hashing import BITS, SLOTS, Ints
from zhanggui.kernel.textmodels.model import Floats

_COST: Final = 0.3  # C of the machine on TF-IDF, chosen on a sample of training rows
_COST_RATIO: Final = 0.2  # C of the machine on TF-IDF times log ratios
_FEW: Final = 4  # labels up to which both machines are averaged
_MANY: Final = 400  # from so many texts on, an n-gram must stand in two of them
_CALIBRATE_FROM: Final = 60
_CALIBRATE_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Rows:
    """Counted n-grams of `size` texts: text number, slot, how often."""

    size: int
    text: Ints
    slot: Ints
    often: Ints


@dataclass(frozen=True, slots=True)
class Trained:
    """What training gives; the fields are those of `linear.Weights`, and what the card says."""

    slots: Ints
    idf: npt.NDArray[np.float32]
    matrix: npt.NDArray[np.float32]
    bias: Floats
    calibration: Calibration
    split: str
    figures: Mapping[str, float]


def train(rows: Rows, labels: Ints, seed: int) -> Trained:
    """Train on all rows, with a calibration learnt from a machine that did not see a tenth of them."""
    slots, idf = _vocabulary(rows)
    features = _matrix(rows, slots, idf)
    kinds = int(labels.max()) + 1
    calibration, split, figures = _calibrated(features, labels, kinds, seed)
    matrix, bias = _machine(features, labels, kinds, seed)
    return Trained(slots, idf.astype(np.float32), matrix.astype(np.float32), bias, calibration, split, figures)


def _library(name: str) -> Any:
    """Scipy's and scikit-learn's modules are slow to import and have no types: only training needs them."""
    return importlib.import_module(name)


def _vocabulary(rows: Rows) -> tuple[Ints, Floats]:
    frequency = np.bincount(rows.slot, minlength=SLOTS)
    slots = np.flatnonzero(frequency >= (2 if rows.size >= _MANY else 1))
    return slots, np.log((1 + rows.size) / (1 + frequency[slots])) + 1


def _matrix(rows: Rows, slots: Ints, idf: Floats) -> Any:
    index = np.full(SLOTS, -1, dtype=np.int64)
    index[slots] = np.arange(len(slots))
    column = index[rows.slot]
    known = column >= 0
    column, text = column[known], rows.text[known]
    value = (1 + np.log(rows.often[known])) * idf[column]
    half = text * 2 + (rows.slot[known] >> BITS)
    length = np.sqrt(np.bincount(half, value * value, minlength=2 * rows.size))
    return _library("scipy.sparse").csr_matrix((value / length[half], (text, column)), shape=(rows.size, len(slots)))


def _machine(features: Any, labels: Ints, kinds: int, seed: int) -> tuple[Floats, Floats]:
    """Weights [features, columns] and bias [columns]: the sum of both machines, each scaled to unit spread.

    With many labels the first machine stands alone: log ratios of a few texts a label made it worse (.837 after .853
    on a sample of 77 intents), and unit spread makes rare labels as loud as frequent ones.
    """
    machine = _library("sklearn.svm").LinearSVC
    if kinds > _FEW:
        svc = machine(C=1.0, random_state=seed)
        svc.fit(features, labels)
        return svc.coef_.T, np.asarray(svc.intercept_, dtype=np.float64)
    targets = [1] if kinds == 2 else list(range(kinds))
    seen = features.copy()
    seen.data[:] = 1
    matrix, bias = np.zeros((features.shape[1], len(targets))), np.zeros(len(targets))
    for column, target in enumerate(targets):
        own = labels == target
        ratio = _log_ratio(seen, own)
        for cost, factor in ((_COST, None), (_COST_RATIO, ratio)):
            given = features if factor is None else (features @ _library("scipy.sparse").diags(factor)).tocsr()
            svc = machine(C=cost, random_state=seed)
            svc.fit(given, own)
            weights = svc.coef_[0] * (1 if factor is None else factor)
            spread = float(np.std(features @ weights)) or 1.0
            matrix[:, column] += weights / spread
            bias[column] += float(svc.intercept_[0]) / spread
    return matrix, bias


def _log_ratio(seen: Any, own: npt.NDArray[np.bool_]) -> Floats:
    inside, outside = 1 + seen.T @ own.astype(float), 1 + seen.T @ (~own).astype(float)
    ratio: Floats = np.log((inside / inside.sum()) / (outside / outside.sum()))
    return ratio


def _calibrated(features: Any, labels: Ints, kinds: int, seed: int) -> tuple[Calibration, str, dict[str, float]]:
    order = np.random.default_rng(seed).permutation(len(labels))[:_CALIBRATE_MOST]
    aside, rest = order[: len(order) // 10], order[len(order) // 10 :]
    enough = len(order) >= _CALIBRATE_FROM and len(set(labels[rest])) == kinds == len(
        set(labels[aside]) | set(labels[rest])
    )
    if not enough or len(set(labels[aside])) < 2:
        return Calibration(1.0, np.zeros(kinds)), "nothing kept aside: too few texts; confidence is not calibrated", {}
    matrix, bias = _machine(features[rest], labels[rest], kinds, seed)
    margins: Floats = features[aside] @ matrix + bias
    margins = np.hstack((-margins, margins)) / 2 if kinds == 2 else margins
    calibration = fit_calibration(margins, labels[aside])
    given = calibration.probabilities(margins)
    figures = {
        "accuracy": float((given.argmax(axis=1) == labels[aside]).mean()),
        "log_loss": float(-np.log(np.maximum(given[np.arange(len(aside)), labels[aside]], 1e-12)).mean()),
        "texts": float(len(aside)),
    }
    return calibration, "a tenth of the different texts, drawn by seed, for calibration; then trained on all", figures
