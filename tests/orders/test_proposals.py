"""Proposals about orders on both databases: policy decides, plans are exact, effects leave once, undo is honest."""

import pytest
from tests.orders.desk_shop import NOW, cny, delivered_order, house, order, put, sent

from zhanggui.desk import State
from zhanggui.kernel.errors import BadInput, Conflict, NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.models import FulfilmentState, OrderState, RefundState, ReturnState
from zhanggui.orders.rules.automation import KINDS
from zhanggui.orders.rules.changes import Change
from zhanggui.orders.service.acting import desk_timeline
from zhanggui.orders.service.recording import load_life, order_timeline, record_event
from zhanggui.orders.store.outbox import OutboxStore

ADDRESS: JsonObject = {
    "country": "CN", "region": "浙江", "city": "宁波", "street": "中山路 5 号", "postal_code": "315000",
    "name": "李雷", "phone": "13800138000",
}  # fmt: skip


def _failed(proposal_checks: object) -> set[str]:
    return {check.name for check in proposal_checks if not check.passed}


def _effects(uow: UnitOfWork, order_id: str) -> list[tuple[str, str]]:
    return sorted((effect.effect, str(effect.state)) for effect in OutboxStore(uow).of_order(order_id))


def test_cancelling_a_paid_order_gives_every_penny_back_and_stays(uow: UnitOfWork) -> None:
    home = house()
    (name,) = put(uow, order())
    done = home.do(uow, "cancel-order", {"order_id": name, "reason": "no longer wanted"})
    life = load_life(uow, name)
    assert done.state is State.APPLIED and life.state is OrderState.CANCELLED
    assert life.refunded() == cny(10800) and [r.state for r in life.refunds] == [RefundState.APPROVED]
    assert _effects(uow, name) == [("payment.refund", "waiting"), ("shop.cancel-order", "waiting")]
    who = [step.who for step in order_timeline(uow, name) if step.own]
    assert who and set(who) == {"person:tester"}
    assert done.undo is not None and not done.undo.possible and "stays cancelled" in done.undo.reason
    with pytest.raises(Conflict, match="cannot be undone"):
        home.desk.undo(uow, done.id)


def test_a_sent_order_is_not_cancelled_and_the_rule_is_named(uow: UnitOfWork) -> None:
    home = house()
    (name,) = put(uow, order(parcels=(sent("sent", days=1),)))
    made = home.propose(uow, "cancel-order", {"order_id": name, "reason": "late"})
    assert "cancel-before-dispatch" in _failed(made.checks)
    with pytest.raises(Conflict, match="cancel-before-dispatch"):
        home.desk.approve(uow, made.id)
    assert load_life(uow, name).state is OrderState.ACCEPTED
    rules = {e.reference for e in made.evidence if e.kind == "rule"}
    assert "cn-default@1#cancel-before-dispatch" in rules
    assert all(e.detail["zh"] for e in made.evidence)


def test_some_units_cancelled_pay_back_their_price_only(uow: UnitOfWork) -> None:
    home = house()
    (name,) = put(uow, order())
    home.do(uow, "cancel-order", {"order_id": name, "reason": "one mug too many", "units": {"1": 1}})
    life = load_life(uow, name)
    assert life.total() == cny(9800) and life.refunded() == cny(1000) and life.state is OrderState.ACCEPTED


def test_an_unpaid_cancel_needs_the_house_rule_too(uow: UnitOfWork) -> None:
    home = house()
    (paid,) = put(uow, order("A1"))
    (unpaid,) = put(uow, order("A2", paid=False))
    assert "waits-for-payment" in _failed(home.kinds["cancel-order"].check(uow, {"order_id": paid, "reason": "unpaid"}))
    done = home.do(uow, "cancel-order", {"order_id": unpaid, "reason": "unpaid"})
    assert done.state is State.APPLIED and load_life(uow, unpaid).payments[0].state == "voided"


