"""What every page stands in: who looks, header and navigation, regions that are redrawn, actions that are answered."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import quote

from nicegui import ui
from nicegui.events import GenericEventArguments
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from zhanggui.app import App
from zhanggui.kernel.access import Scope
from zhanggui.kernel.errors import BadInput, NotSignedIn, ZhangguiError
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.web import session
from zhanggui.web.markup import Child, Markup, h, join
from zhanggui.web.session import Visit

STATIC = Path(__file__).parent / "static"
WIDGET = Path(__file__).parent / "widget"
FAVICON = (STATIC / "seal.svg").read_text(encoding="utf-8")
Answer = TypeVar("Answer")
Values = dict[str, Any]
Handler = Callable[[Values], Awaitable[None]]
_log = logging.getLogger(__name__)
_AREAS = (
    ("today", "/"),
    ("inbox", "/inbox"),
    ("conversations", "/conversations"),
    ("handovers", "/handovers"),
    ("knowledge", "/knowledge"),
    ("complaints", "/complaints"),
    ("mood", "/mood"),
    ("orders", "/orders"),
    ("exceptions", "/exceptions"),
    ("automations", "/automations"),
    ("policy", "/policy"),
    ("catalogue", "/catalogue"),
    ("customers", "/customers"),
    ("audiences", "/audiences"),
    ("campaigns", "/campaigns"),
    ("recommendations", "/recommendations"),
    ("forecast", "/forecast"),
    ("stock", "/stock"),
    ("jobs", "/jobs"),
    ("models", "/models"),
    ("audit", "/audit"),
    ("connect", "/connect"),
    ("webhooks", "/webhooks"),
    ("settings", "/settings"),
)


def asset(name: str) -> str:
    """Address of one of our files; changes with its content, so that browsers may keep it."""
    return f"/_console/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]}"


class Region:
    """A part of the page that is redrawn as a whole."""

    def __init__(self, classes: str = "") -> None:
        # `sanitize=False`: what comes in is Markup, escaped where it was made.
        self._html = ui.html(sanitize=False).classes(f"zg-region {classes}")

    def show(self, *content: Child) -> None:
        """Draw it anew; plain text is escaped."""
        self._html.set_content(join(content))


@dataclass
class Frame:
    """One open page of one visitor."""

    visit: Visit
    request: Request
    toast: Region
    # One action after another: a key pressed while the one before still works acts on what that one leaves. Uploads and
    # timers take their turn as well, so that none draws over the answer to a later action.
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _handlers: dict[str, Handler] = field(default_factory=dict[str, Handler])
    _toasts: int = 0

    def on(self, act: str, handler: Handler) -> None:
        """Answer an action that elements with `data-act`, `data-change` or a form name."""
        self._handlers[act] = handler

    def every(self, seconds: float, look: Callable[[], Awaitable[None]]) -> None:
        """Look again and again while the page is open and somebody signed in, but not while an action is answered."""

        async def due() -> None:
            if self.turn.locked():
                return
            try:
                async with self.turn:
                    await look()
            except NotSignedIn:
                timer.deactivate()

        timer = ui.timer(seconds, due)

    def query(self, name: str, default: str = "") -> str:
        """A value of the address."""
        return self.request.query_params.get(name, default)[:400]

    async def read(self, work: Callable[[UnitOfWork], Answer]) -> Answer:
        """Do it in a read-only transaction, in a thread."""

        def act() -> Answer:
            with self.visit.read() as uow:
                return work(uow)

        return await asyncio.to_thread(act)

    async def write(self, scope: Scope, work: Callable[[UnitOfWork], Answer]) -> Answer:
        """Do it in a transaction that commits, in a thread, after the right was checked."""

        def act() -> Answer:
            with self.visit.write(scope) as uow:
                return work(uow)

        return await asyncio.to_thread(act)

    def say(self, text: str, *, kind: str = "ok", action: Child = None) -> None:
        """Tell something at the lower edge for some seconds, perhaps with a button."""
        self._toasts += 1
        self.toast.show(h("div", h("span", text), action, class_=f"zg-toast is-{kind}", data_n=self._toasts))

    def script(self, function: str, *arguments: object) -> None:
        """Call one of our functions in the browser; arguments travel as JSON."""
        shown = ", ".join(json.dumps(argument) for argument in arguments).replace("</", "<\\/")
        ui.run_javascript(f"window.zg && zg.{function}({shown})")

    def go(self, address: str) -> None:
        """Open another page of the console."""
        ui.navigate.to(address)

    async def answer(self, event: GenericEventArguments) -> None:
        """Hand an action of the page to whoever answers it; problems are told, never thrown at the visitor."""
        # NiceGUI leaves this type open.
        sent: object = event.args  # pyright: ignore[reportUnknownMemberType]
        values = cast(Values, sent) if isinstance(sent, dict) else Values()
        handler = self._handlers.get(str(values.get("act", "")))
        if handler is None:
            return
        try:
            async with self.turn:
                await handler(values)
        except NotSignedIn:
            self.go(f"/login?next={quote(self.request.url.path)}")
        except ZhangguiError as problem:
            self.say(problem_text(self.visit, problem), kind="bad")
        except Exception:
            _log.exception("an action of the console failed: %s", values.get("act"))
            self.say(self.visit.t("common.failed"), kind="bad")


def problem_text(visit: Visit, problem: ZhangguiError) -> str:
    """What went wrong, in the visitor's language as far as it is known, with the exact reason."""
    if isinstance(problem, BadInput):
        key = "common.bad_input" if problem.row is None else "common.bad_input_row"
        expected = visit.name_of("expected", problem.expected)
        told = visit.t(key, row=problem.row, field=problem.field, expected=expected, found=problem.found)
        return f"{visit.name_of('error', problem.code)} · {told}"
    return f"{visit.name_of('error', problem.code)} · {problem.message}"


