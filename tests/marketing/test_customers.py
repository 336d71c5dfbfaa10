"""Customers: known again across shops, measured with reasons, their switch honoured at once, exported and erased."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.clock import FixedClock
from zhanggui.kernel.errors import BadInput, NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.marketing.models.customers import Identity, PastOrder
from zhanggui.marketing.rules.audiences import parse_definition
from zhanggui.marketing.rules.identities import clean_email, clean_phone, same_people
from zhanggui.marketing.rules.measures import affinities, measure, rfm_segment
from zhanggui.marketing.service.audiences import count_audience, overlap, save_audience, vocabulary_of
from zhanggui.marketing.service.customers import (
    allow_channel,
    erase_customer,
    export_customer,
    may_personalise,
    refresh_customers,
    switch_personalisation,
    tag_customer,
)
from zhanggui.marketing.store.customers import CustomerStore

NOW = FixedClock().now()


class Book:
    """A shop's orders as a list."""

    def __init__(self, orders: list[PastOrder]) -> None:
        self.placed = orders

    def orders(self, uow: UnitOfWork, since: datetime | None) -> Iterable[PastOrder]:
        return [order for order in self.placed if since is None or order.at >= since]


def order(number: int, who: Identity, days: float, *things: str, minor: int = 10_000, **more: bool) -> PastOrder:
    at = NOW - timedelta(days=days)
    return PastOrder(f"o{number}", who, at, minor, "CNY", frozenset(things), ((f"s{number % 3}", 1, minor),), **more)


ANNA = Identity("tb-1", "Anna", "Anna@example.com", "+86 139 1234 5678", "上海")
ANNA_ELSEWHERE = Identity("web-9", "A. Li", "anna@EXAMPLE.com", "", "")
BO = Identity("tb-2", "Bo", "bo@example.com", "", "北京")


def test_one_address_is_one_person_a_name_is_not() -> None:
    namesake = Identity("tb-3", "Anna", "other@example.com", "", "")
    assert same_people([ANNA, BO, ANNA_ELSEWHERE, namesake]) == [[0, 2], [1], [3]]


def test_a_number_that_many_share_or_that_is_made_up_joins_nobody() -> None:
    desk = [Identity(f"c{number}", phone="021-5555 0101") for number in range(8)]
    assert len(same_people(desk)) == 8
    assert len(same_people([Identity("a", phone="00000000000"), Identity("b", phone="00000000000")])) == 2


@given(st.lists(st.sampled_from(["", "a@x.io", "b@x.io", "c@x.io"]), max_size=8))
def test_every_place_is_in_one_group(emails: list[str]) -> None:
    groups = same_people([Identity(f"c{place}", email=email) for place, email in enumerate(emails)])
    assert sorted(place for group in groups for place in group) == list(range(len(emails)))


@pytest.mark.parametrize(
    ("text", "clean"),
    [("+86 139-1234-9876", "13912349876"), ("0086 13912349876", "13912349876"), ("123", ""), ("", "")],
)
def test_numbers_are_written_one_way(text: str, clean: str) -> None:
    assert clean_phone(text) == clean
    assert clean_email(" X@Y.Z ") == "x@y.z" and clean_email("nobody") == ""


def test_refresh_joins_measures_and_takes_cancelled_orders_back(uow: UnitOfWork) -> None:
    placed = [
        order(1, ANNA, 60, "category:tea"),
        order(2, ANNA_ELSEWHERE, 20, "category:tea"),
        order(3, BO, 5, "category:cups"),
    ]
    done = refresh_customers(uow, Book(placed))
    assert (done.orders, done.new, done.measured) == (3, 2, 2)
    anna = next(one for one in CustomerStore(uow).everybody() if one.email.lower().startswith("anna"))
    assert anna.measures["orders"] == 2
    assert anna.place == "上海"
    assert "not enough data" in str(anna.measures["reasons"])
    placed[1] = order(2, ANNA_ELSEWHERE, 20, "category:tea", void=True)
    refresh_customers(uow, Book(placed))
    assert CustomerStore(uow).get(anna.id).measures["orders"] == 1


def test_an_order_that_joins_two_known_people_merges_them_and_keeps_the_stricter_wish(uow: UnitOfWork) -> None:
    store = CustomerStore(uow)
    refresh_customers(
        uow, Book([order(1, Identity("a", email="a@x.io"), 9), order(2, Identity("b", phone="13912349876"), 8)])
    )
    first, second = store.everybody()
    allow_channel(uow, first.id, "sms", True)
    switch_personalisation(uow, second.id, False)
    refresh_customers(uow, Book([order(3, Identity("c", "", "a@x.io", "139 1234 9876"), 1)]))
    (left,) = store.everybody()
    assert not left.personalised and left.consents == ()
    assert len(store.orders(left.id)[left.id]) == 3


