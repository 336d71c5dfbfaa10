"""Titles and keywords: read a title's parts, propose what to be found by, and measure how often a listing is found.

Findability is counted in an index of the shop's own listings with BM25 (Robertson and Zaragoza 2009, k1 = 1.2,
b = 0.75): for the queries that this product should answer, how often it stands among the first ten with the old title
and with the new one.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from zhanggui.catalog.models import Channel, ProductFacts, TitleParts
from zhanggui.catalog.rules.title_order import channel_title
from zhanggui.catalog.rules.titles import KnownNames, keywords_from, parts_of_spans, read_title
from zhanggui.kernel.commerce import Product
from zhanggui.kernel.retrieval import tokens
from zhanggui.kernel.textmodels.tagging import SpanTagger, read_bio
from zhanggui.kernel.types import Locale

_K1, _B = 1.2, 0.75
_FIRST_PAGE = 10
_MOST_IDEAS = 30


class TitleReader:
    """Reads titles: by a tagger trained on labelled titles where there is one, else by the shipped rules."""

    def __init__(self, known: KnownNames | None = None, tagger: SpanTagger | None = None) -> None:
        self.known, self.tagger = known or KnownNames(), tagger

    @classmethod
    def trained(cls, file: Path, known: KnownNames | None = None, *, seed: int = 0) -> "TitleReader":
        """Train on a BIO file (see `read_bio`); labels HCCX, HPPX, XH, MISC or product, brand, model, attribute.

        Raises:
            BadInput: the file cannot be read, or has too few titles.
        """
        return cls(known, SpanTagger.fit(read_bio(file), seed=seed))

    def read(self, titles: Sequence[tuple[str, Locale]]) -> list[TitleParts]:
        """The parts of each title. A tagger reads the Chinese ones; English ones are read by rules."""
        mine = [at for at, (_, locale) in enumerate(titles) if self.tagger is not None and locale == "zh-CN"]
        spans = dict(zip(mine, self.tagger.spans([titles[at][0] for at in mine]) if self.tagger else [], strict=True))
        parts: list[TitleParts] = []
        for at, (title, locale) in enumerate(titles):
            if at in spans:
                marked = [(span.start, span.end, span.label) for span in spans[at]]
                parts.append(parts_of_spans(title, marked, locale))
            else:
                parts.append(read_title(title, locale, self.known))
        return parts


def known_names(products: Iterable[Product]) -> KnownNames:
    """The brands and the last category names of a shop's products."""
    brands: dict[str, None] = {}
    words: dict[str, None] = {}
    for product in products:
        if product.brand.strip():
            brands[product.brand.strip()] = None
        if product.category and product.category[-1].strip():
            words[product.category[-1].strip()] = None
    return KnownNames(tuple(brands), tuple(words))


@dataclass(frozen=True, slots=True)
class SearchedFor:
    """One line of the shop's search log: what was typed and how often."""

    query: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class KeywordIdea:
    """A keyword to be found by: `source` is `search-log` (with how often it was typed) or `attributes`."""

    text: str
    source: str
    searches: int = 0


@dataclass(frozen=True, slots=True)
class Findability:
    """Before and after over the same queries.

    Attributes:
        queries: how many queries the product should answer, weighted by how often each was typed.
        before, after: share of them that have the product among the first ten.
        reciprocal_before, reciprocal_after: mean of 1 / place.
        gained, lost: queries that come or go.
    """

    queries: int
    before: float
    after: float
    reciprocal_before: float
    reciprocal_after: float
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TitleProposal:
    """A title for a channel with its keywords, and what it does for being found."""

    title: str
    keywords: tuple[KeywordIdea, ...]
    findability: Findability


class ListingIndex:
    """The words of all listings of a shop, to see where one listing would stand under another title."""

    def __init__(self, listings: Mapping[str, str]) -> None:
        self._counts = {one: Counter(tokens(text)) for one, text in listings.items()}
        self._lengths = {one: sum(counts.values()) for one, counts in self._counts.items()}
        self._holders: dict[str, list[str]] = {}
        for one, counts in self._counts.items():
            for word in counts:
                self._holders.setdefault(word, []).append(one)
        self._mean = sum(self._lengths.values()) / max(1, len(self._lengths)) or 1.0

    def place(self, query: str, listing: str, text: str) -> int:
        """Where the listing stands for the query if its text were `text`; 0 when not found. Ties count against it."""
        words = set(tokens(query))
        counts = Counter(tokens(text))
        mine = self._score(words, counts, sum(counts.values()))
        if mine <= 0:
            return 0
        others = {one for word in words for one in self._holders.get(word, ()) if one != listing}
        return 1 + sum(self._score(words, self._counts[one], self._lengths[one]) >= mine for one in others)

    def _score(self, words: Iterable[str], counts: Counter[str], length: int) -> float:
        total = 0.0
        for word in words:
            often = counts[word]
            if often:
                holders = len(self._holders.get(word, ()))
                rarity = math.log(1 + (len(self._counts) - holders + 0.5) / (holders + 0.5))
                total += rarity * often * (_K1 + 1) / (often + _K1 * (1 - _B + _B * length / self._mean))
        return total


