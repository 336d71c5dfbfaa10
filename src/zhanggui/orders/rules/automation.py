"""Automations as data: when something happens and a condition holds, make a proposal. Pure.

A rule only ever proposes; what is proposed passes policy and the desk like everything else. A condition that rests on
something unknown does not hold.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Literal, cast, get_args
from zoneinfo import ZoneInfo

import yaml

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Money
from zhanggui.orders.models import Facts, FactValue, Sentence
from zhanggui.orders.rules import words as _words  # the labels of the facts that conditions read
from zhanggui.orders.rules.conditions import Condition, facts_of, holds
from zhanggui.orders.rules.policy import parse_policy
from zhanggui.orders.rules.sentences import clause, observed

Mode = Literal["off", "shadow", "live"]
MODES: tuple[Mode, ...] = get_args(Mode)
KINDS = (
    "cancel-order", "change-address", "return", "exchange", "refund", "fulfil", "hold", "split", "remind-unpaid",
    "message-customer", "carrier-claim", "price-protection", "invoice",
)  # fmt: skip
_MOST_RULES = 200
_LABELS = _words.DESK_FACTS


class Trigger(StrEnum):
    """What makes rules look at an order."""

    PLACED = "order-placed"
    PAID = "order-paid"
    CHANGED = "order-changed"
    HOUR = "hour-passed"
    PARCEL = "parcel-changed"
    RETURN = "return-changed"
    ADDRESS = "address-change-asked"
    INVOICE = "invoice-asked"


_TRIGGER_WORDS: Mapping[Trigger, Sentence] = {
    Trigger.PLACED: Sentence("an order is placed", "买家下单"),
    Trigger.PAID: Sentence("an order is paid", "订单付款"),
    Trigger.CHANGED: Sentence("an order changes", "订单有变化"),
    Trigger.HOUR: Sentence("an hour has passed", "每过一小时"),
    Trigger.PARCEL: Sentence("there is news of a parcel", "包裹有新动态"),
    Trigger.RETURN: Sentence("there is news of a return", "退货有新进展"),
    Trigger.ADDRESS: Sentence("the customer asks for another address", "买家申请改地址"),
    Trigger.INVOICE: Sentence("the customer asks for an invoice", "买家申请发票"),
}
_KIND_WORDS: Mapping[str, Sentence] = {
    "cancel-order": Sentence("cancelling the order", "取消订单"),
    "change-address": Sentence("changing the address", "修改收货地址"),
    "return": Sentence("taking the goods back", "同意退货"),
    "exchange": Sentence("exchanging the goods", "同意换货"),
    "refund": Sentence("paying money back", "退款"),
    "fulfil": Sentence("giving the order to a warehouse", "分配仓库发货"),
    "hold": Sentence("holding the order", "暂停订单"),
    "split": Sentence("sending what is in stock first", "先发有货部分"),
    "remind-unpaid": Sentence("reminding of the payment", "催付"),
    "message-customer": Sentence("a message to the customer", "给买家发消息"),
    "carrier-claim": Sentence("a claim to the carrier", "向承运商索赔"),
    "price-protection": Sentence("paying the price difference back", "退差价"),
    "invoice": Sentence("issuing an invoice", "开具发票"),
}
# The fact that says how much money a proposal of a kind moves or stops.
_MONEY_FACT: Mapping[str, str] = {
    "cancel-order": "order.total", "hold": "order.total", "fulfil": "order.total", "split": "order.total",
    "refund": "money.refundable", "remind-unpaid": "money.due", "price-protection": "price.drop",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AutomationRule:
    """One rule. `settings` are handed to the proposal (a warehouse, a reason); `digest` names this very wording."""

    id: str
    triggers: tuple[Trigger, ...]
    condition: Condition
    kind: str
    mode: Mode
    confidence: float
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    digest: str = ""


@dataclass(frozen=True, slots=True)
class AutomationSet:
    """A whole automation file, in force as one version."""

    name: str
    version: str
    title: Sentence
    zone: ZoneInfo
    rules: tuple[AutomationRule, ...]

    def rule(self, rule_id: str) -> AutomationRule:
        """The rule of that id.

        Raises:
            BadInput: there is none.
        """
        found = next((rule for rule in self.rules if rule.id == rule_id), None)
        if found is None:
            raise BadInput(field="rule", expected=f"one of {', '.join(r.id for r in self.rules)}", found=rule_id)
        return found


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule whose condition held: what it read, and the whole as a sentence."""

    rule: AutomationRule
    text: Sentence
    seen: tuple[Sentence, ...]
    inputs: Mapping[str, FactValue]


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant of one past order: what happened, what was known then, and which kinds of act followed in fact.

    `followed` is None where the past cannot tell (nobody recorded messages, say).
    """

    order_id: str
    trigger: Trigger
    at: datetime
    facts: Facts
    followed: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What one rule would have done over the past.

    `money` sums, by currency in minor units, the amounts concerned: paid back, held up, cancelled or sent, as the kind
    says. `agreed` of `comparable` times the same thing was done in fact.
    """

    rule_id: str
    kind: str
    looked_at: int
    triggered: tuple[tuple[str, datetime], ...]
    money: Mapping[str, int]
    comparable: int
    agreed: int


