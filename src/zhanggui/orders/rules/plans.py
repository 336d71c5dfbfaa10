"""What each kind of proposal does to an order, as data: changes of its life, effects outside, the way back. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from zhanggui.kernel.errors import BadInput, Conflict
from zhanggui.kernel.types import JsonObject, Money
from zhanggui.orders.models import FulfilmentState, OrderLife, OrderState, PaymentState, Stamp
from zhanggui.orders.rules.changes import Change, apply_change
from zhanggui.orders.rules.dossier import Dossier, address_from, waiting
from zhanggui.orders.rules.payloads import Given, money_json, units_if_any, units_json

Effects = tuple[tuple[str, JsonObject], ...]
_OPEN_WORK = (FulfilmentState.OPEN, FulfilmentState.PICKING, FulfilmentState.PACKED)
_GONE = "it was sent already"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a proposal does.

    Attributes:
        changes: changes of the order's life, in order.
        effects: (name, payload) of what is to be done outside.
        back: the changes that take it back.
        back_effects: what is to be done outside to take it back once the effects have left; empty: it is too late then.
        final: why it can never be taken back; empty where it can.
        too_late: why it cannot be taken back once an effect has left.
    """

    changes: tuple[Change, ...] = ()
    effects: Effects = ()
    back: tuple[Change, ...] = ()
    back_effects: Effects = ()
    final: str = ""
    too_late: str = _GONE


def make_plan(kind: str, dossier: Dossier, payload: JsonObject, key: str) -> Plan:
    """The plan of a proposal against the order as it is now; `key` names the parts that it creates.

    Raises:
        BadInput: the payload is not of the kind's shape; the field is named.
        Conflict: there is nothing that it could do.
    """
    return _PLANS[kind](dossier, Given(payload), key)


def try_plan(dossier: Dossier, plan: Plan, stamp: Stamp) -> OrderLife:
    """The order after the plan's changes, without keeping them.

    Raises:
        MerchantError: one of the changes is not possible.
    """
    life = dossier.life
    for change in plan.changes:
        life = apply_change(life, change, stamp)
    return life


def split_refund(life: OrderLife, amount: Money, payment_id: str = "") -> tuple[tuple[str, Money], ...]:
    """An amount shared out over the payments that have it, the named one only or else oldest first.

    Raises:
        Conflict: they hold less than the amount.
    """
    left, shares = amount.minor, list[tuple[str, Money]]()
    for payment in life.payments:
        if payment_id not in ("", payment.id):
            continue
        free = payment.captured.minor - life.refunded(payment.id).minor
        take = min(left, free)
        if take > 0:
            shares.append((payment.id, Money(take, amount.currency)))
            left -= take
    if left or not shares:
        raise Conflict(f"{amount} is more than was paid and not yet refunded")
    return tuple(shares)


def _cancel(dossier: Dossier, given: Given, key: str) -> Plan:
    reason, units = given.word("reason"), units_if_any(given)
    effect: JsonObject = {"reason": reason}
    if units is None:
        changes, life = list(_stop_work(dossier.life)), dossier.life
        changes.append(Change("move_order", {"event": "cancel"}))
        due = life.captured() - life.refunded()
    else:
        changes = [Change("cancel_units", {"id": line, "count": count}) for line, count in units.items()]
        effect["units"] = units_json(units)
        life = dossier.life
        stamp = Stamp(dossier.told.placed_at, "plan", "what it would cost")
        for change in changes:
            life = apply_change(life, change, stamp)
        due = dossier.life.captured() - dossier.life.refunded() - life.total()
    refunds = _refund_changes(dossier.life, due, reason, key) if due.minor > 0 else ()
    # A cancelled order still gives money back: the refund stands in its life before the cancelling does.
    return Plan(
        changes=(*(change for change, _ in refunds), *changes),
        effects=(("shop.cancel-order", effect), *(effect for _, effect in refunds if effect is not None)),
        final="a cancelled order stays cancelled; the customer can order again",
    )


