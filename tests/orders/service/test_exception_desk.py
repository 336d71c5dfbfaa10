"""The exception desk over the demo shop on both databases: all planted problems found, none invented, drafts proved."""

import json
from collections import Counter
from datetime import timedelta

import pytest
from tests.orders.desk_shop import NOW, delivered_order, house, put

from zhanggui.connectors.carriers import parse_tracking
from zhanggui.demo import DemoShop, make_shop
from zhanggui.desk import Filter, Inbox
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.clock import FixedClock
from zhanggui.kernel.commerce import SourceLine, SourceOrder, SourceParcel, SourcePayment
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import Money
from zhanggui.kernel.webhooks import EVENTS
from zhanggui.orders.service.exceptions import ExceptionDesk
from zhanggui.orders.service.intake import Origin, take
from zhanggui.orders.service.recording import record_tracking

PLANTED = {
    "late": "late", "stuck": "stuck", "lost": "lost", "refused": "refused", "returned": "returned",
    "damaged": "damaged", "wrong-address": "wrong-address", "denied": "delivered-but-denied",
}  # fmt: skip


@pytest.fixture(scope="module")
def shop() -> DemoShop:
    return make_shop(7)


def _load(uow: UnitOfWork, shop: DemoShop) -> dict[str, tuple[str, bool]]:
    """Orders with their parcels and what their carriers said; parcel id -> (what was planted, arrived in time)."""
    orders = {order.id: order for order in shop.orders}
    people = {person.id: person for person in shop.customers}
    shipments = {shipment.id: shipment for shipment in shop.shipments}
    truth: dict[str, tuple[str, bool]] = {}
    told: list[SourceOrder] = []
    for story in shop.parcels:
        age = (shop.now - story.shipped_at).days
        if not story.payload or not 6 <= age <= 11:
            continue
        shipment = shipments[story.shipment_id]
        order = orders[shipment.order_id]
        lines = tuple(SourceLine(str(n), x.sku, x.title, x.quantity, x.unit_price) for n, x in enumerate(order.lines))
        goods = sum(line.unit_price.minor * line.quantity for line in lines)
        parcel = SourceParcel(
            shipment.id, {line.id: line.quantity for line in lines}, story.shipped_at, carrier=shipment.carrier,
            tracking_number=shipment.tracking_number, warehouse="main",
        )  # fmt: skip
        payment = SourcePayment("p", "alipay", order.total, order.total, "captured", order.placed_at)
        told.append(
            SourceOrder(
                "demo",
                order.id,
                shop.now,
                order.placed_at,
                lines,
                Money(order.total.minor - goods, "CNY"),
                order.total,
                payments=(payment,),
                parcels=(parcel,),
                customer=people[order.customer_id],
                shipping_address=order.shipping_address,
                promised_at=shipment.promised_at,
            )
        )
        assert shipment.promised_at is not None
        truth[shipment.id] = (story.scenario, (story.delivered_at or shop.now) <= shipment.promised_at)
    assert all(one.problem is None for one in take(uow, told, Origin("demo", "test")))
    for story in shop.parcels:
        if story.shipment_id in truth:
            record_tracking(uow, parse_tracking(story.provider, json.loads(story.payload))[0])
    return truth


def test_all_planted_problems_and_nothing_else(database: Database, clock: FixedClock, shop: DemoShop) -> None:
    clock.at = shop.now
    home = house()
    home.shelf.units = None
    desk = ExceptionDesk(home.dossiers, home.desk)
    with database.begin("m1", Actor("job", "scan")) as uow:
        truth = _load(uow, shop)
        seen = desk.scan(uow)
        found = {one.parcel_id: one for one in desk.page(uow, limit=1000)}
        assert seen.orders == len(truth) and seen.found == seen.fresh == len(found)
        for parcel, (planted, in_time) in truth.items():
            if planted in PLANTED:
                assert parcel in found and found[parcel].kind == PLANTED[planted], planted
            elif planted == "normal":
                assert (parcel not in found) if in_time else found[parcel].kind == "late"
        assert set(PLANTED) <= {planted for planted, _ in truth.values()}
        made = Inbox.page(uow, Filter(), limit=500).items
        assert Counter(one.kind for one in made)["message-customer"] == len(found)
        assert Counter(one.kind for one in made)["carrier-claim"] >= 3
        # Every draft says proved things only: its own rule passed on the very text.
        for one in made:
            proved = [check for check in one.checks if check.name == "proved-facts-only"]
            assert proved and all(check.passed for check in proved), one.payload
            assert not one.blocked, one.blocked
        again = desk.scan(uow)
        assert (again.fresh, again.over) == (0, 0)
        # Each is in the audit trail once, where webhooks out find it.
        trail = [row for row in AuditLog(uow).after(0, limit=10_000) if row.action == "exception.found"]
        assert len(trail) == seen.fresh and "exception.found" in EVENTS
        assert {row.detail["parcel"]: row.detail["kind"] for row in trail} == {p: x.kind for p, x in found.items()}
        assert {row.subject for row in trail} == {one.order_id for one in found.values()}
        assert len(Inbox.page(uow, Filter(), limit=500).items) == len(made)


def test_an_exception_ends_when_the_parcel_is_well_again(uow: UnitOfWork, clock: FixedClock) -> None:
    home = house()
    desk = ExceptionDesk(home.dossiers, home.desk)
    (name,) = put(uow, delivered_order(days=1))
    assert desk.look_at(uow, name).found == 0
    seen = desk.deny(uow, name, "S1", NOW)
    assert seen.found == 0, "without the carrier's word there is nothing to deny yet"
    with pytest.raises(BadInput):
        desk.deny(uow, name, "S9", NOW)
    clock.advance(timedelta(hours=1))
    assert desk.look_at(uow, name).found == 0
