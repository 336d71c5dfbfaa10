"""Composition root: settings -> kernel -> desk -> connectors -> capabilities, wired here and nowhere else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from zhanggui.catalog import (
    Copywriter,
    Fact,
    ListingCopy,
    ListingCopyKind,
    ProductFacts,
    ProductStore,
    ShelfTools,
    ShopSearch,
    ShopWindow,
    VoiceStore,
    WriteCopyJob,
    facts_of_product,
    prove,
)
from zhanggui.connectors.shopify_api import ShopifySources, ShopifyWebhooks
from zhanggui.connectors.standard_webhooks import StandardWebhooks, WebhookCourier
from zhanggui.connectors.woocommerce_api import WooSources, WooWebhooks
from zhanggui.desk import Check, Desk, Kinds
from zhanggui.kernel.access import Access
from zhanggui.kernel.clock import Clock, SystemClock
from zhanggui.kernel.errors import BadInput, NotFound
from zhanggui.kernel.jobs import Jobs
from zhanggui.kernel.llm import DEFAULT_WEIGHTS, Budget, ChatProvider, Models, ModelSettings, ProviderSettings
from zhanggui.kernel.privacy import gate
from zhanggui.kernel.retrieval import NanoEmbedder
from zhanggui.kernel.storage import Actor, Database, MerchantStore, UnitOfWork, migrate
from zhanggui.kernel.textmodels import default_sentiment
from zhanggui.kernel.types import Locale
from zhanggui.marketing import (
    AudienceReader,
    CampaignKind,
    Identity,
    Marketing,
    PastOrder,
    Recommender,
    RecommendJob,
    RefreshCustomersJob,
    Variant,
    schedule_marketing,
)
from zhanggui.orders import (
    Automations,
    AutomationsJob,
    Connections,
    DeliveriesJob,
    Dossiers,
    ExceptionDesk,
    ExceptionsJob,
    OrderQuery,
    OrderTools,
    Outbox,
    OutboxJob,
    PolicyDesk,
    Receiver,
    ReconcileJob,
    Reconciler,
    SecretBox,
    ShopTaker,
    bought_lines,
    order_details,
    order_kinds,
    ordered_units,
    schedule_orders,
    search_orders,
)
from zhanggui.planning import DayDemand, ForecastJob, Planner, RestockKind, StockStore, schedule_planning
from zhanggui.settings import Settings
from zhanggui.support import (
    Agent,
    Chat,
    ChatAnswersJob,
    ChatChannel,
    ChatChannelJob,
    ChatWatchJob,
    ComplaintDesk,
    Conversations,
    Handovers,
    Helpers,
    KnowledgeArticleKind,
    KnowledgeDesk,
    ModelListener,
    ReviewReplyKind,
    schedule_chat,
)

# A busy processor may read a long prompt for minutes; that is slow, not broken.
_LOCAL_TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class App:
    """Everything a door may use."""

    settings: Settings
    database: Database
    merchants: MerchantStore
    access: Access
    models: Models
    desk: Desk
    jobs: Jobs
    copywriter: Copywriter
    shop_search: ShopSearch
    connections: Connections
    receiver: Receiver
    automations: Automations
    exceptions: ExceptionDesk
    outbox: Outbox
    policies: PolicyDesk
    chat: Chat
    knowledge: KnowledgeDesk
    complaints: ComplaintDesk
    planner: Planner
    marketing: Marketing

    def close(self) -> None:
        """Stop work and let go of everything, in the order that loses nothing."""
        self.jobs.close()
        self.models.close()
        self.database.close()


class OrderedDemand:
    """Planning's demand from the shop's own orders: the one place where the two meet."""

    def daily(self, uow: UnitOfWork, since: date) -> Iterator[DayDemand]:
        """Units ordered of each SKU on each day from `since`."""
        return (DayDemand(row.sku, row.day, row.units) for row in ordered_units(uow, since))


class CountedStock:
    """The orders' stock levels from planning's stock records."""

    def free(self, uow: UnitOfWork, skus: Sequence[str]) -> Mapping[str, int] | None:
        """On hand less reserved, never below zero; None where a SKU has no record: nobody counts it."""
        found = {item.sku: max(item.on_hand - item.reserved, 0) for item in StockStore(uow).all(skus)}
        return found if found and len(found) == len(set(skus)) else None


class ShopOrders:
    """Marketing's past orders from the shop's own, with what the catalogue knows of their products."""

    def orders(self, uow: UnitOfWork, since: datetime | None) -> Iterator[PastOrder]:
        """Every order placed at or after `since`, in time order."""
        query = OrderQuery(placed_from=since, sort="placed", descending=False, limit=200)
        known: dict[str, frozenset[str]] = {}
        while True:
            page = search_orders(uow, query)
            for row in page.items:
                yield self._order(uow, row.id, known)
            if page.next_cursor is None:
                return
            query = replace(query, cursor=page.next_cursor)

    def _order(self, uow: UnitOfWork, order_id: str, known: dict[str, frozenset[str]]) -> PastOrder:
        details = order_details(uow, order_id)
        row, told = details.summary, details.told
        who, where = told.customer, told.shipping_address
        things: set[str] = set()
        for line in told.lines:
            things.add(f"product:{line.title}")
            product = line.product_id or line.sku  # most shops use the SKU as the product's id
            if product not in known:
                known[product] = self._things(uow, product)
            things |= known[product]
        identity = Identity(
            f"{row.shop_id}:{row.customer_id}" if row.customer_id else "",
            row.customer_name,
            row.customer_email,
            (who.phone if who else "") or (where.phone if where else ""),
            (where.city or where.region) if where else "",
        )
        prices = tuple((one.sku, one.quantity - one.cancelled, one.unit_price.minor) for one in told.lines)
        total, gone = told.total, told.cancelled_at is not None or row.state == "cancelled"
        return PastOrder(
            order_id, identity, row.placed_at, total.minor, total.currency, frozenset(things), prices, gone
        )

    @staticmethod
    def _things(uow: UnitOfWork, product_id: str) -> frozenset[str]:
        try:
            product = ProductStore(uow).get(product_id)
        except NotFound:
            return frozenset()
        return frozenset(
            {*(f"category:{one}" for one in product.category), *([f"brand:{product.brand}"] * bool(product.brand))}
        )


class CatalogueProof:
    """Marketing's proof of texts is the catalogue's: every claim against facts, and advertising law."""

    def check(
        self, uow: UnitOfWork, text: Variant, product_id: str, facts: Sequence[tuple[str, str]], locale: Locale
    ) -> tuple[Check, ...]:
        """The catalogue's checks of a text with the product's facts and those given."""
        product = facts_of_product(ProductStore(uow).get(product_id)) if product_id else ProductFacts("", (), "", ())
        known = replace(product, facts=(*product.facts, *(Fact(name, value) for name, value in facts)))
        copy = ListingCopy(text.subject or product.title or text.body[:40], description=text.body)
        proved = prove(copy, known, locale=locale, channel="plain", voice=VoiceStore(uow).get())
        return tuple(Check(one.name, one.passed, one.reason, one.blocking, one.reason_zh) for one in proved.checks)

    def facts(self, uow: UnitOfWork, product_id: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Title and facts of a product."""
        product = facts_of_product(ProductStore(uow).get(product_id))
        return product.title, tuple((fact.attribute, fact.value) for fact in product.facts)