def test_a_route_can_be_taken_back_before_and_after_the_warehouse_heard_of_it(uow: UnitOfWork) -> None:
    home = house()
    for number in ("A1", "A2"):
        (name,) = put(uow, order(number))
        done = home.do(uow, "fulfil", {"order_id": name, "warehouse": "main"})
        assert done.state is State.APPLIED, done.error
        assert [f.state for f in load_life(uow, name).fulfilments] == [FulfilmentState.OPEN]
        if number == "A2":
            effect = OutboxStore(uow).of_order(name)[0]
            assert OutboxStore(uow).begin(effect.id) and OutboxStore(uow).finish(effect.id, {})
        home.desk.undo(uow, done.id, reason="wrong warehouse")
        assert [f.state for f in load_life(uow, name).fulfilments] == [FulfilmentState.CANCELLED]
        after = [("warehouse.fulfil", "withdrawn")] if number == "A1" else [
            ("warehouse.cancel", "waiting"), ("warehouse.fulfil", "done"),
        ]  # fmt: skip
        assert _effects(uow, name) == after


def test_nothing_is_routed_that_is_not_there(uow: UnitOfWork) -> None:
    home = house()
    (name,) = put(uow, order())
    home.shelf.units = {"MUG": 1, "LAMP": 5}
    assert "not-above-stock" in _failed(home.kinds["fulfil"].check(uow, {"order_id": name, "warehouse": "main"}))
    done = home.do(uow, "split", {"order_id": name, "warehouse": "main", "units": {"1": 1, "2": 1}})
    assert done.state is State.APPLIED and load_life(uow, name).allocated() == {"1": 1, "2": 1}
    home.shelf.units = None
    rest = home.kinds["fulfil"].check(uow, {"order_id": name, "warehouse": "main"})
    assert not _failed(rest)


def test_a_return_within_seven_days_and_its_refund_on_receipt(uow: UnitOfWork) -> None:
    home = house()
    (name,) = put(uow, delivered_order())
    asked: JsonObject = {"order_id": name, "units": {"1": 1}, "reason": "no-reason", "intact": True}
    back = home.do(uow, "return", asked)
    assert back.state is State.APPLIED, back.error
    refund: JsonObject = {
        "order_id": name, "basis": "return", "reason": "return", "return_id": back.id,
        "amount": {"minor": 1000, "currency": "CNY"},
    }  # fmt: skip
    assert "goods-are-back" in _failed(home.kinds["refund"].check(uow, refund))
    _receive(uow, name, back.id)
    too_much: JsonObject = {**refund, "amount": {"minor": 1001, "currency": "CNY"}}
    assert _failed(home.kinds["refund"].check(uow, too_much)) == {"not-above-the-goods"}
    paid = home.do(uow, "refund", refund)
    assert paid.state is State.APPLIED, paid.error
    assert load_life(uow, name).refunded() == cny(1000)
    assert "not-above-the-goods" in _failed(home.kinds["refund"].check(uow, refund)), "the same goods are paid once"
    home.desk.undo(uow, paid.id, reason="wrong amount")
    assert load_life(uow, name).refunded() == cny(0)


def test_a_refund_that_left_the_house_cannot_be_undone(uow: UnitOfWork) -> None:
    home = house()
    (name,) = put(uow, delivered_order())
    paid = home.do(uow, "refund", _goodwill(name, 500))
    assert any(check.name == "person-decides" and not check.passed for check in paid.checks)
    effect = OutboxStore(uow).of_order(name)[0]
    assert OutboxStore(uow).begin(effect.id)
    with pytest.raises(Conflict, match="left the house"):
        home.desk.undo(uow, paid.id)
    assert load_life(uow, name).refunded() == cny(500)


def _goodwill(name: str, minor: int) -> JsonObject:
    amount: JsonObject = {"minor": minor, "currency": "CNY"}
    return {"order_id": name, "basis": "goodwill", "reason": "sorry", "amount": amount}


def _receive(uow: UnitOfWork, name: str, return_id: str) -> None:
    for event in ("receive", "accept"):
        record_event(uow, name, Change("move_return", {"id": return_id, "event": event}), why="at the door")


