"""Put the console onto the server: pages, the few plain routes, middleware, files."""

from typing import Any, cast

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from nicegui import app as console
from nicegui import ui
from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp

from zhanggui.app import App
from zhanggui.web import (
    audiences,
    audit,
    automations,
    campaigns,
    catalogue,
    chat_report,
    complaints,
    connect,
    conversations,
    customers,
    exceptions,
    forecast,
    handover,
    importing,
    inbox,
    jobs,
    knowledge,
    knowledge_article,
    knowledge_gaps,
    login,
    models,
    mood,
    office_hours,
    orders,
    orders_one,
    policy,
    product,
    recommendations,
    settings,
    staffing,
    stock,
    today,
    tour,
    webhooks,
)
from zhanggui.web.frame import FAVICON, STATIC, WIDGET
from zhanggui.web.guard import Guard

_PAGES = (
    today,
    inbox,
    conversations,
    chat_report,
    handover,
    office_hours,
    knowledge,
    knowledge_article,
    knowledge_gaps,
    catalogue,
    importing,
    product,
    jobs,
    models,
    audit,
    settings,
    connect,
    orders,
    orders_one,
    exceptions,
    automations,
    policy,
    complaints,
    mood,
    forecast,
    staffing,
    stock,
    customers,
    audiences,
    campaigns,
    recommendations,
    tour,
    webhooks,
)


def add_console(server: FastAPI, app: App) -> None:
    """Mount the console at / of the server. One console a process: a later call takes the place of the one before."""
    console.middleware_stack = None
    console.user_middleware.clear()
    console.add_static_files("/_console", STATIC)
    console.add_static_files("/widget", WIDGET)
    login.add_routes(app)
    for page in _PAGES:
        page.add_page(app)
    cast(Any, ui).run_with(
        server,
        title="掌柜 Zhanggui",
        favicon=FAVICON,
        binding_refresh_interval=None,
        reconnect_timeout=15.0,
        message_history_length=50,
        gzip_middleware_factory=_gzip,
        tailwind=False,
        show_welcome_message=False,
    )
    hours = app.settings.session_hours
    console.add_middleware(
        SessionMiddleware,
        secret_key=app.settings.signing_key(),
        session_cookie="zhanggui",
        max_age=hours * 3600,
        same_site="lax",
    )
    console.add_middleware(Guard, max_body=(app.settings.max_upload_mb + 1) << 20)


def _gzip(inner: ASGIApp) -> GZipMiddleware:
    return GZipMiddleware(inner, minimum_size=1000, compresslevel=4)
