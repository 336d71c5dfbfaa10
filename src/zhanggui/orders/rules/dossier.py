"""Everything known of one order when the desk looks at it, and the facts that its rules read from that. Pure."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from zhanggui.kernel.commerce import Address, ParcelStatus, SourceOrder, TrackingReport
from zhanggui.kernel.types import Locale, Money
from zhanggui.orders.models import (
    FactValue,
    FulfilmentState,
    OrderLife,
    OrderState,
    PaymentState,
    RefundState,
    ReturnState,
    ServiceCase,
    Units,
    sum_money,
)
from zhanggui.orders.models.acts import Act
from zhanggui.orders.rules.cases import FAULT_OF, case_facts
from zhanggui.orders.rules.signals import RiskReport, address_problems

COD_METHODS = ("cod", "cash-on-delivery", "cash on delivery", "cash_on_delivery", "货到付款")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_CHINA = frozenset({"CN", "CHN", "CHINA", "中国", "HK", "MO", "TW"})
_REFUSED = (ParcelStatus.REFUSED,)
_DEAD = (RefundState.FAILED, RefundState.REJECTED)


@dataclass(frozen=True, slots=True)
class Dossier:
    """One order as it is now.

    `reports` maps a parcel's id to what its carrier says; `stock` maps a SKU to the units free for this order (None:
    nobody counts them); `acts` are those not taken back; `flags` what did not fit into the life.
    """

    life: OrderLife
    told: SourceOrder
    locale: Locale = "zh-CN"
    reports: Mapping[str, TrackingReport] = field(default_factory=dict[str, TrackingReport])
    acts: tuple[Act, ...] = ()
    flags: tuple[str, ...] = ()
    stock: Mapping[str, int] | None = None
    risk: RiskReport | None = None

    @property
    def number(self) -> str:
        """The order's number as its customer knows it."""
        return self.told.number or self.told.external_id

    @property
    def address(self) -> Address | None:
        """Where it goes: the newest address that the desk set, else the shop's."""
        for act in reversed(self.acts):
            if act.kind == "change-address":
                return address_from(act.payload.get("address"))
        return self.told.shipping_address

    def done(self, kind: str) -> tuple[Act, ...]:
        """The acts of one kind, oldest first."""
        return tuple(act for act in self.acts if act.kind == kind)


def address_from(value: object) -> Address:
    """An address from JSON; unknown fields are ignored, fields that are no text stay empty."""
    # isinstance cannot tell what a list or a dict holds.
    given: dict[str, object] = dict(value) if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownArgumentType]
    names = ("country", "region", "city", "district", "street", "postal_code", "name", "phone")
    return Address(**{name: text.strip() for name in names if isinstance(text := given.get(name), str)})


def language_of(told: SourceOrder) -> Locale:
    """The customer's language, as far as their own words show it: Chinese characters or a Chinese country."""
    address = told.shipping_address
    words = " ".join((address.name, address.street, address.city)) if address else ""
    words += told.customer.name if told.customer else ""
    if _CHINESE.search(words):
        return "zh-CN"
    country = address.country.strip().upper() if address else ""
    if country:
        return "zh-CN" if country in _CHINA else "en"
    return "zh-CN" if told.total.currency == "CNY" else "en"


def waiting(life: OrderLife) -> Units:
    """Units that are neither cancelled nor given to a warehouse, per line; lines with none are left out."""
    held = life.allocated()
    left = {line.id: line.ordered - line.cancelled - held[line.id] for line in life.lines}
    return {line: count for line, count in left.items() if count > 0}


def in_stock(dossier: Dossier) -> tuple[Units, Units] | None:
    """The waiting units split into those in stock and those missing; None where stock is not known."""
    if dossier.stock is None:
        return None
    free = dict(dossier.stock)
    skus = {line.id: line.sku for line in dossier.life.lines}
    there: dict[str, int] = {}
    missing: dict[str, int] = {}
    for line, count in waiting(dossier.life).items():
        taken = min(count, max(0, free.get(skus[line], 0)))
        free[skus[line]] = free.get(skus[line], 0) - taken
        if taken:
            there[line] = taken
        if taken < count:
            missing[line] = count - taken
    return there, missing


def cash_on_delivery(life: OrderLife) -> bool:
    """Whether the customer pays at the door."""
    return any(payment.method.strip().lower() in COD_METHODS for payment in life.payments)


