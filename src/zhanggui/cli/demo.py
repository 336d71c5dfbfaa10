"""`zhanggui demo`: a made-up shop, one day of operations on it, then the console."""

import base64
import secrets
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from zhanggui.app import App, build, weights_path
from zhanggui.catalog import (
    Channel,
    CopyRequest,
    Copywriter,
    ListingCopy,
    ProductStore,
    Voice,
    VoiceStore,
    draft_of,
    facts_of_product,
    prove,
)
from zhanggui.cli import common
from zhanggui.cli.common import out
from zhanggui.cli.options import option
from zhanggui.demo import DemoProduct, DemoShop, make_shop
from zhanggui.desk import Inbox, Proposal, State
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.commerce import Product
from zhanggui.kernel.errors import ZhangguiError
from zhanggui.kernel.llm import DEFAULT_WEIGHTS, pull
from zhanggui.kernel.storage import Actor, MerchantStore
from zhanggui.kernel.types import Locale
from zhanggui.settings import Settings

_LOGIN = "demo"
_CHANNELS: dict[Locale, Channel] = {"zh-CN": "taobao", "en": "shopify"}
_PERSON = Actor("person", _LOGIN)
_IMPORTER = Actor("system", "demo")


@dataclass(frozen=True, slots=True)
class Day:
    """What one day of operations did, to print."""

    products: int
    proposed: int
    published: int
    rejected: int
    undone: int
    waiting: int
    by_model: int
    lie: str
    audit_rows: int


def demo(
    serve: Annotated[bool, option("--serve/--no-serve", help="Open the console afterwards.")] = True,
    port: Annotated[int | None, option(min=0, max=65535, help="Port of the console; 0 takes a free one.")] = None,
    seed: Annotated[int, option(help="Another seed, another shop.")] = 7,
    model_drafts: Annotated[int, option(min=0, max=80, help="Drafts by the model, when its weights are here.")] = 2,
) -> None:
    """Make a synthetic bilingual shop in a folder of its own, run one day on it, then serve the console."""
    usual = common.settings()
    folder = usual.data_dir / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    app = build(_demo_settings(folder, weights_path(usual)))
    password = secrets.token_urlsafe(9)
    with out.status("Drawing the shop …"):
        shop = make_shop(seed)
        _load(app, shop, password)
    with out.status("One day of operations …"):
        day = _run_day(app, shop, model_drafts)
    _print(day)
    if not serve:
        app.close()
        return
    _serve(app, password, port)


def _serve(app: App, password: str, port: int | None) -> None:
    # Imported here: the web framework takes longer to load than most commands take to run.
    import uvicorn

    from zhanggui.server import free_port, make_server

    _fetch_weights_meanwhile(app)
    chosen = app.settings.port if port is None else port
    chosen = chosen or free_port(app.settings.host)
    out.print(f"\nConsole: http://{app.settings.host}:{chosen}/   login: {_LOGIN}   password: {password}", markup=False)
    uvicorn.run(
        make_server(app), host=app.settings.host, port=chosen, log_level="warning", timeout_graceful_shutdown=3
    )  # fmt: skip


def _demo_settings(folder: Path, weights: Path) -> Settings:
    return common.settings(data_dir=folder, database_url="", merchant="demo", model_file=weights)


def _load(app: App, shop: DemoShop, password: str) -> None:
    with app.database.begin("demo", _IMPORTER) as uow:
        MerchantStore.add_shop(uow, "taobao", name="云上好物 · 淘宝", channel="taobao")
        MerchantStore.add_shop(uow, "shopify", name="Yunshang Goods", channel="shopify")
        app.access.add_staff(uow, _LOGIN, password=password, role="owner")
        products = ProductStore(uow)
        for one in shop.products:
            products.save(_pictured(one.zh, one, shop), change="demo")
            products.save(replace(_pictured(one.en, one, shop), id=f"EN-{one.id}"), change="demo")
        VoiceStore(uow).save(Voice("default", style="亲切、简洁，不夸张。", forbidden=("亲们", "爆款")))


def _pictured(product: Product, one: DemoProduct, shop: DemoShop) -> Product:
    pictures = {picture.name: picture.svg for picture in shop.pictures}
    images = tuple(
        f"data:image/svg+xml;base64,{base64.b64encode(pictures[name].encode()).decode()}"
        for name in product.images
        if name in pictures
    )
    return replace(product, images=images)


