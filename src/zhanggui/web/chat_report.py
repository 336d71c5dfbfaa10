"""How conversations ended, honestly: resolved, came back, promises broken, handed over, first word, cost; by topic."""

from datetime import datetime, timedelta

from zhanggui.app import App
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.support import TopicReport
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import cell, dollars, field_text, percent, select, table
from zhanggui.web.session import Visit

_SPANS = ("7", "30", "90")


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/conversations/report", "conversations", _build)


async def _build(frame: Frame) -> None:
    visit = frame.visit
    crumb = h("p", h("a", f"‹ {visit.t('nav.conversations')}", href="/conversations"), class_="zg-crumb")
    spans = [(days, visit.t("mood.days", days=days)) for days in _SPANS]
    filters = h("form", select("days", visit.t("mood.span"), "30", spans, change="filter"), data_act="filter",
                class_="zg-filters", role="search")  # fmt: skip
    Region("zg-main-part").show(crumb, title(visit.t("report.title"), lead=visit.t("report.lead")), filters)
    body = Region("zg-main-part")

    async def load(days: int) -> None:
        def read(uow: UnitOfWork) -> tuple[TopicReport, ...]:
            now: datetime = uow.clock.now()
            return visit.app.chat.conversations.report(uow, now - timedelta(days=days), now)

        lines = await frame.read(read)
        if lines:
            body.show(_totals(visit, lines), _topics(visit, lines))
        else:
            body.show(empty(visit, visit.t("report.none")))

    async def filtered(values: Values) -> None:
        days = field_text(values, "days")
        await load(int(days) if days in _SPANS else 30)

    frame.on("filter", filtered)
    await load(30)


def _totals(visit: Visit, lines: tuple[TopicReport, ...]) -> Markup:
    total, over = sum(one.conversations for one in lines), sum(one.conversations - one.open for one in lines)
    resolved, handed = sum(one.resolved for one in lines), sum(one.handed_over for one in lines)
    figures = (
        (f"{total:,}", "conversations"),
        (_share(resolved, over), "resolved"),
        (_share(sum(one.came_back for one in lines), over), "came_back"),
        (_share(sum(one.broken for one in lines), over), "broken"),
        (_share(handed, total), "handed_over"),
        (dollars(sum(one.cost_micros for one in lines)), "cost"),
    )
    numbers = (h("div", h("b", value), h("span", visit.t(f"report.{name}")), class_="zg-number")
               for value, name in figures)  # fmt: skip
    return h("div", *numbers, class_="zg-numbers")


def _topics(visit: Visit, lines: tuple[TopicReport, ...]) -> Markup:
    names = ("topic", "conversations", "resolved", "came_back", "unanswered", "broken", "handed_over", "open",
             "first_word", "cost")  # fmt: skip
    heads = [visit.t(f"report.{name}") for name in names]
    rows = (
        h("tr", cell(heads[0], visit.name_of("chat_topic", one.topic)),
          *(cell(head, value, classes="is-number") for head, value in zip(heads[1:], _values(one), strict=True)))
        for one in lines
    )  # fmt: skip
    return table(heads, rows, label=visit.t("report.title"))


def _values(one: TopicReport) -> tuple[str, ...]:
    over = one.conversations - one.open
    return (
        str(one.conversations), _share(one.resolved, over), str(one.came_back), str(one.unanswered), str(one.broken),
        _share(one.handed_over, one.conversations), str(one.open),
        f"{_seconds(one.first_word_median)} / {_seconds(one.first_word_p95)}", dollars(one.cost_micros),
    )  # fmt: skip


def _share(part: int, whole: int) -> str:
    return percent(part / whole) if whole else "–"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s" if value < 90 else f"{value / 60:.0f} min"
