"""Orders: policy in code, parcels watched, exceptions handled, nothing applied twice."""

from zhanggui.orders.desk_jobs import AutomationsJob, ExceptionsJob, OutboxJob, schedule_orders
from zhanggui.orders.jobs import DELIVERIES_JOB, RECONCILE_JOB, DeliveriesJob, ReconcileJob
from zhanggui.orders.models import (
    Decision,
    OrderLife,
    RuleResult,
    ServiceCase,
    Session,
    Shop,
    Verdict,
)
from zhanggui.orders.models.intake import Change
from zhanggui.orders.proposals import order_kinds
from zhanggui.orders.rules.arrival import Arrival
from zhanggui.orders.rules.automation import KINDS, MODES, Replayed, sentence
from zhanggui.orders.rules.cases import decide
from zhanggui.orders.rules.engine import describe, evaluate
from zhanggui.orders.rules.exceptions import ExceptionKind
from zhanggui.orders.rules.policy import Policy, parse_policy
from zhanggui.orders.rules.replay import PastDecision, replay
from zhanggui.orders.rules.retail import execute, take_back
from zhanggui.orders.rules.shop_json import read_shop, write_shop
from zhanggui.orders.rules.tracking import Assessment, assess
from zhanggui.orders.service.arrivals import expected_arrivals
from zhanggui.orders.service.automations import Automations, RuleView, runs_of_rule
from zhanggui.orders.service.batch_orders import ShopRun, decision_json
from zhanggui.orders.service.batch_track import ParseTracking, report_json, track_lines
from zhanggui.orders.service.connecting import ShopState, TriedShop, connected_shops, disconnect, try_shop
from zhanggui.orders.service.delivering import EffectTaker, Outbox
from zhanggui.orders.service.dossiers import Dossiers, StockLevels
from zhanggui.orders.service.exceptions import ExceptionDesk
from zhanggui.orders.service.importing import (
    OrderImportOutcome,
    OrderPreflight,
    dry_run_orders,
    import_orders,
    order_import_history,
    order_problem_json,
    preflight_orders,
    undo_order_import,
)
from zhanggui.orders.service.intake import Origin, Taken, take, take_one
from zhanggui.orders.service.late_risk import late_risk
from zhanggui.orders.service.policies import load_policy, shipped_policies
from zhanggui.orders.service.policy_desk import DecidedOtherwise, PolicyDesk, PolicyInForce, PolicyPreview
from zhanggui.orders.service.polling import Reconciled, Reconciler
from zhanggui.orders.service.receiving import MOST_BYTES, Connections, Incoming, Receipt, Receiver
from zhanggui.orders.service.recording import (
    OrderDetails,
    load_life,
    order_details,
    order_timeline,
    record_event,
    record_tracking,
    told_orders,
)
from zhanggui.orders.service.sealing import SecretBox
from zhanggui.orders.service.shop_taker import ShopTaker
from zhanggui.orders.service.trail import TrailEntry, order_trail
from zhanggui.orders.store import Connection, ConnectionStore, DeliveryStore, OrderQuery, OrderSummary, search_orders
from zhanggui.orders.store.automations import Run, StoredException
from zhanggui.orders.store.demand import OrderedUnits, ordered_units, orders_by_day, parcels_by_warehouse
from zhanggui.orders.store.people import OrderPeople
from zhanggui.orders.store.purchases import BoughtLine, bought_lines
from zhanggui.orders.tools import OrderTools

__all__ = [
    "DELIVERIES_JOB",
    "KINDS",
    "MODES",
    "MOST_BYTES",
    "RECONCILE_JOB",
    "Arrival",
    "Assessment",
    "Automations",
    "AutomationsJob",
    "BoughtLine",
    "Change",
    "Connection",
    "ConnectionStore",
    "Connections",
    "DecidedOtherwise",
    "Decision",
    "DeliveriesJob",
    "DeliveryStore",
    "Dossiers",
    "EffectTaker",
    "ExceptionDesk",
    "ExceptionKind",
    "ExceptionsJob",
    "Incoming",
    "OrderDetails",
    "OrderImportOutcome",
    "OrderLife",
    "OrderPeople",
    "OrderPreflight",
    "OrderQuery",
    "OrderSummary",
    "OrderTools",
    "OrderedUnits",
    "Origin",
    "Outbox",
    "OutboxJob",
    "ParseTracking",
    "PastDecision",
    "Policy",
    "PolicyDesk",
    "PolicyInForce",
    "PolicyPreview",
    "Receipt",
    "Receiver",
    "ReconcileJob",
    "Reconciled",
    "Reconciler",
    "Replayed",
    "RuleResult",
    "RuleView",
    "Run",
    "SecretBox",
    "ServiceCase",
    "Session",
    "Shop",
    "ShopRun",
    "ShopState",
    "ShopTaker",
    "StockLevels",
    "StoredException",
    "Taken",
    "TrailEntry",
    "TriedShop",
    "Verdict",
    "assess",
    "bought_lines",
    "connected_shops",
    "decide",
    "decision_json",
    "describe",
    "disconnect",
    "dry_run_orders",
    "evaluate",
    "execute",
    "expected_arrivals",
    "import_orders",
    "late_risk",
    "load_life",
    "load_policy",
    "order_details",
    "order_import_history",
    "order_kinds",
    "order_problem_json",
    "order_timeline",
    "order_trail",
    "ordered_units",
    "orders_by_day",
    "parcels_by_warehouse",
    "parse_policy",
    "preflight_orders",
    "read_shop",
    "record_event",
    "record_tracking",
    "replay",
    "report_json",
    "runs_of_rule",
    "schedule_orders",
    "search_orders",
    "sentence",
    "shipped_policies",
    "take",
    "take_back",
    "take_one",
    "told_orders",
    "track_lines",
    "try_shop",
    "undo_order_import",
    "write_shop",
]
