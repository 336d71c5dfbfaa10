"""What policy says of a proposal: which actions it stands for, the facts of the request, and the verdicts. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject, Money
from zhanggui.orders.models import FactValue, Goods, PriceClaim, ServiceCase, Trader, Verdict
from zhanggui.orders.rules import words as _labels  # the labels of the facts that the house rules read
from zhanggui.orders.rules.automation import KINDS
from zhanggui.orders.rules.cases import FAULT_OF
from zhanggui.orders.rules.dossier import Dossier, address_from, dossier_facts, in_stock, waiting
from zhanggui.orders.rules.engine import evaluate
from zhanggui.orders.rules.exceptions import find_in_parcel, parcel_cases
from zhanggui.orders.rules.messages import proved_facts, unproved
from zhanggui.orders.rules.payloads import Given, units_if_any
from zhanggui.orders.rules.policy import Policy
from zhanggui.orders.rules.signals import address_problems
from zhanggui.orders.rules.tax_numbers import tax_number_problem

REFUND_BASES = ("return", "lost", "goodwill", "refund-only")
_LABELS = _labels.DESK_FACTS
_REASONS = tuple(FAULT_OF)


@dataclass(frozen=True, slots=True)
class Rulebooks:
    """The two books that every proposal is held against: the merchant's policy and the house rules of the desk."""

    merchant: Policy
    house: Policy


@dataclass(frozen=True, slots=True)
class Look:
    """The order, the moment, and when the customer said which parcel never came."""

    dossier: Dossier
    now: datetime
    denied: Mapping[str, datetime]


def judge(kind: str, payload: JsonObject, look: Look, books: Rulebooks) -> tuple[Verdict, ...]:
    """Every verdict on a proposal: one for each action that it stands for. Allowed only when all of them allow it.

    Raises:
        BadInput: the payload is not of the kind's shape; the field is named.
    """
    if kind not in KINDS:
        raise BadInput(field="kind", expected=f"one of {', '.join(KINDS)}", found=kind)
    given = Given(payload)
    facts = request_facts(kind, given, look, books)
    verdicts: list[Verdict] = []
    for book, action in _actions(kind, given):
        policy = books.house if book == "house" else books.merchant
        verdicts.append(evaluate(policy, action, facts))
    return tuple(verdicts)


def request_facts(kind: str, given: Given, look: Look, books: Rulebooks) -> dict[str, FactValue]:
    """The facts of the order and of this request."""
    case = _case(kind, given, look)
    facts = dossier_facts(look.dossier, look.now, case=case)
    more = _MORE.get(kind)
    if more is not None:
        facts |= more(given, look, books)
    return facts


def _actions(kind: str, given: Given) -> tuple[tuple[str, str], ...]:
    if kind == "cancel-order":
        unpaid = given.word("reason") == "unpaid"
        return (("merchant", "cancel"), *((("house", "cancel-unpaid"),) if unpaid else ()))
    if kind == "change-address":
        return ("merchant", "change-address"), ("house", "change-address")
    if kind == "refund":
        basis = given.one_of("basis", REFUND_BASES)
        return (("merchant", basis),) if basis == "refund-only" else (("house", f"refund-{basis}"),)
    return (("merchant" if kind in ("return", "exchange", "price-protection") else "house", kind),)


def _case(kind: str, given: Given, look: Look) -> ServiceCase:
    """The request as the engine's facts are made of; whatever the payload does not say stays unknown."""
    currency = look.dossier.life.currency
    reason = given.word("reason", optional=True)
    if kind in ("return", "exchange"):
        given.one_of("reason", _REASONS)
    price = None
    if kind == "price-protection":
        paid, now = given.money("paid", currency), given.money("now", currency)
        price = PriceClaim(paid, now, given.yes("same_offer") is True)
    amount: Money | None = given.money("amount", currency) if given.has("amount") else None
    if price is not None:
        amount = price.paid - price.now
    return ServiceCase(
        action=kind,
        order=look.dossier.life,
        at=min(given.time("at") or look.now, look.now),
        reason=reason if reason in _REASONS else "no-reason",
        units=units_if_any(given),
        amount=amount,
        proof=given.yes("proof"),
        goods=Goods(
            given.words("goods_kinds"), given.yes("intact"), given.yes("opened"), given.yes("exception_agreed")
        ),
        trader=Trader(given.yes("informed"), given.yes("informed_return_cost")),
        price=price,
        presale=given.yes("presale") is True,
    )


def _warehouse_facts(given: Given, look: Look, books: Rulebooks) -> dict[str, FactValue]:
    there = waiting(look.dossier.life)
    asked = units_if_any(given) or there
    facts: dict[str, FactValue] = {
        "units.above_waiting": max((n - there.get(line, 0) for line, n in asked.items()), default=0)
    }
    split = in_stock(look.dossier)
    if split is not None:
        facts["units.above_stock"] = max((n - split[0].get(line, 0) for line, n in asked.items()), default=0)
    return facts


def _message_facts(given: Given, look: Look, books: Rulebooks) -> dict[str, FactValue]:
    text = given.word("text", optional=True, longest=4_000)
    proved = proved_facts(look.dossier, parcel_cases(look.dossier, denied=look.denied), books.house.zone)
    return {"message.empty": not text, "message.unproved": unproved(text, proved)}


def _claim_facts(given: Given, look: Look, books: Rulebooks) -> dict[str, FactValue]:
    name = given.word("parcel_id")
    earlier = sum(act.payload.get("parcel_id") == name for act in look.dossier.done("carrier-claim"))
    return {**_message_facts(given, look, books), **_parcel_facts(look, name), "desk.claims": earlier}


def _parcel_facts(look: Look, parcel_id: str = "") -> dict[str, FactValue]:
    """The gravest problem of the parcel named, or of any parcel; none is said as `none`."""
    facts: dict[str, FactValue] = {"parcel.problem": "none", "parcel.culprit": "nobody"}
    for case in parcel_cases(look.dossier, denied=look.denied):
        found = find_in_parcel(case, look.dossier.life.id, look.now)
        if found is not None and parcel_id in ("", case.parcel_id):
            facts["parcel.problem"] = str(found.kind)
            facts["parcel.culprit"] = found.culprit or "nobody"
            facts["parcel.claim_age_days"] = (look.now - found.since).days
            break
    return facts


def _refund_facts(given: Given, look: Look, books: Rulebooks) -> dict[str, FactValue]:
    return _parcel_facts(look) if given.word("basis") == "lost" else {}


def _address_facts(given: Given, look: Look, books: Rulebooks) -> dict[str, FactValue]:
    given.inner("address")
    new = address_from(given.raw("address"))
    return {"address.changes": new != look.dossier.address, "address.complete": not address_problems(new)}


def _invoice_facts(given: Given, look: Look, books: Rulebooks) -> dict[str, FactValue]:
    number = given.word("tax_id", optional=True, longest=40)
    return {
        "invoice.title": bool(given.word("title", optional=True, longest=200)),
        "invoice.tax_number_fits": not number or not tax_number_problem(number),
    }


_MORE: Mapping[str, Callable[[Given, Look, Rulebooks], dict[str, FactValue]]] = {
    "fulfil": _warehouse_facts,
    "split": _warehouse_facts,
    "message-customer": _message_facts,
    "remind-unpaid": _message_facts,
    "carrier-claim": _claim_facts,
    "refund": _refund_facts,
    "change-address": _address_facts,
    "invoice": _invoice_facts,
}
