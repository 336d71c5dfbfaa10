"""What the desk may propose about orders: one kind for each act, all held against policy and carried out by a plan."""

from zhanggui.desk import Check, Evidence, Undo
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.rules.automation import KINDS
from zhanggui.orders.service.acting import carry_out, take_back, way_back
from zhanggui.orders.service.dossiers import Dossiers
from zhanggui.orders.service.judging import judge_proposal, order_of
from zhanggui.orders.store.outbox import OutboxStore


class OrderKind:
    """One kind of proposal about an order. The payload names `order_id`; the rest is the kind's own (see `plans`).

    Checks are the rules of the merchant's policy and of the house with their reasons, and a trial of the plan on the
    order as it is now. Applying changes the order's life and writes what is to be done outside into the outbox.
    """

    def __init__(self, name: str, dossiers: Dossiers) -> None:
        if name not in KINDS:
            raise BadInput(field="kind", expected=f"one of {', '.join(KINDS)}", found=name)
        self._name, self._dossiers = name, dossiers

    @property
    def name(self) -> str:
        """The kind's name, e.g. `cancel-order`."""
        return self._name

    def check(self, uow: UnitOfWork, payload: JsonObject) -> tuple[Check, ...]:
        """Every rule with its reason, and whether the plan is possible now.

        Raises:
            BadInput: the payload is not of the kind's shape; the field is named.
            NotFound: there is no such order.
        """
        return judge_proposal(uow, self._dossiers, self._name, payload)[0]

    def evidence(self, uow: UnitOfWork, payload: JsonObject) -> tuple[Evidence, ...]:
        """The rules that decide, in both languages, with the facts that they were held against."""
        return judge_proposal(uow, self._dossiers, self._name, payload)[1]

    def apply(self, uow: UnitOfWork, payload: JsonObject, key: str) -> Undo:
        """Carry it out; the key names the parts that it creates and the effects in the outbox.

        Raises:
            Conflict: the order's state does not allow it, or the key was carried out before.
        """
        dossier = self._dossiers.load(uow, order_of(payload))
        plan = carry_out(uow, self._name, dossier, payload, key)
        if plan.final:
            return Undo(False, reason=plan.final)
        back = way_back(plan, self._name)
        reason = "" if plan.back_effects or not plan.effects else f"only until it is sent: then {plan.too_late}"
        return Undo(True, {"key": key, "back": back}, reason)

    def undo(self, uow: UnitOfWork, payload: JsonObject, undo: Undo) -> None:
        """Take it back.

        Raises:
            Conflict: it has left the house, or the order moved on.
        """
        back = undo.payload.get("back")
        take_back(uow, order_of(payload), str(undo.payload.get("key", "")), back if isinstance(back, dict) else {})

    def measure(self, uow: UnitOfWork, payload: JsonObject) -> JsonObject | None:
        """What became of it: the order's state, whether it was paid or delivered since, and its effects outside."""
        dossier = self._dossiers.load(uow, order_of(payload))
        effects = [
            e for e in OutboxStore(uow).of_order(dossier.life.id) if e.payload.get("text") == payload.get("text")
        ]
        life = dossier.life
        return {
            "order_state": str(life.state),
            "paid": life.total() <= life.captured(),
            "delivered_units": sum(life.delivered().values()),
            "refunded_minor": life.refunded().minor,
            "effects": {effect.id: str(effect.state) for effect in effects},
        }


def order_kinds(dossiers: Dossiers) -> tuple[OrderKind, ...]:
    """Every kind about orders, for the desk's registry."""
    return tuple(OrderKind(name, dossiers) for name in KINDS)
