"""The words of the desk. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from zhanggui.kernel.types import JsonObject, Locale, empty_object

Autonomy = Literal["off", "shadow", "propose", "auto"]
AUTONOMY_LEVELS: tuple[Autonomy, ...] = ("off", "shadow", "propose", "auto")


class State(StrEnum):
    """Where a proposal stands. Only `rules.TRANSITIONS` leads from one to another."""

    SHADOW = "shadow"  # recorded, never shown to customers; may be judged for agreement
    WAITING = "waiting"  # in the inbox
    APPROVED = "approved"  # decided, not yet applied
    APPLIED = "applied"
    UNDONE = "undone"
    REJECTED = "rejected"
    EXPIRED = "expired"
    FAILED = "failed"  # applying raised; may be tried again


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why: one thing that supports the proposal, quoted.

    `kind` is attribute, rule, passage, back-test, history, model ...; `reference` finds it again.
    """

    kind: str
    reference: str
    quote: str = ""
    detail: JsonObject = field(default_factory=empty_object)


@dataclass(frozen=True, slots=True)
class Check:
    """What was checked, whether it passed and why, in a plain sentence. A blocking check that failed stops approval."""

    name: str
    passed: bool
    reason: str
    blocking: bool = True
    reason_zh: str = ""

    def told(self, locale: Locale) -> str:
        """The reason in a language, in English where nothing else is known."""
        return self.reason_zh or self.reason if locale == "zh-CN" else self.reason


@dataclass(frozen=True, slots=True)
class Cost:
    """What it cost to make: tokens, wall seconds, and money in millionths of a US dollar."""

    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    cached: bool = False
    micros: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposal before it is recorded.

    `confidence` is 0..1. While a proposal with the same non-empty `fingerprint` is open, it is not proposed twice.
    """

    kind: str
    subject: str
    title: str
    payload: JsonObject
    evidence: tuple[Evidence, ...]
    checks: tuple[Check, ...]
    confidence: float
    cost: Cost = Cost()
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Undo:
    """How to take an applied proposal back, or why that cannot be done."""

    possible: bool
    payload: JsonObject = field(default_factory=empty_object)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A recorded proposal with everything that happened to it. `payload` is what would be (or was) applied:
    the edited version where a person edited it; `original` is what was proposed."""

    id: str
    kind: str
    subject: str
    title: str
    payload: JsonObject
    original: JsonObject
    evidence: tuple[Evidence, ...]
    checks: tuple[Check, ...]
    confidence: float
    cost: Cost
    autonomy: Autonomy
    state: State
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str = ""
    verdict: str = ""
    reason: str = ""
    applied_at: datetime | None = None
    undo: Undo | None = None
    undone_at: datetime | None = None
    error: str = ""
    outcome: JsonObject | None = None

    @property
    def edited(self) -> bool:
        """Whether a person changed it before approving."""
        return self.payload != self.original

    @property
    def blocked(self) -> tuple[Check, ...]:
        """The blocking checks that failed."""
        return tuple(check for check in self.checks if check.blocking and not check.passed)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often people agreed with a kind's proposals: approved unchanged, of those decided by a person.

    `lower` is the 95 % Wilson lower bound of `agreed / decided`. `undo_rate` is over recently applied ones.
    """

    kind: str
    decided: int
    agreed: int
    edited: int
    rejected: int
    applied: int
    undone: int
    lower: float

    @property
    def rate(self) -> float:
        """The plain share; 0 when nothing was decided."""
        return self.agreed / self.decided if self.decided else 0.0

    @property
    def undo_rate(self) -> float:
        """Share of the applied ones that were taken back."""
        return self.undone / self.applied if self.applied else 0.0


@dataclass(frozen=True, slots=True)
class KindSettings:
    """A merchant's settings of one kind: how far it may go by itself, how sure it must be, how long it waits."""

    kind: str
    autonomy: Autonomy = "propose"
    min_confidence: float = 0.9
    expire_hours: int = 24 * 14


@dataclass(frozen=True, slots=True)
class Filter:
    """Which proposals to list; empty fields match all. `text` is looked for in title and subject."""

    states: tuple[State, ...] = ()
    kinds: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Replayed:
    """One past proposal under a changed prompt, model or rule: what it was, what it would be, what differs."""

    proposal_id: str
    subject: str
    before: JsonObject
    after: JsonObject
    checks_before: tuple[Check, ...]
    checks_after: tuple[Check, ...]

    @property
    def changed_fields(self) -> tuple[str, ...]:
        """The top-level payload fields that differ."""
        names = sorted({*self.before, *self.after})
        return tuple(name for name in names if self.before.get(name) != self.after.get(name))

    @property
    def verdict_changed(self) -> bool:
        """Whether it would be blocked where it was not, or the reverse."""

        def blocked(checks: tuple[Check, ...]) -> bool:
            return any(check.blocking and not check.passed for check in checks)

        return blocked(self.checks_before) != blocked(self.checks_after)