def return_value(life: OrderLife, now: datetime) -> Money:
    """What accepted returns are worth and was not refunded for them yet: goods less their share of a discount.

    Where everything came back through the seller's or the carrier's fault, the freight paid is part of it.
    """
    accepted = [back for back in life.returns if back.state is ReturnState.ACCEPTED]
    units: Counter[str] = Counter()
    for back in accepted:
        units.update(back.units)
    if not units:
        return Money(0, life.currency)
    value = case_facts(ServiceCase("look", life, now, units=dict(units)))["order.subtotal"]
    assert isinstance(value, Money)
    kept = sum(line.ordered - line.cancelled for line in life.lines) - sum(units.values())
    if kept <= 0 < life.charges.minor and all(FAULT_OF.get(back.reason) in ("seller", "carrier") for back in accepted):
        value = value + life.charges
    ids = {back.id for back in accepted}
    given = sum_money((r.amount for r in life.refunds if r.return_id in ids and r.state not in _DEAD), life.currency)
    return value - given if given < value else Money(0, life.currency)


def dossier_facts(dossier: Dossier, now: datetime, *, case: ServiceCase | None = None) -> dict[str, FactValue]:
    """Every fact about the order that policies and automations read; what nobody knows is absent.

    Args:
        dossier: the order.
        now: the moment of looking.
        case: the request, where there is one; without it the facts of a request without details.
    """
    life = dossier.life
    # The facts of the order itself are the same whatever is asked; without a request those of one are left out.
    asked = case_facts(case or ServiceCase("look", life, now))
    facts = asked if case else {k: v for k, v in asked.items() if not k.startswith(("request.", "goods.", "trader."))}
    due = life.total() - life.captured()
    paid = due.minor <= 0 and any(payment.captured.minor for payment in life.payments)
    age = now - dossier.told.placed_at
    facts |= {
        "now": now,
        "order.paid": paid or life.total().minor == 0,
        "order.paid_in_part": not paid and life.captured().minor > 0,
        "order.age_hours": _hours(age),
        "order.total": life.total(),
        "order.cash_on_delivery": cash_on_delivery(life),
        "order.note": bool(dossier.told.note.strip()),
        "order.units": sum(line.ordered - line.cancelled for line in life.lines),
        "order.fits_together": not dossier.flags,
        "money.due": due if due.minor > 0 else Money(0, life.currency),
        "money.overpaid": -due if due.minor < 0 else Money(0, life.currency),
        "units.waiting": sum(waiting(life).values()),
        "parcel.refused": _refused(dossier),
        "return.accepted": any(back.state is ReturnState.ACCEPTED for back in life.returns),
        "return.received": any(b.state in (ReturnState.RECEIVED, ReturnState.ACCEPTED) for b in life.returns),
        "desk.reminders": len(dossier.done("remind-unpaid")),
        "desk.invoiced": bool(dossier.done("invoice")),
        "desk.claims": len(dossier.done("carrier-claim")),
        "warehouse.packing": any(
            f.state in (FulfilmentState.PICKING, FulfilmentState.PACKED) for f in life.fulfilments
        ),
        "message.today": sum(
            now - act.at < timedelta(days=1)
            for act in dossier.acts
            if act.kind in ("message-customer", "remind-unpaid")
        ),
        "money.return_value": (owed := return_value(life, now)),
        "return.refund_due": owed.minor > 0,
        **_unpaid(dossier, now, paid=paid),
        **_address(dossier),
        **_stock(dossier),
        **_risk(dossier.risk),
    }
    return facts


def _hours(span: timedelta) -> int:
    return int(span.total_seconds() // 3600)


def _unpaid(dossier: Dossier, now: datetime, *, paid: bool) -> dict[str, FactValue]:
    life = dossier.life
    if paid or cash_on_delivery(life) or life.state in (OrderState.CANCELLED, OrderState.CLOSED):
        return {"order.awaits_payment": False}
    waits = not any(p.state in (PaymentState.AUTHORISED, PaymentState.CAPTURED) for p in life.payments)
    facts: dict[str, FactValue] = {"order.awaits_payment": waits and life.total().minor > 0}
    last = max((act.at for act in dossier.done("remind-unpaid")), default=None)
    facts["desk.hours_since_reminder"] = _hours(now - last) if last else _hours(now - dossier.told.placed_at)
    return facts


def _address(dossier: Dossier) -> dict[str, FactValue]:
    address = dossier.address
    if address is None:
        return {"address.known": False}
    return {"address.known": True, "address.complete": not address_problems(address)}


def _stock(dossier: Dossier) -> dict[str, FactValue]:
    split = in_stock(dossier)
    if split is None:
        return {"stock.counted": False}
    there, missing = split
    return {"stock.counted": True, "stock.there": sum(there.values()), "stock.missing": sum(missing.values())}


def _risk(risk: RiskReport | None) -> dict[str, FactValue]:
    if risk is None:
        return {}
    ids = tuple(signal.id for signal in risk.signals)
    return {"risk.score": risk.score, "risk.level": risk.level, "risk.signals": ids}


def _refused(dossier: Dossier) -> bool:
    return any(
        report.status in _REFUSED or any(event.status in _REFUSED for event in report.events)
        for report in dossier.reports.values()
    )
