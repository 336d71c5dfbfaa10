"""Handing a conversation to a person and back. Every step is taken under the conversation's lock."""

from dataclasses import asdict, replace
from typing import Any, cast
from zoneinfo import ZoneInfo

from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import Conflict
from zhanggui.kernel.storage import MerchantStore, UnitOfWork
from zhanggui.kernel.types import JsonObject, new_id
from zhanggui.support.models.conversation import (
    OPEN_STATES,
    Conversation,
    HandEvent,
    Handover,
    HandState,
    Message,
    NewMessage,
    OfficeHours,
    Summary,
)
from zhanggui.support.rules.agent_words import say
from zhanggui.support.rules.handover import (
    PATIENCE,
    first_state,
    hours_json,
    is_open,
    next_state,
    opens_at,
    read_hours,
)
from zhanggui.support.store.chat import TellingStore
from zhanggui.support.store.conversations import ConversationStore, MessageStore
from zhanggui.support.store.handovers import HandoverStore, PromiseStore

CHANNEL_SETTING = "support.channel"
_HOURS = "support.office-hours"


def office_hours(uow: UnitOfWork) -> OfficeHours:
    """When people are on duty."""
    value = MerchantStore.setting(uow, _HOURS)
    return OfficeHours() if value is None else read_hours(value)


