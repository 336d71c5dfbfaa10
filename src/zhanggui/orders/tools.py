"""What a chat agent may do about orders: read one by its number, or wish for something, which becomes a proposal.

`OrderTools.find` and `OrderTools.refusals` read; `OrderTools.propose` writes a proposal and nothing else: policy judges
it, the desk decides.
Whoever calls has to have the owner of the order proved; nothing here knows who is talking.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import cast

from zhanggui.desk import Check, Desk, Draft, Inbox, State
from zhanggui.kernel.commerce import SourceOrder, Variant
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, Locale, Money
from zhanggui.orders.models import OrderLife
from zhanggui.orders.ports import Shelf
from zhanggui.orders.proposals import OrderKind
from zhanggui.orders.rules.dossier import Dossier, address_from
from zhanggui.orders.rules.payloads import Given, money_json
from zhanggui.orders.service.dossiers import Dossiers
from zhanggui.orders.service.recording import OrderDetails, order_details
from zhanggui.orders.store import OrderQuery, search_orders

CUSTOMER_KINDS = ("change-address", "cancel-order", "return", "exchange", "invoice", "price-protection")
"""The kinds of proposals that a customer may ask for."""
_CONFIDENCE = 0.9
_MOST_ALIKE = 50
_SAME = re.compile(r"同款|同样|一样|same|换新|new one|another one", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One line of an order as its customer may see it."""

    id: str
    title: str
    sku: str
    quantity: int
    unit_price: Money


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """One parcel with its carrier's last news."""

    carrier: str
    number: str
    status: str
    last_event: str
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """One order; `email` and `phone` are for proving whose it is."""

    id: str
    number: str
    email: str
    phone: str
    placed_at: datetime
    state: str
    paid: bool
    total: Money
    lines: tuple[LineFacts, ...]
    parcels: tuple[ParcelFacts, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """What became of a wish: the proposal with whether it is carried out already, or why policy refuses."""

    proposal_id: str = ""
    done: bool = False
    refused: tuple[Mapping[Locale, str], ...] = ()


class OrderTools:
    """The tools, each a read or a write by its name. One for the installation."""

    reads = ("find", "refusals", "kept")
    writes = CUSTOMER_KINDS

    def __init__(self, dossiers: Dossiers, desk: Desk, shelf: Shelf) -> None:
        self._dossiers, self._desk, self._shelf = dossiers, desk, shelf

    def find(self, uow: UnitOfWork, number: str) -> OrderFacts | None:
        """The newest order with exactly this number (case and `#` do not count), whoever it belongs to."""
        wanted = _normal(number)
        if not wanted or len(wanted) > 64:
            return None
        for text in (wanted, f"#{wanted}"):
            found = search_orders(uow, OrderQuery(text=text, limit=_MOST_ALIKE)).items
            same = [
                one for one in found if _normal(one.number) == wanted or _normal(one.id.partition(":")[2]) == wanted
            ]
            if same:
                return _facts(order_details(uow, max(same, key=lambda one: one.placed_at).id))
        return None

    def refusals(
        self, uow: UnitOfWork, kind: str, order_id: str, details: JsonObject
    ) -> Sequence[Mapping[Locale, str]]:
        """Why policy would refuse this wish as it stands, in both languages; empty when it would not. Writes nothing.

        Raises:
            BadInput: it is none of the kinds, or the details are not of its shape.
            NotFound: there is no such order.
        """
        return _told(self._held(uow, kind, self._dossiers.load(uow, order_id), details).checks)

    def propose(self, uow: UnitOfWork, kind: str, order_id: str, details: JsonObject) -> Wish:
        """Hold a customer's wish against policy; propose it where policy allows. The same open wish is one proposal.

        Raises:
            BadInput: it is none of the kinds, or the details are not of its shape.
            NotFound: there is no such order.
        """
        dossier = self._dossiers.load(uow, order_id)
        held = self._held(uow, kind, dossier, details)
        if refused := _told(held.checks):
            return Wish(refused=refused)
        draft = Draft(
            kind=kind, subject=order_id, title=f"{dossier.number}: {kind}", payload=held.payload,
            evidence=held.handler.evidence(uow, held.payload), checks=held.checks, confidence=_CONFIDENCE,
            fingerprint=f"{kind}:{order_id}",
        )  # fmt: skip
        made = self._desk.propose(uow, draft)
        if made is None or made.state is State.SHADOW:
            return Wish()  # switched off, or only watched: a person has to do it
        return Wish(made.id, made.state is State.APPLIED)

    def kept(self, uow: UnitOfWork, proposal_id: str) -> bool | None:
        """Whether it was carried out; None while nobody has decided.

        Raises:
            NotFound: there is no such proposal.
        """
        state = Inbox.get(uow, proposal_id).state
        if state in (State.WAITING, State.APPROVED, State.SHADOW):
            return None
        return state is State.APPLIED

    def _held(self, uow: UnitOfWork, kind: str, dossier: Dossier, details: JsonObject) -> "_Held":
        if kind not in CUSTOMER_KINDS:
            raise BadInput(field="kind", expected=f"one of {', '.join(CUSTOMER_KINDS)}", found=kind)
        payload: JsonObject = {
            **_MAKERS[kind](_Asked(uow, self._shelf, dossier, details)),
            "order_id": dossier.life.id,
            "why": "the customer asked for it in a chat and confirmed every detail",
        }
        handler = OrderKind(kind, self._dossiers)
        return _Held(handler, payload, handler.check(uow, payload))


@dataclass(frozen=True, slots=True)
class _Held:
    """A wish held against policy."""

    handler: OrderKind
    payload: JsonObject
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A wish with what it is about."""

    uow: UnitOfWork
    shelf: Shelf
    dossier: Dossier
    details: JsonObject

    def line(self, line_id: str) -> LineFacts:
        """A line of the order.

        Raises:
            BadInput: the order has no such line.
        """
        for line in _lines(self.dossier.told, self.dossier.life):
            if line.id == line_id:
                return line
        raise BadInput(field="line", expected="a line of the order", found=line_id)


def _told(checks: Sequence[Check]) -> tuple[Mapping[Locale, str], ...]:
    """The reasons of those that block, in both languages."""
    failed = [check for check in checks if check.blocking and not check.passed]
    return tuple({"zh-CN": one.told("zh-CN"), "en": one.told("en")} for one in failed)


def _cancel(asked: _Asked) -> JsonObject:
    return {"reason": Given(asked.details).word("reason")}


def _address(asked: _Asked) -> JsonObject:
    new, old = address_from(asked.details.get("address")), asked.dossier.address
    if old is not None:
        # What the customer did not say about the person stays as it was; the place is taken as a whole.
        new = replace(
            new, name=new.name or old.name, phone=new.phone or old.phone, country=new.country or old.country
        )  # fmt: skip
    return {"address": cast(JsonObject, asdict(new))}


def _return(asked: _Asked) -> JsonObject:
    given = Given(asked.details)
    body: JsonObject = {"units": cast(JsonObject, given.units()), "reason": given.word("reason")}
    intact = given.yes("intact")
    return body if intact is None else {**body, "intact": intact, "opened": not intact}


def _exchange(asked: _Asked) -> JsonObject:
    given, body = Given(asked.details), _return(asked)
    wish = given.word("wish", optional=True)
    replacements: list[JsonObject] = []
    for line_id, count in given.units().items():
        line = asked.line(line_id)
        sku = _replacement(asked.shelf.siblings(asked.uow, line.sku), line, wish)
        replacements.append({"sku": sku, "count": count, "unit_price": money_json(line.unit_price)})
    return {**body, "replacements": [*replacements]}


def _replacement(variants: Sequence[Variant], line: LineFacts, wish: str) -> str:
    """The variant that the wish names, at the price that was paid.

    Raises:
        BadInput: it names none, several, or one at another price: a person has to see to it.
    """
    if not wish or _SAME.search(wish):
        return line.sku
    folded = wish.casefold()
    named = [
        one for one in variants
        if one.sku.casefold() in folded.split()
        or any(re.search(rf"(?<![a-z0-9]){re.escape(v.casefold())}(?![a-z0-9])", folded) for v in one.options.values())
    ]  # fmt: skip
    fitting = [one for one in named if one.price is None or one.price == line.unit_price]
    if len(fitting) != 1:
        raise BadInput(field="wish", expected="one variant at the same price", found=wish)
    return fitting[0].sku


def _invoice(asked: _Asked) -> JsonObject:
    given, life = Given(asked.details), asked.dossier.life
    amount = life.captured() - life.refunded()
    body: JsonObject = {"title": given.word("title", longest=200), "amount": money_json(amount)}
    tax = given.word("tax_id", optional=True, longest=40)
    return {**body, "tax_id": tax} if tax else body


def _price(asked: _Asked) -> JsonObject:
    """Paid and present price of a line; the present one comes from the shop's own shelf, never from the customer."""
    line = asked.line(Given(asked.details).word("line"))
    now = next((one.price for one in asked.shelf.siblings(asked.uow, line.sku) if one.sku == line.sku), None)
    if now is None or now.currency != line.unit_price.currency:
        raise BadInput(field="line", expected="a product with a present price", found=line.sku)
    paid, present = line.unit_price * line.quantity, now * line.quantity
    return {"paid": money_json(paid), "now": money_json(present), "same_offer": True}


_MAKERS: Mapping[str, Callable[[_Asked], JsonObject]] = {
    "cancel-order": _cancel,
    "change-address": _address,
    "return": _return,
    "exchange": _exchange,
    "invoice": _invoice,
    "price-protection": _price,
}


def _facts(details: OrderDetails) -> OrderFacts:
    told, life = details.told, details.life
    customer, address = told.customer, told.shipping_address
    parcels: list[ParcelFacts] = []
    for parcel in life.parcels:
        events = details.tracking.get(parcel.tracking_number, ())
        last = events[-1] if events else None
        parcels.append(
            ParcelFacts(
                carrier=parcel.carrier, number=parcel.tracking_number, status=str(parcel.state),
                last_event=(last.text or last.place) if last else "", last_at=last.at if last else None,
            )
        )  # fmt: skip
    return OrderFacts(
        id=life.id,
        number=told.number or told.external_id,
        email=customer.email if customer else "",
        phone=(customer.phone if customer else "") or (address.phone if address else ""),
        placed_at=told.placed_at,
        state=str(life.state),
        paid=life.total() <= life.captured(),
        total=life.total(),
        lines=tuple(line for line in _lines(details.told, life) if line.quantity > 0),
        parcels=tuple(parcels),
    )


def _lines(told: SourceOrder, life: OrderLife) -> list[LineFacts]:
    titles = {line.id: line.title for line in told.lines}
    return [
        LineFacts(line.id, titles.get(line.id) or line.sku, line.sku, line.ordered - line.cancelled, line.unit_price)
        for line in life.lines
    ]


def _normal(number: str) -> str:
    return re.sub(r"[\s#]", "", number).upper()
