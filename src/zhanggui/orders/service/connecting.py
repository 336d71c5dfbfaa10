"""Shops as a person connects them: what is set, whether it works, when news last came, how to let go."""

import time
from dataclasses import dataclass
from datetime import datetime

from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.service.receiving import Connections
from zhanggui.orders.store import ConnectionStore, DeliveryStore, SyncCursor


@dataclass(frozen=True, slots=True)
class ShopState:
    """A connected shop; of its secrets only whether they are there.

    Attributes:
        asked: how far the shop was asked for changes; None before the first time.
        delivered_at: when its last webhook came; None before the first.
    """

    shop_id: str
    source: str
    settings: JsonObject
    has_api_secret: bool
    has_webhook_secret: bool
    asked: SyncCursor | None
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True)
class TriedShop:
    """A shop answered: how long it took, how many orders changed in the last moments (mostly none)."""

    seconds: float
    orders: int


def connected_shops(uow: UnitOfWork) -> tuple[ShopState, ...]:
    """Every connection of the merchant, by shop and source."""
    store, deliveries = ConnectionStore(uow), DeliveryStore(uow)
    found: list[ShopState] = []
    for one in store.all():
        key = (one.shop_id, one.source)
        secrets = store.purposes(*key)
        there = ("api" in secrets, "webhook" in secrets)
        found.append(ShopState(*key, one.settings, *there, store.cursor(*key), deliveries.newest(*key)))
    return tuple(found)


def try_shop(connections: Connections, source: str, settings: JsonObject, secret: str, at: datetime) -> TriedShop:
    """Ask the shop for the orders changed since `at`, the cheapest real read there is. Call it outside a transaction.

    Raises:
        NotFound: this kind of shop is not asked: it only sends.
        BadInput: a setting or the secret is not of the right form, or the host may not be asked.
        NotConfigured: the shop refuses the credentials, or they may not read orders.
        RetryLater: the shop is down, cannot be found or makes us wait too long.
        OperatorError: it answers something else than orders.
    """
    if source not in connections.sources:
        raise NotFound(f"a shop of the kind {source!r} sends its news and cannot be asked")
    opener = connections.sources[source]
    started = time.monotonic()
    client = opener.open(opener.check(settings), secret)
    try:
        page = client.changed(at, "")
    finally:
        client.close()
    return TriedShop(time.monotonic() - started, len(page.orders))


def disconnect(uow: UnitOfWork, shop_id: str, source: str) -> None:
    """Forget how the shop is connected, with its secrets; the orders that came from it stay.

    Raises:
        NotFound: it is not connected.
    """
    if not ConnectionStore(uow).remove(shop_id, source):
        raise NotFound(f"the shop {shop_id!r} is not connected to {source!r}")
    AuditLog(uow).record("shop.disconnected", f"{source}:{shop_id}", {})
