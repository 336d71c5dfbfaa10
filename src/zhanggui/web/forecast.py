"""Forecast: pick a product, see its demand, what is expected, how well that did before; put one's own number first."""

import asyncio
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from nicegui import ui

from zhanggui.app import App
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.planning import ForecastStore, Outlook, Override, OverrideScore, SeriesInfo
from zhanggui.web import frame as frames
from zhanggui.web.forecast_chart import chart_of
from zhanggui.web.forecast_parts import days_table, events_card, facts_card, own_card, short_card
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import PAGE_SIZE, Pager, button, cell, field_text, moment, pager, table, text_field
from zhanggui.web.planning_parts import (
    answer_forecast,
    any_orders,
    no_forecast,
    skus_by_title,
    status_chip,
    titles,
    units,
)
from zhanggui.web.session import Visit

_PAST, _AHEAD = 120, 56


@dataclass
class Listing:
    """What the page shows while no product is picked."""

    frame: Frame
    list: Region
    text: str = ""
    where: Pager = field(default_factory=Pager)
    items: tuple[SeriesInfo, ...] = ()
    names: dict[str, str] = field(default_factory=dict[str, str])
    total: int = 0
    orders: bool = True


@dataclass
class View:
    """What the page shows of one product."""

    frame: Frame
    sku: str
    above: Region
    chart: ui.echart
    below: Region


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/forecast", "forecast", _build)


async def _build(frame: Frame) -> None:
    answer_forecast(frame)
    sku = frame.query("sku")[:200]
    await (_one(frame, sku) if sku else _many(frame))


async def _many(frame: Frame) -> None:
    visit, head = frame.visit, Region("zg-main-part")
    listing = Listing(frame, Region("zg-main-part"), frame.query("text")[:200])
    beside = [h("a", visit.t("staffing.open"), href="/forecast/staffing", class_="zg-button")]
    beside += [button(visit.t("forecast.now"), "forecast")] if visit.may("propose") else []
    search = h(
        "form",
        text_field("text", visit.t("forecast.search"), listing.text, kind="search"),
        data_act="filter",
        data_live="filter",
        class_="zg-filters",
        role="search",
    )
    head.show(title(visit.t("forecast.title"), beside, lead=visit.t("forecast.lead")), search)

    async def filtered(values: Values) -> None:
        listing.text = field_text(values, "text").strip()[:200]
        listing.where.first()
        await _load_many(listing)

    async def turn(values: Values) -> None:
        listing.where.turn(str(values.get("to")))
        await _load_many(listing)

    frame.on("filter", filtered)
    frame.on("turn", turn)
    await _load_many(listing)


async def _load_many(listing: Listing) -> None:
    text, after = listing.text, listing.where.cursor or ""

    def load(uow: UnitOfWork) -> None:
        store, also = ForecastStore(uow), skus_by_title(uow, text)
        found = store.series(text=text, after=after, also=also, limit=PAGE_SIZE + 1)
        listing.items = found[:PAGE_SIZE]
        listing.where.following = found[PAGE_SIZE - 1].sku if len(found) > PAGE_SIZE else None
        listing.names = titles(uow, (one.sku for one in listing.items))
        listing.total = store.count(text=text, also=also)
        listing.orders = bool(listing.items) or any_orders(uow)

    await listing.frame.read(load)
    _draw_many(listing)


def _draw_many(listing: Listing) -> None:
    visit = listing.frame.visit
    if not listing.items:
        found = empty(visit, visit.t("forecast.none_found"))
        listing.list.show(found if listing.text else no_forecast(visit, orders=listing.orders))
        return
    heads = [visit.t(f"forecast.{name}") for name in ("product", "state", "history", "error", "naive", "made")]
    listing.list.show(
        table(heads, (_row(listing, heads, one) for one in listing.items), label=visit.t("forecast.title")),
        pager(visit, listing.where, listing.total),
        h("p", visit.t("forecast.count", total=f"{listing.total:,}"), class_="zg-hint"),
    )


