"""Automations at work: rules look at orders, record what they would do, and propose it once they are live."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

import orjson

from zhanggui.desk import Check, Desk, Draft, Evidence, Inbox, State, wilson_lower
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import BadInput, Conflict, MerchantError
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, Money
from zhanggui.orders.models import Sentence
from zhanggui.orders.rules.asof import moments_of
from zhanggui.orders.rules.automation import (
    MODES,
    AutomationRule,
    AutomationSet,
    Fired,
    Mode,
    Moment,
    Replayed,
    Trigger,
    fired,
    money_of,
    parse_automations,
    replay_rules,
    sentence,
)
from zhanggui.orders.rules.dossier import Dossier, dossier_facts
from zhanggui.orders.rules.drafting import Occasion, payload_for
from zhanggui.orders.rules.replay import facts_to_json
from zhanggui.orders.rules.requests import Look
from zhanggui.orders.service.acting import adopt_refunds
from zhanggui.orders.service.dossiers import Dossiers
from zhanggui.orders.service.judging import judge_proposal
from zhanggui.orders.store.automations import DocumentStore, Run, RunStore, run_id, sweep_done, swept_until
from zhanggui.orders.store.outbox import changed_orders, order_ids_between, unsent_orders

_SWEEP = "automations"
# Transactions that were under way when the last sweep looked have committed by now.
_OVERLAP = timedelta(minutes=5)
_LATELY = timedelta(days=60)
_MOST_REPLAYED = 20_000
# Facts that only say how late it is: they alone do not make a new situation.
_CLOCKS = frozenset({"now", "order.age_hours", "desk.hours_since_reminder", "parcel.claim_age_days"})


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule as the merchant sees it. `agreed` of `decided` times people (or shadow judges) said the same."""

    rule: AutomationRule
    mode: Mode
    text: Sentence
    replayed: bool
    fired: int
    decided: int
    agreed: int
    undone: int
    lower: float
    money: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a rule looked at."""

    rules: AutomationSet
    look: Look
    request: JsonObject


class Automations:
    """Runs the merchant's rules. One for the installation."""

    def __init__(self, dossiers: Dossiers, desk: Desk) -> None:
        self._dossiers, self._desk = dossiers, desk

    # -- at work -----------------------------------------------------------------------------------------------------

    def after_change(self, uow: UnitOfWork, order_id: str) -> list[Run]:
        """Look at an order after news of it or a change: every trigger that its present state answers to.

        Calling it twice for the same state does nothing the second time.
        """
        adopt_refunds(uow, order_id)
        look = self._dossiers.look(uow, order_id, with_risk=True)
        self._dossiers.mark(uow, look.dossier)
        return self._run(uow, look, _triggers(look.dossier), {})

    def hour_passed(self, uow: UnitOfWork, order_id: str) -> list[Run]:
        """Look at an open order because time has passed, or stock has changed."""
        look = self._dossiers.look(uow, order_id, with_risk=True)
        return self._run(uow, look, (Trigger.HOUR, Trigger.CHANGED), {})

    def asked(self, uow: UnitOfWork, order_id: str, trigger: Trigger, request: JsonObject) -> list[Run]:
        """Look at an order because its customer asks for something; `request` is the payload as asked.

        Raises:
            BadInput: the trigger is none that a customer can pull.
        """
        if trigger not in (Trigger.ADDRESS, Trigger.INVOICE):
            raise BadInput(field="trigger", expected=f"{Trigger.ADDRESS} or {Trigger.INVOICE}", found=str(trigger))
        return self._run(uow, self._dossiers.look(uow, order_id, with_risk=True), (trigger,), request)

    def due(self, uow: UnitOfWork) -> list[tuple[str, bool]]:
        """The orders to look at since this was last asked: (id, whether only time has passed).

        Those that changed, and hourly all that are open. Whoever asks must look at them, in this transaction or in
        work that this transaction starts; looking twice does no harm.
        """
        now, until = uow.clock.now(), swept_until(uow, _SWEEP)
        since = until - _OVERLAP if until else now - _LATELY
        changed = list(_pages(lambda after: changed_orders(uow, since, now - _LATELY, after=after)))
        aged: list[str] = []
        if until is None or now.replace(minute=0, second=0, microsecond=0) > until:
            aged = list(_pages(lambda after: unsent_orders(uow, now - _LATELY, after=after)))
        sweep_done(uow, _SWEEP, now)
        return [*((order_id, False) for order_id in changed), *((order_id, True) for order_id in aged)]

    def sweep(self, uow: UnitOfWork) -> int:
        """Look at everything that is due, in this transaction; how many orders were looked at."""
        due = self.due(uow)
        for order_id, only_time in due:
            self.look_at(uow, order_id, only_time=only_time)
        return len(due)

    def look_at(self, uow: UnitOfWork, order_id: str, *, only_time: bool = False) -> list[Run]:
        """`hour_passed` or `after_change`."""
        return self.hour_passed(uow, order_id) if only_time else self.after_change(uow, order_id)

    def _run(self, uow: UnitOfWork, look: Look, triggers: Iterable[Trigger], request: JsonObject) -> list[Run]:
        rules, runs, store = self.in_force(uow), list[Run](), RunStore(uow)
        facts = dossier_facts(look.dossier, look.now)
        hits: dict[str, Fired] = {}
        for trigger in triggers:
            for one in fired(rules, trigger, facts):
                if one.rule.mode != "off":
                    hits.setdefault(one.rule.id, one)
        for one in hits.values():
            amount = money_of(one.rule.kind, facts)
            run = _new_run(one, look, request, amount)
            if not store.begin(run):
                continue
            if one.rule.mode == "live":
                run = self._propose(uow, one, _Seen(rules, look, request), run)
            runs.append(run)
        return runs

    def _propose(self, uow: UnitOfWork, one: Fired, seen: _Seen, run: Run) -> Run:
        rules, look = seen.rules, seen.look
        occasion = Occasion(look.dossier, look.now, rules.zone, one.rule.settings, seen.request, look.denied)
        payload = payload_for(one.rule.kind, occasion)
        if payload is None:
            return run
        payload = {**payload, "why": f"rule {one.rule.id}"}
        try:
            checks, evidence = judge_proposal(uow, self._dossiers, one.rule.kind, payload, look)
        except MerchantError as refused:
            checks, evidence = (Check("payload", False, refused.message),), ()
        draft = Draft(
            kind=one.rule.kind,
            subject=look.dossier.life.id,
            title=f"{look.dossier.number}: {one.rule.kind}",
            payload=payload,
            evidence=(_why(rules, one), *_risk_evidence(look.dossier), *evidence),
            checks=checks,
            confidence=one.rule.confidence,
            fingerprint=f"{one.rule.kind}:{look.dossier.life.id}",
        )
        made = self._desk.propose(uow, draft)
        if made is None:
            return run
        RunStore(uow).proposed(run.id, made.id)
        return replace(run, proposal_id=made.id)

    # -- the merchant's hand -----------------------------------------------------------------------------------------

    def in_force(self, uow: UnitOfWork) -> AutomationSet:
        """The rules with the modes that the merchant set. A rule that was reworded since falls back to shadow."""
        rules, switches = self._dossiers.automations(uow), RunStore(uow).switches()
        return replace(
            rules, rules=tuple(_switched(rule, *switches.get(rule.id, (None, None))) for rule in rules.rules)
        )

    def rules(self, uow: UnitOfWork) -> tuple[RuleView, ...]:
        """Every rule with its sentence, mode, agreement and the money that it concerned."""
        switches = RunStore(uow).switches()
        return tuple(self._view(uow, rule, switches.get(rule.id, (None, None))[1]) for rule in self.in_force(uow).rules)

    def save(self, uow: UnitOfWork, text: str) -> AutomationSet:
        """Put a new version of the merchant's automations in force.

        Raises:
            BadInput: the text breaks the format; nothing changes.
        """
        rules = parse_automations(text)
        number = DocumentStore(uow).add("automations", text)
        AuditLog(uow).record("automations.saved", f"{rules.name}@{rules.version}", {"number": number})
        return rules

    def set_mode(self, uow: UnitOfWork, rule_id: str, mode: str) -> None:
        """Switch a rule off, to shadow or live.

        Raises:
            BadInput: no such rule or mode.
            Conflict: it shall go live but this wording of it was never replayed over the past.
        """
        rule = self.in_force(uow).rule(rule_id)
        if mode not in MODES:
            raise BadInput(field="mode", expected=f"one of {', '.join(MODES)}", found=mode)
        replayed = RunStore(uow).switches().get(rule_id, (None, None))[1]
        if mode == "live" and replayed != rule.digest:
            raise Conflict(f"replay rule {rule_id} over past orders before it goes live")
        RunStore(uow).switch(rule_id, mode=mode)
        AuditLog(uow).record("automation.mode", rule_id, {"from": rule.mode, "to": mode})

    def replay(
        self, uow: UnitOfWork, first: datetime, last: datetime, *, text: str | None = None
    ) -> tuple[Replayed, ...]:
        """What the rules (in force, or of a text that is being edited) would have done with past orders.

        At most 20,000 orders are looked at. Nothing is proposed. A replay of the rules in force allows them to go live.

        Raises:
            BadInput: the text breaks the format, or the days are the wrong way round.
        """
        if first >= last:
            raise BadInput(field="last", expected=f"later than {first.isoformat()}", found=last.isoformat())
        rules = self.in_force(uow) if text is None else parse_automations(text)
        results = replay_rules(rules, self._moments(uow, first, last))
        if text is None:
            for rule in rules.rules:
                RunStore(uow).switch(rule.id, replayed=rule.digest)
        return results

    def judge(self, uow: UnitOfWork, run: str, *, agreed: bool) -> None:
        """A person's opinion of what a rule did in shadow.

        Raises:
            NotFound: there is no such run.
        """
        RunStore(uow).judge(run, agreed=agreed)

    def _moments(self, uow: UnitOfWork, first: datetime, last: datetime) -> Iterator[Moment]:
        now = uow.clock.now()
        for looked, order_id in enumerate(_pages(lambda after: order_ids_between(uow, first, last, after=after))):
            if looked >= _MOST_REPLAYED:
                return
            yield from moments_of(self._dossiers.load(uow, order_id, with_risk=True), now)

    def _view(self, uow: UnitOfWork, rule: AutomationRule, replayed: str | None) -> RuleView:
        runs, money = RunStore(uow).of_rule(rule.id), dict[str, int]()
        verdicts: list[bool] = []
        undone = 0
        for run in runs:
            if run.currency and run.money_minor:
                money[run.currency] = money.get(run.currency, 0) + run.money_minor
            verdict = run.agreed
            if run.proposal_id is not None:
                made = Inbox.get(uow, run.proposal_id)
                verdict = (made.verdict == "approved") if made.verdict else verdict
                undone += made.state is State.UNDONE
            verdicts += [] if verdict is None else [verdict]
        return RuleView(
            rule=rule,
            mode=rule.mode,
            text=sentence(rule),
            replayed=replayed == rule.digest,
            fired=len(runs),
            decided=len(verdicts),
            agreed=sum(verdicts),
            undone=undone,
            lower=wilson_lower(sum(verdicts), len(verdicts)),
            money=money,
        )


