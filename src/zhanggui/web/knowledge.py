"""Knowledge: what answers may be taken from: search, take in files, try a question."""

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from nicegui import ui
from nicegui.events import UploadEventArguments

from zhanggui.app import KNOWLEDGE_FILES, App, read_folder
from zhanggui.connectors.tabular import Limits
from zhanggui.kernel.errors import ZhangguiError
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.support import (
    ARTICLE_KINDS,
    Answer,
    KnowledgeOutcome,
    Saved,
    count_articles,
    find_articles,
    import_knowledge,
)
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, empty, problem_text, title
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import (
    PAGE_SIZE,
    Pager,
    cell,
    chip,
    field_text,
    moment,
    pager,
    percent,
    select,
    table,
    text_area,
    text_field,
)
from zhanggui.web.session import Visit

_DECISIONS = {"answer": "ok", "clarify": "info", "handoff": "warn"}
_PROBLEMS = 20
_LOCALES = ("zh-CN", "en")


@dataclass
class Shelf:
    """What one open page shows."""

    frame: Frame
    listing: Region
    tried: Region
    report: Region
    text: str = ""
    kind: str = ""
    locale: str = ""
    where: Pager = field(default_factory=Pager)


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/knowledge", "knowledge", _build)


async def _build(frame: Frame) -> None:
    visit = frame.visit
    Region("zg-main-part").show(title(visit.t("knowledge.title"), *_links(visit), lead=visit.t("knowledge.lead")))
    upload: ui.upload | None = None
    with ui.element("div").classes("zg-columns zg-main-part"):
        with ui.element("section").classes("zg-card"):
            Region().show(_question(visit))
            tried = Region()
        with ui.element("section").classes("zg-card"):
            Region().show(h("h2", visit.t("knowledge.import")),
                          h("p", visit.t("knowledge.import_hint"), class_="zg-hint"))  # fmt: skip
            if visit.may("decide"):
                upload = _upload(visit)
            report = Region()
    Region("zg-main-part").show(_filters(visit))
    shelf = Shelf(frame, Region("zg-main-part"), tried, report)
    _answer(shelf)
    if upload is not None:
        _take_in(shelf, upload)
    await _load(shelf)


def _links(visit: Visit) -> list[Child]:
    new = h("a", visit.t("knowledge.new"), href="/knowledge/article", class_="zg-button is-main")
    return [
        h("a", visit.t("knowledge.gaps"), href="/knowledge/gaps", class_="zg-button"),
        new if visit.may("decide") else None,
    ]


def _upload(visit: Visit) -> ui.upload:
    limit = visit.app.settings.max_upload_mb << 20
    upload = ui.upload(max_file_size=limit, multiple=True, auto_upload=True, label=visit.t("knowledge.drop"))
    accepted = ",".join(sorted({*KNOWLEDGE_FILES, ".gz", ".zip"}))
    upload.props(f'accept="{accepted}" flat bordered').classes("zg-upload")
    return upload


def _answer(shelf: Shelf) -> None:
    frame = shelf.frame
    app, merchant = frame.visit.app, frame.visit.caller.merchant_id

    async def filtered(values: Values) -> None:
        kind, locale = field_text(values, "kind"), field_text(values, "locale")
        shelf.text = field_text(values, "text")[:200]
        shelf.kind = kind if kind in ARTICLE_KINDS else ""
        shelf.locale = locale if locale in _LOCALES else ""
        shelf.where.first()
        await _load(shelf)

    async def turn(values: Values) -> None:
        shelf.where.turn(str(values.get("to")))
        await _load(shelf)

    async def ask(values: Values) -> None:
        asked = field_text(values, "question")
        shelf.tried.show(h("p", frame.visit.t("knowledge.thinking"), class_="zg-hint", role="status"))
        told: Markup | None = None
        try:
            told = _told(frame.visit, await asyncio.to_thread(app.knowledge.answer, merchant, asked, counted=False))
        finally:
            shelf.tried.show(told)

    for name, handler in (("filter", filtered), ("turn", turn), ("ask", ask)):
        frame.on(name, handler)


def _take_in(shelf: Shelf, upload: ui.upload) -> None:
    frame, visit, reports = shelf.frame, shelf.frame.visit, list[Markup]()
    limits = Limits(unpacked_bytes=visit.app.settings.max_upload_mb << 20)

    async def take(event: UploadEventArguments) -> None:
        name = event.file.name[:200]
        shelf.report.show(*reports, h("p", visit.t("import.reading"), class_="zg-hint", role="status"))
        with tempfile.TemporaryDirectory(prefix="zhanggui-knowledge-") as folder:
            path = Path(folder) / "upload"
            await event.file.save(path)
            try:
                passages, problems = await asyncio.to_thread(read_folder, path, name=name, limits=limits)
                done = await frame.write("decide", lambda uow: import_knowledge(uow, passages))
                reports.append(_outcome(visit, name, done, problems))
            except ZhangguiError as wrong:
                reports.append(h("p", f"{name}: {problem_text(visit, wrong)}", class_="zg-alert", role="alert"))
        shelf.report.show(*reports[-10:])
        upload.reset()
        await _load(shelf)

    async def arrived(event: UploadEventArguments) -> None:
        async with frame.turn:
            await take(event)

    async def refused() -> None:
        frame.say(visit.t("knowledge.refused", limit=visit.app.settings.max_upload_mb), kind="bad")

    upload.on_upload(arrived)
    upload.on_rejected(refused)


