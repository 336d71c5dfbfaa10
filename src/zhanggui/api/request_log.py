"""One line a request: who asked which route, what came of it. Ids of requests go in and out as `x-request-id`."""

import logging
import re
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zhanggui.kernel.types import JsonObject, new_id

_LOG = logging.getLogger(__name__)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class RequestLog:
    """ASGI middleware: gives each request an id (the caller's own, where it is one) and logs it when it is answered.

    Told are the route's pattern, never the address, which holds ids and questions; and no header and no body.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, with the id in the head."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("x-request-id", "")
        request_id = asked if _ID.fullmatch(asked) and not asked.isdigit() else new_id("req")
        status, began = 500, time.perf_counter()

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, named)
        finally:
            _tell(scope, request_id, status, time.perf_counter() - began)


def _tell(scope: Scope, request_id: str, status: int, seconds: float) -> None:
    route = str(getattr(scope.get("route"), "path", "other"))
    merchant = str(scope.get("state", {}).get("merchant_id", "") or scope.get("path_params", {}).get("merchant_id", ""))
    fields: JsonObject = {
        "request_id": request_id,
        "merchant": merchant,
        "method": str(scope["method"]),
        "route": route,
        "status": status,
        "duration_ms": round(seconds * 1000, 1),
    }
    level = logging.ERROR if status >= 500 else logging.INFO
    text = f"{scope['method']} {route} {status} in {seconds * 1000:.1f} ms"
    _LOG.log(level, "%s", text, extra={"request_fields": fields})