Builder = Callable[[Frame], Awaitable[None]]
# What goes along on every page, by name.
_BESIDE: dict[str, Builder] = {}


def on_every_page(name: str, build: Builder) -> None:
    """Let something be built beside every page, such as the bar of a tour."""
    _BESIDE[name] = build


def add_page(app: App, path: str, area: str, build: Builder) -> None:
    """Serve a page to whoever is signed in; anybody else is sent to the sign-in page and back."""

    async def shown(request: Request) -> Response | None:
        cookie = session.cookie_of(request)
        known = session.session_of(cookie)
        try:
            if known is None:
                raise NotSignedIn("nobody is signed in")
            visit = await asyncio.to_thread(session.current, app, known, cookie)
        except NotSignedIn:
            return RedirectResponse(f"/login?next={quote(_address(request))}", 303)
        frame = _open(visit, area, request)
        try:
            await build(frame)
            for beside in _BESIDE.values():
                await beside(frame)
        except ZhangguiError as problem:
            Region("zg-main-part").show(empty(visit, problem_text(visit, problem), visit.t("common.back"), "/"))
        return None

    shown.__name__ = f"page_{area}_{path.strip('/').replace('/', '_')}"
    ui.page(path, response_timeout=60.0)(shown)


def _address(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _open(visit: Visit, area: str, request: Request) -> Frame:
    ui.page_title(f"{visit.t(f'nav.{area}')} · 掌柜")
    head(visit.locale, dark=visit.dark)
    ui.dark_mode(visit.dark)
    Region("zg-shell").show(_header(visit, _address(request)), _navigation(visit, area))
    frame = Frame(visit, request, Region("zg-toasts"))
    ui.on("zgact", frame.answer)
    return frame


def head(locale: str, *, dark: bool) -> None:
    """Language, colours and our files, before the first paint."""
    theme = "dark" if dark else "light"
    ui.add_head_html(
        f'<script>document.documentElement.lang="{locale}";document.documentElement.dataset.theme="{theme}";</script>'
        f'<link rel="stylesheet" href="{asset("console.css")}">'
        f'<script defer src="{asset("console.js")}"></script>'
    )


def _header(visit: Visit, here: str) -> Markup:
    other = "en" if visit.locale == "zh-CN" else "zh-CN"
    return h(
        "header",
        h("a", visit.t("common.skip"), href="#main", class_="zg-skip"),
        h("button", "☰", type="button", class_="zg-burger", data_drawer=True, aria_expanded="false",
          aria_label=visit.t("nav.menu")),
        wordmark("/"),
        h("span", visit.shop, class_="zg-shop"),
        h("span", class_="zg-grow"),
        _choice("locale", other, visit.t("common.other_language"), here),
        _choice("dark", "" if visit.dark else "1", visit.t("common.light" if visit.dark else "common.dark"), here),
        h("span", visit.caller.actor.name, " · ", visit.name_of("role", str(visit.caller.role)), class_="zg-who"),
        h("form", h("button", visit.t("common.sign_out"), class_="zg-quiet"), method="post", action="/sign-out"),
        class_="zg-top",
    )  # fmt: skip


def _choice(name: str, value: str, label: str, here: str) -> Markup:
    return h(
        "form",
        h("input", type="hidden", name="next", value=here),
        h("button", label, name=name, value=value, class_="zg-quiet"),
        method="post",
        action="/preferences",
    )


def wordmark(address: str) -> Markup:
    """The name as it is written everywhere."""
    return h("a", h("span", "掌", class_="zg-seal", aria_hidden="true"), h("b", "掌柜"), h("small", "Zhanggui"),
             href=address, class_="zg-mark")  # fmt: skip


def _navigation(visit: Visit, area: str) -> Markup:
    links = (
        h("a", visit.t(f"nav.{name}"), href=path, aria_current="page" if name == area else None)
        for name, path in _AREAS
    )
    return h("nav", *links, class_="zg-nav", aria_label=visit.t("nav.menu"))


def empty(visit: Visit, text: str, button: str = "", address: str = "") -> Markup:
    """Nothing to show here, and what to do next."""
    link = h("a", button, href=address, class_="zg-button is-main") if button else None
    return h("div", h("p", text), link, class_="zg-empty")


def title(text: str, *beside: Child, lead: str = "") -> Markup:
    """The head of a page: its name, one sentence, what stands beside."""
    return h(
        "div",
        h("div", h("h1", text, id="main", tabindex="-1"), h("p", lead) if lead else None),
        h("div", *beside, class_="zg-actions"),
        class_="zg-title",
    )
