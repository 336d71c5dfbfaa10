"""What people do in the shop: told by the shop's own server, or by the page that they look at."""

from typing import Annotated, Any, cast

import orjson
from fastapi import APIRouter, Depends, Path, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from zhanggui.api.chat import Visit, visitors
from zhanggui.api.common import Caller, the_app
from zhanggui.api.webhooks import limited_body
from zhanggui.app import App
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import Actor
from zhanggui.kernel.types import plain_json
from zhanggui.marketing import MOST_EVENTS, EventsTaken, take_events, take_page_events
from zhanggui.orders import Incoming

router = APIRouter(tags=["marketing"])
_PAGE_EVENTS = 50
_MOST_BYTES = 1 << 20
Id = Annotated[str, Path(min_length=1, max_length=64)]


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
    events = _events(_object(await limited_body(request, _MOST_BYTES)))
    return await run_in_threadpool(_take_page, visit.app, visit.merchant_id, visit.visitor_id, events)


@visitors.post("/chat/{merchant_id}/beacon")
async def receive_beacon(request: Request, app: Annotated[App, Depends(the_app)], merchant_id: Id) -> dict[str, Any]:
    """The same with the visitor's token inside the body, as a page sends it that is being left (`sendBeacon`)."""
    content = _object(await limited_body(request, _MOST_BYTES))
    events, token = _events(content), content.get("token")

    def take() -> dict[str, Any]:
        visitor = app.chat.visitor(merchant_id, token if isinstance(token, str) else "")
        return _take_page(app, merchant_id, visitor, events)

    return await run_in_threadpool(take)


@router.post("/event-webhooks/{merchant_id}/{shop_id}")
async def receive_event_webhook(
    request: Request, app: Annotated[App, Depends(the_app)], merchant_id: Id, shop_id: Id
) -> dict[str, Any]:
    """Events from a shop's server by Standard Webhooks, signed with the secret of the shop's connection `standard`.

    The body is `{type, timestamp, data: {events: [...]}}`. The signature is the credential: there is no token.
    """
    body = await limited_body(request, _MOST_BYTES)
    headers = {name.lower(): value for name, value in request.headers.items()}

    def take() -> EventsTaken:
        app.receiver.verify(Incoming("standard", merchant_id, shop_id, headers, body))
        data = _object(body).get("data")
        events = _events(cast("dict[str, object]", data) if isinstance(data, dict) else {})
        with app.database.begin(merchant_id, Actor("system", "webhook standard")) as uow:
            return take_events(uow, events, app.marketing.goods, source="webhook")

    return _told(await run_in_threadpool(take))


def _take_page(app: App, merchant_id: str, visitor: str, events: list[object]) -> dict[str, Any]:
    if len(events) > _PAGE_EVENTS:
        raise BadInput(field="events", expected=f"at most {_PAGE_EVENTS}", found=str(len(events)))
    with app.database.begin(merchant_id, Actor("agent", "visitor")) as uow:
        return _told(take_page_events(uow, visitor, events, app.marketing.goods))


def _object(body: bytes) -> dict[str, object]:
    try:
        content: Any = orjson.loads(body)
    except orjson.JSONDecodeError as broken:
        raise BadInput(field="body", expected="JSON", found=str(broken)[:200]) from broken
    return cast("dict[str, object]", content) if isinstance(content, dict) else {}


def _events(held: dict[str, object]) -> list[object]:
    found = held.get("events")
    if not isinstance(found, list):
        raise BadInput(field="events", expected="a list of events", found=repr(found)[:100])
    return cast("list[object]", found)


def _told(taken: EventsTaken) -> dict[str, Any]:
    return plain_json(taken)
