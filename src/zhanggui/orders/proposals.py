"""What the desk may propose about orders: one kind for each act, all held against policy and carried out by a plan."""

from typing import Any

from zhanggui.desk import Check, Evidence, Undo
from zhanggui.kernel.errors import BadInput, MerchantError
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.models import Stamp, Verdict
from zhanggui.orders.rules.automation import KINDS
from zhanggui.orders.rules.plans import make_plan, try_plan
from zhanggui.orders.rules.replay import facts_to_json
from zhanggui.orders.rules.requests import Look, judge
from zhanggui.orders.service.acting import carry_out, take_back, way_back
from zhanggui.orders.service.dossiers import Dossiers
from zhanggui.orders.store.outbox import OutboxStore

# Money or promises that go out for a reason no rule can check: a person always decides.
_BY_HAND = {("refund", "goodwill")}


class OrderKind:
    """One kind of proposal about an order. The payload names `order_id`; the rest is the kind's own (see `plans`).

    Checks are the rules of the merchant's policy and of the house with their reasons, and a trial of the plan on the
    order as it is now. Applying changes the order's life and writes what is to be done outside into the outbox.
    """

    def __init__(self, name: str, dossiers: Dossiers) -> None:
        if name not in KINDS:
            raise BadInput(field="kind", expected=f"one of {', '.join(KINDS)}", found=name)
        self._name, self._dossiers = name, dossiers

    @property
    def name(self) -> str:
        """The kind's name, e.g. `cancel-order`."""
        return self._name

    def check(self, uow: UnitOfWork, payload: JsonObject) -> tuple[Check, ...]:
        """Every rule with its reason, and whether the plan is possible now.

        Raises:
            BadInput: the payload is not of the kind's shape; the field is named.
            NotFound: there is no such order.
        """
        look = self._dossiers.look(uow, order_of(payload))
        return checks_of(self._name, payload, look, self.verdicts(uow, payload, look))

    def verdicts(self, uow: UnitOfWork, payload: JsonObject, look: Look) -> tuple[Verdict, ...]:
        """What the merchant's policy and the house rules say."""
        return judge(self._name, payload, look, self._dossiers.books(uow))

    def evidence(self, uow: UnitOfWork, payload: JsonObject) -> tuple[Evidence, ...]:
        """The rules that decide, in both languages, with the facts that they were held against."""
        look = self._dossiers.look(uow, order_of(payload))
        return evidence_of(self.verdicts(uow, payload, look))

    def apply(self, uow: UnitOfWork, payload: JsonObject, key: str) -> Undo:
        """Carry it out; the key names the parts that it creates and the effects in the outbox.

        Raises:
            Conflict: the order's state does not allow it, or the key was carried out before.
        """
        dossier = self._dossiers.load(uow, order_of(payload))
        plan = carry_out(uow, self._name, dossier, payload, key)
        if plan.final:
            return Undo(False, reason=plan.final)
        back = way_back(plan, self._name)
        reason = "" if plan.back_effects or not plan.effects else f"only until it is sent: then {plan.too_late}"
        return Undo(True, {"key": key, "back": back}, reason)

    def undo(self, uow: UnitOfWork, payload: JsonObject, undo: Undo) -> None:
        """Take it back.

        Raises:
            Conflict: it has left the house, or the order moved on.
        """
        back = undo.payload.get("back")
        take_back(uow, order_of(payload), str(undo.payload.get("key", "")), back if isinstance(back, dict) else {})

    def measure(self, uow: UnitOfWork, payload: JsonObject) -> JsonObject | None:
        """What became of it: the order's state, whether it was paid or delivered since, and its effects outside."""
        dossier = self._dossiers.load(uow, order_of(payload))
        effects = [
            e for e in OutboxStore(uow).of_order(dossier.life.id) if e.payload.get("text") == payload.get("text")
        ]
        life = dossier.life
        return {
            "order_state": str(life.state),
            "paid": life.total() <= life.captured(),
            "delivered_units": sum(life.delivered().values()),
            "refunded_minor": life.refunded().minor,
            "effects": {effect.id: str(effect.state) for effect in effects},
        }


def order_kinds(dossiers: Dossiers) -> tuple[OrderKind, ...]:
    """Every kind about orders, for the desk's registry."""
    return tuple(OrderKind(name, dossiers) for name in KINDS)


def order_of(payload: JsonObject) -> str:
    """The order that a payload is about.

    Raises:
        BadInput: it names none.
    """
    found = payload.get("order_id")
    if not isinstance(found, str) or not 0 < len(found) <= 330:
        raise BadInput(field="order_id", expected="an order's id", found=repr(found))
    return found


def checks_of(kind: str, payload: JsonObject, look: Look, verdicts: tuple[Verdict, ...]) -> tuple[Check, ...]:
    """Verdicts as the desk's checks, with the trial of the plan.

    Raises:
        BadInput: the payload is not of the kind's shape.
    """
    checks = [Check(rule.id, rule.passed, rule.reason.en) for verdict in verdicts for rule in verdict.rules]
    for verdict in verdicts:
        if not verdict.rules:
            reason = f"The policy {verdict.policy} has no rule for {verdict.action}, so it does not allow it."
            checks.append(Check("no-rule", False, reason))
    if (kind, payload.get("basis")) in _BY_HAND:
        checks.append(Check("person-decides", False, "A goodwill payment is a person's decision.", blocking=False))
    return (*checks, _trial(kind, payload, look))


def evidence_of(verdicts: tuple[Verdict, ...]) -> tuple[Evidence, ...]:
    """Every rule that was asked, as evidence: its words in both languages and what it saw."""
    found: list[Evidence] = []
    for verdict in verdicts:
        book = f"{verdict.policy}@{verdict.version}"
        for rule in verdict.rules:
            detail: dict[str, Any] = {
                "en": rule.text.en, "zh": rule.text.zh, "reason_en": rule.reason.en, "reason_zh": rule.reason.zh,
                "inputs": facts_to_json(rule.inputs), "passed": rule.passed,
            }  # fmt: skip
            found.append(Evidence("rule", f"{book}#{rule.id}", rule.text.en, detail))
        for outcome in verdict.outcomes:
            words: JsonObject = {"en": outcome.text.en, "zh": outcome.text.zh, "value": str(outcome.value)}
            found.append(Evidence("outcome", f"{book}#{outcome.name}", outcome.text.en, words))
    return tuple(found)


def _trial(kind: str, payload: JsonObject, look: Look) -> Check:
    """Whether the order as it is now can take the plan; a malformed payload is no failed check but bad input."""
    try:
        plan = make_plan(kind, look.dossier, payload, "trial")
        try_plan(look.dossier, plan, Stamp(look.now, "desk", "trial"))
    except BadInput:
        raise
    except MerchantError as refused:
        return Check("possible-now", False, refused.message)
    return Check("possible-now", True, "The order's state allows it.")
