"""Complaints and mood: hear texts, list and settle complaints, see how customers feel."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from zhanggui.api.common import Caller, Limit
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import plain_json
from zhanggui.support import ComplaintStore, Feedback, mood_trends, propose_review_reply, weekly_digest

router = APIRouter(tags=["complaints"])
ComplaintId = Annotated[str, Path(min_length=1, max_length=40, description="Id of the complaint.")]


class FeedbackBody(BaseModel):
    """One message, review or ticket as it came; `id` is unique within its source."""

    model_config = ConfigDict(extra="forbid")
    source: Literal["message", "review", "ticket"]
    id: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=100_000)
    at: datetime | None = None
    customer_id: str = Field("", max_length=200)
    order_id: str = Field("", max_length=330)
    product_id: str = Field("", max_length=200)
    carrier: str = Field("", max_length=80)
    rating: int | None = Field(None, ge=1, le=5)
    reply: bool = Field(False, description="Also draft a public reply to this review, as a proposal.")


class Settling(BaseModel):
    """What becomes of a complaint, and what was done."""

    model_config = ConfigDict(extra="forbid")
    do: Literal["take", "resolve", "dismiss", "reopen"]
    note: str = Field("", max_length=4_000)


class Wanted(BaseModel):
    """Which complaints."""

    state: Literal["", "open", "taken", "resolved", "dismissed"] = Field("", description="Only in this state.")
    kind: str = Field("", max_length=12, description="safety, fraud, logistics, product, service or price.")
    owner: str = Field("", max_length=40, description="Role that settles them.")
    limit: int = Field(50, ge=1, le=200, description="How many at most.")
    offset: int = Field(0, ge=0, le=1_000_000, description="How many to pass over.")


@router.post("/feedback")
def hear(call: Caller, body: FeedbackBody) -> dict[str, Any]:
    """Keep how a text feels and the complaint that it makes; the same text again changes nothing."""
    if body.at is not None and body.at.tzinfo is None:
        raise BadInput(field="at", expected="a time with its zone", found=body.at.isoformat())
    if body.reply and body.source != "review":
        raise BadInput(field="reply", expected="a review", found=body.source)
    with call.write("propose") as uow:
        fields = body.model_dump(exclude={"reply", "at"})
        feedback = Feedback(**fields, at=body.at or uow.clock.now())
        mood, complaint = call.app.complaints.hear_mood(uow, feedback)
        proposal = propose_review_reply(uow, call.app.desk, feedback, mood.positive) if body.reply else None
    return {
        "positive": mood.positive,
        "label": mood.label,
        "words": plain_json(mood.words),
        "complaint": plain_json(complaint),
        "proposal_id": proposal.id if proposal is not None else None,
    }


@router.get("/complaints")
def list_complaints(call: Caller, wanted: Annotated[Wanted, Query()]) -> dict[str, Any]:
    """Complaints, those due first at the head."""
    states = (wanted.state,) if wanted.state else ()
    with call.read() as uow:
        store = ComplaintStore(uow)
        found = store.list(
            states=states, kind=wanted.kind, owner=wanted.owner, limit=wanted.limit, offset=wanted.offset
        )
        return {"items": plain_json(found), "counts": store.by_state()}


@router.get("/complaints/{complaint_id}")
def get_complaint(call: Caller, complaint_id: ComplaintId) -> dict[str, Any]:
    """One complaint with its evidence, remedies and draft apology."""
    with call.read() as uow:
        return plain_json(ComplaintStore(uow).get(complaint_id))


@router.post("/complaints/{complaint_id}")
def settle_complaint(call: Caller, complaint_id: ComplaintId, body: Settling) -> dict[str, Any]:
    """Take a complaint, settle it with a note, or take it up again."""
    desk = call.app.complaints

    def act(uow: UnitOfWork) -> object:
        if body.do == "take":
            return plain_json(desk.take(uow, complaint_id))
        if body.do == "reopen":
            return plain_json(desk.reopen(uow, complaint_id, body.note))
        return plain_json(desk.settle(uow, complaint_id, body.note, dismissed=body.do == "dismiss"))

    return call.once("decide", {"complaint": complaint_id, **body.model_dump()}, act)


@router.get("/mood")
def mood(
    call: Caller,
    by: Annotated[Literal["product", "carrier", "topic"], Query(description="Whose mood.")] = "product",
    days: Annotated[int, Query(ge=1, le=90, description="Length of now; before is four times as long.")] = 7,
    limit: Limit = 50,
) -> dict[str, Any]:
    """How customers feel about each product, carrier or topic, the worst change first."""
    with call.read() as uow:
        found = mood_trends(uow, by, window=days)[:limit]
    return {"items": [{**plain_json(one), "worse": one.worse} for one in found]}


@router.get("/mood/digest")
def digest(
    call: Caller, end: Annotated[date | None, Query(description="Last day of the week; today without.")] = None
) -> dict[str, Any]:
    """A week in figures and customers' own words, personal data masked."""
    with call.read() as uow:
        return plain_json(weekly_digest(uow, end=end))
