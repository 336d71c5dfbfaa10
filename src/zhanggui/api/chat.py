"""Chat: what a shopper's browser calls with a visitor's token, what a chat platform calls with a signature, what
colleagues call with an API token.

The visitor's routes may be called from any site: they take no cookies, and the token is the only credential.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask

from zhanggui.api.bodies import FreeObject
from zhanggui.api.common import Caller, Cursor, Limit, the_app
from zhanggui.app import App
from zhanggui.kernel.errors import BadInput, NotSignedIn, ZhangguiError
from zhanggui.kernel.storage import Actor
from zhanggui.kernel.types import Locale, plain_json
from zhanggui.support import Handover, Inbound, Message, Received, hours_json, schedule_chat, tell_platform, visible


class _AnySite(APIRoute):
    """Errors too may be read by the page that carries the widget."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with problems answered here."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except ZhangguiError as problem:
                return _problem(problem.status, problem.code, problem.message)

        return handled


router = APIRouter(tags=["chat"])
visitors = APIRouter(tags=["chat"], route_class=_AnySite)
_VISITOR = Actor("agent", "visitor")
_ANY_SITE = {
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "authorization, content-type, last-event-id",
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-max-age": "600",
    "cache-control": "no-store",
}
_MOST_BYTES = 64 << 10
_LOOK_SECONDS, _BEAT_SECONDS, _LIFE_SECONDS = 0.4, 15.0, 240.0
Merchant = Annotated[str, Path(min_length=1, max_length=64, description="Whose shop it is.")]
HandoverId = Annotated[str, Path(min_length=1, max_length=40, description="Id of the hand-over.")]
ConversationId = Annotated[str, Path(min_length=1, max_length=40, description="Id of the conversation.")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SaidBody(_Body):
    """A customer's message. `key` is the browser's own id of it: the same sent again is kept once."""

    text: str = Field(max_length=100_000)
    key: str = Field(min_length=1, max_length=80)
    locale: Locale = "zh-CN"


class ReplyBody(_Body):
    """A colleague's reply or note; the same key twice is one."""

    text: str = Field(min_length=1, max_length=4_000)
    key: str = Field(min_length=1, max_length=80)


class ChannelBody(_Body):
    """A chat platform: where it hears what we say, and the secret that both sides sign with."""

    url: str = Field("", max_length=500)
    secret: str = Field(min_length=16, max_length=200)


class _Visit:
    """Who talks: the merchant in the address, the visitor in the token."""

    def __init__(
        self,
        app: Annotated[App, Depends(the_app)],
        merchant_id: Merchant,
        authorization: Annotated[str, Header(max_length=300)] = "",
    ) -> None:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "visitor":
            raise NotSignedIn("send the visitor's token: `Authorization: Visitor zv_…`")
        self.app, self.merchant_id = app, merchant_id
        self.visitor_id = app.chat.visitor(merchant_id, token)


Visit = Annotated[_Visit, Depends()]


@visitors.options("/chat/{merchant_id}/{rest:path}", include_in_schema=False)
def allow_sites(merchant_id: Merchant, rest: str) -> Response:
    """Any site may carry the widget."""
    return Response(status_code=204, headers=_ANY_SITE)


@visitors.post("/chat/{merchant_id}/sessions")
def begin_session(request: Request, app: Annotated[App, Depends(the_app)], merchant_id: Merchant) -> Response:
    """A token for a visitor who was never here; the browser keeps it."""
    app.merchants.get(merchant_id)
    address = request.client.host if request.client else "unknown"
    with app.database.begin(merchant_id, _VISITOR) as uow:
        token, wait = app.chat.new_visitor(uow, address)
        schedule_chat(app.jobs, uow)
    if wait:
        return _too_many(wait)
    return _json({"token": token})


@visitors.post("/chat/{merchant_id}/messages")
async def say(request: Request, visit: Visit) -> Response:
    """Say something. The answer comes as an event (or by reading messages); a message sent again is kept once."""
    body = await _read(request)
    received = await run_in_threadpool(_receive, visit, body)
    if received.outcome == "too-many":
        return _too_many(received.retry_seconds)
    if received.outcome == "unreadable":
        raise BadInput(field="text", expected="readable text of 1 to 4000 characters", found=received.reason)
    answer = BackgroundTask(visit.app.chat.agent.reply, visit.merchant_id, received.conversation_id)
    return _json({"conversation": received.conversation_id, "number": received.number}, answer)


@visitors.get("/chat/{merchant_id}/messages")
def read_messages(visit: Visit, after: Annotated[int, Query(ge=0)] = 0) -> Response:
    """The visitor's own conversation after a message's number."""
    return _json(_news(visit, after))


@visitors.get("/chat/{merchant_id}/events")
async def events(
    request: Request,
    visit: Visit,
    after: Annotated[int, Query(ge=0)] = 0,
    last_event_id: Annotated[str, Header(max_length=20)] = "",
) -> Response:
    """Server-sent events: `message` for each message (its id is its number), `state` when a person comes or goes.

    The stream ends after four minutes; whoever listens connects again with the last id and misses nothing.
    """
    first = int(last_event_id) if last_event_id.isascii() and last_event_id.isdigit() else after
    headers = {**_ANY_SITE, "x-accel-buffering": "no"}
    return StreamingResponse(_stream(request, visit, first), media_type="text/event-stream", headers=headers)


@visitors.post("/chat/{merchant_id}/webhook")
async def platform_says(request: Request, app: Annotated[App, Depends(the_app)], merchant_id: Merchant) -> Response:
    """A message from a connected chat platform (Standard Webhooks); what we say goes to its own address."""
    body = await _limited(request)
    headers = {name.lower(): value for name, value in request.headers.items()}

    def work() -> Received:
        with app.database.begin(merchant_id, _VISITOR) as uow:
            return app.chat.channel.receive(merchant_id, uow, headers, body)

    received = await run_in_threadpool(work)
    if received.outcome == "too-many":
        return _too_many(received.retry_seconds)
    if received.outcome == "unreadable":
        raise BadInput(field="data.text", expected="readable text of 1 to 4000 characters", found=received.reason)
    answer = BackgroundTask(_answer_platform, app, merchant_id, received.conversation_id)
    return _json({"conversation": received.conversation_id, "outcome": received.outcome}, answer)


# -- colleagues -------------------------------------------------------------------------------------------------------


@router.get("/conversations")
def list_conversations(
    call: Caller,
    state: Annotated[Literal["", "bot", "asked", "waiting", "taken", "returned", "closed"], Query()] = "",
    text: Annotated[str, Query(max_length=200)] = "",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """A page of conversations, last active first."""
    with call.read() as uow:
        return plain_json(call.app.chat.conversations.page(uow, state=state, text=text, limit=limit, cursor=cursor))


@router.get("/conversations/{conversation_id}")
def get_conversation(call: Caller, conversation_id: ConversationId) -> dict[str, Any]:
    """A conversation whole, with notes and hand-overs."""
    with call.read() as uow:
        return plain_json(call.app.chat.conversations.view(uow, conversation_id))


@router.get("/conversation-report")
def conversation_report(call: Caller, first: datetime, last: datetime) -> dict[str, Any]:
    """How conversations ended, honestly, by topic."""
    for name, at in (("first", first), ("last", last)):
        if at.tzinfo is None:
            raise BadInput(field=name, expected="a time with its zone", found=at.isoformat())
    with call.read() as uow:
        return {"topics": plain_json(call.app.chat.conversations.report(uow, first, last))}


@router.get("/handovers")
def list_handovers(call: Caller) -> dict[str, Any]:
    """Every open hand-over: urgent ones first, then the oldest promise."""
    with call.read() as uow:
        return {"items": plain_json(call.app.chat.handovers.inbox(uow))}


@router.post("/handovers/{handover_id}/{act}")
def move_handover(
    call: Caller, handover_id: HandoverId, act: Literal["take", "release", "return", "close"]
) -> dict[str, Any]:
    """Take, put back, give back to the bot, or close. The same twice changes nothing."""
    desk, name = call.app.chat.handovers, call.caller.actor.name
    with call.write("decide") as uow:
        acts = {"take": desk.take, "release": desk.release, "return": desk.give_back, "close": desk.close}
        one: Handover = acts[act](uow, handover_id, name)
        return plain_json(one)


@router.post("/handovers/{handover_id}/messages/new")
def reply_as_person(call: Caller, handover_id: HandoverId, body: ReplyBody) -> dict[str, Any]:
    """Say something to the customer."""
    with call.write("decide") as uow:
        made = call.app.chat.handovers.reply(uow, handover_id, call.caller.actor.name, body.text, body.key)
        tell_platform(call.app.jobs, uow)
    return {"new": made is not None}


@router.put("/chat-channel")
def connect_platform(call: Caller, body: ChannelBody) -> dict[str, Any]:
    """Connect a chat platform by webhooks."""
    with call.write("admin") as uow:
        return asdict(call.app.chat.channel.connect(uow, body.url, body.secret))


@router.put("/office-hours")
def set_office_hours(call: Caller, hours: FreeObject) -> dict[str, Any]:
    """When people are on duty."""
    with call.write("admin") as uow:
        return hours_json(call.app.chat.handovers.set_hours(uow, hours))


# -- inside -----------------------------------------------------------------------------------------------------------


def _receive(visit: _Visit, body: bytes) -> Received:
    said = SaidBody.model_validate_json(body)
    inbound = Inbound(visit.visitor_id, said.text, said.key, locale=said.locale)
    with visit.app.database.begin(visit.merchant_id, _VISITOR) as uow:
        return visit.app.chat.receive(uow, inbound)


def _answer_platform(app: App, merchant_id: str, conversation_id: str) -> None:
    app.chat.agent.reply(merchant_id, conversation_id)
    with app.database.begin(merchant_id, _VISITOR) as uow:
        tell_platform(app.jobs, uow)


def _news(visit: _Visit, after: int) -> dict[str, Any]:
    with visit.app.database.begin(visit.merchant_id, _VISITOR, read_only=True) as uow:
        conversation, messages = visit.app.chat.conversations.shown_after(uow, visit.visitor_id, after)
    if conversation is None:
        return {"conversation": "", "state": "bot", "messages": []}
    state = str(conversation.hand_state) if conversation.hand_state in ("asked", "waiting", "taken") else "bot"
    return {
        "conversation": conversation.id,
        "state": state,
        "messages": [_shown(message) for message in visible(messages)],
    }


def _shown(message: Message) -> dict[str, Any]:
    return {
        "number": message.number, "sender": message.sender, "text": message.text, "at": message.at.isoformat(),
        "author": message.author if message.sender == "staff" else "",
    }  # fmt: skip


async def _stream(request: Request, visit: _Visit, number: int) -> AsyncGenerator[bytes]:
    """Look for news until the browser is gone or the stream has lived long enough."""
    state, conversation, quiet, alive = "", "", 0.0, 0.0
    yield b"retry: 1500\n\n"
    stopping = request.app.state.stopping
    while alive < _LIFE_SECONDS and not stopping.is_set() and not await request.is_disconnected():
        news = await run_in_threadpool(_news, visit, number)
        if news["conversation"] != conversation:
            if conversation:
                number = 0  # another conversation began: its numbers count from 1
                conversation = news["conversation"]
                continue
            conversation = news["conversation"]
        for message in news["messages"]:
            number, quiet = message["number"], 0.0
            yield _event("message", message, number)
        if news["state"] != state:
            state, quiet = news["state"], 0.0
            yield _event("state", {"state": state})
        if quiet >= _BEAT_SECONDS:
            quiet = 0.0
            yield b": still here\n\n"
        await asyncio.sleep(_LOOK_SECONDS)
        quiet, alive = quiet + _LOOK_SECONDS, alive + _LOOK_SECONDS


def _event(name: str, data: object, number: int | None = None) -> bytes:
    head = f"id: {number}\n" if number is not None else ""
    return f"{head}event: {name}\n".encode() + b"data: " + orjson.dumps(data) + b"\n\n"


async def _read(request: Request) -> bytes:
    body = await _limited(request)
    try:
        SaidBody.model_validate_json(body)
    except ValueError as wrong:
        raise BadInput(field="body", expected='{"text", "key", "locale"?}', found=str(wrong)[:200]) from wrong
    return body


async def _limited(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES * 8:
            raise BadInput(field="body", expected=f"at most {_MOST_BYTES * 8 >> 10} KiB", found="more")
    return bytes(body)


def _too_many(seconds: int) -> Response:
    answer = _problem(429, "too-many", f"too many messages: come back in {seconds} seconds")
    answer.headers["retry-after"] = str(seconds)
    return answer


def _problem(status: int, code: str, detail: str) -> Response:
    problem = {"type": f"urn:zhanggui:{code}", "title": code.replace("-", " "), "status": status, "detail": detail}
    return Response(orjson.dumps(problem), status, _ANY_SITE, media_type="application/problem+json")


def _json(value: object, after: BackgroundTask | None = None) -> Response:
    return Response(orjson.dumps(value), headers=_ANY_SITE, media_type="application/json", background=after)


router.include_router(visitors)
