"""What BERT is pre-trained on (Devlin et al. 2019): hidden tokens to guess, pairs of sentences that follow or not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from zhanggui.kernel.textmodels.hashing import Ints
from zhanggui.kernel.textmodels.tokens import MASK, SPECIALS

IGNORED: Final = -100  # target of a place that is not guessed
SHARE: Final = 0.15
_ENDS: Final = re.compile(r"(?<=[。！？!?；;])(?![。！？!?；;])|(?<=\.)\s+|\n+")
_SHORTEST: Final = 2


@dataclass(frozen=True, slots=True)
class Masked:
    """`inputs` [rows, length] with some tokens hidden; `targets` of the same shape: the hidden token, or `IGNORED`."""

    inputs: Ints
    targets: Ints


@dataclass(frozen=True, slots=True)
class SentencePair:
    """Two sentences, and whether the second followed the first in its text."""

    first: str
    second: str
    follows: bool


def mask_tokens(ids: Ints, vocabulary: int, random: np.random.Generator, *, share: float = SHARE) -> Masked:
    """Choose each ordinary token with probability `share`; of those 80 % become [MASK], 10 % a random token, 10 % stay.

    Args:
        ids: tokens, [rows, length]; special tokens (numbers below 5) are never chosen.
        vocabulary: number of pieces; random tokens are ordinary ones.
        random: drawn from three times, each time an array of the shape of `ids`: choice, kind, replacement.
    """
    chosen = (random.random(ids.shape) < share) & (ids >= len(SPECIALS))
    kind = random.random(ids.shape)
    others: npt.NDArray[np.int64] = random.integers(len(SPECIALS), max(vocabulary, len(SPECIALS) + 1), ids.shape)
    inputs = np.where(chosen & (kind < 0.8), MASK, ids)
    inputs = np.where(chosen & (kind >= 0.8) & (kind < 0.9), others, inputs)
    return Masked(inputs.astype(np.int64), np.where(chosen, ids, IGNORED).astype(np.int64))


def sentences(text: str) -> list[str]:
    """A text's sentences, by their end marks."""
    return [part.strip() for part in _ENDS.split(text) if len(part.strip()) >= _SHORTEST]


def sentence_pairs(documents: Sequence[Sequence[str]], random: np.random.Generator) -> list[SentencePair]:
    """For each two neighbouring sentences one pair: with probability 1/2 as they stand, else the second one is drawn
    from another document. A document alone gives only true pairs.

    Args:
        documents: sentences of each text in order.
        random: for each pair one draw below 1/2 or not, then (if not) a document, then a sentence of it.
    """
    usable = [number for number, document in enumerate(documents) if document]
    pairs: list[SentencePair] = []
    for place, number in enumerate(usable):
        document = documents[number]
        for first, second in pairwise(document):
            if len(usable) < 2 or random.random() < 0.5:
                pairs.append(SentencePair(first, second, True))
                continue
            drawn = int(random.integers(0, len(usable) - 1))
            other = documents[usable[drawn if drawn < place else drawn + 1]]
            pairs.append(SentencePair(first, other[int(random.integers(0, len(other)))], False))
    return pairs
