"""What both trained writers share: pairs made fit, rows aside, training, and the figures on the card."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.textmodels.agreement import chrf
from zhanggui.kernel.textmodels.hashing import Ints
from zhanggui.kernel.textmodels.labels import FEWEST_TEXTS, kept_aside, same_text
from zhanggui.kernel.textmodels.model import ModelCard
from zhanggui.kernel.textmodels.neural.classifier import curve
from zhanggui.kernel.textmodels.neural.extra import needed
from zhanggui.kernel.textmodels.neural.loop import Lesson, stamp_of, train
from zhanggui.kernel.textmodels.neuralwriter import NeuralWriter, WriterNet
from zhanggui.kernel.textmodels.tokens import Tokenizer
from zhanggui.kernel.textmodels.training import Plan, Sizes

torch: Any = needed("torch")
_DEV_SEED = 977
_JUDGED = 100  # rows kept aside that are written out for the card
LIMITS = (
    "A small writer trained from scratch: fluent only in what its pairs show, and free to invent; whatever it writes "
    "must pass the same proof and checks as any other copy."
)

Pair = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class Job:
    """An algorithm of writing: its name, `net` made for a vocabulary, `loss` of pairs, `graphs` of the trained net."""

    kind: str
    sizes: Sizes
    net: Callable[[int], Any]
    loss: Callable[[Any, Sequence[Pair]], Any]
    graphs: Callable[[Any, Tokenizer], WriterNet]


def fit_pairs(job: Job, texts: Sequence[str], targets: Sequence[str], plan: Plan, task: str) -> NeuralWriter:
    """Train on pairs (target i is what to write for text i).

    Raises:
        BadInput: fewer than ten different pairs.
    """
    began = time.perf_counter()
    pairs = different(texts, targets)
    out = kept_aside([text for text, _ in pairs], 0.1, _DEV_SEED)
    aside = [pair for pair, away in zip(pairs, out, strict=True) if away] or pairs[:1]
    rest = [pair for pair, away in zip(pairs, out, strict=True) if not away]
    tokenizer = Tokenizer.train([*(text for text, _ in rest), *(target for _, target in rest)], 6000)
    rows = [_encoded(tokenizer, pair, job.sizes.longest) for pair in rest]
    dev = [_encoded(tokenizer, pair, job.sizes.longest) for pair in aside]
    torch.manual_seed(plan.seed)
    net = job.net(len(tokenizer))

    def loss(batch: Ints) -> Any:
        return job.loss(net, [rows[int(place)] for place in batch])

    def score() -> float:
        losses = [float(job.loss(net, dev[first : first + 32])) for first in range(0, min(len(dev), 512), 32)]
        return -float(np.mean(losses))

    stamp = stamp_of(job.kind, job.sizes, rows, plan.epochs, plan.seed, plan.rate)
    history = train(net, Lesson([len(a) + len(b) for a, b in rows], loss, score), plan, stamp=stamp)
    card = ModelCard(algorithm=job.kind, task=task, data={"rows": len(texts), "pairs": len(pairs)}, limits=LIMITS)
    writer = NeuralWriter(job.kind, job.graphs(net, tokenizer), card)
    judged = aside[:_JUDGED]
    told = writer.predict([text for text, _ in judged])
    figures = {
        "chrf": round(float(np.mean([chrf(a, b) for a, (_, b) in zip(told, judged, strict=True)])), 4),
        "texts": len(judged), "curve": curve(history), "seconds": round(time.perf_counter() - began, 1),
        "settings": {"vocabulary": len(tokenizer), "width": job.sizes.width, "layers": job.sizes.layers,
                     "seed": plan.seed, "rate": plan.rate, "epochs": plan.epochs},
    }  # fmt: skip
    return writer.described(figures=figures, split=f"{len(aside)} pairs kept aside by a hash of the text")


def different(texts: Sequence[str], targets: Sequence[str]) -> list[tuple[str, str]]:
    """Every text once with its first target, both filled.

    Raises:
        BadInput: fewer than ten.
    """
    if len(texts) != len(targets):
        raise BadInput(field="target", expected=f"{len(texts)} targets, one a text", found=str(len(targets)))
    kept: dict[str, tuple[str, str]] = {}
    for text, target in zip(texts, targets, strict=True):
        if text.strip() and target.strip():
            kept.setdefault(same_text(text), (text, target))
    if len(kept) < FEWEST_TEXTS:
        expected = f"at least {FEWEST_TEXTS} different texts with a target"
        raise BadInput(field="text", expected=expected, found=f"{len(kept)} in {len(texts)} rows")
    return list(kept.values())


def _encoded(tokenizer: Tokenizer, pair: tuple[str, str], longest: int) -> Pair:
    return tokenizer.encode(pair[0], longest).ids, tokenizer.encode(pair[1], longest).ids
