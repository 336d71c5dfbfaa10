"""Bulk jobs: how far they are, pause, resume, cancel, retry."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict

from zhanggui.api.common import Caller, Cursor, Limit
from zhanggui.kernel.jobs import Command, JobState
from zhanggui.kernel.types import plain_json

router = APIRouter(tags=["jobs"])
JobId = Annotated[str, Path(min_length=1, max_length=64, description="Id of the job.")]


class Steering(BaseModel):
    """What to do with a job."""

    model_config = ConfigDict(extra="forbid")
    command: Command


@router.get("/jobs")
def list_jobs(
    call: Caller,
    state: Annotated[JobState | None, Query(description="Only this state.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """A page of jobs, newest first."""
    with call.read() as uow:
        return plain_json(call.app.jobs.page(uow, state=state, cursor=cursor, limit=limit))


@router.get("/jobs/{job_id}")
def get_job(call: Caller, job_id: JobId) -> dict[str, Any]:
    """One job with its progress."""
    with call.read() as uow:
        return plain_json(call.app.jobs.get(uow, job_id))


@router.get("/jobs/{job_id}/items")
def list_items(
    call: Caller,
    job_id: JobId,
    state: Annotated[str | None, Query(pattern="pending|done|failed", description="Only this state.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """A page of a job's items, each with its result or the reason why it failed."""
    with call.read() as uow:
        call.app.jobs.get(uow, job_id)
        return plain_json(call.app.jobs.items(uow, job_id, state=state, cursor=cursor, limit=limit))


@router.post("/jobs/{job_id}/steer")
def steer(call: Caller, job_id: JobId, body: Steering) -> dict[str, Any]:
    """Pause, resume, cancel, or retry the failed items."""
    return call.once(
        "propose",
        {"job": job_id, "command": body.command},
        lambda uow: call.app.jobs.command(uow, job_id, body.command),
    )
