"""Conversations and hand-overs in a process that is killed at random: everybody sends again what got no answer."""

from multiprocessing.connection import Connection
from pathlib import Path

from tests.kernel.jobs.killing import lives

from zhanggui.kernel.clock import SystemClock
from zhanggui.kernel.errors import Conflict
from zhanggui.kernel.storage import Actor, Database, MerchantStore, UnitOfWork, metadata
from zhanggui.support.models.conversation import HandState
from zhanggui.support.service.agent import Agent, Helpers
from zhanggui.support.service.conversations import Conversations, Inbound
from zhanggui.support.service.handover import Handovers
from zhanggui.support.store.conversations import ConversationStore, MessageStore
from zhanggui.support.store.handovers import HandoverStore, PromiseStore

_ACTOR = Actor("person", "wang")
_VISITORS = 25
_LONGEST = 1.2
_ALWAYS = {"zone": "UTC", "days": {str(day): [["00:00", "24:00"]] for day in range(7)}}


def talk(parent: Connection, url: str, data_dir: str) -> None:
    """One life: every visitor asks for a person and says more; a colleague takes it, replies, gives it back."""
    database = Database(url, clock=SystemClock())
    handovers, conversations = Handovers(), Conversations()
    agent = Agent(database, handovers, Helpers())
    parent.send("ready")
    for number in range(_VISITORS):
        visitor = f"V{number}"
        for key, text in (("1", "你好"), ("2", "转人工"), ("3", "我先说一下情况")):
            with database.begin("m1", _ACTOR) as uow:
                received = conversations.receive(uow, Inbound(visitor, text, key))
            agent.reply("m1", received.conversation_id)
        _colleague(database, handovers, received.conversation_id)
        with database.begin("m1", _ACTOR) as uow:
            received = conversations.receive(uow, Inbound(visitor, "谢谢", "4"))
        agent.reply("m1", received.conversation_id)
    parent.send("done")
    database.close()


def _colleague(database: Database, handovers: Handovers, conversation_id: str) -> None:
    with database.begin("m1", _ACTOR, read_only=True) as uow:
        (one,) = HandoverStore(uow).of_conversation(conversation_id)
    if one.state is HandState.RETURNED:
        return
    with database.begin("m1", _ACTOR) as uow:
        handovers.take(uow, one.id, "wang")
    for _ in range(2):  # a double click
        with database.begin("m1", _ACTOR) as uow:
            handovers.reply(uow, one.id, "wang", "我来处理", "r1")
    for name in ("wang", "wang"):
        with database.begin("m1", _ACTOR) as uow:
            handovers.give_back(uow, one.id, name)
    with database.begin("m1", _ACTOR) as uow:
        try:
            handovers.reply(uow, one.id, "wang", "太晚了", "r2")
        except Conflict:
            return
        raise AssertionError("a reply after it was given back")


def kill_over_handovers(url: str, data_dir: Path, *, times: int, seed: int) -> int:
    """How many of `times` deaths found the work half done; after each nothing is lost, doubled or out of turn."""
    database = Database(url, clock=SystemClock())
    metadata.create_all(database.engine)
    MerchantStore(database).create("m1", name="Test shop")
    with database.begin("m1", _ACTOR) as uow:
        Handovers().set_hours(uow, _ALWAYS)
    half_done = 0
    for death in lives(talk, url, data_dir, times=times, longest=_LONGEST, seed=seed):
        with database.begin("m1", _ACTOR, read_only=True) as uow:
            done = sum(_check(uow, f"V{number}") for number in range(_VISITORS))
        half_done += death.killed and 0 < done < _VISITORS
    assert done == _VISITORS
    database.close()
    return half_done


def _check(uow: UnitOfWork, visitor: str) -> bool:
    """Whether a visitor's talk is over; what must hold at any instant holds."""
    found = ConversationStore(uow).of_visitor(visitor)
    if not found:
        return False
    (one,) = found
    messages, hands = MessageStore(uow).after(one.id, 0), HandoverStore(uow).of_conversation(one.id)
    assert [message.number for message in messages] == list(range(1, one.last_number + 1))
    texts = [(message.sender, message.text) for message in messages if message.sender in ("customer", "staff")]
    assert len(texts) == len(set(texts)), "a message was kept twice"
    answers = [message.reply_to for message in messages if message.sender == "bot"]
    assert len(answers) == len(set(answers)), "a message was answered twice"
    assert len(hands) <= 1, "two hand-overs for one wish"
    promises = [promise.kept for promise in PromiseStore(uow).of([one.id]).get(one.id, [])]
    assert len(promises) == len(hands)
    taken = [message.number for message in messages if message.detail.get("event") == "taken"]
    back = [message.number for message in messages if message.detail.get("event") == "returned"]
    assert len(taken) <= 1 and len(back) <= 1
    quiet = range(taken[0], back[0] if back else one.last_number + 1) if taken else range(0)
    assert not any(message.sender == "bot" and message.number in quiet for message in messages), "out of turn"
    return bool(back) and messages[-1].sender == "bot" and messages[-1].reply_to == one.answered
