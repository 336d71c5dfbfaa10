"""Hand-overs: whatever happens in whatever order, none is lost, none doubled, and the bot is quiet in between."""

import random
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.chat_shop import STAFF, ChatShop, chat_shop, later

from zhanggui.kernel.clock import FixedClock
from zhanggui.kernel.errors import BadInput, Conflict
from zhanggui.kernel.storage import Actor, Database, MerchantStore
from zhanggui.support.models.conversation import OPEN_STATES, HandEvent, Handover, HandState, OfficeHours
from zhanggui.support.rules.handover import TRANSITIONS, hours_json, is_open, next_state, opens_at, read_hours
from zhanggui.support.service.handover import with_note
from zhanggui.support.store.conversations import ConversationStore
from zhanggui.support.store.handovers import HandoverStore, PromiseStore


def handovers(shop: ChatShop, visitor: str = "V1") -> list[Handover]:
    with shop.database.begin("m1", STAFF, read_only=True) as uow:
        return HandoverStore(uow).of_conversation(shop.talk(visitor).id)


def act(shop: ChatShop, what: str, name: str, one: Handover, key: str = "k") -> None:
    with shop.database.begin("m1", Actor("person", name)) as uow:
        desk = shop.handovers
        match what:
            case "take":
                desk.take(uow, one.id, name)
            case "release":
                desk.release(uow, one.id, name)
            case "return":
                desk.give_back(uow, one.id, name)
            case "close":
                desk.close(uow, one.id, name)
            case _:
                desk.reply(uow, one.id, name, f"{name} says", key)


@given(st.lists(st.sampled_from(list(HandEvent)), max_size=12))
def test_the_machine_ends_only_in_its_ends(events: list[HandEvent]) -> None:
    state = HandState.ASKED
    for event in events:
        try:
            state = next_state(state, event)
        except Conflict:
            assert (state, event) not in TRANSITIONS
    if state not in OPEN_STATES:
        assert all((state, event) not in TRANSITIONS for event in HandEvent)


@pytest.mark.parametrize("seed", range(6))
def test_random_histories(database: Database, seed: int) -> None:
    """Customers and two colleagues do anything in any order, often twice; the invariants hold after every step."""
    shop, chance = chat_shop(database), random.Random(seed)
    shop.say("转人工")
    words = ("转人工", "登山鞋防水吗？", "算了", "你好", "我的快递到哪了", "人工！", "着火了")
    for step in range(45):
        later(database, seconds=chance.choice((7, 20, 400)))
        open_ones = [one for one in handovers(shop) if one.state in OPEN_STATES]
        before, newest = shop.talk().hand_state, len(shop.messages())
        name = chance.choice(("wang", "li"))
        if open_ones and chance.random() < 0.6:
            what = chance.choice(("take", "take", "reply", "release", "return", "close"))
            for _ in range(chance.choice((1, 1, 2))):
                with suppress(Conflict):
                    act(shop, what, name, open_ones[0], key=f"s{step}")
        elif chance.random() < 0.15:
            with database.begin("m1", STAFF) as uow:
                shop.handovers.tick(uow)
        else:
            text, key = chance.choice(words), f"c{step}"
            for _ in range(chance.choice((1, 2))):
                shop.say(text, key=key)
            fresh = shop.messages()[newest:]
            if before is HandState.TAKEN:
                assert [one.sender for one in fresh] == ["customer"], "the bot spoke while a person has it"
        _check(shop)


