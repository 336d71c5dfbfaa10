"""What a chat agent may look up about products; it only reads."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from zhanggui.catalog.store import ProductStore
from zhanggui.kernel.commerce import Product, Variant
from zhanggui.kernel.storage import UnitOfWork

_MOST = 20_000
_KEPT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Kept:
    at: datetime
    products: tuple[Product, ...]


class ShelfTools:
    """The products of any merchant as a shopper may see them; one list a merchant is kept for some minutes."""

    reads = ("on_sale", "siblings")
    writes: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def on_sale(self, uow: UnitOfWork) -> Sequence[Product]:
        """The products that can be bought now, at most 20,000, without their long descriptions."""
        now = uow.clock.now()
        with self._lock:
            kept = self._kept.get(uow.merchant_id)
        if kept is not None and timedelta() <= now - kept.at < _KEPT:
            return kept.products
        walked = islice(ProductStore(uow).walk(), _MOST)
        products = tuple(replace(one, description="") for one in walked if one.status == "active")
        with self._lock:
            self._kept[uow.merchant_id] = _Kept(now, products)
        return products

    def siblings(self, uow: UnitOfWork, sku: str) -> Sequence[Variant]:
        """Every variant of the product that sells this SKU, with present prices; empty where nobody sells it."""
        product = ProductStore(uow).find_by_sku(sku)
        if product is None:
            return ()
        if not product.variants:
            return (Variant(sku, product.title, price=product.price),)
        return tuple(one if one.price is not None else replace(one, price=product.price) for one in product.variants)
