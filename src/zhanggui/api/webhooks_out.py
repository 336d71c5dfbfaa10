"""Webhooks out: register addresses, see what was told to them, tell it again."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from zhanggui.api.common import Caller, Cursor, Limit
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import plain_json
from zhanggui.kernel.webhooks import EVENTS, WEBHOOKS_JOB, schedule_webhooks

router = APIRouter(tags=["webhooks"])
EndpointId = Annotated[str, Path(min_length=1, max_length=40, description="Id of the endpoint.")]
MessageId = Annotated[str, Path(min_length=1, max_length=40, description="Id of the message (`webhook-id`).")]
_State = Literal["", "waiting", "retrying", "done", "failed"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EndpointBody(_Body):
    """Where to tell which events."""

    url: str = Field(min_length=1, max_length=1_000, description="An https address on the public internet.")
    events: list[str] = Field(min_length=1, max_length=100, description="See `GET /webhook-events`.")


class EndpointSwitch(_Body):
    """Whether it is told."""

    enabled: bool


@router.get("/webhook-events")
def list_webhook_events(call: Caller) -> dict[str, Any]:
    """Every event that can be told."""
    call.caller.require("read")
    return {"items": [*EVENTS]}


@router.get("/webhook-endpoints")
def list_webhook_endpoints(call: Caller) -> dict[str, Any]:
    """Every registered address; no secrets."""
    with call.read("admin") as uow:
        return {"items": plain_json(call.app.webhooks.endpoints(uow))}


@router.post("/webhook-endpoints", status_code=201)
def register_webhook_endpoint(call: Caller, body: EndpointBody) -> dict[str, Any]:
    """Register an address; the answer holds the secret to verify with, this once."""
    with call.write("admin") as uow:
        made = call.app.webhooks.register(uow, body.url, body.events)
        schedule_webhooks(call.app.jobs, uow)
        return plain_json(made)


@router.put("/webhook-endpoints/{endpoint_id}")
def switch_webhook_endpoint(call: Caller, endpoint_id: EndpointId, body: EndpointSwitch) -> dict[str, Any]:
    """Switch an address on or off; what happens while it is off is not told later."""
    with call.write("admin") as uow:
        return plain_json(call.app.webhooks.enable(uow, endpoint_id, body.enabled))


@router.delete("/webhook-endpoints/{endpoint_id}", status_code=204)
def remove_webhook_endpoint(call: Caller, endpoint_id: EndpointId) -> None:
    """Forget an address, its secret and what was to be told to it."""
    with call.write("admin") as uow:
        call.app.webhooks.remove(uow, endpoint_id)


@router.post("/webhook-endpoints/{endpoint_id}/test", status_code=202)
def try_webhook_endpoint(call: Caller, endpoint_id: EndpointId) -> dict[str, Any]:
    """Tell this address a `webhook.test` now."""

    def act(uow: UnitOfWork) -> object:
        message = call.app.webhooks.test(uow, endpoint_id)
        return {"message": message.id, "job": call.app.jobs.start(uow, WEBHOOKS_JOB, {})}

    return call.once("admin", {"test": endpoint_id}, act)


@router.post("/webhook-endpoints/{endpoint_id}/secret")
def rotate_webhook_secret(call: Caller, endpoint_id: EndpointId) -> dict[str, Any]:
    """Give an address a new secret; what is sent from now on is signed with it alone. The answer shows it this once."""
    with call.write("admin") as uow:
        return plain_json(call.app.webhooks.rotate(uow, endpoint_id))


@router.get("/webhook-messages")
def list_webhook_messages(
    call: Caller,
    state: Annotated[_State, Query(description="Only in this state; `retrying`: waits because it failed.")] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """What was told, waits or could not be told, the newest first, and how many are in which state."""
    with call.read("admin") as uow:
        page, counts = call.app.webhooks.messages(uow, state=state, cursor=cursor, limit=limit)
    return {**plain_json(page), "counts": counts}


@router.post("/webhook-messages/{message_id}/replay", status_code=202)
def replay_webhook_message(call: Caller, message_id: MessageId) -> dict[str, Any]:
    """Tell it again now under the same id, whatever became of it."""

    def act(uow: UnitOfWork) -> object:
        message = call.app.webhooks.replay(uow, message_id)
        return {"message": message.id, "job": call.app.jobs.start(uow, WEBHOOKS_JOB, {})}

    return call.once("admin", {"replay": message_id}, act)