def test_the_switch_is_honoured_at_once(uow: UnitOfWork) -> None:
    refresh_customers(uow, Book([order(1, ANNA, 20), order(2, BO, 5)]))
    everyone = parse_definition({"all": [{"any": [{"field": "orders", "op": ">=", "values": [1]}]}]})
    anna = next(one for one in CustomerStore(uow).everybody() if one.name == "Anna")
    assert may_personalise(uow, "id:tb-1")
    assert switch_personalisation(uow, anna.id, False).measures == {}
    assert not may_personalise(uow, "id:tb-1")
    counted = count_audience(uow, everyone)
    assert [one.name for one in counted.members] == ["Bo"] and counted.opted_out == 1
    refresh_customers(uow, Book([order(1, ANNA, 20), order(2, BO, 5)]))
    assert CustomerStore(uow).get(anna.id).measures == {}


def test_export_holds_all_and_erasure_leaves_nothing_but_the_note(uow: UnitOfWork) -> None:
    refresh_customers(uow, Book([order(1, ANNA, 20, "category:tea")]))
    (anna,) = CustomerStore(uow).everybody()
    tag_customer(uow, anna.id, ["vip"])
    content = export_customer(uow, anna.id)
    assert content["known_by"] == ["email:anna@example.com", "id:tb-1", "phone:13912345678"]
    assert erase_customer(uow, anna.id)["customers"] == 1
    assert CustomerStore(uow).everybody() == () and CustomerStore(uow).orders() == {}
    with pytest.raises(NotFound):
        export_customer(uow, anna.id)
    newest = AuditLog(uow).read(limit=1).items[0]
    assert newest.action == "customer-erased" and "anna" not in str(newest.detail).lower()


def test_words_of_the_shop_and_overlap(uow: UnitOfWork) -> None:
    refresh_customers(uow, Book([order(1, ANNA, 20, "category:tea"), order(2, BO, 5, "category:tea", "brand:Xi")]))
    assert vocabulary_of(uow).words == {
        "tea": "category:tea",
        "Xi": "brand:Xi",
        "上海": "place:上海",
        "北京": "place:北京",
    }
    tea = {"all": [{"any": [{"field": "bought", "op": "in", "values": ["category:tea"]}]}]}
    xi = {"all": [{"any": [{"field": "bought", "op": "in", "values": ["brand:Xi"]}]}]}
    assert overlap(uow, save_audience(uow, "tea", tea), save_audience(uow, "xi", xi)) == (2, 1, 1)


@pytest.mark.parametrize("channel", ["fax", "", "SMS"])
def test_an_unknown_channel_is_refused(uow: UnitOfWork, channel: str) -> None:
    refresh_customers(uow, Book([order(1, ANNA, 20)]))
    (anna,) = CustomerStore(uow).everybody()
    with pytest.raises(BadInput):
        allow_channel(uow, anna.id, channel, True)


def test_affinities_are_what_is_bought_more_than_usual() -> None:
    usual = {"category:tea": 0.2, "category:cups": 0.5}
    orders = [order(number, ANNA, number, "category:tea", "category:cups") for number in range(4)]
    found = affinities(orders, usual)
    assert [(one.thing, one.orders, one.of) for one in found] == [("category:tea", 4, 4), ("category:cups", 4, 4)]
    assert found[0].share == pytest.approx((4 + 3 * 0.2) / 7)
    assert affinities(orders[:1], usual) == ()


def test_who_buys_cheap_is_seen() -> None:
    full = [PastOrder(f"f{n}", BO, NOW, 100, "CNY", prices=(("s", 1, 100),)) for n in range(6)]
    cheap = [PastOrder(f"c{n}", ANNA, NOW, 80, "CNY", prices=(("s", 2, 80),)) for n in range(2)]
    found = measure({"bo": full, "anna": cheap}, NOW)
    assert found["anna"].discount_share == 1.0 and found["bo"].discount_share == 0.0


def test_orders_after_now_and_of_another_currency_do_not_count() -> None:
    late = PastOrder("l", BO, NOW + timedelta(days=1), 10**12, "CNY")
    dollars = PastOrder("d", BO, NOW - timedelta(days=1), 500, "USD")
    plain = [PastOrder(f"p{n}", BO, NOW - timedelta(days=n + 2), 1_000, "CNY") for n in range(3)]
    found = measure({"bo": [late, dollars, *plain], "nobody": [late]}, NOW)
    assert list(found) == ["bo"] and found["bo"].spent == 30.0 and found["bo"].orders == 4


def test_segments_have_one_name_each() -> None:
    assert rfm_segment(5, 5, 5, 9) == "champions"
    assert rfm_segment(1, 5, 5, 9) == "at-risk"
    assert rfm_segment(1, 1, 1, 1) == "hibernating"
    assert rfm_segment(5, 1, 1, 1) == "new"
