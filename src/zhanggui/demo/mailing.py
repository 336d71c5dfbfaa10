"""An e-mail campaign with a random holdout and a true effect that differs by customer, lived through by the orders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from zhanggui.demo.people import Person
from zhanggui.demo.records import Arm, Bilingual, Mailing, MailingResult
from zhanggui.demo.source import instant, stream
from zhanggui.kernel.types import Money

_WINDOW, _HOLDOUT, _CATEGORY = 14, 0.4, "skincare"


class Known(Protocol):
    """What the simulation remembers of a customer when the mail goes out."""

    last: date | None
    orders: int
    spend: int


class Bought(Protocol):
    """An order, as far as the outcome needs it; `total` in fen."""

    person: Person
    day: date
    cancelled: bool

    @property
    def total(self) -> int:
        """What was paid."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """A customer in the experiment as known before sending; `comes_on` is the day on which the mail makes them buy."""

    person: Person
    arm: Arm
    recency: int
    orders: int
    spend: int
    affinity: float
    opened: bool
    lift: float
    comes_on: date | None
    stays_away: bool


class MailPlan:
    """One campaign: `send` draws the arms, `moved` and `kept_away` are its effect, `results` its outcome."""

    def __init__(self, seed: int, today: date, first_day: date) -> None:
        """A campaign 35 days before `today` (earlier history permitting)."""
        self.day = max(first_day, today - timedelta(days=35))
        self.category = _CATEGORY
        self._rng = stream(seed, "mailing")
        self._targets: dict[str, Target] = {}

    def send(self, people: Iterable[Person], memory: Mapping[str, Known]) -> None:
        """Draw the arm of everyone who had joined and agreed to marketing."""
        for person in people:
            if person.profile.consent_marketing and person.profile.joined < self.day:
                self._targets[person.record.id] = self._target(person, memory[person.record.id])

    def _target(self, person: Person, known: Known) -> Target:
        rng = self._rng
        recency = (self.day - known.last).days if known.last else 999
        affinity = dict(person.profile.taste)[_CATEGORY]
        lift = true_lift(recency, known.orders, affinity)
        arm: Arm = "holdout" if rng.random() < _HOLDOUT else "mail"
        acts = rng.random() < abs(lift) and arm == "mail"
        day = self.day + timedelta(days=min(_WINDOW - 1, int(rng.expovariate(0.35))))
        return Target(
            person=person,
            arm=arm,
            recency=recency,
            orders=known.orders,
            spend=known.spend,
            affinity=affinity,
            opened=arm == "mail" and (acts or rng.random() < 0.24 + 0.3 * affinity),
            lift=lift,
            comes_on=day if acts and lift > 0 else None,
            stays_away=acts and lift < 0,
        )

    def moved(self, day: date) -> list[Person]:
        """Those whom the mail makes order today."""
        return [target.person for target in self._targets.values() if target.comes_on == day]

    def kept_away(self, person: Person, day: date) -> bool:
        """Whether the mail annoyed this customer out of the window."""
        target = self._targets.get(person.record.id)
        return target is not None and target.stays_away and day < self.day + timedelta(days=_WINDOW)

    def mailing(self) -> Mailing:
        """The campaign's own record."""
        name = Bilingual("冬季护肤回访", "Winter skincare win-back")
        return Mailing("M001", name, instant(self.day, 10 * 3600), _WINDOW, _CATEGORY, _HOLDOUT)

    def results(self, drafts: Iterable[Bought]) -> tuple[MailingResult, ...]:
        """Everyone in the experiment with what they bought in the window, counted from the orders."""
        spend: dict[str, int] = {}
        for draft in drafts:
            if self.day <= draft.day < self.day + timedelta(days=_WINDOW) and not draft.cancelled:
                spend[draft.person.record.id] = spend.get(draft.person.record.id, 0) + draft.total
        return tuple(
            MailingResult(
                customer_id=key,
                mailing_id="M001",
                arm=target.arm,
                days_since_order=target.recency,
                orders_before=target.orders,
                spend_before=Money(target.spend, "CNY"),
                locale=target.person.profile.locale,
                affinity=target.affinity,
                opened=target.opened,
                bought=key in spend,
                spend=Money(spend.get(key, 0), "CNY"),
                true_lift=target.lift,
            )
            for key, target in sorted(self._targets.items())
        )


def true_lift(recency: int, orders: int, affinity: float) -> float:
    """The chance that the mail brings an order (negative: keeps one away) by days since the last order (999 = never),
    orders so far and love of the mailed category: lapsed lovers of it move most, fresh buyers are annoyed."""
    if orders == 0:
        return 0.03
    if recency < 21:
        return -0.25
    if 45 <= recency <= 240:
        return 0.26 if affinity > 0.4 else 0.08
    return 0.03
