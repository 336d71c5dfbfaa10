"""Conversations: messages in, what a visitor and a colleague may read, how they ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from zhanggui.kernel.errors import BadInput, NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, Locale, Page, new_id
from zhanggui.support.models.conversation import (
    Channel,
    Conversation,
    Handover,
    Message,
    NewMessage,
    Outcome,
    Received,
    TopicReport,
)
from zhanggui.support.ports import OrderTools
from zhanggui.support.rules.agent_words import say
from zhanggui.support.rules.conversation import (
    PER_HOUR,
    PER_MINUTE,
    clean,
    grave_words,
    language_of,
    mood_of,
    outcome_of,
    report,
)
from zhanggui.support.service.handover import tell_message, visible
from zhanggui.support.store.chat import RateStore
from zhanggui.support.store.conversations import ConversationStore, MessageStore, message_texts
from zhanggui.support.store.handovers import HandoverStore, PromiseStore

_RESUME = timedelta(days=2)
_LONGEST_KEY = 80


@dataclass(frozen=True, slots=True)
class Inbound:
    """A customer's message as a channel brings it. `key` is the sender's own id of it: the same twice is kept once.

    `sender` names the API token or the address that sends, where there is one, for a limit of its own.
    """

    visitor_id: str
    text: object
    key: str
    channel: Channel = "widget"
    locale: Locale = "zh-CN"
    sender: str = ""
    address: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A conversation whole, as colleagues see it."""

    conversation: Conversation
    messages: tuple[Message, ...]
    handovers: tuple[Handover, ...]


