"""The shipped policies on worked examples, the engine on small ones, replay, and sentences in both languages."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.orders.rules.test_life import STAMP, cny, placed

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Money
from zhanggui.orders.models import Goods, LifeLine, OrderLife, Parcel, PriceClaim, ServiceCase, Stamp, Trader
from zhanggui.orders.rules import life, machines
from zhanggui.orders.rules.cases import case_facts, decide
from zhanggui.orders.rules.conditions import AnyOf, Compare, Not, Within, deadline, facts_of, holds
from zhanggui.orders.rules.engine import describe, evaluate, facts_needed
from zhanggui.orders.rules.policy import parse_policy
from zhanggui.orders.rules.replay import facts_from_json, facts_to_json, remember, replay
from zhanggui.orders.rules.vocabulary import FACTS, WORDS
from zhanggui.orders.service.policies import load_policy, shipped_policies

SHANGHAI = ZoneInfo("Asia/Shanghai")
PAID = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)
RECEIVED = datetime(2026, 3, 5, 18, 30, tzinfo=SHANGHAI)


def order_received(order: OrderLife, paid: datetime = PAID, received: datetime = RECEIVED) -> OrderLife:
    """An order of any lines, paid in full, sent the day after in one parcel, received."""
    at = Stamp(paid, "customer", "pays")
    order = life.move_order(order, machines.OrderEvent.ACCEPT, at)
    order = life.add_payment(order, "p1", "alipay", order.total(), at)
    order = life.move_payment(order, "p1", machines.PaymentEvent.AUTHORISE, at)
    order = life.capture(order, "p1", order.total(), at)
    units = {line.id: line.ordered for line in order.lines}
    sent = Stamp(paid + timedelta(days=1), "warehouse", "sends")
    order = life.allocate(order, "f1", "HZ", units, sent)
    for event in (machines.FulfilmentEvent.PICK, machines.FulfilmentEvent.PACK, machines.FulfilmentEvent.DISPATCH):
        order = life.move_fulfilment(order, "f1", event, sent)
    order = life.ship(order, Parcel("s1", "f1", "sf", "SF1", units), sent)
    order = life.move_parcel(order, "s1", machines.ShipmentEvent.HAND_OVER, sent)
    return life.move_parcel(order, "s1", machines.ShipmentEvent.DELIVER, Stamp(received, "carrier", "delivers"))


def cn_case(**changes: object) -> ServiceCase:
    at = RECEIVED + timedelta(days=3)
    base = ServiceCase("return", order_received(placed()), at, units={"l1": 1}, goods=Goods(intact=True))
    return replace(base, **changes)


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ({}, ()),
        # The day of receipt is not counted: 5 March + 7 days lasts to the end of 12 March in Shanghai.
        ({"at": datetime(2026, 3, 12, 23, 59, 59, tzinfo=SHANGHAI)}, ()),
        ({"at": datetime(2026, 3, 12, 16, 0, tzinfo=UTC)}, ("no-reason-within-7-days",)),
        ({"goods": Goods(kinds=("custom-made",), intact=True)}, ("no-reason-not-excepted",)),
        ({"goods": Goods(kinds=("perishable",), intact=True)}, ("no-reason-not-excepted",)),
        ({"goods": Goods(kinds=("sealed-media",), intact=True, opened=True)}, ("no-reason-seal-unbroken",)),
        ({"goods": Goods(kinds=("sealed-media",), intact=True, opened=False)}, ()),
        (
            {"goods": Goods(kinds=("hygiene-sealed",), intact=True, exception_agreed=True)},
            ("no-reason-exception-not-agreed",),
        ),
        ({"goods": Goods(kinds=("hygiene-sealed",), intact=True, exception_agreed=False)}, ()),
        ({"goods": Goods(intact=False)}, ("no-reason-goods-intact",)),
        ({"goods": Goods()}, ("no-reason-goods-intact",)),  # nobody knows: never guessed
        ({"units": {"l2": 2}}, ("units-delivered",)),
        ({"amount": cny(18_301)}, ("refund-within-payment",)),
        ({"reason": "quality", "proof": True, "goods": Goods(kinds=("custom-made",), intact=False)}, ()),
        ({"reason": "quality", "proof": None}, ("fault-proved",)),
        ({"reason": "changed-my-mind"}, ("return-reason",)),
        ({"action": "exchange", "at": RECEIVED + timedelta(days=15)}, ()),
        ({"action": "exchange", "at": RECEIVED + timedelta(days=16)}, ("exchange-within-15-days",)),
        ({"action": "cancel"}, ("cancel-before-dispatch",)),
        ({"action": "change-address"}, ("address-before-dispatch",)),
        ({"action": "refund-only", "reason": "missing-item", "proof": True}, ()),
        ({"action": "refund-only"}, ("refund-only-reason",)),
        (
            {
                "action": "price-protection",
                "at": PAID + timedelta(days=7),
                "price": PriceClaim(cny(5_000), cny(4_500), True),
                "amount": cny(500),
            },
            (),
        ),
        (
            {"action": "price-protection", "price": PriceClaim(cny(5_000), cny(5_000), True), "amount": cny(1)},
            ("price-dropped",),
        ),
        (
            {"action": "price-protection", "price": PriceClaim(cny(5_000), cny(4_000), False), "amount": cny(1)},
            ("price-same-offer",),
        ),
        ({"action": "late-dispatch"}, ("dispatch-late-48-hours",)),
    ],
)
def test_the_chinese_policy_on_worked_examples(changes: dict[str, object], failed: tuple[str, ...]) -> None:
    verdict = decide(cn_case(**changes), load_policy("cn-default"))
    assert verdict.failed == failed
    assert verdict.allowed == (not failed)


def test_who_pays_and_by_when_under_the_chinese_policy() -> None:
    policy = load_policy("cn-default")
    verdict = decide(cn_case(), policy)
    assert verdict.outcome("return_freight_paid_by") == "buyer"
    assert verdict.outcome("refund_amount") == cny(5_000)
    assert verdict.outcome("refund_due") is None, "the period begins when the goods are back"
    everything = decide(cn_case(reason="quality", proof=True, units=None), policy)
    assert everything.outcome("return_freight_paid_by") == "seller"
    assert everything.outcome("refund_amount") == cny(17_500 + 800), "freight comes back with the last unit"
    claim = cn_case(action="price-protection", price=PriceClaim(cny(5_000), cny(4_470), True), amount=cny(530))
    assert decide(claim, policy).outcome("compensation") == cny(530)


def test_the_48_hour_dispatch_promise_counts_hours_and_pays_within_bounds() -> None:
    policy, at = load_policy("cn-default"), Stamp(PAID, "customer", "pays")
    order = life.move_order(placed(), machines.OrderEvent.ACCEPT, at)
    order = life.add_payment(order, "p1", "alipay", order.total(), at)
    order = life.move_payment(order, "p1", machines.PaymentEvent.AUTHORISE, at)
    order = life.capture(order, "p1", order.total(), at)
    for hours, late in ((48, False), (49, True)):
        verdict = decide(ServiceCase("late-dispatch", order, PAID + timedelta(hours=hours)), policy)
        assert verdict.allowed is late
        assert verdict.outcome("dispatch_due") == PAID + timedelta(hours=48)
        assert verdict.outcome("compensation") == cny(875)  # 5 % of 175.00
    presale = ServiceCase(
        "late-dispatch", order, PAID + timedelta(days=9), presale=True, dispatch_promised_at=PAID + timedelta(days=10)
    )
    assert decide(presale, policy).failed == ("presale-dispatch-late",)
    assert decide(replace(presale, at=PAID + timedelta(days=11)), policy).allowed
    assert decide(ServiceCase("cancel", order, PAID), policy).allowed


def test_a_discount_is_shared_by_the_units_that_come_back() -> None:
    order = life.place("o", [LifeLine("a", "A", 3, cny(1_000))], cny(-500), STAMP)
    facts = case_facts(ServiceCase("return", order_received(order), RECEIVED, units={"a": 1}))
    assert facts["request.amount"] == cny(833)  # a third of 25.00


BRUSSELS = ZoneInfo("Europe/Brussels")
THURSDAY = datetime(2026, 3, 5, 12, 0, tzinfo=BRUSSELS)


def eu_case(**changes: object) -> ServiceCase:
    order = life.place("e1", [LifeLine("a", "A", 2, Money(4_000, "EUR"))], Money(490, "EUR"), STAMP)
    received = order_received(order, paid=THURSDAY - timedelta(days=3), received=THURSDAY)
    base = ServiceCase(
        "return", received, THURSDAY + timedelta(days=5), trader=Trader(informed=True, informed_return_cost=True)
    )
    return replace(base, **changes)


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ({}, ()),
        ({"at": datetime(2026, 3, 19, 23, 59, tzinfo=BRUSSELS)}, ()),
        ({"at": datetime(2026, 3, 20, 0, 1, tzinfo=BRUSSELS)}, ("withdrawal-within-14-days",)),
        ({"at": THURSDAY + timedelta(days=370), "trader": Trader(informed=False)}, ()),
        (
            {"at": THURSDAY + timedelta(days=390), "trader": Trader(informed=False)},
            ("withdrawal-within-12-months-more",),
        ),
        ({"goods": Goods(kinds=("custom-made",))}, ("withdrawal-not-excepted",)),
        ({"goods": Goods(kinds=("hygiene-sealed",), opened=True)}, ("withdrawal-seal-unbroken",)),
        ({"goods": Goods(kinds=("digital",), exception_agreed=True)}, ("withdrawal-digital-not-begun",)),
        ({"action": "remedy", "reason": "quality", "at": THURSDAY + timedelta(days=300)}, ()),
        (
            {"action": "remedy", "reason": "quality", "at": THURSDAY + timedelta(days=500)},
            ("conformity-proved-after-1-year",),
        ),
        ({"action": "remedy", "reason": "quality", "at": THURSDAY + timedelta(days=500), "proof": True}, ()),
        (
            {"action": "remedy", "reason": "quality", "at": THURSDAY + timedelta(days=731), "proof": True},
            ("conformity-within-2-years",),
        ),
        ({"action": "remedy", "reason": "no-reason"}, ("conformity-reason",)),
        ({"action": "late-delivery"}, ()),
        ({"action": "cancel"}, ("cancel-before-dispatch",)),
    ],
)
def test_the_european_policy_on_worked_examples(changes: dict[str, object], failed: tuple[str, ...]) -> None:
    assert decide(eu_case(**changes), load_policy("eu-default")).failed == failed


def test_european_outcomes_and_a_last_day_on_a_weekend() -> None:
    verdict = decide(eu_case(), load_policy("eu-default"))
    assert verdict.outcome("refund_amount") == Money(8_490, "EUR"), "delivery comes back too"
    assert verdict.outcome("return_freight_paid_by") == "buyer"
    untold = decide(eu_case(trader=Trader(informed=True, informed_return_cost=False)), load_policy("eu-default"))
    assert untold.outcome("return_freight_paid_by") == "seller"
    rule = Within("request.at", "order.delivered_at", days=14, roll_weekend=True)
    saturday_end = deadline(rule, datetime(2026, 3, 7, 9, tzinfo=BRUSSELS), BRUSSELS)  # 21 March 2026 is a Saturday
    assert saturday_end.date().isoformat() == "2026-03-23"


def test_an_action_without_rules_is_not_allowed() -> None:
    assert not decide(cn_case(action="give-everything-away"), load_policy("cn-default")).allowed


def test_replay_lists_what_a_changed_policy_would_decide_otherwise() -> None:
    old = load_policy("cn-default")
    cases = {f"d{days}": cn_case(at=RECEIVED + timedelta(days=days)) for days in (1, 6, 9, 12, 20)}
    past = [remember(name, case_facts(case), decide(case, old)) for name, case in cases.items()]
    past = [replace(entry, facts=facts_from_json(facts_to_json(entry.facts))) for entry in past]
    assert list(replay(past, old)) == []
    rules = tuple(
        replace(rule, require=replace(rule.require, days=15)) if rule.id == "no-reason-within-7-days" else rule
        for rule in old.rules
    )
    changes = list(replay(past, replace(old, rules=rules, version="2")))
    assert [(c.id, c.verdict.allowed, c.no_longer_failing) for c in changes] == [
        ("d9", True, ("no-reason-within-7-days",)),
        ("d12", True, ("no-reason-within-7-days",)),
    ]


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8),
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=8)
        | st.builds(Money, st.integers(), st.sampled_from(["CNY", "EUR", "JPY"]))
        | st.dates()
        | st.datetimes(timezones=st.just(UTC))
        | st.lists(st.text(max_size=5), max_size=3).map(tuple),
    )
)
def test_facts_survive_their_json(facts: dict[str, object]) -> None:
    assert facts_from_json(facts_to_json(facts)) == facts


@pytest.mark.parametrize("bad", [{"a": {"money": 1}}, {"a": 1.5}, {"a": {"time": "yesterday"}}])
def test_facts_that_nobody_wrote_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        facts_from_json(bad)


def test_not_known_is_neither_true_nor_false() -> None:
    known, unknown = Compare("a", "is", True), Compare("b", "is", True)
    facts = {"a": True}
    assert holds(unknown, facts, UTC_ZONE) is None and holds(Not(unknown), facts, UTC_ZONE) is None
    assert holds(AnyOf((unknown, known)), facts, UTC_ZONE) is True
    assert facts_of(AnyOf((unknown, known))) == ("b", "a")


UTC_ZONE = ZoneInfo("UTC")
PERCENT = "n.cases[1].amount.percent"
HEAD = "policy: p\nversion: 1\ntitle: {en: P, zh: 政策}\nzone: UTC\ncurrency: CNY\n"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("a: [", "policy"),
        ("[]", "policy"),
        (HEAD, "rules"),
        (HEAD.replace("UTC", "Mars/North") + "rules: []", "zone"),
        (HEAD + "surprise: 1\nrules: []", "policy.surprise"),
        (HEAD + "rules: [{id: a, for: x, require: {fact: f, equals: 1}}]", "a.require"),
        (HEAD + "rules: [{id: a, for: x, require: {fact: f, within: {weeks: 2, after: g}}}]", "a.require.within.weeks"),
        (HEAD + "rules: [{id: a, for: x, require: {fact: f, within: {days: -1, after: g}}}]", "a.require.within"),
        (HEAD + "rules: [{id: a, for: x, require: {all: []}}]", "a.require.all"),
        (HEAD + "rules: [&r {id: a, for: x, require: {fact: f, is: 1}}, *r]", "rules"),
        (HEAD + "rules: [{id: a, for: x, require: {fact: f, at_most: {money: lots}}}]", "amount"),
        (HEAD + "rules: []\noutcomes: [{name: n, for: x, cases: [{amount: {of: f, percent: 5000}}]}]", PERCENT),
    ],
)
def test_a_broken_policy_names_the_place(text: str, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_policy(text)
    assert caught.value.field == field


def test_an_amount_in_another_currency_is_an_error_not_a_guess() -> None:
    with pytest.raises(BadInput, match="currency"):
        decide(
            eu_case(action="price-protection", price=PriceClaim(Money(5, "EUR"), Money(4, "EUR"), True)),
            load_policy("cn-default"),
        )


@pytest.mark.parametrize("name", ["cn-default", "eu-default", "tau2_retail"])
def test_every_shipped_policy_reads_in_both_languages(name: str) -> None:
    policy = load_policy(name)
    assert name in shipped_policies() and policy.name == name
    for said in describe(policy):
        assert said.text.en.endswith(".") and said.text.zh.endswith("。")
        english = re.sub(r"\([^)]*§[^)]*\)", "", said.text.en)  # the law's own name stays Chinese
        assert not re.search("[\u4e00-\u9fff]", english)
    unnamed = [fact for fact in facts_needed(policy, policy.actions()) if fact not in FACTS]
    assert unnamed == []


def test_words_in_the_shipped_policies_have_chinese_names() -> None:
    words: set[str] = set()
    for name in shipped_policies():
        for rule in load_policy(name).rules:
            for condition in (rule.require, rule.when):
                if isinstance(condition, Compare) and isinstance(condition.operand, tuple):
                    words |= set(condition.operand)
    assert sorted(words - set(WORDS)) == []


def test_the_sentence_follows_the_data() -> None:
    text = (
        HEAD + "rules: [{id: a, for: back, require: {fact: request.at, within: {days: 10, after: order.delivered_at}}}]"
    )
    (said,) = describe(parse_policy(text))
    assert said.text.en == "Required: the request comes within 10 days after the receipt of the goods."
    assert said.text.zh == "要求：申请时间不晚于签收时间后10天。"
    (rule,) = evaluate(parse_policy(text), "back", {}).rules
    assert not rule.passed and "not known" in rule.reason.en and "未知" in rule.reason.zh


def test_no_such_policy() -> None:
    with pytest.raises(BadInput, match="tau2_retail"):
        load_policy("../../etc/passwd")
