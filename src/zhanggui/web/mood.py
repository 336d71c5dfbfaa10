"""Mood: how customers feel about each product, carrier and topic, now and before; the week in their own words."""

from dataclasses import dataclass
from urllib.parse import urlencode

from zhanggui.app import App
from zhanggui.catalog import ProductStore
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.support import MOOD_GROUPS, Digest, MoodGroup, MoodTrend, mood_trends, weekly_digest
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import cell, chip, field_text, moment, percent, select, table
from zhanggui.web.session import Visit

_SPANS = ("7", "14", "30")
_MOST = 100
_BARS = 40


@dataclass
class View:
    """What one open page shows."""

    frame: Frame
    list: Region
    by: MoodGroup = "product"
    days: int = 7


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/mood", "mood", _build)


async def _build(frame: Frame) -> None:
    visit, head = frame.visit, Region("zg-main-part")
    view = View(frame, Region("zg-main-part"))
    head.show(title(visit.t("mood.title"), lead=visit.t("mood.lead")), _filters(visit, view))

    async def filtered(values: Values) -> None:
        by, days = field_text(values, "by"), field_text(values, "days")
        groups: dict[str, MoodGroup] = {str(group): group for group in MOOD_GROUPS}
        view.by = groups.get(by, "product")
        view.days = int(days) if days in _SPANS else 7
        await _load(view)

    frame.on("filter", filtered)
    await _load(view)


async def _load(view: View) -> None:
    visit = view.frame.visit

    def load(uow: UnitOfWork) -> tuple[list[MoodTrend], Digest, dict[str, str]]:
        trends = mood_trends(uow, view.by, window=view.days)[:_MOST]
        products = ProductStore(uow).get_many([one.name for one in trends]) if view.by == "product" else {}
        return trends, weekly_digest(uow), {name: product.title for name, product in products.items()}

    found, week, names = await view.frame.read(load)
    if not found and not week.texts:
        view.list.show(empty(visit, visit.t("mood.none")))
        return
    view.list.show(_week(visit, week), _trends(visit, view.by, found, names))


def _trends(visit: Visit, by: MoodGroup, found: list[MoodTrend], names: dict[str, str]) -> Markup:
    heads = [visit.t(f"mood.{name}") for name in ("name", "texts", "negative", "before", "trend", "change")]
    rows = (
        h(
            "tr",
            cell(heads[0], _name(visit, by, one.name, names)),
            cell(heads[1], one.texts, classes="is-number"),
            cell(heads[2], percent(one.negative_share), classes="is-number"),
            cell(heads[3], "–" if one.before_share is None else percent(one.before_share), classes="is-number"),
            cell(heads[4], _course(one)),
            cell(heads[5], _change(visit, one) or "–"),
        )
        for one in found
    )
    return table(heads, rows, label=visit.t("mood.title"))


def _name(visit: Visit, by: MoodGroup, name: str, names: dict[str, str]) -> Child:
    if by == "topic":
        return visit.name_of("complaint", name)
    known = names.get(name)
    return name if known is None else h("a", known, href=f"/product?{urlencode({'id': name})}")


def _course(one: MoodTrend) -> Markup:
    """A bar a day: as high as the share of negative texts; a day without any text has none."""
    bars = (
        h("i", style=f"height:{max(8, round(100 * day.negative / day.texts))}%",
          title=f"{day.day.isoformat()}: {day.negative}/{day.texts}", class_="is-bad" if day.negative else None)
        for day in one.days[-_BARS:] if day.texts
    )  # fmt: skip
    return h("span", *bars, class_="zg-course", aria_hidden="true")


def _change(visit: Visit, one: MoodTrend) -> Markup | None:
    if one.worse:
        return chip(visit.t("mood.worse"), "bad")
    return chip(visit.t("mood.better"), "good") if one.z < -2 else None


def _week(visit: Visit, week: Digest) -> Markup:
    counts = [chip(f"{visit.name_of('complaint', kind)} {count}", "info") for kind, count in week.complaints.items()]
    quotes = (
        h("blockquote", quote.text, h("p", h("small", visit.name_of("complaint", quote.kind), " · ", moment(quote.at))))
        for quote in week.quotes
    )
    return h(
        "section",
        h("h2", visit.t("mood.week"), " ", h("small", visit.t("mood.week_of", start=week.start, end=week.end))),
        h("p", visit.t("mood.week_texts", texts=week.texts, negative=percent(week.negative_share))),
        h("p", visit.t("mood.week_open", overdue=week.overdue, settled=week.settled)),
        h("p", *counts, class_="zg-chips"),
        h("p", h("b", visit.t("mood.changed")), " ", ", ".join(one.name for one in week.worse)) if week.worse else None,
        h("h3", visit.t("mood.quotes")) if week.quotes else None,
        *quotes,
        class_="zg-card",
    )


def _filters(visit: Visit, view: View) -> Markup:
    groups = [(group, visit.t(f"mood.by_{group}")) for group in MOOD_GROUPS]
    spans = [(days, visit.t("mood.days", days=days)) for days in _SPANS]
    return h(
        "form",
        select("by", visit.t("mood.by"), view.by, groups, change="filter"),
        select("days", visit.t("mood.span"), str(view.days), spans, change="filter"),
        data_act="filter",
        class_="zg-filters",
        role="search",
    )
