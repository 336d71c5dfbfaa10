"""Campaigns: who is written to, who is left alone to compare with, what is sent, what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Channel = Literal["sms", "email", "push", "xiaohongshu"]
Verdict = Literal["not-enough-data", "better", "worse", "no-difference"]
HOLDOUT = "holdout"


@dataclass(frozen=True, slots=True)
class Variant:
    """One text of a campaign; `subject` is for e-mail and the title of a push or a note."""

    name: str
    body: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is sent to whom.

    Attributes:
        holdout: share of the audience that is left alone, chosen at random, to measure against.
        cap: at most so many messages a customer in `cap_days`, from all campaigns.
        quiet_from / quiet_to: hours of the shop's day between which nothing is sent.
        product_id: what the texts are about and proved against; empty when about no one product.
        facts: what else the texts may say, as name and value: an offer and its dates, the shop's name.
        days: how long orders count towards the outcome after a message.
    """

    id: str
    name: str
    audience_id: str
    channel: Channel
    variants: tuple[Variant, ...]
    locale: Literal["zh-CN", "en"] = "zh-CN"
    holdout: float = 0.1
    cap: int = 2
    cap_days: int = 7
    quiet_from: int = 21
    quiet_to: int = 9
    product_id: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    days: int = 14


@dataclass(frozen=True, slots=True)
class Arm:
    """What is known of one arm: customers, those with an order, the sum of amounts and of their squares."""

    name: str
    customers: int
    converted: int
    amount: float = 0.0
    squares: float = 0.0


@dataclass(frozen=True, slots=True)
class Lift:
    """One arm against another, at any moment that anybody looks.

    Attributes:
        difference: of conversion, in shares of customers.
        lower / upper: an interval that holds at every look together with all looks before (always valid).
    """

    arm: str
    against: str
    difference: float
    lower: float
    upper: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a campaign stands."""

    arms: tuple[Arm, ...]
    overall: Lift | None
    variants: tuple[Lift, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Sending:
    """One message that is due: to whom, which variant, not before when."""

    customer_id: str
    arm: str
    not_before: datetime
