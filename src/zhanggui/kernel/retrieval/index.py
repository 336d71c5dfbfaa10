"""Search over one merchant's collection: words, letter pairs and meaning, fused; on disk, incremental, rebuildable."""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import numpy as np

from zhanggui.kernel.errors import BadInput, ZhangguiError
from zhanggui.kernel.retrieval.embedders import Embedder, Vectors
from zhanggui.kernel.retrieval.fusion import fuse
from zhanggui.kernel.retrieval.generations import Generations
from zhanggui.kernel.retrieval.models import Document, Filters, Hit, Ranked
from zhanggui.kernel.retrieval.snippets import snippet
from zhanggui.kernel.retrieval.text_index import TextIndex, digest_of
from zhanggui.kernel.retrieval.tokens import tokens
from zhanggui.kernel.retrieval.vectors import VectorTable

_BATCH = 256
_REBUILD_BATCH = 4096
_LONGEST_QUERY = 2000
_DEPTH = 200
_FEW = 10  # fewer hits by words than this, and pairs of letters are asked too
_KEPT_FILTERS = 64
_NO_FILTERS: Filters = {}


class Index:
    """One collection of one merchant. Safe from several threads and processes.

    When `add` or `delete` returns, it is on disk; when the process dies before, all or nothing of the call is.
    """

    def __init__(self, folder: Path, embedder: Embedder | None = None) -> None:
        self._generations = Generations(folder)
        self._embedder = embedder
        self._lock = threading.RLock()
        self._open()

    @property
    def needs_rebuild(self) -> bool:
        """Whether what is on disk is empty, damaged, of an older format or of another embedding model."""
        return self._fresh or self._foreign or len(self._text) == 0

    def __len__(self) -> int:
        self._refresh()
        return len(self._text)

    def add(self, documents: Iterable[Document]) -> int:
        """Add documents, replacing those with the same id (the last one wins); how many were written."""
        count = 0
        for batch in _batches(documents):
            self._write(batch, [])
            count += len(batch)
        return count

    def delete(self, ids: Iterable[str]) -> None:
        """Delete by id; unknown ids are nothing."""
        self._write([], list(ids))

    def search(
        self,
        query: str,
        limit: int = 10,
        *,
        offset: int = 0,
        filters: Filters = _NO_FILTERS,
        weights: Mapping[str, float] | None = None,
    ) -> list[Hit]:
        """The best documents for a query, best first. Never raises for what a query says, however odd.

        Args:
            limit, offset: which places of the ranking.
            filters: field -> the value, or several of which one must match.
            weights: of the retrievers `words`, `letters`, `meaning` in the fusion; 0 leaves one out.
        """
        self._refresh()
        query = query[:_LONGEST_QUERY].encode("utf-8", "replace").decode("utf-8")
        limit, offset = max(0, limit), max(0, offset)
        if not query.strip() or not limit:
            return []
        rankings = self._rankings(query, limit + offset, filters, weights or {})
        best = fuse(rankings, weights)[offset : offset + limit]
        stored = self._text.stored(one for one, _, _ in best)
        scores = {ranked.name: dict(zip(ranked.ids, ranked.scores, strict=True)) for ranked in rankings}
        words = tokens(query)
        return [
            Hit(
                one,
                score,
                ranks,
                {name: scores[name][one] for name in ranks},
                snippet(stored[one].text, words),
                stored[one].fields,
            )
            for one, score, ranks in best
            if one in stored
        ]

    def rebuild(self, documents: Iterable[Document]) -> int:
        """Build anew from the database, beside the live index, then swap; how many documents were given.

        Searching and writing go on meanwhile; what is written meanwhile is in the new index too. Vectors of texts that
        did not change are taken over. A rebuild that dies leaves the live index as it was.

        Raises:
            Conflict: it is being rebuilt already.
        """
        with self._generations.building():
            count = self._rebuild(documents)
        self._refresh()
        return count

    def _rebuild(self, documents: Iterable[Document]) -> int:
        name = self._embedder.name if self._embedder else ""
        with self._generations.locked():
            generation = self._generations.begin(name, announce=True)
        count = 0
        try:
            text = TextIndex(self._generations.path(generation))
            for batch in _batches(documents, _REBUILD_BATCH):
                text.write(batch, self._vectors_for(batch))
                count += len(batch)
            with self._generations.locked():
                added, deleted = self._generations.journal(generation)
                if added or deleted:
                    text.write(added, self._vectors_for(added), deleted)
                self._generations.publish(generation)
        except BaseException:
            self._generations.abandon(generation)
            raise
        return count

    def _open(self) -> None:
        """Open the current generation, or begin an empty one where there is none that we can read."""
        name = self._embedder.name if self._embedder else ""
        with self._lock:
            self._fresh = False
            with self._generations.locked():
                generation = self._generations.current()
                made_with = self._generations.made_with(generation) if generation else None
                if made_with is None or (text := _opened(self._generations.path(generation))) is None:
                    generation = self._generations.begin(name, announce=False)
                    text = TextIndex(self._generations.path(generation))
                    self._generations.publish(generation)
                    made_with, self._fresh = name, True
            self._foreign = made_with != name
            self._generation, self._text = generation, text
            self._forget()

    def _refresh(self) -> None:
        with self._lock:
            if self._generations.current() != self._generation:
                self._open()
            elif self._text.refresh():
                self._forget()

    def _forget(self) -> None:
        self._table: VectorTable | None = None
        self._allowed: dict[str, frozenset[str]] = {}

    def _write(self, documents: list[Document], deleted: list[str]) -> None:
        documents = list({one.id: one for one in documents}.values())
        if not documents and not deleted:
            return
        vectors = self._vectors_for(documents)
        with self._lock, self._generations.locked():
            self._refresh()
            if building := self._generations.rebuilding():
                self._generations.note(building, documents, deleted)
            self._text.write(documents, vectors, deleted)
            self._allowed.clear()
            if self._table is not None:
                self._table.drop(deleted)
                pairs = [(one.id, row) for one, row in zip(documents, vectors, strict=True) if row is not None]
                self._table.drop(one.id for one in documents)
                if pairs:
                    self._table.put([one for one, _ in pairs], np.stack([row for _, row in pairs]))

    def _vectors_for(self, documents: Sequence[Document]) -> list[Vectors | None]:
        """Vectors for documents, taken over where the same text already has one."""
        if self._embedder is None or not documents:
            return [None] * len(documents)
        kept = {} if self._foreign else self._text.stored_vectors(one.id for one in documents)
        rows: list[Vectors | None] = []
        for one in documents:
            digest, vector = kept.get(one.id, ("", None))
            rows.append(vector if digest == digest_of(one) else None)
        missing = [place for place, row in enumerate(rows) if row is None]
        if missing:
            made = self._embedder.passages([documents[place].whole for place in missing])
            for place, vector in zip(missing, made, strict=True):
                rows[place] = vector.astype(np.float16).astype(np.float32)  # as it will be read back
        return rows

    def _rankings(self, query: str, wanted: int, filters: Filters, weights: Mapping[str, float]) -> list[Ranked]:
        depth = max(_DEPTH, wanted)
        found: list[Ranked] = []
        if weights.get("words", 1) > 0:
            found.append(self._text.search("words", query, depth, filters))
        if weights.get("letters", 1) > 0 and sum(len(one.ids) for one in found) < _FEW:
            found.append(self._text.search("letters", query, depth, filters))
        if self._embedder is not None and not self._foreign and weights.get("meaning", 1) > 0:
            found.append(self._by_meaning(self._embedder, query, depth, filters))
        return found

    def _by_meaning(self, embedder: Embedder, query: str, depth: int, filters: Filters) -> Ranked:
        try:
            vector = embedder.queries([query])[0]
        except ZhangguiError:  # a model that is down takes its ranking away, not the search
            return Ranked("meaning", (), ())
        with self._lock:
            allowed = self._matching(filters) if filters else None
            nearest = self._vectors(embedder).nearest(vector, depth, allowed)
        return Ranked("meaning", tuple(one for one, _ in nearest), tuple(cosine for _, cosine in nearest))

    def _matching(self, filters: Filters) -> frozenset[str]:
        pairs = sorted((name, [value] if isinstance(value, str) else sorted(value)) for name, value in filters.items())
        key = repr(pairs)
        if key not in self._allowed:
            if len(self._allowed) >= _KEPT_FILTERS:
                self._allowed.clear()
            self._allowed[key] = self._text.matching(filters)
        return self._allowed[key]

    def _vectors(self, embedder: Embedder) -> VectorTable:
        if self._table is None:
            pairs = list(self._text.vectors())
            table = VectorTable(embedder.dimensions)
            if pairs:
                table.put([one for one, _ in pairs], np.stack([row for _, row in pairs]))
            self._table = table
        return self._table


