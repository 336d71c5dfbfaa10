"""From labelled rows to a model in the registry: a frozen test, training on the rest, a fair fight with the live one.

The frozen test is drawn by a hash of each text, so a text is on the same side whatever file it comes in: no model that
was trained here has ever seen a text of it, and old and new are measured on the same rows.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import numpy as np

from zhanggui.kernel.errors import BadInput, Conflict
from zhanggui.kernel.textmodels import algorithms
from zhanggui.kernel.textmodels.agreement import Lead, chrf, lead
from zhanggui.kernel.textmodels.algorithms import Classifier
from zhanggui.kernel.textmodels.hashing import language
from zhanggui.kernel.textmodels.labels import clean, kept_aside
from zhanggui.kernel.textmodels.neuralwriter import NeuralWriter
from zhanggui.kernel.textmodels.registry import Registry, Version
from zhanggui.kernel.textmodels.training import Plan
from zhanggui.kernel.types import JsonObject

FROZEN_SHARE: Final = 0.2
FROZEN_SEED: Final = 0
LEAST_TEST: Final = 20  # rows below which nothing goes live
_LONG: Final = 60  # characters from which a text counts as long, on the card
_JUDGED: Final = 200  # pairs of the frozen test that writers write out


@dataclass(frozen=True, slots=True)
class Split:
    """Different texts and labels to train on, and those of the frozen test."""

    train: tuple[tuple[str, str], ...]
    test: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a training: where the model stands, how it did, and why it is or is not live."""

    version: Version
    live: bool
    reason: str
    verdict: Lead


@dataclass(frozen=True, slots=True)
class Request:
    """What to train: `task`, `algorithm`, texts and their labels (for a writer: what to write)."""

    task: str
    algorithm: str
    texts: Sequence[str]
    labels: Sequence[str]


def frozen_split(texts: Sequence[str], labels: Sequence[str]) -> Split:
    """Different texts split by their hash.

    Raises:
        BadInput: fewer than ten different texts, fewer than two labels, or nothing left to train on.
    """
    rows = clean(texts, labels)
    pairs = tuple(zip(rows.texts, rows.labels, strict=True))
    return _by_hash(pairs)


def train_task(
    registry: Registry, request: Request, plan: Plan, now: datetime, *,
    baseline: Classifier | None = None, warn: Callable[[str], None] | None = None,
) -> Outcome:  # fmt: skip
    """Train, measure on the frozen test, add to the registry, and go live if it surely beats what answers now.

    Args:
        registry: the merchant's models.
        request: what to train.
        plan: how.
        now: for the file's name and the list.
        baseline: what answers while no model is live; without it the most frequent label does.
        warn: hears what was left out.

    Raises:
        BadInput: the rows are unusable; nothing is written then.
        NotConfigured: the extra `train` is needed and not installed.
    """
    if request.algorithm in algorithms.WRITERS:
        return _train_writer(registry, request, plan, now)
    began = time.perf_counter()
    for words in clean(request.texts, request.labels).warnings if warn is not None else ():
        if warn is not None:
            warn(words)
    split = frozen_split(request.texts, request.labels)
    texts, labels = [text for text, _ in split.train], [label for _, label in split.train]
    model = algorithms.fit(request.algorithm, texts, labels, plan, task=request.task)
    live = registry.live(request.task)
    opponent = baseline if live is None else algorithms.load(registry.path(request.task, live))
    ours = hits(model, split.test)
    theirs = _most_frequent(labels, split.test) if opponent is None else hits(opponent, split.test)
    verdict = lead(ours, theirs, seed=plan.seed)
    figures = _figures(ours, split, verdict, time.perf_counter() - began)
    model = model.described(
        figures={**model.card.figures, "frozen": figures}, data={**model.card.data, "rows": len(request.texts)}
    )
    return _settled(registry, request.task, model, verdict, now)


def hits(model: Classifier, rows: Sequence[tuple[str, str]]) -> list[float]:
    """For each row 1 where the model is right, else 0; a model that knows more labels than the rows have chooses among
    theirs."""
    if not rows:
        return []
    given = model.predict([text for text, _ in rows])
    asked = {label for _, label in rows}
    if asked <= set(model.labels):
        given[:, [label not in asked for label in model.labels]] = -1.0
    best = given.argmax(axis=1)
    return [float(model.labels[int(place)] == label) for place, (_, label) in zip(best, rows, strict=True)]


