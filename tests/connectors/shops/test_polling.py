"""Reconciliation against a server that behaves like the shops: pages, limits, faults, lost and doubled webhooks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import TESTER
from tests.connectors.shops.payloads import graphql_node, plain_shopify_order, stamp, woo_order
from tests.connectors.shops.server import Shop, serving

from zhanggui.connectors.asking import Patience
from zhanggui.connectors.shopify_api import ShopifySources, order_of, rest_shape
from zhanggui.connectors.woocommerce_api import WooSources
from zhanggui.kernel.errors import BadInput, NotConfigured, RetryLater
from zhanggui.kernel.jobs import Jobs
from zhanggui.kernel.storage import Database
from zhanggui.orders import (
    RECONCILE_JOB,
    Connection,
    Connections,
    ConnectionStore,
    OrderQuery,
    Origin,
    ReconcileJob,
    Reconciler,
    SecretBox,
    order_details,
    search_orders,
    take_one,
)

FAST = Patience(timeout=5, first_pause=0.01, longest_pause=0.05, in_all=5)
TOKENS = {"shopify": "shpat_0123456789abcdef", "woocommerce": "ck_0123456789:cs_0123456789"}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with serving(Shop()) as opened:
        yield opened


def connect(database: Database, shop: Shop, source: str, token: str = "") -> Connections:
    sources = {
        kind.source: kind
        for kind in (ShopifySources(allow_loopback=True, patience=FAST), WooSources(allow_loopback=True, patience=FAST))
    }
    connections = Connections(SecretBox("k" * 40), sources)
    with database.begin("m1", TESTER) as uow:
        connections.connect(uow, Connection("s1", source, {"host": shop.host}))
        connections.put_secret(uow, "s1", source, "api", token or TOKENS[source])
    return connections


def numbers(database: Database) -> dict[str, str]:
    with database.begin("m1", TESTER, read_only=True) as uow:
        return {one.id: one.payment_state for one in search_orders(uow, OrderQuery(limit=500)).items}


def test_lost_webhooks_are_found_page_by_page(database: Database, shop: Shop) -> None:
    shop.orders = [plain_shopify_order(number, minutes=number) for number in range(1, 8)]
    with database.begin("m1", TESTER) as uow:
        take_one(uow, order_of(shop.orders[0]), Origin("s1", "webhook"))
    connections = connect(database, shop, "shopify")
    done = Reconciler(database, connections).reconcile("m1", "s1", "shopify")
    # An order that a webhook told is asked for again: the answer is kept in its place, as being at least as new.
    assert (done.pages, done.seen, done.problems) == (4, 7, ())
    assert len(numbers(database)) == 7
    shop.orders[2] = plain_shopify_order(3, minutes=60, status="pending")
    again = Reconciler(database, connections).reconcile("m1", "s1", "shopify")
    assert again.missed >= 1 and again.seen < 7
    assert numbers(database)["s1:3"] == "unpaid"


def test_limits_and_faults_are_waited_out(database: Database, shop: Shop) -> None:
    shop.orders = [plain_shopify_order(number, minutes=number) for number in range(1, 6)]
    shop.faults = [(429, {"retry-after": "0.02"}), (503, {}), (500, {})]
    shop.throttles = 2
    done = Reconciler(database, connect(database, shop, "shopify")).reconcile("m1", "s1", "shopify")
    assert (done.seen, len(numbers(database))) == (5, 5)
    assert shop.asked == 3 + 2 + 3


def test_a_shop_that_stays_down_is_tried_later_and_gone_on_with(database: Database, shop: Shop) -> None:
    shop.orders = [woo_order(number, minutes=number) for number in range(700, 820)]
    reconciler = Reconciler(database, connect(database, shop, "woocommerce"))
    shop.faults = [(200, {})] * 0 + [(503, {})] * 6
    with pytest.raises(RetryLater):
        reconciler.reconcile("m1", "s1", "woocommerce")
    assert numbers(database) == {}
    done = reconciler.reconcile("m1", "s1", "woocommerce")
    assert len(numbers(database)) == 120 and done.missed == 120


def test_many_orders_of_one_second_are_all_found(database: Database, shop: Shop) -> None:
    shop.orders = [woo_order(number, minutes=5) for number in range(120)] + [woo_order(500, minutes=9)]
    Reconciler(database, connect(database, shop, "woocommerce")).reconcile("m1", "s1", "woocommerce")
    assert len(numbers(database)) == 121


def test_a_run_goes_on_where_the_last_one_was_killed(database: Database, shop: Shop) -> None:
    shop.orders = [plain_shopify_order(number, minutes=number) for number in range(1, 10)]
    connections = connect(database, shop, "shopify")
    client = connections.sources["shopify"].open({"host": shop.host}, TOKENS["shopify"])
    shop.page = 4
    Reconciler(database, connections).reconcile("m1", "s1", "shopify")
    with database.begin("m1", TESTER, read_only=True) as uow:
        cursor = ConnectionStore(uow).cursor("s1", "shopify")
    assert cursor is not None and cursor.cursor == "" and cursor.finished_at is not None
    assert cursor.since.strftime("%H:%M") == "08:04"  # five minutes before the newest change
    client.close()


def test_a_bad_order_is_reported_and_the_others_load(database: Database, shop: Shop) -> None:
    shop.orders = [plain_shopify_order(1, 1), {**plain_shopify_order(2, 2), "total_price": "12.3456"}]
    done = Reconciler(database, connect(database, shop, "shopify")).reconcile("m1", "s1", "shopify")
    assert len(numbers(database)) == 1
    assert done.problems[0]["field"] == "order 2: total_price"


def test_a_wrong_token_is_the_operators_to_mend(database: Database, shop: Shop) -> None:
    connections = connect(database, shop, "shopify", token="shpat_wrong_wrong_wrong")
    with pytest.raises(NotConfigured):
        Reconciler(database, connections).reconcile("m1", "s1", "shopify")


def test_a_shop_may_only_be_a_real_one(database: Database) -> None:
    connections = Connections(SecretBox("k" * 40), {"shopify": ShopifySources()})
    with database.begin("m1", TESTER) as uow, pytest.raises(BadInput):
        connections.connect(uow, Connection("s1", "shopify", {"host": "127.0.0.1:8080"}))


def test_the_job_asks_every_shop(database: Database, shop: Shop, tmp_path: Path) -> None:
    shop.orders = [plain_shopify_order(1, 1)]
    jobs = Jobs(database, tmp_path)
    jobs.register(ReconcileJob(Reconciler(database, connect(database, shop, "shopify"))))
    with database.begin("m1", TESTER) as uow:
        job = jobs.start(uow, RECONCILE_JOB, {"all": True})
    assert jobs.run("m1", job).progress.done == 1
    with database.begin("m1", TESTER) as uow:
        assert order_details(uow, "s1:1").summary.payment_state == "paid"


def test_the_servers_shape_is_what_the_client_reads() -> None:
    rest = plain_shopify_order(9, 3)
    assert rest["updated_at"] == stamp(3)
    assert order_of(rest_shape(graphql_node(rest))) == order_of(rest)
