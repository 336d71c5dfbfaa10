"""Use cases of the desk. Each runs in the caller's unit of work; the edge commits."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from zhanggui.desk.autonomy import Autonomies
from zhanggui.desk.kinds import Kinds
from zhanggui.desk.models import Check, Draft, Filter, KindSettings, Proposal, Replayed, State
from zhanggui.desk.rules import first_state, require_transition
from zhanggui.desk.store import NewProposal, ProposalStore
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import BadInput, Conflict, ZhangguiError
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, Page, new_id

# Bulk decisions touch at most so many proposals in one transaction; the doors page through more.
BULK_LIMIT = 500


class Desk:
    """The pipeline that everything the AI wants to do goes through."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds
        self.autonomies = Autonomies(kinds)

    # -- propose ---------------------------------------------------------------------------------------------------

    def propose(self, uow: UnitOfWork, draft: Draft) -> Proposal | None:
        """Record one draft; see `propose_many`."""
        return self.propose_many(uow, [draft])[0]

    def propose_many(self, uow: UnitOfWork, drafts: Sequence[Draft]) -> list[Proposal | None]:
        """Record drafts and, where the kind earned `auto`, approve and apply them at once.

        The answer is in the order of `drafts`: None where the kind is off, the open proposal where one with the same
        fingerprint is open already.
        """
        store = ProposalStore(uow)
        settings = {kind: self.autonomies.settings(uow, kind) for kind in {draft.kind for draft in drafts}}
        known = store.open_fingerprints(draft.fingerprint for draft in drafts)
        fresh: list[NewProposal] = []
        for draft in drafts:
            new = _first(draft, settings[draft.kind], uow.clock.now())
            if new is None or draft.fingerprint in known:
                continue
            fresh.append(new)
            if draft.fingerprint:
                known[draft.fingerprint] = new.id
        store.add_many(fresh)
        AuditLog(uow).record_many(
            [
                ("proposal.created", n.id, {"kind": n.draft.kind, "subject": n.draft.subject, "state": str(n.state)})
                for n in fresh
            ]
        )
        for new in fresh:
            if new.state is State.APPROVED:
                self.apply(uow, new.id)
        unnamed = iter([new.id for new in fresh if not new.draft.fingerprint])
        found: list[Proposal | None] = []
        for draft in drafts:
            if settings[draft.kind].autonomy == "off":
                found.append(None)
            else:
                found.append(store.get(known[draft.fingerprint] if draft.fingerprint else next(unnamed)))
        return found

    # -- decide ----------------------------------------------------------------------------------------------------

    def approve(self, uow: UnitOfWork, proposal_id: str, *, edited: JsonObject | None = None) -> Proposal:
        """Approve as it is, or as edited; checks run again on what will be applied.

        Raises:
            Conflict: it is not waiting any more, or a blocking check fails now.
            BadInput: the edited payload is not of the kind's shape.
        """
        store = ProposalStore(uow)
        proposal = store.get(proposal_id, lock=True)
        require_transition(proposal.state, State.APPROVED)
        payload = proposal.payload if edited is None else edited
        checks = self.kinds.get(proposal.kind).check(uow, payload)
        _require_passed(checks)
        was_edited = payload != proposal.original
        store.change(
            proposal_id,
            state=str(State.APPROVED),
            payload=payload,
            checks=[asdict(check) for check in checks],
            decided_at=uow.clock.now(),
            decided_by=str(uow.actor),
            verdict="edited" if was_edited else "approved",
            error="",
        )
        AuditLog(uow).record("proposal.approved", proposal_id, {"edited": was_edited, "kind": proposal.kind})
        return store.get(proposal_id)

    def reject(self, uow: UnitOfWork, proposal_id: str, *, reason: str) -> Proposal:
        """Say no, with the reason (kept, and shown to whoever improves the capability).

        Raises:
            BadInput: no reason given.
            Conflict: it was decided already.
        """
        if not reason.strip():
            raise BadInput(field="reason", expected="why it is rejected", found=reason)
        store = ProposalStore(uow)
        proposal = store.get(proposal_id, lock=True)
        require_transition(proposal.state, State.REJECTED)
        store.change(
            proposal_id,
            state=str(State.REJECTED),
            decided_at=uow.clock.now(),
            decided_by=str(uow.actor),
            verdict="rejected",
            reason=reason.strip(),
        )
        AuditLog(uow).record("proposal.rejected", proposal_id, {"reason": reason.strip(), "kind": proposal.kind})
        return store.get(proposal_id)

    def judge_shadow(self, uow: UnitOfWork, proposal_id: str, *, agreed: bool, reason: str = "") -> Proposal:
        """A person's opinion of a shadow proposal: counts for agreement, applies nothing.

        Raises:
            Conflict: it is not a shadow proposal, or was judged before.
        """
        store = ProposalStore(uow)
        proposal = store.get(proposal_id, lock=True)
        if proposal.state is not State.SHADOW or proposal.verdict:
            raise Conflict("only shadow proposals that nobody judged yet are judged", state=str(proposal.state))
        store.change(
            proposal_id,
            decided_at=uow.clock.now(),
            decided_by=str(uow.actor),
            verdict="approved" if agreed else "rejected",
            reason=reason,
        )
        AuditLog(uow).record("proposal.judged", proposal_id, {"agreed": agreed, "kind": proposal.kind})
        return store.get(proposal_id)

    def expire(self, uow: UnitOfWork) -> int:
        """Close every waiting or shadow proposal whose time is over; how many."""
        store = ProposalStore(uow)
        overdue = store.overdue()
        for proposal_id in overdue:
            store.change(proposal_id, state=str(State.EXPIRED))
        AuditLog(uow).record_many([("proposal.expired", proposal_id, {}) for proposal_id in overdue])
        return len(overdue)

    # -- apply, undo, measure --------------------------------------------------------------------------------------

    def apply(self, uow: UnitOfWork, proposal_id: str) -> Proposal:
        """Apply an approved proposal exactly once. A failure is recorded on the proposal; the shop is untouched then.

        Calling it again for one that is applied changes nothing.

        Raises:
            Conflict: it is neither approved nor failed nor applied.
        """
        store = ProposalStore(uow)
        proposal = store.get(proposal_id, lock=True)
        if proposal.state is State.APPLIED:
            return proposal
        require_transition(proposal.state, State.APPLIED)
        kind = self.kinds.get(proposal.kind)
        try:
            with uow.connection.begin_nested():
                _require_passed(kind.check(uow, proposal.payload))
                if not store.claim_application(proposal_id):
                    raise Conflict("it was applied before")
                undo = kind.apply(uow, proposal.payload, proposal_id)
        except ZhangguiError as failed:
            store.change(proposal_id, state=str(State.FAILED), error=failed.message)
            AuditLog(uow).record("proposal.failed", proposal_id, {"error": failed.message, "kind": proposal.kind})
            return store.get(proposal_id)
        store.change(proposal_id, state=str(State.APPLIED), applied_at=uow.clock.now(), undo=asdict(undo), error="")
        AuditLog(uow).record("proposal.applied", proposal_id, {"kind": proposal.kind, "subject": proposal.subject})
        return store.get(proposal_id)

    def undo(self, uow: UnitOfWork, proposal_id: str, *, reason: str = "") -> Proposal:
        """Take an applied proposal back.

        Raises:
            Conflict: it is not applied, cannot be undone, or the shop moved on.
        """
        store = ProposalStore(uow)
        proposal = store.get(proposal_id, lock=True)
        require_transition(proposal.state, State.UNDONE)
        if proposal.undo is None or not proposal.undo.possible:
            why = proposal.undo.reason if proposal.undo else "nothing was recorded to take back"
            raise Conflict(f"this cannot be undone: {why}")
        self.kinds.get(proposal.kind).undo(uow, proposal.payload, proposal.undo)
        store.change(proposal_id, state=str(State.UNDONE), undone_at=uow.clock.now(), reason=reason or proposal.reason)
        AuditLog(uow).record("proposal.undone", proposal_id, {"reason": reason, "kind": proposal.kind})
        self.autonomies.settings(uow, proposal.kind)  # too many undone: the kind falls back at once
        return store.get(proposal_id)

    def measure(self, uow: UnitOfWork, proposal_id: str) -> Proposal:
        """Record the outcome so far of an applied proposal."""
        store = ProposalStore(uow)
        proposal = store.get(proposal_id)
        if proposal.state is State.APPLIED:
            outcome = self.kinds.get(proposal.kind).measure(uow, proposal.payload)
            store.change(proposal_id, outcome=outcome)
        return store.get(proposal_id)

    # -- bulk ------------------------------------------------------------------------------------------------------

    def decide_many(
        self, uow: UnitOfWork, proposal_ids: Sequence[str], *, approve: bool, reason: str = ""
    ) -> dict[str, str]:
        """Approve and apply, or reject, several; proposal id -> error for those that did not go through.

        Raises:
            BadInput: more than `BULK_LIMIT` at once.
        """
        if len(proposal_ids) > BULK_LIMIT:
            raise BadInput(field="proposals", expected=f"at most {BULK_LIMIT}", found=str(len(proposal_ids)))
        problems: dict[str, str] = {}
        for proposal_id in dict.fromkeys(proposal_ids):
            try:
                if approve:
                    self.approve(uow, proposal_id)
                    applied = self.apply(uow, proposal_id)
                    if applied.state is State.FAILED:
                        problems[proposal_id] = applied.error
                else:
                    self.reject(uow, proposal_id, reason=reason)
            except ZhangguiError as refused:
                problems[proposal_id] = refused.message
        return problems

    def replay(
        self,
        uow: UnitOfWork,
        wanted: Filter,
        remake: Callable[[UnitOfWork, Proposal], Draft | None],
        *,
        limit: int = 200,
    ) -> list[Replayed]:
        """Make past proposals again with `remake` (a changed prompt, model or rule) and show what differs.

        Nothing is recorded. Proposals that `remake` answers with None are passed over.
        """
        results: list[Replayed] = []
        for proposal in ProposalStore(uow).page(wanted, limit=limit).items:
            draft = remake(uow, proposal)
            if draft is not None:
                results.append(
                    Replayed(
                        proposal.id, proposal.subject, proposal.original, draft.payload, proposal.checks, draft.checks
                    )
                )
        return results


