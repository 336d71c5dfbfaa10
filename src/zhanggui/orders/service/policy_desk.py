"""The merchant's own policy: read, edited, and previewed over what was asked and done in the past."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from zhanggui.desk import Filter, Inbox
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import MerchantError, ZhangguiError
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders.models import Sentence, ServiceCase, Transition, Verdict
from zhanggui.orders.rules.asof import life_at
from zhanggui.orders.rules.automation import KINDS
from zhanggui.orders.rules.cases import FAULT_OF
from zhanggui.orders.rules.dossier import Dossier, dossier_facts
from zhanggui.orders.rules.engine import evaluate
from zhanggui.orders.rules.policy import Policy, parse_policy
from zhanggui.orders.rules.requests import Look, Rulebooks, judge
from zhanggui.orders.service.dossiers import Dossiers
from zhanggui.orders.store.automations import DocumentStore
from zhanggui.orders.store.outbox import order_ids_between

_MOST_ORDERS, _MOST_PROPOSALS = 5_000, 500
_INSTANT = timedelta(microseconds=1)
# What in an order's history was once somebody's request, and the action that policy knows it by.
_ASKED = {("order", "cancel"): "cancel", ("return", "request"): "return", ("exchange", "request"): "exchange"}


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """The policy with its text; `number` counts the merchant's own versions, 0 is the shipped one."""

    policy: Policy
    text: str
    number: int


@dataclass(frozen=True, slots=True)
class DecidedOtherwise:
    """One past request that another policy would decide otherwise, and the rules that make the difference."""

    order_id: str
    number: str
    action: str
    at: datetime
    before: bool
    after: bool
    because: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class PolicyPreview:
    """What a text would have changed: requests looked at, and those decided otherwise, the newest first."""

    policy: Policy
    looked_at: int
    otherwise: tuple[DecidedOtherwise, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A past request under the old policy and under the new one."""

    order_id: str
    number: str
    action: str
    at: datetime
    old: tuple[Verdict, ...]
    new: tuple[Verdict, ...]


class PolicyDesk:
    """Reads, previews and replaces the merchant's policy. One for the installation."""

    def __init__(self, dossiers: Dossiers) -> None:
        self._dossiers = dossiers

    def in_force(self, uow: UnitOfWork) -> PolicyInForce:
        """The merchant's newest policy, else the shipped one."""
        number, text = self._dossiers.policy_text(uow)
        return PolicyInForce(self._dossiers.policy(uow), text, number)

    def save(self, uow: UnitOfWork, text: str) -> PolicyInForce:
        """Put a new version in force; every version is kept with who wrote it.

        Raises:
            BadInput: the text breaks the format, the field is named; nothing changes.
        """
        policy = parse_policy(text)
        number = DocumentStore(uow).add("policy", text)
        AuditLog(uow).record("policy.saved", f"{policy.name}@{policy.version}", {"number": number})
        return PolicyInForce(policy, text, number)

    def preview(self, uow: UnitOfWork, text: str, *, days: int = 180) -> PolicyPreview:
        """Which requests of the last days the text would have decided otherwise; nothing is changed.

        Requests are the cancellations, returns and exchanges in the orders' histories (at most 5,000 orders), and what
        the desk proposed (the newest 500). Facts are those of the moment of each request.

        Raises:
            BadInput: the text breaks the format.
        """
        new, old = parse_policy(text), self._dossiers.books(uow)
        looked, changed = 0, list[DecidedOtherwise]()
        for asked in (*self._in_histories(uow, old.merchant, new, days), *self._proposed(uow, old, new)):
            looked += 1
            before, after = (all(verdict.allowed for verdict in side) for side in (asked.old, asked.new))
            if before != after:
                why = tuple(_differences(asked.old, asked.new))
                changed.append(
                    DecidedOtherwise(asked.order_id, asked.number, asked.action, asked.at, before, after, why)
                )
        return PolicyPreview(new, looked, tuple(sorted(changed, key=lambda one: one.at, reverse=True)))

    def _in_histories(self, uow: UnitOfWork, old: Policy, new: Policy, days: int) -> Iterator[_Asked]:
        now = uow.clock.now()
        ids = _pages(lambda after: order_ids_between(uow, now - timedelta(days=days), now, after=after))
        for looked, order_id in enumerate(ids):
            if looked >= _MOST_ORDERS:
                return
            dossier = self._dossiers.load(uow, order_id)
            for step in dossier.life.history:
                action = _ASKED.get((step.thing, step.event.partition(" ")[0]))
                if action is not None:
                    yield from _ask(dossier, step, action, (old, new))

    def _proposed(self, uow: UnitOfWork, old: Rulebooks, new: Policy) -> Iterator[_Asked]:
        made = Inbox.page(uow, Filter(kinds=KINDS), limit=_MOST_PROPOSALS).items
        for one in made:
            try:
                dossier = self._dossiers.load(uow, one.subject)
                life = life_at(dossier.life, one.created_at - _INSTANT)
                if life is None:
                    continue
                look = Look(replace(dossier, life=life, acts=()), one.created_at, {})
                books = (old, Rulebooks(new, old.house))
                verdicts = [judge(one.kind, one.payload, look, book) for book in books]
            except ZhangguiError:
                continue  # the order is gone, or its past does not add up: nothing can be said of it
            yield _Asked(dossier.life.id, dossier.number, one.kind, one.created_at, verdicts[0], verdicts[1])


def _ask(dossier: Dossier, step: Transition, action: str, policies: tuple[Policy, Policy]) -> Iterator[_Asked]:
    at = step.stamp.at
    try:
        life = life_at(dossier.life, at - _INSTANT)
        if life is None:
            return
        then = replace(dossier, life=life, acts=(), stock=None)
        asked = next((one for one in dossier.life.returns if one.id == step.id), None)
        reason = asked.reason if asked is not None and asked.reason in FAULT_OF else "no-reason"
        units = asked.units if asked is not None else None
        case = ServiceCase(action=action, order=life, at=at, reason=reason, units=units)
        facts = dossier_facts(then, at, case=case)
        old, new = (evaluate(policy, action, facts) for policy in policies)
    except MerchantError:
        return
    yield _Asked(dossier.life.id, dossier.number, action, at, (old,), (new,))


def _differences(old: tuple[Verdict, ...], new: tuple[Verdict, ...]) -> Iterator[Sentence]:
    """The rules that fail under one policy and not under the other, with what they saw."""
    failed = [{rule.id: rule for verdict in side for rule in verdict.rules if not rule.passed} for side in (old, new)]
    for here, there in ((failed[1], failed[0]), (failed[0], failed[1])):
        for name, rule in here.items():
            if name not in there:
                yield rule.reason


def _pages(fetch: Callable[[str], list[str]]) -> Iterator[str]:
    after = ""
    while page := fetch(after):
        yield from page
        after = page[-1]