def _check(shop: ChatShop) -> None:
    found, messages = handovers(shop), shop.messages()
    open_ones = [one for one in found if one.state in OPEN_STATES]
    assert len(open_ones) <= 1, "two promises at once"
    state = shop.talk().hand_state
    assert state is (open_ones[0].state if open_ones else found[-1].state)
    assert [one.number for one in messages] == list(range(1, len(messages) + 1)), "a message is lost or doubled"
    answered = [one.reply_to for one in messages if one.sender == "bot"]
    assert len(answered) == len(set(answered)), "a message was answered twice"
    with shop.database.begin("m1", STAFF, read_only=True) as uow:
        promised = [one for one in PromiseStore(uow).of([shop.talk().id])[shop.talk().id] if one.kind == "person"]
    assert {one.reference for one in promised} == {one.id for one in found}, "a promise without a hand-over"
    for one in promised:
        ended = next(hand for hand in found if hand.id == one.reference).ended_at is not None
        assert not (ended and one.kept is None), "an ended hand-over left its promise open"


def test_asking_twice_is_one_promise_and_urgency_is_added(database: Database) -> None:
    shop = chat_shop(database)
    shop.say("转人工")
    shop.say("人工")
    shop.say("锅爆炸了，我被烫伤")
    (one,) = handovers(shop)
    assert (one.state, one.urgent) == (HandState.WAITING, True)


def test_two_colleagues_cannot_take_the_same(database: Database) -> None:
    shop = chat_shop(database)
    shop.say("转人工")
    (one,) = handovers(shop)
    took: list[str] = []

    def grab(name: str) -> None:
        try:
            act(shop, "take", name, one)
            took.append(name)
        except Conflict:
            pass

    threads = [threading.Thread(target=grab, args=(f"p{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(took) == 1
    assert handovers(shop)[0].taken_by == took[0]
    act(shop, "take", took[0], one)
    assert sum(message.detail.get("event") == "taken" for message in shop.messages()) == 1, "a double click"


def test_a_reply_is_sent_once_and_only_by_who_has_it(database: Database) -> None:
    shop = chat_shop(database)
    shop.say("转人工")
    (one,) = handovers(shop)
    with pytest.raises(Conflict):
        act(shop, "reply", "wang", one)
    act(shop, "take", "wang", one)
    for _ in range(3):
        act(shop, "reply", "wang", one, key="same")
    with pytest.raises(Conflict, match="wang"):
        act(shop, "reply", "li", one)
    assert [message.text for message in shop.messages() if message.sender == "staff"] == ["wang says"]


def test_the_bot_answers_again_after_it_was_returned(database: Database) -> None:
    shop = chat_shop(database)
    shop.say("转人工")
    (one,) = handovers(shop)
    act(shop, "take", "wang", one)
    assert shop.text("登山鞋防水吗？") == ""
    act(shop, "return", "wang", one)
    act(shop, "return", "wang", one)
    later(database, minutes=1)
    found = shop.say("登山鞋防水吗？")
    assert [message.sender for message in found] == ["bot"], "only the newest is answered; the person dealt with the "
    "rest"


def test_a_message_that_comes_while_a_person_takes_it_is_not_answered_by_the_bot(database: Database) -> None:
    shop = chat_shop(database)
    shop.say("转人工")
    shop.say("算了")
    later(database, minutes=1)
    received = shop.receive("登山鞋防水吗？")
    with database.begin("m1", STAFF) as uow:
        # Somebody takes over between the message and its answer.
        made = HandoverStore(uow).add(received.conversation_id, HandState.WAITING, "asked", urgent=False, summary={})
        ConversationStore(uow).change(received.conversation_id, hand_state="waiting")
        shop.handovers.take(uow, made.id, "wang")
    assert shop.agent.reply("m1", received.conversation_id) == 0
    assert shop.messages()[-1].sender == "event"


def test_office_hours(database: Database, clock: FixedClock) -> None:
    shop = chat_shop(database)
    with database.begin("m1", STAFF) as uow:
        shop.handovers.set_hours(uow, {"zone": "UTC", "days": {"0": [["12:00", "18:00"]], "1": [["09:00", "18:00"]]}})
    assert "01-05 12:00" in shop.text("转人工")  # Monday, 09:00
    assert shop.talk().hand_state is HandState.ASKED
    assert "Mug" in shop.text("查订单 A1 尾号 8000"), "until then the bot goes on helping"
    clock.at = datetime(2026, 1, 5, 12, 1, tzinfo=UTC)
    with database.begin("m1", STAFF) as uow:
        assert shop.handovers.tick(uow) == 1
        assert shop.handovers.tick(uow) == 0
    assert shop.talk().hand_state is HandState.WAITING
    later(database, minutes=11)
    for _ in range(3):
        with database.begin("m1", STAFF) as uow:
            shop.handovers.tick(uow)
    told = [message for message in shop.messages() if message.detail.get("event") == "still-waiting"]
    assert len(told) == 1
    with database.begin("m1", STAFF, read_only=True) as uow:
        assert [one.conversation_id for one in shop.handovers.inbox(uow)] == [shop.talk().id]


def test_danger_does_not_wait_for_the_office(database: Database) -> None:
    shop = chat_shop(database)
    with database.begin("m1", STAFF) as uow:
        shop.handovers.set_hours(uow, {"zone": "UTC", "days": {}})
    assert "不在线" in shop.text("转人工", visitor="V2")
    assert "优先" in shop.text("充电器漏电，我触电了")
    assert shop.talk().hand_state is HandState.WAITING


@pytest.mark.parametrize(
    "value",
    [
        7, {"zone": "Mars/Base"}, {"days": {"9": []}}, {"days": {"0": [["9", "18:00"]]}}, {"closed": ["tomorrow"]},
        {"days": {"0": [["18:00", "09:00"]]}}, {"days": {"0": [["09:00"]]}}, {"days": 3}, {"zone": "../etc/passwd"},
    ],
)  # fmt: skip
def test_bad_office_hours_are_refused(value: object) -> None:
    with pytest.raises(BadInput):
        read_hours(value)


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2026, 12, 31)))
def test_the_office_is_open_when_it_says_it_opens(at: datetime) -> None:
    hours = OfficeHours("Asia/Shanghai", {1: ((540, 720), (780, 1080)), 5: ((600, 660),)}, ("2026-02-17",))
    now = at.replace(tzinfo=UTC)
    opens = opens_at(hours, now)
    assert opens is not None and opens >= now and is_open(hours, opens)
    assert read_hours(hours_json(hours)) == hours
    if opens > now:
        assert not is_open(hours, now) and not is_open(hours, opens - timedelta(minutes=1))


