"""The outbox's way to connected shops: an effect goes to the shop that its order came from."""

from collections.abc import Mapping

from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.ports import ShopDoors
from zhanggui.orders.service.receiving import Connections
from zhanggui.orders.store import ConnectionStore, OrderStore, order_summary, read_told
from zhanggui.orders.store.outbox import Effect


class ShopTaker:
    """Takes what a connected shop can be told to do. `doors` are by source (shopify, woocommerce)."""

    def __init__(self, database: Database, connections: Connections, doors: Mapping[str, ShopDoors]) -> None:
        self._database, self._connections, self._doors = database, connections, doors

    @property
    def effects(self) -> tuple[str, ...]:
        """Whatever any kind of shop takes."""
        return tuple(dict.fromkeys(name for doors in self._doors.values() for name in doors.effects))

    def takes(self, uow: UnitOfWork, effect: Effect) -> bool:
        """Whether the order came from a connected shop (with an API secret) that can do it."""
        try:
            summary = order_summary(uow, effect.order_id)
            ConnectionStore(uow).get(summary.shop_id, summary.source)
            self._connections.secret(uow, summary.shop_id, summary.source, "api")
        except NotFound:
            return False
        doors = self._doors.get(summary.source)
        return doors is not None and effect.effect in doors.effects

    def deliver(self, merchant_id: str, effect: str, payload: JsonObject, key: str) -> JsonObject:
        """Tell the shop; its receipt. The same key twice has one effect.

        Raises:
            RetryLater: the shop is down.
            MerchantError: it refuses for good.
            OperatorError: it refuses our credentials, or its answer cannot be understood.
        """
        with self._database.begin(merchant_id, Actor("job", "outbox"), read_only=True) as uow:
            order_id = str(payload["order_id"])
            summary = order_summary(uow, order_id)
            told = read_told(OrderStore(uow).head(order_id).told)
            settings = ConnectionStore(uow).get(summary.shop_id, summary.source).settings
            secret = self._connections.secret(uow, summary.shop_id, summary.source, "api")
        door = self._doors[summary.source].open_door(settings, secret)
        try:
            return door.do(effect, told.external_id, payload, key)
        finally:
            door.close()
