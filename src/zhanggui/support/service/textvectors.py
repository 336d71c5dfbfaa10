"""Texts as sparse TF-IDF rows of character and word n-grams, learnt from a shop's own texts."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt

# scipy ships no types.
from scipy.sparse import csr_matrix, diags  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from zhanggui.kernel.textmodels.hashing import SLOTS, counts

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_CSR = cast(Any, csr_matrix)
_DIAGS = cast(Any, diags)


class TextVectors:
    """A vocabulary with its document frequencies. Rows are of length 1; what was never seen counts for nothing."""

    def __init__(self, texts: Sequence[str], *, least: int = 1) -> None:
        _, slot, _ = _counted(texts)
        frequency = np.bincount(slot, minlength=SLOTS)
        slots = np.flatnonzero(frequency >= least)
        self.size = len(slots)
        self.idf: Floats = np.log((1 + len(texts)) / (1 + frequency[slots])) + 1
        self._place = np.full(SLOTS, -1, dtype=np.int32)
        self._place[slots] = np.arange(self.size, dtype=np.int32)

    def counted(self, texts: Sequence[str]) -> Any:
        """A sparse matrix of counts, [texts, vocabulary]."""
        text, slot, often = _counted(texts)
        place = self._place[slot]
        known = place >= 0
        cells = (often[known].astype(np.float32), (text[known], place[known]))
        return _CSR(cells, shape=(len(texts), self.size))

    def rows(self, texts: Sequence[str]) -> Any:
        """A sparse matrix [texts, vocabulary] of damped counts times inverse document frequency, rows of length 1."""
        found = self.counted(texts)
        found.data = ((1 + np.log(found.data)) * self.idf[found.indices]).astype(np.float32)
        return unit_rows(found)


def unit_rows(rows: Any) -> Any:
    """Sparse rows scaled to length 1; empty ones stay."""
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return (_DIAGS(1 / np.where(lengths == 0, 1, lengths)).astype(np.float32) @ rows).tocsr()


def _counted(texts: Sequence[str]) -> tuple[Ints, Ints, Ints]:
    parts = list(counts(texts))
    empty = np.zeros(0, dtype=np.int64)
    text, slot, often = (np.concatenate([empty, *(part[place] for part in parts)]) for place in range(3))
    return text, slot, often
