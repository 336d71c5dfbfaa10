"""Staffing: orders of the next weeks, parcels of each warehouse, how many people pack them."""

import asyncio
from typing import Any, cast

from nicegui import ui

from zhanggui.app import App
from zhanggui.kernel.errors import BadInput
from zhanggui.planning import (
    DayDemand,
    Outlook,
    SeriesInfo,
    StoredForecast,
    WorkDay,
    Workload,
    people_for,
    sales_events,
    staff_of,
)
from zhanggui.web import frame as frames
from zhanggui.web.forecast_chart import chart_of
from zhanggui.web.forecast_parts import events_card, facts_card, short_card
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import cell, field_text, table, text_field
from zhanggui.web.planning_parts import units
from zhanggui.web.session import Visit

_WEEK = 7


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/forecast/staffing", "forecast", _build)


async def _build(frame: Frame) -> None:
    visit, head = frame.visit, Region("zg-main-part")
    each = _each(frame.query("each"))
    crumb = h("p", h("a", f"‹ {visit.t('nav.forecast')}", href="/forecast"), class_="zg-crumb")
    told, seen = await _tell(frame)
    head.show(crumb, title(visit.t("staffing.title"), lead=visit.t("staffing.lead")))
    if not told.days:
        none = empty(visit, visit.t("forecast.no_orders")) if not told.history else short_card(visit, told.status)
        Region("zg-main-part").show(none)
        return
    chart = ui.echart(chart_of(visit, seen), renderer="svg").classes("zg-card zg-chart").props("role=img")
    cast(Any, chart).update()
    below = Region("zg-main-part")

    async def change(values: Values) -> None:
        number = _each(field_text(values, "each"))
        if number is None and field_text(values, "each").strip():
            raise BadInput(field="each", expected="parcels a day, above 0", found=field_text(values, "each")[:40])
        frame.script("address", f"/forecast/staffing?each={number:g}" if number else "/forecast/staffing")
        below.show(*_below(visit, told, seen, number))

    frame.on("each", change)
    below.show(*_below(visit, told, seen, each))


async def _tell(frame: Frame) -> tuple[Workload, Outlook]:
    staffing = frame.visit.app.staffing
    history = await frame.read(staffing.read)
    told = await asyncio.to_thread(staffing.tell, history)
    test = told.back_test
    info = SeriesInfo(
        sku="", model=told.model, status=told.status, history_days=told.history_days,
        mase=test.mase if test else None, naive_mase=test.naive_mase if test else None,
        coverage80=test.coverage80 if test else None, made_at=frame.visit.app.database.clock.now(),
    )  # fmt: skip
    days = tuple(
        StoredForecast("", one.day, one.orders, one.orders, one.low80, one.high80, told.model, told.status)
        for one in told.days
    )
    past = tuple(DayDemand("", day, float(count)) for day, count in told.history)
    events = sales_events(history.today, days[-1].day) if days else ()
    return told, Outlook(info, past, days, (), events)


def _each(text: str) -> float | None:
    try:
        number = float(text)
        people_for(1.0, number)
    except (ValueError, BadInput):
        return None
    return number


def _below(visit: Visit, told: Workload, seen: Outlook, each: float | None) -> tuple[Markup | None, ...]:
    ask = h(
        "form",
        text_field("each", visit.t("staffing.each"), f"{each:g}" if each else "", kind="number",
                   hint=visit.t("staffing.each_hint")),
        h("button", visit.t("staffing.count"), type="submit", class_="zg-button"),
        data_act="each",
        class_="zg-filters",
    )  # fmt: skip
    weeks = [told.days[at : at + _WEEK] for at in range(0, len(told.days), _WEEK)]
    rate = ", ".join(
        f"{name or visit.t('staffing.warehouse')} {share:.2f}" for name, share in told.parcels_per_order.items()
    )
    basis = visit.t("staffing.basis", rate=rate, days=told.share_days) if rate else visit.t("staffing.no_warehouse")
    return (
        ask,
        h("section", h("h2", visit.t("staffing.weeks")), _weeks(visit, weeks), class_="zg-card"),
        h("section", h("h2", visit.t("staffing.by_day")), h("p", basis, class_="zg-hint"), _days(visit, told, each),
          class_="zg-card"),
        h("div", facts_card(visit, seen.info), events_card(visit, seen), class_="zg-columns"),
    )  # fmt: skip


def _named(visit: Visit, warehouse: str) -> str:
    """A warehouse's name; orders keep `-` where their shop told none."""
    return visit.t("staffing.warehouse") if warehouse in {"", "-"} else warehouse


def _weeks(visit: Visit, weeks: list[tuple[WorkDay, ...]]) -> Markup:
    heads = [visit.t("staffing.week"), visit.t("staffing.orders")]
    rows = (
        h("tr", cell(heads[0], f"{week[0].day} – {week[-1].day}"),
          cell(heads[1], units(sum(day.orders for day in week)), classes="is-number"))
        for week in weeks
    )  # fmt: skip
    return table(heads, rows, label=visit.t("staffing.weeks"))


def _days(visit: Visit, told: Workload, each: float | None) -> Markup:
    named = [_named(visit, name) for name in told.parcels_per_order]
    heads = [visit.t("forecast.day"), visit.t("staffing.orders"), visit.t("staffing.between")]
    heads += [visit.t("staffing.parcels", warehouse=name) for name in named]
    heads += [visit.t("staffing.people", warehouse=name) for name in (named or [""]) if each]

    def row(day: WorkDay) -> Markup:
        cells = [cell(heads[0], f"{day.day} {visit.name_of('weekday', f'{day.day:%a}'.lower())}"),
                 cell(heads[1], units(day.orders), classes="is-number"),
                 cell(heads[2], f"{units(day.low80)} – {units(day.high80)}", classes="is-number")]  # fmt: skip
        numbers = [units(count) for count in day.parcels.values()]
        numbers += [str(count) for count in staff_of(day, told, each).values()] if each else []
        cells += [cell(head, number, classes="is-number") for head, number in zip(heads[3:], numbers, strict=True)]
        return h("tr", *cells)

    return table(heads, (row(day) for day in told.days), label=visit.t("staffing.title"))
