"""Proposals: look, decide, undo; autonomy per kind; the audit trail."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from zhanggui.api.bodies import FreeObject
from zhanggui.api.common import Caller, Cursor, Limit
from zhanggui.desk import BULK_LIMIT, Autonomy, Filter, Inbox, State
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.types import plain_json

router = APIRouter(tags=["desk"])
ProposalId = Annotated[str, Path(min_length=1, max_length=40, description="Id of the proposal.")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Approval(_Body):
    """Approve as it is, or as edited."""

    edited: FreeObject | None = Field(None, description="The whole payload as it should be applied.")
    apply: bool = Field(True, description="Apply at once.")


class Rejection(_Body):
    """Say no."""

    reason: str = Field(min_length=1, max_length=2000)


class UndoRequest(_Body):
    """Take it back."""

    reason: str = Field("", max_length=2000)


class BulkDecision(_Body):
    """Decide several at once."""

    proposals: list[str] = Field(min_length=1, max_length=BULK_LIMIT)
    approve: bool
    reason: str = Field("", max_length=2000)


class AutonomyChoice(_Body):
    """How far a kind may go by itself."""

    autonomy: Autonomy
    min_confidence: float | None = Field(None, ge=0, le=1)
    expire_hours: int | None = Field(None, ge=1, le=24 * 365)


@router.get("/proposals")
def list_proposals(
    call: Caller,
    state: Annotated[list[State] | None, Query(description="Only these states.")] = None,
    kind: Annotated[list[str] | None, Query(description="Only these kinds.")] = None,
    text: Annotated[str, Query(max_length=200, description="Looked for in title and subject.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """A page of proposals, newest first."""
    with call.read() as uow:
        wanted = Filter(tuple(state or ()), tuple(kind or ()), "", text)
        return plain_json(Inbox.page(uow, wanted, limit=limit, after=cursor))


@router.get("/proposals/{proposal_id}")
def get_proposal(call: Caller, proposal_id: ProposalId) -> dict[str, Any]:
    """One proposal with its evidence, checks and history."""
    with call.read() as uow:
        return plain_json(Inbox.get(uow, proposal_id))


@router.post("/proposals/{proposal_id}/approve")
def approve(call: Caller, proposal_id: ProposalId, body: Approval) -> dict[str, Any]:
    """Approve (as edited, where an edited payload is sent) and apply."""

    def act(uow: Any) -> object:
        decided = call.app.desk.approve(uow, proposal_id, edited=body.edited)
        return call.app.desk.apply(uow, proposal_id) if body.apply else decided

    return call.once("decide", {"approve": proposal_id, **body.model_dump()}, act)


@router.post("/proposals/{proposal_id}/reject")
def reject(call: Caller, proposal_id: ProposalId, body: Rejection) -> dict[str, Any]:
    """Reject, with the reason."""
    return call.once(
        "decide",
        {"reject": proposal_id, **body.model_dump()},
        lambda uow: call.app.desk.reject(uow, proposal_id, reason=body.reason),
    )


@router.post("/proposals/{proposal_id}/undo")
def undo(call: Caller, proposal_id: ProposalId, body: UndoRequest) -> dict[str, Any]:
    """Take an applied proposal back."""
    return call.once(
        "decide",
        {"undo": proposal_id, **body.model_dump()},
        lambda uow: call.app.desk.undo(uow, proposal_id, reason=body.reason),
    )


@router.post("/proposals/decide")
def decide_many(call: Caller, body: BulkDecision) -> dict[str, Any]:
    """Approve and apply, or reject, several; `problems` maps an id to why it did not go through."""

    def act(uow: Any) -> object:
        problems = call.app.desk.decide_many(uow, body.proposals, approve=body.approve, reason=body.reason)
        return {"decided": len(set(body.proposals)) - len(problems), "problems": problems}

    return call.once("decide", body.model_dump(), act)


@router.get("/autonomy")
def list_autonomy(call: Caller) -> dict[str, Any]:
    """Every kind with its level, its agreement with people, and whether it may be raised to auto."""
    with call.write("read") as uow:  # may demote a kind that no longer deserves its level
        rows = [
            {"settings": plain_json(settings), "agreement": plain_json(agreement)}
            for settings, agreement in call.app.desk.autonomies.all(uow)
        ]
    return {"items": rows}


@router.put("/autonomy/{kind}")
def set_autonomy(call: Caller, kind: str, body: AutonomyChoice) -> dict[str, Any]:
    """Choose a kind's level; `auto` must have been earned."""
    return call.once(
        "admin",
        {"autonomy": kind, **body.model_dump()},
        lambda uow: call.app.desk.autonomies.set(
            uow,
            kind,
            autonomy=body.autonomy,
            min_confidence=body.min_confidence,
            expire_hours=body.expire_hours,
        ),
    )


@router.get("/audit")
def read_audit(
    call: Caller,
    subject: Annotated[str | None, Query(max_length=200, description="Only this subject.")] = None,
    limit: Limit = 50,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="`next_cursor` of the page before.")] = None,
) -> dict[str, Any]:
    """The audit trail, newest first."""
    with call.read() as uow:
        return plain_json(AuditLog(uow).read(subject=subject, limit=limit, before=before))
