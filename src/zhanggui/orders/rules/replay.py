"""Replay: what a changed policy would have decided otherwise, over decisions that were recorded with their facts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject, JsonValue, Money
from zhanggui.orders.models import Facts, FactValue, Verdict
from zhanggui.orders.rules.engine import evaluate
from zhanggui.orders.rules.policy import Policy


@dataclass(frozen=True, slots=True)
class PastDecision:
    """One decision as it was taken: the action, the facts then known, and what was decided."""

    id: str
    action: str
    facts: Facts
    allowed: bool
    failed: tuple[str, ...] = ()
    outcomes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A past decision that another policy would take otherwise, and on account of which rules and outcomes."""

    id: str
    action: str
    allowed_before: bool
    verdict: Verdict
    newly_failing: tuple[str, ...]
    no_longer_failing: tuple[str, ...]
    outcomes: tuple[tuple[str, str, str], ...]  # name, before, after; empty text where there was or is none


def remember(decision_id: str, facts: Facts, verdict: Verdict) -> PastDecision:
    """A verdict as a decision that can be replayed."""
    settled = tuple((outcome.name, str(outcome.value)) for outcome in verdict.outcomes)
    return PastDecision(decision_id, verdict.action, facts, verdict.allowed, verdict.failed, settled)


def replay(past: Iterable[PastDecision], policy: Policy) -> Iterator[Change]:
    """The past decisions that the policy would decide or settle otherwise, in their order."""
    for decision in past:
        verdict = evaluate(policy, decision.action, decision.facts)
        before, after = dict(decision.outcomes), {o.name: str(o.value) for o in verdict.outcomes}
        moved = tuple(
            (name, before.get(name, ""), after.get(name, ""))
            for name in sorted(before.keys() | after.keys())
            if before.get(name) != after.get(name)
        )
        if verdict.allowed != decision.allowed or moved:
            yield Change(
                decision.id,
                decision.action,
                decision.allowed,
                verdict,
                tuple(rule for rule in verdict.failed if rule not in decision.failed),
                tuple(rule for rule in decision.failed if rule not in verdict.failed),
                moved,
            )


def facts_to_json(facts: Facts) -> JsonObject:
    """Facts as JSON that keeps their types: money, times and dates are tagged."""
    return {name: _pack(value) for name, value in facts.items()}


def facts_from_json(packed: JsonObject) -> dict[str, FactValue]:
    """Facts from the JSON of `facts_to_json`.

    Raises:
        BadInput: a value is not one that `facts_to_json` writes.
    """
    return {name: _unpack(name, value) for name, value in packed.items()}


def _pack(value: FactValue) -> JsonValue:
    if isinstance(value, Money):
        return {"money": value.minor, "currency": value.currency}
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return list(value) if isinstance(value, tuple) else value


def _unpack(name: str, value: JsonValue) -> FactValue:
    try:
        match value:
            case None | bool() | int() | str():
                return value
            case list():
                return tuple(str(word) for word in value)
            case {"money": int(minor), "currency": str(currency)}:
                return Money(minor, currency)
            case {"time": str(text)}:
                return datetime.fromisoformat(text)
            case {"date": str(text)}:
                return date.fromisoformat(text)
            case _:
                pass
    except ValueError as broken:
        raise BadInput(field=name, expected="a time as ISO 8601", found=repr(value)) from broken
    raise BadInput(field=name, expected="a fact as it was recorded", found=repr(value))
