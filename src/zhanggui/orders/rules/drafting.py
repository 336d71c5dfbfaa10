"""From a rule that fired to the payload it proposes, out of the order itself and the customer's request. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from zhanggui.kernel.types import JsonObject, Money, empty_object
from zhanggui.orders.models import RefundState, ReturnState
from zhanggui.orders.rules.dossier import Dossier, in_stock, return_value
from zhanggui.orders.rules.exceptions import Finding, ParcelCase, find_in_parcel, parcel_cases
from zhanggui.orders.rules.messages import Written, claim_draft, customer_message, reminder
from zhanggui.orders.rules.payloads import money_json, units_json

_NO_DENIALS: Mapping[str, datetime] = {}


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a payload is made of: the order, the moment, the rule's settings, what the customer asked for."""

    dossier: Dossier
    now: datetime
    zone: ZoneInfo
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    request: JsonObject = field(default_factory=empty_object)
    denied: Mapping[str, datetime] = field(default_factory=lambda: _NO_DENIALS)


def payload_for(kind: str, occasion: Occasion) -> JsonObject | None:
    """The payload of a proposal of this kind; None where the order gives nothing to propose.

    What the customer asked for comes through as it was asked: the proposal's own checks judge it.
    """
    make = _MAKERS.get(kind)
    body = make(occasion) if make is not None else (dict(occasion.request) if occasion.request else None)
    if body is None:
        return None
    return {**body, "order_id": occasion.dossier.life.id}


def message_payload(written: Written) -> JsonObject:
    """A draft as the payload of a message, with the facts that it rests on."""
    return {"text": written.text, "locale": written.locale, "facts": dict(written.facts)}


def finding_payload(kind: str, finding: Finding, case: ParcelCase | None, occasion: Occasion) -> JsonObject | None:
    """The payload of one of an exception's proposals; None where nothing can be proposed without asking somebody."""
    if kind == "message-customer":
        written = customer_message(finding, occasion.dossier, case, occasion.zone)
        body = None if written is None else message_payload(written)
    elif kind == "carrier-claim":
        body = _claim(finding, case, occasion)
    elif kind in ("split", "hold"):
        settings = {"reason": str(finding.kind), "warehouse": "main", **occasion.settings}
        body = _MAKERS[kind](Occasion(occasion.dossier, occasion.now, occasion.zone, settings))
    else:
        return None  # whether to refund or to send again is the customer's choice: their answer makes the proposal
    if body is None:
        return None
    return {**body, "order_id": finding.order_id, "exception": str(finding.kind), "why": finding.cause.en}


def _claim(finding: Finding, case: ParcelCase | None, occasion: Occasion) -> JsonObject | None:
    if case is None:
        return None
    # A carrier is written to in the language of the shop's own country, which is that of its time zone's orders.
    locale = "zh-CN" if occasion.dossier.life.currency == "CNY" else "en"
    written = claim_draft(finding, occasion.dossier, case, occasion.zone, locale)
    if written is None:
        return None
    body: JsonObject = {**message_payload(written), "parcel_id": case.parcel_id}
    if case.value is not None and case.value.minor > 0:
        body["amount"] = money_json(case.value)
    return body


def _fulfil(occasion: Occasion) -> JsonObject | None:
    return {"warehouse": occasion.settings.get("warehouse", "main")}


def _split(occasion: Occasion) -> JsonObject | None:
    split = in_stock(occasion.dossier)
    if split is None or not split[0] or not split[1]:
        return None
    return {
        "warehouse": occasion.settings.get("warehouse", "main"),
        "units": units_json(split[0]),
        "later": units_json(split[1]),
    }


def _reason(occasion: Occasion) -> JsonObject | None:
    return {"reason": occasion.settings.get("reason", "rule")}


def _remind(occasion: Occasion) -> JsonObject | None:
    return message_payload(reminder(occasion.dossier))


def _message(occasion: Occasion) -> JsonObject | None:
    about = occasion.settings.get("about", "")
    for case in parcel_cases(occasion.dossier, denied=occasion.denied):
        finding = find_in_parcel(case, occasion.dossier.life.id, occasion.now)
        if finding is not None and about in ("", finding.kind):
            written = customer_message(finding, occasion.dossier, case, occasion.zone)
            return None if written is None else message_payload(written)
    return dict(occasion.request) or None


def _refund(occasion: Occasion) -> JsonObject | None:
    life, basis = occasion.dossier.life, occasion.settings.get("basis", "")
    if basis != "return":
        return dict(occasion.request) or None
    owed, left = return_value(life, occasion.now), life.captured() - life.refunded()
    amount = left if left < owed else owed
    paid = {r.return_id for r in life.refunds if r.state not in (RefundState.FAILED, RefundState.REJECTED)}
    open_ = [b.id for b in life.returns if b.state is ReturnState.ACCEPTED and b.id not in paid]
    if amount.minor <= 0 or not open_:
        return None
    return {"basis": "return", "reason": "return received", "return_id": open_[0], "amount": money_json(amount)}


def _invoice(occasion: Occasion) -> JsonObject | None:
    life = occasion.dossier.life
    amount: Money = life.captured() - life.refunded()
    return {**occasion.request, "amount": money_json(amount)} if amount.minor > 0 else None


_MAKERS: Mapping[str, Callable[[Occasion], JsonObject | None]] = {
    "fulfil": _fulfil,
    "split": _split,
    "hold": _reason,
    "cancel-order": _reason,
    "remind-unpaid": _remind,
    "message-customer": _message,
    "refund": _refund,
    "invoice": _invoice,
}