def _stop_work(life: OrderLife) -> Iterator[Change]:
    for work in life.fulfilments:
        if work.state in _OPEN_WORK:
            yield Change("move_fulfilment", {"id": work.id, "event": "cancel"})
    for payment in life.payments:
        if payment.state in (PaymentState.PENDING, PaymentState.AUTHORISED):
            yield Change("move_payment", {"id": payment.id, "event": "void"})


def _refund_changes(
    life: OrderLife, amount: Money, reason: str, key: str, *, payment_id: str = "", return_id: str = ""
) -> tuple[tuple[Change, tuple[str, JsonObject] | None], ...]:
    made: list[tuple[Change, tuple[str, JsonObject] | None]] = []
    for number, (payment, share) in enumerate(split_refund(life, amount, payment_id), start=1):
        name = f"{key}-{number}"
        asked: JsonObject = {"id": name, "payment_id": payment, "minor": share.minor, "reason": reason}
        if return_id:
            asked["return_id"] = return_id
        effect: JsonObject = {"refund_id": name, "payment_id": payment, "amount": money_json(share), "reason": reason}
        made.append((Change("request_refund", asked), None))
        made.append((Change("move_refund", {"id": name, "event": "approve"}), (f"payment.refund.{number}", effect)))
    return tuple(made)


def _refund_plan(life: OrderLife, amount: Money, reason: str, key: str, *, paid: str = "", returned: str = "") -> Plan:
    steps = _refund_changes(life, amount, reason, key, payment_id=paid, return_id=returned)
    names = [change.detail["id"] for change, effect in steps if effect is not None]
    return Plan(
        changes=tuple(change for change, _ in steps),
        effects=tuple(effect for _, effect in steps if effect is not None),
        back=tuple(Change("move_refund", {"id": name, "event": "reject"}) for name in names),
        too_late="the money has left the house",
    )


def _refund(dossier: Dossier, given: Given, key: str) -> Plan:
    amount, returned = given.money("amount", dossier.life.currency), given.word("return_id", optional=True)
    paid = given.word("payment_id", optional=True)
    return _refund_plan(dossier.life, amount, given.word("reason"), key, paid=paid, returned=returned)


def _price_protection(dossier: Dossier, given: Given, key: str) -> Plan:
    paid, now = given.money("paid", dossier.life.currency), given.money("now", dossier.life.currency)
    drop = paid - now
    if drop.minor <= 0:
        raise BadInput(field="now", expected=f"less than {paid}", found=str(now))
    return _refund_plan(dossier.life, drop, "price protection", key)


def _address(dossier: Dossier, given: Given, key: str) -> Plan:
    given.inner("address")
    new, old = address_from(given.raw("address")), dossier.address
    if not new.street:
        raise BadInput(field="address.street", expected="a street", found="")
    back: Effects = (("shop.change-address", {"address": _address_json(old)}),) if old is not None else ()
    return Plan(effects=(("shop.change-address", {"address": _address_json(new)}),), back_effects=back)


def _address_json(address: object) -> JsonObject:
    names = ("country", "region", "city", "district", "street", "postal_code", "name", "phone")
    return {name: str(getattr(address, name)) for name in names}


def _return(dossier: Dossier, given: Given, key: str) -> Plan:
    units, reason = given.units(), given.word("reason")
    asked: JsonObject = {"id": key, "units": units_json(units), "reason": reason}
    event: JsonObject = {"id": key, "event": "approve"}
    return Plan(
        changes=(Change("request_return", asked), Change("move_return", event)),
        effects=(("shop.approve-return", {"return_id": key, "units": units_json(units), "reason": reason}),),
        back=(Change("move_return", {"id": key, "event": "withdraw"}),),
        back_effects=(("shop.withdraw-return", {"return_id": key}),),
    )


