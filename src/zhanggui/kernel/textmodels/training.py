"""How a neural model is trained: the plan that a caller gives and what each epoch tells; needs no training library."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the rows: mean training loss, and the score on rows kept aside (higher is better)."""

    number: int
    loss: float
    score: float


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train.

    Attributes:
        epochs: passes over the rows at most.
        patience: epochs without a better score after which training stops.
        batch: rows a step.
        rate: highest learning rate of AdamW.
        seed: the same rows and seed give the same model on the same machine.
        checkpoint: file that an interrupted run goes on from; none keeps nothing.
        tell: hears each epoch.
    """

    epochs: int = 6
    patience: int = 2
    batch: int = 32
    rate: float = 1e-3
    seed: int = 0
    checkpoint: Path | None = None
    tell: Callable[[Epoch], None] | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large a Transformer is: numbers a token, blocks, attention heads, most tokens a text, share dropped out."""

    width: int = 128
    layers: int = 2
    heads: int = 4
    longest: int = 128
    dropout: float = 0.1
