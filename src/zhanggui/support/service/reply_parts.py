"""What is learnt from past replies: which words call for which (IBM model 1), and what sounds like a reply at all."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from zhanggui.kernel.retrieval import tokens
from zhanggui.support.models.replies import Case
from zhanggui.support.service.textvectors import TextVectors

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_ROUNDS = 5
_LEAST = 2  # a word must stand in so many cases
_SMOOTH = 0.5
_TRUST = 0.9  # of the learnt table against how common a word is anyway


def asked_words(context: Sequence[str]) -> list[str]:
    """Words of the last turn, and those of the turn before it marked as such."""
    before = tokens(context[-2]) if len(context) > 1 else []
    return [*tokens(context[-1]), *(f"<{word}" for word in before)] if context else []


class Association:
    """How strongly words asked call for words replied: lexical translation (IBM model 1, Brown et al. 1993) by EM."""

    def __init__(self, cases: Sequence[Case]) -> None:
        asked = [set(asked_words(case.context)) for case in cases]
        replied = [set(tokens(case.reply)) for case in cases]
        self._asked = {word: place for place, word in enumerate(_common(asked), 1)}  # 0 is the empty word
        self._replied = {word: place for place, word in enumerate(_common(replied))}
        self._width = max(1, len(self._replied))
        keys: list[Ints] = []
        owners: list[Ints] = []
        often = np.full(self._width, _SMOOTH)
        made = 0
        for words, answers in zip(asked, replied, strict=True):
            source, wanted = self._sources(words), self._targets(answers)
            often[wanted] += 1
            keys.append((source[:, None] * self._width + wanted[None, :]).ravel())
            owners.append(np.tile(np.arange(made, made + len(wanted)), len(source)))
            made += len(wanted)
        self._background: Floats = often / often.sum()
        self._keys, self._chance = _estimate(keys, owners, made, self._width)

    def scores(self, asked: Sequence[str], replies: Sequence[Sequence[str]]) -> Floats:
        """Sum, mean and most of log P(word | asked) / P(word) over each reply's words: [replies, 3]."""
        source = self._sources(set(asked))
        found = np.zeros((len(replies), 3))
        wanted = [self._targets(set(reply)) for reply in replies]
        joined = np.concatenate([np.zeros(0, dtype=np.int64), *wanted])
        if not len(joined) or not len(self._keys):
            return found
        sought = source[:, None] * self._width + joined[None, :]
        place = np.minimum(np.searchsorted(self._keys, sought), len(self._keys) - 1)
        chance = np.where(self._keys[place] == sought, self._chance[place], 0.0).mean(axis=0)
        usual = self._background[joined]
        gain = np.log(_TRUST * chance + (1 - _TRUST) * usual) - np.log(usual)
        start = 0
        for row, own in enumerate(wanted):
            part = gain[start : start + len(own)]
            start += len(own)
            if len(part):
                found[row] = part.sum(), part.mean(), part.max()
        return found

    def _sources(self, words: set[str]) -> Ints:
        return np.array([0, *sorted(self._asked[word] for word in words if word in self._asked)], dtype=np.int64)

    def _targets(self, words: set[str]) -> Ints:
        return np.array(sorted(self._replied[word] for word in words if word in self._replied), dtype=np.int64)


class Prior:
    """How much a text reads like what is said often: n-grams of replies as they occur against those of the different
    texts that may be offered (naive-Bayes log ratios)."""

    def __init__(self, vectors: TextVectors, replies: Sequence[str], offered: Sequence[str]) -> None:
        self._vectors = vectors
        self._often = Counter(replies)
        said, may = _present(vectors, replies) + 1, _present(vectors, offered) + 1
        self._ratio: Floats = np.log(said / len(replies)) - np.log(may / max(1, len(offered)))

    def scores(self, texts: Sequence[str]) -> Floats:
        """Sum and mean of the log ratios, log of how often the text was said, and its length: [texts, 4]."""
        seen = self._vectors.counted(texts)
        seen.data = np.ones_like(seen.data)
        total = np.asarray(seen @ self._ratio).ravel()
        width = np.maximum(1, np.diff(seen.indptr))
        often = [np.log1p(self._often.get(text, 0)) for text in texts]
        return np.column_stack((total, total / width, often, [np.log1p(len(text)) for text in texts]))


def _present(vectors: TextVectors, texts: Sequence[str]) -> Floats:
    found: Any = vectors.counted(texts)
    return np.bincount(found.indices, minlength=vectors.size).astype(np.float64)


def _common(words: Sequence[set[str]]) -> list[str]:
    often = Counter(word for own in words for word in own)
    return sorted(word for word, count in often.items() if count >= _LEAST)


def _estimate(keys: Sequence[Ints], owners: Sequence[Ints], made: int, width: int) -> tuple[Ints, Floats]:
    empty = np.zeros(0, dtype=np.int64)
    pairs, owner = np.concatenate([empty, *keys]), np.concatenate([empty, *owners])
    unique, which = np.unique(pairs, return_inverse=True)
    chance = np.ones(len(unique))
    source = unique // width
    for _ in range(_ROUNDS):
        share = chance[which]
        share = share / np.bincount(owner, share, made)[owner]
        weight = np.bincount(which, share, len(unique))
        chance = weight / (np.bincount(source, weight)[source] + _SMOOTH)
    return unique, chance
