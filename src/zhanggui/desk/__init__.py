"""The proposal pipeline: propose, check, decide, apply exactly once, undo, measure."""

from zhanggui.desk.autonomy import Autonomies
from zhanggui.desk.kinds import Kinds, ProposalKind
from zhanggui.desk.models import (
    AUTONOMY_LEVELS,
    Agreement,
    Autonomy,
    Check,
    Cost,
    Draft,
    Evidence,
    Filter,
    KindSettings,
    Proposal,
    Replayed,
    State,
    Undo,
)
from zhanggui.desk.rules import PROMOTION, promotion_allowed, wilson_lower
from zhanggui.desk.service import BULK_LIMIT, Desk, Inbox

__all__ = [
    "AUTONOMY_LEVELS",
    "BULK_LIMIT",
    "PROMOTION",
    "Agreement",
    "Autonomies",
    "Autonomy",
    "Check",
    "Cost",
    "Desk",
    "Draft",
    "Evidence",
    "Filter",
    "Inbox",
    "KindSettings",
    "Kinds",
    "Proposal",
    "ProposalKind",
    "Replayed",
    "State",
    "Undo",
    "promotion_allowed",
    "wilson_lower",
]
