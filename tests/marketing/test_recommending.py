"""Recommendations served from a shop's own data: in stock only, the switch at once, fresh orders, merchants apart."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from tests.conftest import TESTER
from tests.orders.tellings import make_order, yuan

from zhanggui.catalog import ProductStore, ShopWindow
from zhanggui.kernel.clock import FixedClock
from zhanggui.kernel.commerce import Customer, Product, SourceLine, Variant
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import Database, UnitOfWork
from zhanggui.marketing import (
    Answer,
    CustomerStore,
    Identity,
    PastOrder,
    Question,
    Recommender,
    erase_customer,
    switch_personalisation,
)
from zhanggui.marketing.service.customers import take_orders
from zhanggui.marketing.service.purchases import Purchase, one_log, purchase_log
from zhanggui.marketing.service.serving import Fitted
from zhanggui.orders import Origin, bought_lines, take

NOW = FixedClock().now()
TEA, HOME = ("tea", "cup", "pot"), ("lamp", "desk", "chair")


def order(uow: UnitOfWork, who: str, number: int, days: float, *skus: str, gone: bool = False) -> None:
    lines = tuple(SourceLine(f"{at}", sku, sku, 1, yuan(1_000)) for at, sku in enumerate(skus))
    placed = NOW - timedelta(days=days)
    told = make_order(
        f"{who}-{number}", lines=lines, total=yuan(1_000 * len(skus) + 1_000), placed_at=placed,
        customer=Customer(who, who, f"{who}@example.com"), cancelled_at=placed if gone else None,
    )  # fmt: skip
    assert all(one.problem is None for one in take(uow, [replace(told, version=placed)], Origin("s1", "test")))


def known(uow: UnitOfWork, who: str, days: float = 9) -> str:
    """Marketing's id of somebody, as the nightly refresh gives it."""
    identity = Identity(f"s1:{who}", who, f"{who}@example.com")
    take_orders(uow, [PastOrder(f"s1:{who}-0", identity, NOW - timedelta(days=days), 1_000, "CNY")])
    return CustomerStore(uow).owners([f"id:s1:{who}"])[f"id:s1:{who}"]


def shelve(uow: UnitOfWork, product_id: str, stock: int | None = 5, title: str = "") -> None:
    variant = Variant(product_id, stock=stock)
    ProductStore(uow).save(Product(product_id, title or product_id.title(), variants=(variant,), price=yuan(1_000)))


def fill(uow: UnitOfWork) -> None:
    """Twenty who drink tea, twenty who furnish; most bought two things of theirs, some the third."""
    for name in (*TEA, *HOME):
        shelve(uow, name)
    for number in range(20):
        for group, things in (("t", TEA), ("h", HOME)):
            order(uow, f"{group}{number}", 0, 90 - number, things[0], things[1])
            if number % 2:
                order(uow, f"{group}{number}", 1, 40 - number, things[2])


def items(answer: Answer) -> list[str]:
    return [one.item for one in answer.items]


@pytest.fixture
def recommender(uow: UnitOfWork) -> Recommender:
    fill(uow)
    return Recommender(bought_lines, ShopWindow(), explore=0.0)


def test_for_you_is_in_stock_never_the_same_and_says_why(uow: UnitOfWork, recommender: Recommender) -> None:
    answer = recommender.answer(uow, Question(customer="s1:t0"))
    assert answer.personal == "" and answer.fitted_at == NOW
    assert items(answer)[0] == "pot" and not {"tea", "cup"} & set(items(answer))
    assert answer.items[0].reason.text() == "10 of 20 shoppers who bought Cup bought it too"
    assert "Cup" in answer.items[0].reason.text("zh-CN")
    shelve(uow, "pot", stock=0)
    assert "pot" not in items(recommender.answer(uow, Question(customer="s1:t0")))
    shelve(uow, "pot", stock=None)
    assert items(recommender.answer(uow, Question(customer="s1:t0")))[0] == "pot"


def test_buying_again_is_the_one_that_repeats(uow: UnitOfWork, recommender: Recommender) -> None:
    answer = recommender.answer(uow, Question("again", customer="s1:h1"))
    assert set(items(answer)) == set(HOME)
    assert all(one.reason.kind == "again" for one in answer.items)
    assert items(recommender.answer(uow, Question("again", customer="s1:stranger"))) == []


def test_a_basket_is_completed_and_alike_is_by_words(uow: UnitOfWork, recommender: Recommender) -> None:
    shelve(uow, "mug", title="Tea mug")
    together = recommender.answer(uow, Question("together", items=("lamp", "desk"), limit=1))
    assert items(together) == ["chair"]
    similar = recommender.answer(uow, Question("similar", items=("tea",)))
    assert items(similar) == ["mug"]
    assert similar.items[0].reason.text() == "like Tea: tea"
    with pytest.raises(BadInput, match="items"):
        recommender.answer(uow, Question("together"))
    with pytest.raises(BadInput, match="limit"):
        recommender.answer(uow, Question(limit=0))


