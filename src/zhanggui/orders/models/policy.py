"""The words of policy: facts, rules with their results, outcomes, verdicts. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from zhanggui.kernel.types import Money

# What is known about one request, by name. A fact that is absent or None is unknown: rules never guess it.
FactValue = None | bool | int | str | Money | date | datetime | tuple[str, ...]
Facts = Mapping[str, FactValue]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One plain sentence in both languages."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule, evaluated: what it says, whether it held, on which inputs, and why."""

    id: str
    passed: bool
    text: Sentence
    reason: Sentence
    inputs: Mapping[str, FactValue] = field(default_factory=dict[str, FactValue])


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that the policy settles besides yes or no: who pays the freight, by when, how much."""

    name: str
    value: str | Money | date | datetime
    text: Sentence


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy says about one request. Allowed only when every rule that applies passed."""

    policy: str
    version: str
    action: str
    rules: tuple[RuleResult, ...]
    outcomes: tuple[Outcome, ...] = ()

    @property
    def allowed(self) -> bool:
        """Every rule passed, and there was at least one: an action that no rule speaks of is not allowed."""
        return bool(self.rules) and all(rule.passed for rule in self.rules)

    @property
    def failed(self) -> tuple[str, ...]:
        """The ids of the rules that failed, in the policy's order."""
        return tuple(rule.id for rule in self.rules if not rule.passed)

    def outcome(self, name: str) -> str | Money | date | datetime | None:
        """The settled value of that name, or None."""
        return next((outcome.value for outcome in self.outcomes if outcome.name == name), None)