async def _load(shelf: Shelf) -> None:
    offset, kind, locale = int(shelf.where.cursor or 0), shelf.kind, shelf.locale

    def load(uow: UnitOfWork) -> tuple[tuple[Saved, ...], int]:
        found = find_articles(uow, shelf.text, limit=PAGE_SIZE, offset=offset, kind=kind, locale=locale)
        return found, count_articles(uow, shelf.text, kind=kind, locale=locale)

    found, total = await shelf.frame.read(load)
    shelf.where.following = str(offset + PAGE_SIZE) if offset + PAGE_SIZE < total else None
    visit = shelf.frame.visit
    if not found:
        searched = shelf.text or kind or locale
        shelf.listing.show(empty(visit, visit.t("knowledge.nothing_found" if searched else "knowledge.none")))
        return
    shelf.listing.show(_articles(visit, found), pager(visit, shelf.where, total))


def _articles(visit: Visit, found: tuple[Saved, ...]) -> Markup:
    heads = [visit.t(f"knowledge.{name}") for name in ("heading", "kind", "language", "version", "saved")]
    rows = (
        h(
            "tr",
            cell(heads[0], h("a", one.article.title[:160], href=article_address(one.article.id)),
                 h("div", one.article.body[:120], class_="zg-clip zg-hint")),
            cell(heads[1], chip(visit.name_of("article_kind", one.article.kind)), *validity(visit, one)),
            cell(heads[2], visit.name_of("locale", one.article.locale)),
            cell(heads[3], one.article.version, classes="is-number"),
            cell(heads[4], moment(one.saved_at)),
        )
        for one in found
    )  # fmt: skip
    return table(heads, rows, label=visit.t("knowledge.title"))


def article_address(article_id: str) -> str:
    """Where one article is shown."""
    return f"/knowledge/article?{urlencode({'id': article_id})}"


def validity(visit: Visit, one: Saved) -> list[Markup]:
    """Chips for what limits an article: not true yet, no longer true, for colleagues only."""
    now, article, chips = visit.app.database.clock.now(), one.article, list[Markup]()
    if article.valid_from is not None and article.valid_from > now:
        chips.append(chip(visit.t("knowledge.not_yet"), "warn"))
    if article.valid_until is not None and article.valid_until <= now:
        chips.append(chip(visit.t("knowledge.expired"), "bad"))
    if article.audience == "staff":
        chips.append(chip(visit.t("knowledge.staff_only"), "info"))
    return chips


def _question(visit: Visit) -> Markup:
    return h(
        "form",
        h("h2", visit.t("knowledge.try")),
        text_area("question", visit.t("knowledge.question"), lines=2, hint=visit.t("knowledge.try_hint")),
        h("div", h("button", visit.t("knowledge.ask"), class_="zg-button is-main"), class_="zg-actions"),
        data_act="ask", class_="zg-form",
    )  # fmt: skip


def _told(visit: Visit, given: Answer) -> Markup:
    reason = visit.name_of("answer_reason", given.reason) if given.reason else ""
    quotes = (
        h("li", h("blockquote", one.quote[:600]), h("a", one.source, href=article_address(_id_of(one.source))))
        for one in given.citations[:5]
    )
    heading = "knowledge.cited" if given.decision == "answer" else "knowledge.nearest"
    return h(
        "div",
        h("p", chip(visit.name_of("decision", given.decision), _DECISIONS[given.decision]),
          h("span", f"{visit.t('knowledge.confidence')} {percent(given.confidence)}"), reason or None,
          class_="zg-chips"),
        h("p", given.text, class_="zg-said"),
        h("h3", visit.t(heading)) if given.citations else None,
        h("ul", *quotes, class_="zg-quotes") if given.citations else None,
        data_decision=given.decision, role="status",
    )  # fmt: skip


def _id_of(source: str) -> str:
    # A passage of a longer article is cited as `id#number`; an id of an imported one may itself hold a `#`.
    head, _, last = source.rpartition("#")
    return head if "#" in head and last.isdigit() else source


def _outcome(visit: Visit, name: str, done: KnowledgeOutcome, problems: list[str]) -> Markup:
    told = visit.t("knowledge.taken_in", added=done.added, changed=done.changed, unchanged=done.unchanged)
    bad = h("ul", *(h("li", line) for line in problems[:_PROBLEMS]), class_="zg-alert") if problems else None
    link = h("a", visit.t("knowledge.conflicts", count=len(done.conflicts)), href="/knowledge/gaps#overlaps")
    return h("div", h("p", h("b", name), " ", told), bad, h("p", link) if done.conflicts else None, role="status")


def _filters(visit: Visit) -> Markup:
    every = ("", visit.t("common.all"))
    kinds = [every, *((kind, visit.name_of("article_kind", kind)) for kind in ARTICLE_KINDS)]
    locales = [every, *((one, visit.name_of("locale", one)) for one in _LOCALES)]
    return h(
        "form",
        text_field("text", visit.t("common.search"), "", kind="search"),
        select("kind", visit.t("knowledge.kind"), "", kinds, change="filter"),
        select("locale", visit.t("knowledge.language"), "", locales, change="filter"),
        data_act="filter", data_live="filter", class_="zg-filters", role="search",
    )  # fmt: skip
