"""Telling shops what to do: done once however often it is sent, even when the answer was lost on its way."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.connectors.shops.writing import Told, writable

from zhanggui.connectors.asking import Patience
from zhanggui.connectors.shopify_api import ShopifySources
from zhanggui.connectors.woocommerce_api import WooSources
from zhanggui.kernel.errors import Conflict, RetryLater
from zhanggui.kernel.types import JsonObject

SECRETS = {"shopify": "shpat_0123456789abcdef", "woocommerce": "ck_x:cs_y"}
PATIENCE = Patience(timeout=5, first_pause=0.01, longest_pause=0.02, in_all=5)
REFUND: JsonObject = {"amount": {"minor": 1050, "currency": "USD"}, "reason": "broken", "payment_id": "5"}
HOME: JsonObject = {"address": {"name": "李雷", "street": "1 Main St", "city": "Springfield", "country": "US",
                                "postal_code": "12345", "region": "IL", "phone": "1", "district": ""}}  # fmt: skip


@pytest.fixture
def shop() -> Iterator[Told]:
    with writable() as told:
        yield told


def _do(shop: Told, source: str, effect: str, payload: JsonObject, *, key: str = "k1", times: int = 1) -> JsonObject:
    kinds: dict[str, Any] = {
        "shopify": ShopifySources(allow_loopback=True, patience=PATIENCE),
        "woocommerce": WooSources(allow_loopback=True, patience=PATIENCE),
    }
    assert effect in kinds[source].effects
    answers = []
    for _ in range(times):
        door = kinds[source].open_door({"host": shop.host}, SECRETS[source])
        try:
            answers.append(door.do(effect, "7", payload, key))
        except RetryLater:  # as the outbox does: again, under the same key
            answers.append(door.do(effect, "7", payload, key))
        door.close()
    assert all(answer == answers[0] for answer in answers) or effect in ("shop.hold-order", "shop.release-order")
    return answers[0]


@pytest.mark.parametrize("source", ["shopify", "woocommerce"])
def test_a_refund_is_made_once_under_its_key(shop: Told, source: str) -> None:
    shop.lost_answers = 1
    first = _do(shop, source, "payment.refund", REFUND, times=3)
    assert len(shop.refunds) == 1 and first["refund_id"]
    assert "10.5" in str(shop.refunds[0]["amount"])
    second = _do(shop, source, "payment.refund", REFUND, key="k2")
    assert len(shop.refunds) == 2 and second != first


@pytest.mark.parametrize("source", ["shopify", "woocommerce"])
def test_the_address_and_the_cancelling(shop: Told, source: str) -> None:
    _do(shop, source, "shop.change-address", HOME, times=2)
    told = shop.order["shippingAddress" if source == "shopify" else "shipping"]
    assert "1 Main St" in told.values() and "李雷" in told.values()
    _do(shop, source, "shop.cancel-order", {"reason": "no longer wanted"}, times=2)
    assert shop.order.get("cancelledAt") or shop.order["status"] == "cancelled"
    with pytest.raises(Conflict, match="by hand"):
        _do(shop, source, "shop.cancel-order", {"reason": "x", "units": {"1": 1}})


@pytest.mark.parametrize("source", ["shopify", "woocommerce"])
def test_a_note_is_left_once(shop: Told, source: str) -> None:
    shop.lost_answers = 1
    _do(shop, source, "shop.approve-return", {"return_id": "r", "reason": "quality"}, times=2)
    kept = str(shop.order.get("note", "")) + " ".join(str(note["note"]) for note in shop.notes)
    assert kept.count("Return approved. quality [k1]") == 1


def test_a_message_goes_to_the_customer(shop: Told) -> None:
    _do(shop, "woocommerce", "customer.message", {"text": "您的包裹已丢失，我们将退款。"}, times=2)
    assert [(note["note"], note["customer_note"]) for note in shop.notes] == [("您的包裹已丢失，我们将退款。", True)]


def test_shopify_holds_are_ours_to_release(shop: Told) -> None:
    shop.holds["somebody-else"], shop.lost_answers = "gid://shopify/FulfillmentHold/3", 1
    _do(shop, "shopify", "shop.hold-order", {"reason": "signs of risk"}, times=2)
    assert set(shop.holds) == {"somebody-else", "zhanggui-7"} and shop.writes == ["Hold"]
    _do(shop, "shopify", "shop.release-order", {}, times=2)
    assert set(shop.holds) == {"somebody-else"}


def test_woo_states(shop: Told) -> None:
    _do(shop, "woocommerce", "shop.hold-order", {"reason": "risk"})
    assert shop.order["status"] == "on-hold"
    _do(shop, "woocommerce", "shop.release-order", {})
    assert shop.order["status"] == "processing"


def test_the_shops_own_words_come_back(shop: Told) -> None:
    shop.refuse = "The order is archived"
    with pytest.raises(Conflict, match="archived"):
        _do(shop, "shopify", "payment.refund", REFUND)
    assert shop.refunds == []
