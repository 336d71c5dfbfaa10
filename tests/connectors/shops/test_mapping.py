"""Shopify's and WooCommerce's payloads as neutral orders: both ways of hearing agree, sums are exact."""

from typing import Any

import pytest
from tests.connectors.shops.payloads import graphql_node, shopify_order, woo_order

from zhanggui.connectors import shopify_api, woocommerce_api
from zhanggui.connectors.asking import Asker, check_host
from zhanggui.connectors.shopify_api import ShopifyWebhooks, rest_shape
from zhanggui.connectors.woocommerce_api import WooWebhooks
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Money
from zhanggui.orders.rules.building import build_life
from zhanggui.orders.rules.intake import decide_arrival


def test_a_webhook_and_an_answer_of_one_order_are_the_same() -> None:
    rest = shopify_order()
    assert shopify_api.order_of(rest_shape(graphql_node(rest))) == shopify_api.order_of(rest)


def test_a_shopify_order_adds_up_and_lives() -> None:
    order = shopify_api.order_of(shopify_order())
    built = build_life(order, "o")
    assert decide_arrival(built.told, built.flags).outcome == "accept"
    assert built.life.total() == Money(11_860, "USD") == order.total
    assert built.life.refunded() == Money(3_000, "USD")
    assert [(back.units, back.state) for back in built.life.returns] == [({"91": 1}, "accepted")]
    assert built.life.parcels[0].state == "delivered"


def test_units_taken_off_are_cancelled() -> None:
    refund = {
        "id": 42, "created_at": "2025-12-01T09:00:00Z", "transactions": [],
        "refund_line_items": [{"line_item_id": 92, "quantity": 1, "restock_type": "cancel"}],
    }  # fmt: skip
    payload = shopify_order(refunds=[refund], fulfillments=[], financial_status="paid")
    payload["line_items"][0]["current_quantity"], payload["line_items"][1]["current_quantity"] = 2, 0
    order = shopify_api.order_of(payload)
    assert [line.cancelled for line in order.lines] == [0, 1]
    assert build_life(order, "o").life.refunds == ()


def test_a_woocommerce_order_adds_up_to_the_cent() -> None:
    order = woocommerce_api.order_of(woo_order())
    built = build_life(order, "o")
    assert order.lines[0].unit_price == Money(666, "EUR")  # 20.00 for three: two cents go to the charges
    assert built.life.total() == order.total == Money(3_451, "EUR")
    assert decide_arrival(built.told, built.flags).outcome == "accept"


@pytest.mark.parametrize(
    ("status", "more", "state", "payment"),
    [
        ("pending", {"date_paid_gmt": None}, "placed", "pending"),
        ("on-hold", {"date_paid_gmt": None}, "placed", "pending"),
        ("processing", {}, "accepted", "captured"),
        ("completed", {"date_completed_gmt": "2025-12-02T00:00:00"}, "accepted", "captured"),
        ("cancelled", {"date_paid_gmt": None}, "cancelled", "voided"),
        ("failed", {"date_paid_gmt": None}, "cancelled", "failed"),
        ("refunded", {"refunds": [{"id": 1, "reason": "late", "total": "-34.51"}]}, "accepted", "captured"),
    ],
)
def test_woocommerce_states(status: str, more: dict[str, Any], state: str, payment: str) -> None:
    life = build_life(woocommerce_api.order_of(woo_order(status=status, **more)), "o").life
    assert (life.state, life.payments[0].state) == (state, payment)
    if status == "refunded":
        assert life.refunded() == Money(3_451, "EUR")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"updated_at": None}, "updated_at"),
        ({"updated_at": "2025-12-01T08:00:00"}, "updated_at"),
        ({"updated_at": 7}, "updated_at"),
        ({"currency": ""}, "currency"),
        ({"total_price": "12.345"}, "total_price"),
        ({"total_price": "NaN"}, "total_price"),
        ({"total_price": "1e400"}, "total_price"),
        ({"total_price": {"amount": 1}}, "total_price"),
        ({"financial_status": "sort of paid"}, "financial_status"),
        ({"line_items": [{"id": 1, "quantity": 1.5, "price": "1"}]}, "line_items[0].quantity"),
        ({"line_items": "none"}, "line_items"),
        ({"line_items": [7]}, "line_items[0]"),
        ({"fulfillments": [{"id": 1, "status": "lost in space"}]}, "fulfillments[0].status"),
        ({"id": None}, "id"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as wrong:
        ShopifyWebhooks().news("orders/updated", shopify_order(**change))
    assert wrong.value.field == field


def test_other_topics_tell_nothing() -> None:
    assert ShopifyWebhooks().news("products/update", {"id": 1}) == ()
    assert WooWebhooks().news("", {"webhook_id": 1}) == ()


@pytest.mark.parametrize(
    "host",
    ["", "localhost",
     "127.0.0.1", "[::1]", "10.0.0.1",
     "shop.example.com:80", "a@b.example.com", "x.example.com/y",
     "169.254.169.254",
     "intranet", "http://shop.example.com", "shop..example.com", "食.example.com", "a\n.example.com"],
)  # fmt: skip
def test_hosts_inside_are_never_asked(host: str) -> None:
    with pytest.raises(BadInput):
        check_host(host)


def test_a_name_that_points_inside_is_refused() -> None:
    with pytest.raises(BadInput) as wrong:
        Asker("localhost", {})
    assert "127.0.0.1" in wrong.value.found or "::1" in wrong.value.found
