"""What every route answers with when all is well. `openapi` writes it down; a test compares it with real answers."""

from dataclasses import dataclass
from typing import Any

from zhanggui.api.shapes import Shape, listing, named, one, returns
from zhanggui.catalog import (
    ListingStore,
    ShopSearch,
    import_history,
    import_products,
    preflight,
    search_products,
    undo_import,
)
from zhanggui.connectors.saved_columns import SavedColumns
from zhanggui.desk import Agreement, Check, KindSettings, Proposal
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.commerce import Product
from zhanggui.kernel.jobs import Job, Jobs
from zhanggui.kernel.llm import Models
from zhanggui.kernel.types import JsonObject, Page
from zhanggui.kernel.webhooks import Endpoint, NewEndpoint, OutMessage, Webhooks
from zhanggui.marketing import (
    AudienceStore,
    CampaignStore,
    CustomerStore,
    EventsTaken,
    Recommender,
    take_messages,
)
from zhanggui.orders import (
    Automations,
    Connection,
    DecidedOtherwise,
    DeliveryStore,
    ExceptionDesk,
    ShopState,
    TriedShop,
    describe,
    import_orders,
    order_details,
    order_import_history,
    order_timeline,
    preflight_orders,
    search_orders,
    undo_order_import,
)
from zhanggui.planning import BackTest, ForecastStore, Planner, StockStore, sales_events
from zhanggui.support import (
    Article,
    ChannelView,
    Complaint,
    Conversation,
    ConversationView,
    Digest,
    Handover,
    KnowledgeDesk,
    KnowledgeOutcome,
    Overlap,
    TopicReport,
    article_versions,
    find_articles,
    mood_trends,
    open_gaps,
)


@dataclass(frozen=True, slots=True)
class _Level:
    """How far a kind may go, and how often people agreed with it."""

    settings: KindSettings
    agreement: Agreement


_Objects = list[JsonObject]
_JOB = named(job=str)
_TAKEN = named(order_id=str, outcome=str)
_COUNTED = {"members": int, "of": int, "opted_out": int}
_CHATTED = named(conversation=str, number=int)
_POLICY = named(name=str, version=str, number=int, text=str, sentences=returns(describe))

