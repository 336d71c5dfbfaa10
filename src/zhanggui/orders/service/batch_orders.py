"""`batch orders`: actions on a shop file under a policy, in order, as plain functions over iterables."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject, JsonValue, Money
from zhanggui.orders.models import Decision, FactValue, RuleResult, Session, Shop, UndoStep
from zhanggui.orders.rules.policy import Policy
from zhanggui.orders.rules.retail import execute
from zhanggui.orders.rules.shop_json import order_json, read_shop, user_json, write_shop


@dataclass
class ShopRun:
    """A shop file being worked on, one line after the other.

    A line may carry, beside `id`, `action` and `arguments`: `conversation` (lines of one conversation serve one
    customer; a line without it belongs to the conversation named ""), `customer` or `user_id` (whom the caller has
    identified; a `user_id` beside an order's id in the arguments means the same), `identified: false` (nobody has; look
    the customer up first) and `confirmed: false` (the customer has not said yes). Whoever runs the file vouches for
    identity and confirmation where a line does not say otherwise.
    """

    policy: Policy
    shop: Shop
    sessions: dict[str, Session] = field(default_factory=dict[str, Session])
    accepted: int = 0
    refused: int = 0
    broken: int = 0

    @classmethod
    def open(cls, document: JsonValue, policy: Policy) -> "ShopRun":
        """Start on a decoded shop file.

        Raises:
            BadInput: the file is not a shop; the field is the path to what is wrong.
        """
        return cls(policy, read_shop(document, policy.currency))

    def decide_lines(self, lines: Iterable[JsonValue]) -> Iterator[JsonObject]:
        """One answer a line, in order. A broken line becomes an error line and changes nothing."""
        for number, line in enumerate(lines, start=1):
            answer: JsonObject
            try:
                answer = self._decide(line, number)
            except BadInput as bad:
                self.broken += 1
                identity = line.get("id") if isinstance(line, dict) else None
                answer = {
                    "id": identity,
                    "error": {"field": bad.field, "expected": bad.expected, "found": bad.found},
                }
            yield answer

    def final_state(self) -> JsonObject:
        """The whole shop as it ends, in the shape of the file it came from."""
        return write_shop(self.shop)

    def _decide(self, line: JsonValue, number: int) -> JsonObject:
        if not isinstance(line, dict):
            raise BadInput(row=number, field="line", expected="an object", found=repr(line))
        action, arguments = line.get("action"), line.get("arguments", {})
        if not isinstance(action, str) or not action:
            raise BadInput(row=number, field="action", expected="the name of an action", found=repr(action))
        if not isinstance(arguments, dict):
            raise BadInput(row=number, field="arguments", expected="an object", found=repr(arguments))
        conversation = _word(line, "conversation", number)
        kept = self.sessions.get(conversation, Session())
        session = Session(
            user_id=_customer(line, arguments, number) or kept.user_id,
            vouched=_flag(line, arguments, "identified", number),
            confirmed=_flag(line, arguments, "confirmed", number),
        )
        decision = execute(self.shop, action, arguments, self.policy, session)
        self.shop = decision.shop
        if decision.accepted:
            self.accepted += 1
            self.sessions[conversation] = decision.session
        else:
            self.refused += 1
        return decision_json(line.get("id"), decision)


def decision_json(identity: JsonValue, decision: Decision) -> JsonObject:
    """A decision as one output line: `{id, accepted, rules[{id, passed, reason}], result, undo}` and a little more."""
    return {
        "id": identity,
        "accepted": decision.accepted,
        "rules": [rule_json(rule) for rule in decision.rules],
        "result": decision.result,
        "undo": None if decision.undo is None else undo_json(decision.undo),
    }


def rule_json(rule: RuleResult) -> JsonObject:
    """One evaluated rule; `reason` and `text` in English, `reason_zh` and `text_zh` in Chinese."""
    return {
        "id": rule.id,
        "passed": rule.passed,
        "reason": rule.reason.en,
        "reason_zh": rule.reason.zh,
        "text": rule.text.en,
        "text_zh": rule.text.zh,
        "inputs": inputs_json(rule.inputs),
    }


def undo_json(step: UndoStep) -> JsonObject:
    """How to take an action back: the records to restore, and whether that is possible."""
    return {
        "possible": step.possible,
        "reason": step.reason.en,
        "reason_zh": step.reason.zh,
        "restore": {
            "orders": {order.id: order_json(order, full=False) for order in step.orders_before},
            "users": {user.id: user_json(user) for user in step.users_before},
        },
    }


def inputs_json(inputs: Mapping[str, FactValue]) -> JsonObject:
    """Facts as JSON: amounts and times as text, lists as lists."""
    return {name: _plain(value) for name, value in inputs.items()}


def _plain(value: FactValue) -> JsonValue:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Money):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _word(line: JsonObject, name: str, number: int) -> str:
    value = line.get(name, "")
    if isinstance(value, str):
        return value
    raise BadInput(row=number, field=name, expected="text", found=repr(value))


def _customer(line: JsonObject, arguments: JsonObject, number: int) -> str:
    """Whom the caller has identified: named by the line, or beside an order in the arguments."""
    named = _word(line, "customer", number) or _word(line, "user_id", number)
    return named or (_word(arguments, "user_id", number) if "order_id" in arguments else "")


def _flag(line: JsonObject, arguments: JsonObject, name: str, number: int) -> bool:
    """False where the line or its arguments say so (a model may write it into either). Absent: the caller vouches."""
    for place in (line, arguments):
        value = place.get(name, True)
        if not isinstance(value, bool):
            raise BadInput(row=number, field=name, expected="true or false", found=repr(value))
        if not value:
            return False
    return True
