"""A policy as data: parsed from YAML text once, strictly, into frozen rules and outcomes."""

from dataclasses import dataclass
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Money
from zhanggui.orders.models import Sentence
from zhanggui.orders.rules.conditions import (
    All,
    AnyOf,
    Compare,
    Condition,
    FactRef,
    Literal_,
    Not,
    Operand,
    Operator,
    Within,
)

_OPERATORS: frozenset[str] = frozenset(
    {"is", "is_not", "in", "not_in", "at_least", "at_most", "more_than", "less_than", "has", "lacks"}
)
OutcomeKind = Literal["word", "deadline", "amount"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: for which actions, when it applies (`when` None: always), what it requires, and its source."""

    id: str
    actions: tuple[str, ...]
    require: Condition
    when: Condition | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """An amount: so many hundredths of a percent of a money fact, at least and at most so much (None: no bound)."""

    of: str
    basis_points: int
    at_least: Money | None = None
    at_most: Money | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One row of an outcome's table: the value when the condition holds (None: always)."""

    when: Condition | None
    value: str | Within | Share


@dataclass(frozen=True, slots=True)
class OutcomeTable:
    """What a policy settles: the first row whose condition holds gives the value."""

    name: str
    actions: tuple[str, ...]
    cases: tuple[Case, ...]
    source: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole policy file, in force as one version.

    `quirks` name deviations of a public environment that its end states contain and a comparison must repeat.
    """

    name: str
    version: str
    title: Sentence
    zone: ZoneInfo
    currency: str
    groups: dict[str, tuple[str, ...]]
    rules: tuple[Rule, ...]
    outcomes: tuple[OutcomeTable, ...] = ()
    quirks: frozenset[str] = frozenset()

    def actions(self) -> tuple[str, ...]:
        """Every action that some rule speaks of, in the order of first mention."""
        return tuple(dict.fromkeys(action for rule in self.rules for action in rule.actions))


def parse_policy(text: str) -> Policy:
    """Read a policy from YAML text.

    Raises:
        BadInput: not YAML, or a field is missing, unknown or of the wrong kind; the field names the place.
    """
    try:
        loaded: Any = yaml.safe_load(text)
    except yaml.YAMLError as broken:
        raise BadInput(field="policy", expected="YAML", found=str(broken)) from broken
    top = _mapping(loaded, "policy")
    _only(top, "policy", {"policy", "version", "title", "zone", "currency", "groups", "rules", "outcomes", "quirks"})
    currency = _text(top.get("currency"), "currency")
    groups = {name: _texts(members, f"groups.{name}") for name, members in _mapping(top.get("groups", {}), "g").items()}
    title = _mapping(top.get("title"), "title")
    rules = tuple(
        _rule(item, f"rules[{index}]", groups, currency)
        for index, item in enumerate(_list(top.get("rules"), "rules"), start=1)
    )
    _unique([rule.id for rule in rules], "rules")
    outcomes = tuple(
        _outcome(item, f"outcomes[{index}]", groups, currency)
        for index, item in enumerate(_list(top.get("outcomes", []), "outcomes"), start=1)
    )
    return Policy(
        name=_text(top.get("policy"), "policy"),
        version=_text(top.get("version"), "version"),
        title=Sentence(en=_text(title.get("en"), "title.en"), zh=_text(title.get("zh"), "title.zh")),
        zone=_zone(_text(top.get("zone"), "zone")),
        currency=currency,
        groups=groups,
        rules=rules,
        outcomes=outcomes,
        quirks=frozenset(_texts(top.get("quirks", []), "quirks")),
    )


def _rule(item: object, place: str, groups: dict[str, tuple[str, ...]], currency: str) -> Rule:
    fields = _mapping(item, place)
    _only(fields, place, {"id", "for", "when", "require", "source"})
    name = _text(fields.get("id"), f"{place}.id")
    return Rule(
        id=name,
        actions=_actions(fields.get("for"), f"{name}.for", groups),
        when=_condition(fields["when"], f"{name}.when", currency) if "when" in fields else None,
        require=_condition(fields.get("require"), f"{name}.require", currency),
        source=_text(fields.get("source", ""), f"{name}.source"),
    )


def _outcome(item: object, place: str, groups: dict[str, tuple[str, ...]], currency: str) -> OutcomeTable:
    fields = _mapping(item, place)
    _only(fields, place, {"name", "for", "cases", "source"})
    name = _text(fields.get("name"), f"{place}.name")
    cases: list[Case] = []
    for index, row in enumerate(_list(fields.get("cases"), f"{name}.cases"), start=1):
        inside = f"{name}.cases[{index}]"
        case = _mapping(row, inside)
        _only(case, inside, {"when", "value", "deadline", "amount"})
        when = _condition(case["when"], f"{inside}.when", currency) if "when" in case else None
        cases.append(Case(when, _value(case, inside, currency)))
    return OutcomeTable(
        name,
        _actions(fields.get("for"), f"{name}.for", groups),
        tuple(cases),
        _text(fields.get("source", ""), f"{name}.source"),
    )


def _value(case: dict[str, object], place: str, currency: str) -> str | Within | Share:
    if "deadline" in case:
        return _within("", case["deadline"], f"{place}.deadline")
    if "amount" not in case:
        return _text(case.get("value"), f"{place}.value")
    amount = _mapping(case["amount"], f"{place}.amount")
    _only(amount, f"{place}.amount", {"of", "percent", "at_least", "at_most"})
    percent = amount.get("percent", 100)
    if not isinstance(percent, int | float) or isinstance(percent, bool) or not 0 <= percent <= 1000:
        raise BadInput(field=f"{place}.amount.percent", expected="a number from 0 to 1000", found=str(percent))
    bounds = {
        bound: Money.parse(_text(amount[bound], f"{place}.amount.{bound}"), currency)
        for bound in ("at_least", "at_most")
        if bound in amount
    }
    return Share(_text(amount.get("of"), f"{place}.amount.of"), round(percent * 100), **bounds)


def _condition(item: object, place: str, currency: str) -> Condition:
    fields = _mapping(item, place)
    for word, build in (("all", All), ("any", AnyOf)):
        if word in fields:
            _only(fields, place, {word})
            parts = _list(fields[word], f"{place}.{word}")
            if not parts:
                raise BadInput(field=f"{place}.{word}", expected="at least one condition", found="none")
            return build(tuple(_condition(p, f"{place}.{word}[{n}]", currency) for n, p in enumerate(parts, start=1)))
    if "not" in fields:
        _only(fields, place, {"not"})
        return Not(_condition(fields["not"], f"{place}.not", currency))
    fact = _text(fields.get("fact"), f"{place}.fact")
    others = [key for key in fields if key != "fact"]
    if others == ["within"]:
        return _within(fact, fields["within"], f"{place}.within")
    if len(others) != 1 or others[0] not in _OPERATORS:
        raise BadInput(field=place, expected=f"a fact and one of {sorted(_OPERATORS)}", found=str(sorted(fields)))
    operand = _operand(fields[others[0]], f"{place}.{others[0]}", currency)
    return Compare(fact, cast("Operator", others[0]), operand)


def _within(fact: str, item: object, place: str) -> Within:
    fields = _mapping(item, place)
    _only(fields, place, {"days", "hours", "after", "roll_weekend"})
    numbers = {key: fields[key] for key in ("days", "hours") if key in fields}
    if len(numbers) != 1 or not all(type(n) is int and 0 <= n <= 100_000 for n in numbers.values()):
        raise BadInput(field=place, expected="days or hours, a whole number of 0 or more", found=str(numbers))
    periods = cast("dict[str, int]", numbers)
    return Within(
        fact=fact,
        after=_text(fields.get("after"), f"{place}.after"),
        roll_weekend=fields.get("roll_weekend", False) is True,
        **periods,
    )


def _operand(item: object, place: str, currency: str) -> Operand:
    if isinstance(item, bool | int | str):
        return cast("Literal_", item)
    if isinstance(item, list):
        return _texts(cast("object", item), place)
    fields = _mapping(item, place)
    if list(fields) == ["fact"]:
        return FactRef(_text(fields["fact"], f"{place}.fact"))
    if list(fields) == ["money"]:
        return Money.parse(_text(fields["money"], f"{place}.money"), currency)
    raise BadInput(field=place, expected="a value, a list of words, {fact: name} or {money: amount}", found=str(fields))


def _actions(item: object, place: str, groups: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    words = (item,) if isinstance(item, str) else _texts(item, place)
    return tuple(dict.fromkeys(action for word in words for action in groups.get(word, (word,))))


def _mapping(item: object, place: str) -> dict[str, object]:
    if isinstance(item, dict) and all(isinstance(key, str) for key in cast("dict[object, object]", item)):
        return cast("dict[str, object]", item)
    raise BadInput(field=place, expected="a mapping with text keys", found=str(cast("object", item)))


def _list(item: object, place: str) -> list[object]:
    if isinstance(item, list):
        return cast("list[object]", item)
    raise BadInput(field=place, expected="a list", found=repr(item))


def _text(item: object, place: str) -> str:
    if isinstance(item, str):
        return item
    if isinstance(item, int | float) and not isinstance(item, bool):
        return str(item)
    raise BadInput(field=place, expected="text", found=repr(item))


def _texts(item: object, place: str) -> tuple[str, ...]:
    return tuple(_text(word, f"{place}[{index}]") for index, word in enumerate(_list(item, place), start=1))


def _only(fields: dict[str, object], place: str, allowed: set[str]) -> None:
    unknown = sorted(set(fields) - allowed)
    if unknown:
        raise BadInput(field=f"{place}.{unknown[0]}", expected=f"one of {sorted(allowed)}", found=unknown[0])


def _unique(names: list[str], place: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadInput(field=place, expected="every id once", found=name)
        seen.add(name)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as broken:
        raise BadInput(field="zone", expected="an IANA time zone", found=name) from broken
