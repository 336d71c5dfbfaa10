"""What is indexed and what is found. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

Filters = Mapping[str, str | Sequence[str]]
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Document:
    """One thing to find. `title` weighs more than `text`; `fields` are what a search may filter by, and come back."""

    id: str
    text: str
    title: str = ""
    fields: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    @property
    def whole(self) -> str:
        """Title and text, as the embedding reads them."""
        return f"{self.title}\n{self.text}" if self.title else self.text


@dataclass(frozen=True, slots=True)
class Hit:
    """One document that was found, and why.

    Attributes:
        score: reciprocal-rank fusion of the ranks; comparable within one search only.
        ranks: retriever (`words`, `letters`, `meaning`) -> place there, 1 is best.
        scores: retriever -> its own score (BM25, BM25, cosine).
        snippet: the part of the text that the words of the query stand in.
    """

    id: str
    score: float
    ranks: Mapping[str, int]
    scores: Mapping[str, float]
    snippet: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One retriever's answer: ids with its own scores, best first."""

    name: str
    ids: tuple[str, ...]
    scores: tuple[float, ...]
