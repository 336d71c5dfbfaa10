"""The life built in one go equals the one made step by step through `rules.life`, which is its oracle."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.orders.tellings import START, at, make_order, paid, sent, yuan

from zhanggui.kernel.commerce import SourceOrder, SourceParcel, SourcePayment, SourceRefund
from zhanggui.orders.models import LifeLine, OrderLife, Parcel, Refund, Stamp
from zhanggui.orders.rules import life as lives
from zhanggui.orders.rules.building import build_life
from zhanggui.orders.rules.machines import (
    FulfilmentEvent,
    OrderEvent,
    PaymentEvent,
    RefundEvent,
    ReturnEvent,
    ShipmentEvent,
)


@st.composite
def tellings(draw: st.DrawFn) -> SourceOrder:
    taken = draw(st.sampled_from([0, 10_000, 25_000]))
    payments = (
        (replace(paid(taken), state=draw(st.sampled_from(["pending", "authorised", "voided"]))),)
        if not taken
        else (paid(taken),)
    )
    states = st.sampled_from(["open", "sent", "delivered", "returned", "lost", "cancelled"])
    parcels = tuple(
        sent(f"p{number}", {"a": draw(st.integers(1, 3))}, draw(states), hours=2 + number)
        for number in range(draw(st.integers(0, 3)))
    )
    refunds = tuple(
        SourceRefund(
            f"r{number}",
            yuan(draw(st.sampled_from([1, 9_000, 20_000]))),
            at(50),
            "",
            "why",
            draw(st.sampled_from(["settled", "requested", "failed"])),
            {"a": 1},
        )
        for number in range(draw(st.integers(0, 3)))
    )
    cancelled = draw(st.sampled_from([None, at(60)]))
    closed = draw(st.sampled_from([None, at(70)]))
    return make_order(payments=payments, parcels=parcels, refunds=refunds, cancelled_at=cancelled, closed_at=closed)


def _stamp(at: object) -> Stamp:
    return Stamp(at, "shop:shopify", "told by the shop")  # pyright: ignore[reportArgumentType]


def by_steps(order: SourceOrder, built: OrderLife) -> OrderLife:
    """The parts that the builder let in, made one event after another."""
    kept = {part.id for name in ("fulfilments", "refunds") for part in getattr(built, name)}
    lines = [LifeLine(x.id, x.sku, x.quantity, x.unit_price) for x in order.lines]
    life = lives.place("o", lines, order.charges, _stamp(START))
    for payment in order.payments:
        life = _pay(life, payment)
    for parcel in (one for one in order.parcels if one.id in kept):
        if life.state == "placed":
            life = lives.move_order(life, OrderEvent.ACCEPT, _stamp(parcel.at))
        life = _send(lives.allocate(life, parcel.id, "-", parcel.units, _stamp(parcel.at)), parcel)
    for refund in (one for one in order.refunds if one.id in kept):
        life = _refund(life, refund, built, _stamp(refund.at))
    if built.state == "cancelled":
        life = lives.move_order(life, OrderEvent.CANCEL, _stamp(order.cancelled_at))
    if built.state == "closed":
        life = lives.move_order(life, OrderEvent.CLOSE, _stamp(order.closed_at))
    return life


def _pay(life: OrderLife, payment: SourcePayment) -> OrderLife:
    now = _stamp(payment.at)
    life = lives.add_payment(life, payment.id, payment.method, payment.amount, now)
    if payment.state == "voided":
        return lives.move_payment(life, payment.id, PaymentEvent.VOID, now)
    if payment.state == "pending":
        return life
    life = lives.move_payment(life, payment.id, PaymentEvent.AUTHORISE, now)
    if payment.state == "captured":
        life = lives.capture(life, payment.id, payment.captured, now)
    return lives.move_order(life, OrderEvent.ACCEPT, now)


def _send(life: OrderLife, parcel: SourceParcel) -> OrderLife:
    now = _stamp(parcel.at)
    if parcel.state == "open":
        return life
    if parcel.state == "cancelled":
        return lives.move_fulfilment(life, parcel.id, FulfilmentEvent.CANCEL, now)
    for event in (FulfilmentEvent.PICK, FulfilmentEvent.PACK, FulfilmentEvent.DISPATCH):
        life = lives.move_fulfilment(life, parcel.id, event, now)
    made = Parcel(parcel.id, parcel.id, parcel.carrier, parcel.tracking_number, parcel.units)
    life = lives.move_parcel(lives.ship(life, made, now), parcel.id, ShipmentEvent.HAND_OVER, now)
    ends = {
        "delivered": [ShipmentEvent.DELIVER],
        "returned": [ShipmentEvent.TURN_BACK, ShipmentEvent.RETURN],
        "lost": [ShipmentEvent.LOSE],
    }
    for step in ends.get(parcel.state, []):
        life = lives.move_parcel(life, parcel.id, step, _stamp(parcel.ended_at))
    return life


def _refund(life: OrderLife, told: SourceRefund, built: OrderLife, now: Stamp) -> OrderLife:
    [made] = [one for one in built.refunds if one.id == told.id]
    if made.return_id:
        life = lives.request_return(life, made.return_id, told.units, told.reason, now)
        for event in (ReturnEvent.APPROVE, ReturnEvent.RECEIVE, ReturnEvent.ACCEPT):
            life = lives.move_return(life, made.return_id, event, now)
    life = lives.request_refund(life, Refund(told.id, made.payment_id, told.amount, told.reason, made.return_id), now)
    steps = {"settled": RefundEvent.SETTLE, "failed": RefundEvent.FAIL}
    if told.state in steps:
        for event in (RefundEvent.APPROVE, RefundEvent.SEND, steps[told.state]):
            life = lives.move_refund(life, told.id, event, now)
    return life


@settings(max_examples=150, deadline=None)
@given(tellings())
def test_built_in_one_go_equals_step_by_step(order: SourceOrder) -> None:
    built = build_life(order, "o")
    assert by_steps(order, built.life) == built.life


@settings(max_examples=150, deadline=None)
@given(tellings())
def test_what_is_left_out_is_named(order: SourceOrder) -> None:
    built = build_life(order, "o")
    for told, kept in ((order.parcels, built.life.fulfilments), (order.refunds, built.life.refunds)):
        names = {part.id for part in kept}
        for part in told:
            assert part.id in names or any(f" {part.id} " in flag for flag in built.flags)
    assert (built.life.state == "cancelled") == (
        order.cancelled_at is not None and not any("although units were sent" in flag for flag in built.flags)
    )
