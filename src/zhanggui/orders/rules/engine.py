"""The policy engine: one pure function from a policy, an action and the facts to a verdict with every rule."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Money
from zhanggui.orders.models import Facts, FactValue, Outcome, RuleResult, Sentence, Verdict
from zhanggui.orders.rules.conditions import Within, deadline, facts_of, holds
from zhanggui.orders.rules.policy import OutcomeTable, Policy, Rule, Share
from zhanggui.orders.rules.sentences import clause, observed, outcome_text, outcome_zh, rule_text
from zhanggui.orders.rules.vocabulary import word_zh


def evaluate(policy: Policy, action: str, facts: Facts) -> Verdict:
    """Hold one request against a policy.

    Every rule for the action is evaluated, not only up to the first that fails. A rule whose `when` does not hold does
    not apply and is left out. A requirement that rests on an unknown fact fails, except after an earlier failure:
    then it has nothing to stand on (no order, so no status) and is left out. A `when` that is not known counts as
    holding. Outcomes are settled whether or not the request is allowed; a row resting on unknown facts is skipped.
    """
    results: list[RuleResult] = []
    refused = False
    for rule in policy.rules:
        if action not in rule.actions:
            continue
        if rule.when is not None and holds(rule.when, facts, policy.zone) is False:
            continue
        answer = holds(rule.require, facts, policy.zone)
        if answer is None and refused:
            continue
        refused = refused or not answer
        results.append(_result(rule, bool(answer), facts))
    outcomes = tuple(
        outcome
        for table in policy.outcomes
        if action in table.actions
        for outcome in [settle(table, policy, facts)]
        if outcome is not None
    )
    return Verdict(policy.name, policy.version, action, tuple(results), outcomes)


def settle(table: OutcomeTable, policy: Policy, facts: Facts) -> Outcome | None:
    """The first row of the table that holds, as a value; None where no row can be settled."""
    for case in table.cases:
        if case.when is not None and not holds(case.when, facts, policy.zone):
            continue
        value = _value(case.value, policy, facts)
        if value is None:
            continue
        row, shown = outcome_text(table, case), _plain(value)
        if isinstance(case.value, str):
            return Outcome(table.name, value, row)
        name = table.name.replace("_", " ")
        return Outcome(
            table.name,
            value,
            Sentence(f"{name} = {shown}. {row.en}", f"{outcome_zh(table.name)}＝{word_zh(shown)}。{row.zh}"),
        )
    return None


@dataclass(frozen=True, slots=True)
class Described:
    """A policy's rule or outcome, said in both languages."""

    id: str
    actions: tuple[str, ...]
    text: Sentence


def describe(policy: Policy) -> tuple[Described, ...]:
    """The whole policy in plain sentences, rules first, in the order of the file."""
    rules = [Described(rule.id, rule.actions, rule_text(rule)) for rule in policy.rules]
    rows = [
        Described(table.name, table.actions, outcome_text(table, case))
        for table in policy.outcomes
        for case in table.cases
    ]
    return (*rules, *rows)


def facts_needed(policy: Policy, actions: Iterable[str]) -> tuple[str, ...]:
    """The names of all facts that the policy may read for these actions."""
    wanted = set(actions)
    names: list[str] = []
    for rule in policy.rules:
        if wanted & set(rule.actions):
            names += facts_of(rule.require) + (facts_of(rule.when) if rule.when is not None else ())
    return tuple(dict.fromkeys(names))


def _result(rule: Rule, passed: bool, facts: Facts) -> RuleResult:
    names = facts_of(rule.require)
    inputs: dict[str, FactValue] = {name: facts.get(name) for name in names}
    text = rule_text(rule)
    if passed:
        holding = clause(rule.require)
        return RuleResult(rule.id, True, text, Sentence(f"Holds: {holding.en}.", f"符合：{holding.zh}。"), inputs)
    seen = [observed(name, value) for name, value in inputs.items()]
    reason = Sentence(
        f"Found {'; '.join(s.en for s in seen)}. {text.en}", f"实际情况：{'；'.join(s.zh for s in seen)}。{text.zh}"
    )
    return RuleResult(rule.id, False, text, reason, inputs)


def _value(value: str | Within | Share, policy: Policy, facts: Facts) -> str | Money | datetime | None:
    if isinstance(value, str):
        return value
    if isinstance(value, Within):
        start = facts.get(value.after)
        return None if start is None else deadline(value, start, policy.zone)
    base = facts.get(value.of)
    if base is None:
        return None
    if not isinstance(base, Money):
        raise BadInput(field=value.of, expected="an amount of money", found=repr(base))
    # Half a minor unit rounds up, in the customer's favour, in integers.
    amount = Money((base.minor * value.basis_points + 5_000) // 10_000, base.currency)
    if value.at_least is not None and amount < value.at_least:
        amount = value.at_least
    return value.at_most if value.at_most is not None and value.at_most < amount else amount


def _plain(value: str | Money | date | datetime) -> str:
    return value.isoformat(timespec="minutes") if isinstance(value, datetime) else str(value)
