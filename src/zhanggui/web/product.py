"""One product: its attributes, what shoppers read now with its proof beside what it came with, every version there
ever was, and what goes with it."""

from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from zhanggui.app import App
from zhanggui.catalog import Channel, ListingStore, ProductStore, ProvedCopy, PublishedListing, copy_of, prove_text
from zhanggui.desk import Filter, Inbox, Proposal
from zhanggui.kernel.commerce import Product
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import Locale
from zhanggui.marketing import Question, Served, ServeKind
from zhanggui.web import frame as frames
from zhanggui.web.copy_dialog import DIALOG, copy_dialog, start_copy, voice_names
from zhanggui.web.frame import Frame, Region, Values, empty, title
from zhanggui.web.markup import Child, Markup, h
from zhanggui.web.parts import button, cell, chip, facts, moment, picture, price, state_chip, table
from zhanggui.web.proof import claims_table, legend, proved_copy
from zhanggui.web.session import Visit

_RELATED = 6


@dataclass(frozen=True, slots=True)
class Live:
    """A text that shoppers read, proved against the product as it is now."""

    version: PublishedListing
    proved: ProvedCopy


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything the page tells."""

    product: Product
    history: tuple[PublishedListing, ...]
    live: tuple[Live, ...]
    proposals: tuple[Proposal, ...]
    voices: tuple[str, ...]


def add_page(app: App) -> None:
    """Serve the page."""
    frames.add_page(app, "/product", "catalogue", _build)


async def _build(frame: Frame) -> None:
    visit, number = frame.visit, frame.query("id")

    def load(uow: UnitOfWork) -> Shown:
        history = ListingStore(uow).history(number)
        return Shown(
            product=ProductStore(uow).get(number),
            history=history,
            live=tuple(_proved(uow, version) for version in _newest(history)),
            proposals=Inbox.page(uow, Filter(subject=f"product:{number}"), limit=20).items,
            voices=voice_names(uow),
        )

    shown = await frame.read(load)
    product = shown.product

    async def write(values: Values) -> None:
        await start_copy(frame, values, [product.id])

    frame.on("write-copy", write)
    beside = [button(visit.t("copy.write"), opens=DIALOG, tone="is-main")] if visit.may("propose") else []
    Region("zg-main").show(
        h("p", h("a", f"‹ {visit.t('nav.catalogue')}", href="/catalogue"), class_="zg-crumb"),
        title(product.title, beside, lead=" / ".join(product.category)),
        h("div", h("div", _facts(visit, product), _variants(visit, product)),
          h("div", _listings(visit, shown), _proposals(visit, shown.proposals), _history(visit, shown.history)),
          class_="zg-columns is-product"),
    )  # fmt: skip
    await _add_related(frame, product.id)
    if visit.may("propose"):
        Region().show(copy_dialog(visit, shown.voices, everything=False))


def _newest(history: tuple[PublishedListing, ...]) -> list[PublishedListing]:
    """The live version of each channel and language."""
    live: dict[tuple[str, str], PublishedListing] = {}
    for version in history:
        if version.withdrawn_at is None:
            live.setdefault((version.channel, version.locale), version)
    return list(live.values())


def _proved(uow: UnitOfWork, version: PublishedListing) -> Live:
    channel, locale = cast(Channel, version.channel), cast(Locale, version.locale)
    copy = copy_of({"copy": version.copy})
    return Live(version, prove_text(uow, version.product_id, copy, channel=channel, locale=locale))


async def _add_related(frame: Frame, product_id: str) -> None:
    """What is bought with it and what is like it, each with its reason; a large shop is learnt only when asked to."""
    visit, region = frame.visit, Region("zg-main-part")

    async def show(_: Values) -> None:
        region.show(_related(visit, await frame.read(lambda uow: _goes_with(visit, uow, product_id))))

    frame.on("show-related", show)
    if visit.app.marketing.recommender.ready(visit.caller.merchant_id):
        await show({})
        return
    label = visit.t("product.related")
    region.show(h("section", h("h2", label), h("p", visit.t("product.related_lead"), class_="zg-hint"),
                  button(visit.t("product.related_show"), "show-related"), class_="zg-card"))  # fmt: skip


def _goes_with(visit: Visit, uow: UnitOfWork, product_id: str) -> list[Served]:
    kinds: tuple[ServeKind, ...] = ("together", "similar")
    found: dict[str, Served] = {}
    for kind in kinds:
        answer = visit.app.marketing.recommender.answer(uow, Question(kind, items=(product_id,), limit=_RELATED))
        for one in answer.items:
            found.setdefault(one.item, one)
    return list(found.values())[: 2 * _RELATED]


def _related(visit: Visit, found: list[Served]) -> Markup:
    label = visit.t("product.related")
    if not found:
        return h("section", h("h2", label), h("p", visit.t("product.related_none"), class_="zg-hint"), class_="zg-card")
    heads = [visit.t(f"recommend.{name}") for name in ("item", "price", "reason")]
    rows = (
        h(
            "tr",
            cell(heads[0], h("div", picture(one.image, one.title, "is-small"),
                             h("a", one.title, href=f"/product?{urlencode({'id': one.item})}", class_="zg-clip"),
                             class_="zg-with-picture")),
            cell(heads[1], price(one.price), classes="is-number"),
            cell(heads[2], chip(visit.name_of("recommend_reason", one.reason.kind)), " ",
                 one.reason.text(visit.locale)),
        )
        for one in found
    )  # fmt: skip
    return h("section", h("h2", label), table(heads, rows, label=label), class_="zg-card")


def _facts(visit: Visit, product: Product) -> Markup:
    rows: list[tuple[str, Child]] = [(visit.t("catalogue.brand"), product.brand)] if product.brand else []
    rows += [(visit.t("catalogue.price"), price(product.price)),
             (visit.t("catalogue.status"), state_chip(visit, "status", product.status)),
             ("ID", product.id)]  # fmt: skip
    rows += [(name, "、".join(values) if visit.locale == "zh-CN" else ", ".join(values))
             for name, values in product.attributes.items()]  # fmt: skip
    tags = h("p", *(chip(tag) for tag in product.tags), class_="zg-chips") if product.tags else None
    pictures = [picture(address, product.title, "is-large") for address in product.images[:4]]
    if not pictures:
        pictures = [picture("", product.title, "is-large")]
    return h("section", h("div", *pictures[:1], class_="zg-gallery"), facts(rows), tags, class_="zg-card")


def _variants(visit: Visit, product: Product) -> Markup | None:
    if not product.variants:
        return None
    heads = [visit.t(f"product.{name}") for name in ("sku", "options", "price", "stock")]
    rows = (
        h(
            "tr",
            cell(heads[0], one.sku),
            cell(heads[1], ", ".join(f"{name}: {value}" for name, value in one.options.items()) or one.title or "–"),
            cell(heads[2], price(one.price), classes="is-number"),
            cell(heads[3], "–" if one.stock is None else one.stock, classes="is-number"),
        )
        for one in product.variants
    )
    label = visit.t("product.variants")
    return h("section", h("h2", label), table(heads, rows, label=label), class_="zg-card")


def _listings(visit: Visit, shown: Shown) -> Markup:
    original = h("section", h("h3", visit.t("inbox.original"), class_="zg-over"),
                 h("p", shown.product.description or visit.t("inbox.no_text"), class_="zg-pre"),
                 class_="zg-pane is-before")  # fmt: skip
    panes = [_live(visit, one) for one in shown.live]
    if not panes:
        panes = [h("section", h("h3", visit.t("product.live"), class_="zg-over"),
                   empty(visit, visit.t("product.no_listing")), class_="zg-pane")]  # fmt: skip
    return h("section", h("h2", visit.t("product.texts")), h("div", h("div", *panes), original, class_="zg-beside"),
             class_="zg-card")  # fmt: skip


def _live(visit: Visit, live: Live) -> Markup:
    version = live.version
    return h(
        "section",
        h("h3", visit.t("product.live"), class_="zg-over"),
        h("p", chip(visit.name_of("channel", version.channel)), chip(visit.name_of("locale", version.locale)),
          chip(visit.t("product.by_ai" if version.ai_written else "product.by_rule")), class_="zg-chips"),
        legend(visit, live.proved),
        proved_copy(visit, live.proved),
        claims_table(visit, live.proved),
        class_="zg-pane",
    )  # fmt: skip


def _proposals(visit: Visit, proposals: tuple[Proposal, ...]) -> Markup | None:
    if not proposals:
        return None
    rows = (
        h("li", h("div", h("a", one.title, href=f"/inbox?{urlencode({'id': one.id})}"), " ",
                  state_chip(visit, "state", str(one.state))), moment(one.created_at))
        for one in proposals
    )  # fmt: skip
    return h("section", h("h2", visit.t("product.proposals")), h("ul", *rows, class_="zg-lines"), class_="zg-card")


def _history(visit: Visit, history: tuple[PublishedListing, ...]) -> Markup | None:
    if not history:
        return None
    heads = [visit.t(f"product.{name}") for name in ("published", "where", "title", "by", "withdrawn")]
    rows = (
        h(
            "tr",
            cell(heads[0], moment(one.published_at)),
            cell(heads[1], f"{visit.name_of('channel', one.channel)} · {visit.name_of('locale', one.locale)}"),
            cell(heads[2], str(one.copy.get("title") or "")),
            cell(heads[3], one.actor),
            cell(heads[4], moment(one.withdrawn_at)),
        )
        for one in history
    )
    label = visit.t("product.history")
    return h("section", h("h2", label), table(heads, rows, label=label), class_="zg-card")
