"""The exception desk at work: looks at open parcels and orders, keeps what it finds, proposes what would mend it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from zhanggui.desk import Check, Desk, Draft, Evidence
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import BadInput, MerchantError
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.rules.drafting import Occasion, finding_payload
from zhanggui.orders.rules.exceptions import Finding, Limits, ParcelCase, find_in_order, find_in_parcel, parcel_cases
from zhanggui.orders.rules.requests import Look
from zhanggui.orders.service.dossiers import Dossiers
from zhanggui.orders.service.judging import judge_proposal
from zhanggui.orders.store.automations import ExceptionStore, StoredException
from zhanggui.orders.store.outbox import orders_with_parcels, unsent_orders

_LATELY = timedelta(days=60)
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one scan saw: orders looked at, exceptions found, those that are new, those that are over."""

    orders: int = 0
    found: int = 0
    fresh: int = 0
    over: int = 0

    def plus(self, other: "Scanned") -> "Scanned":
        """Both together."""
        return Scanned(
            self.orders + other.orders, self.found + other.found, self.fresh + other.fresh, self.over + other.over
        )


class ExceptionDesk:
    """Finds exceptions and proposes. One for the installation."""

    def __init__(self, dossiers: Dossiers, desk: Desk, limits: Limits | None = None) -> None:
        self._dossiers, self._desk, self._limits = dossiers, desk, limits or Limits()

    def due(self, uow: UnitOfWork) -> list[str]:
        """The orders of the last 60 days that have a parcel or wait for one."""
        since = uow.clock.now() - _LATELY
        found = list(_pages(lambda after: orders_with_parcels(uow, since, after=after, limit=_PAGE)))
        found += _pages(lambda after: unsent_orders(uow, since, after=after, limit=_PAGE))
        return list(dict.fromkeys(found))

    def scan(self, uow: UnitOfWork) -> Scanned:
        """Look at everything that is due, in this transaction."""
        seen = Scanned()
        for order_id in self.due(uow):
            seen = seen.plus(self.look_at(uow, order_id))
        return seen

    def look_at(self, uow: UnitOfWork, order_id: str) -> Scanned:
        """Look at one order; its exceptions are kept, what would mend them is proposed once, old ones end.

        Raises:
            NotFound: there is no such order.
        """
        look = self._dossiers.look(uow, order_id)
        store, found, fresh = ExceptionStore(uow), list(self._find(look)), 0
        for finding, case in found:
            new = store.put(_stored(finding, look.now))
            fresh += new
            # Proposals with the same fingerprint are not made twice; a handled exception is left alone.
            if new:
                AuditLog(uow).record("exception.found", order_id, _told(finding))
                self._propose(uow, finding, case, look)
        still = [(finding.parcel_id, str(finding.kind)) for finding, _ in found]
        return Scanned(1, len(found), fresh, store.over(order_id, still))

    def deny(self, uow: UnitOfWork, order_id: str, parcel_id: str, at: datetime) -> Scanned:
        """A customer says that a parcel recorded as delivered never came; what the desk makes of it.

        Raises:
            NotFound: there is no such order.
            BadInput: the order has no such parcel.
        """
        life = self._dossiers.load(uow, order_id).life
        if parcel_id not in {parcel.id for parcel in life.parcels}:
            raise BadInput(field="parcel_id", expected="a parcel of the order", found=parcel_id)
        ExceptionStore(uow).deny(order_id, parcel_id, at)
        look = self._dossiers.look(uow, order_id)
        seen = self.look_at(uow, order_id)
        for finding, case in self._find(look):
            if finding.parcel_id == parcel_id:
                self._propose(uow, finding, case, look)
        return seen

    def handled(self, uow: UnitOfWork, order_id: str, parcel_id: str, kind: str) -> None:
        """A person has dealt with it.

        Raises:
            NotFound: there is no such exception.
        """
        ExceptionStore(uow).set_state(order_id, parcel_id, kind, "handled")

    @staticmethod
    def page(
        uow: UnitOfWork, *, state: str = "open", kind: str = "", limit: int = 100, offset: int = 0
    ) -> list[StoredException]:
        """Exceptions, the nearest deadline first."""
        return ExceptionStore(uow).page(state=state, kind=kind, limit=limit, offset=offset)

    @staticmethod
    def counts(uow: UnitOfWork, *, state: str = "open") -> dict[str, int]:
        """How many exceptions of each kind are in this state."""
        return ExceptionStore(uow).counts(state=state)

    def _find(self, look: Look) -> Iterator[tuple[Finding, ParcelCase | None]]:
        for case in parcel_cases(look.dossier, denied=look.denied):
            finding = find_in_parcel(case, look.dossier.life.id, look.now, self._limits)
            if finding is not None:
                yield finding, case
        for finding in find_in_order(look.dossier, look.now):
            yield finding, None

    def _propose(self, uow: UnitOfWork, finding: Finding, case: ParcelCase | None, look: Look) -> None:
        zone = self._dossiers.policy(uow).zone
        made: list[str] = []
        for kind in finding.proposals:
            payload = finding_payload(kind, finding, case, Occasion(look.dossier, look.now, zone))
            if payload is None or (kind == "hold" and made):
                continue  # one way out of a stock-out is enough: sending what is there comes first
            try:
                checks, evidence = judge_proposal(uow, self._dossiers, kind, payload, look)
            except MerchantError as refused:
                checks, evidence = (Check("payload", False, refused.message),), ()
            proposal = self._desk.propose(uow, _draft(kind, finding, payload, (checks, evidence), look))
            made += [proposal.id] if proposal is not None else []
        if made:
            stored = _stored(finding, look.now)
            told: JsonObject = {**stored.told, "proposals": [*made]}
            ExceptionStore(uow).put(replace(stored, told=told))


