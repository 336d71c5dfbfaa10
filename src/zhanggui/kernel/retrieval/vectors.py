"""Nearest vectors: exact while it is cheap, a graph (usearch, half precision) past that."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from zhanggui.kernel.retrieval.embedders import Vectors

EXACT_LIMIT = 50_000


class VectorTable:
    """Unit vectors by id. Adding an id again replaces its vector."""

    def __init__(self, dimensions: int, *, exact_limit: int = EXACT_LIMIT) -> None:
        self._dimensions, self._exact_limit = dimensions, exact_limit
        self._ids: list[str] = []
        self._rows: dict[str, int] = {}
        self._matrix: Vectors = np.zeros((0, dimensions), dtype=np.float32)
        self._graph: Any = None

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Add or replace; `vectors` has shape (len(ids), dimensions)."""
        self.drop(one for one in ids if one in self._rows)
        start = len(self._ids)
        if start + len(ids) > len(self._matrix):
            larger = np.zeros((max(start + len(ids), 2 * len(self._matrix), 64), self._dimensions), dtype=np.float32)
            larger[:start] = self._matrix[:start]
            self._matrix = larger
        self._matrix[start : start + len(ids)] = vectors
        self._ids += ids
        for offset, one in enumerate(ids):
            self._rows[one] = start + offset
        if self._graph is not None:
            self._graph.add(np.arange(start, start + len(ids)), np.asarray(vectors, dtype=np.float32))

    def drop(self, ids: Iterable[str]) -> None:
        """Forget; unknown ids are nothing."""
        for one in list(ids):
            row = self._rows.pop(one, None)
            if row is not None:
                self._matrix[row] = 0
                self._ids[row] = ""
                if self._graph is not None:
                    self._graph.remove(row)

    def nearest(self, query: Vectors, limit: int, allowed: frozenset[str] | None = None) -> list[tuple[str, float]]:
        """The ids nearest to a unit vector of shape (dimensions,), with their cosines, best first, ties by id."""
        if not self._rows or limit < 1:
            return []
        if len(self._rows) <= self._exact_limit or (allowed is not None and len(allowed) <= self._exact_limit):
            return self._exact(query, limit, allowed)
        return self._by_graph(query, limit, allowed)

    def _exact(self, query: Vectors, limit: int, allowed: frozenset[str] | None) -> list[tuple[str, float]]:
        chosen = self._rows.values() if allowed is None else [self._rows[one] for one in allowed if one in self._rows]
        rows: NDArray[np.int64] = np.fromiter(chosen, dtype=np.int64)
        whole = len(rows) == len(self._ids)
        cosines = self._matrix[: len(self._ids)] @ query if whole else self._matrix[rows] @ query
        if whole:
            rows = np.arange(len(self._ids))
        if len(rows) > limit:
            edge = np.partition(cosines, len(rows) - limit)[len(rows) - limit]
            keep = np.flatnonzero(cosines >= edge)
            rows, cosines = rows[keep], cosines[keep]
        found = [(self._ids[int(row)], float(cosine)) for row, cosine in zip(rows, cosines, strict=True)]
        return sorted(found, key=lambda one: (-one[1], one[0]))[:limit]

    def _by_graph(self, query: Vectors, limit: int, allowed: frozenset[str] | None) -> list[tuple[str, float]]:
        if self._graph is None:
            self._graph = self._built()
        share = 1 if allowed is None else len(self._rows) / max(1, len(allowed))
        wanted = min(len(self._rows), int(2 * limit * share) + 10)
        keys = np.asarray(self._graph.search(np.asarray(query, dtype=np.float32), wanted).keys, dtype=np.int64)
        found = [(self._ids[int(row)], float(self._matrix[int(row)] @ query)) for row in keys]
        kept = [one for one in found if one[0] and (allowed is None or one[0] in allowed)]
        return sorted(kept, key=lambda one: (-one[1], one[0]))[:limit]

    def _built(self) -> Any:
        from usearch.index import Index  # only catalogues past the exact limit need it

        graph = cast(Any, Index)(ndim=self._dimensions, metric="ip", dtype="f16", expansion_search=128)
        rows = np.fromiter(self._rows.values(), dtype=np.int64)
        graph.add(rows, self._matrix[rows])
        return graph
