"""Signs on an order: each kind alone, none on a plain order, and one number that stays between 0 and 1."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.kernel.commerce import Address, Order, OrderLine
from zhanggui.kernel.types import Money
from zhanggui.orders.models import Sentence
from zhanggui.orders.rules.risk import RiskSign, risk_score, risk_signs

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOME = Address(country="CN", city="杭州", street="文三路90号", phone="+86 138-0013-8000")


def order(name: str = "o", *, minutes: int = 0, minor: int = 10_000, quantity: int = 1, customer: str = "c") -> Order:
    line = OrderLine("SKU", "Mug", quantity, Money(minor // quantity, "CNY"))
    at = NOON + timedelta(minutes=minutes)
    return Order(name, customer, at, (line,), Money(minor, "CNY"), shipping_address=HOME)


PAST = [order(f"p{n}", minutes=-1_000 - 100 * n, customer=f"c{n}") for n in range(25)]


def kinds(subject: Order, earlier: list[Order] = PAST, billing: Address | None = None) -> list[str]:
    return [sign.kind for sign in risk_signs(subject, earlier, billing=billing)]


def test_a_plain_order_has_no_sign() -> None:
    assert kinds(order(), billing=HOME) == []


@pytest.mark.parametrize(
    ("subject", "earlier", "expected"),
    [
        (replace(order(), shipping_address=replace(HOME, street="")), PAST, "address-incomplete"),
        (replace(order(), shipping_address=replace(HOME, street="文三路")), PAST, "address-without-number"),
        (replace(order(), shipping_address=replace(HOME, phone="12345")), PAST, "phone-doubtful"),
        (order(), [order("twin", minutes=-10)], "duplicate"),
        (order(), [order(f"v{n}", minutes=-10 * n, minor=500 + n) for n in (1, 2, 3)], "velocity"),
        (order(minor=80_000), PAST, "odd-amount"),
        (order(quantity=50), PAST, "odd-quantity"),
        (replace(order(), total=Money(900, "CNY")), PAST, "total-far-below-lines"),
    ],
)
def test_each_sign(subject: Order, earlier: list[Order], expected: str) -> None:
    found = risk_signs(subject, earlier)
    assert expected in [sign.kind for sign in found]
    assert all(sign.reason.en.endswith(".") and sign.reason.zh.endswith("。") for sign in found)


def test_what_comes_later_or_was_cancelled_is_no_duplicate() -> None:
    assert kinds(order(), [order("later", minutes=5)]) == []
    assert kinds(order(), [replace(order("gone", minutes=-5), status="cancelled")]) == []
    assert kinds(order(), [order("o", minutes=-5)]) == [], "an order is no duplicate of itself"


def test_billed_in_another_country() -> None:
    assert kinds(order(), billing=Address(country="US")) == ["country-mismatch"]


@given(st.lists(st.floats(0, 1), max_size=8))
def test_the_score_stays_between_0_and_1_and_grows_with_every_sign(weights: list[float]) -> None:
    signs = [RiskSign("x", weight, Sentence("x.", "x。")) for weight in weights]
    assert 0 <= risk_score(signs) <= 1
    assert risk_score(signs) >= risk_score(signs[:-1]) - 1e-12