ANSWERS: dict[str, Shape] = {
    "GET /healthz": named(status=str, version=str),
    "GET /readyz": named(status=str, model=bool),
    # catalogue
    "GET /products": one(returns(search_products)),
    "GET /products/{product_id}": named(product=Product, listings=returns(ListingStore.history)),
    "GET /products/{product_id}/title": one(returns(ShopSearch.advise)),
    "POST /products/{product_id}/check-copy": named(claims=_Objects, checks=_Objects, publishable=bool),
    "POST /copy-jobs": _JOB,
    "POST /imports/preflight": one(returns(preflight), problems=_Objects),
    "POST /imports": one(returns(import_products), problems=_Objects),
    "GET /imports": listing(returns(import_history)),
    "POST /imports/{batch_id}/undo": one(returns(undo_import)),
    "GET /column-mappings/{what}": listing(tuple[SavedColumns, ...]),
    "PUT /column-mappings/{what}/{name}": one(SavedColumns),
    # desk
    "GET /proposals": one(Page[Proposal]),
    "GET /proposals/{proposal_id}": one(Proposal),
    "POST /proposals/{proposal_id}/approve": one(Proposal),
    "POST /proposals/{proposal_id}/reject": one(Proposal),
    "POST /proposals/{proposal_id}/undo": one(Proposal),
    "POST /proposals/decide": named(decided=int, problems=dict[str, str]),
    "GET /autonomy": listing(list[_Level]),
    "PUT /autonomy/{kind}": one(KindSettings),
    "GET /audit": one(returns(AuditLog.read)),
    # jobs and models
    "GET /jobs": one(Page[Job]),
    "GET /jobs/{job_id}": one(Job),
    "GET /jobs/{job_id}/items": one(returns(Jobs.items)),
    "POST /jobs/{job_id}/steer": one(Job),
    "GET /models": listing(returns(Models.describe)),
    "GET /models/cost": listing(returns(Models.spending)),
    # orders
    "POST /orders": _TAKEN,
    "POST /orders/bulk": listing(_Objects),
    "GET /orders": one(returns(search_orders)),
    "GET /orders/{order_id}": one(returns(order_details), total=JsonObject),
    "GET /orders/{order_id}/timeline": listing(returns(order_timeline)),
    "POST /orders/{order_id}/events": named(order_id=str, state=str, event=JsonObject),
    "POST /order-imports/preflight": one(returns(preflight_orders), problems=_Objects),
    "POST /order-imports": one(returns(import_orders), problems=_Objects),
    "GET /order-imports": listing(returns(order_import_history)),
    "POST /order-imports/{import_id}/undo": one(returns(undo_order_import)),
    "GET /deliveries": listing(returns(DeliveryStore.page), counts=dict[str, int]),
    "GET /connections": listing(tuple[ShopState, ...]),
    "PUT /connections/{shop_id}/{source}": one(Connection),
    "POST /connections/{shop_id}/{source}/test": one(TriedShop),
    "POST /connections/{shop_id}/{source}/reconcile": _JOB,
    "GET /exceptions": listing(returns(ExceptionDesk.page), counts=dict[str, int]),
    "POST /exceptions/scan": one(returns(ExceptionDesk.scan)),
    "POST /exceptions/handled": named(state=str),
    "GET /automations": listing(_Objects),
    "POST /automations/replay": listing(returns(Automations.replay)),
    "PUT /automations/{rule}": named(rule=str, mode=str),
    "GET /policy": _POLICY,
    "PUT /policy": _POLICY,
    "POST /policy/preview": named(looked_at=int, otherwise=list[DecidedOtherwise]),
    "POST /webhooks/{source}/{merchant_id}/{shop_id}": named(received=bool, new=bool),
    "GET /webhook-events": listing(list[str]),
    "GET /webhook-endpoints": listing(returns(Webhooks.endpoints)),
    "POST /webhook-endpoints": one(NewEndpoint),
    "POST /webhook-endpoints/{endpoint_id}/secret": one(NewEndpoint),
    "PUT /webhook-endpoints/{endpoint_id}": one(Endpoint),
    "POST /webhook-endpoints/{endpoint_id}/test": named(message=str, job=str),
    "GET /webhook-messages": one(Page[OutMessage], counts=dict[str, int]),
    "POST /webhook-messages/{message_id}/replay": named(message=str, job=str),
    # chat
    "GET /conversations": one(Page[Conversation]),
    "GET /conversations/{conversation_id}": one(ConversationView),
    "GET /conversation-report": named(topics=tuple[TopicReport, ...]),
    "GET /handovers": listing(list[Handover]),
    "POST /handovers/{handover_id}/{act}": one(Handover),
    "POST /handovers/{handover_id}/messages/new": named(new=bool),
    "PUT /chat-channel": one(ChannelView),
    "PUT /office-hours": one(JsonObject),
    "POST /chat/{merchant_id}/sessions": named(token=str),
    "POST /chat/{merchant_id}/messages": _CHATTED,
    "GET /chat/{merchant_id}/messages": named(conversation=str, state=str, messages=_Objects),
    "POST /chat/{merchant_id}/webhook": named(conversation=str, outcome=str),
    # complaints, mood, knowledge
    "POST /feedback": named(
        positive=float, label=str, words=list[Any], complaint=Complaint | None, proposal_id=str | None
    ),
    "GET /complaints": listing(list[Complaint], counts=dict[str, int]),
    "GET /complaints/{complaint_id}": one(Complaint),
    "POST /complaints/{complaint_id}": one(Complaint),
    "GET /mood": listing(returns(mood_trends)),
    "GET /mood/digest": one(Digest),
    "GET /knowledge": listing(returns(find_articles)),
    "POST /knowledge": one(Article),
    "POST /knowledge/import": one(KnowledgeOutcome, problems=list[str]),
    "POST /knowledge/ask": one(returns(KnowledgeDesk.answer)),
    "GET /knowledge/overlaps": listing(list[Overlap]),
    "GET /knowledge/gaps": listing(returns(open_gaps)),
    "POST /knowledge/gaps/{gap_id}/answer": named(proposal=Proposal | None),
    "GET /knowledge/versions/{article_id}": listing(returns(article_versions)),
    "POST /knowledge/withdraw/{article_id}": named(withdrawn=str),
    # marketing
    "GET /customers": listing(returns(CustomerStore.page)),
    "GET /customers/{customer_id}": one(returns(CustomerStore.get)),
    "PATCH /customers/{customer_id}": one(returns(CustomerStore.get)),
    "DELETE /customers/{customer_id}": named(removed=dict[str, int]),
    "GET /customers/{customer_id}/export": one(JsonObject),
    "POST /audiences/read": named(definition=JsonObject | None, question=str, by=str),
    "GET /audiences": listing(returns(AudienceStore.all)),
    "POST /audiences": named(id=str),
    "GET /audiences/{audience_id}": one(returns(AudienceStore.get), **_COUNTED, places=JsonObject),
    "POST /campaigns": named(campaign_id=str, proposal_id=str, checks=list[Check]),
    "GET /campaigns": listing(returns(CampaignStore.all)),
    "GET /campaigns/{campaign_id}/lift": named(arms=_Objects, overall=JsonObject | None, variants=_Objects),
    "POST /campaigns/{campaign_id}/take": listing(returns(take_messages)),
    "POST /campaigns/{campaign_id}/stop": named(stopped=int),
    "GET /recommendations": one(returns(Recommender.answer), items=_Objects),
    # planning
    "POST /planning/forecasts": _JOB,
    "GET /planning/forecasts": listing(returns(ForecastStore.series)),
    "GET /planning/forecasts/{sku}": named(
        series=JsonObject, history=_Objects, days=_Objects, overrides=_Objects,
        override_score=returns(Planner.override_score), events=returns(sales_events),
    ),
    "GET /planning/workload": named(
        status=str, model=str, history=_Objects, back_test=BackTest | None, parcels_per_order=JsonObject, days=_Objects,
    ),
    "POST /planning/forecasts/{sku}/overrides": one(returns(Planner.override)),
    "DELETE /planning/overrides/{override_id}": named(id=str, withdrawn=bool),
    "POST /events": one(EventsTaken),
    "POST /chat/{merchant_id}/happenings": one(EventsTaken),
    "POST /chat/{merchant_id}/beacon": one(EventsTaken),
    "POST /event-webhooks/{merchant_id}/{shop_id}": one(EventsTaken),
    "GET /planning/events": listing(returns(sales_events)),
    "PUT /planning/stock": named(written=int),
    "GET /planning/stock": listing(_Objects),
    "POST /planning/restock": named(proposals=_Objects),
    "GET /planning/purchases": listing(returns(StockStore.purchases)),
}  # fmt: skip
