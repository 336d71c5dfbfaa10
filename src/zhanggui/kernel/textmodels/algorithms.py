"""Which algorithms there are, and one way to train and to read any of them.

The files under `neural` import PyTorch, an extra: they are imported only when such a model is trained.
"""

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels.ensemble import KIND as ENSEMBLE
from zhanggui.kernel.textmodels.ensemble import Ensemble
from zhanggui.kernel.textmodels.linear import KIND as LINEAR
from zhanggui.kernel.textmodels.linear import LinearModel
from zhanggui.kernel.textmodels.model import ModelCard
from zhanggui.kernel.textmodels.neuralmodel import KINDS, NeuralModel
from zhanggui.kernel.textmodels.neuralwriter import WRITERS, NeuralWriter
from zhanggui.kernel.textmodels.sentiment import TASK as SENTIMENT
from zhanggui.kernel.textmodels.sentiment import fit_sentiment
from zhanggui.kernel.textmodels.training import Plan
from zhanggui.kernel.types import JsonObject

CLASSIFIERS: Final = (LINEAR, *KINDS, ENSEMBLE)
ALGORITHMS: Final = (*CLASSIFIERS, *WRITERS)
_MOST_HEAD: Final = 64 * 2**20
_NETS: Final = 2  # TextCNNs of an ensemble, from other random numbers each
Classifier = LinearModel | NeuralModel | Ensemble
Warn = Callable[[str], None]


def fit(
    algorithm: str, texts: Sequence[str], labels: Sequence[str], plan: Plan, *, task: str = "", warn: Warn | None = None
) -> Classifier:
    """Train a classifier; text i has label i.

    Raises:
        BadInput: no such algorithm, fewer than ten different texts, or fewer than two labels.
        NotConfigured: a neural one, and the extra `train` is not installed.
    """
    if algorithm == LINEAR and task == SENTIMENT:
        return fit_sentiment(texts, labels, seed=plan.seed, warn=warn)
    if algorithm == LINEAR:
        return LinearModel.fit(texts, labels, seed=plan.seed, task=task, warn=warn)
    if algorithm == "textcnn":
        from zhanggui.kernel.textmodels.neural import textcnn  # PyTorch, an extra

        return textcnn.fit(texts, labels, plan, task=task)
    if algorithm == "bert":
        from zhanggui.kernel.textmodels.neural import bert  # PyTorch, an extra

        return bert.fit_pretrained(texts, labels, plan, task=task)
    if algorithm == ENSEMBLE:
        return _fit_ensemble(texts, labels, plan, task, warn)
    raise BadInput(field="--model", expected=f"one of {', '.join(CLASSIFIERS)}", found=algorithm)


def fit_writer(algorithm: str, texts: Sequence[str], targets: Sequence[str], plan: Plan, *, task: str) -> NeuralWriter:
    """Train a writer; target i is what to write for text i.

    Raises:
        BadInput: no such algorithm, or fewer than ten different pairs.
        NotConfigured: the extra `train` is not installed.
    """
    if algorithm == "seq2seq":
        from zhanggui.kernel.textmodels.neural import seq2seq  # PyTorch, an extra

        return seq2seq.fit(texts, targets, plan, task=task)
    if algorithm == "gpt":
        from zhanggui.kernel.textmodels.neural import gpt  # PyTorch, an extra

        return gpt.fit(texts, targets, plan, task=task)
    raise BadInput(field="--model", expected=f"one of {', '.join(WRITERS)}", found=algorithm)


def load(path: Path) -> Classifier:
    """Read a classifier of any algorithm.

    Raises:
        BadInput: no such file, not a classifier, or damaged.
    """
    kind = kind_of(path)
    if kind == ENSEMBLE:
        return Ensemble.load(path)
    return NeuralModel.load(path, kind) if kind in KINDS else LinearModel.load(path)


def load_writer(path: Path) -> NeuralWriter:
    """Read a writer of any algorithm.

    Raises:
        BadInput: no such file, not a writer, or damaged.
    """
    kind = kind_of(path)
    return NeuralWriter.load(path, kind if kind in WRITERS else WRITERS[0])


def kind_of(path: Path) -> str:
    """The algorithm that a model's file names; nothing for a file that is none."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            raw = archive["head"]
            head: object = json.loads(raw.tobytes()) if raw.nbytes <= _MOST_HEAD else {}
    except (OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile):
        return ""
    return str(cast(JsonObject, head).get("kind", "")) if isinstance(head, dict) else ""


def _fit_ensemble(texts: Sequence[str], labels: Sequence[str], plan: Plan, task: str, warn: Warn | None) -> Ensemble:
    from zhanggui.kernel.textmodels.neural import textcnn  # PyTorch, an extra

    linear = fit(LINEAR, texts, labels, plan, task=task, warn=warn)
    nets = [textcnn.fit(texts, labels, _member(plan, number), task=task) for number in range(_NETS)]
    members = [member for member in (linear, *nets) if not isinstance(member, Ensemble)]
    figures: dict[str, Any] = {"members": [dict(member.card.figures) for member in members]}
    limits = "Its members' limits; reasons are those of the linear member."
    card = ModelCard(ENSEMBLE, task, data=linear.card.data, split=nets[0].card.split, figures=figures, limits=limits)
    return Ensemble(members, card)


def _member(plan: Plan, number: int) -> Plan:
    """The plan of one net of several: a seed and a checkpoint of its own."""
    own = plan.checkpoint.with_name(f"{plan.checkpoint.name}.{number}") if plan.checkpoint is not None else None
    return replace(plan, seed=plan.seed + number, checkpoint=own)
