"""Connect a shop: fields, a test that really asks it, what to paste over there, when news last came, letting go."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from zhanggui.app import App
from zhanggui.kernel.errors import BadInput, NotFound, ZhangguiError
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders import (
    RECONCILE_JOB,
    Connection,
    ConnectionStore,
    TriedShop,
    connected_shops,
    disconnect,
    schedule_orders,
    try_shop,
)
from zhanggui.web import connect_views as views
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, problem_text, title
from zhanggui.web.markup import h
from zhanggui.web.parts import field_text


@dataclass
class Page:
    """The parts that are redrawn."""

    frame: Frame
    told: Region
    shops: Region
    new: Region
    drawn: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a form asks for."""

    shop_id: str
    source: str
    settings: JsonObject
    api_secret: str
    webhook_secret: str


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/connect", "connect", _build)


async def _build(frame: Frame) -> None:
    visit = frame.visit
    out = h("a", visit.t("connect.webhooks_out"), href="/webhooks", class_="zg-button")
    Region("zg-main-part").show(title(visit.t("connect.title"), out, lead=visit.t("connect.lead")))
    page = Page(frame, Region("zg-main-part"), Region("zg-main-part"), Region("zg-main-part"))
    _answer_form(page)
    _answer_shop(page)
    await _show(page)


async def _show(page: Page) -> None:
    visit = page.frame.visit
    found = await page.frame.read(connected_shops)
    page.shops.show(views.shops(visit, found, str(page.frame.request.base_url)))
    if visit.may("admin"):
        page.drawn += 1
        page.new.show(views.new_shop(visit, page.drawn))


def _answer_form(page: Page) -> None:
    frame, visit = page.frame, page.frame.visit

    async def connect(values: Values) -> None:
        visit.caller.require("admin")
        wanted = _wanted(values)
        tried: TriedShop | None = None
        if wanted.source != "standard":
            try:
                tried = await _try(page, wanted)
            except ZhangguiError as wrong:
                if not field_text(values, "anyway"):
                    page.told.show(_failed(page, wanted.shop_id, wrong, "connect.not_saved"))
                    return
                page.told.show(_failed(page, wanted.shop_id, wrong, "connect.saved_anyway"))
        await frame.write("admin", lambda uow: _keep(visit.app, uow, wanted))
        if tried or wanted.source == "standard":
            key = "connect.works" if tried else "connect.saved"
            seconds = f"{tried.seconds:.1f}" if tried else ""
            page.told.show(h("p", visit.t(key, shop=wanted.shop_id, seconds=seconds), class_="zg-note", role="status"))
        await _show(page)

    frame.on("connect", connect)


def _wanted(values: Values) -> Wanted:
    source = str(values.get("source"))
    if source not in views.SOURCES:
        raise BadInput(field="source", expected=" | ".join(views.SOURCES), found=source)
    shop_id = str(values.get("shop") or "") or field_text(values, "name").strip()
    settings: JsonObject = {name: field_text(values, name).strip() for name in views.FIELDS[source]}
    host = str(settings.get("host", ""))
    if host:
        # People paste the address from their browser.
        settings["host"] = host.removeprefix("https://").removeprefix("http://").partition("/")[0]
    settings |= {"currency": str(settings["currency"]).upper()} if "currency" in settings else {}
    secrets = (field_text(values, name).strip() for name in ("api_secret", "webhook_secret"))
    return Wanted(shop_id, source, settings, *secrets)


async def _try(page: Page, wanted: Wanted) -> TriedShop:
    """Ask the shop with what was filled in, or with the secret that is kept already."""
    app = page.frame.visit.app

    def load(uow: UnitOfWork) -> tuple[str, datetime]:
        secret = wanted.api_secret or app.connections.secret(uow, wanted.shop_id, wanted.source, "api")
        return secret, uow.clock.now()

    secret, now = await page.frame.read(load)
    return await asyncio.to_thread(try_shop, app.connections, wanted.source, wanted.settings, secret, now)


def _keep(app: App, uow: UnitOfWork, wanted: Wanted) -> None:
    key = (wanted.shop_id, wanted.source)
    app.connections.connect(uow, Connection(*key, wanted.settings))
    if wanted.api_secret:
        app.connections.put_secret(uow, *key, "api", wanted.api_secret)
    if wanted.webhook_secret:
        app.connections.put_secret(uow, *key, "webhook", wanted.webhook_secret)
    schedule_orders(app.jobs, uow)


def _failed(page: Page, shop: str, wrong: ZhangguiError, what: str) -> str:
    visit = page.frame.visit
    return h("div", h("p", f"{shop}: {problem_text(visit, wrong)}"), h("p", visit.t(what)), class_="zg-alert",
             role="alert")  # fmt: skip


def _answer_shop(page: Page) -> None:
    frame, visit = page.frame, page.frame.visit

    async def test(values: Values) -> None:
        visit.caller.require("admin")
        shop_id, source = _key(values)
        kept = await frame.read(lambda uow: ConnectionStore(uow).get(shop_id, source))
        page.told.show(h("p", visit.t("connect.asking", shop=shop_id), class_="zg-hint", role="status"))
        try:
            tried = await _try(page, Wanted(shop_id, source, kept.settings, "", ""))
        except ZhangguiError as wrong:
            page.told.show(_failed(page, shop_id, wrong, "connect.test_failed"))
            return
        told = visit.t("connect.works", shop=shop_id, seconds=f"{tried.seconds:.1f}")
        page.told.show(h("p", told, class_="zg-note", role="status"))

    async def ask_now(values: Values) -> None:
        shop_id, source = _key(values)
        arguments: JsonObject = {"shop_id": shop_id, "source": source}
        job = await frame.write("propose", lambda uow: visit.app.jobs.start(uow, RECONCILE_JOB, arguments))
        frame.say(visit.t("connect.asked_job"), action=h("a", visit.t("copy.watch"), href=f"/jobs?id={job}",
                                                         class_="zg-button"))  # fmt: skip

    async def let_go(values: Values) -> None:
        shop_id, source = _key(values)
        await frame.write("admin", lambda uow: disconnect(uow, shop_id, source))
        page.told.show()
        await _show(page)
        frame.say(visit.t("connect.disconnected", shop=shop_id))

    for name, handler in (("test", test), ("ask-now", ask_now), ("disconnect", let_go)):
        frame.on(name, handler)


def _key(values: Values) -> tuple[str, str]:
    shop_id, source = str(values.get("shop")), str(values.get("source"))
    if source not in views.SOURCES:
        raise NotFound(f"there is no kind of shop {source!r}")
    return shop_id, source
