"""How a shop's listings are searched: an index of its titles kept for some minutes, and its search log."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from zhanggui.catalog.models import Channel
from zhanggui.catalog.service.keywords import (
    Findability,
    ListingIndex,
    SearchedFor,
    SearchView,
    TitleProposal,
    TitleReader,
    findability,
    known_names,
    propose_title,
)
from zhanggui.catalog.service.listings import facts_of_product
from zhanggui.catalog.service.related import words_of_product
from zhanggui.catalog.store import ProductStore, SearchLog
from zhanggui.desk import Evidence
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Locale

# A shop's first products stand for all: where a listing stands among 5,000 changes little with more.
_INDEXED = 5_000
_KEPT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Indexed:
    at: datetime
    index: ListingIndex
    reader: TitleReader


class ShopSearch:
    """Title proposals and findability for the products of any merchant; one index a merchant is kept."""

    def __init__(self) -> None:
        self._kept: dict[str, _Indexed] = {}
        self._lock = threading.Lock()

    def advise(self, uow: UnitOfWork, product_id: str, *, channel: Channel, locale: Locale) -> TitleProposal:
        """A title for the channel with its keywords, and how findable they make the listing.

        Raises:
            NotFound: no such product.
        """
        product = ProductStore(uow).get(product_id)
        indexed = self._indexed(uow)
        view = SearchView(indexed.index, product_id, _log(uow))
        return propose_title(facts_of_product(product), locale, channel, view=view, reader=indexed.reader)

    def compare(self, uow: UnitOfWork, product_id: str, title: str, *, locale: Locale) -> Findability:
        """How often the product would be found with its present title and with `title`, for the queries it answers.

        Raises:
            NotFound: no such product.
        """
        product = ProductStore(uow).get(product_id)
        indexed = self._indexed(uow)
        advice = propose_title(
            facts_of_product(product),
            locale,
            "plain",
            view=SearchView(indexed.index, product_id, _log(uow)),
            reader=indexed.reader,
        )
        queries = [SearchedFor(idea.text, max(1, idea.searches)) for idea in advice.keywords]
        return findability(indexed.index, product_id, product.title, title, queries)

    def _indexed(self, uow: UnitOfWork) -> _Indexed:
        now = uow.clock.now()
        with self._lock:
            kept = self._kept.get(uow.merchant_id)
        if kept is not None and now - kept.at < _KEPT:
            return kept
        products = list(islice(ProductStore(uow).walk(), _INDEXED))
        index = ListingIndex({product.id: words_of_product(product) for product in products})
        fresh = _Indexed(now, index, TitleReader(known_names(products)))
        with self._lock:
            self._kept[uow.merchant_id] = fresh
        return fresh


def evidence_of(found: Findability) -> Evidence:
    """What a title does for being found, as evidence of a proposal."""
    quote = (
        f"among the first ten for {found.after:.0%} of {found.queries} searches, {found.before:.0%} with the old title"
    )
    gained: list[str] = list(found.gained[:10])
    lost: list[str] = list(found.lost[:10])
    return Evidence("findability", "title", quote, {"gained": [*gained], "lost": [*lost]})


def _log(uow: UnitOfWork) -> tuple[SearchedFor, ...]:
    return tuple(SearchedFor(query, times) for query, times, _ in SearchLog(uow).frequent())
