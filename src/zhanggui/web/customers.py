"""Customers: who they are, what is known of them and why, what they allow; given to them or erased on request."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

import orjson
from nicegui import ui

from zhanggui.app import App
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.marketing import (
    CustomerRecord,
    CustomerStore,
    EventStore,
    PastOrder,
    allow_channel,
    count_customers,
    switch_personalisation,
)
from zhanggui.web import frame as frames
from zhanggui.web.customer_parts import allowed, measures, timeline
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import PAGE_SIZE, Pager, button, cell, chip, dialog, field_text, pager, table, text_field
from zhanggui.web.session import Visit

_EVENTS = 30


@dataclass
class People:
    """What one open page shows."""

    frame: Frame
    list: Region
    text: str = ""
    where: Pager = field(default_factory=Pager)
    found: tuple[CustomerRecord, ...] = ()
    total: int = 0


def add_page(app: App) -> None:
    """Serve both pages."""
    frames.add_page(app, "/customers", "customers", _build)
    frames.add_page(app, "/customers/one", "customers", _build_one)


async def _build(frame: Frame) -> None:
    visit, head = frame.visit, Region("zg-main-part")
    people = People(frame, Region("zg-main-part"), frame.query("text")[:200])
    search = h("form", text_field("text", visit.t("customers.search"), people.text, kind="search"),
               data_act="filter", data_live="filter", class_="zg-filters", role="search")  # fmt: skip
    head.show(title(visit.t("customers.title"), lead=visit.t("customers.lead")), search)

    async def filtered(values: Values) -> None:
        people.text = field_text(values, "text").strip()[:200]
        people.where.first()
        await _load(people)

    async def turn(values: Values) -> None:
        people.where.turn(str(values.get("to")))
        await _load(people)

    frame.on("filter", filtered)
    frame.on("turn", turn)
    await _load(people)


async def _load(people: People) -> None:
    text, after = people.text, people.where.cursor or ""

    def load(uow: UnitOfWork) -> tuple[tuple[CustomerRecord, ...], int]:
        return CustomerStore(uow).page(text, after=after, limit=PAGE_SIZE + 1), count_customers(uow, text)

    found, people.total = await people.frame.read(load)
    people.where.following = found[PAGE_SIZE - 1].id if len(found) > PAGE_SIZE else None
    people.found = found[:PAGE_SIZE]
    visit = people.frame.visit
    if not people.found:
        key = "customers.none_found" if people.text else "customers.none"
        people.list.show(empty(visit, visit.t(key), visit.t("nav.orders"), "/orders"))
        return
    heads = [visit.t(f"customers.{name}") for name in ("name", "orders", "segment", "value", "churn", "allows")]
    people.list.show(
        table(heads, (_row(visit, heads, one) for one in people.found), label=visit.t("customers.title")),
        pager(visit, people.where, people.total),
        h("p", visit.t("customers.count", total=f"{people.total:,}"), class_="zg-hint"),
    )


def _row(visit: Visit, heads: list[str], one: CustomerRecord) -> Markup:
    known = cast(dict[str, Any], one.measures)
    link = f"/customers/one?{urlencode({'id': one.id})}"
    value, churn = known.get("lifetime_value"), known.get("churn_risk")
    segment = visit.name_of("segment", str(known["segment"])) if known.get("segment") else "–"
    allows = [chip(visit.t(f"channel.{name}"), "ok") for name in one.consents]
    refused = [] if one.personalised else [chip(visit.t("customers.opted_out"), "warn")]
    return h(
        "tr",
        cell(heads[0], h("div", h("a", one.name or one.id, href=link, class_="zg-clip"),
                         h("small", " · ".join(part for part in (one.email, one.place) if part)))),
        cell(heads[1], str(known.get("orders", "–")), classes="is-number"),
        cell(heads[2], segment),
        cell(heads[3], f"{value:,.2f}" if isinstance(value, int | float) else "–", classes="is-number"),
        cell(heads[4], f"{churn:.0%}" if isinstance(churn, int | float) else "–", classes="is-number"),
        cell(heads[5], h("span", *refused, *allows, class_="zg-chips") if refused or allows else "–"),
    )  # fmt: skip


async def _build_one(frame: Frame) -> None:
    name, region = frame.query("id"), Region("zg-main-part")

    async def show() -> None:
        await _load_one(frame, region, name)

    async def allow(values: Values) -> None:
        await frame.write("propose", lambda uow: allow_channel(uow, name, str(values.get("channel")), _on(values)))
        await show()

    async def personalise(values: Values) -> None:
        await frame.write("propose", lambda uow: switch_personalisation(uow, name, _on(values)))
        await show()

    async def export(_: Values) -> None:
        content = await frame.write("propose", lambda uow: frame.visit.app.people.export(uow, name))
        ui.download.content(orjson.dumps(content, option=orjson.OPT_INDENT_2), "customer.json")

    async def erase(values: Values) -> None:
        people = frame.visit.app.people
        if field_text(values, "sure") != "yes":
            frame.say(frame.visit.t("customers.erase_unsure"), kind="bad")
            return
        await frame.write("decide", lambda uow: people.erase(uow, name))
        await asyncio.to_thread(people.finish, frame.visit.caller.merchant_id)
        region.show(empty(frame.visit, frame.visit.t("customers.erased"), frame.visit.t("nav.customers"), "/customers"))

    for act, handler in (("allow", allow), ("personalise", personalise), ("export", export), ("erase", erase)):
        frame.on(act, handler)
    await show()


def _on(values: Values) -> bool:
    return values.get("checked") is True


async def _load_one(frame: Frame, region: Region, name: str) -> None:
    def load(uow: UnitOfWork) -> tuple[CustomerRecord, list[PastOrder], list[Any]]:
        store = CustomerStore(uow)
        record = store.get(name)
        seen = EventStore(uow).of(store.keys(name), limit=_EVENTS)
        return record, store.orders(name).get(name, []), list(seen)

    record, orders, events = await frame.read(load)
    visit = frame.visit
    region.show(
        title(record.name or record.id, *_buttons(visit), lead=" · ".join(_told(record))),
        h("div", measures(visit, record), allowed(visit, record), class_="zg-columns"),
        timeline(visit, orders, events),
        _erase_dialog(visit, record),
    )


def _told(record: CustomerRecord) -> list[str]:
    return [part for part in (record.email, record.phone, record.place, *record.tags) if part]


def _buttons(visit: Visit) -> list[Markup]:
    found = [button(visit.t("customers.export"), "export")] if visit.may("propose") else []
    if visit.may("decide"):
        found.append(button(visit.t("customers.erase"), opens="erase", tone="is-danger"))
    return found


def _erase_dialog(visit: Visit, record: CustomerRecord) -> Markup | None:
    if not visit.may("decide"):
        return None
    return dialog(
        visit, "erase", visit.t("customers.erase_title", name=record.name or record.id),
        h("p", visit.t("customers.erase_what")),
        h("form",
          h("label", h("input", type="checkbox", name="sure", value="yes", required=True), " ",
            visit.t("customers.erase_sure")),
          h("div", h("button", visit.t("common.cancel"), type="button", data_close=True, class_="zg-button"),
            h("button", visit.t("customers.erase"), class_="zg-button is-danger"), class_="zg-actions"),
          data_act="erase", class_="zg-form"),
    )  # fmt: skip