def _run_day(app: App, shop: DemoShop, model_drafts: int) -> Day:
    lie = _existing_lie(shop)
    chosen = [*shop.products[:8], *(one for one in shop.products if one.trap)]
    made = [proposal for one in chosen for proposal in _propose(app, one)]
    by_model = _with_model(app, [one.id for one in shop.products[8 : 8 + model_drafts]])
    published, rejected, undone = _decide(app, made)
    with app.database.begin("demo", _PERSON) as uow:
        waiting = sum(count for (_, state), count in Inbox.counts(uow).items() if state is State.WAITING)
        rows = AuditLog(uow).read(limit=1).total
    return Day(2 * len(shop.products), len(made) + by_model, published, rejected, undone, waiting, by_model, lie, rows)


def _existing_lie(shop: DemoShop) -> str:
    """The claim in a product's present description that its own attributes deny."""
    one = next(product for product in shop.products if product.trap == "false-claim")
    facts = facts_of_product(one.zh)
    text = ListingCopy(title=one.zh.title, description=one.zh.description)
    proved = prove(text, facts, locale="zh-CN", channel="taobao", voice=Voice())
    wrong = [claim for claim in proved.claims if claim.hard and not claim.supported]
    return f"{one.name.zh}: “{wrong[0].text}” — {wrong[0].reason}" if wrong else ""


def _propose(app: App, one: DemoProduct) -> list[Proposal]:
    """The deterministic writer's copy for the Chinese and the English shop."""
    writer = Copywriter(None)
    made: list[Proposal] = []
    for product, locale in ((one.zh, "zh-CN"), (replace(one.en, id=f"EN-{one.id}"), "en")):
        language: Locale = "zh-CN" if locale == "zh-CN" else "en"
        request = CopyRequest(facts_of_product(product), language, _CHANNELS[language])
        written = writer.write("demo", request)
        with app.database.begin("demo", Actor("desk", "copy")) as uow:
            proposal = app.desk.propose(uow, draft_of(product.id, request, written))
        if proposal is not None:
            made.append(proposal)
    return made


def _with_model(app: App, products: Sequence[str]) -> int:
    if not products or not app.models.available("catalog.copy"):
        return 0
    with app.database.begin("demo", Actor("desk", "copy")) as uow:
        job = app.jobs.start(uow, "listing-copy", {"products": [*products], "channel": "taobao", "locale": "zh-CN"})
    return app.jobs.run("demo", job).progress.done


def _decide(app: App, made: Sequence[Proposal]) -> tuple[int, int, int]:
    """A person works through most of the inbox: approves what is sound, rejects one, takes one back."""
    published: list[str] = []
    rejected = 0
    for number, proposal in enumerate(made[:-6]):
        with app.database.begin("demo", _PERSON) as uow:
            if proposal.blocked or number == 3:
                app.desk.reject(uow, proposal.id, reason="标题还要更好看")
                rejected += 1
                continue
            app.desk.approve(uow, proposal.id)
            app.desk.apply(uow, proposal.id)
            published.append(proposal.id)
    if published:
        with app.database.begin("demo", _PERSON) as uow:
            app.desk.undo(uow, published[-1], reason="图片还没有准备好")
    return len(published), rejected, 1 if published else 0


def _print(day: Day) -> None:
    out.print(f"{day.products} products in two shops (synthetic), a picture for each", markup=False)
    out.print(f"{day.proposed} listings proposed ({day.by_model} by the model), {day.published} approved and published")
    out.print(f"{day.rejected} rejected with a reason, {day.undone} taken back, {day.waiting} wait for you")
    if day.lie:
        out.print(f"found in a description that is live today: {day.lie}", markup=False)
    out.print(f"{day.audit_rows} rows of audit, hash-chained")


def _fetch_weights_meanwhile(app: App) -> None:
    target = weights_path(app.settings)
    if target.is_file() or not app.models.describe():
        return
    out.print(f"Fetching the model meanwhile ({DEFAULT_WEIGHTS.size / 1e9:.1f} GB); it writes once it is here.")

    def fetch() -> None:
        try:
            pull(DEFAULT_WEIGHTS, target.parent)
        except ZhangguiError as failed:
            common.err.print(f"the model could not be fetched: {failed.message}", markup=False)

    threading.Thread(target=fetch, name="weights", daemon=True).start()
