"""Plans on random orders: money is exact, the trial equals the deed, the past is rebuilt from its transitions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhanggui.kernel.commerce import SourceLine, SourceOrder, SourceParcel, SourcePayment
from zhanggui.kernel.errors import BadInput, Conflict, MerchantError
from zhanggui.kernel.types import Money
from zhanggui.orders.models import OrderLife, Stamp
from zhanggui.orders.rules.asof import life_at
from zhanggui.orders.rules.automation import KINDS, Trigger, fired, parse_automations, sentence
from zhanggui.orders.rules.building import build_life
from zhanggui.orders.rules.dossier import Dossier, dossier_facts
from zhanggui.orders.rules.plans import make_plan, split_refund, try_plan

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
STAMP = Stamp(NOW + timedelta(days=1), "tester", "trial")


@st.composite
def dossiers(draw: st.DrawFn) -> Dossier:
    """A paid order of up to three lines, paid in up to three parts, perhaps partly sent."""
    lines = tuple(
        SourceLine(str(n), f"SKU{n}", "x", draw(st.integers(1, 4)), Money(draw(st.integers(1, 99_999)), "CNY"))
        for n in range(draw(st.integers(1, 3)))
    )
    goods = sum(line.quantity * line.unit_price.minor for line in lines)
    charges = draw(st.integers(-goods + 1, 2_000))
    total, left, payments = goods + charges, goods + charges, list[SourcePayment]()
    for n in range(draw(st.integers(1, 3))):
        part = draw(st.integers(0, left))
        if part:
            at = NOW - timedelta(hours=30 - n)
            payments.append(SourcePayment(f"p{n}", "visa", Money(part, "CNY"), Money(part, "CNY"), "captured", at))
            left -= part
    sent = draw(st.sampled_from(("", "open", "sent", "delivered", "lost")))
    units = {line.id: draw(st.integers(1, line.quantity)) for line in lines[:1]}
    parcels = (SourceParcel("S", units, NOW - timedelta(hours=20), sent, ended_at=NOW),) if sent else ()
    told = SourceOrder(
        "x", "A1", NOW, NOW - timedelta(hours=40), lines, Money(charges, "CNY"), Money(total, "CNY"),
        payments=tuple(payments), parcels=parcels,
    )  # fmt: skip
    built = build_life(told, "o")
    assert not built.flags
    return Dossier(built.life, told, stock={f"SKU{n}": draw(st.integers(0, 4)) for n in range(3)})


@settings(deadline=None)
@given(dossier=dossiers(), minor=st.integers(1, 10**6))
def test_a_refund_is_shared_out_exactly_or_not_at_all(dossier: Dossier, minor: int) -> None:
    life, amount = dossier.life, Money(minor, "CNY")
    if minor > life.captured().minor:
        with pytest.raises(Conflict):
            split_refund(life, amount)
        return
    shares = split_refund(life, amount)
    captured = {payment.id: payment.captured.minor for payment in life.payments}
    assert sum(share.minor for _, share in shares) == minor
    assert all(0 < share.minor <= captured[payment] for payment, share in shares)


@settings(deadline=None)
@given(dossier=dossiers())
def test_cancelling_gives_back_what_was_taken_or_changes_nothing(dossier: Dossier) -> None:
    try:
        plan = make_plan("cancel-order", dossier, {"order_id": "o", "reason": "x"}, "k")
        after = try_plan(dossier, plan, STAMP)
    except MerchantError:
        assert dossier.life.shipped() or not dossier.life.lines or dossier.life.allocated() or _lost(dossier.life)
        return
    assert after.state == "cancelled" and after.refunded() == dossier.life.captured()
    told = sum(payload["amount"]["minor"] for name, payload in plan.effects if name.startswith("payment"))
    assert told == dossier.life.captured().minor, "the other side is told to pay exactly what the life records"


def _lost(life: OrderLife) -> bool:
    return any(parcel.state == "lost" for parcel in life.parcels)


@settings(deadline=None)
@given(dossier=dossiers(), which=st.integers(0, 2), count=st.integers(1, 4))
def test_cancelled_units_never_pay_back_more_than_the_order_lost(dossier: Dossier, which: int, count: int) -> None:
    life = dossier.life
    try:
        plan = make_plan("cancel-order", dossier, {"reason": "x", "units": {str(which): count}}, "k")
        after = try_plan(dossier, plan, STAMP)
    except MerchantError:
        return
    kept = after.captured() - after.refunded()
    # What stays with the shop is what the order costs now, or all that was paid where that is less.
    assert kept.minor == min(life.captured().minor, max(0, after.total().minor))


@settings(deadline=None)
@given(dossier=dossiers(), hours=st.integers(0, 100))
def test_the_past_is_rebuilt_from_its_transitions(dossier: Dossier, hours: int) -> None:
    life = dossier.life
    whole = life_at(life, max(step.stamp.at for step in life.history))
    assert whole is not None and replace(whole, history=life.history) == life
    then = life_at(life, NOW - timedelta(hours=hours))
    assert (then is None) == (hours > 40)
    if then is not None:
        assert then.captured() <= life.captured() and len(then.history) <= len(life.history)
        assert all(step.stamp.at <= NOW - timedelta(hours=hours) for step in then.history)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    "units",
    "reason",
    "amount",
    "basis",
    "address",
    "warehouse",
    "text",
    "replacements",
    "paid",
    "now",
    "parcel_id",
)


@settings(deadline=None)
@given(
    dossier=dossiers(), kind=st.sampled_from(KINDS), values=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5)
)
def test_any_payload_is_planned_or_refused_by_name(dossier: Dossier, kind: str, values: dict[str, object]) -> None:
    try:
        plan = make_plan(kind, dossier, values, "k")
        try_plan(dossier, plan, STAMP)
    except BadInput as bad:
        assert bad.field and bad.expected
    except MerchantError as refused:
        assert refused.message


BASE = "automations: a\nversion: '1'\ntitle: {en: A, zh: 甲}\nzone: Asia/Shanghai\ncurrency: CNY\nrules:\n"


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ("- {id: a, event: order-paid, propose: fulfil}", "a.when"),
        ("- {id: a, event: nothing, when: {fact: x, is: 1}, propose: fulfil}", "a.event"),
        ("- {id: a, event: order-paid, when: {fact: x, is: 1}, propose: steal}", "a.propose"),
        ("- {id: a, event: order-paid, when: {fact: x, equals: 1}, propose: fulfil}", "a.when"),
        ("- {id: a, event: order-paid, when: {fact: x, is: 1}, propose: fulfil, mode: yes}", "a.mode"),
        ("- {id: a, event: order-paid, when: {fact: x, is: 1}, propose: fulfil, confidence: 2}", "a.confidence"),
        ("- {id: a, event: order-paid, when: {fact: x, is: 1}, propose: fulfil, extra: 1}", "rules[1].extra"),
        ("- {id: a, event: order-paid, when: {fact: x, is: 1}, propose: fulfil, with: [1]}", "a.with"),
        ("- 7", "rules[1]"),
        ("  7", "rules"),
        ("- {id: a, event: order-paid, when: {fact: x, is: 1}, propose: hold}\n" * 2, "rules"),
    ],
)
def test_a_broken_rule_is_refused_by_name(rule: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_automations(BASE + rule)
    assert refused.value.field == field


def test_attacks_on_the_yaml() -> None:
    for text in ("", "[", "a: &a [*a]", "!!python/object/apply:os.system [ls]", "x" * 10, "- 1", "\x00"):
        with pytest.raises(BadInput):
            parse_automations(text)


@settings(deadline=None)
@given(dossier=dossiers())
def test_unknown_facts_make_no_rule_fire(dossier: Dossier) -> None:
    rules = parse_automations(
        BASE + "- {id: a, event: order-paid, when: {not: {fact: never.heard, is: 1}}, propose: hold}\n"
        "- {id: b, event: order-paid, when: {fact: order.units, at_least: 1}, propose: hold, mode: off}"
    )
    hits = [one.rule.id for one in fired(rules, Trigger.PAID, dossier_facts(dossier, NOW))]
    assert hits == ["b"]
    assert sentence(rules.rules[1]).zh.startswith("当订单付款，且订购件数不少于1时：建议")