def test_refusing_counts_at_once(uow: UnitOfWork, recommender: Recommender) -> None:
    who = known(uow, "t0")
    assert recommender.answer(uow, Question(customer=who)).personal == ""
    switch_personalisation(uow, who, False)
    for name in (who, "s1:t0", "t0@example.com"):
        answer = recommender.answer(uow, Question(customer=name))
        assert answer.personal == "opted-out" and answer.until is None
        assert {one.reason.kind for one in answer.items} == {"popular"}
    assert items(recommender.answer(uow, Question("again", customer=who))) == []
    fitted = recommender.learn("m1", recommender.gather(uow), NOW)
    assert fitted.anything is not None and who not in fitted.anything.places


def test_the_unknown_and_the_erased_get_what_is_popular(uow: UnitOfWork, recommender: Recommender) -> None:
    stranger = recommender.answer(uow, Question(customer="s1:nobody"))
    assert stranger.personal == "unknown"
    assert all(one.reason.kind == "popular" and one.reason.among == 40 for one in stranger.items)
    assert items(stranger) == items(recommender.answer(uow, Question()))
    who = known(uow, "t3")
    recommender.learn("m1", recommender.gather(uow), NOW)
    assert recommender.answer(uow, Question(customer=who)).personal == ""
    erase_customer(uow, who)
    assert recommender.answer(uow, Question(customer=who)).personal == "unknown"


def test_a_fresh_order_counts_without_learning_anew(uow: UnitOfWork, recommender: Recommender) -> None:
    before = recommender.answer(uow, Question(customer="s1:t0", limit=1))
    assert items(before) == ["pot"]
    order(uow, "t0", 7, 0, "pot", "lamp")
    order(uow, "t0", 8, 0, "chair", gone=True)
    after = recommender.answer(uow, Question(customer="s1:t0"))
    assert after.fitted_at == before.fitted_at and after.until == NOW
    assert items(after)[0] == "desk" and not {*TEA, "lamp"} & set(items(after))
    assert "chair" in items(after)
    order(uow, "new", 0, 0, "lamp", "desk")
    assert items(recommender.answer(uow, Question(customer="s1:new", limit=1))) == ["chair"]


def test_new_items_get_some_places_the_same_all_day(uow: UnitOfWork, recommender: Recommender) -> None:
    fresh = {f"new{number}" for number in range(3)}
    for name in sorted(fresh):
        shelve(uow, name)
    shelve(uow, "newgone", stock=0)
    bold = Recommender(bought_lines, ShopWindow(), explore=1.0)
    answer = bold.answer(uow, Question(limit=4))
    assert answer.items[0].reason.kind == "popular"
    assert set(items(answer)[1:]) == fresh
    assert items(bold.answer(uow, Question(limit=4))) == items(answer)
    shy = recommender.answer(uow, Question(limit=6))
    assert not fresh & set(items(shy))


def test_merchants_are_apart(database: Database) -> None:
    recommender = Recommender(bought_lines, ShopWindow(), explore=0.0)
    with database.begin("m1", TESTER) as uow:
        fill(uow)
        assert items(recommender.answer(uow, Question(customer="s1:t0", limit=1))) == ["pot"]
    with database.begin("m2", TESTER) as uow:
        assert recommender.answer(uow, Question(customer="s1:t0")).items == ()
        shelve(uow, "vase")
        answer = recommender.answer(uow, Question(customer="s1:t0"))
        assert (items(answer), answer.personal, answer.fitted_at) == (["vase"], "nothing-learnt", None)
        assert answer.items[0].reason.kind == "new"


def test_what_is_too_old_is_learnt_anew(uow: UnitOfWork, recommender: Recommender) -> None:
    recommender.learn("m1", [], NOW - timedelta(hours=40))
    fitted: Fitted = recommender.fitted(uow)
    assert fitted.at == NOW and fitted.sold["tea"] == 20
    assert recommender.fitted(uow) is fitted


def test_one_persons_log_is_the_log_of_everybodys_rules() -> None:
    random = np.random.default_rng(4)
    bought = [
        Purchase("me", f"i{item}", NOW + timedelta(days=int(order) % 4), int(units), f"o{order}")
        for item, order, units in random.integers(1, 7, size=(60, 3)).tolist()
    ]
    whole, one = purchase_log(bought), one_log(bought)
    assert whole.items == one.items and one.users == ("",)
    for field in ("user", "item", "at", "basket", "quantity"):
        assert np.array_equal(getattr(whole, field), getattr(one, field)), field
    assert len(one_log([]).user) == 0


def test_an_address_told_in_capitals_is_the_same_person(uow: UnitOfWork, recommender: Recommender) -> None:
    told = make_order(
        "guest-1", lines=(SourceLine("0", "lamp", "lamp", 1, yuan(1_000)),), total=yuan(2_000), placed_at=NOW,
        customer=Customer("", "Guest", "Guest.One@Example.com"),
    )  # fmt: skip
    take(uow, [replace(told, version=NOW)], Origin("s1", "test"))
    answer = recommender.answer(uow, Question(customer="guest.one@example.com", limit=1))
    assert answer.personal == "" and items(answer) == ["desk"]
