"""The fast default: TF-IDF of hashed character and word n-grams, linear machines, calibrated confidence.

One machine is a support vector machine on TF-IDF, the other on TF-IDF times naive-Bayes log ratios (NB-SVM, Wang &
Manning 2012; only where labels are few); their weights are added: prediction is one sparse product, reasons are exact.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels.calibration import Calibration
from zhanggui.kernel.textmodels.hashing import BITS, MAX_CHARACTERS, SLOTS, Ints, counts, occurrences, words
from zhanggui.kernel.textmodels.labels import clean
from zhanggui.kernel.textmodels.lineartraining import Rows, train
from zhanggui.kernel.textmodels.model import Floats, ModelCard, WeightedSpan
from zhanggui.kernel.textmodels.modelfile import arrays_hash, read_model, write_model
from zhanggui.kernel.types import JsonObject

Singles = npt.NDArray[np.float32]
KIND: Final = "linear"
_LEAST: Final = 1e-6  # weight of a reason
LIMITS: Final = (
    f"Reads the first {MAX_CHARACTERS:,} characters of a text; knows only n-grams of its training texts; "
    "irony and comparisons with other shops' goods are often misread."
)


@dataclass(frozen=True, slots=True)
class Weights:
    """A trained machine: `slots` [features] ascending, `idf` [features], `matrix` [features, labels] (one column, for
    the second label, when there are two labels), `bias` [columns], and the calibration."""

    slots: Ints
    idf: Singles
    matrix: Singles
    bias: Floats
    calibration: Calibration


class LinearModel:
    """Linear model of texts. Make one by `fit` or `load`."""

    def __init__(self, labels: tuple[str, ...], weights: Weights, card: ModelCard) -> None:
        self.labels, self.card, self._weights = labels, card, weights
        self._index = np.full(SLOTS, -1, dtype=np.int32)
        self._index[weights.slots] = np.arange(len(weights.slots), dtype=np.int32)

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        seed: int = 0,
        task: str = "",
        warn: Callable[[str], None] | None = None,
    ) -> "LinearModel":
        """Train on texts and labels (text i has label i); `warn` hears what was left out.

        Raises:
            BadInput: fewer than ten different texts, or fewer than two labels.
        """
        rows = clean(texts, labels)
        for warning in rows.warnings:
            if warn is not None:
                warn(warning)
        names = tuple(sorted(set(rows.labels)))
        number = {name: place for place, name in enumerate(names)}
        trained = train(_counted(rows.texts), np.array([number[label] for label in rows.labels]), seed)
        weights = Weights(trained.slots, trained.idf, trained.matrix, trained.bias, trained.calibration)
        card = ModelCard(
            algorithm=KIND,
            task=task,
            data={"rows": len(texts), "texts": len(rows.texts), "labels": _tally(rows.labels)},
            split=trained.split,
            figures={name: round(value, 4) for name, value in trained.figures.items()},
            limits=LIMITS,
        )
        return cls(names, weights, card)

    @classmethod
    def load(cls, path: Path) -> "LinearModel":
        """Read a model that `save` wrote.

        Raises:
            BadInput: no such file, not such a model, or damaged.
        """
        head, arrays = read_model(path, KIND)
        try:
            labels = tuple(str(label) for label in cast(list[object], head["labels"]))
            weights = _unpacked(arrays, labels)
            card = ModelCard(**cast(dict[str, Any], head["card"]))
        except (KeyError, TypeError, ValueError, IndexError) as broken:
            raise BadInput(field="model", expected="a linear model", found=f"{path} ({broken})") from broken
        return cls(labels, weights, replace(card, hash=str(head["weights_sha256"])))

    def save(self, path: Path) -> None:
        """Write it to one file, whole or not at all.

        Raises:
            OperatorError: the folder is missing or cannot be written.
        """
        arrays = self._arrays()
        card = asdict(replace(self.card, hash=arrays_hash(arrays)))
        head: JsonObject = {"kind": KIND, "labels": list(self.labels), "card": cast(JsonObject, card)}
        write_model(path, head, arrays)

    def described(self, **more: Any) -> "LinearModel":
        """The same model with other words on its card."""
        return LinearModel(self.labels, self._weights, replace(self.card, **more))

    def predict(self, texts: Sequence[str]) -> Floats:
        """Calibrated probabilities, [texts, labels]. A text of which nothing is known gets the model's prior."""
        return self._weights.calibration.probabilities(self.margins(texts))

    def margins(self, texts: Sequence[str]) -> Floats:
        """Uncalibrated scores, [texts, labels]."""
        weights = self._weights
        totals = np.zeros((len(texts), weights.matrix.shape[1]))
        for text, slot, often in counts(texts):
            row, text, value = self._values(text, slot, often)
            for column in range(totals.shape[1]):
                share = value * weights.matrix[row, column]
                totals[:, column] += np.bincount(text, share, minlength=len(texts))[: len(texts)]
        return _both_sides(totals + weights.bias)

    def explain(self, text: str, label: str, *, most: int = 8) -> tuple[WeightedSpan, ...]:
        """The words that spoke for (weight above 0) and against a label, strongest first.

        Exact for a linear model: each n-gram's share of the margin is spread evenly over its characters; the weights
        of all words, and of what stands between them, add up to the margin less the bias. With more than two labels
        the margin is that above the mean of all labels.

        Raises:
            BadInput: there is no such label.
        """
        return self.explain_many([text], [label], most=most)[0]

    def explain_many(
        self, texts: Sequence[str], labels: Sequence[str], *, most: int = 8
    ) -> list[tuple[WeightedSpan, ...]]:
        """`explain` for many texts with a label each, far faster than one by one.

        Raises:
            BadInput: there is no such label.
        """
        unknown = next((label for label in labels if label not in self.labels), None)
        if unknown is not None:
            raise BadInput(field="label", expected=f"one of {', '.join(self.labels[:20])}", found=unknown)
        number = {name: place for place, name in enumerate(self.labels)}
        heat = self.heat(texts, np.array([number[label] for label in labels], dtype=np.int64))
        return [_strongest(text, own, most) for text, own in zip(texts, heat, strict=True)]

    def heat(self, texts: Sequence[str], labels: Ints) -> list[Floats]:
        """For each text the share of each of its characters in the margin of label number `labels[i]`."""
        lengths = np.array([len(text) for text in texts], dtype=np.int64)
        offsets = np.cumsum(lengths + 1) - lengths - 1
        steps = np.zeros(int((lengths + 1).sum()) + 1)
        for found in occurrences(texts):
            unique, which, often = np.unique(found.text * SLOTS + found.slot, return_inverse=True, return_counts=True)
            slot = unique % SLOTS
            row, text, value = self._values(unique // SLOTS, slot, often)
            share = np.zeros(len(unique))
            share[self._index[slot] >= 0] = value * self._own(row, labels[text])
            # An n-gram may take in the blank that is thought before and after every text.
            start, end = np.maximum(found.start, 0), np.minimum(found.end, lengths[found.text])
            part = share[which] / (often[which] * np.maximum(1, end - start))
            offset = offsets[found.text]
            steps += np.bincount(offset + start, part, len(steps)) - np.bincount(offset + end, part, len(steps))
        running = np.cumsum(steps)
        return [running[first : first + length] for first, length in zip(offsets, lengths, strict=True)]

    def _own(self, row: Ints, label: Ints) -> Floats:
        matrix = self._weights.matrix
        if matrix.shape[1] == 1:
            return matrix[row, 0] * (label - 0.5)
        return (matrix[row, label] - matrix[row].mean(axis=1)).astype(np.float64)

    def _values(self, text: Ints, slot: Ints, often: Ints) -> tuple[Ints, Ints, Floats]:
        """Feature, text and TF-IDF of the n-grams that are known, each half (characters, words) of length 1 a text."""
        row = self._index[slot]
        known = row >= 0
        row, text = row[known].astype(np.int64), text[known]
        value = np.asarray((1 + np.log(often[known])) * self._weights.idf[row], dtype=np.float64)
        return row, text, value / unit_lengths(text, slot[known], value)

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        weights = self._weights
        return {
            "slots": weights.slots.astype(np.int32),
            "idf": weights.idf.astype(np.float16),
            "matrix": weights.matrix.astype(np.float16),
            "bias": weights.bias,
            "calibration": np.concatenate(([weights.calibration.scale], weights.calibration.shift)),
        }


def unit_lengths(text: Ints, slot: Ints, value: Floats) -> Floats:
    """For each value the Euclidean length of its text's half."""
    group = text * 2 + (slot >> BITS)
    if len(group) == 0:
        return np.ones(0)
    return np.sqrt(np.bincount(group, value * value))[group]


def _strongest(text: str, heat: Floats, most: int) -> tuple[WeightedSpan, ...]:
    sums = np.concatenate(([0.0], np.cumsum(heat)))
    spans = [WeightedSpan(text[a:b], a, b, float(sums[b] - sums[a])) for a, b in words(text)]
    spans.sort(key=lambda span: (-abs(span.weight), span.start))
    return tuple(span for span in spans[:most] if abs(span.weight) > _LEAST)


def _counted(texts: Sequence[str]) -> Rows:
    parts = list(counts(texts))
    empty = np.zeros(0, dtype=np.int64)
    text, slot, often = (np.concatenate([empty, *(part[place] for part in parts)]) for place in range(3))
    return Rows(len(texts), text, slot, often)


def _unpacked(arrays: dict[str, npt.NDArray[Any]], labels: tuple[str, ...]) -> Weights:
    slots, matrix = arrays["slots"].astype(np.int64), arrays["matrix"].astype(np.float32)
    columns = 1 if len(labels) == 2 else len(labels)
    calibration = arrays["calibration"]
    if (
        matrix.shape != (len(slots), columns)
        or arrays["idf"].shape != slots.shape
        or arrays["bias"].shape != (columns,)
        or calibration.shape != (1 + len(labels),)
        or (len(slots) and not 0 <= slots.min() <= slots.max() < SLOTS)
    ):
        raise ValueError("arrays of other shapes than the labels ask for")
    return Weights(
        slots,
        arrays["idf"].astype(np.float32),
        matrix,
        arrays["bias"].astype(np.float64),
        Calibration(float(calibration[0]), calibration[1:].astype(np.float64)),
    )


def _both_sides(margins: Floats) -> Floats:
    return np.hstack((-margins, margins)) / 2 if margins.shape[1] == 1 else margins


def _tally(labels: Sequence[str]) -> JsonObject:
    names, often = np.unique(np.array(labels), return_counts=True)
    return {str(name): int(count) for name, count in zip(names, often, strict=True)}