def parse_automations(text: str) -> AutomationSet:
    """Read automations from YAML text.

    Raises:
        BadInput: not YAML, or a field is missing, unknown or of the wrong kind; the field names the place.
    """
    try:
        loaded: Any = yaml.safe_load(text)
    except yaml.YAMLError as broken:
        raise BadInput(field="automations", expected="YAML", found=str(broken)) from broken
    top = _mapping(loaded, "automations")
    _only(top, "automations", {"automations", "version", "title", "zone", "currency", "rules"})
    items = top.get("rules")
    if not isinstance(items, list) or len(cast(list[Any], items)) > _MOST_RULES:
        raise BadInput(field="rules", expected=f"at most {_MOST_RULES} rules", found=repr(cast(object, items)))
    rules = [_mapping(item, f"rules[{n}]") for n, item in enumerate(cast(list[Any], items), start=1)]
    conditions = _conditions(top, rules)
    made = tuple(_rule(item, f"rules[{n}]", conditions[n - 1]) for n, item in enumerate(rules, start=1))
    ids = [rule.id for rule in made]
    if len(set(ids)) != len(ids):
        raise BadInput(field="rules", expected="every id once", found=", ".join(ids))
    header = parse_policy(_header(top))
    return AutomationSet(header.name, header.version, header.title, header.zone, made)


def fired(rules: AutomationSet, trigger: Trigger, facts: Facts) -> Iterator[Fired]:
    """The rules that answer to the trigger and whose condition certainly holds, whatever their mode.

    A condition that cannot be held against the facts (another currency) does not hold.
    """
    for rule in rules.rules:
        if trigger in rule.triggers and _certain(rule.condition, facts, rules.zone):
            inputs: dict[str, FactValue] = {name: facts.get(name) for name in facts_of(rule.condition)}
            seen = tuple(observed(name, value) for name, value in inputs.items())
            yield Fired(rule, sentence(rule), seen, inputs)


def _certain(condition: Condition, facts: Facts, zone: ZoneInfo) -> bool:
    try:
        return holds(condition, facts, zone) is True
    except BadInput:
        return False


def sentence(rule: AutomationRule) -> Sentence:
    """The rule in plain words."""
    occasions = [_TRIGGER_WORDS[trigger] for trigger in rule.triggers]
    when, what = clause(rule.condition), _KIND_WORDS[rule.kind]
    return Sentence(
        f"When {' or '.join(o.en for o in occasions)}, and {when.en}: propose {what.en}.",
        f"当{'或'.join(o.zh for o in occasions)}，且{when.zh}时：建议{what.zh}。",
    )


def replay_rules(rules: AutomationSet, moments: Iterable[Moment]) -> tuple[Replayed, ...]:
    """What every rule would have done over past moments; an order counts once a rule, at its first time."""
    hits: dict[str, dict[str, Moment]] = {rule.id: {} for rule in rules.rules}
    looked: dict[str, int] = dict.fromkeys(hits, 0)
    for moment in moments:
        for rule in rules.rules:
            looked[rule.id] += moment.trigger in rule.triggers
        for one in fired(rules, moment.trigger, moment.facts):
            hits[one.rule.id].setdefault(moment.order_id, moment)
    return tuple(_replayed(rule, looked[rule.id], list(hits[rule.id].values())) for rule in rules.rules)


