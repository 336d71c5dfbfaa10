"""Work that does not wait for a visitor: messages left unanswered by a crash, hand-overs over time, webhooks out."""

from collections.abc import Iterable
from datetime import timedelta

from zhanggui.kernel.jobs import Jobs, Limits, WorkItem
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.support.ports import OrderTools
from zhanggui.support.service.agent import Agent
from zhanggui.support.service.channel import ChatChannel
from zhanggui.support.service.conversations import Conversations
from zhanggui.support.service.handover import Handovers
from zhanggui.support.service.hearing import ChatEars
from zhanggui.support.store.chat import RateStore, TellingStore
from zhanggui.support.store.complaints import MoodStore
from zhanggui.support.store.conversations import ConversationStore

CHAT_ANSWERS_JOB, CHAT_WATCH_JOB, CHAT_CHANNEL_JOB = "chat-answers", "chat-watch", "chat-channel"
CHAT_HEARING_JOB = "chat-hearing"
_LEFT = timedelta(seconds=30)
_HEARD_BACK = timedelta(days=30)
_SCHEDULES = (
    ("chat: hand-overs and promises", CHAT_WATCH_JOB),
    ("chat: messages left over", CHAT_ANSWERS_JOB),
    ("chat: moods and complaints", CHAT_HEARING_JOB),
)


class ChatAnswersJob:
    """Answers messages that got no answer: their process died, or was busy. No arguments; to run every minute."""

    name = CHAT_ANSWERS_JOB
    limits = Limits(concurrency=2, timeout=300.0)

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def items(self, uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        """Conversations that wait for the bot."""
        for one in ConversationStore(uow).unanswered(uow.clock.now() - _LEFT):
            if not one.quiet:
                yield WorkItem(one.id, {"conversation": one.id})

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        """Answer; each message is answered once, however often this runs."""
        return {"answered": self._agent.reply(merchant_id, str(item["conversation"]))}

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        """The count."""
        return prepared


class ChatWatchJob:
    """Queues hand-overs when the office opens, tells who waits too long, settles promises. To run every minute."""

    name = CHAT_WATCH_JOB
    limits = Limits(outside=False)

    def __init__(self, handovers: Handovers, conversations: Conversations, tools: OrderTools) -> None:
        self._handovers, self._conversations, self._tools = handovers, conversations, tools

    def items(self, uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        """One look."""
        yield WorkItem("look", {})

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        """Nothing to prepare."""
        return {}

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        """Look; how many hand-overs moved, how many promises were settled."""
        RateStore(uow).forget(uow.clock.now() - timedelta(hours=2))
        moved = self._handovers.tick(uow)
        return {"moved": moved, "settled": self._conversations.settle_promises(uow, self._tools)}


class ChatHearingJob:
    """Hears what customers wrote in chat: moods, complaints, danger. No arguments; to run every minute."""

    name = CHAT_HEARING_JOB
    limits = Limits(outside=False)

    def __init__(self, ears: ChatEars) -> None:
        self._ears = ears

    def items(self, uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        """Messages that were not heard yet."""
        for conversation, number in MoodStore(uow).unheard(uow.clock.now() - _HEARD_BACK):
            yield WorkItem(f"{conversation}:{number}", {"conversation": conversation, "number": number})

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        """Nothing to prepare."""
        return {}

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        """Hear it; the complaint that it made, if it made one."""
        made = self._ears.hear(uow, str(item["conversation"]), int(str(item["number"])))
        return {"complaint": None if made is None else made.id}


class ChatChannelJob:
    """Tells a connected chat platform what it has not heard yet. To run every few seconds."""

    name = CHAT_CHANNEL_JOB
    limits = Limits(concurrency=4, timeout=60.0, attempts=6)

    def __init__(self, database: Database, channel: ChatChannel) -> None:
        self._database, self._channel = database, channel

    def items(self, uow: UnitOfWork, arguments: JsonObject) -> Iterable[WorkItem]:
        """What waits."""
        for key in self._channel.waiting(uow):
            yield WorkItem(key, {"key": key})

    def run_item(self, merchant_id: str, item: JsonObject, key: str) -> JsonObject:
        """Deliver one; after a crash it is delivered again under the same id."""
        with self._database.begin(merchant_id, Actor("job", self.name), read_only=True) as uow:
            return self._channel.send(merchant_id, uow, str(item["key"]))

    def save_item(self, uow: UnitOfWork, item: JsonObject, prepared: JsonObject, key: str) -> JsonObject:
        """Record how it went."""
        self._channel.settle(uow, str(item["key"]), prepared)
        return prepared


def schedule_chat(jobs: Jobs, uow: UnitOfWork) -> None:
    """Set up what runs by itself for a merchant with whom somebody has talked; what is there stays as it was left."""
    if not ConversationStore(uow).page(limit=1).items:
        return
    known = {one.name for one in jobs.schedules.all(uow)}
    for name, kind in _SCHEDULES:
        if name not in known:
            jobs.schedules.put(uow, name, kind=kind, arguments={}, cron="* * * * *")


def tell_platform(jobs: Jobs, uow: UnitOfWork) -> None:
    """Begin telling a connected chat platform what waits, in this transaction."""
    if TellingStore(uow).waiting(limit=1):
        jobs.start(uow, CHAT_CHANNEL_JOB, {})
