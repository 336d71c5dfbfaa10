"""Decisions of the desk as pure functions: transitions, promotion, demotion, what happens to a new draft."""

from dataclasses import dataclass
from math import sqrt

from zhanggui.desk.models import Agreement, Autonomy, Draft, KindSettings, State
from zhanggui.kernel.errors import Conflict

TRANSITIONS: dict[State, frozenset[State]] = {
    State.SHADOW: frozenset({State.EXPIRED}),
    State.WAITING: frozenset({State.APPROVED, State.REJECTED, State.EXPIRED}),
    State.APPROVED: frozenset({State.APPLIED, State.FAILED, State.REJECTED}),
    State.FAILED: frozenset({State.APPROVED, State.APPLIED, State.REJECTED}),
    State.APPLIED: frozenset({State.UNDONE}),
    State.UNDONE: frozenset(),
    State.REJECTED: frozenset(),
    State.EXPIRED: frozenset(),
}
OPEN_STATES = (State.WAITING, State.APPROVED, State.FAILED)


@dataclass(frozen=True, slots=True)
class PromotionRule:
    """When a kind may act by itself, and when it falls back."""

    min_decided: int = 50
    min_lower: float = 0.9
    demote_min_applied: int = 10
    demote_undo_rate: float = 0.05
    window: int = 200


PROMOTION = PromotionRule()


def wilson_lower(successes: int, total: int, z: float = 1.959964) -> float:
    """Lower end of the 95 % Wilson score interval of a share (Wilson 1927); 0 when there is nothing to go on."""
    if total <= 0:
        return 0.0
    share = successes / total
    centre = share + z * z / (2 * total)
    spread = z * sqrt((share * (1 - share) + z * z / (4 * total)) / total)
    return max(0.0, (centre - spread) / (1 + z * z / total))


def require_transition(before: State, after: State) -> None:
    """Fail when `after` cannot follow `before`.

    Raises:
        Conflict: somebody else was quicker, or it makes no sense.
    """
    if after not in TRANSITIONS[before]:
        raise Conflict(f"a proposal that is {before} cannot become {after}", state=str(before))


def promotion_allowed(agreement: Agreement, rule: PromotionRule = PROMOTION) -> tuple[bool, str]:
    """Whether a kind may be raised to `auto`, and why (not)."""
    if agreement.decided < rule.min_decided:
        return False, f"{agreement.decided} of the {rule.min_decided} decisions by people that are needed"
    if agreement.lower < rule.min_lower:
        return False, f"people agreed with at least {agreement.lower:.1%}; {rule.min_lower:.0%} is needed"
    if should_demote(agreement, rule):
        return False, f"{agreement.undo_rate:.1%} of what was applied was undone"
    return True, f"people agreed with at least {agreement.lower:.1%} of {agreement.decided} decisions"


def should_demote(agreement: Agreement, rule: PromotionRule = PROMOTION) -> bool:
    """Whether too much of what was applied lately was taken back."""
    return agreement.applied >= rule.demote_min_applied and agreement.undo_rate > rule.demote_undo_rate


def first_state(draft: Draft, settings: KindSettings) -> State | None:
    """Where a new draft starts: None when the kind is off; `APPROVED` when the desk itself decides for it."""
    if settings.autonomy == "off":
        return None
    if settings.autonomy == "shadow":
        return State.SHADOW
    if settings.autonomy == "auto" and auto_approves(draft, settings):
        return State.APPROVED
    return State.WAITING


def auto_approves(draft: Draft, settings: KindSettings) -> bool:
    """Whether every check passed (blocking or not) and confidence is high enough."""
    return draft.confidence >= settings.min_confidence and all(check.passed for check in draft.checks)


def effective_autonomy(settings: KindSettings, agreement: Agreement, rule: PromotionRule = PROMOTION) -> Autonomy:
    """The level that counts now: `auto` falls back to `propose` while the kind no longer deserves it."""
    if settings.autonomy == "auto" and not promotion_allowed(agreement, rule)[0]:
        return "propose"
    return settings.autonomy
