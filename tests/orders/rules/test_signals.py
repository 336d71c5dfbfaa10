"""Risk: every signal says what it saw, ordinary orders raise few, and nothing is decided by it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import exp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhanggui.demo import make_shop
from zhanggui.kernel.commerce import Address, Customer, SourceLine, SourceOrder, SourcePayment
from zhanggui.kernel.types import Money
from zhanggui.orders.rules.signals import address_problems, assess_risk, past_order, place_key, usual

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
HOME = Address("CN", "浙江", "杭州", "西湖区", "文三路 90 号", "310012", "李雷", "13800138000")


def _order(number: str = "A1", *, minor: int = 10_000, units: int = 1, hours: int = 0, **more: object) -> SourceOrder:
    lines = (SourceLine("1", "MUG", "Mug", units, Money(minor // units, "CNY")),)
    total = Money(minor // units * units, "CNY")
    made = SourceOrder(
        "x", number, NOW, NOW - timedelta(hours=hours), lines, Money(0, "CNY"), total,
        customer=Customer("c1", "李雷", "a@example.com", "13800138000"), shipping_address=HOME,
    )  # fmt: skip
    return replace(made, **more)


def _ids(order: SourceOrder, *others: SourceOrder, **kept: object) -> set[str]:
    near = [past_order(other, other.external_id) for other in others]
    found = assess_risk(order, order.external_id, near=near, **kept)
    assert all(signal.reason.en and signal.reason.zh and signal.points > 0 for signal in found.signals)
    assert found.score == min(100, sum(signal.points for signal in found.signals))
    return {signal.id for signal in found.signals}


@pytest.mark.parametrize(
    ("address", "problems"),
    [
        (HOME, 0),
        (replace(HOME, street=""), 1),
        (replace(HOME, street="test"), 1),
        (replace(HOME, street="1111"), 1),
        (replace(HOME, postal_code="31001"), 1),
        (replace(HOME, postal_code="100000"), 1),
        (replace(HOME, postal_code="000000"), 0),
        (replace(HOME, phone="12345"), 1),
        (replace(HOME, phone="138****8000"), 0),
        (replace(HOME, phone="0571-87654321"), 0),
        (replace(HOME, phone="+86 138 0013 8000"), 0),
        (Address("US", "NY", "New York", "", "350 5th Ave", "10118", "Ann", "+1 212 736 3100"), 0),
        (Address("US", "NY", "New York", "", "350 5th Ave", "1011", "Ann"), 1),
        (Address("GB", "", "London", "", "10 Downing St", "SW1A 2AA"), 0),
        (Address("ZZ", "", "Nowhere", "", "1 Street"), 0),
        (Address(), 1),
    ],
)
def test_addresses(address: Address, problems: int) -> None:
    assert len(address_problems(address)) == problems


def test_duplicates_velocity_and_one_place() -> None:
    assert _ids(_order("A2"), _order("A1", hours=3)) == {"duplicate"}
    assert _ids(_order("A2"), _order("A1", hours=30)) == set()
    assert _ids(_order("A2"), _order("A1", hours=3, cancelled_at=NOW)) == set()
    assert _ids(_order("A2"), _order("A1", hours=3, units=2)) == set()
    assert _ids(_order("A9"), *(_order(f"A{n}", units=2 + n) for n in range(3))) == {"velocity"}
    strangers = [
        _order(f"B{n}", units=2, customer=Customer(f"s{n}"), shipping_address=replace(HOME, phone=f"139000000{n:02d}"))
        for n in range(3)
    ]
    assert _ids(_order("A1"), *strangers) == {"one-place"}
    assert _ids(_order("A1"), _order("A1")) == set(), "an order is not near itself"


def test_amounts_prices_and_quantities() -> None:
    past = [_order(f"P{n}", minor=9_000 + 100 * n) for n in range(40)]
    here = usual(past)
    assert here.count == 40 and abs(exp(here.middle) - 10_950) < 60
    assert _ids(_order(minor=11_000), shop=here) == set()
    assert _ids(_order(minor=90_000), shop=here) == {"amount"}
    assert _ids(_order(minor=1_000), shop=here) == {"price"}
    assert _ids(_order(minor=230_000, units=23), shop=here) == {"amount", "quantity"}
    euros = replace(_order(), lines=(SourceLine("1", "MUG", "", 1, Money(10, "EUR")),), total=Money(10, "EUR"))
    assert _ids(euros, shop=here) == set(), "another currency is not compared"


def test_mismatch_and_refusals() -> None:
    abroad = Customer("c1", addresses=(Address("US", street="x"),))
    assert _ids(_order(customer=abroad)) == {"country"}
    payment = SourcePayment("p", "visa", Money(10_000, "CNY"), Money(4_000, "CNY"), "captured", NOW)
    assert _ids(_order(payments=(payment,))) == {"paid"}
    refused = past_order(_order("R", hours=2_000, units=3), "R", refused=True)
    report = assess_risk(_order(), "A1", near=[refused])
    assert [signal.id for signal in report.signals] == ["refusals"] and report.level == "medium"


def test_an_ordinary_shop_raises_few_alarms() -> None:
    shop = make_shop(7)
    tellings: list[SourceOrder] = []
    people = {person.id: person for person in shop.customers}
    for order in shop.orders[-1500:]:
        lines = tuple(SourceLine(str(n), x.sku, x.title, x.quantity, x.unit_price) for n, x in enumerate(order.lines))
        goods = sum(line.unit_price.minor * line.quantity for line in lines)
        charges = Money(order.total.minor - goods, "CNY")
        tellings.append(
            SourceOrder(
                "demo",
                order.id,
                shop.now,
                order.placed_at,
                lines,
                charges,
                order.total,
                customer=people[order.customer_id],
                shipping_address=order.shipping_address,
            )
        )
    here, past = usual(tellings), [past_order(one, one.external_id) for one in tellings]
    by_person: dict[str, list[int]] = {}
    for number, one in enumerate(past):
        by_person.setdefault(one.customer_id, []).append(number)
    levels = [
        assess_risk(
            one, one.external_id, near=[past[n] for n in by_person[past[number].customer_id] if n != number], shop=here
        ).level
        for number, one in enumerate(tellings)
    ]
    assert levels.count("high") <= 1 and levels.count("medium") <= len(levels) * 0.02


TEXT = st.text(max_size=30)


@settings(deadline=None)
@given(parts=st.lists(TEXT, min_size=8, max_size=8), quantity=st.integers(1, 10**6), price=st.integers(0, 10**12))
def test_any_words_are_judged_without_falling_over(parts: list[str], quantity: int, price: int) -> None:
    address = Address(*parts)
    lines = (SourceLine("1", parts[0] or "x", "", quantity, Money(price, "CNY")),)
    order = _order(shipping_address=address, lines=lines, total=Money(price * quantity, "CNY"))
    found = assess_risk(order, "A1", near=[past_order(order, "A0")], shop=usual([order] * 40))
    assert 0 <= found.score <= 100 and (found.level == "high") == (found.score >= 60)
    assert place_key(address) == place_key(address)
