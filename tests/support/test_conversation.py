"""Messages in, rates, identity, honest outcomes, and the webhook channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.chat_shop import STAFF, chat_shop, later

from zhanggui.connectors.standard_webhooks import StandardWebhooks, WebhookCourier, sign
from zhanggui.kernel.errors import BadInput, NotSignedIn, RetryLater
from zhanggui.kernel.storage import Database
from zhanggui.orders import SecretBox
from zhanggui.support.models.conversation import Conversation, Message, Promise
from zhanggui.support.rules.conversation import PER_MINUTE, clean, language_of, mood_of, outcome_of, report
from zhanggui.support.rules.identity import (
    ORDER_FAILURES,
    VISITOR_FAILURES,
    Attempt,
    locked_until,
    proves,
    visitor_of,
    visitor_token,
)
from zhanggui.support.service.channel import ChatChannel

NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_a_message_sent_twice_is_kept_and_answered_once(database: Database) -> None:
    shop = chat_shop(database)
    for _ in range(3):
        shop.say("你好", key="same")
    assert [one.sender for one in shop.messages()] == ["customer", "bot"]


def test_floods_are_refused_and_told_when_to_come_back(database: Database) -> None:
    shop = chat_shop(database)
    outcomes = [shop.receive(f"hi {number}").outcome for number in range(PER_MINUTE + 5)]
    assert outcomes == ["new"] * PER_MINUTE + ["too-many"] * 5
    assert 0 < shop.receive("hi").retry_seconds <= 60
    assert shop.receive("hi", visitor="V2").outcome == "new"
    later(database, minutes=1)
    assert shop.receive("hi").outcome == "new"


def test_a_crash_between_message_and_answer_leaves_it_to_the_next_run(database: Database) -> None:
    shop = chat_shop(database)
    received = shop.receive("登山鞋防水吗？")
    shop.receive("你好")
    assert shop.agent.reply("m1", received.conversation_id) == 2
    assert shop.agent.reply("m1", received.conversation_id) == 0
    assert [one.reply_to for one in shop.messages() if one.sender == "bot"] == [1, 2]


def test_a_visitor_comes_back_to_the_same_conversation_for_two_days(database: Database) -> None:
    shop = chat_shop(database)
    first = shop.receive("你好").conversation_id
    later(database, hours=20)
    assert shop.receive("还在吗").conversation_id == first
    later(database, days=3)
    assert shop.receive("你好").conversation_id != first


def test_pages_of_conversations(database: Database) -> None:
    shop = chat_shop(database)
    for number in range(5):
        shop.say(f"登山鞋防水吗 {number}", visitor=f"V{number}")
        later(database, seconds=1)
    shop.say("转人工", visitor="V9")
    with database.begin("m1", STAFF, read_only=True) as uow:
        seen: list[str] = []
        cursor = None
        while True:
            page = shop.conversations.page(uow, limit=2, cursor=cursor)
            seen += [one.visitor_id for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert seen == ["V9", "V4", "V3", "V2", "V1", "V0"] and page.total == 6
        assert [one.visitor_id for one in shop.conversations.page(uow, state="waiting").items] == ["V9"]
        assert [one.visitor_id for one in shop.conversations.page(uow, text="防水吗 3").items] == ["V3"]
        with pytest.raises(BadInput):
            shop.conversations.page(uow, cursor="x")


@given(st.text(max_size=300))
def test_what_is_kept_is_clean_and_cleaning_again_changes_nothing(text: str) -> None:
    try:
        kept = clean(text)
    except BadInput:
        return
    assert clean(kept) == kept and kept == kept.strip()
    assert not any(letter < " " and letter not in "\n\t" for letter in kept)


def test_language_and_mood() -> None:
    assert language_of("where is my order", "zh-CN") == "en"
    assert language_of("ok", "zh-CN") == "zh-CN"
    assert language_of("你好 hello", "en") == "zh-CN"
    assert mood_of(["怎么还没到，太慢了"])[0] == "upset"
    assert mood_of(["骗子，我要投诉 12315"]) == ("angry", ("投诉", "12315", "骗子"))
    assert mood_of(["谢谢"])[0] == "calm"


def test_proofs() -> None:
    assert proves("8000", email="", phone="+86 138-0013-8000")
    assert proves("13800138000", email="", phone="13800138000")
    assert proves(" LiLei@Example.com ", email="lilei@example.com", phone="")
    for wrong in ("000", "7000", "", "@", "8", "a@b.com", "%", "13800138000" * 3, "8000' or 1=1"):
        assert not proves(wrong, email="lilei@example.com", phone="13800137999")
    assert not proves("0000", email="", phone="")


@given(st.lists(st.tuples(st.sampled_from("AB"), st.booleans(), st.integers(0, 3_600)), max_size=30))
def test_nobody_tries_more_often_than_allowed(history: list[tuple[str, bool, int]]) -> None:
    """Over any history in which locks are kept, a visitor never fails more than five times in half an hour."""
    kept: list[Attempt] = []
    for visitor, right, seconds in sorted(history, key=lambda one: one[2]):
        at = NOW + timedelta(seconds=seconds)
        if locked_until(kept, visitor, "order", at) is None:
            kept.append(Attempt(visitor, "order", at, right))
    for visitor in "AB":
        wrong = [one.at for one in kept if one.visitor_id == visitor and not one.passed]
        rights = [one.at for one in kept if one.visitor_id == visitor and one.passed]
        for start in wrong:
            span = [at for at in wrong if start <= at < start + timedelta(minutes=30)]
            assert len(span) <= VISITOR_FAILURES or any(start <= at <= span[-1] for at in rights)
    assert sum(not one.passed for one in kept) <= ORDER_FAILURES


def test_visitor_tokens_are_signed_for_one_merchant() -> None:
    token = visitor_token(b"k" * 32, "m1", "01J" + "A" * 23)
    assert visitor_of(b"k" * 32, "m1", token) == "01J" + "A" * 23
    for other in (token[:-1] + "0", token + "x", "", "zv_x_y", token.replace("A", "B", 1)):
        assert visitor_of(b"k" * 32, "m1", other) is None or other == token
    assert visitor_of(b"k" * 32, "m2", token) is None
    assert visitor_of(b"j" * 32, "m1", token) is None


def conversation(name: str, opened: datetime, *, topic: str = "return", answered: int = 1) -> Conversation:
    return Conversation(name, "V1", "widget", "zh-CN", opened, opened, 2, answered, topic)


def said(name: str, at: datetime) -> list[Message]:
    return [Message(name, 1, "customer", "?", at), Message(name, 2, "bot", "!", at + timedelta(seconds=3), reply_to=1)]


def test_an_honest_outcome() -> None:
    old = NOW - timedelta(days=9)
    one, words = conversation("c1", old), said("c1", old)

    def state(promises: list[Promise] | None = None, later_on: list[Conversation] | None = None) -> str:
        return outcome_of(one, words, promises or [], later=later_on or [], now=NOW).state

    assert state() == "resolved"
    assert state([Promise("c1", "proposal", "p", old, None)]) == "open", "promised and not yet done"
    assert state([Promise("c1", "proposal", "p", old, False)]) == "promise-broken"
    assert state([Promise("c1", "person", "h", old, False)]) == "left-waiting"
    assert state([Promise("c1", "proposal", "p", old, True)]) == "resolved"
    assert state(later_on=[conversation("c2", old + timedelta(days=6))]) == "came-back"
    assert state(later_on=[conversation("c2", old + timedelta(days=6), topic="invoice")]) == "resolved"
    assert state(later_on=[conversation("c2", old + timedelta(days=8))]) == "resolved"
    fresh = conversation("c3", NOW - timedelta(days=2))
    assert outcome_of(fresh, said("c3", fresh.last_at), [], later=[], now=NOW).state == "open", "7 days are not over"
    silent = conversation("c4", old, answered=0)
    assert outcome_of(silent, said("c4", old)[:1], [], later=[], now=NOW).state == "unanswered"
    line = report([outcome_of(one, words, [], later=[], now=NOW)])[0]
    assert (line.topic, line.resolved, line.first_word_median) == ("return", 1, 3.0)


def test_promises_are_settled_when_the_proposal_is_decided(database: Database) -> None:
    shop = chat_shop(database)
    shop.say("取消订单 A1，尾号 8000")
    (told,) = shop.say("确认")
    with database.begin("m1", STAFF) as uow:
        assert shop.conversations.settle_promises(uow, shop.tools) == 0
        shop.desk.approve(uow, str(told.detail["proposal"]))
        shop.desk.apply(uow, str(told.detail["proposal"]))
        assert shop.conversations.settle_promises(uow, shop.tools) == 1
        assert shop.conversations.settle_promises(uow, shop.tools) == 0
    assert "已办理" in shop.messages()[-1].text


@dataclass
class Post:
    """A courier that keeps what it carries; the signature is real."""

    sent: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])
    answers: list[int] = field(default_factory=list[int])

    def check(self, url: str) -> str:
        return WebhookCourier().check(url)

    def send(self, url: str, secret: str, delivery_id: str, at: datetime, body: bytes) -> int:
        status = self.answers.pop(0) if self.answers else 200
        if status >= 500:
            raise RetryLater("down")
        self.sent.append((delivery_id, body))
        assert StandardWebhooks().verify(sign(secret, delivery_id, at, body), body, (secret,), at)
        return status

    def verify(self, headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> bool:
        return WebhookCourier().verify(headers, body, secret, now)


def test_the_webhook_channel_in_and_out(database: Database) -> None:
    shop, post = chat_shop(database), Post(answers=[500, 200])
    channel = ChatChannel(database, SecretBox("k" * 40), post, shop.conversations)
    with database.begin("m1", STAFF) as uow:
        channel.connect(uow, "https://chat.example.com/hook?a=1", SECRET)
    body = orjson.dumps({"type": "message.received", "data": {"from": "wx-42", "text": "登山鞋防水吗？"}})
    headers = sign(SECRET, "msg-1", database.clock.now(), body)
    with database.begin("m1", STAFF) as uow:
        received = channel.receive("m1", uow, headers, body)
        assert channel.receive("m1", uow, headers, body).outcome == "known"
        with pytest.raises(NotSignedIn):
            channel.receive("m1", uow, headers, body + b" ")
        old = sign(SECRET, "msg-2", database.clock.now() - timedelta(hours=1), body)
        with pytest.raises(NotSignedIn):
            channel.receive("m1", uow, old, body)
    shop.agent.reply("m1", received.conversation_id)
    with database.begin("m1", STAFF) as uow:
        (key,) = channel.waiting(uow)
        with pytest.raises(RetryLater):
            channel.send("m1", uow, key)
        channel.settle(uow, key, channel.send("m1", uow, key))
        assert channel.waiting(uow) == []
    ((delivery, told),) = post.sent
    data = orjson.loads(told)["data"]
    assert delivery == key and data["to"] == {"from": "wx-42"} and "防水膜" in data["text"]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"type":"x","data":{}}', b'{"type":"message.received","data":{"text":"hi"}}']
)
def test_bad_webhooks_are_named(database: Database, body: bytes) -> None:
    shop = chat_shop(database)
    channel = ChatChannel(database, SecretBox("k" * 40), Post(), shop.conversations)
    with database.begin("m1", STAFF) as uow:
        channel.connect(uow, "", SECRET)
        with pytest.raises(BadInput):
            channel.receive("m1", uow, sign(SECRET, "m", database.clock.now(), body), body)


@pytest.mark.parametrize(
    "url",
    [
        "http://chat.example.com/", "https://127.0.0.1/", "https://user:pw@chat.example.com/", "https://localhost/",
        "ftp://x.example", "chat", "https://chat.example.com:8443/", "https://[::1]/",
    ],
)  # fmt: skip
def test_addresses_that_may_not_be_asked(url: str) -> None:
    with pytest.raises(BadInput):
        WebhookCourier().check(url)
