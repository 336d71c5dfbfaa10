"""What people do in the shop: told by the shop's own server, or by the page that they look at."""

from typing import Any, cast

import orjson
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from zhanggui.api.chat import Visit, visitors
from zhanggui.api.common import Caller
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import Actor
from zhanggui.kernel.types import plain_json
from zhanggui.marketing import MOST_EVENTS, EventsTaken, take_events, take_page_events

router = APIRouter(tags=["marketing"])
_PAGE_EVENTS = 50
_MOST_BYTES = 1 << 20


class EventsBody(BaseModel):
    """A batch of events; each row as the guide on marketing says, so that bad rows are named and good ones kept."""

    model_config = ConfigDict(extra="forbid")
    events: list[dict[str, Any]] = Field(min_length=1, max_length=MOST_EVENTS)


@router.post("/events")
def receive_events(call: Caller, body: EventsBody) -> dict[str, Any]:
    """Take events in: the same id again changes nothing, the order does not matter, bad rows are named."""
    with call.write("propose") as uow:
        return _told(take_events(uow, body.events, call.app.marketing.goods, source="api"))


@visitors.post("/chat/{merchant_id}/happenings")
async def receive_page_events(request: Request, visit: Visit) -> dict[str, Any]:
    """What a visitor looked at, sent by the shop's page after they agreed; it counts for this browser only."""
    body = await request.body()
    if len(body) > _MOST_BYTES:
        raise BadInput(field="body", expected=f"at most {_MOST_BYTES >> 20} MiB", found=f"{len(body)} bytes")
    events = _events(body)
    if len(events) > _PAGE_EVENTS:
        raise BadInput(field="events", expected=f"at most {_PAGE_EVENTS}", found=str(len(events)))

    def take() -> EventsTaken:
        with visit.app.database.begin(visit.merchant_id, Actor("agent", "visitor")) as uow:
            return take_page_events(uow, visit.visitor_id, events, visit.app.marketing.goods)

    return _told(await run_in_threadpool(take))


def _events(body: bytes) -> list[object]:
    try:
        content: Any = orjson.loads(body)
    except orjson.JSONDecodeError as broken:
        raise BadInput(field="body", expected="JSON", found=str(broken)[:200]) from broken
    held = cast("dict[str, object]", content) if isinstance(content, dict) else {}
    found = held.get("events")
    if not isinstance(found, list):
        raise BadInput(field="events", expected="a list of events", found=repr(found)[:100])
    return cast("list[object]", found)


def _told(taken: EventsTaken) -> dict[str, Any]:
    return plain_json(taken)
