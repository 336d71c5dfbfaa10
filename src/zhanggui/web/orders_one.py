"""One order: what was bought, where it stands, and a timeline of every event, decision, rule and message."""

from urllib.parse import urlencode

from zhanggui.app import App
from zhanggui.kernel.commerce import Address
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders import Arrival, OrderDetails, TrailEntry, expected_arrivals, order_trail
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, title
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.orders import order_state
from zhanggui.web.parts import cell, chip, facts, moment, percent, price, state_chip, table
from zhanggui.web.session import Visit


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/order", "orders", _build)


async def _build(frame: Frame) -> None:
    visit, number = frame.visit, frame.query("id")

    def load(uow: UnitOfWork) -> tuple[OrderDetails, tuple[TrailEntry, ...], dict[str, Arrival]]:
        return (*order_trail(uow, number), expected_arrivals(uow, number))

    details, trail, arrivals = await frame.read(load)
    one = details.summary
    Region("zg-main").show(
        h("p", h("a", f"‹ {visit.t('nav.orders')}", href="/orders"), class_="zg-crumb"),
        title(visit.t("order.title", number=one.number), lead=f"{one.shop_id} · {one.source}"),
        h(
            "div",
            h("div", _facts(visit, details), _address(visit, details.told.shipping_address), _flags(visit, details)),
            h(
                "div",
                _lines(visit, details),
                _parts(visit, details),
                _arrivals(visit, arrivals),
                _timeline(visit, trail),
            ),
            class_="zg-columns is-product",
        ),
    )


def _facts(visit: Visit, details: OrderDetails) -> Markup:
    one = details.summary
    states = (order_state(visit, word) for word in (one.state, one.payment_state, one.delivery_state))
    rows: list[tuple[str, Child]] = [
        (visit.t("orders.state"), h("span", *states, class_="zg-chips")),
        (visit.t("orders.total"), price(one.total)),
        (visit.t("order.captured"), price(one.captured)),
        (visit.t("order.refunded"), price(one.refunded)),
        (visit.t("orders.placed"), moment(one.placed_at)),
        (visit.t("order.promised"), moment(one.promised_at)),
        (visit.t("orders.customer"), one.customer_name or one.customer_id or "–"),
        (visit.t("order.email"), one.customer_email or "–"),
    ]
    note = h("p", details.told.note, class_="zg-pre") if details.told.note else None
    return h("section", facts(rows), note, class_="zg-card")


def _address(visit: Visit, address: Address | None) -> Markup | None:
    if address is None:
        return None
    parts = (address.name, address.phone, address.street, address.district, address.city, address.region,
             address.postal_code, address.country)  # fmt: skip
    return h("section", h("h2", visit.t("order.address")), h("p", ", ".join(part for part in parts if part)),
             class_="zg-card")  # fmt: skip


def _flags(visit: Visit, details: OrderDetails) -> Markup | None:
    failed = [rule for rule in details.rules if not rule.get("passed", True)]
    if not details.flags and not failed:
        return None
    language = "zh" if visit.locale == "zh-CN" else "en"
    told = [h("li", str(rule.get(language) or rule.get("reason") or rule.get("id"))) for rule in failed]
    told += [h("li", flag) for flag in details.flags]
    return h("section", h("h2", visit.t("order.odd")), h("ul", *told, class_="zg-lines"), class_="zg-card")


def _lines(visit: Visit, details: OrderDetails) -> Markup:
    titles = {line.id: line.title for line in details.told.lines}
    heads = [visit.t(f"order.{name}") for name in ("item", "quantity", "cancelled", "unit_price")]
    rows = (
        h(
            "tr",
            cell(heads[0], h("div", h("span", titles.get(line.id, line.sku)), " ", h("small", line.sku))),
            cell(heads[1], line.ordered, classes="is-number"),
            cell(heads[2], line.cancelled or "–", classes="is-number"),
            cell(heads[3], price(line.unit_price), classes="is-number"),
        )
        for line in details.life.lines
    )
    label = visit.t("order.items")
    return h("section", h("h2", label), table(heads, rows, label=label), class_="zg-card")


def _parts(visit: Visit, details: OrderDetails) -> Markup | None:
    life, thing = details.life, visit.name_of
    shown: list[tuple[str, str, str]] = [
        *((thing("thing", "payment"), str(p.state), f"{p.method} · {price(p.amount)}") for p in life.payments),
        *((thing("thing", "fulfilment"), str(f.state), f.warehouse) for f in life.fulfilments),
        *((thing("thing", "shipment"), str(p.state), f"{p.carrier} {p.tracking_number}") for p in life.parcels),
        *((thing("thing", "return"), str(r.state), r.reason) for r in life.returns),
        *((thing("thing", "refund"), str(r.state), f"{price(r.amount)} · {r.reason}") for r in life.refunds),
        *((thing("thing", "exchange"), str(e.state), "") for e in life.exchanges),
    ]
    if not shown:
        return None
    rows = (h("li", h("div", h("b", name), " ", h("span", words)), order_state(visit, state))
            for name, state, words in shown)  # fmt: skip
    return h("section", h("h2", visit.t("order.parts")), h("ul", *rows, class_="zg-lines"), class_="zg-card")


def _arrivals(visit: Visit, arrivals: dict[str, Arrival]) -> Markup | None:
    if not arrivals:
        return None
    return h("section", h("h2", visit.t("order.arrival")), *(_arrival(visit, one) for one in arrivals.values()),
             class_="zg-card")  # fmt: skip


def _arrival(visit: Visit, one: Arrival) -> Markup:
    rows: list[tuple[str, Child]] = [
        (visit.t("order.likely"), moment(one.likely)),
        (visit.t("order.four_of_five"), h("span", moment(one.early), " – ", moment(one.late))),
    ]
    if one.by_promise is not None:
        rows.append((visit.t("order.by_promise"), percent(one.by_promise)))
    return h("div", facts(rows), h("small", one.why.zh if visit.locale == "zh-CN" else one.why.en))


def _timeline(visit: Visit, trail: tuple[TrailEntry, ...]) -> Markup:
    rows = (_entry(visit, entry) for entry in trail)
    return h("section", h("h2", visit.t("order.timeline")),
             h("ol", *rows, class_="zg-lines is-timeline", aria_label=visit.t("order.timeline")),
             class_="zg-card")  # fmt: skip


def _entry(visit: Visit, entry: TrailEntry) -> Markup:
    name: Child = visit.name_of(_AREAS[entry.sort], entry.subject)
    if entry.proposal:
        name = h("a", name, href=f"/inbox?{urlencode({'id': entry.proposal})}")
    state = {
        "step": lambda: order_state(visit, entry.state),
        "parcel": lambda: chip(visit.name_of("parcel", entry.state), "info"),
        "proposal": lambda: state_chip(visit, "state", entry.state),
        "rule": lambda: state_chip(visit, "mode", entry.state),
        "effect": lambda: chip(visit.name_of("effect_state", entry.state)),
    }[entry.sort]()
    words = " · ".join(part for part in (entry.who, entry.place, entry.text) if part)
    return h(
        "li",
        h("div", chip(visit.t(f"trail.{entry.sort}")), " ", h("b", name), " ", state),
        moment(entry.at),
        h("small", words) if words else None,
        class_="is-tall",
        data_sort=entry.sort,
    )


_AREAS = {"step": "thing", "parcel": "parcel_number", "proposal": "kind", "rule": "kind", "effect": "effect"}
