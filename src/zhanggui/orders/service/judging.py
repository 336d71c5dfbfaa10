"""A proposal about an order held against policy: the desk's checks and the evidence in both languages."""

from typing import Any

from zhanggui.desk import Check, Evidence
from zhanggui.kernel.errors import BadInput, MerchantError
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.models import Stamp, Verdict
from zhanggui.orders.rules.plans import make_plan, try_plan
from zhanggui.orders.rules.replay import facts_to_json
from zhanggui.orders.rules.requests import Look, judge
from zhanggui.orders.service.dossiers import Dossiers

# Money or promises that go out for a reason no rule can check: a person always decides.
_BY_HAND = {("refund", "goodwill")}


def judge_proposal(
    uow: UnitOfWork, dossiers: Dossiers, kind: str, payload: JsonObject, look: Look | None = None
) -> tuple[tuple[Check, ...], tuple[Evidence, ...]]:
    """The checks and the evidence of a proposal against the order as it is now (or as it was just looked at).

    Raises:
        BadInput: the payload is not of the kind's shape; the field is named.
        NotFound: there is no such order.
    """
    seen = look or dossiers.look(uow, order_of(payload))
    verdicts = judge(kind, payload, seen, dossiers.books(uow))
    return checks_of(kind, payload, seen, verdicts), evidence_of(verdicts)


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
    checks = [
        Check(rule.id, rule.passed, rule.reason.en, reason_zh=rule.reason.zh)
        for verdict in verdicts
        for rule in verdict.rules
    ]
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