class Handovers:
    """The hand-over desk. Each method runs in the caller's unit of work; the edge commits."""

    @staticmethod
    def set_hours(uow: UnitOfWork, value: object) -> OfficeHours:
        """Set when people are on duty; what waits for the office to open is looked at again by the job.

        Raises:
            BadInput: names the field that is not what it should be.
        """
        hours = read_hours(value)
        MerchantStore.set_setting(uow, _HOURS, hours_json(hours))
        return hours

    def ask(
        self, uow: UnitOfWork, conversation_id: str, reason: str, summary: Summary, *, urgent: bool = False
    ) -> tuple[Handover, bool]:
        """Promise a person; the open hand-over and whether this call began it. Asking twice is one promise.

        What a second asking adds (an urgent reason) is written onto the open one.
        """
        ConversationStore(uow).get(conversation_id, lock=True)
        store = HandoverStore(uow)
        open_one = store.open_of(conversation_id)
        if open_one is not None:
            if urgent and not open_one.urgent:
                store.change(open_one.id, urgent=True, reason=reason)
                return store.get(open_one.id), False
            return open_one, False
        now = uow.clock.now()
        # Danger does not wait for the office to open: it is in the inbox at once.
        state = HandState.WAITING if urgent else first_state(office_hours(uow), now)
        made = store.add(conversation_id, state, reason, urgent=urgent, summary=cast(JsonObject, asdict(summary)))
        PromiseStore(uow).add(conversation_id, "person", made.id)
        ConversationStore(uow).change(conversation_id, hand_state=str(state))
        self._record(uow, made, "asked")
        return made, True

    def take(self, uow: UnitOfWork, handover_id: str, name: str) -> Handover:
        """Take a conversation; by the same person twice it is taken once.

        Raises:
            Conflict: a colleague has it, or it is over.
        """
        one = self._locked(uow, handover_id)
        if one.state is HandState.TAKEN and one.taken_by == name:
            return one
        if one.state is HandState.TAKEN:
            raise Conflict(f"{one.taken_by} has this conversation", taken_by=one.taken_by)
        return self._move(uow, one, HandEvent.TAKE, say_key="taken", name=name)

    def release(self, uow: UnitOfWork, handover_id: str, name: str) -> Handover:
        """Put it back for a colleague.

        Raises:
            Conflict: it is not this person's.
        """
        return self._move(uow, self._mine(uow, handover_id, name), HandEvent.RELEASE)

    def give_back(self, uow: UnitOfWork, handover_id: str, name: str) -> Handover:
        """Give it back to the bot; the customer's messages so far count as dealt with. Twice is once.

        Raises:
            Conflict: it is not this person's.
        """
        one = self._locked(uow, handover_id)
        if one.state is HandState.RETURNED:
            return one
        return self._move(uow, self._mine(uow, handover_id, name), HandEvent.RETURN, say_key="returned")

    def close(self, uow: UnitOfWork, handover_id: str, name: str) -> Handover:
        """End it; a second click changes nothing.

        Raises:
            Conflict: a colleague has it.
        """
        one = self._locked(uow, handover_id)
        if one.state is HandState.CLOSED:
            return one
        if one.state is HandState.TAKEN:
            self._mine(uow, handover_id, name)
        return self._move(uow, one, HandEvent.CLOSE, say_key="closed")

    def withdraw(self, uow: UnitOfWork, conversation_id: str) -> bool:
        """The customer needs nobody any more; False where nothing waits (or a person has it already)."""
        ConversationStore(uow).get(conversation_id, lock=True)
        one = HandoverStore(uow).open_of(conversation_id)
        if one is None or one.state is HandState.TAKEN:
            return False
        self._move(uow, one, HandEvent.CLOSE)
        return True

    def reply(self, uow: UnitOfWork, handover_id: str, name: str, text: str, key: str) -> Message | None:
        """A person's word to the customer; None where the same key came before (a double click).

        Raises:
            Conflict: it is not this person's.
        """
        one = self._mine(uow, handover_id, name)
        messages = MessageStore(uow)
        new = NewMessage("staff", text, author=name, client_key=f"staff:{key}")
        made = messages.add(one.conversation_id, new)
        if made is not None:
            messages.answered(one.conversation_id, made.number)
            PromiseStore(uow).settle("person", one.id, kept=True)
            tell_message(uow, ConversationStore(uow).get(one.conversation_id), made)
        return made

    def tick(self, uow: UnitOfWork) -> int:
        """Time passed: what was asked for outside office hours is queued, who waits too long is told so, once."""
        store, now, moved = HandoverStore(uow), uow.clock.now(), 0
        if is_open(office_hours(uow), now):
            for one in store.inbox((HandState.ASKED,)):
                locked = self._locked(uow, one.id)
                if locked.state is HandState.ASKED:
                    self._move(uow, locked, HandEvent.QUEUE)
                    moved += 1
        for one in store.overdue(now - PATIENCE):
            locked = self._locked(uow, one.id)
            if locked.state is HandState.WAITING:
                store.change(one.id, reminded_at=now)
                self._event(uow, one.conversation_id, "still-waiting")
                self._record(uow, locked, "overdue")
                moved += 1
        return moved

    def opens(self, uow: UnitOfWork) -> str:
        """When somebody will be on duty next, for people, in the office's own zone; empty where nobody knows."""
        hours = office_hours(uow)
        at = opens_at(hours, uow.clock.now())
        return "" if at is None else f"{at.astimezone(ZoneInfo(hours.zone)):%m-%d %H:%M}"

    @staticmethod
    def get(uow: UnitOfWork, handover_id: str) -> Handover:
        """One hand-over.

        Raises:
            NotFound: there is none of this id.
        """
        return HandoverStore(uow).get(handover_id)

    @staticmethod
    def inbox(uow: UnitOfWork) -> list[Handover]:
        """Every open hand-over: urgent ones first, then the oldest promise."""
        return HandoverStore(uow).inbox()

    def _locked(self, uow: UnitOfWork, handover_id: str) -> Handover:
        store = HandoverStore(uow)
        ConversationStore(uow).get(store.get(handover_id).conversation_id, lock=True)
        return store.get(handover_id)

    def _mine(self, uow: UnitOfWork, handover_id: str, name: str) -> Handover:
        one = self._locked(uow, handover_id)
        if one.state is not HandState.TAKEN:
            raise Conflict(f"this hand-over is {one.state}: take it first", state=str(one.state))
        if one.taken_by != name:
            raise Conflict(f"{one.taken_by} has this conversation", taken_by=one.taken_by)
        return one

    def _move(self, uow: UnitOfWork, one: Handover, event: HandEvent, *, say_key: str = "", name: str = "") -> Handover:
        state, now, store = next_state(one.state, event), uow.clock.now(), HandoverStore(uow)
        values: dict[str, Any] = {"state": str(state)}
        if state is HandState.WAITING:
            values |= {"waiting_at": now, "taken_by": "", "reminded_at": None}
        elif state is HandState.TAKEN:
            values |= {"taken_at": now, "taken_by": name}
        elif state not in OPEN_STATES:
            values["ended_at"] = now
        store.change(one.id, **values)
        conversations = ConversationStore(uow)
        conversations.change(one.conversation_id, hand_state=str(state))
        if state is HandState.RETURNED or (state is HandState.CLOSED and one.state is HandState.TAKEN):
            conversation = conversations.get(one.conversation_id)
            MessageStore(uow).answered(one.conversation_id, conversation.last_number)
        if state is HandState.CLOSED and one.state is not HandState.TAKEN:
            # Nobody came: kept only where the customer took the wish back; a colleague's closing breaks the promise.
            PromiseStore(uow).settle("person", one.id, kept=not say_key)
        elif state not in OPEN_STATES:
            PromiseStore(uow).settle("person", one.id, kept=True)
        if say_key:
            self._event(uow, one.conversation_id, say_key, name=name or one.taken_by)
        moved = store.get(one.id)
        self._record(uow, moved, str(event))
        return moved

    @staticmethod
    def _event(uow: UnitOfWork, conversation_id: str, key: str, **values: str) -> None:
        conversation = ConversationStore(uow).get(conversation_id)
        new = NewMessage("event", say(conversation.locale, key, **values), author="desk", detail={"event": key})
        made = MessageStore(uow).add(conversation_id, new)
        assert made is not None, "an event has no key"
        tell_message(uow, conversation, made)

    @staticmethod
    def _record(uow: UnitOfWork, one: Handover, what: str) -> None:
        about: JsonObject = {"conversation": one.conversation_id, "state": str(one.state), "reason": one.reason}
        AuditLog(uow).record(f"handover.{what}", one.id, about)
        telling: JsonObject = {
            **about, "handover": one.id, "what": what, "urgent": one.urgent, "by": one.taken_by,
            "summary": one.summary, "at": uow.clock.now().isoformat(),
        }  # fmt: skip
        if listening(uow):
            TellingStore(uow).add(f"{one.id}:{what}:{new_id()}", "handover.changed", telling)


