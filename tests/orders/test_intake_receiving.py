"""Webhooks: forged, replayed, doubled, oversized; recorded once, worked on once; secrets sealed and rotated."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from tests.conftest import TESTER
from tests.connectors.shops.payloads import SHOPIFY_SECRET, WOO_SECRET, hmac_base64, shopify_order, woo_order
from tests.orders.tellings import make_order

from zhanggui.connectors.shopify_api import ShopifyWebhooks
from zhanggui.connectors.standard_webhooks import StandardWebhooks, sign
from zhanggui.connectors.woocommerce_api import WooWebhooks
from zhanggui.kernel.clock import FixedClock
from zhanggui.kernel.errors import BadInput, NotConfigured, NotFound, NotSignedIn
from zhanggui.kernel.jobs import Jobs
from zhanggui.kernel.storage import Database, metadata
from zhanggui.orders import (
    Connections,
    DeliveriesJob,
    DeliveryStore,
    Incoming,
    OrderQuery,
    Receiver,
    SecretBox,
    order_details,
    search_orders,
)
from zhanggui.orders.store import Delivery, DeliveryKey

STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SECRETS = {"shopify": SHOPIFY_SECRET, "woocommerce": WOO_SECRET, "standard": STANDARD_SECRET}
BOX = SecretBox("k" * 40)


class Desk:
    """A receiver with its jobs on a database."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.jobs = database, Jobs(database, folder)
        readers = {one.source: one for one in (ShopifyWebhooks(), WooWebhooks(), StandardWebhooks())}
        self.receiver = Receiver(database, self.jobs, BOX, readers)
        self.jobs.register(DeliveriesJob(self.receiver))
        self.connections = Connections(BOX, {})
        with database.begin("m1", TESTER) as uow:
            for source, secret in SECRETS.items():
                self.connections.put_secret(uow, "s1", source, "webhook", secret)

    def work(self) -> None:
        with self.database.begin("m1", TESTER) as uow:
            waiting = self.receiver.waiting(uow)
        for key in waiting:
            with self.database.begin("m1", TESTER) as uow:
                self.receiver.work(uow, key)

    def deliveries(self) -> list[Delivery]:
        with self.database.begin("m1", TESTER, read_only=True) as uow:
            return list(DeliveryStore(uow).page())


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


def shopify(
    payload: Any, delivery: str = "d1", topic: str = "orders/updated", secret: str = SHOPIFY_SECRET
) -> Incoming:
    body = payload if isinstance(payload, bytes) else orjson.dumps(payload)
    headers = {
        "x-shopify-hmac-sha256": hmac_base64(secret, body),
        "x-shopify-webhook-id": delivery,
        "x-shopify-topic": topic,
    }
    return Incoming("shopify", "m1", "s1", headers, body)


def changed(incoming: Incoming, headers: Mapping[str, str] | None = None, **more: Any) -> Incoming:
    values = {name: getattr(incoming, name) for name in Incoming.__slots__}
    return Incoming(**{**values, "headers": {**incoming.headers, **(headers or {})}, **more})


def test_a_delivery_is_recorded_and_worked_on_by_its_job(desk: Desk) -> None:
    receipt = desk.receiver.receive(shopify(shopify_order()))
    assert receipt.new and receipt.job is not None
    assert [one.state for one in desk.deliveries()] == ["queued"]
    assert desk.jobs.run("m1", receipt.job).progress.done == 1
    assert [(one.state, one.order_id) for one in desk.deliveries()] == [("applied", "s1:5550001")]
    with desk.database.begin("m1", TESTER, read_only=True) as uow:
        assert order_details(uow, "s1:5550001").summary.payment_state == "part-refunded"


def test_the_same_delivery_again_has_no_effect(desk: Desk) -> None:
    first = shopify(shopify_order())
    assert desk.receiver.receive(first).new
    assert not desk.receiver.receive(first).new
    desk.work()
    assert not desk.receiver.receive(first).new
    assert [(one.state, one.times) for one in desk.deliveries()] == [("applied", 3)]
    # A replay under another id (which Shopify does not sign) is old news.
    desk.receiver.receive(shopify(shopify_order(), "d2"))
    desk.work()
    assert sorted(one.state for one in desk.deliveries()) == ["applied", "stale"]


@pytest.mark.parametrize(
    "forged",
    [
        lambda good: changed(good, {"x-shopify-hmac-sha256": ""}),
        lambda good: changed(good, {"x-shopify-hmac-sha256": "not base64 ü"}),
        lambda good: changed(good, {"x-shopify-hmac-sha256": hmac_base64("another-secret-0123", good.body)}),
        lambda good: changed(good, body=good.body.replace(b"118.60", b"1.60")),
        lambda good: changed(good, body=good.body + b" "),
        lambda good: changed(good, merchant_id="m2"),
        lambda good: changed(good, merchant_id="nobody"),
        lambda good: changed(good, shop_id="s2"),
        lambda good: changed(good, source="woocommerce"),
    ],
)
def test_a_forged_delivery_is_refused_and_not_recorded(desk: Desk, forged: Any) -> None:
    with pytest.raises(NotSignedIn) as refused:
        desk.receiver.receive(forged(shopify(shopify_order())))
    assert refused.value.message == "the signature is not valid for this shop"
    assert desk.deliveries() == []


def test_woocommerce_signs_too(desk: Desk) -> None:
    body = orjson.dumps(woo_order())
    headers = {
        "x-wc-webhook-signature": hmac_base64(WOO_SECRET, body),
        "x-wc-webhook-delivery-id": "77",
        "x-wc-webhook-topic": "order.updated",
    }
    desk.receiver.receive(Incoming("woocommerce", "m1", "s1", headers, body))
    desk.work()
    assert [(one.state, one.order_id) for one in desk.deliveries()] == [("applied", "s1:727")]


