"""Confidence that means what it says: margins turned into probabilities by a scale and shifts learnt on other rows.

Platt 1999 for two labels; for more, temperature scaling (Guo et al. 2017) with shifts where there are few labels.
"""

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from zhanggui.kernel.textmodels.hashing import Ints
from zhanggui.kernel.textmodels.model import Floats


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns margins into probabilities: softmax(scale x margin + shift) (Platt 1999; Guo et al. 2017)."""

    scale: float
    shift: Floats

    def probabilities(self, margins: Floats) -> Floats:
        """Rows that add up to 1."""
        raised = margins * self.scale + self.shift
        raised = np.exp(raised - raised.max(axis=1, keepdims=True))
        return raised / raised.sum(axis=1, keepdims=True)


def fit_calibration(margins: Floats, labels: Ints) -> Calibration:
    """The scale and shifts of least log loss for margins [rows, labels] and label numbers [rows]."""
    minimize: Any = importlib.import_module("scipy.optimize").minimize  # slow to import; reading a model needs none
    kinds = margins.shape[1]
    # With many labels only the scale: shifts would be learnt from a few rows each.
    free = kinds - 1 if kinds <= 3 else 0

    def read(values: Floats) -> Calibration:
        return Calibration(float(np.exp(values[0])), np.concatenate((values[1:], np.zeros(kinds - free))))

    def loss(values: Floats) -> float:
        given = read(values).probabilities(margins)[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(given, 1e-12)).mean() + 1e-3 * (values[1:] ** 2).sum())

    best = minimize(loss, np.zeros(1 + free), method="Nelder-Mead")
    return read(np.asarray(best.x, dtype=np.float64))
