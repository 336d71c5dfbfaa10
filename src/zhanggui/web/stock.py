"""Stock: what is there, how long it lasts, when and how much to order; purchase orders are proposed from it."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from zhanggui.app import App
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Money
from zhanggui.planning import StockAdvice, StockItem, StockStore, propose_restock
from zhanggui.web import frame as frames
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import PAGE_SIZE, Pager, button, cell, chip, field_text, pager, price, table, text_field
from zhanggui.web.planning_parts import answer_forecast, forecast_status, skus_by_title, status_chip, titles, units
from zhanggui.web.session import Visit

Line = tuple[StockItem, StockAdvice, str]


@dataclass
class Store:
    """What one open page shows."""

    frame: Frame
    list: Region
    text: str = ""
    where: Pager = field(default_factory=Pager)
    lines: tuple[Line, ...] = ()
    names: dict[str, str] = field(default_factory=dict[str, str])
    total: int = 0


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/stock", "stock", _build)


async def _build(frame: Frame) -> None:
    visit, head = frame.visit, Region("zg-main-part")
    store = Store(frame, Region("zg-main-part"), frame.query("text")[:200])
    beside: list[Child] = []
    if visit.may("propose"):
        beside = [
            button(visit.t("forecast.now"), "forecast"),
            button(visit.t("stock.restock"), "restock", tone="is-main"),
        ]
    head.show(title(visit.t("stock.title"), beside, lead=visit.t("stock.lead")), _search(visit, store.text))

    async def filtered(values: Values) -> None:
        store.text = field_text(values, "text").strip()[:200]
        store.where.first()
        await _load(store)

    async def turn(values: Values) -> None:
        store.where.turn(str(values.get("to")))
        await _load(store)

    async def restock(_: Values) -> None:
        await _propose(store)

    frame.on("filter", filtered)
    frame.on("turn", turn)
    frame.on("restock", restock)
    answer_forecast(frame)
    await _load(store)


def _search(visit: Visit, text: str) -> Markup:
    return h(
        "form",
        text_field("text", visit.t("forecast.search"), text, kind="search"),
        data_act="filter",
        data_live="filter",
        class_="zg-filters",
        role="search",
    )


async def _load(store: Store) -> None:
    planner, text, after = store.frame.visit.app.planner, store.text, store.where.cursor or ""

    def load(uow: UnitOfWork) -> None:
        shelf, also = StockStore(uow), skus_by_title(uow, text)
        skus = shelf.page(text=text, limit=PAGE_SIZE + 1, after=after, also=also)
        store.where.following = skus[PAGE_SIZE - 1] if len(skus) > PAGE_SIZE else None
        found = planner.advice(uow, skus=skus[:PAGE_SIZE])
        store.lines = tuple((item, advice, forecast_status(uow, item.sku, status)) for item, advice, status in found)
        store.names = titles(uow, skus[:PAGE_SIZE])
        store.total = shelf.count(text=text, also=also)

    await store.frame.read(load)
    _draw(store)


async def _propose(store: Store) -> None:
    frame = store.frame
    visit = frame.visit

    def act(uow: UnitOfWork) -> tuple[int, bool]:
        return len(propose_restock(uow, visit.app.planner, visit.app.desk)), StockStore(uow).count() > 0

    made, any_stock = await frame.write("propose", act)
    if made:
        inbox = h("a", visit.t("stock.to_inbox"), href="/inbox?kind=restock", class_="zg-button")
        frame.say(visit.t("stock.proposed", count=made), action=inbox)
    else:
        frame.say(visit.t("stock.nothing_to_buy" if any_stock else "stock.none"))
    await _load(store)


def _draw(store: Store) -> None:
    visit = store.frame.visit
    if not store.lines:
        store.list.show(empty(visit, visit.t("stock.none_found" if store.text else "stock.none")))
        return
    names = ("product", "on_hand", "reserved", "incoming", "cover", "reorder_point", "advice", "forecast")
    heads = [visit.t(f"stock.{name}") for name in names]
    unmade = all(status == "no forecast" for _, _, status in store.lines)
    store.list.show(
        h("p", visit.t("stock.no_forecast"), class_="zg-alert") if unmade else None,
        table(heads, (_row(store, heads, line) for line in store.lines), label=visit.t("stock.title")),
        pager(visit, store.where, store.total),
        h("p", visit.t("stock.count", total=f"{store.total:,}"), class_="zg-hint"),
    )


def _row(store: Store, heads: list[str], line: Line) -> Markup:
    visit, (item, advice, status) = store.frame.visit, line
    link = f"/forecast?{urlencode({'sku': item.sku})}"
    name = store.names.get(item.sku)
    known = status == "ok"
    cover = units(advice.cover_days) if known else "–"
    low = known and advice.cover_days is not None and advice.cover_days < item.lead_days
    return h(
        "tr",
        cell(heads[0], h("div", h("a", name or item.sku, href=link, class_="zg-clip"),
                         h("small", " · ".join(part for part in (item.sku if name else "", item.supplier) if part)))),
        cell(heads[1], f"{item.on_hand:,}", classes="is-number is-low" if item.on_hand <= 0 else "is-number"),
        cell(heads[2], f"{item.reserved:,}", classes="is-number"),
        cell(heads[3], f"{item.incoming:,}", classes="is-number"),
        cell(heads[4], cover, classes="is-number is-low" if low else "is-number"),
        cell(heads[5], units(advice.reorder_point) if known else "–", classes="is-number"),
        cell(heads[6], _advice(visit, item, advice) if known else "–"),
        cell(heads[7], status_chip(visit, status)),
    )  # fmt: skip


def _advice(visit: Visit, item: StockItem, advice: StockAdvice) -> Markup:
    if not advice.quantity:
        return chip(visit.t("stock.enough"), "ok")
    tip = visit.t("stock.why", target=units(advice.target), safety=units(advice.safety_stock),
                  service=f"{advice.service:.0%}", days=f"{item.lead_days + item.review_days:g}",
                  demand=units(advice.demand))  # fmt: skip
    cost = h("small", price(Money(advice.cost_minor, item.currency))) if advice.cost_minor else None
    limit = h("small", visit.t(f"stock.limited_{advice.limited_by}")) if advice.limited_by else None
    return h(
        "div", chip(visit.t("stock.order", quantity=f"{advice.quantity:,}"), "warn", tip=tip), " ", cost, " ", limit
    )
