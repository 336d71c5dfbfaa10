"""Catalogue: search, filter, sort and page on the server; choose products and have copy written."""

from dataclasses import dataclass, field
from typing import Literal, cast
from urllib.parse import urlencode

from zhanggui.app import App
from zhanggui.catalog import ProductQuery, ProductSummary, search_products
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Page
from zhanggui.web import frame as frames
from zhanggui.web.copy_dialog import DIALOG, copy_dialog, start_copy, voice_names
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import (
    PAGE_SIZE,
    Pager,
    button,
    cell,
    field_text,
    moment,
    pager,
    picture,
    price,
    select,
    state_chip,
    table,
    text_field,
)

_Sort = Literal["id", "title", "price", "stock", "updated"]
_SORTS: tuple[_Sort, ...] = ("id", "title", "price", "stock", "updated")
_STATUSES = ("active", "draft", "archived")


@dataclass
class Shelf:
    """What one open page shows."""

    frame: Frame
    list: Region
    query: ProductQuery
    voices: tuple[str, ...] = ()
    where: Pager = field(default_factory=Pager)
    items: tuple[ProductSummary, ...] = ()
    total: int = 0
    chosen: dict[str, str] = field(default_factory=dict[str, str])


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/catalogue", "catalogue", _build)


async def _build(frame: Frame) -> None:
    visit = frame.visit
    head = Region("zg-main-part")
    shelf = Shelf(frame, Region("zg-main-part"), ProductQuery(text=frame.query("text"), batch=frame.query("batch"),
                                                             limit=PAGE_SIZE))  # fmt: skip
    may = visit.may("propose")

    def load(uow: UnitOfWork) -> Page[ProductSummary]:
        shelf.voices = voice_names(uow)
        return search_products(uow, shelf.query)

    _keep(shelf, await frame.read(load))
    beside = [h("a", visit.t("catalogue.import"), href="/import", class_="zg-button")] if may else []
    if may:
        beside.append(button(visit.t("copy.write"), opens=DIALOG, tone="is-main"))
    head.show(title(visit.t("catalogue.title"), beside, lead=visit.t("catalogue.lead")), _filters(shelf))
    _draw(shelf)
    if may:
        Region().show(copy_dialog(visit, shelf.voices, everything=True))
    _answer(shelf)


def _answer(shelf: Shelf) -> None:
    async def filtered(values: Values) -> None:
        stock = {"yes": True, "no": False}.get(field_text(values, "stock"))
        order = field_text(values, "sort")
        sort: list[_Sort] = [one for one in _SORTS if one == order.removesuffix("-down")]
        shelf.query = ProductQuery(
            text=field_text(values, "text")[:200],
            brand=field_text(values, "brand")[:200],
            status=field_text(values, "status"),
            category=tuple(part.strip() for part in field_text(values, "category")[:400].split("/") if part.strip()),
            in_stock=stock,
            batch=shelf.query.batch,
            sort=sort[0] if sort else "id",
            descending=order.endswith("-down"),
            limit=PAGE_SIZE,
        )
        shelf.where.first()
        await _load(shelf)

    async def turn(values: Values) -> None:
        shelf.where.turn(str(values.get("to")))
        await _load(shelf)

    async def mark(values: Values) -> None:
        known = {one.id: one.title for one in shelf.items}
        chosen = list(known) if values.get("id") == "*" else [str(values.get("id"))]
        for product_id in chosen:
            if values.get("checked") and product_id in known:
                shelf.chosen[product_id] = known[product_id]
            else:
                shelf.chosen.pop(product_id, None)
        _draw(shelf)

    async def clear(_: Values) -> None:
        shelf.chosen.clear()
        _draw(shelf)

    async def write(values: Values) -> None:
        await start_copy(shelf.frame, values, list(shelf.chosen))
        shelf.chosen.clear()
        _draw(shelf)

    for name, handler in (
        ("filter", filtered),
        ("turn", turn),
        ("mark", mark),
        ("clear", clear),
        ("write-copy", write),
    ):
        shelf.frame.on(name, handler)


async def _load(shelf: Shelf) -> None:
    query = shelf.query
    page = ProductQuery(**{name: getattr(query, name) for name in query.__slots__ if name != "cursor"},
                        cursor=shelf.where.cursor)  # fmt: skip

    def search(uow: UnitOfWork) -> Page[ProductSummary]:
        return search_products(uow, page)

    _keep(shelf, await shelf.frame.read(search))
    _draw(shelf)


