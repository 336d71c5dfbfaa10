"""Queued and scheduled work on orders: deliveries one by one, shops asked what changed."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import cast

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.jobs import Limits, WorkItem
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.service.polling import Reconciler
from zhanggui.orders.service.receiving import DELIVERIES_JOB, Receiver, delivery_json
from zhanggui.orders.store import DeliveryKey

RECONCILE_JOB = "order-reconcile"


class DeliveriesJob:
    """Works on queued deliveries. Arguments: one delivery's key (shop_id, source, delivery_id), or waiting=true."""

    name = DELIVERIES_JOB
    limits = Limits(concurrency=2, chunk=100, outside=False)

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    def items(self, uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        """The one delivery named, or all that wait.

        Raises:
            BadInput: neither is given.
        """
        every = arguments.get("waiting") is True
        keys = self._receiver.waiting(uow, limit=100_000) if every else (_key(arguments),)
        for number, key in enumerate(keys):
            yield WorkItem(f"{number}", delivery_json(key))

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        """Nothing to prepare: all is done in the saving transaction."""
        return {}

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        """Work on the delivery; what became of it is recorded with it."""
        return {"worked": self._receiver.work(uow, _key(item)) is not None}


class ReconcileJob:
    """Asks shops what changed. Arguments: shop_id and source, or all=true. One item is one shop."""

    name = RECONCILE_JOB
    limits = Limits(concurrency=2, timeout=3_600.0, attempts=5, chunk=1)

    def __init__(self, reconciler: Reconciler) -> None:
        self._reconciler = reconciler

    def items(self, uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        """The shops to ask.

        Raises:
            BadInput: neither a shop nor all.
        """
        shops = [(one.shop_id, one.source) for one in self._reconciler.connected(uow)]
        if arguments.get("all") is not True:
            wanted = (str(arguments.get("shop_id", "")), str(arguments.get("source", "")))
            if wanted not in shops:
                raise BadInput(
                    field="shop_id", expected="a connected shop and its source, or all=true", found=str(wanted)
                )
            shops = [wanted]
        for shop_id, source in shops:
            yield WorkItem(f"{shop_id}/{source}", {"shop_id": shop_id, "source": source})

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        """Ask page by page; every page is taken in at once, so that trying again only goes on."""
        done = self._reconciler.reconcile(merchant_id, str(item["shop_id"]), str(item["source"]))
        return cast(JsonObject, asdict(done))

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        """The counts, as the item's result."""
        return prepared


def _key(arguments: JsonObject) -> DeliveryKey:
    values = [arguments.get(name) for name in ("shop_id", "source", "delivery_id")]
    if not all(isinstance(value, str) and value for value in values):
        raise BadInput(
            field="delivery_id", expected="shop_id, source and delivery_id, or waiting=true", found=str(values)
        )
    return DeliveryKey(*map(str, values))