class Inbox:
    """Looking at proposals without deciding anything."""

    @staticmethod
    def get(uow: UnitOfWork, proposal_id: str) -> Proposal:
        """One proposal.

        Raises:
            NotFound: there is none of this id for this merchant.
        """
        return ProposalStore(uow).get(proposal_id)

    @staticmethod
    def page(
        uow: UnitOfWork, wanted: Filter, *, limit: int = 50, after: str | None = None, oldest: bool = False
    ) -> Page[Proposal]:
        """A page of proposals, newest first unless `oldest`; `after` is the cursor of the page before."""
        return ProposalStore(uow).page(wanted, limit=limit, after=after, oldest=oldest)

    @staticmethod
    def ids(uow: UnitOfWork, wanted: Filter) -> list[str]:
        """Ids of every match, oldest first; for bulk decisions that page through."""
        return ProposalStore(uow).ids(wanted)

    @staticmethod
    def counts(uow: UnitOfWork) -> dict[tuple[str, State], int]:
        """How many proposals of each kind are in each state."""
        return ProposalStore(uow).counts()


def _first(draft: Draft, settings: KindSettings, now: datetime) -> NewProposal | None:
    state = first_state(draft, settings)
    if state is None:
        return None
    expires_at = None if state is State.APPROVED else now + timedelta(hours=settings.expire_hours)
    return NewProposal(new_id("prp"), draft, state, settings.autonomy, expires_at)


def _require_passed(checks: Sequence[Check]) -> None:
    failed = [check for check in checks if check.blocking and not check.passed]
    if failed:
        reasons = "; ".join(f"{check.name}: {check.reason}" for check in failed)
        raise Conflict(f"a check that must pass fails: {reasons}")
