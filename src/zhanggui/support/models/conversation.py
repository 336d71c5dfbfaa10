"""Conversations, messages and hand-overs to a person. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from zhanggui.kernel.types import JsonObject, Locale, empty_object

Sender = Literal["customer", "bot", "staff", "note", "event"]
"""Who wrote: `note` is between colleagues and never shown to a customer, `event` is a line of ours about the talk."""
Channel = Literal["widget", "api", "webhook"]
Mood = Literal["calm", "upset", "angry"]
OutcomeState = Literal["open", "resolved", "unanswered", "promise-broken", "came-back", "left-waiting"]


class HandState(StrEnum):
    """Where a hand-over stands. Only `rules.handover.TRANSITIONS` leads from one to another."""

    ASKED = "asked"  # promised to the customer; nobody is on duty yet
    WAITING = "waiting"  # in the inbox of the people on duty
    TAKEN = "taken"  # a person has the conversation: the bot is quiet
    RETURNED = "returned"  # the person gave it back to the bot
    CLOSED = "closed"  # over


class HandEvent(StrEnum):
    """What may happen to a hand-over."""

    QUEUE = "queue"  # the office is open: it may be taken
    TAKE = "take"
    RELEASE = "release"  # put back for a colleague
    RETURN = "return"
    CLOSE = "close"


OPEN_STATES = (HandState.ASKED, HandState.WAITING, HandState.TAKEN)


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `number` counts from 1 within its conversation; `reply_to` is what a bot's message answers."""

    conversation_id: str
    number: int
    sender: Sender
    text: str
    at: datetime
    author: str = ""
    reply_to: int | None = None
    detail: JsonObject = field(default_factory=empty_object)


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that is to be kept. The same `client_key`, or the same `reply_to`, is kept once."""

    sender: Sender
    text: str
    author: str = ""
    client_key: str | None = None
    reply_to: int | None = None
    detail: JsonObject = field(default_factory=empty_object)


@dataclass(frozen=True, slots=True)
class Conversation:
    """One talk with one visitor. `answered` is the number of the last customer message that was dealt with.

    `talk` is what the bot remembers; `verified` maps the id of an order to when its proof ends (ISO 8601).
    """

    id: str
    visitor_id: str
    channel: Channel
    locale: Locale
    opened_at: datetime
    last_at: datetime
    last_number: int = 0
    answered: int = 0
    topic: str = ""
    mood: Mood = "calm"
    hand_state: HandState | None = None
    closed_at: datetime | None = None
    talk: JsonObject = field(default_factory=empty_object)
    verified: JsonObject = field(default_factory=empty_object)
    address: JsonObject = field(default_factory=empty_object)

    @property
    def quiet(self) -> bool:
        """Whether a person has it, or is being waited for: then the bot says nothing of its own."""
        return self.hand_state in (HandState.WAITING, HandState.TAKEN)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a person should know before the first word.

    Attributes:
        wants: what the customer wants, in a sentence of the shop's language.
        tried: what the bot did, one line each.
        mood: how the customer sounds, with the words that show it.
        orders: numbers of the orders whose owner was verified.
        suggestion: a reply to begin with, in the customer's language.
        quotes: the customer's own last words.
    """

    wants: str
    tried: tuple[str, ...]
    mood: Mood
    mood_words: tuple[str, ...]
    orders: tuple[str, ...]
    suggestion: str
    quotes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Handover:
    """One promise that a person takes over. At most one of a conversation is open at a time."""

    id: str
    conversation_id: str
    state: HandState
    reason: str
    urgent: bool
    asked_at: datetime
    changed_at: datetime
    waiting_at: datetime | None
    taken_at: datetime | None
    taken_by: str
    ended_at: datetime | None
    summary: JsonObject


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that was promised to a customer: a proposal to be carried out, a person to take over.

    `kept` is None while it is open.
    """

    conversation_id: str
    kind: Literal["proposal", "person"]
    reference: str
    made_at: datetime
    kept: bool | None = None


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When people are on duty, in a zone: weekday (0 = Monday) -> opening spans as minutes of the day [from, to)."""

    zone: str = "Asia/Shanghai"
    days: dict[int, tuple[tuple[int, int], ...]] = field(
        default_factory=lambda: dict.fromkeys(range(7), ((9 * 60, 21 * 60),))
    )
    closed_dates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an inbound message: `known` came before, `too-many` and `unreadable` were not kept."""

    outcome: Literal["new", "known", "too-many", "unreadable"]
    conversation_id: str
    number: int = 0
    reason: str = ""
    retry_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one conversation ended, honestly.

    `resolved` needs all that was promised to have happened, and the customer not to have come back on the same matter
    within 7 days; `open` is not over yet, or within those days.
    """

    conversation_id: str
    topic: str
    state: OutcomeState
    handed_over: bool
    first_word_seconds: float | None
    cost_micros: int


@dataclass(frozen=True, slots=True)
class TopicReport:
    """One line of the report: a topic over a span of time; `broken` counts customers left waiting too."""

    topic: str
    conversations: int
    resolved: int
    came_back: int
    handed_over: int
    open: int
    first_word_median: float | None
    first_word_p95: float | None
    cost_micros: int
    unanswered: int = 0
    broken: int = 0


@dataclass(frozen=True, slots=True)
class Macro:
    """A ready-made reply of the staff; `{number}` and `{name}` are filled in by hand."""

    id: str
    title: str
    text: str
    locale: Locale


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to prove an order, by a visitor; `order_mark` is the hash of the number that was named."""

    visitor_id: str
    order_mark: str
    at: datetime
    passed: bool