def standard(desk: Desk, kind: str, data: Any, delivery: str = "msg_1", secret: str = STANDARD_SECRET) -> Incoming:
    body = orjson.dumps({"type": kind, "timestamp": "2025-12-01T00:00:00Z", "data": data})
    return Incoming("standard", "m1", "s1", sign(secret, delivery, desk.database.clock.now(), body), body)


def test_standard_webhooks_carry_neutral_orders(desk: Desk) -> None:
    desk.receiver.receive(standard(desk, "order.updated", orjson.loads(orjson.dumps(make_order()))))
    desk.work()
    with desk.database.begin("m1", TESTER, read_only=True) as uow:
        assert order_details(uow, "s1:1001").told == make_order()


def test_the_published_test_vector_of_standard_webhooks() -> None:
    # From the specification's reference libraries: secret, id, time and body give this signature.
    body = b'{"test": 2432232314}'
    signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": signature,
    }
    at = FixedClock().at.fromtimestamp(1614265330, tz=FixedClock().at.tzinfo)
    assert StandardWebhooks().verify(headers, body, (STANDARD_SECRET,), at)
    both = {**headers, "webhook-signature": f"v1a,AAAA v1,AAAA {signature}"}
    assert StandardWebhooks().verify(both, body, ("another-secret-0123", STANDARD_SECRET), at)
    for apart in (timedelta(minutes=5, seconds=1), timedelta(minutes=-5, seconds=-1)):
        assert not StandardWebhooks().verify(headers, body, (STANDARD_SECRET,), at + apart)
    for name in headers:
        assert not StandardWebhooks().verify({**headers, name: "1"}, body, (STANDARD_SECRET,), at)


def test_a_replay_after_five_minutes_is_refused(desk: Desk, clock: FixedClock) -> None:
    kept = standard(desk, "order.updated", orjson.loads(orjson.dumps(make_order())))
    clock.advance(timedelta(minutes=6))
    with pytest.raises(NotSignedIn):
        desk.receiver.receive(kept)


def test_a_secret_is_changed_over_within_a_day(desk: Desk, clock: FixedClock) -> None:
    newer = "shpss_ffffffffffffffffffffffffffffffff"
    with desk.database.begin("m1", TESTER) as uow:
        desk.connections.put_secret(uow, "s1", "shopify", "webhook", newer)
    assert desk.receiver.receive(shopify(shopify_order(), "old")).new
    assert desk.receiver.receive(shopify(shopify_order(), "new", secret=newer)).new
    clock.advance(timedelta(days=1, seconds=1))
    assert desk.receiver.receive(shopify(shopify_order(), "new2", secret=newer)).new
    with pytest.raises(NotSignedIn):
        desk.receiver.receive(shopify(shopify_order(), "old2"))


def test_secrets_are_sealed_at_rest(desk: Desk) -> None:
    with desk.database.installation(read_only=True) as connection:
        sealed = connection.execute(sa.select(metadata.tables["shop_secrets"].c.sealed)).scalars().all()
    assert len(sealed) == 3 and not any(secret in "".join(sealed) for secret in SECRETS.values())
    assert sorted(BOX.open(one) for one in sealed) == sorted(SECRETS.values())
    with pytest.raises(NotConfigured):
        SecretBox("another key" * 4).open(sealed[0])
    with desk.database.begin("m1", TESTER) as uow, pytest.raises(BadInput):
        desk.connections.put_secret(uow, "s1", "shopify", "webhook", "short")


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        (b"not json", "body"),
        (b"[1, 2]", "body"),
        (b"[" * 100_000, "body"),
        (b'{"a":' * 60 + b"1" + b"}" * 60, "body"),
        (b"{}", "currency"),
        (shopify_order(total_price="1e99"), "total_price"),
        (shopify_order(line_items=[{"id": 1, "quantity": -2, "price": "1.00"}]), "lines[0].quantity"),
        (shopify_order(updated_at="2031-01-01T00:00:00Z"), "version"),
        (shopify_order(note="a\0b"), "order"),
        (shopify_order(name="<script>alert(1)</script>" * 100), "number"),
    ],
)
def test_a_bad_delivery_is_kept_with_the_field_named(desk: Desk, payload: Any, field: str) -> None:
    incoming = shopify(payload)
    desk.receiver.receive(incoming)
    desk.work()
    [kept] = desk.deliveries()
    assert kept.state == "rejected" and kept.problem is not None and kept.problem["field"] == field
    assert kept.body.encode() == incoming.body
    with desk.database.begin("m1", TESTER, read_only=True) as uow:
        assert search_orders(uow, OrderQuery()).total == 0


def test_what_cannot_be_kept_is_refused_at_the_door(desk: Desk) -> None:
    for body in (b"x" * (4 << 20) + b"x", b"\xff\xfe", b"a\0b"):
        with pytest.raises(BadInput):
            desk.receiver.receive(shopify(body))
    with pytest.raises(BadInput):
        desk.receiver.receive(changed(shopify(shopify_order()), {"x-shopify-webhook-id": ""}))
    with pytest.raises(NotFound):
        desk.receiver.receive(changed(shopify(shopify_order()), source="etsy"))
    assert desk.deliveries() == []


def test_other_topics_are_kept_and_ignored_and_may_be_tried_again(desk: Desk) -> None:
    desk.receiver.receive(shopify({"id": 1}, topic="products/update"))
    desk.work()
    [kept] = desk.deliveries()
    assert kept.state == "ignored"
    with desk.database.begin("m1", TESTER) as uow:
        assert DeliveryStore(uow).queue_again(DeliveryKey("s1", "shopify", "d1"))
        assert desk.receiver.waiting(uow) == (kept.key,)
