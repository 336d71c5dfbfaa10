"""What the doors get: everything opened and wired, in the order that it must be closed again."""

from collections.abc import Mapping
from dataclasses import dataclass

from zhanggui.app.bridges import CatalogueProof, CountedStock, OrderedDemand, OrderedWork, ShopGoods, ShopOrders
from zhanggui.app.models import model_settings
from zhanggui.app.people import People
from zhanggui.catalog import (
    Copywriter,
    ListingCopyKind,
    ShelfTools,
    ShopSearch,
    ShopWindow,
    WriteCopyJob,
)
from zhanggui.connectors.shopify_api import ShopifySources, ShopifyWebhooks
from zhanggui.connectors.standard_webhooks import StandardWebhooks, WebhookCourier
from zhanggui.connectors.woocommerce_api import WooSources, WooWebhooks
from zhanggui.desk import Desk, Kinds
from zhanggui.kernel.access import Access
from zhanggui.kernel.clock import Clock, SystemClock
from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.jobs import Jobs
from zhanggui.kernel.llm import ChatProvider, Models
from zhanggui.kernel.privacy import gate
from zhanggui.kernel.retrieval import NanoEmbedder
from zhanggui.kernel.storage import Actor, Database, MerchantStore, migrate
from zhanggui.kernel.textmodels import default_sentiment
from zhanggui.kernel.webhooks import Webhooks, WebhooksJob, schedule_webhooks
from zhanggui.marketing import (
    AudienceReader,
    CampaignKind,
    Marketing,
    Recommender,
    RecommendJob,
    RefreshCustomersJob,
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
    order_kinds,
    schedule_orders,
)
from zhanggui.planning import ForecastJob, Planner, RestockKind, Staffing, schedule_planning
from zhanggui.settings import Settings
from zhanggui.support import (
    Agent,
    Chat,
    ChatAnswersJob,
    ChatChannel,
    ChatChannelJob,
    ChatEars,
    ChatHearingJob,
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
    staffing: Staffing
    marketing: Marketing
    people: People
    webhooks: Webhooks

    def close(self) -> None:
        """Stop work and let go of everything, in the order that loses nothing."""
        self.jobs.close()
        self.models.close()
        self.database.close()


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
        _chat(settings, database, helpers, orders, jobs, complaints := ComplaintDesk(default_sentiment)), knowledge,
        complaints, planner, Staffing(planner, OrderedWork()), marketing := _marketing(database, models, kinds, jobs),
        People(database, marketing.recommender, settings.data_dir), _webhooks(settings, database, jobs),
    )  # fmt: skip


def schedule_work(app: App) -> None:
    """What runs by itself for every merchant, set up where it is not there yet."""
    for merchant in app.merchants.all():
        with app.database.begin(merchant.id, Actor("system", "schedules")) as uow:
            schedule_orders(app.jobs, uow)
            schedule_planning(app.jobs, uow, app.planner)
            schedule_chat(app.jobs, uow)
            schedule_marketing(app.jobs, uow)
            schedule_webhooks(app.jobs, uow)


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


def _chat(
    settings: Settings, database: Database, helpers: Helpers, orders: OrderTools, jobs: Jobs, complaints: ComplaintDesk
) -> Chat:
    """Support knows nothing of orders or products: here it gets the tools of both."""
    handovers, conversations = Handovers(), Conversations()
    agent = Agent(database, handovers, helpers)
    channel = ChatChannel(database, SecretBox(settings.signing_key()), WebhookCourier(), conversations)
    jobs.register(ChatAnswersJob(agent))
    jobs.register(ChatWatchJob(handovers, conversations, orders))
    jobs.register(ChatHearingJob(ChatEars(complaints, handovers, orders)))
    jobs.register(ChatChannelJob(database, channel))
    return Chat(settings.signing_key().encode(), agent, conversations, handovers, channel)


def _marketing(database: Database, models: Models, kinds: Kinds, jobs: Jobs) -> Marketing:
    recommender = Recommender(bought_lines, ShopWindow())
    marketing = Marketing(ShopOrders(), CatalogueProof(), AudienceReader(models), recommender, ShopGoods())
    jobs.register(RecommendJob(database, recommender))
    kinds.register(CampaignKind(marketing.proof))
    jobs.register(RefreshCustomersJob(marketing.book))
    return marketing


def _webhooks(settings: Settings, database: Database, jobs: Jobs) -> Webhooks:
    courier = WebhookCourier(allow_loopback=settings.webhooks_to_loopback)
    webhooks = Webhooks(database, SecretBox(settings.signing_key()), courier)
    jobs.register(WebhooksJob(webhooks))
    return webhooks


def _first_merchant(merchants: MerchantStore, settings: Settings) -> None:
    # A single merchant never has to know that there could be several.
    try:
        merchants.get(settings.merchant)
    except NotFound:
        currency = "CNY" if settings.locale == "zh-CN" else "USD"
        merchants.create(settings.merchant, name=settings.merchant, locale=settings.locale, currency=currency)
