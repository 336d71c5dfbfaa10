"""The agent: one answer to every message, decided by code. A model may only fill in what a message asks for.

A message is answered in two halves. First, outside any transaction, what may take long: the shop's knowledge, a model.
Then, in one transaction under the conversation's lock, everything that counts: whether a person has it meanwhile, the
dialogue's step, tools, the reply. Killed between the two, the message is answered by the next run; never twice.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import cast

from zhanggui.kernel.errors import ZhangguiError
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import JsonObject, Locale
from zhanggui.support.models.conversation import Conversation, HandState, Message, NewMessage, Summary
from zhanggui.support.ports import Answered, Answerer, Listener, OrderTools, ShelfTools
from zhanggui.support.rules.agent_dialogue import Move, Pending, Talk, absorb, next_move, talk_from, talk_json
from zhanggui.support.rules.agent_intents import TASKS, Heard, hear
from zhanggui.support.rules.agent_needs import fitting, narrowed, need_in
from zhanggui.support.rules.agent_words import say, task_name
from zhanggui.support.rules.conversation import grave_words, mood_of
from zhanggui.support.rules.handover import suggested_reply, summarise
from zhanggui.support.service.agent_orders import OrderTalk, Told
from zhanggui.support.service.agent_showing import plain, products_text
from zhanggui.support.service.handover import Handovers, tell_message
from zhanggui.support.store.conversations import ConversationStore, MessageStore, message_texts

_ACTOR = Actor("agent", "support")
_LOG = logging.getLogger(__name__)
_MISSES = 2
_LONGEST_ANSWER = 1_500
_MOST_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Helpers:
    """What the agent is plugged into; any of it may be absent, and then the agent says so and hands over."""

    orders: OrderTools | None = None
    shelf: ShelfTools | None = None
    answerer: Answerer | None = None
    listener: Listener | None = None


@dataclass(frozen=True, slots=True)
class _Outside:
    """What was found out before the transaction."""

    heard: Heard
    answered: Answered | None = None
    down: bool = False


class Agent:
    """Answers customers' messages. One for the installation."""

    def __init__(self, database: Database, handovers: Handovers, helpers: Helpers) -> None:
        self._database, self._handovers, self._helpers = database, handovers, helpers
        self._orders = OrderTalk(helpers.orders) if helpers.orders is not None else None

    def reply(self, merchant_id: str, conversation_id: str) -> int:
        """Answer what waits in a conversation, message by message; how many were answered. Safe to call at any time."""
        answered = 0
        for _ in range(_MOST_AT_ONCE):
            with self._database.begin(merchant_id, _ACTOR, read_only=True) as uow:
                conversation = ConversationStore(uow).get(conversation_id)
                waiting = MessageStore(uow).waiting_for_bot(conversation_id, conversation.answered)
            if not waiting:
                break
            # While a person has it only the newest word may be for us: a wish taken back.
            message = waiting[-1] if conversation.quiet else waiting[0]
            outside = self._outside(merchant_id, conversation, message)
            with self._database.begin(merchant_id, _ACTOR) as uow:
                if not self._act(uow, conversation_id, message, outside):
                    break
            answered += 1
        return answered

    # -- outside any transaction ----------------------------------------------------------------------------------

    def _outside(self, merchant_id: str, conversation: Conversation, message: Message) -> _Outside:
        heard = hear(message.text)
        talk = absorb(talk_from(conversation.talk), heard)
        if conversation.quiet or grave_words(message.text) or next_move(talk, heard).step != "answer":
            return _Outside(heard)
        try:
            found = None
            if self._helpers.answerer is not None:
                found = self._helpers.answerer.answer(merchant_id, message.text, locale=conversation.locale)
            if (found is None or found.decision != "answer") and self._helpers.listener is not None:
                task = self._helpers.listener.hear(merchant_id, message.text)
                if task in TASKS:
                    return _Outside(replace(heard, intent=task))
            return _Outside(heard, found)
        except ZhangguiError as down:
            _LOG.warning("the agent cannot look up an answer: %s", down.message)
        except Exception:
            # Whatever breaks out there, a customer waits here: they get an honest line, and a person is told.
            _LOG.exception("looking up an answer broke")
        return _Outside(heard, down=True)

    # -- inside one ---------------------------------------------------------------------------------------------------

    def _act(self, uow: UnitOfWork, conversation_id: str, message: Message, outside: _Outside) -> bool:
        conversation = ConversationStore(uow).get(conversation_id, lock=True)
        if conversation.answered >= message.number:
            return True
        if conversation.quiet:
            return self._while_quiet(uow, conversation, message, outside.heard)
        talk = absorb(talk_from(conversation.talk), outside.heard)
        told = self._step(_Turn(uow, conversation, message, talk, outside))
        self._answer(uow, conversation, message, told)
        return True

    def _while_quiet(self, uow: UnitOfWork, conversation: Conversation, message: Message, heard: Heard) -> bool:
        """A person has it or is waited for: only taking back the wish for one is answered."""
        if grave_words(message.text):
            messages = MessageStore(uow).last(conversation.id)
            self._handovers.ask(uow, conversation.id, "safety", _summary(conversation, messages, Talk()), urgent=True)
        wish = conversation.hand_state is HandState.WAITING and heard.intent in ("stop", "no")
        if not wish or not self._handovers.withdraw(uow, conversation.id):
            return False
        self._answer(uow, conversation, message, Told(say(conversation.locale, "withdrawn"), Talk()))
        return True

    def _answer(self, uow: UnitOfWork, conversation: Conversation, message: Message, told: Told) -> None:
        detail: JsonObject = dict(told.detail)
        new = NewMessage("bot", told.text, author="bot", reply_to=message.number, detail=detail)
        made = MessageStore(uow).add(conversation.id, new)
        MessageStore(uow).answered(conversation.id, message.number)
        values: dict[str, object] = {"talk": talk_json(told.talk)}
        if told.topic:
            values["topic"] = told.topic
        if told.verified is not None:
            values["verified"] = told.verified
        ConversationStore(uow).change(conversation.id, **values)
        if made is not None:
            tell_message(uow, conversation, made)

    def _step(self, turn: "_Turn") -> Told:
        grave = grave_words(turn.message.text)
        if grave:
            return self._hand_over(turn, "safety", urgent=True)
        if turn.outside.down:
            told = self._hand_over(turn, "model-down")
            return replace(told, text=say(turn.locale, "down"), detail={"failed": True})
        move = next_move(turn.talk, turn.outside.heard, single_item=self._single(turn))
        plain_steps: dict[str, Callable[[], Told]] = {
            "greet": lambda: turn.say("hello"),
            "thank": lambda: turn.say("thanks"),
            "nothing": lambda: turn.say("nothing-to-confirm"),
            "drop": lambda: turn.say("dropped", Talk(order_id=turn.talk.order_id, slots=_order_only(turn.talk))),
            "person": lambda: self._hand_over(turn, "asked"),
            "withdraw": lambda: self._withdraw(turn),
            "search": lambda: self._search(turn),
            "answer": lambda: self._from_knowledge(turn),
        }
        act = plain_steps.get(move.step)
        return act() if act is not None else self._about_orders(turn, move)

    def _about_orders(self, turn: "_Turn", move: Move) -> Told:
        if self._orders is None:
            return self._hand_over(turn, "no-orders")
        told = self._orders.step(turn.uow, turn.conversation, turn.talk, move, at=turn.message.number)
        if told.hand_over:
            handed = self._hand_over(replace(turn, talk=told.talk), told.hand_over)
            return replace(handed, text=f"{told.text}\n{handed.text}" if told.text else handed.text,
                           verified=told.verified, topic=told.topic)  # fmt: skip
        return told

    def _single(self, turn: "_Turn") -> bool:
        return self._orders is not None and self._orders.single_item(turn.uow, turn.conversation, turn.talk)

    def _search(self, turn: "_Turn") -> Told:
        if self._helpers.shelf is None:
            return self._from_knowledge(turn)
        need = need_in(turn.message.text)
        products = self._helpers.shelf.on_sale(turn.uow)
        shown = [text for one in products for text in (one.title, *one.category, *_values(one.attributes), *one.tags)]
        need = replace(need, words=narrowed(need.words, shown))
        fits = fitting(need, products)
        talk = replace(turn.talk, task="find-product", tried=(*turn.talk.tried, "find-product")[-8:])
        if not fits:
            asked = plain(turn.message.text, 60)
            return Told(say(turn.locale, "none-found", need=asked), talk, topic="find-product")
        detail: JsonObject = {"products": [fit.product.id for fit in fits]}
        return Told(products_text(turn.locale, need, fits), talk, detail=detail, topic="find-product")

    def _from_knowledge(self, turn: "_Turn") -> Told:
        found, locale = turn.outside.answered, turn.locale
        if found is not None and found.decision != "handoff" and found.answer.strip():
            text = found.answer.strip()[:_LONGEST_ANSWER]
            sources: list[JsonObject] = [
                {"source": one.source, "quote": one.quote} for one in found.citations
            ]  # fmt: skip
            if sources and found.decision == "answer":
                text += "\n" + say(
                    locale, "source", sources="、".join(dict.fromkeys(str(s["source"]) for s in sources))
                )
            talk = replace(turn.talk, misses=0, tried=(*turn.talk.tried, "question")[-8:])
            if talk.pending is not None and talk.pending.kind != "person":
                text += "\n" + say(locale, "remind", task=task_name(locale, talk.pending.kind))
            return Told(text, talk, detail={"citations": [*sources]}, topic=turn.conversation.topic or "question")
        misses = turn.talk.misses + 1
        talk = replace(turn.talk, misses=misses, pending=Pending("person"), task="", asked="")
        if misses > _MISSES and turn.conversation.mood != "calm":
            return self._hand_over(replace(turn, talk=talk), "not-understood")
        return Told(say(locale, "unknown"), talk, topic=turn.conversation.topic or "question")

    def _withdraw(self, turn: "_Turn") -> Told:
        if self._handovers.withdraw(turn.uow, turn.conversation.id):
            return turn.say("withdrawn", Talk())
        return turn.say("dropped", Talk(order_id=turn.talk.order_id, slots=_order_only(turn.talk)))

    def _hand_over(self, turn: "_Turn", reason: str, *, urgent: bool = False) -> Told:
        uow, conversation, locale = turn.uow, turn.conversation, turn.locale
        summary = _summary(conversation, MessageStore(uow).last(conversation.id), turn.talk)
        made, new = self._handovers.ask(uow, conversation.id, reason, summary, urgent=urgent)
        talk = replace(turn.talk, pending=None, asked="", misses=0)
        topic = conversation.topic or turn.talk.task or "person"
        if urgent:
            return Told(say(locale, "handed-urgent"), talk, topic=topic)
        if not new:
            return Told(say(locale, "already-asked"), talk, topic=topic)
        if made.state is HandState.WAITING:
            return Told(say(locale, "handed"), talk, topic=topic)
        opens = self._handovers.opens(uow)
        key = "handed-shut" if opens else "handed-shut-unknown"
        return Told(say(locale, key, opens=opens), talk, topic=topic)


