"""What every text model is: labels, probabilities, reasons, a file and a card that says where it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from zhanggui.kernel.types import JsonObject, empty_object

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WeightedSpan:
    """Characters `start`..`end` of a text and how much they spoke for a label (above 0) or against it."""

    text: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Where a model comes from and what is known of it; travels inside its file.

    Attributes:
        algorithm: family, such as `linear`.
        task: what it decides, such as `sentiment`.
        data: what it was trained on: names, licences, rows, rows a label.
        split: what was kept aside, and how.
        figures: what was measured, on the rows kept aside.
        limits: what a reader must not expect of it.
        hash: SHA-256 of the weights; empty before the first save.
    """

    algorithm: str
    task: str
    data: JsonObject = field(default_factory=empty_object)
    split: str = ""
    figures: JsonObject = field(default_factory=empty_object)
    limits: str = ""
    hash: str = ""


class TextModel(Protocol):
    """A trained model of texts. It does not change after training and may be shared by threads."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the columns that `predict` gives."""
        ...

    @property
    def card(self) -> ModelCard:
        """Where it comes from."""
        ...

    def predict(self, texts: Sequence[str]) -> Floats:
        """Calibrated probabilities, [texts, labels]; rows add up to 1."""
        ...

    def explain(self, text: str, label: str) -> tuple[WeightedSpan, ...]:
        """The words that spoke for and against a label, strongest first.

        Raises:
            BadInput: there is no such label.
        """
        ...

    def save(self, path: Path) -> None:
        """Write it to one file, whole or not at all."""
        ...


class TextTrainer(Protocol):
    """Makes a model from texts and their labels; the same rows and seed give the same model."""

    def __call__(self, texts: Sequence[str], labels: Sequence[str], *, seed: int = 0, task: str = "") -> TextModel:
        """Train.

        Raises:
            BadInput: too few different texts, or fewer than two labels.
        """
        ...
