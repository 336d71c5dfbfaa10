"""Intake: state is a function of the set of news; what cannot be is refused by name; own changes are kept."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import TESTER
from tests.orders.tellings import at, history, make_order, paid, sent, shuffled, state, yuan

from zhanggui.kernel.clock import FixedClock
from zhanggui.kernel.commerce import SourceLine, SourcePart, SourceRefund, TrackingEvent, TrackingReport
from zhanggui.kernel.errors import BadInput, Conflict, NotFound
from zhanggui.kernel.storage import Database, UnitOfWork
from zhanggui.kernel.types import Money
from zhanggui.orders import (
    Change,
    OrderQuery,
    Origin,
    load_life,
    order_details,
    order_timeline,
    record_event,
    record_tracking,
    search_orders,
    take,
    take_one,
)

SHOP = Origin("s1", "test")
_NUMBERS = count()
ON_A_DATABASE = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@ON_A_DATABASE
@given(data=st.data())
def test_any_order_with_duplicates_equals_in_order_once(database: Database, data: st.DataObject) -> None:
    news = [*history("1001"), *history("1002")[:3]]
    mixed = data.draw(shuffled(news))
    straight, shuffle = f"in-order-{next(_NUMBERS)}", f"mixed-{next(_NUMBERS)}"
    with database.begin("m1", TESTER) as uow:
        for one in news:
            take_one(uow, one, Origin(straight, "test"))
        wanted = state(uow, straight)
    cut = data.draw(st.integers(0, len(mixed)))
    with database.begin("m1", TESTER) as uow:
        take(uow, mixed[:cut], Origin(shuffle, "other"))
        for one in mixed[cut:]:
            take_one(uow, one, Origin(shuffle, "other"))
        assert state(uow, shuffle) == wanted
    assert len(wanted["orders"]) == 2 and len(wanted["shipments"]) == 3 and len(wanted["refunds"]) == 1


def test_the_life_of_an_order_is_told_and_written_out(uow: UnitOfWork) -> None:
    outcomes = [take_one(uow, one, SHOP).outcome for one in history()]
    assert outcomes[0] == "created" and set(outcomes[1:]) == {"changed"}
    found = order_details(uow, "s1:1001")
    assert found.summary.state == "accepted"
    assert (found.summary.payment_state, found.summary.delivery_state) == ("part-refunded", "part-returned")
    assert found.life.refunded() == yuan(10_000) and found.flags == ()
    steps = [(step.thing, step.event, step.after) for step in found.timeline]
    assert steps[0] == ("order", "place", "placed")
    assert ("shipment", "deliver", "delivered") in steps and ("refund", "settle", "settled") in steps
    assert all(step.who == "shop:shopify" and step.why for step in found.timeline)


def test_the_same_again_changes_nothing_and_older_never_wins(uow: UnitOfWork) -> None:
    newer = make_order(version=5, payments=(paid(),))
    assert take_one(uow, newer, SHOP).outcome == "created"
    before = state(uow, "s1")
    assert take_one(uow, newer, SHOP).outcome == "unchanged"
    assert take_one(uow, make_order(version=1), SHOP).outcome == "stale"
    assert state(uow, "s1") == before


def test_an_answer_beats_what_was_sent_with_the_same_version(uow: UnitOfWork) -> None:
    take_one(uow, make_order(version=5, note="sent"), SHOP)
    asked = Origin("s1", "poll", fetched_at=at(6))
    assert take_one(uow, make_order(version=5, note="asked"), asked).outcome == "changed"
    assert take_one(uow, make_order(version=5, note="sent late"), SHOP).outcome == "stale"
    assert order_details(uow, "s1:1001").told.note == "asked"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": (SourceLine("a", "A", "", -1, yuan(1)),)}, "lines[0].quantity"),
        ({"lines": (SourceLine("a", "A", "", 0, yuan(1)),)}, "lines[0].quantity"),
        ({"lines": (SourceLine("a", "A", "", 10**9, yuan(1)),)}, "lines[0].quantity"),
        ({"lines": (SourceLine("a", "A", "", 1, Money(1, "USD")),)}, "lines[0].unit_price"),
        ({"lines": (SourceLine("a", "A", "", 1, yuan(-1)),)}, "lines[0].unit_price"),
        ({"lines": ()}, "lines"),
        ({"lines": (SourceLine("a", "A", "", 1, yuan(1)),) * 2}, "lines"),
        ({"total": Money(25_000, "yuan")}, "currency"),
        ({"total": yuan(10**18)}, "total"),
        ({"charges": yuan(-30_000)}, "charges"),
        ({"payments": (paid(25_001),)}, "payments[0].captured"),
        ({"payments": (paid(),), "refunds": (SourceRefund("r", yuan(25_001), at(2)),)}, "refunds"),
        ({"refunds": (SourceRefund("r", yuan(1), at(2)),)}, "refunds"),
        ({"external_id": ""}, "external_id"),
        ({"external_id": "x" * 500}, "external_id"),
        ({"note": "a\0b"}, "order"),
        ({"placed_at": at(0).replace(tzinfo=None)}, "placed_at"),
        ({"cancelled_at": at(0).replace(tzinfo=None)}, "at"),
    ],
)
def test_what_cannot_be_is_refused_by_name(uow: UnitOfWork, change: dict[str, object], field: str) -> None:
    taken = take_one(uow, make_order(**change), SHOP)
    assert taken.outcome == "rejected"
    assert taken.problem is not None and taken.problem.field == field
    assert search_orders(uow, OrderQuery()).total == 0


def test_a_clock_far_ahead_is_refused_so_that_it_blocks_nothing(uow: UnitOfWork, clock: FixedClock) -> None:
    ahead = replace(make_order(), version=clock.now() + timedelta(days=3))
    taken = take_one(uow, ahead, SHOP)
    assert taken.problem is not None and taken.problem.field == "version"
    assert take_one(uow, make_order(), SHOP).outcome == "created"


@pytest.mark.parametrize(
    ("change", "origin", "rule"),
    [
        ({"total": yuan(24_999)}, SHOP, "total"),
        ({}, Origin("s1", "test", currency="EUR"), "currency"),
        ({"placed_at": at(5)}, SHOP, "clock"),
        ({"lines": (SourceLine("a", "", "", 1, yuan(24_000)),)}, SHOP, "sku"),
        ({"parcels": (sent(units={"a": 3}),)}, SHOP, "parts"),
        ({"parcels": (sent(units={"zzz": 1}),)}, SHOP, "parts"),
        ({"payments": (paid(),), "parcels": (sent(),), "cancelled_at": at(3)}, SHOP, "parts"),
    ],
)
def test_what_is_odd_is_held_with_the_rule_named(
    uow: UnitOfWork, change: dict[str, object], origin: Origin, rule: str
) -> None:
    taken = take_one(uow, make_order(**change), origin)
    assert taken.outcome == "created"
    assert [failed.id for failed in taken.held] == [rule]
    assert all(failed.en and failed.zh for failed in taken.held)
    assert search_orders(uow, OrderQuery(decision="hold")).total == 1


def test_a_refund_told_before_its_payment_waits_and_then_fits(uow: UnitOfWork) -> None:
    refund = SourcePart("shopify", "1001", at(9), refund=SourceRefund("r", yuan(5_000), at(9)))
    assert take_one(uow, refund, SHOP).outcome == "waiting"
    taken = take_one(uow, make_order(), SHOP)
    assert [rule.id for rule in taken.held] == ["parts"]
    take_one(uow, make_order(version=2, payments=(paid(),)), SHOP)
    found = order_details(uow, "s1:1001")
    assert found.flags == () and found.life.refunded() == yuan(5_000)


def test_a_deleted_order_is_cancelled(uow: UnitOfWork) -> None:
    take_one(uow, make_order(version=7), SHOP)
    take_one(uow, SourcePart("shopify", "1001", at(0), gone=True), SHOP)
    assert load_life(uow, "s1:1001").state == "cancelled"
    take_one(uow, make_order(version=8), SHOP)
    assert load_life(uow, "s1:1001").state == "cancelled"


def test_own_changes_are_recorded_and_survive_news(uow: UnitOfWork) -> None:
    take_one(uow, make_order(version=1, payments=(paid(),)), SHOP)
    life = record_event(uow, "s1:1001", Change("move_order", {"event": "hold"}), why="address is odd")
    assert life.state == "held"
    take_one(uow, make_order(version=2, payments=(paid(),), note="news"), SHOP)
    found = order_details(uow, "s1:1001")
    assert (found.summary.state, found.told.note) == ("held", "news")
    own = [step for step in order_timeline(uow, "s1:1001") if step.own]
    assert [(step.who, step.why, step.before, step.after) for step in own] == [
        ("person:tester", "address is odd", "accepted", "held")
    ]
    with pytest.raises(Conflict):
        record_event(uow, "s1:1001", Change("move_order", {"event": "close"}), why="no")
    with pytest.raises(BadInput) as wrong:
        record_event(uow, "s1:1001", Change("capture", {"id": "pay", "minor": -5}), why="no")
    assert wrong.value.field == "minor"
    with pytest.raises(NotFound):
        record_event(uow, "s1:nothing", Change("move_order", {"event": "hold"}), why="no")
    assert len([step for step in order_timeline(uow, "s1:1001") if step.own]) == 1


def test_an_own_change_that_the_shop_overtakes_stays_in_the_timeline_only(uow: UnitOfWork) -> None:
    take_one(uow, make_order(version=1, payments=(paid(),)), SHOP)
    record_event(uow, "s1:1001", Change("move_order", {"event": "hold"}), why="look at it")
    take_one(uow, make_order(version=2, payments=(paid(),), cancelled_at=at(2)), SHOP)
    assert load_life(uow, "s1:1001").state == "cancelled"
    assert sum(step.own for step in order_timeline(uow, "s1:1001")) == 1


def test_tracking_moves_the_parcel_and_keeps_every_event_once(uow: UnitOfWork) -> None:
    take_one(uow, make_order(payments=(paid(),), parcels=(sent(),)), SHOP)
    event = TrackingEvent(at(30), "delivered", "上海", "已签收", "3", "")
    report = TrackingReport("kuaidi100", "SF-p1", "delivered", raw_status="3", events=(event,))  # pyright: ignore
    assert record_tracking(uow, report) == 1
    assert record_tracking(uow, report) == 0
    found = order_details(uow, "s1:1001")
    assert found.summary.delivery_state == "delivered"
    assert found.tracking["SF-p1"][0].text == "已签收"
    assert sum(step.event == "deliver" for step in found.timeline) == 1


def test_search_filters_sorts_and_pages(uow: UnitOfWork) -> None:
    many = [
        replace(make_order(f"{number}", payments=(paid(),) if number % 2 else ()), placed_at=at(-number))
        for number in range(1000, 1025)
    ]
    take(uow, many, SHOP)
    take(uow, [make_order("elsewhere")], Origin("s2", "test"))
    seen: list[str] = []
    cursor = None
    while True:
        page = search_orders(uow, OrderQuery(shop_id="s1", limit=7, cursor=cursor))
        assert page.total == 25
        seen += [one.number for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [f"#{number}" for number in range(1000, 1025)]
    assert search_orders(uow, OrderQuery(payment_state="paid")).total == 12
    assert search_orders(uow, OrderQuery(text="#1003")).total == 1
    assert search_orders(uow, OrderQuery(text="100%")).total == 0
    assert search_orders(uow, OrderQuery(text="SKU-A s2:")).total == 1
    assert search_orders(uow, OrderQuery(placed_from=at(-1004), placed_to=at(-1002))).total == 2
    with pytest.raises(BadInput):
        search_orders(uow, OrderQuery(sort="total", cursor=cursor or "nonsense"))


def test_another_merchant_sees_nothing(database: Database) -> None:
    with database.begin("m1", TESTER) as uow:
        take_one(uow, make_order(), SHOP)
    with database.begin("m2", TESTER) as uow:
        assert search_orders(uow, OrderQuery()).total == 0
        with pytest.raises(NotFound):
            order_details(uow, "s1:1001")
        assert take_one(uow, make_order(version=9), SHOP).outcome == "created"
