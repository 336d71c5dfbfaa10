"""Several classifiers that vote with their log odds: steadier than each alone; one file holds them all."""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels.linear import LinearModel
from zhanggui.kernel.textmodels.model import Floats, ModelCard, WeightedSpan
from zhanggui.kernel.textmodels.modelfile import arrays_hash, read_model, write_model
from zhanggui.kernel.textmodels.neuralmodel import KINDS, NeuralModel
from zhanggui.kernel.types import JsonObject

KIND: Final = "ensemble"
Member = LinearModel | NeuralModel


class Ensemble:
    """A weighted geometric mean of its members' probabilities; reasons are those of the first member, the linear one.

    The first member has half of the vote, the nets share the other half: nets that differ only in their seed err alike
    (chosen on training rows kept aside).
    """

    def __init__(self, members: Sequence[Member], card: ModelCard) -> None:
        if len({member.labels for member in members}) != 1:
            raise BadInput(field="model", expected="members with the same labels", found=f"{len(members)} members")
        self.labels, self.members, self.card = members[0].labels, tuple(members), card

    @classmethod
    def load(cls, path: Path) -> "Ensemble":
        """Read a model that `save` wrote.

        Raises:
            BadInput: no such file, not such a model, or damaged.
        """
        head, arrays = read_model(path, KIND)
        kinds = [str(kind) for kind in cast(list[object], head.get("members", []))]
        try:
            with tempfile.TemporaryDirectory() as folder:
                members = [_member(kind, arrays[f"member{place}"], Path(folder)) for place, kind in enumerate(kinds)]
            card = ModelCard(**cast(dict[str, Any], head["card"]))
            return cls(members, replace(card, hash=str(head["weights_sha256"])))
        except (KeyError, TypeError, IndexError) as broken:
            raise BadInput(field="model", expected="an ensemble", found=f"{path} ({broken})") from broken

    def save(self, path: Path) -> None:
        """Write it to one file, whole or not at all.

        Raises:
            OperatorError: the folder is missing or cannot be written.
        """
        arrays: dict[str, npt.NDArray[Any]] = {}
        with tempfile.TemporaryDirectory() as folder:
            for place, member in enumerate(self.members):
                file = Path(folder) / "member.npz"
                member.save(file)
                arrays[f"member{place}"] = np.frombuffer(file.read_bytes(), dtype=np.uint8)
        card = cast(JsonObject, asdict(replace(self.card, hash=arrays_hash(arrays))))
        kinds = [member.card.algorithm for member in self.members]
        write_model(path, {"kind": KIND, "members": list(kinds), "labels": list(self.labels), "card": card}, arrays)

    def described(self, **more: Any) -> "Ensemble":
        """The same model with other words on its card."""
        return Ensemble(self.members, replace(self.card, **more))

    def predict(self, texts: Sequence[str]) -> Floats:
        """Probabilities, [texts, labels]."""
        votes = zip(_shares(len(self.members)), self.members, strict=True)
        logs = sum(share * np.log(np.maximum(member.predict(texts), 1e-9)) for share, member in votes)
        raised = np.exp(logs - np.max(logs, axis=1, keepdims=True)) if len(texts) else np.zeros((0, len(self.labels)))
        return raised / raised.sum(axis=1, keepdims=True)

    def explain(self, text: str, label: str, *, most: int = 8) -> tuple[WeightedSpan, ...]:
        """The words that spoke for and against a label, strongest first, in the eyes of the first member.

        Raises:
            BadInput: there is no such label.
        """
        return self.members[0].explain(text, label, most=most)

    def explain_many(
        self, texts: Sequence[str], labels: Sequence[str], *, most: int = 8
    ) -> list[tuple[WeightedSpan, ...]]:
        """`explain` for many texts with a label each."""
        return self.members[0].explain_many(texts, labels, most=most)


def _shares(members: int) -> list[float]:
    return [1.0] if members == 1 else [0.5, *(0.5 / (members - 1) for _ in range(members - 1))]


def _member(kind: str, content: npt.NDArray[Any], folder: Path) -> Member:
    file = folder / "member.npz"
    file.write_bytes(content.tobytes())
    if kind in KINDS:
        return NeuralModel.load(file, kind)
    return LinearModel.load(file)
