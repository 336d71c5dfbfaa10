"""What speaks for each candidate reply: past cases like this one, words that call for it, how usual it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from zhanggui.kernel.retrieval import tokens
from zhanggui.support.models.replies import Case, Choice
from zhanggui.support.service.reply_parts import Association, Prior, asked_words
from zhanggui.support.service.textvectors import TextVectors, unit_rows

Floats = npt.NDArray[np.float64]
NEIGHBOURS: Final = 120
_CHUNK: Final = 256
_BEFORE, _EARLIER = 0.5, 0.3  # weight of the turn before the last, and of those before that
_PER_INDEX: Final = 8
_TINY: Final = 1e-9


@dataclass(frozen=True, slots=True)
class _Index:
    """Cases by one view of their contexts: the rows turned over, for fast products."""

    turned: Any


class Evidence:
    """Everything learnt from cases; gives each candidate its numbers."""

    def __init__(self, cases: Sequence[Case], offered: Sequence[str]) -> None:
        replies = [case.reply for case in cases]
        contexts = [case.context for case in cases]
        self._vectors = TextVectors([*(context[-1] for context in contexts), *replies])
        last = self._vectors.rows([context[-1] for context in contexts])
        self._indexes = (_Index(last.T.tocsr()), _Index(self._whole(last, contexts).T.tocsr()))
        self._replies = self._vectors.rows(replies)
        self._number = {reply: place for place, reply in enumerate(dict.fromkeys(replies))}
        self._own = np.array([self._number[reply] for reply in replies])
        self._lengths = np.log1p([len(reply) for reply in replies])
        self._association = Association(cases)
        self._prior = Prior(self._vectors, replies, offered)

    def of(self, choices: Sequence[Choice]) -> Iterator[Floats]:
        """For each choice its features, [candidates, features]."""
        for start in range(0, len(choices), _CHUNK):
            yield from self._chunk(choices[start : start + _CHUNK])

    def _chunk(self, choices: Sequence[Choice]) -> Iterator[Floats]:
        contexts = [choice.context for choice in choices]
        last = self._vectors.rows([context[-1] if context else "" for context in contexts])
        whole = self._whole(last, contexts)
        before = self._vectors.rows([" ".join(context[:-1][-6:]) for context in contexts])
        near = [(rows @ index.turned).tocsr() for rows, index in zip((last, whole), self._indexes, strict=True)]
        texts = [text for choice in choices for text in choice.candidates]
        rows, prior = self._vectors.rows(texts), self._prior.scores(texts)
        first = 0
        for place, choice in enumerate(choices):
            end = first + len(choice.candidates)
            own = rows[first:end]
            parts = [self._neighbours(own, choice, found[place]) for found in near]
            parts.append(self._association.scores(asked_words(choice.context), [tokens(t) for t in choice.candidates]))
            parts.append(prior[first:end])
            parts.append(_within(own, last[place], before[place], choice))
            yield np.hstack(parts)
            first = end

    def _whole(self, last: Any, contexts: Sequence[Sequence[str]]) -> Any:
        before = self._vectors.rows([context[-2] if len(context) > 1 else "" for context in contexts])
        earlier = self._vectors.rows(["\n".join(context[-5:-2]) for context in contexts])
        return unit_rows(last + _BEFORE * before + _EARLIER * earlier)

    def _neighbours(self, own: Any, choice: Choice, found: Any) -> Floats:
        """How the candidates compare with the replies of the nearest past cases, [candidates, 8]."""
        result = np.zeros((own.shape[0], _PER_INDEX))
        cases, near = found.indices, np.minimum(found.data.astype(np.float64), 1.0)
        if len(cases) > NEIGHBOURS:
            top = np.argpartition(-near, NEIGHBOURS)[:NEIGHBOURS]
            cases, near = cases[top], near[top]
        if not len(cases):
            return result
        alike: Floats = np.minimum((own @ self._replies[cases].T).toarray(), 1.0).astype(np.float64)
        number = np.array([self._number.get(text, -1) for text in choice.candidates])
        exact = number[:, None] == self._own[cases][None, :]
        close, closer = near**2, near**4
        lengths = np.log1p([len(text) for text in choice.candidates])
        return np.column_stack(
            (
                (alike * near).max(axis=1),
                alike**2 @ close,
                alike**2 @ closer / (closer.sum() + _TINY),
                exact @ close,
                alike[:, near.argmax()],
                alike @ close / (close.sum() + _TINY),
                np.full(len(lengths), near.max()),
                np.abs(lengths - (closer @ self._lengths[cases]) / (closer.sum() + _TINY)),
            )
        )


def _within(own: Any, last: Any, before: Any, choice: Choice) -> Floats:
    """What shows in the choice itself: words shared with what was said, sameness with the other candidates."""
    texts = choice.candidates
    among = (own @ own.T).toarray()
    return np.column_stack(
        (
            (own @ last.T).toarray().ravel(),
            (own @ before.T).toarray().ravel(),
            (among.sum(axis=1) - among.diagonal()) / max(1, len(texts) - 1),
            [float(text in choice.context) for text in texts],
            np.full(len(texts), float(len(choice.context))),
            np.full(len(texts), float(len(choice.context[-1]) if choice.context else 0)),
            [float(sum(character.isdigit() for character in text)) for text in texts],
        )
    )