def test_the_summary_says_what_a_person_must_know(database: Database) -> None:
    shop = chat_shop(database)
    shop.say("查订单 A1 尾号 8000")
    shop.say("我要退货 A1，太慢了我很生气")
    shop.say("转人工")
    (one,) = handovers(shop)
    assert one.summary["orders"] == ["A1"]
    assert "退货" in str(one.summary["wants"]) and one.summary["tried"] == ["查询订单"]
    assert one.summary["mood"] == "upset" and "生气" in str(one.summary["mood_words"])
    assert one.summary["suggestion"]


def test_notes_stay_between_colleagues(database: Database) -> None:
    shop = chat_shop(database)
    shop.say("转人工")
    with database.begin("m1", STAFF) as uow:
        with_note(uow, shop.talk().id, "wang", "difficult, be kind", "n1")
        with_note(uow, shop.talk().id, "wang", "difficult, be kind", "n1")
        _, shown = shop.conversations.shown_after(uow, "V1", 0)
    assert sum(message.sender == "note" for message in shop.messages()) == 1
    assert all(message.sender != "note" for message in shown)


def test_another_merchant_sees_nothing(database: Database) -> None:
    shop = chat_shop(database)
    shop.say("转人工")
    with database.begin("m2", STAFF, read_only=True) as uow:
        assert shop.handovers.inbox(uow) == []
        assert shop.conversations.page(uow).total == 0
        assert MerchantStore.setting(uow, "support.office-hours") is None
