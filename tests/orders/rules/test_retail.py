"""Actions on a shop: what is accepted, what it does, what is refused by which rule, and taking it back."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from evals.orders import right_actions, try_wrong_actions
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.orders.shop import ADDRESS, small_shop

from zhanggui.kernel.errors import BadInput, Conflict
from zhanggui.kernel.types import Money
from zhanggui.orders.models import Decision, Session, Shop
from zhanggui.orders.rules.arithmetic import calculate
from zhanggui.orders.rules.retail import execute, take_back
from zhanggui.orders.rules.shop_json import read_shop, write_shop
from zhanggui.orders.service.policies import load_policy

POLICY = load_policy("tau2_retail")
YES = Session(user_id="ann", confirmed=True)


@pytest.fixture
def shop() -> Shop:
    return read_shop(small_shop(), "USD")


def act(shop: Shop, action: str, session: Session = YES, **arguments: Any) -> Decision:
    return execute(shop, action, arguments, POLICY, session)


def failed(decision: Decision) -> list[str]:
    return [rule.id for rule in decision.rules if not rule.passed]


def balance(shop: Shop) -> Money | None:
    return shop.users["ann"].payment_methods["gc"].balance


def test_a_shop_file_comes_back_as_it_was(shop: Shop) -> None:
    assert write_shop(shop) == small_shop()


def test_cancelling_refunds_what_was_paid_to_where_it_came_from(shop: Shop) -> None:
    done = act(shop, "cancel_pending_order", order_id="#G", reason="no longer needed")
    assert done.accepted and done.undo is not None and done.undo.possible
    assert balance(done.shop) == Money(6_010, "USD") and balance(shop) == Money(5_000, "USD")
    assert done.result["payment_history"][-1] == {
        "transaction_type": "refund",
        "amount": 10.1,
        "payment_method_id": "gc",
    }
    assert take_back(done.shop, done.undo).orders == shop.orders


def test_a_refund_that_left_for_a_card_cannot_be_taken_back(shop: Shop) -> None:
    done = act(shop, "cancel_pending_order", order_id="#P", reason="ordered by mistake")
    assert done.undo is not None and not done.undo.possible and "无法撤回" in done.undo.reason.zh
    with pytest.raises(Conflict, match="cannot be called back"):
        take_back(done.shop, done.undo)


def test_items_are_swapped_unit_by_unit_and_the_difference_is_exact(shop: Shop) -> None:
    done = act(
        shop,
        "modify_pending_order_items",
        order_id="#P",
        item_ids=["m1", "l1"],
        new_item_ids=["m2", "l3"],
        payment_method_id="gc",
    )
    assert done.accepted
    order = done.shop.orders["#P"]
    assert [item.item_id for item in order.items] == ["m2", "m1", "l3"]
    assert order.transactions[-1].kind == "refund" and order.transactions[-1].amount == Money(1_775, "USD")
    assert balance(done.shop) == Money(5_000 + 1_775, "USD")
    assert str(order.status) == "pending (item modified)"


def test_without_the_benchmarks_quirks_every_item_gets_its_own_price(shop: Shop) -> None:
    exact = replace(POLICY, quirks=frozenset())
    swap = {"order_id": "#P", "item_ids": ["m1", "l1"], "new_item_ids": ["m2", "l3"], "payment_method_id": "cc"}
    order = execute(shop, "modify_pending_order_items", swap, exact, YES).shop.orders["#P"]
    assert [item.price.minor for item in order.items] == [1_235, 1_010, 6_000]
    assert order.transactions[-1].as_written is None


def test_changing_the_payment_moves_the_whole_amount(shop: Shop) -> None:
    done = act(shop, "modify_pending_order_payment", order_id="#G", payment_method_id="pp")
    assert done.accepted and dict(done.shop.orders["#G"].paid_by()) == {"pp": 1_010}
    assert balance(done.shop) == Money(6_010, "USD")
    cancelled = act(done.shop, "cancel_pending_order", order_id="#G", reason="no longer needed")
    assert cancelled.accepted and cancelled.shop.orders["#G"].paid_by() == {}
    assert balance(cancelled.shop) == Money(6_010, "USD"), "refunded once, to where the money is"


def test_addresses(shop: Shop) -> None:
    new = ADDRESS | {"address1": "2 Quay"}
    done = act(shop, "modify_pending_order_address", order_id="#P", **new)
    assert done.shop.orders["#P"].address.address1 == "2 Quay"
    assert take_back(done.shop, done.undo).orders == shop.orders
    again = act(take_back(done.shop, done.undo), "modify_pending_order_address", order_id="#P", **new)
    assert again.accepted, "taken back, it was not done"
    home = act(done.shop, "modify_user_address", user_id="ann", **new)
    assert home.shop.users["ann"].address.address1 == "2 Quay" and home.undo is not None


def test_taking_back_after_something_else_changed_is_a_conflict(shop: Shop) -> None:
    first = act(shop, "modify_user_address", user_id="ann", **(ADDRESS | {"address1": "2 Quay"}))
    second = act(first.shop, "modify_user_address", user_id="ann", **(ADDRESS | {"address1": "3 Quay"}))
    with pytest.raises(Conflict, match="changed since: ann"):
        take_back(second.shop, first.undo)


@pytest.mark.parametrize(
    ("action", "arguments", "answer"),
    [
        ("find_user_id_by_email", {"email": " ann@example.COM "}, "ann"),
        ("find_user_id_by_name_zip", {"first_name": "ann", "last_name": "BECK", "zip": "9000"}, "ann"),
        ("calculate", {"expression": "0.1 + 0.2"}, "0.3"),
        ("calculate", {"expression": "-(2 - 5) * 10 / 4"}, "7.5"),
        ("list_all_product_types", {}, {"Lamp": "p2", "Mug": "p1"}),
        ("transfer_to_human_agents", {"summary": "x"}, "Transfer successful"),
    ],
)
def test_look_ups_answer_and_change_nothing(shop: Shop, action: str, arguments: dict[str, Any], answer: Any) -> None:
    done = act(shop, action, Session(), **arguments)
    assert done.accepted and done.result == answer and done.shop is shop and done.undo is None


SWAP = {"order_id": "#D", "item_ids": ["m1"], "new_item_ids": ["m2"], "payment_method_id": "pp"}


@pytest.mark.parametrize(
    ("action", "arguments", "rules"),
    [
        ("cancel_pending_order", {"order_id": "#nope", "reason": "no longer needed"}, ["order-exists"]),
        ("cancel_pending_order", {"order_id": "#X", "reason": "no longer needed"}, ["order-status-pending"]),
        ("cancel_pending_order", {"order_id": "#P", "reason": "no longer needed; approve"}, ["cancel-reason-accepted"]),
        ("cancel_pending_order", {"order_id": "#B", "reason": "no longer needed"}, ["one-customer-per-conversation"]),
        ("exchange_delivered_order_items", SWAP | {"new_item_ids": ["m3"]}, ["new-item-available"]),
        ("exchange_delivered_order_items", SWAP | {"new_item_ids": ["l2"]}, ["same-product"]),
        ("exchange_delivered_order_items", SWAP | {"new_item_ids": ["zz"]}, ["new-item-exists"]),
        ("exchange_delivered_order_items", SWAP | {"new_item_ids": ["m1"]}, ["different-option"]),
        ("exchange_delivered_order_items", SWAP | {"new_item_ids": []}, ["items-paired"]),
        (
            "exchange_delivered_order_items",
            SWAP | {"item_ids": ["m1", "m1"], "new_item_ids": ["m2", "m2"]},
            ["items-in-order"],
        ),
        ("exchange_delivered_order_items", SWAP | {"item_ids": "m1"}, ["arguments-complete"]),
        ("exchange_delivered_order_items", SWAP | {"payment_method_id": "cc2"}, ["payment-method-of-customer"]),
        (
            "exchange_delivered_order_items",
            SWAP | {"item_ids": ["l1"], "new_item_ids": ["l2"], "payment_method_id": "gc"},
            ["gift-card-covers"],
        ),
        (
            "return_delivered_order_items",
            {"order_id": "#D", "item_ids": ["m1"], "payment_method_id": "cc"},
            ["refund-to-original-or-gift-card"],
        ),
        (
            "return_delivered_order_items",
            {"order_id": "#D", "item_ids": [], "payment_method_id": "pp"},
            ["items-named"],
        ),
        ("modify_pending_order_payment", {"order_id": "#P", "payment_method_id": "cc"}, ["payment-method-differs"]),
        ("modify_pending_order_payment", {"order_id": "#P", "payment_method_id": "gc"}, ["gift-card-covers"]),
        ("calculate", {"expression": "9**9**9"}, ["expression-valid"]),
        ("drop_tables", {}, ["action-known"]),
    ],
)
def test_a_wrong_action_is_refused_by_its_rule_and_changes_nothing(
    shop: Shop, action: str, arguments: dict[str, Any], rules: list[str]
) -> None:
    decision = act(shop, action, **arguments)
    assert not decision.accepted and failed(decision) == rules
    assert decision.shop is shop and decision.result is None
    reason = next(rule.reason for rule in decision.rules if not rule.passed)
    assert reason.en.endswith(".") and reason.zh.endswith("。")


@pytest.mark.parametrize(
    ("session", "rule"),
    [
        (Session(confirmed=True), "customer-identified"),
        (Session(user_id="ann"), "customer-confirmed"),
        (Session(user_id="bob", confirmed=True), "one-customer-per-conversation"),
    ],
)
def test_a_write_needs_the_customer_and_a_yes(shop: Shop, session: Session, rule: str) -> None:
    decision = act(shop, "cancel_pending_order", session, order_id="#P", reason="no longer needed")
    assert failed(decision) == [rule]


def test_once_modified_an_order_is_left_alone(shop: Shop) -> None:
    swap = {"order_id": "#P", "item_ids": ["m1"], "new_item_ids": ["m2"], "payment_method_id": "cc"}
    done = act(shop, "modify_pending_order_items", **swap).shop
    for action, arguments in (
        ("modify_pending_order_items", swap),
        ("cancel_pending_order", {"order_id": "#P", "reason": "no longer needed"}),
        ("modify_pending_order_payment", {"order_id": "#P", "payment_method_id": "pp"}),
        ("modify_pending_order_address", {"order_id": "#P", **ADDRESS}),
    ):
        assert "items-modified-once" in failed(act(done, action, **arguments))


@settings(max_examples=300, deadline=None)
@given(text=st.text("0123456789+-*/(). ", max_size=40))
def test_arithmetic_agrees_with_python_or_refuses(text: str) -> None:
    value = calculate(text)
    if value is not None:
        assert float(value) == pytest.approx(eval(text.strip()), rel=1e-9)  # the oracle, on digits and signs only


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda d: d.pop("users"), "users"),
        (lambda d: d["orders"]["#P"].update(user_id="zoe"), "orders.#P.user_id"),
        (lambda d: d["orders"]["#P"].update(status="lost"), "orders.#P.status"),
        (lambda d: d["orders"]["#P"]["items"][0].update(price=-1), "orders.#P.items[0].price"),
        (lambda d: d["orders"]["#P"]["items"][0].update(price=float("nan")), "amount"),
        (lambda d: d["orders"]["#P"]["items"][0].update(price="10"), "orders.#P.items[0].price"),
        (
            lambda d: d["orders"]["#P"]["payment_history"][0].update(transaction_type="gift"),
            "orders.#P.payment_history[0].transaction_type",
        ),
        (lambda d: d["products"]["p1"]["variants"]["m1"].update(available="yes"), "products.p1.variants.m1.available"),
        (lambda d: d["products"]["p1"]["variants"].update(l1=d["products"]["p2"]["variants"]["l1"]), "products.p2"),
    ],
)
def test_a_broken_shop_file_names_the_place(change: Any, field: str) -> None:
    document = small_shop()
    change(document)
    with pytest.raises(BadInput) as caught:
        read_shop(document, "USD")
    assert caught.value.field == field


def test_the_public_tasks_and_wrong_actions_made_from_them(shared_data: Path) -> None:
    folder = shared_data / "tau2_retail"
    db, expected = (json.loads((folder / name).read_text(encoding="utf-8")) for name in ("db.json", "expected.json"))
    shop = read_shop(db, POLICY.currency)
    agreed, total, equal, differences = right_actions(POLICY, shop, db, expected)
    assert (agreed, equal, differences) == (total, len(expected), []) and total == 365
    few = dict(list(expected.items())[:12])
    kinds, outcome, surprises = try_wrong_actions(POLICY, shop, db, few)
    assert outcome["accepted"] == 0 and outcome["named"] == kinds.total() and surprises == []
