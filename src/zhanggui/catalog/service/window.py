"""The shop window: products that may be shown, and which of them are alike by their words."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

import numpy as np

from zhanggui.catalog.service.related import words_of_product
from zhanggui.catalog.store import ProductStore
from zhanggui.catalog.store.goods import Good, goods_of, newest_goods, products_of_skus
from zhanggui.kernel.retrieval.collaborative import ContentVectors
from zhanggui.kernel.storage import UnitOfWork

# As many products as are compared with one another; more make a shop's first answer slow.
_COMPARED = 20_000
_KEPT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Words:
    at: datetime
    vectors: ContentVectors | None


class ShopWindow:
    """Reads a merchant's shelf. The words of its products are kept for some minutes; stock never is."""

    def __init__(self) -> None:
        self._kept: dict[str, _Words] = {}
        self._lock = threading.Lock()

    def wares(self, uow: UnitOfWork, product_ids: Sequence[str]) -> dict[str, Good]:
        """The products with these ids as they are now."""
        return goods_of(uow, product_ids)

    def newest(self, uow: UnitOfWork, limit: int) -> tuple[Good, ...]:
        """What came last and may be sold."""
        return newest_goods(uow, limit)

    def products_of(self, uow: UnitOfWork, skus: Sequence[str]) -> dict[str, str]:
        """The product that sells each SKU."""
        return products_of_skus(uow, skus)

    def alike(
        self, uow: UnitOfWork, product_ids: Sequence[str], limit: int
    ) -> list[tuple[str, float, str, tuple[str, ...]]]:
        """Other products that share words with these: id, cosine, the one they are like, the shared words."""
        vectors = self._vectors(uow)
        if vectors is None:
            return []
        asked = [one for one in product_ids if one in vectors.index]
        scores = vectors.like(asked)
        scores[[vectors.index[one] for one in asked]] = 0
        found: list[tuple[str, float, str, tuple[str, ...]]] = []
        order: list[int] = np.argsort(-scores, kind="stable")[:limit].tolist()
        for at in order:
            if scores[at] <= 0:
                break
            name = str(vectors.ids[at])
            shared = {one: vectors.shared(one, name) for one in asked}
            like = max(asked, key=lambda one: len(shared[one]))
            found.append((name, float(scores[at]), like, shared[like]))
        return found

    def _vectors(self, uow: UnitOfWork) -> ContentVectors | None:
        now = uow.clock.now()
        with self._lock:
            kept = self._kept.get(uow.merchant_id)
        if kept is None or now - kept.at >= _KEPT:
            texts = {one.id: words_of_product(one) for one in islice(ProductStore(uow).walk(), _COMPARED)}
            texts = {name: words for name, words in texts.items() if words.strip()}
            kept = _Words(now, ContentVectors.fit(texts) if texts else None)
            with self._lock:
                self._kept[uow.merchant_id] = kept
        return kept.vectors
