"""One tantivy index on disk: words, letter pairs, filters, and the stored vector of each document.

The vector lies in the same index as the words, so one commit makes both durable or neither. This is the only file that
knows tantivy; its objects carry no types, so they are `Any` here and nothing of them leaves.
"""

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import tantivy

from zhanggui.kernel.errors import RetryLater
from zhanggui.kernel.retrieval.embedders import Vectors
from zhanggui.kernel.retrieval.models import Document, Filters, Ranked
from zhanggui.kernel.retrieval.tokens import letters, tokens

TITLE_WEIGHT = 2.0
_MOST_QUERY_WORDS = 64
_HEAP = 32_000_000
_t: Any = tantivy


@dataclass(frozen=True, slots=True)
class Stored:
    """What an index keeps of a document, to show it and to reuse its vector."""

    id: str
    text: str
    fields: Mapping[str, str]
    digest: str


def digest_of(document: Document) -> str:
    """A short fingerprint of what the embedding of a document depends on."""
    return hashlib.blake2b(document.whole.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _schema() -> Any:
    builder = _t.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("filters", tokenizer_name="raw", index_option="basic")
    for name in ("words", "title", "letters"):
        builder.add_text_field(name, tokenizer_name="spaced", index_option="freq")
    builder.add_text_field("kept", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("vector", stored=True)
    return builder.build()


def _term(name: str, value: str) -> str:
    """A filter as one term; very long values by their hash (tantivy drops terms past 65,530 bytes)."""
    if len(value) > 500:
        value = hashlib.blake2b(value.encode("utf-8", "replace"), digest_size=16).hexdigest()
    return f"{name}\x1f{value}"


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


class TextIndex:
    """Words of documents in one folder. Many readers; writers wait for each other."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._meta = folder / "meta.json"
        self._schema = _schema()
        self._index: Any = _t.Index(self._schema, path=str(folder), reuse=True)
        spaced = _t.TextAnalyzerBuilder(_t.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("spaced", spaced)
        self._index.config_reader(reload_policy="manual")
        self._seen = self.version()
        self._index.reload()

    def version(self) -> tuple[int, int]:
        """Changes with every commit of any process."""
        try:
            status = self._meta.stat()
        except FileNotFoundError:
            return (0, 0)
        return (status.st_mtime_ns, status.st_ino)

    def refresh(self) -> bool:
        """See what others committed; whether anything changed since the last call."""
        version = self.version()
        if version == self._seen:
            return False
        try:
            self._index.reload()
        except ValueError:  # the folder has just been replaced by a rebuilt one: what is open still answers
            return False
        self._seen = version
        return True

    def write(
        self, documents: Sequence[Document], vectors: Sequence[Vectors | None], deleted: Iterable[str] = ()
    ) -> None:
        """Add or replace documents and delete ids, in one commit: all of it survives a crash, or none.

        Raises:
            RetryLater: another process writes to this index for longer than ten seconds.
        """
        writer = self._writer()
        try:
            for one in deleted:
                writer.delete_documents_by_term("id", _clean(one))
            for document, vector in zip(documents, vectors, strict=True):
                writer.delete_documents_by_term("id", _clean(document.id))
                writer.add_document(self._document(document, vector))
            writer.commit()
        finally:
            writer.wait_merging_threads()
        self._index.reload()
        self._seen = self.version()

    def search(self, name: str, query: str, limit: int, filters: Filters) -> Ranked:
        """Rank by BM25 in `words` (title and text) or in `letters`; a query is only ever words, never syntax."""
        if name == "letters":
            parts = [self._should("letters", word, 1.0) for word in _distinct(letters(query))]
        else:
            words = _distinct(tokens(query))
            parts = [self._should(field, word, weight) for word in words for field, weight in _WORD_FIELDS]
        if not parts or limit < 1:
            return Ranked(name, (), ())
        wanted = _t.Query.boolean_query(parts)
        if filters:
            wanted = _t.Query.boolean_query([(_t.Occur.Must, wanted), (_t.Occur.Must, self._filter(filters))])
        searcher = self._index.searcher()
        hits = searcher.search(wanted, limit=limit, count=False).hits
        ids = [(str(searcher.doc(address)["id"][0]), float(score)) for score, address in hits]
        ids.sort(key=lambda one: (-one[1], one[0]))
        return Ranked(name, tuple(one for one, _ in ids), tuple(score for _, score in ids))

    def matching(self, filters: Filters) -> frozenset[str]:
        """Every id whose fields pass the filters."""
        return frozenset(str(document["id"][0]) for document in self._all(self._filter(filters)))

    def stored(self, ids: Iterable[str]) -> dict[str, Stored]:
        """What is kept of these documents; unknown ids are left out."""
        return {one.id: one for one, _ in self._stored(ids)}

    def stored_vectors(self, ids: Iterable[str]) -> dict[str, tuple[str, Vectors]]:
        """id -> (digest of what was embedded, its vector), where there is one."""
        return {one.id: (one.digest, vector) for one, vector in self._stored(ids) if vector is not None}

    def vectors(self) -> Iterator[tuple[str, Vectors]]:
        """Every stored vector, in no order."""
        for document in self._all(_t.Query.all_query()):
            raw = document.get_first("vector")
            if raw:
                yield str(document["id"][0]), _vector(raw)

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    def _stored(self, ids: Iterable[str]) -> Iterator[tuple[Stored, Vectors | None]]:
        wanted = [_clean(one) for one in ids]
        if not wanted:
            return
        for document in self._all(_t.Query.term_set_query(self._schema, "id", wanted)):
            kept = orjson.loads(document["kept"][0])
            raw = document.get_first("vector")
            stored = Stored(str(document["id"][0]), kept["text"], kept["fields"], kept["digest"])
            yield stored, _vector(raw) if raw else None

    def _all(self, query: Any) -> Iterator[Any]:
        searcher = self._index.searcher()
        for _, address in searcher.search(query, limit=max(1, int(searcher.num_docs)), count=False).hits:
            yield searcher.doc(address)

    def _should(self, field: str, word: str, weight: float) -> tuple[Any, Any]:
        term = _t.Query.term_query(self._schema, field, word, index_option="freq")
        return _t.Occur.Should, term if weight == 1.0 else _t.Query.boost_query(term, weight)

    def _filter(self, filters: Filters) -> Any:
        parts: list[tuple[Any, Any]] = []
        for name, value in filters.items():
            terms = [_term(_clean(name), _clean(one)) for one in ([value] if isinstance(value, str) else value)]
            parts.append((_t.Occur.Must, _t.Query.term_set_query(self._schema, "filters", terms)))
        return _t.Query.const_score_query(_t.Query.boolean_query(parts), 0.0)

    def _writer(self) -> Any:
        for _ in range(100):
            try:
                return self._index.writer(heap_size=_HEAP, num_threads=1)
            except ValueError as busy:
                if "lock" not in str(busy).lower():
                    raise
                time.sleep(0.1)
        raise RetryLater("the search index is being written by another process")

    def _document(self, document: Document, vector: Vectors | None) -> Any:
        made = _t.Document()
        made.add_text("id", _clean(document.id))
        made.add_text("title", " ".join(tokens(_clean(document.title))))
        made.add_text("words", " ".join(tokens(_clean(document.text))))
        made.add_text("letters", " ".join(letters(_clean(document.whole))))
        for name, value in document.fields.items():
            made.add_text("filters", _term(_clean(name), _clean(value)))
        fields = {_clean(name): _clean(value) for name, value in document.fields.items()}
        kept = {"text": _clean(document.whole), "fields": fields, "digest": digest_of(document)}
        made.add_text("kept", orjson.dumps(kept).decode())
        if vector is not None:
            made.add_bytes("vector", np.asarray(vector, dtype=np.float16).tobytes())
        return made


_WORD_FIELDS = (("words", 1.0), ("title", TITLE_WEIGHT))


def _vector(raw: Any) -> Vectors:
    return np.frombuffer(bytes(raw), dtype=np.float16).astype(np.float32)


def _distinct(words: list[str]) -> list[str]:
    return list(dict.fromkeys(words))[:_MOST_QUERY_WORDS]
