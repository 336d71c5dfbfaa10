"""What marketing needs from others; `app` plugs it in."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from zhanggui.desk import Check
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Locale, Money
from zhanggui.marketing.models.campaigns import Variant
from zhanggui.marketing.models.customers import PastOrder


class OrderBook(Protocol):
    """The shop's orders."""

    def orders(self, uow: UnitOfWork, since: datetime | None) -> Iterable[PastOrder]:
        """Every order placed at or after `since` (None: ever), cancelled ones as void."""
        ...


class Goods(Protocol):
    """The shop's products by the names that audiences use."""

    def things(self, uow: UnitOfWork, products: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """`product:title`, `category:...` and `brand:...` of each product or SKU; unknown ones are left out."""
        ...


class CopyProof(Protocol):
    """The catalogue's proof: every claim of a text held against facts, and advertising law."""

    def check(
        self, uow: UnitOfWork, text: Variant, product_id: str, facts: Sequence[tuple[str, str]], locale: Locale
    ) -> tuple[Check, ...]:
        """The checks of a text about a product (empty: about none), with further facts it may name.

        Raises:
            NotFound: there is no such product.
        """
        ...

    def facts(self, uow: UnitOfWork, product_id: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The title of a product and what may be said of it.

        Raises:
            NotFound: there is no such product.
        """
        ...


class Bought(Protocol):
    """A line of an order: `customer` is `shop:customer` as the shop names them, empty for guests."""

    @property
    def order_id(self) -> str: ...
    @property
    def customer(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def sku(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def units(self) -> int: ...


class Purchases(Protocol):
    """The shop's orders line by line, as they are at this moment."""

    def __call__(self, uow: UnitOfWork, since: datetime, *, limit: int, people: Sequence[str] = ()) -> Iterable[Bought]:
        """The newest lines placed at or after `since` that were not cancelled.

        `people` keeps only theirs: each `shop:customer`, or an e-mail address in lower case.
        """
        ...


class Ware(Protocol):
    """A product as it may be shown; `sellable`: active and not out of stock."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def image(self) -> str: ...
    @property
    def price(self) -> Money | None: ...
    @property
    def sellable(self) -> bool: ...


class Shelf(Protocol):
    """The shop's products as they are at this moment."""

    def wares(self, uow: UnitOfWork, product_ids: Sequence[str]) -> Mapping[str, Ware]:
        """The products with these ids; those that do not exist are left out."""
        ...

    def newest(self, uow: UnitOfWork, limit: int) -> Sequence[Ware]:
        """What came last and may be sold."""
        ...

    def products_of(self, uow: UnitOfWork, skus: Sequence[str]) -> Mapping[str, str]:
        """The product that sells each SKU; unknown SKUs are left out."""
        ...

    def alike(
        self, uow: UnitOfWork, product_ids: Sequence[str], limit: int
    ) -> Sequence[tuple[str, float, str, tuple[str, ...]]]:
        """Other products that share words with these: id, likeness, the one they are like, the shared words."""
        ...
