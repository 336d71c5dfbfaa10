"""Conditions of a policy: small trees over named facts, evaluated in three values (true, false, not known)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Money
from zhanggui.orders.models import Facts, FactValue

Operator = Literal["is", "is_not", "in", "not_in", "at_least", "at_most", "more_than", "less_than", "has", "lacks"]


@dataclass(frozen=True, slots=True)
class FactRef:
    """An operand that is itself a fact."""

    fact: str


Literal_ = bool | int | str | Money | tuple[str, ...]
Operand = Literal_ | FactRef


@dataclass(frozen=True, slots=True)
class Compare:
    """`fact operator operand`; `has`/`lacks` ask whether a list fact contains a word, `in` whether a word is listed."""

    fact: str
    operator: Operator
    operand: Operand


@dataclass(frozen=True, slots=True)
class Within:
    """The moment `fact` is no later than so many days or hours after the moment `after`.

    Days are calendar days in the policy's time zone, the day of `after` not counted; with `roll_weekend`, a last day on
    Saturday or Sunday moves to Monday (Regulation (EEC) 1182/71 Art. 3(4), public holidays aside). Hours are exact.
    """

    fact: str
    after: str
    days: int = 0
    hours: int | None = None
    roll_weekend: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Condition"


Condition = Compare | Within | All | AnyOf | Not


def facts_of(condition: Condition) -> tuple[str, ...]:
    """The names of the facts that a condition reads, in reading order, each once."""
    names: list[str] = []
    match condition:
        case Compare():
            names.append(condition.fact)
            if isinstance(condition.operand, FactRef):
                names.append(condition.operand.fact)
        case Within():
            names += [condition.fact, condition.after]
        case Not():
            names += facts_of(condition.part)
        case All() | AnyOf():
            for part in condition.parts:
                names += facts_of(part)
    return tuple(dict.fromkeys(names))


def holds(condition: Condition, facts: Facts, zone: ZoneInfo) -> bool | None:
    """Whether the condition holds; None where a fact that decides it is not known (Kleene's three values).

    Raises:
        BadInput: a fact is of another type than the condition needs, or money is in another currency.
    """
    match condition:
        case Compare():
            return _compare(condition, facts)
        case Within():
            moment, start = facts.get(condition.fact), facts.get(condition.after)
            if moment is None or start is None:
                return None
            return _instant(moment, condition.fact, zone) <= deadline(condition, start, zone)
        case Not():
            inner = holds(condition.part, facts, zone)
            return None if inner is None else not inner
        case All():
            values = [holds(part, facts, zone) for part in condition.parts]
            return False if False in values else (None if None in values else True)
        case AnyOf():
            values = [holds(part, facts, zone) for part in condition.parts]
            return True if True in values else (None if None in values else False)


def deadline(rule: Within, start: FactValue, zone: ZoneInfo) -> datetime:
    """The last instant that is still within the period that begins at `start`."""
    begin = _instant(start, rule.after, zone)
    if rule.hours is not None:
        return begin + timedelta(hours=rule.hours)
    last = begin.astimezone(zone).date() + timedelta(days=rule.days)
    if rule.roll_weekend and last.weekday() >= 5:
        last += timedelta(days=7 - last.weekday())
    return datetime(last.year, last.month, last.day, 23, 59, 59, 999_999, tzinfo=zone)


def _instant(value: FactValue, name: str, zone: ZoneInfo) -> datetime:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise BadInput(field=name, expected="a time with its zone", found=value.isoformat())
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=zone)
    raise BadInput(field=name, expected="a date or a time", found=repr(value))


def _compare(condition: Compare, facts: Facts) -> bool | None:
    value = facts.get(condition.fact)
    operand = condition.operand
    other: FactValue = facts.get(operand.fact) if isinstance(operand, FactRef) else operand
    if value is None or other is None:
        return None
    match condition.operator:
        case "is":
            return value == other
        case "is_not":
            return value != other
        case "in":
            return str(value) in _words(other, condition.fact)
        case "not_in":
            return str(value) not in _words(other, condition.fact)
        case "has":
            return bool(set(_words(other, condition.fact)) & set(_words(value, condition.fact)))
        case "lacks":
            return not set(_words(other, condition.fact)) & set(_words(value, condition.fact))
        case _:
            return _ordered(condition, value, other)


def _words(value: FactValue, name: str) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    if isinstance(value, str):
        return (value,)
    raise BadInput(field=name, expected="a word or a list of words", found=repr(value))


def _ordered(condition: Compare, value: FactValue, other: FactValue) -> bool:
    difference = _difference(condition.fact, value, other)
    match condition.operator:
        case "at_least":
            return difference >= 0
        case "at_most":
            return difference <= 0
        case "more_than":
            return difference > 0
        case _:
            return difference < 0


def _difference(name: str, value: FactValue, other: FactValue) -> int:
    if isinstance(value, Money) and isinstance(other, Money):
        return (value - other).minor
    if type(value) is int and type(other) is int:
        return value - other
    raise BadInput(field=name, expected="two amounts or two whole numbers", found=f"{value!r} and {other!r}")
