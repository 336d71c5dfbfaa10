"""Automations on both databases: shadow touches nothing, live needs a replay, the same situation fires once."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.orders.desk_shop import HOME, NOW, cny, delivered_order, house, order, put, sent

from zhanggui.desk import Filter, Inbox, State
from zhanggui.kernel.clock import FixedClock
from zhanggui.kernel.commerce import Customer, SourcePayment, TrackingEvent, TrackingReport
from zhanggui.kernel.commerce import ParcelStatus as Status
from zhanggui.kernel.errors import BadInput, Conflict
from zhanggui.kernel.jobs import Jobs
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.desk_jobs import AUTOMATIONS_JOB, EXCEPTIONS_JOB, AutomationsJob, ExceptionsJob
from zhanggui.orders.models import OrderState
from zhanggui.orders.rules.automation import Trigger
from zhanggui.orders.service.automations import Automations
from zhanggui.orders.service.exceptions import ExceptionDesk
from zhanggui.orders.service.recording import load_life, record_tracking

LAST = NOW + timedelta(days=1)
FIRST = NOW - timedelta(days=90)


def _live(automations: Automations, uow: UnitOfWork, *rules: str) -> None:
    automations.replay(uow, FIRST, LAST)
    for rule in rules:
        automations.set_mode(uow, rule, "live")


def _rules(runs: object) -> list[str]:
    assert isinstance(runs, list)
    return sorted(run.rule_id for run in runs)


def _proposals(uow: UnitOfWork) -> list[str]:
    return sorted(f"{made.kind}:{made.state}" for made in Inbox.page(uow, Filter()).items)


def test_shadow_records_and_proposes_nothing(uow: UnitOfWork) -> None:
    home = house()
    automations = Automations(home.dossiers, home.desk)
    (name,) = put(uow, order())
    assert _rules(automations.after_change(uow, name)) == ["paid-fulfil"]
    assert automations.after_change(uow, name) == [], "the same situation fires once"
    assert _proposals(uow) == [] and load_life(uow, name).fulfilments == ()
    view = next(view for view in automations.rules(uow) if view.rule.id == "paid-fulfil")
    assert (view.fired, view.mode, view.money) == (1, "shadow", {"CNY": 10800})
    assert "propose giving the order to a warehouse" in view.text.en and "分配仓库发货" in view.text.zh


def test_live_needs_a_replay_of_this_very_wording(uow: UnitOfWork) -> None:
    home = house()
    automations = Automations(home.dossiers, home.desk)
    with pytest.raises(Conflict, match="replay"):
        automations.set_mode(uow, "paid-fulfil", "live")
    _live(automations, uow, "paid-fulfil")
    text = (
        "automations: mine\nversion: '2'\ntitle: {en: Mine, zh: 我的}\nzone: Asia/Shanghai\ncurrency: CNY\nrules:\n"
        "  - {id: paid-fulfil, event: order-paid, when: {fact: order.paid, is: true}, propose: fulfil, mode: off}\n"
    )
    automations.save(uow, text)
    assert automations.in_force(uow).rule("paid-fulfil").mode == "shadow", "reworded: back to shadow"
    with pytest.raises(BadInput):
        automations.save(uow, text.replace("order-paid", "order-eaten"))
    assert automations.in_force(uow).version == "2"


def test_paid_risk_check_route_fulfil(uow: UnitOfWork) -> None:
    home = house()
    automations = Automations(home.dossiers, home.desk)
    (name,) = put(uow, order())
    _live(automations, uow, "paid-fulfil")
    (run,) = automations.after_change(uow, name)
    assert run.proposal_id is not None
    made = Inbox.get(uow, run.proposal_id)
    assert made.state is State.WAITING and not made.blocked
    kinds = [item.kind for item in made.evidence]
    assert kinds[0] == "automation" and "rule" in kinds
    home.desk.approve(uow, made.id)
    assert home.desk.apply(uow, made.id).state is State.APPLIED
    assert load_life(uow, name).allocated() == {"1": 2, "2": 1}
    view = next(view for view in automations.rules(uow) if view.rule.id == "paid-fulfil")
    assert (view.decided, view.agreed) == (1, 1) and 0 < view.lower < 1


def test_risk_holds_but_never_cancels(uow: UnitOfWork) -> None:
    home = house()
    automations = Automations(home.dossiers, home.desk)
    bad = replace(HOME, street="test", phone="111", postal_code="100000")
    (name,) = put(uow, order("A9", shipping_address=bad))
    _live(automations, uow, "risky-hold", "paid-fulfil", "unpaid-cancel")
    assert _rules(automations.after_change(uow, name)) == ["risky-hold"]
    (made,) = Inbox.page(uow, Filter()).items
    reasons = [item for item in made.evidence if item.kind == "risk"]
    assert made.kind == "hold" and len(reasons) >= 2 and all(item.detail["zh"] for item in reasons)


def test_a_duplicate_is_held(uow: UnitOfWork) -> None:
    home = house()
    automations = Automations(home.dossiers, home.desk)
    first, second = put(uow, order("A1"), order("A2", placed_at=NOW - timedelta(hours=1)))
    _live(automations, uow, "duplicate-hold")
    assert "duplicate-hold" not in _rules(automations.after_change(uow, first))
    assert "duplicate-hold" in _rules(automations.after_change(uow, second))


def test_unpaid_remind_then_cancel(uow: UnitOfWork, clock: FixedClock) -> None:
    home = house()
    automations = Automations(home.dossiers, home.desk)
    (name,) = put(uow, order(paid=False))
    _live(automations, uow, "unpaid-remind", "unpaid-cancel")
    assert automations.hour_passed(uow, name) == []
    clock.advance(timedelta(hours=23))
    (run,) = automations.hour_passed(uow, name)
    assert run.rule_id == "unpaid-remind" and run.proposal_id
    home.desk.approve(uow, run.proposal_id)
    assert home.desk.apply(uow, run.proposal_id).state is State.APPLIED
    clock.advance(timedelta(hours=47))
    assert automations.hour_passed(uow, name) == []
    clock.advance(timedelta(hours=1))
    (last,) = automations.hour_passed(uow, name)
    assert last.rule_id == "unpaid-cancel" and last.proposal_id
    home.desk.approve(uow, last.proposal_id)
    home.desk.apply(uow, last.proposal_id)
    assert load_life(uow, name).state is OrderState.CANCELLED


def test_stock_out_splits_or_holds(uow: UnitOfWork) -> None:
    home = house()
    automations = Automations(home.dossiers, home.desk)
    some, none = put(uow, order("A1"), order("A2", customer=None, shipping_address=replace(HOME, phone="13900000001")))
    _live(automations, uow, "stock-out-split", "stock-out-hold")
    home.shelf.units = {"MUG": 1, "LAMP": 1}
    assert _rules(automations.after_change(uow, some)) == ["stock-out-split"]
    home.shelf.units = {}
    assert _rules(automations.after_change(uow, none)) == ["stock-out-hold"]
    made = {made.kind: made for made in Inbox.page(uow, Filter()).items}
    assert made["split"].payload["units"] == {"1": 1, "2": 1} and not made["split"].blocked and not made["hold"].blocked


def test_requests_for_an_address_and_an_invoice(uow: UnitOfWork) -> None:
    home = house()
    automations = Automations(home.dossiers, home.desk)
    (name,) = put(uow, order())
    _live(automations, uow, "address-before-dispatch", "invoice-paid")
    new: JsonObject = {"address": {"country": "CN", "city": "宁波", "street": "中山路 5 号", "phone": "13800138000"}}
    assert _rules(automations.asked(uow, name, Trigger.ADDRESS, new)) == ["address-before-dispatch"]
    assert _rules(automations.asked(uow, name, Trigger.INVOICE, {"title": "某某公司"})) == ["invoice-paid"]
    made = {made.kind: made for made in Inbox.page(uow, Filter()).items}
    assert made["invoice"].payload["amount"] == {"minor": 10800, "currency": "CNY"}
    assert not made["change-address"].blocked and not made["invoice"].blocked
    with pytest.raises(BadInput):
        automations.asked(uow, name, Trigger.PAID, {})
    assert _rules(automations.asked(uow, name, Trigger.ADDRESS, {"address": "x"})) == ["address-before-dispatch"]
    broken = [p for p in Inbox.page(uow, Filter(kinds=("change-address",))).items if p.payload["address"] == "x"]
    assert all(p.blocked for p in broken)


def test_cash_on_delivery_refused(uow: UnitOfWork) -> None:
    home = house()
    automations = Automations(home.dossiers, home.desk)
    payment = SourcePayment("p1", "COD", cny(10800), cny(0), "pending", NOW - timedelta(days=5))
    placed = NOW - timedelta(days=5)
    (name,) = put(uow, order(placed_at=placed, payments=(payment,), parcels=(sent("sent", days=1),)))
    at = NOW - timedelta(hours=3)
    events = (TrackingEvent(at, Status.REFUSED.value, text="拒收", reason="buyer_refused"),)
    record_tracking(uow, TrackingReport("yunque", "YQ1", Status.REFUSED, events=events))
    _live(automations, uow, "cod-refused-message", "refuser-cod-hold")
    assert _rules(automations.after_change(uow, name)) == ["cod-refused-message"]
    (made,) = Inbox.page(uow, Filter()).items
    assert "拒收" in str(made.payload["text"]) and not made.blocked
    later = order("A2", payments=(replace(payment, at=NOW),), placed_at=NOW - timedelta(hours=1))
    (second,) = put(uow, later)
    assert "refuser-cod-hold" in _rules(automations.after_change(uow, second))


def test_replay_says_what_would_have_happened(uow: UnitOfWork) -> None:
    home = house()
    automations = Automations(home.dossiers, home.desk)
    put(uow, *(delivered_order(f"A{n}", days=10 + n) for n in range(5)), order("B1", paid=False))
    results = {one.rule_id: one for one in automations.replay(uow, FIRST, LAST)}
    # Stock of the past is not known, so the rule reads `not counted`; every one of these was in fact sent.
    fulfil = results["paid-fulfil"]
    assert (len(fulfil.triggered), fulfil.money, fulfil.comparable, fulfil.agreed) == (5, {"CNY": 5 * 10800}, 5, 5)
    assert results["unpaid-remind"].triggered == ()
    assert _proposals(uow) == []
    with pytest.raises(BadInput):
        automations.replay(uow, LAST, FIRST)


def test_a_sweep_sees_what_changed_and_repeats_nothing(uow: UnitOfWork, clock: FixedClock) -> None:
    home = house()
    automations = Automations(home.dossiers, home.desk)
    _live(automations, uow, "paid-fulfil")
    put(
        uow,
        order("A1"),
        order("A2", customer=None, shipping_address=replace(HOME, phone="13900000001", street="别处 1 号")),
    )
    assert automations.sweep(uow) >= 2
    assert _proposals(uow) == ["fulfil:waiting", "fulfil:waiting"]
    clock.advance(timedelta(minutes=30))
    automations.sweep(uow)
    clock.advance(timedelta(hours=3))
    automations.sweep(uow)
    assert _proposals(uow) == ["fulfil:waiting", "fulfil:waiting"]


def test_another_currency_breaks_no_rule(uow: UnitOfWork) -> None:
    home = house()
    automations = Automations(home.dossiers, home.desk)
    text = (
        "automations: money\nversion: '1'\ntitle: {en: M, zh: 钱}\nzone: UTC\ncurrency: EUR\nrules:\n"
        "  - {id: big, event: order-placed, when: {fact: order.total, more_than: {money: '1'}}, propose: hold}\n"
    )
    automations.save(uow, text)
    (name,) = put(uow, order())
    assert automations.after_change(uow, name) == []


def test_jobs_look_at_everything_once(database: Database, tmp_path: Path) -> None:
    home = house()
    automations = Automations(home.dossiers, home.desk)
    jobs = Jobs(database, tmp_path / "jobs")
    jobs.register(AutomationsJob(automations))
    jobs.register(ExceptionsJob(ExceptionDesk(home.dossiers, home.desk)))
    with database.begin("m1", Actor("person", "tester")) as uow:
        people = [
            (replace(HOME, phone=f"1390000{n:04d}", street=f"文一路 {n} 号"), Customer(f"c{n}")) for n in range(30)
        ]
        put(uow, *(order(f"A{n}", shipping_address=place, customer=who) for n, (place, who) in enumerate(people)))
        _live(automations, uow, "paid-fulfil")
    for _ in range(2):
        for kind in (AUTOMATIONS_JOB, EXCEPTIONS_JOB):
            with database.begin("m1", Actor("person", "tester")) as uow:
                job = jobs.start(uow, kind, {})
            assert jobs.run("m1", job).progress.failed == 0
    with database.begin("m1", Actor("person", "tester")) as uow:
        assert _proposals(uow) == ["fulfil:waiting"] * 30