@dataclass(frozen=True, slots=True)
class SearchView:
    """How a listing is searched: the shop's index, the listing's id in it, and the search log (may be empty)."""

    index: ListingIndex
    listing: str
    log: tuple[SearchedFor, ...] = ()


def propose_keywords(
    facts: ProductFacts, parts: TitleParts, locale: Locale, log: Sequence[SearchedFor] = ()
) -> tuple[KeywordIdea, ...]:
    """Queries of the log that the facts answer word for word, most typed first; then product words with attributes."""
    ideas = {
        one.query.strip().lower(): KeywordIdea(one.query.strip(), "search-log", one.count)
        for one in sorted(_answered(facts, parts, log), key=lambda one: one.count)
    }
    found = dict(reversed(ideas.items()))
    brands = (facts.brand.strip(),) if facts.brand.strip() else parts.brands
    values = [*parts.attributes, *(fact.value.strip() for fact in facts.facts if 0 < len(fact.value.strip()) <= 12)]
    made = keywords_from(
        parts.product_words or facts.category[-1:], brands, parts.models, values, chinese=locale == "zh-CN"
    )
    for keyword in made:
        found.setdefault(keyword.lower(), KeywordIdea(keyword, "attributes"))
    return tuple(found.values())[:_MOST_IDEAS]


def _answered(facts: ProductFacts, parts: TitleParts, log: Sequence[SearchedFor]) -> list[SearchedFor]:
    """The queries all of whose words stand in the facts, and that name the product word or the brand."""
    said = " ".join([facts.title, *facts.category, facts.brand, *(fact.value for fact in facts.facts)])
    have = set(tokens(said))
    names = set(tokens(" ".join([*parts.product_words, *facts.category[-1:], facts.brand])))
    return [one for one in log if (words := set(tokens(one.query))) and words <= have and words & names]


def findability(
    index: ListingIndex, listing: str, before: str, after: str, queries: Sequence[SearchedFor]
) -> Findability:
    """Where the listing stands for each query with the text `before` and with the text `after`."""
    total = sum(one.count for one in queries)
    old = {one.query: index.place(one.query, listing, before) for one in queries}
    new = {one.query: index.place(one.query, listing, after) for one in queries}

    def share(places: Mapping[str, int]) -> float:
        return sum(one.count for one in queries if 0 < places[one.query] <= _FIRST_PAGE) / max(1, total)

    def reciprocal(places: Mapping[str, int]) -> float:
        return sum(one.count / places[one.query] for one in queries if places[one.query]) / max(1, total)

    shown = {one for one, place in old.items() if 0 < place <= _FIRST_PAGE}
    will = {one for one, place in new.items() if 0 < place <= _FIRST_PAGE}
    return Findability(
        total,
        share(old),
        share(new),
        reciprocal(old),
        reciprocal(new),
        tuple(sorted(will - shown)),
        tuple(sorted(shown - will)),
    )


def propose_title(
    facts: ProductFacts, locale: Locale, channel: Channel, *, view: SearchView, reader: TitleReader | None = None
) -> TitleProposal:
    """A title for the channel, its keywords, and how findable they make it.

    The queries are those of the log that the facts answer or, without any, the proposed keywords.
    """
    parts = (reader or TitleReader()).read([(facts.title, locale)])[0]
    keywords = propose_keywords(facts, parts, locale, view.log)
    asked = _answered(facts, parts, view.log) or [SearchedFor(one.text) for one in keywords]
    wanted = [one.query for one in sorted(asked, key=lambda one: -one.count)]
    title = channel_title(facts, parts, locale, channel, wanted=wanted)
    return TitleProposal(title, keywords, findability(view.index, view.listing, facts.title, title, asked))
