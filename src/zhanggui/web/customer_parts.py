"""One customer's page in parts: measures with reasons, what they allow, what they did. Pure: data in, markup out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from zhanggui.kernel.types import Money
from zhanggui.marketing import CHANNELS, CustomerRecord, PastOrder
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import cell, chip, facts, moment, price, table
from zhanggui.web.session import Visit

_ORDERS = 50


def measures(visit: Visit, record: CustomerRecord) -> Markup:
    """What is computed of them, with intervals and reasons; or why nothing is."""
    known = cast(dict[str, Any], record.measures)
    heading = h("h2", visit.t("customers.measures"))
    if not record.personalised:
        return h("section", heading, h("p", visit.t("customers.not_measured"), class_="zg-hint"), class_="zg-card")
    if not known:
        return h("section", heading, h("p", visit.t("customers.no_measures"), class_="zg-hint"), class_="zg-card")
    rows: list[tuple[str, Child]] = [
        (visit.t("customers.segment"), chip(visit.name_of("segment", str(known.get("segment"))), "info")),
        (visit.t("customers.rfm"), " · ".join(str(one) for one in known.get("rfm") or ())),
        (visit.t("customers.orders"), str(known.get("orders"))),
        (visit.t("customers.spent"), f"{float(known.get('spent') or 0):,.2f}"),
        (visit.t("customers.value"), _value(visit, known)),
        (visit.t("customers.churn"), _share(visit, known.get("churn_risk"))),
        (visit.t("customers.next"), _next(visit, known)),
    ]
    likes = [
        chip(f"{one['thing'].split(':', 1)[-1]} {one['orders']}/{one['of']}") for one in known.get("affinities") or ()
    ]
    if likes:
        rows.append((visit.t("customers.likes"), h("span", *likes, class_="zg-chips")))
    if isinstance(known.get("discount_share"), int | float):
        rows.append((visit.t("customers.discounts"), f"{known['discount_share']:.0%}"))
    reasons = [h("li", str(why)) for why in cast(dict[str, str], known.get("reasons") or {}).values()]
    why = h("details", h("summary", visit.t("customers.why")), h("ul", *reasons)) if reasons else None
    return h("section", heading, facts(rows), why, class_="zg-card")


def _value(visit: Visit, known: dict[str, Any]) -> str:
    value, between = known.get("lifetime_value"), known.get("value_interval")
    if not isinstance(value, int | float):
        return visit.t("customers.not_enough")
    if not between:
        return f"{value:,.2f}"
    return visit.t("customers.between", value=f"{value:,.2f}", low=f"{between[0]:,.2f}", high=f"{between[1]:,.2f}")


def _share(visit: Visit, share: object) -> str:
    return f"{share:.0%}" if isinstance(share, int | float) else visit.t("customers.not_enough")


def _next(visit: Visit, known: dict[str, Any]) -> str:
    days = known.get("days_to_next")
    return visit.t("customers.in_days", days=f"{days:,.0f}") if isinstance(days, int | float) else "–"


def allowed(visit: Visit, record: CustomerRecord) -> Markup:
    """The switch of personalisation and consent by channel; only looked at by who may not change them."""
    off = not visit.may("propose")
    switch = _switch(visit.t("customers.personalised"), "personalise", "", on=record.personalised, off=off)
    channels = [
        _switch(visit.t(f"channel.{name}"), "allow", name, on=name in record.consents, off=off) for name in CHANNELS
    ]
    return h(
        "section",
        h("h2", visit.t("customers.allows")),
        switch,
        h("p", visit.t("customers.switch_what"), class_="zg-hint"),
        h("h3", visit.t("customers.may_write")),
        *channels,
        class_="zg-card",
    )


def _switch(label: str, change: str, channel: str, *, on: bool, off: bool) -> Markup:
    box = h("input", type="checkbox", name=change, checked=on, disabled=off, data_change=change,
            data_channel=channel or None)  # fmt: skip
    return h("p", h("label", box, " ", label))


def timeline(visit: Visit, orders: Sequence[PastOrder], events: Sequence[Any]) -> Markup:
    """Orders and what they looked at, the newest first."""
    rows: list[tuple[datetime, Markup]] = []
    for one in list(orders)[-_ORDERS:]:
        goods = visit.t("customers.and").join(sorted(_title(thing) for thing in one.things if thing[:8] == "product:"))
        paid = price(Money(one.total_minor, one.currency))
        rows.append((one.at, _line(visit, "order", one.at, f"{paid} · {goods}" if goods else paid)))
    for one in events:
        text = one.query or next((_title(name) for name in one.things if name[:8] == "product:"), one.product_id)
        # Orders come from the shop itself: an event that tells of one as well would show it twice.
        if one.kind != "order" or not any(abs(at - one.at) < timedelta(days=1) for at, _ in rows):
            rows.append((one.at, _line(visit, one.kind, one.at, text)))
    newest = [line for _, line in sorted(rows, key=lambda row: row[0], reverse=True)]
    heading, heads = visit.t("customers.timeline"), _heads(visit)
    shown = (
        table(heads, newest, label=heading) if newest else h("p", visit.t("customers.nothing_yet"), class_="zg-hint")
    )
    return h("section", h("h2", heading), shown, class_="zg-card")


def _title(thing: str) -> str:
    return thing.partition(":")[2]


def _line(visit: Visit, kind: str, at: datetime, text: str) -> Markup:
    tone = "ok" if kind == "order" else "plain"
    heads = _heads(visit)
    return h("tr", cell(heads[0], moment(at)), cell(heads[1], chip(visit.name_of("event_kind", kind), tone)),
             cell(heads[2], text))  # fmt: skip


def _heads(visit: Visit) -> list[str]:
    return [visit.t(f"customers.{name}") for name in ("when", "what", "which")]
