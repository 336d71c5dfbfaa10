"""Audiences: who is meant, as a definition that people can read and edit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Op = Literal["in", "not-in", ">", ">=", "<", "<=", "="]
Unit = Literal["day", "week", "month", "quarter", "year"]
FieldKind = Literal["happening", "number", "money", "choice"]

# Every field of a definition. A happening names things (`category:护肤`, `product:p1`, `brand:b`) and may have a window
# and a number of times; nothing named means anything. Numbers compare. A choice is one of the shop's own values.
FIELDS: Mapping[str, FieldKind] = {
    "bought": "happening",
    "viewed": "happening",
    "carted": "happening",
    "orders": "number",
    "spent": "money",
    "average_order": "money",
    "lifetime_value": "money",
    "value_rank": "number",  # per cent from the top by expected value
    "churn_risk": "number",  # 0 .. 1
    "days_since_last": "number",
    "days_since_first": "number",
    "place": "choice",
    "tag": "choice",
    "segment": "choice",
    "accepts": "choice",
}
WITH_WINDOW = frozenset({"bought", "viewed", "carted", "orders", "spent", "average_order"})
RFM_SEGMENTS = ("champions", "loyal", "promising", "new", "at-risk", "hibernating", "other")
CHANNELS = ("sms", "email", "push")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time before now: the last `count` units up to now, or a whole unit of the calendar.

    `Window("last", 30, "day")`; `Window("previous", 1, "month")` is last month; `Window("this", 1, "year")` this year.
    """

    kind: Literal["last", "previous", "this"]
    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must be so.

    Attributes:
        field: one of `FIELDS`.
        op: `in` and `not-in` for happenings and choices, a comparison for numbers and money.
        values: things, choices, or one number (money in major units of the shop's currency).
        window: when, for happenings and counts; None is ever.
        times: for `bought` with `in`: at least so many orders.
    """

    field: str
    op: Op
    values: tuple[str | float, ...] = ()
    window: Window | None = None
    times: int = 1


@dataclass(frozen=True, slots=True)
class Definition:
    """All of the groups must hold; of a group any condition."""

    groups: tuple[tuple[Condition, ...], ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The shop's own words: what people call a thing -> its value (`category:skincare`, `place:上海`)."""

    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be asked back. `about` holds the words that were not understood, `choices` what could be meant."""

    kind: Literal["unknown-word", "missing-number", "missing-thing", "nothing-said", "unsupported"]
    about: str
    choices: tuple[str, ...] = ()

    def text(self, locale: str) -> str:
        """The question as a sentence."""
        zh = locale == "zh-CN"
        if self.kind == "missing-number":
            return f"“{self.about}”要比较的数是多少？" if zh else f"What number should {self.about!r} be compared with?"
        if self.kind == "missing-thing":
            return f"“{self.about}”后面指的是什么？" if zh else f"What does {self.about!r} refer to?"
        if self.kind == "nothing-said":
            return "要找哪些顾客？" if zh else "Which customers are meant?"
        if self.kind == "unsupported":
            return (
                f"“{self.about}”还不能这样组合，请分开写"
                if zh
                else f"Please write {self.about!r} as separate conditions"
            )
        hint = ("、" if zh else ", ").join(self.choices)
        if zh:
            return f"“{self.about}”指的是什么？" + (f"是 {hint} 吗？" if hint else "店里没有这个字段或品类。")
        end = f" Is it {hint}?" if hint else " The shop has no such field or category."
        return f"What is meant by {self.about!r}?{end}"


@dataclass(frozen=True, slots=True)
class Reading:
    """A request as understood: a definition, or a question; `by` says who read it."""

    definition: Definition | None
    question: Question | None = None
    by: Literal["grammar", "model"] = "grammar"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something a customer did with a thing; `things` are its names as in definitions (product, category, brand)."""

    kind: Literal["bought", "viewed", "carted"]
    at: datetime
    things: frozenset[str]
    order_id: str = ""


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """What definitions may ask of one customer. Amounts are major units of the shop's currency."""

    id: str
    happenings: tuple[Happening, ...] = ()
    orders: tuple[tuple[datetime, float], ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict[str, float])
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
