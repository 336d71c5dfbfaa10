"""Stands before the console: no other site may post or open a socket here, no upload grows without bound, and the
browser is told to load nothing from elsewhere."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The framework compiles its components in the page, which needs eval and inline scripts; everything else is closed.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
_READING = ("GET", "HEAD", "OPTIONS")


class _TooLarge(Exception):
    """The body is larger than allowed; stays inside this file."""


class Guard:
    """ASGI middleware of the console."""

    def __init__(self, app: ASGIApp, max_body: int) -> None:
        """`max_body`: bytes that a request may carry."""
        self._app, self._max_body = app, max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or one socket."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if "origin" in headers and not _same_origin(headers):
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if scope["method"] not in _READING and not _came_from_here(headers):
            await PlainTextResponse("This request came from another site.", 403)(scope, receive, send)
            return
        announced = headers.get("content-length", "0")
        if announced.isdigit() and int(announced) > self._max_body:
            await PlainTextResponse("The file is larger than this installation allows.", 413)(scope, receive, send)
            return
        await self._app(scope, self._counted(receive), _with_headers(send, _HEADERS.items()))

    def _counted(self, receive: Receive) -> Receive:
        seen = 0

        async def count() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._max_body:
                raise _TooLarge(f"more than {self._max_body} bytes")
            return message

        return count


def _with_headers(send: Send, added: Iterable[tuple[str, str]]) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in added:
                headers.setdefault(name, value)
        await send(message)

    return sending


def _same_origin(headers: Headers) -> bool:
    return urlsplit(headers.get("origin", "")).netloc == headers.get("host", "")


def _came_from_here(headers: Headers) -> bool:
    # Every browser of the last years sends Origin with a POST; Sec-Fetch-Site tells where one hides it.
    if "origin" in headers:
        return _same_origin(headers)
    return headers.get("sec-fetch-site") in ("same-origin", "none")