def _draft(
    kind: str, finding: Finding, payload: JsonObject, judged: tuple[tuple[Check, ...], tuple[Evidence, ...]], look: Look
) -> Draft:
    checks, evidence = judged
    fingerprint = f"{kind}:{finding.order_id}:{finding.parcel_id}:{finding.kind}"
    title = f"{look.dossier.number}: {finding.kind} - {kind}"
    return Draft(
        kind, finding.order_id, title, payload, (*_why(finding), *evidence), checks, finding.sure,
        fingerprint=fingerprint,
    )  # fmt: skip


def _why(finding: Finding) -> Iterator[Evidence]:
    detail: JsonObject = {
        "zh": finding.cause.zh,
        "culprit": finding.culprit,
        "pays": str(finding.pays or ""),
        "deadline": finding.deadline.isoformat(),
        "since": finding.since.isoformat(),
    }
    yield Evidence("exception", str(finding.kind), finding.cause.en, detail)
    if finding.event is not None:
        words: JsonObject = {"at": finding.event.at.isoformat(), "status": finding.event.status}
        yield Evidence("tracking", finding.parcel_id, finding.event.text[:500], words)


def _told(finding: Finding) -> JsonObject:
    return {
        "kind": str(finding.kind),
        "parcel": finding.parcel_id,
        "culprit": finding.culprit,
        "deadline": finding.deadline.isoformat(),
    }


def _stored(finding: Finding, now: datetime) -> StoredException:
    event = finding.event
    told: JsonObject = {
        "cause": {"en": finding.cause.en, "zh": finding.cause.zh},
        "action": {"en": finding.action.en, "zh": finding.action.zh},
        "sure": finding.sure,
        "event": {"at": event.at.isoformat(), "text": event.text[:500]} if event else None,
    }
    return StoredException(
        order_id=finding.order_id,
        parcel_id=finding.parcel_id,
        kind=str(finding.kind),
        state="open",
        culprit=finding.culprit,
        pays=str(finding.pays or ""),
        since=finding.since,
        deadline=finding.deadline,
        found_at=now,
        seen_at=now,
        told=told,
    )


def _pages(fetch: Callable[[str], list[str]]) -> Iterator[str]:
    after = ""
    while page := fetch(after):
        yield from page
        after = page[-1]
