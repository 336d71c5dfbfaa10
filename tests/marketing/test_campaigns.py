"""Campaigns: a random holdout, consent, caps and quiet hours, texts in form, lift that may be looked at any time."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from tests.marketing.test_customers import Book, order

from zhanggui.desk import Check
from zhanggui.kernel.errors import BadInput, Conflict
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Locale
from zhanggui.marketing.models.campaigns import HOLDOUT, Arm, Campaign, Variant
from zhanggui.marketing.models.customers import Identity
from zhanggui.marketing.proposals import CampaignKind
from zhanggui.marketing.rules.campaigns import arm_of, capped, compare, next_allowed, outcome
from zhanggui.marketing.rules.messages import check_form, sms_pages, without_way_out
from zhanggui.marketing.service.audiences import save_audience
from zhanggui.marketing.service.campaigns import (
    campaign_json,
    draft_campaign,
    parse_campaign,
    take_messages,
    write_texts,
)
from zhanggui.marketing.service.customers import allow_channel, refresh_customers, switch_personalisation
from zhanggui.marketing.store.campaigns import CampaignStore
from zhanggui.marketing.store.customers import CustomerStore

A, B = Variant("A", "新茶上市。回T退订"), Variant("B", "春茶到店。回T退订")
EVERYONE = {"all": [{"any": [{"field": "orders", "op": ">=", "values": [1]}]}]}
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON, NIGHT = datetime(2026, 3, 10, 4, tzinfo=UTC), datetime(2026, 3, 10, 15, tzinfo=UTC)


class PlainProof:
    """A proof that knows one product and refuses one word."""

    def check(
        self, uow: UnitOfWork, text: Variant, product_id: str, facts: Sequence[tuple[str, str]], locale: Locale
    ) -> tuple[Check, ...]:
        return (Check("claims", "最好" not in text.body, text.body),)

    def facts(self, uow: UnitOfWork, product_id: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        return "明前龙井", (("产地", "杭州"), ("净含量", "50克"))


def campaign(audience: str = "a", **changes: object) -> Campaign:
    return parse_campaign({**campaign_json(Campaign("c1", "Spring", audience, "sms", (A, B))), **changes})


def shop_of(uow: UnitOfWork, count: int) -> str:
    people = [Identity(f"t{number}", f"N{number}", "", f"1390013{number:04d}") for number in range(count)]
    refresh_customers(uow, Book([order(number, who, 3) for number, who in enumerate(people)]))
    for one in CustomerStore(uow).everybody():
        allow_channel(uow, one.id, "sms", True)
    return save_audience(uow, "everyone", EVERYONE)


def test_arms_are_drawn_at_random_and_stay() -> None:
    arms = Counter(arm_of(campaign(), f"customer-{number}") for number in range(20_000))
    assert arms[HOLDOUT] == pytest.approx(2_000, abs=150)
    assert arms["A"] == pytest.approx(9_000, abs=300)
    assert arm_of(campaign(), "x") == arm_of(campaign(), "x")


def test_quiet_hours_end_in_the_morning_of_the_shop() -> None:
    assert next_allowed(campaign(), NOON, SHANGHAI) == NOON
    assert next_allowed(campaign(), NIGHT, SHANGHAI) == datetime(2026, 3, 11, 1, tzinfo=UTC)
    assert next_allowed(campaign(quiet_from=0, quiet_to=0), NIGHT, SHANGHAI) == NIGHT
    assert next_allowed(campaign(quiet_from=12, quiet_to=14), NOON, SHANGHAI) == NOON + timedelta(hours=2)


def test_the_cap_counts_lately_only() -> None:
    lately = [NOON - timedelta(days=day) for day in (1, 3)]
    assert capped(campaign(), lately, NOON)
    assert not capped(campaign(), [lately[0], NOON - timedelta(days=30)], NOON)


def test_an_interval_that_is_looked_at_daily_is_wrong_in_few_of_many_experiments() -> None:
    chance = np.random.default_rng(1)
    wrong = 0
    for _ in range(200):
        a, b = chance.random(20_000) < 0.1, chance.random(20_000) < 0.1
        looks = range(500, 20_001, 500)
        wrong += any(
            compare(Arm("a", n, int(a[:n].sum())), Arm("b", n, int(b[:n].sum()))).verdict in ("better", "worse")
            for n in looks
        )
    assert wrong <= 14  # 5 % of 200 and two standard errors of it; a plain test at each look is wrong in some 70


def test_a_real_lift_is_found_and_a_small_campaign_says_not_yet() -> None:
    found = outcome([Arm("A", 9_000, 1_080), Arm(HOLDOUT, 1_000, 60)])
    assert found.overall is not None and found.overall.verdict == "better"
    assert found.overall.lower < 0.06 < found.overall.upper
    small = outcome([Arm("A", 90, 12), Arm(HOLDOUT, 10, 0)]).overall
    assert small is not None and small.verdict == "not-enough-data"
    assert outcome([Arm("A", 90, 12)]).overall is None
    same = compare(Arm("A", 4_000_000, 400_000), Arm(HOLDOUT, 4_000_000, 400_010))
    assert same.verdict == "no-difference"


@pytest.mark.parametrize(
    ("text", "pages"),
    [("", 0), ("a" * 160, 1), ("a" * 161, 2), ("€" * 80, 1), ("茶" * 70, 1), ("茶" * 71, 2), ("茶" * 134, 2),
     ("茶" * 135, 3), ("😀" * 35, 1), ("😀" * 36, 2)],
)  # fmt: skip
def test_sms_pages(text: str, pages: int) -> None:
    assert sms_pages(text) == pages


def test_form_wants_a_way_out_and_no_markup() -> None:
    assert all(one.passed for one in check_form(A, "sms"))
    failed = {one.name for one in check_form(Variant("x", "<b>茶</b>" * 60), "sms") if not one.passed}
    assert failed == {"way-out", "markup", "pages"}
    assert without_way_out("新茶。回T退订") == "新茶。"
    assert {one.name for one in check_form(Variant("x", "好" * 141, "题"), "push") if not one.passed} == {"length"}


def test_a_campaign_goes_from_draft_to_lift(uow: UnitOfWork) -> None:
    audience = shop_of(uow, 40)
    plan, kind = campaign(audience, holdout=0.5), CampaignKind(PlainProof())
    draft = draft_campaign(uow, plan, PlainProof())
    assert all(check.passed for check in draft.checks) and draft.evidence[0].detail == {"members": 40}
    undo = kind.apply(uow, draft.payload, "key")
    arms = {arm.name: arm.customers for arm in CampaignStore(uow).arms("c1", 14)}
    assert sum(arms.values()) == 40 and arms[HOLDOUT] > 5
    (first, *_) = CampaignStore(uow).due("c1", uow.clock.now() + timedelta(days=1), 5)
    switch_personalisation(uow, first.customer_id, False)
    sent = take_messages(uow, "c1")
    assert len(sent) == 40 - arms[HOLDOUT] - 1 and first.customer_id not in {one.customer_id for one in sent}
    assert take_messages(uow, "c1") == ()
    with pytest.raises(Conflict):
        kind.undo(uow, draft.payload, undo)
    measured = kind.measure(uow, draft.payload)
    assert measured is not None and measured["overall"]["verdict"] == "not-enough-data"


def test_a_second_campaign_skips_who_was_written_to_enough(uow: UnitOfWork) -> None:
    audience = shop_of(uow, 6)
    kind = CampaignKind(PlainProof())
    kind.apply(uow, campaign_json(campaign(audience, holdout=0.0, cap=1)), "k1")
    again = campaign_json(campaign(audience, id="c2", holdout=0.0, cap=1))
    recipients = next(check for check in kind.check(uow, again) if check.name == "recipients")
    assert not recipients.passed
    assert kind.apply(uow, campaign_json(campaign(audience, id="c3", cap=2, holdout=0.0)), "k3").possible
    assert dict(CampaignStore(uow).get("c3").skipped) == {}


def test_a_text_without_proof_blocks(uow: UnitOfWork) -> None:
    draft = draft_campaign(
        uow, campaign(shop_of(uow, 3), variants=[{"name": "A", "body": "最好的茶。回T退订"}]), PlainProof()
    )
    assert draft.confidence == 0.0
    assert [check.name for check in draft.checks if not check.passed] == ["A: claims"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"channel": "fax"}, "channel"),
        ({"holdout": 2}, "holdout"),
        ({"holdout": float("nan")}, "holdout"),
        ({"cap": 0}, "cap"),
        ({"variants": []}, "variants"),
        ({"variants": [{"name": "holdout", "body": "x"}]}, "variants"),
        ({"name": ""}, "name"),
        ({"facts": [["a"]]}, "facts"),
    ],
)
def test_a_wrong_payload_is_named(change: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as found:
        campaign(**change)
    assert found.value.field == field


def test_plain_texts_say_only_what_is_known(uow: UnitOfWork) -> None:
    first, second = write_texts(uow, PlainProof(), "p", "sms", "zh-CN")
    assert first.body == "明前龙井。产地：杭州。回T退订"
    assert "50克" in second.body and sms_pages(second.body) == 1
