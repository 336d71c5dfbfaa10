"""Texts as vectors: the interface, its deterministic fake, and a cache to wrap any of them."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from zhanggui.kernel.retrieval.tokens import letters, tokens

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns texts into unit vectors; the dot product of two is their cosine."""

    @property
    def name(self) -> str:
        """What made the vectors: vectors of different names are never compared."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    def queries(self, texts: Sequence[str]) -> Vectors:
        """One row for each question; shape (n, dimensions). Raises RetryLater when an endpoint is down."""
        ...

    def passages(self, texts: Sequence[str]) -> Vectors:
        """One row for each text that may answer; shape (n, dimensions)."""
        ...


def unit(rows: Vectors) -> Vectors:
    """Rows scaled to length 1; a row of zeros stays."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths == 0, 1, lengths), dtype=np.float32)


class HashEmbedder:
    """The fake: words and letter pairs hashed to signed places (feature hashing, Weinberger et al. 2009).

    The same text gives the same vector on every machine, and texts that share words are near each other.
    """

    def __init__(self, dimensions: int = 256) -> None:
        self._dimensions = dimensions

    @property
    def name(self) -> str:
        """`hash-<dimensions>`."""
        return f"hash-{self._dimensions}"

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        return self._dimensions

    def queries(self, texts: Sequence[str]) -> Vectors:
        """The same as passages."""
        return self.passages(texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Hashed words, each twice the weight of a letter pair."""
        rows = np.zeros((len(texts), self._dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for weight, words in ((2.0, tokens(text[:5000])), (1.0, letters(text[:5000]))):
                for word in words:
                    digest = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest()
                    place = int.from_bytes(digest[:4], "little") % self._dimensions
                    row[place] += weight if digest[4] & 1 else -weight
        return unit(rows)


class CachedEmbedder:
    """Any embedder, remembering the latest texts in memory. Safe to use from several threads."""

    def __init__(self, inner: Embedder, size: int = 20_000) -> None:
        self._inner, self._size = inner, size
        self._kept: OrderedDict[tuple[str, str], Vectors] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The inner embedder's."""
        return self._inner.name

    @property
    def dimensions(self) -> int:
        """The inner embedder's."""
        return self._inner.dimensions

    def queries(self, texts: Sequence[str]) -> Vectors:
        """As the inner embedder's."""
        return self._through("query", texts, self._inner.queries)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """As the inner embedder's."""
        return self._through("passage", texts, self._inner.passages)

    def _through(self, kind: str, texts: Sequence[str], embed: Callable[[Sequence[str]], Vectors]) -> Vectors:
        with self._lock:
            rows = {text: self._kept[kind, text] for text in texts if (kind, text) in self._kept}
        missing = list(dict.fromkeys(text for text in texts if text not in rows))
        if missing:
            made = embed(missing)
            rows.update(zip(missing, made, strict=True))
        with self._lock:
            for text in texts:
                self._kept[kind, text] = rows[text]
                self._kept.move_to_end((kind, text))
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return np.stack([rows[text] for text in texts]) if texts else np.zeros((0, self.dimensions), dtype=np.float32)
