"""Classifiers that were trained as nets (TextCNN, BERT) and run as int8 graphs, without PyTorch."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels.calibration import Calibration
from zhanggui.kernel.textmodels.hashing import words
from zhanggui.kernel.textmodels.model import Floats, ModelCard, WeightedSpan
from zhanggui.kernel.textmodels.modelfile import arrays_hash, read_model, write_model
from zhanggui.kernel.textmodels.onnxrun import Graph, padded
from zhanggui.kernel.textmodels.tokens import Tokenizer
from zhanggui.kernel.types import JsonObject

KINDS: Final = ("textcnn", "bert")
SHORTEST: Final = 4  # tokens that every batch is padded to: the widest window of a TextCNN
_BATCH: Final = 64
_PIECES: Final = 32  # words are left out in at most so many groups when a reason is asked for
_LEAST: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Net:
    """What runs: `graph` from tokens [texts, n] (input `ids`) to scores [texts, labels], the tokenizer, most tokens."""

    graph: Graph
    tokenizer: Tokenizer
    longest: int
    calibration: Calibration


class NeuralModel:
    """A trained net for texts. Make one by `algorithms.fit` or `load`."""

    def __init__(self, kind: str, labels: tuple[str, ...], net: Net, card: ModelCard) -> None:
        self.kind, self.labels, self.card, self._net = kind, labels, card, net

    @classmethod
    def load(cls, path: Path, kind: str) -> "NeuralModel":
        """Read a model that `save` wrote.

        Raises:
            BadInput: no such file, not such a model, or damaged.
        """
        head, arrays = read_model(path, kind)
        try:
            labels = tuple(str(label) for label in cast(list[object], head["labels"]))
            pieces = tuple(str(piece) for piece in cast(list[object], head["pieces"]))
            scale = arrays["calibration"].astype(np.float64)
            if scale.shape != (1 + len(labels),):
                raise ValueError("a calibration of other labels")
            net = Net(
                Graph(arrays["graph"].tobytes()), Tokenizer(pieces), int(cast(int, head["longest"])),
                Calibration(float(scale[0]), scale[1:]),
            )  # fmt: skip
            card = ModelCard(**cast(dict[str, Any], head["card"]))
        except (KeyError, TypeError, ValueError) as broken:
            raise BadInput(field="model", expected=f"a {kind} model", found=f"{path} ({broken})") from broken
        return cls(kind, labels, net, replace(card, hash=str(head["weights_sha256"])))

    def save(self, path: Path) -> None:
        """Write it to one file, whole or not at all.

        Raises:
            OperatorError: the folder is missing or cannot be written.
        """
        net = self._net
        arrays: dict[str, npt.NDArray[Any]] = {
            "graph": net.graph.array(),
            "calibration": np.concatenate(([net.calibration.scale], net.calibration.shift)),
        }
        card = cast(JsonObject, asdict(replace(self.card, hash=arrays_hash(arrays))))
        head: JsonObject = {
            "kind": self.kind, "labels": list(self.labels), "card": card, "pieces": list(net.tokenizer.pieces),
            "longest": net.longest,
        }  # fmt: skip
        write_model(path, head, arrays)

    def described(self, **more: Any) -> "NeuralModel":
        """The same model with other words on its card."""
        return NeuralModel(self.kind, self.labels, self._net, replace(self.card, **more))

    @property
    def tokenizer(self) -> Tokenizer:
        """What cuts texts into tokens."""
        return self._net.tokenizer

    def predict(self, texts: Sequence[str]) -> Floats:
        """Calibrated probabilities, [texts, labels]."""
        return self._net.calibration.probabilities(self.margins(texts))

    def margins(self, texts: Sequence[str]) -> Floats:
        """Uncalibrated scores, [texts, labels]."""
        net = self._net
        encoded = [net.tokenizer.encode(text, net.longest).ids for text in texts]
        order = sorted(range(len(texts)), key=lambda place: len(encoded[place]))
        scores = np.zeros((len(texts), len(self.labels)))
        for first in range(0, len(order), _BATCH):
            places = order[first : first + _BATCH]
            ids = padded([encoded[place] for place in places], SHORTEST)
            scores[places] = net.graph({"ids": ids})[0]
        return scores

    def explain(self, text: str, label: str, *, most: int = 8) -> tuple[WeightedSpan, ...]:
        """The words that spoke for (weight above 0) and against a label, strongest first: by occlusion.

        A word's weight is how much the label's log odds fall when the word is left out (Zeiler & Fergus 2014). A long
        text is cut into at most 32 groups of neighbouring words.

        Raises:
            BadInput: there is no such label.
        """
        if label not in self.labels:
            raise BadInput(field="label", expected=f"one of {', '.join(self.labels[:20])}", found=label)
        return occluded(self, text, label, most=most)

    def explain_many(
        self, texts: Sequence[str], labels: Sequence[str], *, most: int = 8
    ) -> list[tuple[WeightedSpan, ...]]:
        """`explain` for many texts with a label each."""
        return [self.explain(text, label, most=most) for text, label in zip(texts, labels, strict=True)]


def occluded(model: NeuralModel, text: str, label: str, *, most: int) -> tuple[WeightedSpan, ...]:
    """Reasons by leaving words out, strongest first; log odds before calibration, which would only stretch them."""
    groups = _groups(words(text))
    if not groups:
        return ()
    place = model.labels.index(label)
    given = model.margins([text, *(text[:start] + text[end:] for start, end in groups)])
    odds = given[:, place] - np.logaddexp.reduce(np.delete(given, place, axis=1), axis=1)
    spans = [
        WeightedSpan(text[start:end], start, end, float(odds[0] - without))
        for (start, end), without in zip(groups, odds[1:], strict=True)
    ]
    spans.sort(key=lambda span: (-abs(span.weight), span.start))
    return tuple(span for span in spans[:most] if abs(span.weight) > _LEAST)


def _groups(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    size = -(-len(found) // _PIECES) or 1
    return [(found[first][0], found[min(first + size, len(found)) - 1][1]) for first in range(0, len(found), size)]