def listening(uow: UnitOfWork) -> bool:
    """Whether a chat platform is connected that wants to be told."""
    return MerchantStore.setting(uow, CHANNEL_SETTING) is not None


def tell_message(uow: UnitOfWork, conversation: Conversation, message: Message) -> None:
    """Put a message to the customer into the outbox of a chat platform, where the conversation came from one."""
    if conversation.channel != "webhook" or not listening(uow) or message.sender not in ("bot", "staff", "event"):
        return
    payload: JsonObject = {
        "conversation": conversation.id, "number": message.number, "sender": message.sender, "text": message.text,
        "author": message.author, "to": conversation.address, "at": message.at.isoformat(),
    }  # fmt: skip
    TellingStore(uow).add(f"{conversation.id}:{message.number}", "message.created", payload)


def with_note(uow: UnitOfWork, conversation_id: str, name: str, text: str, key: str) -> Message | None:
    """A note between colleagues: kept with the conversation, never shown to the customer."""
    return MessageStore(uow).add(conversation_id, NewMessage("note", text, author=name, client_key=f"note:{key}"))


def visible(messages: list[Message]) -> list[Message]:
    """What a customer may see: no notes, and of the rest only what is theirs."""
    return [replace(message, detail=_public(message)) for message in messages if message.sender != "note"]


def _public(message: Message) -> JsonObject:
    return {name: value for name, value in message.detail.items() if name in ("event", "citations", "products")}