class Indexes:
    """Every index of the installation, below one folder: `<folder>/<merchant>/<collection>`."""

    def __init__(self, folder: Path, embedder: Embedder | None = None) -> None:
        self._folder, self._embedder = folder, embedder
        self._open: dict[tuple[str, str], Index] = {}
        self._lock = threading.Lock()

    def open(self, merchant_id: str, collection: str) -> Index:
        """The merchant's index of that name; made when it is not there.

        Raises:
            BadInput: an empty or overlong name.
        """
        with self._lock:
            index = self._open.get((merchant_id, collection))
            if index is None:
                folder = self._folder / _name("merchant", merchant_id) / _name("collection", collection)
                index = self._open[merchant_id, collection] = Index(folder, self._embedder)
            return index


def _name(field: str, value: str) -> str:
    safe = quote(value, safe="").replace(".", "%2E")
    if not 1 <= len(safe) <= 200:
        raise BadInput(field=field, expected="a name of 1 to 200 bytes", found=value)
    return safe


def _opened(folder: Path) -> TextIndex | None:
    try:
        return TextIndex(folder)
    except (ValueError, OSError):  # damaged: it is rebuilt from the database
        return None


def _batches(documents: Iterable[Document], size: int = _BATCH) -> Iterator[list[Document]]:
    rest = iter(documents)
    while batch := list(islice(rest, size)):
        yield batch
