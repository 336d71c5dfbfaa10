"""What speaks for each candidate reply: past cases like this one, words that call for it, how usual it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

# scipy ships no types.
from scipy.sparse import csr_matrix as _csr  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]
from scipy.sparse import vstack as _vstack  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from zhanggui.kernel.retrieval import tokens
from zhanggui.support.models.replies import Case, Choice
from zhanggui.support.service.reply_parts import Association, Prior, asked_words
from zhanggui.support.service.textvectors import TextVectors, unit_rows

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_CSR = cast(Any, _csr)
_VSTACK = cast(Any, _vstack)
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
            own = _Offered(rows[first:end])
            parts = [self._neighbours(own, choice, found[place]) for found in near]
            parts.append(self._association.scores(asked_words(choice.context), [tokens(t) for t in choice.candidates]))
            parts.append(prior[first:end])
            parts.append(_within(own, _VSTACK((last[place], before[place])).tocsr(), choice))
            yield np.hstack(parts)
            first = end

    def _whole(self, last: Any, contexts: Sequence[Sequence[str]]) -> Any:
        before = self._vectors.rows([context[-2] if len(context) > 1 else "" for context in contexts])
        earlier = self._vectors.rows(["\n".join(context[-5:-2]) for context in contexts])
        return unit_rows(last + _BEFORE * before + _EARLIER * earlier)

    def _neighbours(self, own: "_Offered", choice: Choice, found: Any) -> Floats:
        """How the candidates compare with the replies of the nearest past cases, [candidates, 8]."""
        result = np.zeros((len(choice.candidates), _PER_INDEX))
        cases, near = found.indices, np.minimum(found.data.astype(np.float64), 1.0)
        if len(cases) > NEIGHBOURS:
            top = np.argpartition(-near, NEIGHBOURS)[:NEIGHBOURS]
            cases, near = cases[top], near[top]
        if not len(cases):
            return result
        alike: Floats = np.minimum(own.alike(self._replies[cases]), 1.0)
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


class _Offered:
    """The candidates' rows as a small dense block over the n-grams that they have: fast to multiply with others."""

    def __init__(self, rows: Any) -> None:
        self.rows = rows
        found = np.asarray(rows.indices, dtype=np.int64)
        self._columns: Ints = np.unique(found)
        places: Ints = cast(Any, np.searchsorted)(self._columns, found)
        self._block = np.zeros((len(self._columns) + 1, rows.shape[0]))  # the last row stands for all other n-grams
        owner = np.repeat(np.arange(int(rows.shape[0])), np.diff(np.asarray(rows.indptr, dtype=np.int64)))
        self._block[places, owner] = rows.data

    def alike(self, others: Any) -> Floats:
        """Cosines, [candidates, others]."""
        rest = len(self._columns)
        place: Ints = cast(Any, np.searchsorted)(self._columns, others.indices)
        known = np.append(self._columns, -1)[place] == others.indices
        held = _CSR((others.data, np.where(known, place, rest), others.indptr), shape=(others.shape[0], rest + 1))
        return np.asarray((held @ self._block).T, dtype=np.float64)


def _within(own: _Offered, said: Any, choice: Choice) -> Floats:
    """What shows in the choice itself: words shared with what was said, sameness with the other candidates."""
    texts = choice.candidates
    among = own.alike(own.rows)
    return np.column_stack(
        (
            own.alike(said),
            (among.sum(axis=1) - among.diagonal()) / max(1, len(texts) - 1),
            [float(text in choice.context) for text in texts],
            np.full(len(texts), float(len(choice.context))),
            np.full(len(texts), float(len(choice.context[-1]) if choice.context else 0)),
            [float(sum(character.isdigit() for character in text)) for text in texts],
        )
    )
