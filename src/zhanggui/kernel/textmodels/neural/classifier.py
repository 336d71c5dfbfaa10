"""What all trained classifiers share: rows aside, early stopping, calibration, the int8 graph, the card."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels.calibration import fit_calibration
from zhanggui.kernel.textmodels.hashing import Ints
from zhanggui.kernel.textmodels.labels import clean, kept_aside
from zhanggui.kernel.textmodels.model import Floats, ModelCard
from zhanggui.kernel.textmodels.neural.export import graph_of
from zhanggui.kernel.textmodels.neural.extra import needed
from zhanggui.kernel.textmodels.neural.loop import Lesson, stamp_of, train
from zhanggui.kernel.textmodels.neuralmodel import SHORTEST, Net, NeuralModel
from zhanggui.kernel.textmodels.onnxrun import Graph, padded
from zhanggui.kernel.textmodels.tokens import Tokenizer
from zhanggui.kernel.textmodels.training import Epoch, Plan
from zhanggui.kernel.types import JsonObject

torch: Any = needed("torch")
_ASIDE = 0.08
_DEV_SEED = 977  # other than the one that tests are drawn by
_MOST_ASIDE = 3000


@dataclass(frozen=True)
class Design:
    """An algorithm: its name, most tokens, and how to make a net [rows, n] tokens -> [rows, labels] scores."""

    kind: str
    longest: int
    net: Callable[[int, int], Any]  # vocabulary, labels
    settings: JsonObject
    limits: str


@dataclass(frozen=True)
class Rows:
    """Encoded texts and label numbers, those trained on and those kept aside."""

    names: tuple[str, ...]
    train: list[tuple[int, ...]]
    train_labels: Ints
    aside: list[tuple[int, ...]]
    aside_labels: Ints


def fit_classifier(
    design: Design, texts: Sequence[str], labels: Sequence[str], tokenizer: Tokenizer, plan: Plan, task: str
) -> tuple[NeuralModel, Any]:
    """A calibrated model, and the net that it was made from (for gradients).

    Raises:
        BadInput: fewer than ten different texts, fewer than two labels, or a label only in the rows kept aside.
    """
    began = time.perf_counter()
    kept = clean(texts, labels)
    rows = split_rows(kept.texts, kept.labels, tokenizer, design.longest)
    torch.manual_seed(plan.seed)
    net = design.net(len(tokenizer), len(rows.names))
    history = train(net, _lesson(net, rows), plan, stamp=stamp_of(design.kind, design.settings, _settings(plan),
                                                                  rows.train, rows.train_labels.tolist()))  # fmt: skip
    example = {"ids": torch.as_tensor(padded(rows.train[:2], SHORTEST))}
    whole, small = (Graph(graph_of(net, example, ["scores"], int8=int8)) for int8 in (False, True))
    margins = scores_of(lambda ids: small({"ids": ids})[0], rows.aside, len(rows.names))
    float_margins = scores_of(lambda ids: whole({"ids": ids})[0], rows.aside, len(rows.names))
    calibration = fit_calibration(margins, rows.aside_labels)
    right = {name: float((given.argmax(axis=1) == rows.aside_labels).mean())
             for name, given in (("int8", margins), ("float", float_margins))}  # fmt: skip
    card = ModelCard(
        algorithm=design.kind,
        task=task,
        data={"rows": len(texts), "texts": len(kept.texts), "labels": _tally(kept.labels)},
        split=f"{len(rows.aside)} texts kept aside by a hash of the text for stopping and calibration",
        figures={
            "accuracy": round(right["int8"], 4), "accuracy_float": round(right["float"], 4),
            "texts": len(rows.aside), "bytes": len(small.content), "bytes_float": len(whole.content),
            "seconds": round(time.perf_counter() - began, 1), "curve": curve(history),
            "settings": {**design.settings, **_settings(plan), "vocabulary": len(tokenizer)},
        },
        limits=design.limits,
    )  # fmt: skip
    return NeuralModel(design.kind, rows.names, Net(small, tokenizer, design.longest, calibration), card), net


def split_rows(texts: Sequence[str], labels: Sequence[str], tokenizer: Tokenizer, longest: int) -> Rows:
    """Encode and keep a part aside by a hash of each text; a small set keeps at least every tenth row aside.

    Raises:
        BadInput: fewer than two labels are left to train on.
    """
    names = tuple(sorted(set(labels)))
    number = {name: place for place, name in enumerate(names)}
    out = kept_aside(texts, min(_ASIDE, _MOST_ASIDE / len(texts)) if len(texts) > 500 else 0.2, _DEV_SEED)
    encoded = [tokenizer.encode(text, longest).ids for text in texts]
    numbers = np.array([number[label] for label in labels], dtype=np.int64)
    aside = np.flatnonzero(out)
    if len(aside) == 0:
        aside = np.arange(0, len(texts), 10)
    rest = np.setdiff1d(np.arange(len(texts)), aside)
    if len(np.unique(numbers[rest])) < len(names):
        missing = sorted(set(names) - {names[int(place)] for place in numbers[rest]})
        found = f"too few of {', '.join(missing[:5])}"
        raise BadInput(field="label", expected="several different texts of every label", found=found)
    return Rows(names, [encoded[i] for i in rest], numbers[rest], [encoded[i] for i in aside], numbers[aside])


def scores_of(run: Callable[[Ints], Any], rows: Sequence[tuple[int, ...]], labels: int) -> Floats:
    """Scores [rows, labels] of encoded rows, in batches of like length."""
    order = sorted(range(len(rows)), key=lambda place: len(rows[place]))
    scores = np.zeros((len(rows), labels))
    for first in range(0, len(order), 128):
        places = order[first : first + 128]
        scores[places] = run(padded([rows[place] for place in places], SHORTEST))
    return scores


def curve(history: Sequence[Epoch]) -> list[Any]:
    """Epochs as plain values for a card."""
    return [{"epoch": one.number, "loss": round(one.loss, 4), "score": round(one.score, 4)} for one in history]


def _lesson(net: Any, rows: Rows) -> Lesson:
    targets = torch.as_tensor(rows.train_labels)
    loss = torch.nn.CrossEntropyLoss(label_smoothing=0.05)

    def of(batch: Ints) -> Any:
        ids = torch.as_tensor(padded([rows.train[place] for place in batch], SHORTEST))
        return loss(net(ids), targets[torch.as_tensor(batch)])

    def score() -> float:
        given = scores_of(lambda ids: net(torch.as_tensor(ids)).numpy(), rows.aside, len(rows.names))
        return float((given.argmax(axis=1) == rows.aside_labels).mean())

    return Lesson([len(row) for row in rows.train], of, score)


def _settings(plan: Plan) -> JsonObject:
    return {name: getattr(plan, name) for name in ("batch", "epochs", "patience", "rate", "seed")}


def _tally(labels: Sequence[str]) -> JsonObject:
    names, often = np.unique(np.array(labels), return_counts=True)
    return {str(name): int(count) for name, count in zip(names, often, strict=True)}
