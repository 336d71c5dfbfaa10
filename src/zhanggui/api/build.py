"""Put the API onto an ASGI application: routers, problem+json errors, health."""

import threading
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from zhanggui.api import (
    catalog,
    chat,
    columns,
    complaints,
    connections,
    desk,
    events,
    health,
    jobs,
    knowledge,
    marketing,
    metrics,
    models,
    orders,
    orders_desk,
    planning,
    recommendations,
    webhooks,
    webhooks_out,
)
from zhanggui.api.gathering import Gathering
from zhanggui.api.openapi import describe_api
from zhanggui.api.request_log import RequestLog
from zhanggui.app import App
from zhanggui.kernel.errors import ZhangguiError

API_PREFIX = "/api/v1"
# Routes are looked through one by one: what shops send all day comes first.
_ROUTERS = (
    orders.router, webhooks.router, catalog.router, chat.router, columns.router, complaints.router, connections.router,
    desk.router, events.router, jobs.router, knowledge.router, marketing.router, models.router, orders_desk.router,
    planning.router, recommendations.router, webhooks_out.router,
)  # fmt: skip


class Problem(JSONResponse):
    """An error as RFC 9457 problem details."""

    media_type = "application/problem+json"


def add_api(server: FastAPI, app: App) -> None:
    """Add every route of the API and the error handlers."""
    server.state.zhanggui = app
    server.state.gathering = Gathering()
    server.state.stopping = threading.Event()  # set when the process is told to stop: event streams end
    server.state.measures = metrics.Measures()
    server.add_middleware(metrics.Measuring, measures=server.state.measures)
    server.add_middleware(RequestLog)
    server.include_router(health.router)
    server.include_router(metrics.router)
    for router in _ROUTERS:
        server.include_router(router, prefix=API_PREFIX)
    describe_api(server, API_PREFIX)
    server.add_exception_handler(ZhangguiError, _ours)
    server.add_exception_handler(RequestValidationError, _invalid)
    server.add_exception_handler(HTTPException, _http)


def _problem(status: int, code: str, detail: str, **more: Any) -> Problem:
    return Problem(
        {"type": f"urn:zhanggui:{code}", "title": code.replace("-", " "), "status": status, "detail": detail, **more},
        status_code=status,
    )


async def _ours(_request: Request, error: Exception) -> Problem:
    assert isinstance(error, ZhangguiError)
    plain = {name: value for name, value in error.details.items() if isinstance(value, str | int | float | bool)}
    return _problem(error.status, error.code, error.message, **plain)


async def _invalid(_request: Request, error: Exception) -> Problem:
    assert isinstance(error, RequestValidationError)
    wrong = [
        {
            "field": ".".join(str(part) for part in one["loc"]),
            "expected": one["msg"],
            "found": repr(one.get("input"))[:200],
        }
        for one in error.errors()
    ]
    first = wrong[0]
    detail = f"{first['field']}: expected {first['expected']}, found {first['found']}"
    return _problem(422, "bad-input", detail, errors=wrong)


async def _http(_request: Request, error: Exception) -> Problem:
    assert isinstance(error, HTTPException)
    code = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "http-error")
    return _problem(error.status_code, code, str(error.detail))
