"""One article of the knowledge: what it says, to whom, from when until when, and every version of it."""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from zhanggui.app import App
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Locale, new_id
from zhanggui.support import (
    ARTICLE_KINDS,
    Article,
    ArticleKind,
    Saved,
    article_versions,
    edit_article,
    office_hours,
    restore_version,
    withdraw_article,
)
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, title
from zhanggui.web.knowledge import article_address, validity
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import button, chip, dialog, field_text, moment, select, text_area, text_field
from zhanggui.web.session import Visit

_AUDIENCES = ("everybody", "staff")
_LOCALES = ("zh-CN", "en")


@dataclass
class Desk:
    """What one open page shows. `seen` is the version that the form was filled from."""

    frame: Frame
    form: Region
    history: Region
    id: str
    zone: str = "UTC"
    seen: int = 0


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/knowledge/article", "knowledge", _build)


async def _build(frame: Frame) -> None:
    visit = frame.visit
    crumb = h("p", h("a", f"‹ {visit.t('nav.knowledge')}", href="/knowledge"), class_="zg-crumb")
    heading = visit.t("knowledge.article" if frame.query("id") else "knowledge.new")
    Region("zg-main-part").show(crumb, title(heading))
    desk = Desk(frame, Region("zg-main-part"), Region("zg-main-part"), frame.query("id"))

    async def save(values: Values) -> None:
        article = _read(values, desk)
        saved = await frame.write("decide", lambda uow: edit_article(uow, article, seen=desk.seen))
        if not desk.id:
            frame.go(article_address(saved.id))
            return
        frame.say(visit.t("knowledge.is_saved", version=saved.version))
        await _load(desk)

    async def withdraw(_: Values) -> None:
        await frame.write("decide", lambda uow: withdraw_article(uow, desk.id))
        frame.say(visit.t("knowledge.is_withdrawn"))
        await _load(desk)

    async def restore(values: Values) -> None:
        version = str(values.get("version", ""))
        if version.isascii() and version.isdigit():
            await frame.write("decide", lambda uow: restore_version(uow, desk.id, int(version)))
            await _load(desk)

    for name, handler in (("save", save), ("withdraw", withdraw), ("restore", restore)):
        frame.on(name, handler)
    await _load(desk)


async def _load(desk: Desk) -> None:
    visit = desk.frame.visit

    def load(uow: UnitOfWork) -> tuple[tuple[Saved, ...], str]:
        found = article_versions(uow, desk.id) if desk.id else ()
        return found, office_hours(uow).zone

    versions, desk.zone = await desk.frame.read(load)
    live = next((one for one in versions if one.live), None)
    desk.seen = live.article.version if live is not None else 0
    shown = live or (versions[0] if versions else None)
    article = shown.article if shown is not None else Article("", "faq", "", "", visit.locale)
    state = _state(visit, shown) if shown is not None else []
    desk.form.show(_form(desk, article, state, live=live is not None))
    desk.history.show(_history(visit, versions) if versions else None)


def _state(visit: Visit, one: Saved) -> list[Child]:
    live = chip(visit.t("knowledge.live"), "ok") if one.live else chip(visit.t("knowledge.not_live"), "warn")
    return [live, *validity(visit, one), h("span", one.article.id), moment(one.saved_at)]


def _form(desk: Desk, article: Article, state: list[Child], *, live: bool) -> Markup:
    visit = desk.frame.visit
    kinds = [(kind, visit.name_of("article_kind", kind)) for kind in ARTICLE_KINDS]
    locales = [(one, visit.name_of("locale", one)) for one in _LOCALES]
    audiences = [(one, visit.name_of("audience", one)) for one in _AUDIENCES]
    bounds = {name: _day(getattr(article, name), desk.zone) for name in ("valid_from", "valid_until")}
    acts: list[Child] = []
    if visit.may("decide"):
        acts = [h("button", visit.t("common.save"), class_="zg-button is-main")]
        if live:
            acts.append(button(visit.t("knowledge.withdraw"), opens="withdraw"))
    return h(
        "section",
        h("p", *state, class_="zg-chips") if state else None,
        h(
            "form",
            text_field("title", visit.t("knowledge.heading"), article.title, hint=visit.t("knowledge.heading_hint")),
            text_area("body", visit.t("knowledge.body"), article.body, lines=10),
            h("div",
              select("kind", visit.t("knowledge.kind"), article.kind, kinds),
              select("locale", visit.t("knowledge.language"), article.locale, locales),
              select("audience", visit.t("knowledge.audience"), article.audience, audiences),
              text_field("valid_from", visit.t("knowledge.valid_from"), bounds["valid_from"], kind="date"),
              text_field("valid_until", visit.t("knowledge.valid_until"), bounds["valid_until"], kind="date",
                         hint=visit.t("knowledge.zone", zone=desk.zone)),
              class_="zg-filters"),
            h("div", *acts, class_="zg-actions"),
            data_act="save", class_="zg-form",
        ),
        dialog(visit, "withdraw", visit.t("knowledge.withdraw"), h("p", visit.t("knowledge.withdraw_hint")),
               h("div", button(visit.t("knowledge.withdraw"), "withdraw", tone="is-main"), class_="zg-actions")),
        class_="zg-card",
    )  # fmt: skip


def _history(visit: Visit, versions: tuple[Saved, ...]) -> Markup:
    lines = (
        h("details",
          h("summary", visit.t("knowledge.version"), f" {one.article.version} · ", one.saved_by, " · ",
            moment(one.saved_at), " ", chip(visit.t("knowledge.live"), "ok") if one.live else None),
          h("h3", one.article.title), h("p", one.article.body[:20_000], class_="zg-said"),
          _restoring(visit, one.article.version) if not one.live and visit.may("decide") else None,
          data_version=one.article.version)
        for one in versions[:50]
    )  # fmt: skip
    return h("section", h("h2", visit.t("knowledge.versions")), *lines, class_="zg-card")


def _restoring(visit: Visit, version: int) -> Markup:
    return h("button", visit.t("knowledge.restore"), type="button", data_act="restore", data_version=version,
             class_="zg-button is-small")  # fmt: skip


def _read(values: Values, desk: Desk) -> Article:
    kinds: dict[str, ArticleKind] = {one: one for one in ARTICLE_KINDS}
    audience = field_text(values, "audience")
    locale: Locale = "en" if field_text(values, "locale") == "en" else "zh-CN"
    return Article(
        desk.id or new_id("art"),
        kinds.get(field_text(values, "kind"), "faq"),
        field_text(values, "title"),
        field_text(values, "body"),
        locale,
        "staff" if audience == "staff" else "everybody",
        _moment(field_text(values, "valid_from"), "valid_from", desk.zone),
        _moment(field_text(values, "valid_until"), "valid_until", desk.zone),
        source="console",
    )


def _day(at: datetime | None, zone: str) -> str:
    return "" if at is None else at.astimezone(ZoneInfo(zone)).date().isoformat()


def _moment(day: str, name: str, zone: str) -> datetime | None:
    """The beginning of a day in the shop's own zone."""
    if not day.strip():
        return None
    try:
        return datetime.combine(date.fromisoformat(day.strip()), time(), ZoneInfo(zone))
    except ValueError as wrong:
        raise BadInput(field=name, expected="a day such as 2026-03-08", found=day[:40]) from wrong
