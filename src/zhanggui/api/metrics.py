"""Figures for Prometheus: requests of this process, and the caller's merchant's work. Text format 0.0.4."""

import time
from collections import Counter
from collections.abc import Iterable
from threading import Lock
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from zhanggui import __version__
from zhanggui.api.common import Caller
from zhanggui.desk import Inbox
from zhanggui.kernel.jobs import Jobs
from zhanggui.kernel.webhooks import Webhooks

router = APIRouter(tags=["health"])
_BOUNDS = (0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 10.0)
_MEDIA = "text/plain; version=0.0.4; charset=utf-8"
Labels = tuple[tuple[str, str], ...]
Sample = tuple[Labels, float]


class Measures:
    """Counts of requests by method, route and status, and how long they took (seconds)."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._buckets: Counter[float] = Counter()
        self._seconds = 0.0
        self.began = time.time()

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        bound = next((one for one in _BOUNDS if seconds <= one), float("inf"))
        with self._lock:
            self._requests[method, route, str(status)] += 1
            self._buckets[bound] += 1
            self._seconds += seconds

    def lines(self) -> Iterable[str]:
        """What was counted."""
        with self._lock:
            requests, buckets, seconds = Counter(self._requests), Counter(self._buckets), self._seconds
        samples = [
            ((("method", method), ("route", route), ("status", status)), float(number))
            for (method, route, status), number in sorted(requests.items())
        ]
        yield from family("zhanggui_http_requests_total", "counter", "Requests answered.", samples)
        name, so_far = "zhanggui_http_request_seconds", 0
        yield from (f"# HELP {name} How long requests took.", f"# TYPE {name} histogram")
        for bound in (*_BOUNDS, float("inf")):
            so_far += buckets[bound]
            yield f'{name}_bucket{{le="{"+Inf" if bound == float("inf") else bound}"}} {so_far}'
        yield from (f"{name}_sum {seconds:.6f}", f"{name}_count {so_far}")


class Measuring:
    """ASGI middleware that counts routes by their pattern (without `/api/v1`): ids in addresses make no new series."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self._app, self._measures = app, measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began = 500, time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = str(getattr(scope.get("route"), "path", "other"))
            self._measures.note(str(scope["method"]), route, status, time.perf_counter() - began)


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(request: Request, call: Caller) -> PlainTextResponse:
    """Figures for Prometheus, with an `admin` token: this process's requests, this merchant's proposals and jobs."""
    measures: Any = request.app.state.measures
    with call.read("admin") as uow:
        proposals = Inbox.counts(uow)
        jobs = Jobs.counts(uow)
        _, messages = Webhooks.messages(uow, limit=1)
    merchant = ("merchant", call.caller.merchant_id)
    told = [
        *family("zhanggui_info", "gauge", "The version that runs.", [((("version", __version__),), 1.0)]),
        *family("zhanggui_start_time_seconds", "gauge", "When the process began.", [((), measures.began)]),
        *measures.lines(),
        *family(
            "zhanggui_proposals", "gauge", "Proposals by kind and state.",
            [((merchant, ("kind", kind), ("state", str(state))), float(n)) for (kind, state), n in proposals.items()],
        ),
        *family(
            "zhanggui_jobs", "gauge", "Jobs by state.",
            [((merchant, ("state", state)), float(number)) for state, number in sorted(jobs.items())],
        ),
        *family(
            "zhanggui_webhook_messages", "gauge", "Webhooks out by state.",
            [((merchant, ("state", state)), float(number)) for state, number in sorted(messages.items())],
        ),
    ]  # fmt: skip
    return PlainTextResponse("\n".join(told) + "\n", media_type=_MEDIA)


def family(name: str, kind: str, about: str, samples: Iterable[Sample]) -> Iterable[str]:
    """One metric in the text format."""
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
        yield f"{name}{{{inside}}} {value:g}" if inside else f"{name} {value:.3f}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
