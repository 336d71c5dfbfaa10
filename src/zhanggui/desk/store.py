"""Every query of the desk, and its tables."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from zhanggui.desk.models import (
    Agreement,
    Autonomy,
    Check,
    Cost,
    Draft,
    Evidence,
    Filter,
    KindSettings,
    Proposal,
    State,
    Undo,
)
from zhanggui.desk.rules import OPEN_STATES, wilson_lower
from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.storage import UnitOfWork, UtcDateTime, merchant_table
from zhanggui.kernel.types import Page

proposals = merchant_table(
    "proposals",
    sa.Column("id", sa.String(40), nullable=False),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("original", sa.JSON, nullable=False),
    sa.Column("evidence", sa.JSON, nullable=False),
    sa.Column("checks", sa.JSON, nullable=False),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("cost", sa.JSON, nullable=False),
    sa.Column("autonomy", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("fingerprint", sa.String(128), nullable=False, server_default=""),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("decided_by", sa.Text, nullable=False, server_default=""),
    sa.Column("verdict", sa.String(16), nullable=False, server_default=""),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("applied_at", UtcDateTime),
    sa.Column("undo", sa.JSON(none_as_null=True)),
    sa.Column("undone_at", UtcDateTime),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
    sa.Column("outcome", sa.JSON(none_as_null=True)),
    sa.Index("ix_proposals_inbox", "merchant_id", "state", "created_at"),
    sa.Index("ix_proposals_subject", "merchant_id", "subject"),
    sa.Index("ix_proposals_kind", "merchant_id", "kind", "decided_at"),
    sa.Index("ix_proposals_fingerprint", "merchant_id", "fingerprint"),
)

# One row for each proposal that was applied, written in the transaction of its effect: the key that makes it once.
applications = merchant_table(
    "applications",
    sa.Column("proposal_id", sa.String(40), nullable=False),
    sa.Column("applied_at", UtcDateTime, nullable=False),
    key=("proposal_id",),
)

kind_settings = merchant_table(
    "kind_settings",
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("autonomy", sa.String(16), nullable=False),
    sa.Column("min_confidence", sa.Float, nullable=False),
    sa.Column("expire_hours", sa.Integer, nullable=False),
    key=("kind",),
)


@dataclass(frozen=True, slots=True)
class NewProposal:
    """A draft on its way into the table."""

    id: str
    draft: Draft
    state: State
    autonomy: Autonomy
    expires_at: datetime | None


def _to_row(new: NewProposal, now: datetime, actor: str) -> dict[str, Any]:
    draft, decided = new.draft, new.state is State.APPROVED
    return {
        "id": new.id,
        "kind": draft.kind,
        "subject": draft.subject,
        "title": draft.title,
        "payload": draft.payload,
        "original": draft.payload,
        "evidence": [asdict(item) for item in draft.evidence],
        "checks": [asdict(item) for item in draft.checks],
        "confidence": draft.confidence,
        "cost": asdict(draft.cost),
        "autonomy": new.autonomy,
        "state": str(new.state),
        "fingerprint": draft.fingerprint,
        "created_at": now,
        "created_by": actor,
        "expires_at": new.expires_at,
        "decided_at": now if decided else None,
        "decided_by": "desk:auto" if decided else "",
        "verdict": "approved" if decided else "",
    }


def _to_proposal(row: sa.RowMapping) -> Proposal:
    values: dict[str, Any] = {name: value for name, value in row.items() if name not in ("merchant_id", "fingerprint")}
    values["evidence"] = tuple(Evidence(**item) for item in row["evidence"])
    values["checks"] = to_checks(row["checks"])
    values["cost"] = Cost(**row["cost"])
    values["state"] = State(row["state"])
    values["undo"] = None if row["undo"] is None else Undo(**row["undo"])
    return Proposal(**values)


def to_checks(stored: Iterable[dict[str, Any]]) -> tuple[Check, ...]:
    """Checks as they were stored."""
    return tuple(Check(**item) for item in stored)


class ProposalStore:
    """Proposals of one merchant within a unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def add_many(self, fresh: Sequence[NewProposal]) -> None:
        """Record new proposals."""
        now, actor = self._uow.clock.now(), str(self._uow.actor)
        self._uow.insert(proposals, [_to_row(new, now, actor) for new in fresh])

    def open_fingerprints(self, wanted: Iterable[str]) -> dict[str, str]:
        """Of the fingerprints wanted, those of open proposals: fingerprint -> proposal id."""
        names = [name for name in wanted if name]
        found: dict[str, str] = {}
        for at in range(0, len(names), 500):
            columns = (proposals.c.fingerprint, proposals.c.id)
            statement = self._uow.select(proposals, *columns).where(
                proposals.c.fingerprint.in_(names[at : at + 500]),
                proposals.c.state.in_([*map(str, OPEN_STATES), str(State.SHADOW)]),
            )
            found |= {row["fingerprint"]: row["id"] for row in self._uow.rows(statement)}
        return found

    def get(self, proposal_id: str, *, lock: bool = False) -> Proposal:
        """One proposal; with `lock`, nobody else changes it until the transaction ends.

        Raises:
            NotFound: there is none of this id for this merchant.
        """
        statement = self._uow.select(proposals).where(proposals.c.id == proposal_id)
        row = self._uow.row(statement.with_for_update() if lock else statement)
        if row is None:
            raise NotFound(f"no proposal {proposal_id!r}")
        return _to_proposal(row)

    def change(self, proposal_id: str, **values: Any) -> None:
        """Overwrite some columns of one proposal."""
        self._uow.change(self._uow.update(proposals).where(proposals.c.id == proposal_id).values(**values))

    def claim_application(self, proposal_id: str) -> bool:
        """True the first time for a proposal, False ever after."""
        return self._uow.insert_new(applications, {"proposal_id": proposal_id, "applied_at": self._uow.clock.now()})

    def page(
        self, wanted: Filter, *, limit: int = 50, after: str | None = None, oldest: bool = False
    ) -> Page[Proposal]:
        """A page of proposals, newest first unless `oldest`; `after` is the cursor of the page before."""
        matches = self._matching(self._uow.select(proposals), wanted)
        total = self._uow.scalar(self._matching(self._uow.select(proposals, sa.func.count()), wanted))
        if after:
            matches = matches.where(proposals.c.id > after if oldest else proposals.c.id < after)
        order = proposals.c.id.asc() if oldest else proposals.c.id.desc()
        found = [_to_proposal(row) for row in self._uow.rows(matches.order_by(order).limit(limit + 1))]
        cursor = found[limit - 1].id if len(found) > limit else None
        return Page(tuple(found[:limit]), int(total), cursor)

    def ids(self, wanted: Filter) -> list[str]:
        """Ids of every match, oldest first."""
        statement = self._matching(self._uow.select(proposals, proposals.c.id), wanted)
        return [row["id"] for row in self._uow.rows(statement.order_by(proposals.c.id))]

    def overdue(self) -> list[str]:
        """Ids of the waiting or shadow proposals whose time is over."""
        statement = self._uow.select(proposals, proposals.c.id).where(
            proposals.c.state.in_([str(State.WAITING), str(State.SHADOW)]),
            proposals.c.verdict == "",
            proposals.c.expires_at < self._uow.clock.now(),
        )
        return [row["id"] for row in self._uow.rows(statement)]

    def counts(self) -> dict[tuple[str, State], int]:
        """How many proposals of each kind are in each state."""
        columns = (proposals.c.kind, proposals.c.state, sa.func.count().label("n"))
        statement = self._uow.select(proposals, *columns).group_by(proposals.c.kind, proposals.c.state)
        return {(row["kind"], State(row["state"])): row["n"] for row in self._uow.rows(statement)}

    def agreement(self, kind: str, window: int) -> Agreement:
        """Agreement over the last `window` decisions by people, and undo over the last `window` applied ones."""
        table = proposals
        by_people = (
            self._uow.select(table, table.c.verdict)
            .where(table.c.kind == kind, table.c.verdict != "", table.c.decided_by.like("person:%"))
            .order_by(table.c.decided_at.desc())
            .limit(window)
        )
        verdicts = [row["verdict"] for row in self._uow.rows(by_people)]
        recent = (
            self._uow.select(table, table.c.state)
            .where(table.c.kind == kind, table.c.applied_at.is_not(None))
            .order_by(table.c.applied_at.desc())
            .limit(window)
        )
        states = [row["state"] for row in self._uow.rows(recent)]
        agreed = verdicts.count("approved")
        return Agreement(
            kind=kind,
            decided=len(verdicts),
            agreed=agreed,
            edited=verdicts.count("edited"),
            rejected=verdicts.count("rejected"),
            applied=len(states),
            undone=states.count(State.UNDONE),
            lower=wilson_lower(agreed, len(verdicts)),
        )

    def settings(self, kind: str) -> KindSettings:
        """The merchant's settings of a kind, or the defaults."""
        row = self._uow.row(self._uow.select(kind_settings).where(kind_settings.c.kind == kind))
        if row is None:
            return KindSettings(kind)
        return KindSettings(**{name: value for name, value in row.items() if name != "merchant_id"})

    def save_settings(self, settings: KindSettings) -> None:
        """Keep a kind's settings."""
        self._uow.upsert(kind_settings, [asdict(settings)], key=["kind"])

    def _matching(self, statement: sa.Select[Any], wanted: Filter) -> sa.Select[Any]:
        table = proposals
        if wanted.states:
            statement = statement.where(table.c.state.in_([str(state) for state in wanted.states]))
        if wanted.kinds:
            statement = statement.where(table.c.kind.in_(wanted.kinds))
        if wanted.subject:
            statement = statement.where(table.c.subject == wanted.subject)
        if wanted.text:
            pattern = f"%{wanted.text}%"
            statement = statement.where(sa.or_(table.c.title.ilike(pattern), table.c.subject.ilike(pattern)))
        return statement
