"""Carrying a proposal out: its plan through the order's life, its effects into the outbox, the act into the record."""

from zhanggui.kernel.errors import Conflict
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.orders.models import RefundState
from zhanggui.orders.models.acts import Act
from zhanggui.orders.rules.changes import Change
from zhanggui.orders.rules.dossier import Dossier
from zhanggui.orders.rules.payloads import Given
from zhanggui.orders.rules.plans import Plan, make_plan
from zhanggui.orders.service.recording import load_life, order_details, record_event
from zhanggui.orders.store.outbox import ActEntry, ActStore, Effect, OutboxStore

_TOO_LONG = 480


def why_of(kind: str, payload: JsonObject, key: str) -> str:
    """The reason that is recorded with every transition: the payload's own words, the kind, the proposal."""
    given = Given(payload)
    reason = given.word("why", optional=True) or given.word("reason", optional=True)
    return f"{kind}: {reason} ({key})"[:_TOO_LONG] if reason else f"{kind} ({key})"


def carry_out(uow: UnitOfWork, kind: str, dossier: Dossier, payload: JsonObject, key: str) -> Plan:
    """Do what the proposal says, in this transaction; its plan, for the way back.

    Raises:
        Conflict: the order's state does not allow it, or this key was carried out before.
        BadInput: the payload is not of the kind's shape.
    """
    plan = make_plan(kind, dossier, payload, key)
    why = why_of(kind, payload, key)
    act = Act(key, kind, uow.clock.now(), payload)
    if not ActStore(uow).add(act, dossier.life.id, why):
        raise Conflict(f"{key} was carried out before", key=key)
    for change in plan.changes:
        record_event(uow, dossier.life.id, change, why=why)
    outbox = OutboxStore(uow)
    for name, told in plan.effects:
        outbox.add(key, dossier.life.id, name, {**told, "order_id": dossier.life.id, "source": dossier.told.source,
                                                "external_id": dossier.told.external_id})  # fmt: skip
    return plan


def desk_timeline(uow: UnitOfWork, order_id: str) -> tuple[list[ActEntry], list[Effect]]:
    """What the desk did with an order and what of it left the house: the part of its timeline that its life lacks."""
    return ActStore(uow).timeline(order_id), OutboxStore(uow).of_order(order_id)


def take_back(uow: UnitOfWork, order_id: str, key: str, back: JsonObject) -> None:
    """Undo what `carry_out` did: withdraw effects that have not left, else send their opposite; move the life back.

    Raises:
        Conflict: an effect has left and has no opposite, or the order moved on.
    """
    outbox, given = OutboxStore(uow), Given(back)
    why = f"taken back ({key})"
    opposite = given.many("effects") if back.get("effects") else ()
    if back.get("only_unsent_order") is True and load_life(uow, order_id).shipped():
        raise Conflict("a parcel has left already")
    try:
        outbox.withdraw(key)
    except Conflict:
        if not opposite:
            raise Conflict(given.word("too_late")) from None
        told = order_details(uow, order_id).told
        for effect in opposite:
            payload = effect.raw("payload")
            body: JsonObject = payload if isinstance(payload, dict) else {}
            origin: JsonObject = {"order_id": order_id, "source": told.source, "external_id": told.external_id}
            outbox.add(f"{key}-undo", order_id, effect.word("name"), {**body, **origin})
    for change in given.many("changes") if back.get("changes") else ():
        detail = change.raw("detail")
        event = Change(change.word("do"), detail if isinstance(detail, dict) else {})
        record_event(uow, order_id, event, why=why)
    ActStore(uow).take_back(key)


def way_back(plan: Plan, kind: str) -> JsonObject:
    """A plan's way back as JSON, for `take_back`."""
    return {
        "changes": [{"do": change.do, "detail": change.detail} for change in plan.back],
        "effects": [{"name": name, "payload": payload} for name, payload in plan.back_effects],
        "too_late": plan.too_late,
        "only_unsent_order": kind == "change-address",
    }


def settle_refund(uow: UnitOfWork, order_id: str, refund_id: str, receipt: JsonObject) -> None:
    """Record that a refund's effect was delivered.

    Where the other side answers with its own `refund_id`, it will tell of that refund itself: ours stays approved
    until then (`adopt_refunds`), so that the money never counts twice. Else it is sent and settled here.
    """
    if receipt.get("refund_id"):
        return
    for event in ("send", "settle"):
        record_event(uow, order_id, Change("move_refund", {"id": refund_id, "event": event}), why="paid back")


def adopt_refunds(uow: UnitOfWork, order_id: str) -> int:
    """Let the shop's own record of a refund take the place of ours, once it has told of it; how many did."""
    effects = [e for e in OutboxStore(uow).of_order(order_id) if e.effect == "payment.refund" and e.state == "done"]
    if not effects:
        return 0
    details, adopted = order_details(uow, order_id), 0
    told = {refund.id for refund in details.told.refunds}
    alive = {refund.id for refund in details.life.refunds if refund.state is RefundState.APPROVED}
    for effect in effects:
        ours, theirs = effect.payload.get("refund_id"), (effect.receipt or {}).get("refund_id")
        if theirs in told and ours in alive:
            change = Change("move_refund", {"id": str(ours), "event": "reject"})
            record_event(uow, order_id, change, why=f"the shop's own record {theirs} takes its place")
            adopted += 1
    return adopted
