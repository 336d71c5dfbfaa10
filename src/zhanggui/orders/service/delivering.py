"""Taking the outbox out: every effect is delivered with its own key, so that trying again does not do it twice."""

from typing import Protocol

from zhanggui.kernel.errors import Conflict, MerchantError, OperatorError
from zhanggui.kernel.storage import Actor, Database, UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.rules.changes import Change
from zhanggui.orders.service.acting import settle_refund
from zhanggui.orders.service.recording import record_event
from zhanggui.orders.store.outbox import Effect, OutboxStore

# Every effect that proposals write; whoever connects a shop or a warehouse says which of them it takes.
EFFECTS = (
    "shop.cancel-order", "shop.change-address", "shop.approve-return", "shop.withdraw-return",
    "shop.approve-exchange", "shop.hold-order", "shop.release-order", "payment.refund", "warehouse.fulfil",
    "warehouse.cancel", "customer.message", "carrier.claim", "invoice.issue",
)  # fmt: skip


class EffectTaker(Protocol):
    """One way out of the house: a shop system, a warehouse, a mailbox."""

    @property
    def effects(self) -> tuple[str, ...]:
        """The names of the effects that it takes."""
        ...

    def takes(self, uow: UnitOfWork, effect: Effect) -> bool:
        """Whether it takes this very effect (the order's shop is connected)."""
        ...

    def deliver(self, merchant_id: str, effect: str, payload: JsonObject, key: str) -> JsonObject:
        """Do it (`payload` names the `order_id`) and answer with a receipt; the same key twice is done once.

        A refund's receipt may name `refund_id`, the other side's own: then that side tells of the refund itself.

        Raises:
            RetryLater: it is slow or down.
            MerchantError: it refuses for good.
        """
        ...


class Outbox:
    """The outbox with its ways out. Effects that nobody takes wait for a person, who marks them as done by hand."""

    def __init__(self, database: Database, takers: tuple[EffectTaker, ...] = ()) -> None:
        self._database = database
        self._takers = {effect: taker for taker in takers for effect in taker.effects}

    def waiting(self, uow: UnitOfWork, *, limit: int = 500) -> list[Effect]:
        """The oldest effects that something here can deliver."""
        found = OutboxStore(uow).waiting(self._takers, limit=limit)
        return [effect for effect in found if self._takers[effect.effect].takes(uow, effect)]

    def by_hand(self, uow: UnitOfWork, *, limit: int = 500) -> list[Effect]:
        """The oldest effects that wait for a person."""
        found = OutboxStore(uow).waiting(EFFECTS, limit=limit)
        return [one for one in found if (taker := self._takers.get(one.effect)) is None or not taker.takes(uow, one)]

    def send(self, merchant_id: str, effect_id: str) -> JsonObject:
        """Deliver one effect outside of any transaction; its answer for `settle`.

        Raises:
            RetryLater: try again, under the same key.
        """
        with self._database.begin(merchant_id, Actor("job", "outbox")) as uow:
            store = OutboxStore(uow)
            effect = store.get(effect_id)
            taker = self._takers.get(effect.effect)
            if taker is None or not taker.takes(uow, effect) or not store.begin(effect_id):
                return {"skipped": True}
        told: JsonObject = {**effect.payload, "order_id": effect.order_id}
        try:
            return {"receipt": taker.deliver(merchant_id, effect.effect, told, effect.id)}
        except (MerchantError, OperatorError) as refused:
            return {"refused": refused.message}

    def settle(self, uow: UnitOfWork, effect_id: str, answer: JsonObject) -> str:
        """Record the answer of `send` with what it means for the order; the effect's state."""
        store = OutboxStore(uow)
        effect, receipt = store.get(effect_id), answer.get("receipt")
        if isinstance(receipt, dict):
            if store.finish(effect_id, receipt):
                self._paid(uow, effect, receipt)
        elif "refused" in answer and store.fail(effect_id, str(answer["refused"])):
            self._not_paid(uow, effect, str(answer["refused"]))
        return str(store.get(effect_id).state)

    def done_by_hand(self, uow: UnitOfWork, effect_id: str, receipt: JsonObject) -> None:
        """A person did it.

        Raises:
            NotFound: there is no such effect.
            Conflict: it was done, withdrawn or refused already.
        """
        store = OutboxStore(uow)
        effect = store.get(effect_id)
        if not store.finish(effect_id, receipt):
            raise Conflict(f"it is {effect.state} already", state=str(effect.state))
        self._paid(uow, effect, receipt)

    @staticmethod
    def _paid(uow: UnitOfWork, effect: Effect, receipt: JsonObject) -> None:
        if effect.effect == "payment.refund":
            settle_refund(uow, effect.order_id, str(effect.payload["refund_id"]), receipt)

    @staticmethod
    def _not_paid(uow: UnitOfWork, effect: Effect, why: str) -> None:
        """A refund that was refused gives nothing back: its money is free to be refunded another way."""
        if effect.effect == "payment.refund":
            change = Change("move_refund", {"id": str(effect.payload["refund_id"]), "event": "reject"})
            record_event(uow, effect.order_id, change, why=f"refused: {why}"[:400])