class Conversations:
    """Use cases of conversations; each in the caller's unit of work."""

    def receive(self, uow: UnitOfWork, inbound: Inbound) -> Received:
        """Keep a customer's message, in this visitor's conversation. Answering comes after, in `Agent.reply`.

        A message that cannot be read, or that comes too fast, is not kept; the outcome says so.
        """
        key = _key(inbound.key)
        ConversationStore(uow).lock_visitor(inbound.visitor_id)
        conversation = self._current(uow, inbound)
        if conversation is not None and (there := MessageStore(uow).known(conversation.id, key)) is not None:
            return Received("known", conversation.id, there.number)
        wait = self._too_fast(uow, inbound)
        if wait:
            return Received("too-many", conversation.id if conversation else "", retry_seconds=wait)
        try:
            text = clean(inbound.text)
        except BadInput as unreadable:
            return Received("unreadable", conversation.id if conversation else "", reason=unreadable.message)
        if conversation is None:
            conversation = ConversationStore(uow).open(
                inbound.visitor_id, inbound.channel, inbound.locale, inbound.address or {}
            )
        made = MessageStore(uow).add(conversation.id, NewMessage("customer", text, client_key=key))
        assert made is not None, "the key was looked for under the same lock"
        self._note(uow, conversation, text)
        return Received("new", conversation.id, made.number)

    def of_visitor(self, uow: UnitOfWork, visitor_id: str) -> Conversation | None:
        """The conversation that a visitor may go on with; None where there is none of the last days."""
        newest = ConversationStore(uow).newest_of(visitor_id)
        if newest is None or (newest.closed_at is not None and newest.hand_state is None):
            return None
        stale = uow.clock.now() - newest.last_at > _RESUME and not newest.quiet
        return None if stale else newest

    def shown_after(self, uow: UnitOfWork, visitor_id: str, number: int) -> tuple[Conversation | None, list[Message]]:
        """What a visitor may see of their own conversation after a message's number."""
        conversation = self.of_visitor(uow, visitor_id)
        if conversation is None:
            return None, []
        return conversation, visible(MessageStore(uow).after(conversation.id, number))

    def view(self, uow: UnitOfWork, conversation_id: str) -> ConversationView:
        """A conversation whole, for colleagues.

        Raises:
            NotFound: there is none of this id.
        """
        conversation = ConversationStore(uow).get(conversation_id)
        messages = tuple(MessageStore(uow).last(conversation_id, limit=200))
        return ConversationView(conversation, messages, tuple(HandoverStore(uow).of_conversation(conversation_id)))

    def page(
        self, uow: UnitOfWork, *, state: str = "", text: str = "", limit: int = 50, cursor: str | None = None
    ) -> Page[Conversation]:
        """Conversations, last active first; see `ConversationStore.page`."""
        return ConversationStore(uow).page(state=state, text=text, limit=limit, cursor=cursor)

    def close(self, uow: UnitOfWork, conversation_id: str) -> None:
        """End a conversation that no person has; the visitor's next message begins another.

        Raises:
            NotFound: there is none of this id.
        """
        conversation = ConversationStore(uow).get(conversation_id, lock=True)
        if conversation.closed_at is None and not conversation.quiet:
            ConversationStore(uow).change(conversation_id, closed_at=uow.clock.now())

    def settle_promises(self, uow: UnitOfWork, tools: OrderTools) -> int:
        """Look at every open promise of a proposal; the customer is told of each that is decided. How many were."""
        settled = 0
        for promise in PromiseStore(uow).open():
            if promise.kind != "proposal":
                continue
            try:
                kept = tools.kept(uow, promise.reference)
            except NotFound:
                kept = False
            if kept is None:
                continue
            PromiseStore(uow).settle("proposal", promise.reference, kept=kept)
            conversation = ConversationStore(uow).get(promise.conversation_id)
            text = say(conversation.locale, "settled-yes" if kept else "settled-no", proposal=promise.reference[-6:])
            new = NewMessage("event", text, author="desk", client_key=f"settled:{promise.reference}")
            made = MessageStore(uow).add(conversation.id, new)
            if made is not None:
                tell_message(uow, conversation, made)
                settled += 1
        return settled

    def outcomes(self, uow: UnitOfWork, first: datetime, last: datetime) -> tuple[Outcome, ...]:
        """How every conversation that began within [first, last) ended, honestly."""
        store, messages, now = ConversationStore(uow), MessageStore(uow), uow.clock.now()
        conversations = store.between(first, last)
        promises = PromiseStore(uow).of([one.id for one in conversations])
        found: list[Outcome] = []
        for one in conversations:
            later = [other for other in store.of_visitor(one.visitor_id) if other.opened_at > one.opened_at]
            said = messages.after(one.id, 0)
            found.append(outcome_of(one, said, promises.get(one.id, ()), later=later, now=now))
        return tuple(found)

    def report(self, uow: UnitOfWork, first: datetime, last: datetime) -> tuple[TopicReport, ...]:
        """Outcomes by topic."""
        return report(self.outcomes(uow, first, last))

    def _current(self, uow: UnitOfWork, inbound: Inbound) -> Conversation | None:
        return self.of_visitor(uow, inbound.visitor_id)

    @staticmethod
    def _too_fast(uow: UnitOfWork, inbound: Inbound) -> int:
        rates = RateStore(uow)
        wait = rates.retry_after(f"visitor:{inbound.visitor_id}", per_minute=PER_MINUTE, per_hour=PER_HOUR)
        if wait or not inbound.sender:
            return wait
        return rates.retry_after(f"sender:{inbound.sender}", per_minute=PER_MINUTE * 20, per_hour=PER_HOUR * 20)

    @staticmethod
    def _note(uow: UnitOfWork, conversation: Conversation, text: str) -> None:
        """Language and mood as the newest messages show them."""
        said = message_texts(MessageStore(uow).last(conversation.id, limit=8), "customer")[-4:]
        mood = "angry" if grave_words(text) else mood_of(said)[0]
        locale = language_of(text, conversation.locale)
        ConversationStore(uow).change(conversation.id, locale=locale, mood=mood)


def new_visitor() -> str:
    """The id of a visitor who was never here."""
    return new_id()


def visitor_messages(messages: Sequence[Message]) -> list[Message]:
    """What a customer may see of messages."""
    return visible(list(messages))


def _key(key: str) -> str:
    if not 1 <= len(key) <= _LONGEST_KEY or not key.isprintable():
        raise BadInput(field="key", expected=f"1 to {_LONGEST_KEY} printable characters", found=key[:100])
    return f"customer:{key}"