def _row(listing: Listing, heads: list[str], one: SeriesInfo) -> Markup:
    visit, name = listing.frame.visit, listing.names.get(one.sku)
    link = f"/forecast?{urlencode({'sku': one.sku})}"
    return h(
        "tr",
        cell(heads[0], h("div", h("a", name or one.sku, href=link, class_="zg-clip"),
                         h("small", one.sku) if name else None)),
        cell(heads[1], status_chip(visit, one.status)),
        cell(heads[2], visit.t("forecast.n_days", days=one.history_days), classes="is-number"),
        cell(heads[3], "–" if one.mase is None else f"{one.mase:.2f}", classes="is-number"),
        cell(heads[4], "–" if one.naive_mase is None else f"{one.naive_mase:.2f}", classes="is-number"),
        cell(heads[5], moment(one.made_at)),
    )  # fmt: skip


Seen = tuple[Outlook, OverrideScore | None, str]


async def _one(frame: Frame, sku: str) -> None:
    visit = frame.visit

    def load(uow: UnitOfWork) -> tuple[bool, bool]:
        known = any(one.sku == sku for one in ForecastStore(uow).series(text=sku, limit=1))
        return known, any_orders(uow)

    known, orders = await frame.read(load)
    above = Region("zg-main-part")
    if not known:
        above.show(_crumb(visit), title(sku), no_forecast(visit, orders=orders))
        return
    chart = ui.echart({}, renderer="svg").classes("zg-card zg-chart").props("role=img")
    view = View(frame, sku, above, chart, Region("zg-main-part"))

    async def own(values: Values) -> None:
        await _override(view, values)

    async def withdraw(values: Values) -> None:
        number = str(values.get("id"))[:40]

        def act(uow: UnitOfWork) -> None:
            ForecastStore(uow).withdraw(number)

        await frame.write("propose", act)
        await _load_one(view)
        frame.say(visit.t("forecast.withdrawn"))

    frame.on("override", own)
    frame.on("withdraw", withdraw)
    await _load_one(view)


async def _load_one(view: View) -> None:
    visit, planner = view.frame.visit, view.frame.visit.app.planner

    def load(uow: UnitOfWork) -> Seen:
        seen = planner.outlook(uow, view.sku, past_days=_PAST, ahead_days=_AHEAD)
        return seen, planner.override_score(uow, view.sku), titles(uow, [view.sku]).get(view.sku, "")

    seen, score, name = await view.frame.read(load)
    enough = seen.info.status == "ok"
    total = sum(day.expected for day in seen.days[:28])
    lead = visit.t("forecast.next_weeks", units=units(total)) if enough and seen.days else ""
    beside = [h("a", visit.t("nav.stock"), href=f"/stock?{urlencode({'text': view.sku})}", class_="zg-button")]
    view.above.show(
        _crumb(visit),
        title(name or view.sku, beside, lead=" · ".join(part for part in (view.sku if name else "", lead) if part)),
        None if enough else short_card(visit, seen.info.status),
    )
    # NiceGUI leaves the type of the options open.
    options = cast(dict[str, Any], cast(Any, view.chart).options)
    options.clear()
    options.update(await asyncio.to_thread(chart_of, visit, seen))
    view.chart.set_visibility(bool(seen.history or seen.days))
    view.chart.update()
    view.below.show(
        h("div", h("div", facts_card(visit, seen.info), events_card(visit, seen)),
          own_card(visit, seen, score, may=visit.may("propose")), class_="zg-columns"),
        days_table(visit, seen),
    )  # fmt: skip


def _crumb(visit: Visit) -> Markup:
    return h("p", h("a", f"‹ {visit.t('nav.forecast')}", href="/forecast"), class_="zg-crumb")


async def _override(view: View, values: Values) -> None:
    visit, planner = view.frame.visit, view.frame.visit.app.planner
    span = _day(values, "first"), _day(values, "last")
    number, reason = _units(values), field_text(values, "reason")

    def act(uow: UnitOfWork) -> Override:
        return planner.override(uow, view.sku, span, number, reason)

    made = await view.frame.write("propose", act)
    await _load_one(view)
    back = h("button", visit.t("inbox.undo"), type="button", data_act="withdraw", data_id=made.id, class_="zg-button")
    view.frame.say(visit.t("forecast.own_kept"), action=back)


def _day(values: Values, name: str) -> date:
    text = field_text(values, name)
    try:
        return date.fromisoformat(text)
    except ValueError as broken:
        raise BadInput(field=name, expected="a day such as 2026-11-11", found=text[:40]) from broken


def _units(values: Values) -> float:
    text = field_text(values, "units")
    try:
        return float(text)
    except ValueError as broken:
        raise BadInput(field="units", expected="units a day, from 0", found=text[:40]) from broken
