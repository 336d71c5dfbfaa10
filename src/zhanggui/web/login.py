"""Plain pages without the framework: sign in, sign out, language and colours."""

import asyncio
from contextlib import suppress
from urllib.parse import quote

from fastapi import Form
from nicegui import app as console
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from zhanggui.app import App
from zhanggui.kernel.errors import NotSignedIn
from zhanggui.web import i18n, session
from zhanggui.web.frame import asset, wordmark
from zhanggui.web.markup import Markup, h

_NEXT = Form("/", max_length=2000)
# No script at all is needed here, so none is allowed.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def add_routes(app: App) -> None:
    """Serve the routes. The guard in front lets no other site post to them."""
    for path in ("/login", "/sign-in", "/sign-out", "/preferences"):
        console.remove_route(path)
    _add_sign_in(app)
    _add_sign_out(app)

    @console.post("/preferences", include_in_schema=False)
    async def preferences(  # pyright: ignore[reportUnusedFunction] - the decorator keeps it
        request: Request, locale: str = Form(""), dark: str | None = Form(None), next: str = _NEXT
    ) -> Response:
        cookie = session.cookie_of(request)
        if locale in ("zh-CN", "en"):
            cookie["locale"] = locale
        if dark is not None:
            cookie["dark"] = dark == "1"
        return RedirectResponse(_own(next), 303)


def _add_sign_in(app: App) -> None:
    @console.get("/login", include_in_schema=False)
    # The decorator registers it.
    async def login_page(request: Request, next: str = "/") -> Response:  # pyright: ignore[reportUnusedFunction]
        return _page(app, request, next)

    @console.post("/sign-in", include_in_schema=False)
    async def sign_in(  # pyright: ignore[reportUnusedFunction] - the decorator keeps it
        request: Request,
        login: str = Form("", max_length=200),
        password: str = Form("", max_length=1000),
        next: str = _NEXT,
    ) -> Response:
        try:
            fresh = await asyncio.to_thread(session.sign_in, app, login.strip(), password)
        except NotSignedIn:
            return _page(app, request, next, wrong=True)
        session.keep(session.cookie_of(request), fresh)
        return RedirectResponse(_own(next), 303)


def _add_sign_out(app: App) -> None:
    @console.post("/sign-out", include_in_schema=False)
    # The decorator registers it.
    async def sign_out(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        cookie = session.cookie_of(request)
        known = session.session_of(cookie)
        if known is not None:
            with suppress(NotSignedIn):  # it was over anyway
                await asyncio.to_thread(session.sign_out, app, known)
        session.keep(cookie, None)
        return RedirectResponse("/login", 303)


def _own(address: str) -> str:
    # Only a path of ours: `//host`, `/\host` and whole addresses lead away.
    if address.startswith("/") and address[1:2] not in ("/", "\\") and "\n" not in address and "\r" not in address:
        return address
    return "/"


def _page(app: App, request: Request, after: str, *, wrong: bool = False) -> HTMLResponse:
    cookie = session.cookie_of(request)
    locale, theme = session.language(app, cookie), "dark" if cookie.get("dark") else "light"
    content = h(
        "html",
        h(
            "head",
            h("meta", charset="utf-8"),
            h("meta", name="viewport", content="width=device-width, initial-scale=1"),
            h("title", i18n.text(locale, "login.title"), " · 掌柜"),
            h("link", rel="stylesheet", href=asset("console.css")),
            h("link", rel="icon", href="/_console/seal.svg"),
        ),
        h("body", _form(app, request, after, wrong=wrong), class_="zg-login"),
        lang=locale,
        data_theme=theme,
    )
    headers = {"content-security-policy": _POLICY, "cache-control": "no-store"}
    return HTMLResponse(f"<!doctype html>{content}", status_code=401 if wrong else 200, headers=headers)


def _form(app: App, request: Request, after: str, *, wrong: bool) -> Markup:
    locale = session.language(app, session.cookie_of(request))

    def t(key: str) -> str:
        return i18n.text(locale, key)

    other = "en" if locale == "zh-CN" else "zh-CN"
    here = f"/login?next={quote(_own(after))}"
    return h(
        "main",
        wordmark("/"),
        h("p", t("login.lead")),
        h("p", t("login.wrong"), class_="zg-alert", role="alert") if wrong else None,
        h(
            "form",
            h("input", type="hidden", name="next", value=_own(after)),
            _field("login", t("login.login"), "username", "text"),
            _field("password", t("login.password"), "current-password", "password"),
            h("button", t("login.sign_in"), class_="zg-button is-main"),
            method="post",
            action="/sign-in",
        ),
        h(
            "form",
            h("input", type="hidden", name="next", value=here),
            h("button", t("common.other_language"), name="locale", value=other, class_="zg-quiet"),
            method="post",
            action="/preferences",
        ),
        h("p", t("login.first"), class_="zg-hint"),
    )


def _field(name: str, label: str, complete: str, kind: str) -> Markup:
    return h(
        "label",
        h("span", label),
        h("input", name=name, type=kind, autocomplete=complete, required=True, autofocus=name == "login"),
    )
