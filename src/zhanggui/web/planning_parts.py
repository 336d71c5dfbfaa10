"""What the pages on demand and stock share: products by SKU, words for forecasts, the button that forecasts now."""

import re
from collections.abc import Iterable

from zhanggui.catalog import ProductQuery, ProductStore, search_products
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders import OrderQuery, search_orders
from zhanggui.planning import FORECAST_JOB, ForecastStore
from zhanggui.web.frame import Frame, Values, empty
from zhanggui.web.markup import Markup, h
from zhanggui.web.parts import button, chip
from zhanggui.web.session import Visit

_NUMBERS = re.compile(r"\d+")
# Products whose titles match are few on a page: more words find fewer.
_MOST_PRODUCTS = 20


def titles(uow: UnitOfWork, skus: Iterable[str]) -> dict[str, str]:
    """SKU -> title of its product, where the catalogue has one."""
    store = ProductStore(uow)
    found = {sku: store.find_by_sku(sku) for sku in skus}
    return {sku: product.title for sku, product in found.items() if product is not None}


def skus_by_title(uow: UnitOfWork, text: str) -> tuple[str, ...]:
    """SKUs of the products that a search for the text finds first; none without a text."""
    if not text:
        return ()
    found = search_products(uow, ProductQuery(text=text, limit=_MOST_PRODUCTS))
    skus: set[str] = set()
    for product in ProductStore(uow).get_many([one.id for one in found.items]).values():
        skus |= {product.id, *(variant.sku for variant in product.variants)}
    return tuple(sorted(skus))


def any_orders(uow: UnitOfWork) -> bool:
    """Whether the shop has orders that demand could be read from."""
    return bool(search_orders(uow, OrderQuery(limit=1)).items)


def forecast_status(uow: UnitOfWork, sku: str, status: str) -> str:
    """A SKU without forecast days may have been looked at and have too little history: then that is its status."""
    if status != "no forecast":
        return status
    found = ForecastStore(uow).series(text=sku, limit=1)
    return found[0].status if found and found[0].sku == sku and found[0].status != "ok" else status


def status_chip(visit: Visit, status: str) -> Markup:
    """Whether there is enough history for a forecast, with the reason behind it."""
    if status == "ok":
        return chip(visit.t("forecast.ok"), "ok")
    if status == "no forecast":
        return chip(visit.t("forecast.not_made"), "warn")
    return chip(visit.t("forecast.short"), "warn", tip=why_short(visit, status))


def why_short(visit: Visit, status: str) -> str:
    """Why there is too little history, in the visitor's language."""
    numbers = _NUMBERS.findall(status)
    unit = visit.t("forecast.weeks" if "weeks" in status else "forecast.days")
    if len(numbers) == 2:
        return visit.t("forecast.short_history", known=numbers[0], least=numbers[1], unit=unit)
    if len(numbers) == 1:
        return visit.t("forecast.short_sales", known=numbers[0], unit=unit)
    return status


def no_forecast(visit: Visit, *, orders: bool) -> Markup:
    """Nothing was forecast yet: why, and what to do next."""
    if not orders:
        return empty(visit, visit.t("forecast.no_orders"), visit.t("nav.orders"), "/orders")
    now = button(visit.t("forecast.now"), "forecast", tone="is-main") if visit.may("propose") else None
    return h("div", h("p", visit.t("forecast.none")), now, class_="zg-empty")


def answer_forecast(frame: Frame) -> None:
    """Answer the action `forecast`: start the job and say where to watch it."""
    visit = frame.visit

    def begin(uow: UnitOfWork) -> str:
        return visit.app.jobs.start(uow, FORECAST_JOB, {})

    async def start(_: Values) -> None:
        job = await frame.write("propose", begin)
        watch = h("a", visit.t("copy.watch"), href=f"/jobs?id={job}", class_="zg-button")
        frame.say(visit.t("copy.started"), action=watch)

    frame.on("forecast", start)


def units(value: float | None) -> str:
    """Units for people: one decimal below ten."""
    if value is None:
        return "–"
    return f"{value:,.1f}" if abs(value) < 10 and value != int(value) else f"{value:,.0f}"