def test_a_return_too_late_or_used_is_refused_by_name(uow: UnitOfWork) -> None:
    home = house()
    (old,) = put(uow, delivered_order("A1", days=9))
    (new,) = put(uow, delivered_order("A2"))
    late: JsonObject = {"order_id": old, "units": {"1": 1}, "reason": "no-reason", "intact": True}
    assert "no-reason-within-7-days" in _failed(home.kinds["return"].check(uow, late))
    used: JsonObject = {"order_id": new, "units": {"1": 1}, "reason": "no-reason", "intact": False}
    assert "no-reason-goods-intact" in _failed(home.kinds["return"].check(uow, used))
    unknown: JsonObject = {"order_id": new, "units": {"1": 1}, "reason": "no-reason"}
    assert "no-reason-goods-intact" in _failed(home.kinds["return"].check(uow, unknown)), "not known is no yes"
    many: JsonObject = {"order_id": new, "units": {"1": 3}, "reason": "no-reason", "intact": True}
    assert {"units-delivered", "possible-now"} <= _failed(home.kinds["return"].check(uow, many))


def test_an_exchange_takes_back_and_orders_anew(uow: UnitOfWork) -> None:
    home = house()
    (name,) = put(uow, delivered_order())
    payload: JsonObject = {
        "order_id": name, "units": {"1": 1}, "reason": "quality", "proof": True,
        "replacements": [{"sku": "MUG", "count": 1, "unit_price": {"minor": 1000, "currency": "CNY"}}],
    }  # fmt: skip
    done = home.do(uow, "exchange", payload)
    assert done.state is State.APPLIED, done.error
    life = load_life(uow, name)
    assert [r.state for r in life.returns] == [ReturnState.APPROVED] and [e.state for e in life.exchanges] == [
        "approved"
    ]
    assert done.undo is not None and not done.undo.possible


def test_an_address_changes_before_dispatch_and_back(uow: UnitOfWork) -> None:
    home = house()
    (name,) = put(uow, order())
    done = home.do(uow, "change-address", {"order_id": name, "address": ADDRESS})
    assert done.state is State.APPLIED, done.error
    now = home.dossiers.load(uow, name).address
    assert now is not None and now.city == "宁波"
    assert "address-is-another" in _failed(
        home.kinds["change-address"].check(uow, {"order_id": name, "address": ADDRESS})
    )
    home.desk.undo(uow, done.id)
    (act,), effects = desk_timeline(uow, name)
    assert (act.key, act.who, act.taken_back_at is not None) == (done.id, "person:tester", True)
    assert [effect.state for effect in effects] == ["withdrawn"]
    back = home.dossiers.load(uow, name).address
    assert back is not None and back.city == "杭州"
    (gone,) = put(uow, order("A2", parcels=(sent("sent", days=0),)))
    refused = home.kinds["change-address"].check(uow, {"order_id": gone, "address": ADDRESS})
    assert "address-before-dispatch" in _failed(refused)
    bad = home.kinds["change-address"].check(uow, {"order_id": name, "address": {**ADDRESS, "postal_code": "9"}})
    assert "new-address-usable" in _failed(bad)


def test_a_message_may_say_proved_things_only(uow: UnitOfWork) -> None:
    home = house()
    (name,) = put(uow, order())
    good: JsonObject = {"order_id": name, "text": "您好，您的订单 A1 已收到，金额 108.00 CNY。", "locale": "zh-CN"}
    assert not _failed(home.kinds["message-customer"].check(uow, good))
    bad = {**good, "text": "您好，您的订单 A1 会在 3 天内送达。"}
    assert _failed(home.kinds["message-customer"].check(uow, bad)) == {"proved-facts-only"}
    assert home.do(uow, "message-customer", good).state is State.APPLIED
    home.do(uow, "message-customer", {**good, "text": "您好，订单 A1 正在准备。"})
    third = home.kinds["message-customer"].check(uow, {**good, "text": "您好。"})
    assert _failed(third) == {"at-most-two-messages-a-day"}


def test_price_protection_pays_the_exact_difference(uow: UnitOfWork) -> None:
    home = house()
    (name,) = put(uow, order())
    payload: JsonObject = {
        "order_id": name, "paid": {"minor": 1000, "currency": "CNY"}, "now": {"minor": 833, "currency": "CNY"},
        "same_offer": True,
    }  # fmt: skip
    done = home.do(uow, "price-protection", payload)
    assert done.state is State.APPLIED and load_life(uow, name).refunded() == cny(167)
    unsaid = {key: value for key, value in payload.items() if key != "same_offer"}
    assert "price-same-offer" in _failed(home.kinds["price-protection"].check(uow, unsaid))