def _triggers(dossier: Dossier) -> tuple[Trigger, ...]:
    """What an order's present state says has happened: conditions on facts decide whether it matters still."""
    life = dossier.life
    found = [Trigger.PLACED, Trigger.CHANGED]
    if life.captured().minor > 0:
        found.append(Trigger.PAID)
    if life.parcels:
        found.append(Trigger.PARCEL)
    if life.returns:
        found.append(Trigger.RETURN)
    return tuple(found)


def _new_run(one: Fired, look: Look, request: JsonObject, amount: Money | None) -> Run:
    inputs = facts_to_json({name: value for name, value in one.inputs.items() if name not in _CLOCKS})
    seen = orjson.dumps([one.rule.mode, inputs, request], option=orjson.OPT_SORT_KEYS)
    return Run(
        id=run_id(),
        rule_id=one.rule.id,
        rule_digest=one.rule.digest,
        order_id=look.dossier.life.id,
        occasion=sha256(seen).hexdigest()[:40],
        kind=one.rule.kind,
        mode=one.rule.mode,
        at=look.now,
        facts=facts_to_json(one.inputs),
        money_minor=amount.minor if amount else None,
        currency=amount.currency if amount else None,
        proposal_id=None,
        agreed=None,
    )


def _switched(rule: AutomationRule, mode: str | None, replayed: str | None) -> AutomationRule:
    wanted = next((known for known in MODES if known == mode), rule.mode)
    if wanted == "live" and replayed != rule.digest:
        wanted = "shadow"
    return replace(rule, mode=wanted)


def _why(rules: AutomationSet, one: Fired) -> Evidence:
    detail: JsonObject = {
        "en": one.text.en,
        "zh": one.text.zh,
        "seen_en": [seen.en for seen in one.seen],
        "seen_zh": [seen.zh for seen in one.seen],
        "inputs": facts_to_json(one.inputs),
    }
    return Evidence("automation", f"{rules.name}@{rules.version}#{one.rule.id}", one.text.en, detail)


def _risk_evidence(dossier: Dossier) -> tuple[Evidence, ...]:
    signals = dossier.risk.signals if dossier.risk else ()
    return tuple(
        Evidence("risk", signal.id, signal.reason.en, {"zh": signal.reason.zh, "points": signal.points})
        for signal in signals
    )


def _pages(fetch: Callable[[str], list[str]]) -> Iterator[str]:
    after = ""
    while page := fetch(after):
        yield from page
        after = page[-1]


def runs_of_rule(uow: UnitOfWork, rule_id: str, *, limit: int = 20) -> list[Run]:
    """What a rule did lately, the newest first."""
    return RunStore(uow).of_rule(rule_id, limit=limit)
