"""Customers as marketing knows them: one person, what they bought, what they allow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from zhanggui.kernel.types import JsonObject, empty_object


@dataclass(frozen=True, slots=True)
class PastOrder:
    """An order as marketing needs it. `things` are names as audiences use them (`product:p1`, `category:tents`).

    `prices` holds, for each line, the SKU, the units and the price of one (minor units). A `void` order was cancelled.
    """

    id: str
    customer: "Identity"
    at: datetime
    total_minor: int
    currency: str
    things: frozenset[str] = frozenset()
    prices: tuple[tuple[str, int, int], ...] = ()
    void: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a shop says somebody is; empty where it does not say. `id` is the shop's own name for them."""

    id: str
    name: str = ""
    email: str = ""
    phone: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """One person. `consents` names the channels that they agreed to; `personalised` is their switch (PIPL Art. 24)."""

    id: str
    name: str
    email: str
    phone: str
    place: str
    tags: tuple[str, ...]
    consents: tuple[str, ...]
    personalised: bool
    created_at: datetime
    measures: JsonObject = field(default_factory=empty_object)


@dataclass(frozen=True, slots=True)
class Affinity:
    """What somebody buys more than others do: their share of orders with it, everybody's, and the counts behind it."""

    thing: str
    orders: int
    of: int
    share: float
    usual: float


@dataclass(frozen=True, slots=True)
class Measures:
    """What is computed of one customer; None where there is not enough to say.

    Amounts are major units of the shop's currency; times days; `churn_risk` the chance of no order in the next 90 days.
    """

    orders: int
    spent: float
    days_since_last: float
    days_since_first: float
    rfm: tuple[int, int, int]
    segment: str
    affinities: tuple[Affinity, ...] = ()
    discount_share: float | None = None
    lifetime_value: float | None = None
    value_interval: tuple[float, float] | None = None
    churn_risk: float | None = None
    days_to_next: float | None = None
    value_rank: float | None = None
    reasons: Mapping[str, str] = field(default_factory=dict[str, str])