def _keep(shelf: Shelf, found: Page[ProductSummary]) -> None:
    shelf.items, shelf.total, shelf.where.following = found.items, found.total, found.next_cursor


def _draw(shelf: Shelf) -> None:
    visit, items = shelf.frame.visit, shelf.items
    if not items:
        nothing = shelf.query == ProductQuery(limit=PAGE_SIZE)
        text = visit.t("today.no_products" if nothing else "catalogue.none_found")
        shelf.list.show(empty(visit, text, visit.t("catalogue.import"), "/import"))
        return
    names = ("product", "brand", "category", "price", "stock", "status", "updated")
    heads = [visit.t(f"catalogue.{name}") for name in names]
    shelf.list.show(
        _bulk_bar(shelf),
        table([_mark_all(shelf), *heads], (_row(shelf, heads, one) for one in items), label=visit.t("catalogue.title"),
              classes="is-products"),
        pager(visit, shelf.where, shelf.total),
        h("p", visit.t("catalogue.total", total=f"{shelf.total:,}"), class_="zg-hint"),
    )  # fmt: skip


def _mark_all(shelf: Shelf) -> Markup:
    every = all(one.id in shelf.chosen for one in shelf.items)
    return h("input", type="checkbox", checked=every, data_change="mark", data_id="*",
             aria_label=shelf.frame.visit.t("catalogue.mark_all"))  # fmt: skip


def _row(shelf: Shelf, heads: list[str], one: ProductSummary) -> Markup:
    visit, link = shelf.frame.visit, f"/product?{urlencode({'id': one.id})}"
    stock = "–" if one.stock is None else f"{one.stock:,}"
    code = one.sku or one.id
    if one.variants > 1:
        code = f"{code} · {visit.t('catalogue.variants', count=one.variants)}"
    return h(
        "tr",
        h("td", h("input", type="checkbox", checked=one.id in shelf.chosen, data_change="mark", data_id=one.id,
                  aria_label=visit.t("inbox.mark", title=one.title))),
        cell(heads[0], h("div", picture(one.image, one.title, "is-small"),
                         h("div", h("a", one.title, href=link, class_="zg-clip"), h("small", code)),
                         class_="zg-with-picture")),
        cell(heads[1], one.brand or "–"),
        cell(heads[2], one.category[-1] if one.category else "–"),
        cell(heads[3], price(one.price), classes="is-number"),
        cell(heads[4], stock, classes="is-number is-low" if one.stock is not None and one.stock <= 0 else "is-number"),
        cell(heads[5], state_chip(visit, "status", one.status)),
        cell(heads[6], moment(one.updated_at)),
    )  # fmt: skip


def _bulk_bar(shelf: Shelf) -> Markup | None:
    visit = shelf.frame.visit
    if not shelf.chosen:
        return None
    return h(
        "div",
        h("b", visit.t("inbox.marked", count=len(shelf.chosen))),
        button(visit.t("copy.write"), opens=DIALOG, tone="is-main") if visit.may("propose") else None,
        button(visit.t("inbox.clear"), "clear"),
        class_="zg-bulk",
    )


def _filters(shelf: Shelf) -> Markup:
    visit, query = shelf.frame.visit, shelf.query
    everything = ("", visit.t("common.all"))
    sorts = [("id", visit.t("sort.id"))]
    sorts += [(f"{sort}{way}", visit.t(f"sort.{sort}{cast(str, way).replace('-', '_')}"))
              for sort in _SORTS[1:] for way in ("", "-down")]  # fmt: skip
    return h(
        "form",
        text_field("text", visit.t("catalogue.search"), query.text, kind="search"),
        text_field("brand", visit.t("catalogue.brand"), query.brand),
        text_field("category", visit.t("catalogue.category")),
        select("status", visit.t("catalogue.status"), "",
               [everything, *((one, visit.name_of("status", one)) for one in _STATUSES)]),
        select("stock", visit.t("catalogue.stock"), "", [everything, ("yes", visit.t("catalogue.in_stock")),
                                                         ("no", visit.t("catalogue.sold_out"))]),
        select("sort", visit.t("catalogue.sort"), "id", sorts),
        data_act="filter",
        data_live="filter",
        class_="zg-filters",
        role="search",
    )  # fmt: skip
