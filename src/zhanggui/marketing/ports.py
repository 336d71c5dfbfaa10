"""What marketing needs from others; `app.py` plugs it in."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from zhanggui.desk import Check
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Locale
from zhanggui.marketing.models.campaigns import Variant
from zhanggui.marketing.models.customers import PastOrder


class OrderBook(Protocol):
    """The shop's orders."""

    def orders(self, uow: UnitOfWork, since: datetime | None) -> Iterable[PastOrder]:
        """Every order placed at or after `since` (None: ever), cancelled ones as void."""
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
