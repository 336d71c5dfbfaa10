"""Complaints: found in both languages, told apart, escalated, settled; mood over time; replies to reviews."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhanggui.desk import Desk, Kinds
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import BadInput, Conflict, NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.textmodels import default_sentiment
from zhanggui.support import (
    COMPLAINT_KINDS,
    ComplaintDesk,
    ComplaintStore,
    Feedback,
    MoodStore,
    ReviewReplyKind,
    find_complaint,
    mood_trends,
    propose_review_reply,
    weekly_digest,
)
from zhanggui.support.models.complaints import Mood, MoodDay
from zhanggui.support.rules.complaints import apology, deadline_of, owner_of, remedies_of
from zhanggui.support.rules.mood import change, trends
from zhanggui.support.rules.review_replies import draft_reply, reply_problems

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def complaint_desk() -> ComplaintDesk:
    return ComplaintDesk(default_sentiment)


@pytest.mark.parametrize(
    ("text", "kind", "urgency", "escalate"),
    [
        ("充电宝充着充着冒烟了，差点起火！", "safety", "critical", ("safety",)),
        ("Used the cream once and ended up in hospital with an allergic rash", "safety", "critical", ("safety",)),
        ("这就是假货，骗子店，我要打12315", "fraud", "high", ("legal",)),
        ("It is a counterfeit, you are scammers", "fraud", "high", ()),
        ("快递太慢了，十天还没到", "logistics", "normal", ()),
        ("My parcel never arrived and the tracking is stuck", "logistics", "normal", ()),
        ("用了两天就坏了，开不了机", "product", "normal", ()),
        ("The zip broke on the first day", "product", "normal", ()),
        ("客服态度恶劣，不理人", "service", "normal", ()),
        ("Nobody answers, support was useless, so rude", "service", "normal", ()),
        ("昨天刚买今天就降价，给我退差价", "price", "low", ()),
        ("I was charged twice", "price", "low", ()),
    ],
)
def test_kinds_and_urgency(text: str, kind: str, urgency: str, escalate: tuple[str, ...]) -> None:
    found = find_complaint(text, 0.2)
    assert found is not None
    assert (found.kind, found.urgency, found.escalate) == (kind, urgency, escalate)
    assert all(text[word.start : word.end] == word.text for word in found.words)


@pytest.mark.parametrize(
    "text",
    [
        "质量很好，没有漏电，没有异味，很满意",
        "Great, no smell, never broke, arrived on time",
        "好评",
        "thanks!",
        "请问多大尺寸",
    ],
)
def test_praise_and_questions_are_no_complaints(text: str) -> None:
    assert find_complaint(text, 0.9) is None


def test_denied_danger_does_not_escalate() -> None:
    assert find_complaint("充电时没有冒烟，也不会漏电", 0.6) is None
    found = find_complaint("充电时冒烟", 0.95)
    assert found is not None and found.escalate == ("safety",)


def test_law_goes_to_the_legal_owner_and_price_waits_longest() -> None:
    legal = find_complaint("再不退款我就找律师起诉", 0.2)
    assert legal is not None and owner_of(legal) == "legal" and legal.urgency == "high"
    assert deadline_of("critical", AT) - AT == timedelta(hours=2)
    assert deadline_of("low", AT) - AT == timedelta(hours=72)


def test_remedies_that_need_an_order_are_not_offered_without_one() -> None:
    found = find_complaint("东西坏了，质量太差", 0.1)
    assert found is not None
    without = Feedback("review", "r", "东西坏了", AT)
    assert {one.action for one in remedies_of(found, without)} == {"call-customer", "ask-order"}
    with_order = Feedback("review", "r", "东西坏了", AT, order_id="s:1")
    assert [one.action for one in remedies_of(found, with_order)] == ["exchange", "return-refund"]


def test_apologies_speak_the_customers_language_and_promise_no_money() -> None:
    for text in ("充电器冒烟烫伤了手", "The charger started smoking and burned my hand"):
        found = find_complaint(text, 0.05)
        assert found is not None
        said = apology(found, Feedback("message", "m", text, AT), deadline_of(found.urgency, AT))
        assert "2" in said
        assert not [problem for problem in reply_problems(text, said) if problem.name in ("promise", "language")]
        assert ("停止使用" in said) or ("stop using" in said)


@settings(deadline=None)
@given(st.text(max_size=300), st.floats(0, 1))
def test_any_text_is_read_without_a_fault(text: str, positive: float) -> None:
    found = find_complaint(text, positive)
    if found is not None:
        assert found.kind in COMPLAINT_KINDS
        feedback = Feedback("review", "r", text, AT)
        assert apology(found, feedback, deadline_of(found.urgency, AT))
        assert remedies_of(found, feedback)


def test_a_text_heard_twice_is_one_complaint(uow: UnitOfWork, complaint_desk: ComplaintDesk) -> None:
    feedback = Feedback(
        "review", "r1", "质量太差，用一天就坏了，要求退款。电话13812345678", AT, product_id="p1", rating=1
    )
    first, again = complaint_desk.hear(uow, feedback), complaint_desk.hear(uow, feedback)
    assert first is not None and again == first
    assert ComplaintStore(uow).by_state() == {"open": 1}
    kept = MoodStore(uow).between(AT, AT + timedelta(days=1))
    assert len(kept) == 1 and kept[0].topic == "product" and kept[0].label == "negative"
    assert "13812345678" not in kept[0].text
    assert kept[0].words


def test_settling_follows_states(uow: UnitOfWork, complaint_desk: ComplaintDesk) -> None:
    made = complaint_desk.hear(uow, Feedback("ticket", "t1", "I was scammed, this is a fake. I want my money back", AT))
    assert made is not None
    assert complaint_desk.take(uow, made.id).taken_by == str(uow.actor)
    with pytest.raises(Conflict):
        complaint_desk.take(uow, made.id)
    with pytest.raises(BadInput):
        complaint_desk.settle(uow, made.id, "  ")
    assert complaint_desk.settle(uow, made.id, "refunded").state == "resolved"
    with pytest.raises(Conflict):
        complaint_desk.settle(uow, made.id, "again")
    assert complaint_desk.reopen(uow, made.id, "came back").state == "open"
    with pytest.raises(NotFound):
        complaint_desk.take(uow, "nobody")
    assert list(AuditLog(uow).verify()) == []


@pytest.mark.parametrize(
    ("feedback", "field"),
    [
        (Feedback("review", "r", "  ", AT), "text"),
        (Feedback("review", "", "bad", AT), "id"),
        (Feedback("letter", "r", "bad", AT), "source"),  # type: ignore[arg-type] - the bad case
        (Feedback("review", "r", "bad", AT, rating=9), "rating"),
    ],
)
def test_bad_feedback_is_named(uow: UnitOfWork, complaint_desk: ComplaintDesk, feedback: Feedback, field: str) -> None:
    with pytest.raises(BadInput) as bad:
        complaint_desk.hear(uow, feedback)
    assert bad.value.field == field


def test_change_is_the_pooled_two_proportion_test() -> None:
    assert change(10, 20, 10, 100) == pytest.approx(4.38178, abs=1e-3)
    assert change(4, 4, 0, 100) == 0.0
    assert change(0, 10, 0, 10) == 0.0


def test_trends_compare_a_week_with_the_four_before() -> None:
    until = date(2026, 3, 7)
    days = [MoodDay("p1", until - timedelta(days=n), 10, 6 if n < 7 else 1, 0.5) for n in range(40)]
    days += [MoodDay("p2", until, 3, 3, 0.1)]
    worst, other = trends(days, until=until)
    assert (worst.name, worst.texts, worst.before_texts) == ("p1", 70, 280)
    assert worst.worse and worst.negative_share == pytest.approx(0.6) and worst.before_share == pytest.approx(0.1)
    assert other.before_share is None and other.z == 0 and not other.worse


def test_a_week_is_told_with_masked_quotes(uow: UnitOfWork, complaint_desk: ComplaintDesk) -> None:
    now = uow.clock.now()
    texts = ["充电宝冒烟了，联系我13812345678", "快递太慢，一直没到，差评", "很好，很满意，下次再来"]
    for number, text in enumerate(texts):
        complaint_desk.hear(uow, Feedback("review", f"r{number}", text, now, product_id="p1", carrier="yto"))
    for number in range(40):
        MoodStore(uow).keep(Mood("message", f"m{number}", now - timedelta(days=10), 0.9, "positive", "好", "p1"))
    digest = weekly_digest(uow)
    assert digest.texts == 3 and digest.complaints == {"safety": 1, "logistics": 1}
    assert digest.quotes[0].kind == "safety" and "13812345678" not in digest.quotes[0].text
    assert [trend.name for trend in mood_trends(uow, "product")] == ["p1"]
    with pytest.raises(BadInput):
        mood_trends(uow, "weather")  # type: ignore[arg-type] - the bad case


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        ("加微信 abc 我们退您", "contact"),
        ("我们会全额退款并赔偿您", "promise"),
        ("麻烦修改一下差评", "bribe"),
        ("这是您自己弄坏的，是您自己的问题", "blame"),
        ("We will look into it.", "language"),
        ("", "length"),
    ],
)
def test_public_replies_keep_the_rules(reply: str, rule: str) -> None:
    assert rule in {problem.name for problem in reply_problems("质量不好", reply)}


@pytest.mark.parametrize("text", ["质量太差，坏了", "很好", "It broke at once", "Lovely", "假货骗子", "Fake, scam"])
@pytest.mark.parametrize("positive", [0.1, 0.9])
def test_drafted_replies_break_no_rule(text: str, positive: float) -> None:
    reply, _ = draft_reply(text, positive, find_complaint(text, positive))
    assert reply_problems(text, reply) == ()


def test_a_review_reply_is_proposed_once_applied_once_and_taken_back(uow: UnitOfWork) -> None:
    kinds = Kinds()
    kinds.register(ReviewReplyKind())
    desk = Desk(kinds)
    review = Feedback("review", "r9", "快递太慢，态度恶劣", AT)
    first, again = (propose_review_reply(uow, desk, review, 0.1) for _ in range(2))
    assert first is not None and again is not None and first.id == again.id
    assert all(check.passed for check in first.checks)
    kind = ReviewReplyKind()
    undo = kind.apply(uow, first.payload, "k1")
    assert kind.measure(uow, first.payload) == {"live": True}
    with pytest.raises(Conflict):
        kind.apply(uow, first.payload, "k2")
    kind.undo(uow, first.payload, undo)
    assert kind.measure(uow, first.payload) == {"live": False}