@dataclass(frozen=True, slots=True)
class _Turn:
    """One message being answered, inside its transaction."""

    uow: UnitOfWork
    conversation: Conversation
    message: Message
    talk: Talk
    outside: _Outside

    @property
    def locale(self) -> Locale:
        """The language to answer in."""
        return self.conversation.locale

    def say(self, key: str, talk: Talk | None = None) -> Told:
        """A sentence without values."""
        return Told(say(self.locale, key), self.talk if talk is None else talk)


def _wants(locale: Locale, talk: Talk) -> str:
    if not talk.task:
        return ""
    number = talk.slots.get("order", "")
    if number:
        return say(locale, "wants-task", task=task_name(locale, talk.task), number=plain(number, 40))
    return say(locale, "wants-task-only", task=task_name(locale, talk.task))


def _summary(conversation: Conversation, messages: Sequence[Message], talk: Talk) -> Summary:
    """What a colleague should know of a conversation."""
    locale, mood = conversation.locale, mood_of(message_texts(messages, "customer")[-4:])
    wants = _wants(locale, talk)
    return summarise(
        messages, wants=wants, tried=[task_name(locale, one) for one in talk.tried], mood=mood,
        orders=tuple(conversation.verified), suggestion=suggested_reply(locale, wants, mood[0]),
    )  # fmt: skip


def _order_only(talk: Talk) -> dict[str, str]:
    return {name: talk.slots[name] for name in ("order",) if name in talk.slots}


def _values(attributes: object) -> list[str]:
    """Names and values of attributes, as words that a shop uses."""
    pairs = cast(dict[str, tuple[str, ...]], attributes)
    return [text for name, values in pairs.items() for text in (name, *values)]
