"""Orders: search, filter, sort and page on the server."""

from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from zhanggui.app import App
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Page
from zhanggui.orders import OrderQuery, OrderSummary, search_orders
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import PAGE_SIZE, Pager, cell, chip, field_text, moment, pager, price, select, table, text_field
from zhanggui.web.session import Visit

_STATES = ("placed", "accepted", "held", "cancelled", "closed")
_PAID = ("unpaid", "authorised", "part-paid", "paid", "part-refunded", "refunded", "voided", "failed")
_SENT = ("none", "part-sent", "sent", "delivered", "part-returned", "returned")
_SORTS = ("placed-down", "placed", "updated-down", "total-down", "total", "number")
_TONES = {
    "accepted": "ok", "paid": "ok", "delivered": "ok", "closed": "ok", "settled": "ok", "captured": "ok",
    "sent": "info", "part-sent": "info", "authorised": "info", "in-transit": "info", "held": "warn", "unpaid": "warn",
    "part-paid": "warn", "part-refunded": "warn", "refunded": "warn", "returned": "warn", "part-returned": "warn",
    "cancelled": "bad", "voided": "bad", "failed": "bad", "lost": "bad",
}  # fmt: skip


@dataclass
class Ledger:
    """What one open page shows."""

    frame: Frame
    list: Region
    query: OrderQuery
    where: Pager = field(default_factory=Pager)
    items: tuple[OrderSummary, ...] = ()
    total: int = 0


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/orders", "orders", _build)


def order_state(visit: Visit, word: str) -> Markup:
    """A state of an order or a part of it, by its name for people."""
    return chip(visit.name_of("order_state", word), _TONES.get(word, "plain"))


def order_link(order_id: str) -> str:
    """The address of an order's own page."""
    return f"/order?{urlencode({'id': order_id})}"


async def _build(frame: Frame) -> None:
    visit, head = frame.visit, Region("zg-main-part")
    query = OrderQuery(text=frame.query("text"), state=frame.query("state"), limit=PAGE_SIZE)
    ledger = Ledger(frame, Region("zg-main-part"), query)
    links = [
        h("a", visit.t(f"nav.{name}"), href=f"/{name}", class_="zg-button")
        for name in ("exceptions", "automations", "policy")
    ]
    head.show(title(visit.t("orders.title"), links, lead=visit.t("orders.lead")), _filters(ledger))

    async def filtered(values: Values) -> None:
        order = field_text(values, "sort")
        ledger.query = OrderQuery(
            text=field_text(values, "text")[:200],
            state=field_text(values, "state"),
            payment_state=field_text(values, "paid"),
            delivery_state=field_text(values, "sent"),
            sort=_sort_of(order).sort,
            descending=_sort_of(order).descending,
            limit=PAGE_SIZE,
        )
        ledger.where.first()
        await _load(ledger)

    async def turn(values: Values) -> None:
        ledger.where.turn(str(values.get("to")))
        await _load(ledger)

    frame.on("filter", filtered)
    frame.on("turn", turn)
    await _load(ledger)


def _sort_of(word: str) -> OrderQuery:
    known = word if word in _SORTS else _SORTS[0]
    way = known.endswith("-down")
    match known.removesuffix("-down"):
        case "updated":
            return OrderQuery(sort="updated", descending=way)
        case "total":
            return OrderQuery(sort="total", descending=way)
        case "number":
            return OrderQuery(sort="number", descending=way)
        case _:
            return OrderQuery(sort="placed", descending=way)


async def _load(ledger: Ledger) -> None:
    query = replace(ledger.query, cursor=ledger.where.cursor)

    def search(uow: UnitOfWork) -> Page[OrderSummary]:
        return search_orders(uow, query)

    found = await ledger.frame.read(search)
    ledger.items, ledger.total, ledger.where.following = found.items, found.total, found.next_cursor
    _draw(ledger)


def _draw(ledger: Ledger) -> None:
    visit = ledger.frame.visit
    if not ledger.items:
        nothing = replace(ledger.query, cursor=None) == OrderQuery(limit=PAGE_SIZE)
        ledger.list.show(empty(visit, visit.t("orders.none" if nothing else "orders.none_found")))
        return
    names = ("number", "customer", "state", "paid", "sent", "total", "units", "placed")
    heads = [visit.t(f"orders.{name}") for name in names]
    ledger.list.show(
        table(heads, (_row(visit, heads, one) for one in ledger.items), label=visit.t("orders.title")),
        pager(visit, ledger.where, ledger.total),
        h("p", visit.t("orders.count", total=f"{ledger.total:,}"), class_="zg-hint"),
    )


def _row(visit: Visit, heads: list[str], one: OrderSummary) -> Markup:
    held = chip(visit.t("orders.on_hold"), "warn") if one.decision == "hold" and one.state == "placed" else None
    return h(
        "tr",
        cell(heads[0], h("div", h("a", one.number, href=order_link(one.id)), " ", h("small", one.shop_id))),
        cell(heads[1], h("div", h("span", one.customer_name or "–", class_="zg-clip"), h("small", one.customer_email))),
        cell(heads[2], order_state(visit, one.state), held),
        cell(heads[3], order_state(visit, one.payment_state)),
        cell(heads[4], order_state(visit, one.delivery_state)),
        cell(heads[5], price(one.total), classes="is-number"),
        cell(heads[6], one.units, classes="is-number"),
        cell(heads[7], moment(one.placed_at)),
    )


def _filters(ledger: Ledger) -> Markup:
    visit, query = ledger.frame.visit, ledger.query
    everything = ("", visit.t("common.all"))

    def states(words: tuple[str, ...]) -> list[tuple[str, str]]:
        return [everything, *((word, visit.name_of("order_state", word)) for word in words)]

    sorts = [(sort, visit.t(f"orders.sort_{sort.replace('-', '_')}")) for sort in _SORTS]
    return h(
        "form",
        text_field("text", visit.t("orders.search"), query.text, kind="search"),
        select("state", visit.t("orders.state"), query.state, states(_STATES)),
        select("paid", visit.t("orders.paid"), "", states(_PAID)),
        select("sent", visit.t("orders.sent"), "", states(_SENT)),
        select("sort", visit.t("orders.sort"), _SORTS[0], sorts),
        data_act="filter",
        data_live="filter",
        class_="zg-filters",
        role="search",
    )
