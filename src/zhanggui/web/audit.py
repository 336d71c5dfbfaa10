"""Audit: who did what, newest first; the chain of hashes can be verified at any time."""

from dataclasses import dataclass, field

from zhanggui.app import App
from zhanggui.kernel.audit import AuditLog, AuditProblem, AuditRow
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, Page
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import PAGE_SIZE, Pager, button, cell, field_text, moment, pager, table, text_field
from zhanggui.web.today import subject_link

_TOLD = 20


@dataclass
class Trail:
    """What one open page shows."""

    frame: Frame
    list: Region
    verdict: Region
    subject: str
    where: Pager = field(default_factory=Pager)


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/audit", "audit", _build)


async def _build(frame: Frame) -> None:
    visit = frame.visit
    subject = frame.query("subject")
    search = h("form", text_field("subject", visit.t("audit.subject"), subject, kind="search",
                                  hint=visit.t("audit.subject_hint")),
               data_act="filter", class_="zg-filters", role="search")  # fmt: skip
    verify = button(visit.t("audit.verify"), "verify")
    Region("zg-main-part").show(title(visit.t("audit.title"), verify, lead=visit.t("audit.lead")), search)
    verdict = Region("zg-main-part")
    trail = Trail(frame, Region("zg-main-part"), verdict, subject)

    async def filtered(values: Values) -> None:
        trail.subject = field_text(values, "subject").strip()[:200]
        trail.where.first()
        await _load(trail)

    async def turn(values: Values) -> None:
        trail.where.turn(str(values.get("to")))
        await _load(trail)

    async def check(_: Values) -> None:
        trail.verdict.show(h("p", visit.t("audit.verifying"), class_="zg-hint", role="status"))
        problems = await frame.read(_verify)
        trail.verdict.show(_verdict(trail, problems))

    for name, handler in (("filter", filtered), ("turn", turn), ("verify", check)):
        frame.on(name, handler)
    await _load(trail)


def _verify(uow: UnitOfWork) -> list[AuditProblem]:
    found: list[AuditProblem] = []
    for problem in AuditLog(uow).verify():
        found.append(problem)
        if len(found) == _TOLD:
            break
    return found


def _verdict(trail: Trail, problems: list[AuditProblem]) -> Markup:
    visit = trail.frame.visit
    if not problems:
        return h("p", visit.t("audit.whole"), class_="zg-note", role="status")
    lines = (h("li", f"{problem.seq}: {problem.reason}") for problem in problems)
    return h("div", h("p", visit.t("audit.broken")), h("ul", *lines), class_="zg-alert", role="alert")


async def _load(trail: Trail) -> None:
    visit, before = trail.frame.visit, trail.where.cursor

    def read(uow: UnitOfWork) -> Page[AuditRow]:
        return AuditLog(uow).read(
            subject=trail.subject or None, limit=PAGE_SIZE, before=None if before is None else int(before)
        )

    page = await trail.frame.read(read)
    trail.where.following = page.next_cursor
    if not page.items:
        trail.list.show(empty(visit, visit.t("audit.none")))
        return
    heads = [visit.t(f"audit.{name}") for name in ("number", "when", "who", "what", "about", "detail")]
    rows = (
        h(
            "tr",
            cell(heads[0], row.seq, classes="is-number"),
            cell(heads[1], moment(row.at)),
            cell(heads[2], row.actor),
            cell(heads[3], h("b", visit.name_of("action", row.action))),
            cell(heads[4], subject_link(row.subject)),
            cell(heads[5], h("small", _detail(row.detail))),
        )
        for row in page.items
    )
    trail.list.show(
        table(heads, rows, label=visit.t("audit.title")), pager(visit, trail.where, page.total, size=PAGE_SIZE)
    )


def _detail(detail: JsonObject) -> str:
    text = " · ".join(f"{name}: {value}" for name, value in detail.items() if value not in ("", None))
    return text if len(text) <= 200 else f"{text[:200]}…"