def build(
    settings: Settings, *, providers: Mapping[str, ChatProvider] | None = None, clock: Clock | None = None
) -> App:
    """Open the database (migrated to the newest tables), wire every capability; starts no threads and no server.

    Args:
        settings: what was read by `read_settings`.
        providers: chat models by name, in place of those the settings would build; for the demo and for tests.
        clock: where now comes from.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.url, clock=clock or SystemClock())
    migrate(database)
    merchants = MerchantStore(database)
    _first_merchant(merchants, settings)
    models = Models(database, model_settings(settings), gate(locale=settings.locale), providers=dict(providers or {}))
    kinds = Kinds()
    kinds.register(ListingCopyKind())
    kinds.register(ReviewReplyKind())
    kinds.register(KnowledgeArticleKind())
    dossiers = Dossiers(stock=CountedStock())
    for kind in order_kinds(dossiers):
        kinds.register(kind)
    kinds.register(RestockKind(planner := Planner(OrderedDemand())))
    desk = Desk(kinds)
    copywriter = Copywriter(models)
    shop_search = ShopSearch()
    jobs = Jobs(database, settings.data_dir)
    jobs.register(WriteCopyJob(database, copywriter, desk, shop_search, concurrency=settings.local_slots))
    jobs.register(ForecastJob(database, planner, desk))
    connections, receiver, shops = _order_intake(settings, database, jobs)
    knowledge = KnowledgeDesk(database, NanoEmbedder(), settings.data_dir / "indexes" / "answers", models)
    orders = OrderTools(dossiers, desk, shelf := ShelfTools())
    helpers = Helpers(orders, shelf, knowledge, ModelListener(models))
    return App(
        settings, database, merchants, Access(database), models, desk, jobs, copywriter, shop_search,
        connections, receiver, *_order_desk(dossiers, desk, jobs, Outbox(database, (shops,))), PolicyDesk(dossiers),
        _chat(settings, database, helpers, orders, jobs), knowledge,
        ComplaintDesk(default_sentiment), planner, _marketing(database, models, kinds, jobs),
    )  # fmt: skip


def schedule_work(app: App) -> None:
    """What runs by itself for every merchant, set up where it is not there yet."""
    for merchant in app.merchants.all():
        with app.database.begin(merchant.id, Actor("system", "schedules")) as uow:
            schedule_orders(app.jobs, uow)
            schedule_planning(app.jobs, uow, app.planner)
            schedule_chat(app.jobs, uow)
            schedule_marketing(app.jobs, uow)


def _order_intake(settings: Settings, database: Database, jobs: Jobs) -> tuple[Connections, Receiver, ShopTaker]:
    box = SecretBox(settings.signing_key())
    shops = {"shopify": ShopifySources(), "woocommerce": WooSources()}
    connections = Connections(box, shops)
    readers = (ShopifyWebhooks(), WooWebhooks(), StandardWebhooks())
    receiver = Receiver(database, jobs, box, {reader.source: reader for reader in readers})
    jobs.register(DeliveriesJob(receiver))
    jobs.register(ReconcileJob(Reconciler(database, connections)))
    return connections, receiver, ShopTaker(database, connections, shops)


def _order_desk(
    dossiers: Dossiers, desk: Desk, jobs: Jobs, outbox: Outbox
) -> tuple[Automations, ExceptionDesk, Outbox]:
    automations, exceptions = Automations(dossiers, desk), ExceptionDesk(dossiers, desk)
    jobs.register(AutomationsJob(automations))
    jobs.register(ExceptionsJob(exceptions))
    jobs.register(OutboxJob(outbox))
    return automations, exceptions, outbox


def _chat(settings: Settings, database: Database, helpers: Helpers, orders: OrderTools, jobs: Jobs) -> Chat:
    """Support knows nothing of orders or products: here it gets the tools of both."""
    handovers, conversations = Handovers(), Conversations()
    agent = Agent(database, handovers, helpers)
    channel = ChatChannel(database, SecretBox(settings.signing_key()), WebhookCourier(), conversations)
    jobs.register(ChatAnswersJob(agent))
    jobs.register(ChatWatchJob(handovers, conversations, orders))
    jobs.register(ChatChannelJob(database, channel))
    return Chat(settings.signing_key().encode(), agent, conversations, handovers, channel)


def _marketing(database: Database, models: Models, kinds: Kinds, jobs: Jobs) -> Marketing:
    recommender = Recommender(bought_lines, ShopWindow())
    marketing = Marketing(ShopOrders(), CatalogueProof(), AudienceReader(models), recommender)
    jobs.register(RecommendJob(database, recommender))
    kinds.register(CampaignKind(marketing.proof))
    jobs.register(RefreshCustomersJob(marketing.book))
    return marketing


def _first_merchant(merchants: MerchantStore, settings: Settings) -> None:
    # A single merchant never has to know that there could be several.
    try:
        merchants.get(settings.merchant)
    except NotFound:
        currency = "CNY" if settings.locale == "zh-CN" else "USD"
        merchants.create(settings.merchant, name=settings.merchant, locale=settings.locale, currency=currency)


def weights_path(settings: Settings) -> Path:
    """Where the weights of the local model are, or will be pulled to."""
    if settings.model_file is not None:
        return settings.model_file
    return settings.data_dir / "models" / DEFAULT_WEIGHTS.file


def model_settings(settings: Settings) -> ModelSettings:
    """The models that the settings name, in the form that `kernel.llm` takes.

    Raises:
        BadInput: a model is not written as `provider:name`.
    """
    specs = {"default": settings.model, **settings.task_models}
    chains = {task: _chain(spec) for task, spec in specs.items()}
    names = dict.fromkeys(name for chain in chains.values() for name in chain)
    budgets: tuple[Budget, ...] = ()
    if settings.daily_budget_usd:
        budgets = (Budget("day", micros=round(settings.daily_budget_usd * 1_000_000)),)
    return ModelSettings(
        providers=tuple(_provider(name, settings) for name in names),
        default=chains.pop("default"),
        tasks=chains,
        budgets=budgets,
    )


def _chain(spec: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in spec.split(",") if part.strip() and part.strip() != "none")


def _provider(name: str, settings: Settings) -> ProviderSettings:
    kind, _, model = name.partition(":")
    slots, timeout = settings.local_slots, settings.model_timeout
    if kind == "local":
        weights = weights_path(settings)
        return ProviderSettings(
            name, "local", model=model, weights=weights, on_machine=True, slots=slots,
            threads=settings.local_threads, timeout_seconds=max(timeout, _LOCAL_TIMEOUT),
        )  # fmt: skip
    if kind == "openai" and model:
        key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
        return ProviderSettings(
            name, "openai", model=model, base_url=settings.openai_base_url, api_key=key,
            on_machine=settings.openai_on_machine, schema_mode=settings.openai_schema, slots=8, timeout_seconds=timeout,
            price_input=settings.price_input, price_output=settings.price_output,
        )  # fmt: skip
    if kind == "google" and model:
        key = settings.google_api_key.get_secret_value() if settings.google_api_key else ""
        return ProviderSettings(
            name, "google", model=model, api_key=key, project=settings.google_project,
            location=settings.google_location, slots=8, timeout_seconds=timeout,
            price_input=settings.price_input, price_output=settings.price_output,
        )  # fmt: skip
    if kind == "transformers" and model:
        return ProviderSettings(name, "transformers", model=model, on_machine=True, slots=1, timeout_seconds=timeout)
    if kind == "fake":
        return ProviderSettings(name, "fake", model=model or "fake", on_machine=True)
    raise BadInput(field="model", expected="local:…, openai:…, google:…, transformers:… or none", found=name)
