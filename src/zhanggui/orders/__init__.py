"""Orders: policy in code, parcels watched, exceptions handled, nothing applied twice."""

from zhanggui.orders.models import (
    Decision,
    OrderLife,
    RuleResult,
    ServiceCase,
    Session,
    Shop,
    Verdict,
)
from zhanggui.orders.rules.cases import decide
from zhanggui.orders.rules.engine import describe, evaluate
from zhanggui.orders.rules.policy import Policy, parse_policy
from zhanggui.orders.rules.replay import PastDecision, replay
from zhanggui.orders.rules.retail import execute, take_back
from zhanggui.orders.rules.shop_json import read_shop, write_shop
from zhanggui.orders.rules.tracking import Assessment, assess
from zhanggui.orders.service.batch_orders import ShopRun, decision_json
from zhanggui.orders.service.batch_track import ParseTracking, report_json, track_lines
from zhanggui.orders.service.late_risk import late_risk
from zhanggui.orders.service.policies import load_policy, shipped_policies

__all__ = [
    "Assessment",
    "Decision",
    "OrderLife",
    "ParseTracking",
    "PastDecision",
    "Policy",
    "RuleResult",
    "ServiceCase",
    "Session",
    "Shop",
    "ShopRun",
    "Verdict",
    "assess",
    "decide",
    "decision_json",
    "describe",
    "evaluate",
    "execute",
    "late_risk",
    "load_policy",
    "parse_policy",
    "read_shop",
    "replay",
    "report_json",
    "shipped_policies",
    "take_back",
    "track_lines",
    "write_shop",
]
