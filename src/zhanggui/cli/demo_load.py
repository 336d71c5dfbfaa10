"""What the demo loads before its day begins: shops, products, knowledge, orders, parcels, stock; by the usual ways."""

import base64
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from itertools import islice

import orjson

from zhanggui.app import App
from zhanggui.catalog import ProductStore, Voice, VoiceStore
from zhanggui.connectors.carriers import parse_tracking
from zhanggui.demo import DemoProduct, DemoShop, told_orders
from zhanggui.kernel.clock import SystemClock
from zhanggui.kernel.commerce import Product, SourceOrder
from zhanggui.kernel.storage import Actor, MerchantStore, UnitOfWork
from zhanggui.kernel.types import Locale
from zhanggui.orders import Origin, record_tracking, take
from zhanggui.planning import StockItem, StockStore
from zhanggui.support import Article, Feedback, save_article

MERCHANT, LOGIN, SHOP = "demo", "demo", "taobao"
IMPORTER, PERSON = Actor("system", "demo"), Actor("person", LOGIN)
# How far back orders are loaded: enough for forecasts, few enough to be there in seconds.
HISTORY = timedelta(days=150)
_MOOD = timedelta(days=36)
_ON_THE_WAY = timedelta(days=25)
# Complaints that were due longer ago were settled by a person.
_SETTLED = timedelta(days=2)
_BATCH = 500


@dataclass
class StoryClock:
    """The machine's clock, set back while the demo plays what came before today."""

    behind: timedelta = timedelta(0)
    _real: SystemClock = field(default_factory=SystemClock)

    def now(self) -> datetime:
        """The instant of the story."""
        return self._real.now() - self.behind

    def go_to(self, at: datetime) -> None:
        """Let the story go on at an instant that is past."""
        self.behind = self._real.now() - at

    def come_back(self) -> None:
        """From here on the story is now."""
        self.behind = timedelta(0)


@dataclass(frozen=True)
class Stage:
    """Where the demo plays."""

    app: App
    shop: DemoShop
    clock: StoryClock

    def begin(self, actor: Actor = IMPORTER) -> AbstractContextManager[UnitOfWork]:
        """A unit of work of the demo's merchant."""
        return self.app.database.begin(MERCHANT, actor)


def load_shop(stage: Stage, password: str) -> None:
    """The merchant's shops, its owner, products in two languages with pictures, the voice, the knowledge."""
    app, shop = stage.app, stage.shop
    with stage.begin() as uow:
        MerchantStore.add_shop(uow, "taobao", name="云上好物 · 淘宝", channel="taobao")
        MerchantStore.add_shop(uow, "shopify", name="Yunshang Goods", channel="shopify")
        app.access.add_staff(uow, LOGIN, password=password, role="owner")
        products = ProductStore(uow)
        pictures = {picture.name: picture.svg for picture in shop.pictures}
        for one in shop.products:
            products.save(_pictured(one.zh, pictures), change="demo")
            products.save(english(one, pictures), change="demo")
        VoiceStore(uow).save(Voice("default", style="亲切、简洁，不夸张。", forbidden=("亲们", "爆款")))
        _load_knowledge(uow, shop)


def english(one: DemoProduct, pictures: dict[str, str] | None = None) -> Product:
    """The product as the English shop sells it."""
    return replace(_pictured(one.en, pictures or {}), id=f"EN-{one.id}")


def _pictured(product: Product, pictures: dict[str, str]) -> Product:
    images = tuple(
        f"data:image/svg+xml;base64,{base64.b64encode(pictures[name].encode()).decode()}"
        for name in product.images
        if name in pictures
    )
    return replace(product, images=images)


def _load_knowledge(uow: UnitOfWork, shop: DemoShop) -> None:
    languages: tuple[tuple[Locale, str], ...] = (("zh-CN", "zh"), ("en", "en"))
    for one in shop.articles:
        until = datetime.combine(one.valid_to, time(), UTC) if one.valid_to else None
        for locale, short in languages:
            save_article(
                uow,
                Article(f"{one.id}-{short}", "faq", one.question.of(locale), one.answer.of(locale), locale,
                        valid_until=until, source="demo"),
            )  # fmt: skip


def load_orders(stage: Stage, first: datetime, last: datetime) -> int:
    """Orders placed from `first` until before `last`, as their shop tells them; how many."""
    return take_orders(stage, told_orders(stage.shop, first, last))


def take_orders(stage: Stage, told: Iterable[SourceOrder]) -> int:
    """Take news of orders in, some hundred in a transaction; how many were new."""
    taken, waiting = 0, iter(told)
    while some := list(islice(waiting, _BATCH)):
        with stage.begin() as uow:
            taken += sum(one.outcome == "created" for one in take(uow, some, Origin(SHOP, "demo", currency="CNY")))
    return taken


def load_tracking(stage: Stage) -> int:
    """What carriers answer about parcels that are under way or in trouble; how many reports."""
    shop, known = stage.shop, {one.id: one.tracking_number for one in stage.shop.shipments}
    since = shop.now - _ON_THE_WAY
    open_ones = [one for one in shop.parcels
                 if one.payload and one.shipped_at >= since and known[one.shipment_id]
                 and (one.delivered_at is None or one.scenario in ("damaged", "denied"))]  # fmt: skip
    for start in range(0, len(open_ones), 20):
        with stage.begin() as uow:
            for one in open_ones[start : start + 20]:
                for report in parse_tracking(one.provider, orjson.loads(one.payload)):
                    record_tracking(uow, report)
    return len(open_ones)


def load_stock(stage: Stage) -> None:
    """What is on hand and how each SKU is bought."""
    with stage.begin() as uow:
        StockStore(uow).put(
            [
                StockItem(
                    sku=one.sku, on_hand=one.on_hand, incoming=one.incoming, lead_days=one.lead_days,
                    lead_spread=one.lead_days_sd, least=one.minimum_order, pack=one.pack_size,
                    shelf_days=one.shelf_life_days or 0, cost_minor=one.cost.minor, currency=one.cost.currency,
                    supplier=one.supplier,
                )
                for one in stage.shop.supplies
            ]
        )  # fmt: skip


def hear_reviews(stage: Stage) -> tuple[int, int]:
    """Hear the reviews of the last weeks, settle what is old; how many, and how many complaints they make."""
    recent = [one for one in stage.shop.reviews if one.written_at >= stage.shop.now - _MOOD]
    carriers = {one.order_id: one.carrier for one in stage.shop.shipments}
    complaints, settled = 0, list[str]()
    with stage.begin() as uow:
        for one in recent:
            heard = Feedback("review", one.id, one.text, one.written_at, one.customer_id, f"{SHOP}:{one.order_id}",
                             one.product_id, carriers.get(one.order_id, ""), one.rating)  # fmt: skip
            complaint = stage.app.complaints.hear(uow, heard)
            complaints += complaint is not None
            if complaint is not None and complaint.deadline < stage.shop.now - _SETTLED:
                settled.append(complaint.id)
    with stage.begin(PERSON) as uow:
        for number in settled:
            stage.app.complaints.settle(uow, number, "已联系顾客并办妥（示例店铺）")
    return len(recent), complaints