def _by_hash(pairs: tuple[tuple[str, str], ...]) -> Split:
    out = kept_aside([text for text, _ in pairs], FROZEN_SHARE, FROZEN_SEED)
    train = tuple(pair for pair, aside in zip(pairs, out, strict=True) if not aside)
    test = tuple(pair for pair, aside in zip(pairs, out, strict=True) if aside)
    if len({label for _, label in train}) < 2:
        expected = "at least two labels among the rows that are not kept aside"
        raise BadInput(field="label", expected=expected, found=f"{len(train)} rows to train on")
    return Split(train, test)


def _train_writer(registry: Registry, request: Request, plan: Plan, now: datetime) -> Outcome:
    rows = tuple(zip(request.texts, request.labels, strict=True))
    split = _by_hash(rows)
    model = algorithms.fit_writer(
        request.algorithm, [a for a, _ in split.train], [b for _, b in split.train], plan, task=request.task
    )
    test = split.test[:_JUDGED]
    sources = [text for text, _ in test]
    ours = _agreements(model.predict(sources), test)
    live = registry.live(request.task)
    # What answers while no writer is live is the text as it is.
    told = sources if live is None else _writer(registry, request.task, live).predict(sources)
    verdict = lead(ours, _agreements(told, test), seed=plan.seed)
    frozen: JsonObject = {
        "chrf": round(float(np.mean(ours)), 4) if ours else 0.0, "texts": len(test),
        "lead": [round(value, 4) for value in (verdict.mean, verdict.low, verdict.high)],
    }  # fmt: skip
    model = model.described(figures={**model.card.figures, "frozen": frozen})
    return _settled(registry, request.task, model, verdict, now)


def _writer(registry: Registry, task: str, version: Version) -> NeuralWriter:
    return algorithms.load_writer(registry.path(task, version))


def _agreements(told: Sequence[str], rows: Sequence[tuple[str, str]]) -> list[float]:
    return [chrf(text, wanted) for text, (_, wanted) in zip(told, rows, strict=True)]


def _settled(registry: Registry, task: str, model: Any, verdict: Lead, now: datetime) -> Outcome:
    version = registry.add(task, model, now)
    if verdict.rows < LEAST_TEST:
        reason = f"only {verdict.rows} rows in the frozen test: nothing goes live on fewer than {LEAST_TEST}"
        return Outcome(version, False, reason, verdict)
    try:
        version = registry.promote(task, version.number, verdict)
    except Conflict as not_sure:
        return Outcome(replace(version, verdict={}), False, not_sure.message, verdict)
    reason = f"beats what answered before by {verdict.mean:+.4f} [{verdict.low:+.4f}, {verdict.high:+.4f}]"
    return Outcome(version, True, f"{reason} on {verdict.rows} rows of the frozen test", verdict)


def _most_frequent(labels: Sequence[str], rows: Sequence[tuple[str, str]]) -> list[float]:
    names, often = np.unique(np.array(labels), return_counts=True)
    top = str(names[int(often.argmax())])
    return [float(label == top) for _, label in rows]


def _figures(right: Sequence[float], split: Split, verdict: Lead, seconds: float) -> JsonObject:
    """What the card says of the frozen test, with its parts: a model that fails one language or length shows it."""
    parts: dict[str, list[float]] = {}
    for (text, _), hit in zip(split.test, right, strict=True):
        for name in (language(text), "long" if len(text) >= _LONG else "short"):
            parts.setdefault(name, []).append(hit)
    slices: JsonObject = {
        name: {"accuracy": round(float(np.mean(own)), 4), "texts": len(own)} for name, own in sorted(parts.items())
    }
    return {
        "accuracy": round(float(np.mean(right)), 4) if right else 0.0, "texts": len(right),
        "lead": [round(value, 4) for value in (verdict.mean, verdict.low, verdict.high)],
        "slices": slices, "seconds": round(seconds, 1),
    }  # fmt: skip
