"""Loading an order with everything that the desk's rules read: acts, tracking, stock, risk, the books in force."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from typing import Protocol

from zhanggui.kernel.commerce import ParcelReason, ParcelStatus, SourceOrder, TrackingEvent, TrackingReport
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders.models import OrderState
from zhanggui.orders.rules.automation import AutomationSet, parse_automations
from zhanggui.orders.rules.dossier import Dossier, language_of
from zhanggui.orders.rules.policy import Policy, parse_policy
from zhanggui.orders.rules.requests import Look, Rulebooks
from zhanggui.orders.rules.signals import PastOrder, RiskReport, Usual, assess_risk, past_order, usual
from zhanggui.orders.service.policies import load_policy, policy_text
from zhanggui.orders.service.recording import OrderDetails, order_details
from zhanggui.orders.store import OrderStore
from zhanggui.orders.store.automations import DocumentStore, ExceptionStore
from zhanggui.orders.store.outbox import ActStore, MarkStore, recent_order_ids

_FOLDER = resources.files("zhanggui.orders") / "automations"
_NEAR = timedelta(hours=24)
_FRESH = timedelta(hours=1)


# A text means the same for ever, and reading it costs more than looking at an order.
_policy, _rules = lru_cache(64)(parse_policy), lru_cache(64)(parse_automations)


class StockLevels(Protocol):
    """How many units of a SKU may be promised now; whoever counts stock implements it."""

    def free(self, uow: UnitOfWork, skus: Sequence[str]) -> Mapping[str, int] | None:
        """Units free by SKU, or None where this merchant does not count stock. A SKU left out has none."""
        ...


class NoStock:
    """For installations where nobody counts stock."""

    def free(self, uow: UnitOfWork, skus: Sequence[str]) -> Mapping[str, int] | None:
        """Nothing is known."""
        return None


@dataclass(frozen=True, slots=True)
class _Cached:
    at: datetime
    usual: Usual


class Dossiers:
    """Reads orders for the desk. One for the installation; it remembers nothing but what is usual in each shop."""

    def __init__(self, *, stock: StockLevels | None = None, policy: str = "cn-default") -> None:
        """`policy` is the shipped policy of merchants who have written none of their own."""
        self._stock: StockLevels = stock or NoStock()
        self._policy, self._shipped = load_policy(policy), policy_text(policy)
        self._house = parse_policy((_FOLDER / "desk-rules.yaml").read_text(encoding="utf-8"))
        self._automations = parse_automations((_FOLDER / "shop-default.yaml").read_text(encoding="utf-8"))
        self._usual: dict[str, _Cached] = {}

    def load(self, uow: UnitOfWork, order_id: str, *, with_risk: bool = False) -> Dossier:
        """One order as it is now.

        Raises:
            NotFound: there is no such order.
        """
        details = order_details(uow, order_id)
        skus = sorted({line.sku for line in details.life.lines})
        return Dossier(
            life=details.life,
            told=details.told,
            locale=language_of(details.told),
            reports=dict(_reports(details)),
            acts=tuple(ActStore(uow).of_orders([order_id]).get(order_id, ())),
            flags=details.flags,
            stock=self._stock.free(uow, skus),
            risk=self.risk(uow, details.told, order_id) if with_risk else None,
        )

    def look(self, uow: UnitOfWork, order_id: str, *, with_risk: bool = False) -> Look:
        """The order with the moment and what its customer denies having received."""
        denied = ExceptionStore(uow).denied([order_id]).get(order_id, {})
        return Look(self.load(uow, order_id, with_risk=with_risk), uow.clock.now(), denied)

    def books(self, uow: UnitOfWork) -> Rulebooks:
        """The merchant's policy in force and the house rules."""
        return Rulebooks(self.policy(uow), self._house)

    def policy(self, uow: UnitOfWork) -> Policy:
        """The merchant's newest policy, else the shipped one."""
        own = DocumentStore(uow).newest("policy")
        return _policy(own[1]) if own else self._policy

    def policy_text(self, uow: UnitOfWork) -> tuple[int, str]:
        """The number and the text of the policy in force; number 0 is the shipped one."""
        return DocumentStore(uow).newest("policy") or (0, self._shipped)

    def automations(self, uow: UnitOfWork) -> AutomationSet:
        """The merchant's newest automations, else the shipped ones."""
        own = DocumentStore(uow).newest("automations")
        return _rules(own[1]) if own else self._automations

    def risk(self, uow: UnitOfWork, told: SourceOrder, order_id: str) -> RiskReport:
        """What is odd about an order, against the orders near it and what is usual here."""
        near = MarkStore(uow).near(marks_of(past_order(told, order_id)), told.placed_at - _NEAR)
        tellings = OrderStore(uow).told([name for name in near if name != order_id])
        others = [past_order(other, name, refused=near[name]) for name, other in tellings.items()]
        return assess_risk(told, order_id, near=others, shop=self._usual_here(uow))

    def mark(self, uow: UnitOfWork, dossier: Dossier) -> None:
        """Remember by what an order's customer can be known again."""
        known = past_order(dossier.told, dossier.life.id)
        refused = dossier.life.state is not OrderState.CANCELLED and any(
            event.status == ParcelStatus.REFUSED for report in dossier.reports.values() for event in report.events
        )
        MarkStore(uow).put(dossier.life.id, marks_of(known), known.placed_at, refused=refused)

    def _usual_here(self, uow: UnitOfWork) -> Usual:
        now, known = uow.clock.now(), self._usual.get(uow.merchant_id)
        if known is None or not timedelta() <= now - known.at < _FRESH:
            recent = OrderStore(uow).told(recent_order_ids(uow))
            known = self._usual[uow.merchant_id] = _Cached(now, usual(recent.values()))
        return known.usual


def marks_of(order: PastOrder) -> tuple[str, ...]:
    """By what an order's customer can be known again, hashed: the index holds no personal data in the clear."""
    named = {"customer": order.customer_id, "phone": order.phone, "email": order.email, "place": order.place}
    return tuple(sha256(f"{kind}\0{value}".encode()).hexdigest()[:40] for kind, value in named.items() if value)


def _reports(details: OrderDetails) -> Iterator[tuple[str, TrackingReport]]:
    for parcel in details.life.parcels:
        events = details.tracking.get(parcel.tracking_number, ())
        if events:
            yield parcel.id, report_of(parcel.carrier, parcel.tracking_number, events)


def report_of(carrier: str, number: str, events: tuple[TrackingEvent, ...]) -> TrackingReport:
    """A carrier's report made again from the events that were kept."""
    last = events[-1]
    status = ParcelStatus(last.status) if last.status in set(ParcelStatus) else ParcelStatus.UNKNOWN
    reason = ParcelReason(last.reason) if last.reason in set(ParcelReason) else None
    return TrackingReport(carrier, number, status, reason, last.raw, events)