def _exchange(dossier: Dossier, given: Given, key: str) -> Plan:
    first = _return(dossier, given, key)
    lines: list[JsonObject] = []
    for number, line in enumerate(given.many("replacements"), start=1):
        price = line.money("unit_price", dossier.life.currency)
        lines.append(
            {"id": f"{key}-{number}", "sku": line.word("sku"), "count": line.whole("count"), "minor": price.minor}
        )
    name = f"{key}-x"
    asked: JsonObject = {"id": name, "return_id": key, "lines": [*lines]}
    return Plan(
        changes=(
            *first.changes,
            Change("request_exchange", asked),
            Change("move_exchange", {"id": name, "event": "approve"}),
        ),
        effects=(("shop.approve-exchange", {"exchange_id": name, "return_id": key, "lines": [*lines]}),),
        final="an approved exchange runs to its end; the customer was promised the other goods",
    )


def _fulfil(dossier: Dossier, given: Given, key: str) -> Plan:
    units = units_if_any(given) or dict(waiting(dossier.life))
    if not units:
        raise Conflict("nothing of the order waits for a warehouse")
    warehouse = given.word("warehouse")
    asked: JsonObject = {"id": key, "warehouse": warehouse, "units": units_json(units)}
    told: JsonObject = {"fulfilment_id": key, "warehouse": warehouse, "units": units_json(units)}
    address = dossier.address
    if address is not None:
        told["address"] = _address_json(address)
    return Plan(
        changes=(Change("allocate", asked),),
        effects=(("warehouse.fulfil", told),),
        back=(Change("move_fulfilment", {"id": key, "event": "cancel"}),),
        back_effects=(("warehouse.cancel", {"fulfilment_id": key, "warehouse": warehouse}),),
    )


def _split(dossier: Dossier, given: Given, key: str) -> Plan:
    given.units()  # what is sent first must be named
    return _fulfil(dossier, given, key)


def _hold(dossier: Dossier, given: Given, key: str) -> Plan:
    reason = given.word("reason")
    before = dossier.life.state
    # A released order is an accepted one: one that was only placed has no way back to that.
    final = "" if before is OrderState.ACCEPTED else "the order was not accepted yet; release it once it is clear"
    return Plan(
        changes=(Change("move_order", {"event": "hold"}),),
        effects=(("shop.hold-order", {"reason": reason}),),
        back=(Change("move_order", {"event": "release"}),),
        back_effects=(("shop.release-order", {}),),
        final=final,
    )


def _message(dossier: Dossier, given: Given, key: str) -> Plan:
    who = dossier.told.customer
    told: JsonObject = {
        "text": given.word("text", longest=4_000),
        "locale": given.one_of("locale", ("zh-CN", "en"), default=dossier.locale),
        "customer_id": who.id if who else "",
        "email": who.email if who else "",
        "order": dossier.number,
    }
    return Plan(effects=(("customer.message", told),))


def _claim(dossier: Dossier, given: Given, key: str) -> Plan:
    parcel = next((p for p in dossier.life.parcels if p.id == given.word("parcel_id")), None)
    if parcel is None:
        raise BadInput(field="parcel_id", expected="a parcel of the order", found=given.word("parcel_id"))
    told: JsonObject = {
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "text": given.word("text", longest=4_000),
    }
    if given.has("amount"):
        told["amount"] = money_json(given.money("amount", dossier.life.currency))
    return Plan(effects=(("carrier.claim", told),))


def _invoice(dossier: Dossier, given: Given, key: str) -> Plan:
    told: JsonObject = {
        "title": given.word("title", longest=200),
        "tax_id": given.word("tax_id", optional=True, longest=40),
        "email": given.word("email", optional=True, longest=200),
        "amount": money_json(given.money("amount", dossier.life.currency)),
    }
    return Plan(effects=(("invoice.issue", told),), too_late="an issued invoice needs a credit note")


_PLANS: Mapping[str, Callable[[Dossier, Given, str], Plan]] = {
    "cancel-order": _cancel,
    "change-address": _address,
    "return": _return,
    "exchange": _exchange,
    "refund": _refund,
    "fulfil": _fulfil,
    "split": _split,
    "hold": _hold,
    "remind-unpaid": _message,
    "message-customer": _message,
    "carrier-claim": _claim,
    "price-protection": _price_protection,
    "invoice": _invoice,
}
