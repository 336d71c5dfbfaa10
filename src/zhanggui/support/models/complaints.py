"""What customers say about a shop, complaints made of it, and mood over time. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, get_args

from zhanggui.kernel.types import Locale

Source = Literal["message", "review", "ticket"]
ComplaintKind = Literal["safety", "fraud", "logistics", "product", "service", "price"]
Urgency = Literal["critical", "high", "normal", "low"]
ComplaintState = Literal["open", "taken", "resolved", "dismissed"]
MoodGroup = Literal["product", "carrier", "topic"]

SOURCES: tuple[Source, ...] = get_args(Source)
COMPLAINT_KINDS: tuple[ComplaintKind, ...] = get_args(ComplaintKind)
URGENCIES: tuple[Urgency, ...] = get_args(Urgency)
COMPLAINT_STATES: tuple[ComplaintState, ...] = get_args(ComplaintState)
MOOD_GROUPS: tuple[MoodGroup, ...] = get_args(MoodGroup)


@dataclass(frozen=True, slots=True)
class Feedback:
    """One message, review or ticket as it came. `id` is unique within its source."""

    source: Source
    id: str
    text: str
    at: datetime
    customer_id: str = ""
    order_id: str = ""
    product_id: str = ""
    carrier: str = ""
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """Words that speak for something, where they stand, and how strongly."""

    text: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What a text complains about. `escalate` names why a person must be told at once; empty: no need.

    `scores` weighs every kind that was found, `words` are the evidence.
    """

    kind: ComplaintKind
    urgency: Urgency
    escalate: tuple[str, ...]
    scores: dict[ComplaintKind, float]
    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Remedy:
    """What would make it good, within what a shop may promise: an act, and the same in both languages."""

    action: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """A complaint with all that a person needs to settle it; `apology` is a draft in the customer's language."""

    id: str
    source: Source
    source_id: str
    locale: Locale
    text: str
    customer_id: str
    order_id: str
    product_id: str
    carrier: str
    kind: ComplaintKind
    urgency: Urgency
    escalate: tuple[str, ...]
    words: tuple[Words, ...]
    owner: str
    remedies: tuple[Remedy, ...]
    apology: str
    at: datetime
    deadline: datetime
    state: ComplaintState = "open"
    taken_by: str = ""
    note: str = ""
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mood:
    """How one text feels: `positive` from 0 to 1, with the words that say so."""

    source: Source
    source_id: str
    at: datetime
    positive: float
    label: str
    text: str
    product_id: str = ""
    carrier: str = ""
    topic: str = ""
    words: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class MoodDay:
    """All texts about one thing on one day: how many, how many of them negative, and the mean feeling."""

    name: str
    day: date
    texts: int
    negative: int
    positive: float


@dataclass(frozen=True, slots=True)
class MoodTrend:
    """One thing's mood now and before, and whether the change is more than chance (`z` below -2 or above 2)."""

    name: str
    texts: int
    negative_share: float
    before_texts: int
    before_share: float | None
    z: float
    days: tuple[MoodDay, ...] = ()

    @property
    def worse(self) -> bool:
        """Clearly worse than before."""
        return self.z > 2


@dataclass(frozen=True, slots=True)
class Quote:
    """A customer's own words, personal data masked, with where they stand."""

    text: str
    source: Source
    source_id: str
    at: datetime
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """A week in complaints and mood, with verbatim quotes."""

    start: date
    end: date
    texts: int
    negative_share: float
    complaints: dict[str, int]
    overdue: int
    settled: int
    worse: tuple[MoodTrend, ...]
    quotes: tuple[Quote, ...] = field(default=())