def money_of(kind: str, facts: Facts) -> Money | None:
    """The amount that a proposal of this kind concerns, where one is known."""
    value = facts.get(_MONEY_FACT.get(kind, ""))
    return value if isinstance(value, Money) else None


def _replayed(rule: AutomationRule, looked_at: int, hits: Sequence[Moment]) -> Replayed:
    money: dict[str, int] = {}
    for hit in hits:
        amount = money_of(rule.kind, hit.facts)
        if amount is not None:
            money[amount.currency] = money.get(amount.currency, 0) + amount.minor
    known = [hit.followed for hit in hits if hit.followed is not None]
    return Replayed(
        rule.id,
        rule.kind,
        looked_at,
        tuple((hit.order_id, hit.at) for hit in hits),
        money,
        len(known),
        sum(rule.kind in followed for followed in known),
    )


def _conditions(top: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> list[Condition]:
    """The rules' conditions, read by the reader of policies: one grammar for both."""
    asked = [{"id": str(item.get("id", "")), "for": ["x"], "require": item.get("when")} for item in rules]
    # Ids may repeat or lack here; they are checked with their own names afterwards.
    for number, rule in enumerate(asked, start=1):
        rule["id"] = f"{rule['id'] or 'rule'}@{number}"
    try:
        policy = parse_policy(_header(top, asked))
    except BadInput as bad:
        place = re.sub(r"@\d+", "", bad.field).replace(".require", ".when")
        raise BadInput(field=place, expected=bad.expected, found=bad.found) from bad
    return [rule.require for rule in policy.rules]


def _header(top: Mapping[str, Any], rules: Sequence[Any] = ()) -> str:
    head = {
        "policy": top.get("automations"),
        "version": top.get("version"),
        "title": top.get("title"),
        "zone": top.get("zone"),
        "currency": top.get("currency"),
        "rules": list(rules),
    }
    return yaml.safe_dump(head, allow_unicode=True)


def _rule(item: Mapping[str, Any], place: str, condition: Condition) -> AutomationRule:
    _only(item, place, {"id", "event", "when", "propose", "with", "mode", "confidence"})
    name = _one(item.get("id"), f"{place}.id", None)
    triggers = item.get("event")
    named: list[Any] = cast(list[Any], triggers) if isinstance(triggers, list) else [triggers]
    known = tuple(str(trigger) for trigger in Trigger)
    confidence = item.get("confidence", 0.9)
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 <= confidence <= 1:
        raise BadInput(field=f"{name}.confidence", expected="a number from 0 to 1", found=repr(confidence))
    settings = _mapping(item.get("with", {}), f"{name}.with")
    words = {key: _one(value, f"{name}.with.{key}", None) for key, value in settings.items()}
    mode = _one(item.get("mode", "shadow"), f"{name}.mode", MODES)
    wording = yaml.safe_dump({key: item[key] for key in sorted(item) if key != "mode"}, sort_keys=True)
    return AutomationRule(
        id=name,
        triggers=tuple(Trigger(_one(trigger, f"{name}.event", known)) for trigger in named),
        condition=condition,
        kind=_one(item.get("propose"), f"{name}.propose", KINDS),
        mode=cast(Mode, mode),
        confidence=float(confidence),
        settings=words,
        digest=sha256(wording.encode()).hexdigest()[:32],
    )


def _one(value: object, place: str, allowed: Sequence[str] | None) -> str:
    # YAML reads a bare `off` as false; the word is meant.
    word = "off" if value is False and allowed is MODES else value
    if not isinstance(word, str) or not 0 < len(word) <= 200 or (allowed is not None and word not in allowed):
        expected = f"one of {', '.join(allowed)}" if allowed is not None else "1 to 200 characters of text"
        raise BadInput(field=place, expected=expected, found=repr(value))
    return word


def _mapping(value: object, place: str) -> dict[str, Any]:
    if isinstance(value, dict) and all(isinstance(key, str) for key in cast(dict[object, object], value)):
        return cast(dict[str, Any], value)
    raise BadInput(field=place, expected="a mapping with text keys", found=repr(cast(object, value)))


def _only(fields: Mapping[str, Any], place: str, allowed: set[str]) -> None:
    unknown = sorted(set(fields) - allowed)
    if unknown:
        raise BadInput(field=f"{place}.{unknown[0]}", expected=f"one of {sorted(allowed)}", found=unknown[0])
