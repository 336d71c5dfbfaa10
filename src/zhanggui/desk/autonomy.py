"""How far each kind may go by itself: set by the merchant, guarded by measured agreement, taken back by itself."""

from dataclasses import replace

from zhanggui.desk.kinds import Kinds
from zhanggui.desk.models import AUTONOMY_LEVELS, Agreement, Autonomy, KindSettings
from zhanggui.desk.rules import PROMOTION, PromotionRule, effective_autonomy, promotion_allowed
from zhanggui.desk.store import ProposalStore
from zhanggui.kernel.audit import AuditLog
from zhanggui.kernel.errors import BadInput, Forbidden
from zhanggui.kernel.storage import UnitOfWork


class Autonomies:
    """Levels of autonomy of one installation's kinds."""

    def __init__(self, kinds: Kinds, rule: PromotionRule = PROMOTION) -> None:
        self._kinds = kinds
        self._rule = rule

    def agreement(self, uow: UnitOfWork, kind: str) -> Agreement:
        """How people agreed with this kind lately, and how much was undone."""
        return ProposalStore(uow).agreement(kind, self._rule.window)

    def may_promote(self, uow: UnitOfWork, kind: str) -> tuple[bool, str]:
        """Whether the kind may be raised to `auto`, and why (not)."""
        return promotion_allowed(self.agreement(uow, kind), self._rule)

    def settings(self, uow: UnitOfWork, kind: str) -> KindSettings:
        """The merchant's settings of a kind; demotes first where `auto` is no longer deserved."""
        store = ProposalStore(uow)
        settings = store.settings(kind)
        if settings.autonomy != "auto":
            return settings
        agreement = self.agreement(uow, kind)
        level = effective_autonomy(settings, agreement, self._rule)
        if level == settings.autonomy:
            return settings
        lowered = replace(settings, autonomy=level)
        store.save_settings(lowered)
        _, why = promotion_allowed(agreement, self._rule)
        AuditLog(uow).record("autonomy.demoted", kind, {"from": settings.autonomy, "to": level, "reason": why})
        return lowered

    def all(self, uow: UnitOfWork) -> list[tuple[KindSettings, Agreement]]:
        """Every kind of this installation with its settings and agreement."""
        return [(self.settings(uow, kind), self.agreement(uow, kind)) for kind in self._kinds]

    def set(
        self,
        uow: UnitOfWork,
        kind: str,
        *,
        autonomy: Autonomy,
        min_confidence: float | None = None,
        expire_hours: int | None = None,
    ) -> KindSettings:
        """Choose a kind's level.

        Raises:
            BadInput: no such level, or a number out of range.
            Forbidden: `auto` is not earned yet; the message says what is missing.
        """
        self._kinds.get(kind)
        if autonomy not in AUTONOMY_LEVELS:
            raise BadInput(field="autonomy", expected=" | ".join(AUTONOMY_LEVELS), found=str(autonomy))
        store = ProposalStore(uow)
        old = store.settings(kind)
        new = KindSettings(
            kind,
            autonomy,
            old.min_confidence if min_confidence is None else min_confidence,
            old.expire_hours if expire_hours is None else expire_hours,
        )
        if not 0.0 <= new.min_confidence <= 1.0:
            raise BadInput(field="min_confidence", expected="0 to 1", found=str(new.min_confidence))
        if new.expire_hours < 1:
            raise BadInput(field="expire_hours", expected="at least 1", found=str(new.expire_hours))
        if autonomy == "auto":
            allowed, why = self.may_promote(uow, kind)
            if not allowed:
                raise Forbidden(f"{kind} has not earned auto: {why}", kind=kind)
        store.save_settings(new)
        AuditLog(uow).record("autonomy.set", kind, {"from": old.autonomy, "to": autonomy})
        return new