def test_one_invoice_for_what_was_paid(uow: UnitOfWork) -> None:
    home = house()
    (name,) = put(uow, order())
    payload: JsonObject = {"order_id": name, "title": "某某公司", "amount": {"minor": 10800, "currency": "CNY"}}
    over: JsonObject = {**payload, "amount": {"minor": 10801, "currency": "CNY"}}
    assert "refund-within-payment" in _failed(home.kinds["invoice"].check(uow, over))
    mistyped: JsonObject = {**payload, "tax_id": "91350100M000100Y44"}
    assert _failed(home.kinds["invoice"].check(uow, mistyped)) == {"tax-number-fits"}
    payload = {**payload, "tax_id": "91350100M000100Y43"}
    assert home.do(uow, "invoice", payload).state is State.APPLIED
    assert "one-invoice" in _failed(home.kinds["invoice"].check(uow, payload))


def test_holding_and_releasing(uow: UnitOfWork) -> None:
    home = house()
    (name,) = put(uow, order())
    done = home.do(uow, "hold", {"order_id": name, "reason": "signs of risk"})
    assert load_life(uow, name).state is OrderState.HELD
    home.desk.undo(uow, done.id)
    assert load_life(uow, name).state is OrderState.ACCEPTED
    assert _failed(home.kinds["hold"].check(uow, {"order_id": name, "reason": "x"})) == set()


def test_the_same_key_is_carried_out_once(uow: UnitOfWork) -> None:
    home = house()
    (name,) = put(uow, order())
    payload: JsonObject = {"order_id": name, "reason": "no longer wanted", "units": {"1": 1}}
    home.kinds["cancel-order"].apply(uow, payload, "prp_1")
    with pytest.raises(Conflict, match="carried out before"):
        home.kinds["cancel-order"].apply(uow, payload, "prp_1")
    assert load_life(uow, name).refunded() == cny(1000)


def test_a_policy_without_a_rule_for_it_allows_nothing(uow: UnitOfWork) -> None:
    home = house(policy="eu-default")
    (name,) = put(uow, order())
    payload: JsonObject = {
        "order_id": name, "paid": {"minor": 2, "currency": "CNY"}, "now": {"minor": 1, "currency": "CNY"},
        "same_offer": True,
    }  # fmt: skip
    assert "no-rule" in _failed(home.kinds["price-protection"].check(uow, payload))


HOSTILE: tuple[JsonObject, ...] = (
    {},
    {"order_id": 5},
    {"order_id": ""},
    {"order_id": "x" * 400},
)


@pytest.mark.parametrize("kind", KINDS)
def test_malformed_payloads_name_the_field(kind: str, uow: UnitOfWork) -> None:
    home = house()
    (name,) = put(uow, order())
    for payload in HOSTILE:
        with pytest.raises(BadInput) as refused:
            home.kinds[kind].check(uow, payload)
        assert refused.value.field == "order_id"
    with pytest.raises(NotFound):
        home.kinds[kind].check(uow, {"order_id": "shop:none"})
    odd: list[JsonObject] = [
        {"units": {"1": -1}, "reason": "quality", "amount": {"minor": -5, "currency": "CNY"}, "basis": "goodwill"},
        {"units": {"1": True}, "reason": "x\0y", "amount": {"minor": 1.5, "currency": "CNY"}, "basis": "lost"},
        {"units": [], "reason": 7, "amount": {"minor": 10**30, "currency": "EUR"}, "text": 5, "address": "x"},
        {"units": {"1": 10**20}, "text": "x" * 5000, "address": {}, "reason": "a" * 501, "amount": "12"},
    ]
    for fields in odd:
        with pytest.raises(BadInput):
            home.kinds[kind].check(uow, {"order_id": name, **fields})


def test_another_merchants_order_is_not_there(uow: UnitOfWork, database: object) -> None:
    home = house()
    (name,) = put(uow, order())
    stranger = UnitOfWork(uow.connection, "m2", uow.actor, uow.clock)
    with pytest.raises(NotFound):
        home.kinds["hold"].check(stranger, {"order_id": name, "reason": "x"})
    assert uow.clock.now() == NOW
