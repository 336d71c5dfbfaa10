"""What people do in the shop before they buy: views, searches, carts, orders."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

EventKind = Literal["view", "search", "cart", "order"]
EVENT_KINDS: tuple[EventKind, ...] = ("view", "search", "cart", "order")


@dataclass(frozen=True, slots=True)
class Event:
    """One happening, as it was told.

    Attributes:
        id: the sender's own id of it: the same again is the same event.
        who: a key: `id:shop:customer`, `email:...`, or `visitor:...` for a browser that nobody signed in with.
        visitor: the browser, where the customer is told as well: from now on they are one person.
        product_id: product or SKU; empty for searches.
        query: what was searched for.
    """

    id: str
    kind: EventKind
    at: datetime
    who: str
    visitor: str = ""
    product_id: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class EventProblem:
    """A row that could not be taken: its place in the batch (from 1), the field, what was expected and found."""

    row: int
    field: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class EventsTaken:
    """What came of a batch: `known` were there already; `refused` belong to people who opted out and are not kept."""

    stored: int = 0
    known: int = 0
    refused: int = 0
    problems: tuple[EventProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it is kept, with the names of its product as audiences use them."""

    id: str
    kind: EventKind
    at: datetime
    who: str
    product_id: str
    query: str
    things: frozenset[str] = field(default_factory=frozenset[str])


HAPPENINGS: Mapping[EventKind, Literal["viewed", "carted"]] = {"view": "viewed", "cart": "carted"}
