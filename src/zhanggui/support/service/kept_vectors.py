"""An embedder that remembers on disk what it embedded, so that the same training file costs its vectors once."""

import hashlib
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from zhanggui.kernel.retrieval import Embedder, Vectors


class KeptVectors:
    """Any embedder with one file for each list of texts, named by their content. A damaged one is made anew."""

    def __init__(self, inner: Embedder, folder: Path) -> None:
        self._inner, self._folder = inner, folder

    @property
    def name(self) -> str:
        """The inner embedder's."""
        return self._inner.name

    @property
    def dimensions(self) -> int:
        """The inner embedder's."""
        return self._inner.dimensions

    def queries(self, texts: Sequence[str]) -> Vectors:
        """One unit row a text; read where the same list was embedded before."""
        return self._kept("query", texts, self._inner.queries)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """As `queries`, in the form of texts that may answer."""
        return self._kept("passage", texts, self._inner.passages)

    def _kept(self, kind: str, texts: Sequence[str], embed: Callable[[Sequence[str]], Vectors]) -> Vectors:
        digest = hashlib.blake2b(f"{self.name} {kind}".encode(), digest_size=16)
        for text in texts:
            raw = text.encode("utf-8", "replace")
            digest.update(len(raw).to_bytes(8, "little") + raw)
        path = self._folder / f"{digest.hexdigest()}.npy"
        with suppress(OSError, ValueError, EOFError, BadZipFile):
            rows = np.load(path, allow_pickle=False)
            if rows.shape == (len(texts), self.dimensions):
                return np.asarray(rows, dtype=np.float32)
        rows = embed(texts).astype(np.float16)
        fresh = path.with_name(f"{path.stem}.{threading.get_ident()}.part.npy")
        with suppress(OSError):  # a cache: a full disk costs the next start some seconds, never the answer
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(fresh, rows)
            fresh.replace(path)
        return np.asarray(rows, dtype=np.float32)
