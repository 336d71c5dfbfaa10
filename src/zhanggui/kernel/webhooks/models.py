"""The words of webhooks out. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from zhanggui.kernel.types import JsonObject

MessageState = Literal["waiting", "done", "failed"]

# What may be told: the actions of the audit trail that matter to other programs, and a try by hand.
EVENTS = (
    "proposal.created", "proposal.approved", "proposal.rejected", "proposal.applied", "proposal.failed",
    "proposal.undone", "proposal.expired", "autonomy.set", "autonomy.demoted", "exception.found", "handover.asked",
    "handover.overdue", "handover.take", "handover.return", "handover.close", "complaint.found", "complaint.resolved",
    "complaint.dismissed", "products.imported", "import.undone", "policy.saved", "knowledge.saved", "webhook.test",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that wants to be told. `events` names those that it wants; its secret is never shown again."""

    id: str
    url: str
    events: tuple[str, ...]
    enabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """A registered address with the secret that both sides sign with; shown this once."""

    endpoint: Endpoint
    secret: str


@dataclass(frozen=True, slots=True)
class OutMessage:
    """One event for one address. `id` goes out as `webhook-id` and stays the same however often it is sent."""

    id: str
    endpoint_id: str
    event: str
    payload: JsonObject
    at: datetime
    state: MessageState
    attempts: int
    next_at: datetime
    status: int
    problem: str


class Sealer(Protocol):
    """Keeps secrets that must be read again."""

    def seal(self, secret: str) -> str:
        """The secret as it may be stored."""
        ...

    def open(self, sealed: str) -> str:
        """The secret."""
        ...


class Carrier(Protocol):
    """Signs and carries (Standard Webhooks)."""

    def check(self, url: str) -> str:
        """The address as it is kept; BadInput where it may not be asked."""
        ...

    def send(self, url: str, secret: str, delivery_id: str, at: datetime, body: bytes) -> int:
        """Send once; the HTTP status. RetryLater where nobody answered, BadInput where it leads into our network."""
        ...
