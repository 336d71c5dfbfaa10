"""The life of an order: tables that allow nothing else, sums that always hold, whatever happens in whatever order."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from zhanggui.kernel.errors import BadInput, Conflict, MerchantError, NotFound
from zhanggui.kernel.types import Money
from zhanggui.orders.models import (
    LifeLine,
    OrderLife,
    OrderState,
    Parcel,
    PaymentState,
    Refund,
    RefundState,
    ReturnState,
    ShipmentState,
    Stamp,
)
from zhanggui.orders.rules import life, machines

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
STAMP = Stamp(START, "ops@shop", "a test")


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


def placed() -> OrderLife:
    lines = [LifeLine("l1", "TEE-M", 3, cny(5_000)), LifeLine("l2", "CAP", 1, cny(2_500))]
    return life.place("o1", lines, cny(800), STAMP)


def paid_and_delivered() -> OrderLife:
    order = life.move_order(placed(), machines.OrderEvent.ACCEPT, STAMP)
    order = life.add_payment(order, "p1", "alipay", cny(18_300), STAMP)
    order = life.move_payment(order, "p1", machines.PaymentEvent.AUTHORISE, STAMP)
    order = life.capture(order, "p1", cny(18_300), STAMP)
    order = life.allocate(order, "f1", "HZ", {"l1": 3, "l2": 1}, STAMP)
    for event in (machines.FulfilmentEvent.PICK, machines.FulfilmentEvent.PACK, machines.FulfilmentEvent.DISPATCH):
        order = life.move_fulfilment(order, "f1", event, STAMP)
    for parcel_id, units in (("s1", {"l1": 2}), ("s2", {"l1": 1, "l2": 1})):
        order = life.ship(order, Parcel(parcel_id, "f1", "sf", f"SF{parcel_id}", units), STAMP)
        order = life.move_parcel(order, parcel_id, machines.ShipmentEvent.HAND_OVER, STAMP)
        order = life.move_parcel(order, parcel_id, machines.ShipmentEvent.DELIVER, STAMP)
    return order


def test_a_whole_life_split_into_parcels_returned_in_part_and_closed() -> None:
    order = paid_and_delivered()
    order = life.request_return(order, "r1", {"l1": 1}, "quality", STAMP)
    for event in (machines.ReturnEvent.APPROVE, machines.ReturnEvent.RECEIVE, machines.ReturnEvent.ACCEPT):
        order = life.move_return(order, "r1", event, STAMP)
    order = life.request_refund(order, Refund("m1", "p1", cny(5_000), "returned", "r1"), STAMP)
    with pytest.raises(Conflict, match="not finished"):
        life.move_order(order, machines.OrderEvent.CLOSE, STAMP)
    for event in (machines.RefundEvent.APPROVE, machines.RefundEvent.SEND, machines.RefundEvent.SETTLE):
        order = life.move_refund(order, "m1", event, STAMP)
    order = life.move_order(order, machines.OrderEvent.CLOSE, STAMP)
    assert order.state is OrderState.CLOSED
    assert order.delivered() == {"l1": 3, "l2": 1} and order.returned() == {"l1": 1}
    assert order.captured() - order.refunded() == cny(13_300)
    assert [step.event for step in order.history[:3]] == ["place", "accept", "expect"]
    assert all(step.stamp.who and step.stamp.why for step in order.history)


def test_an_exchange_adds_lines_that_are_sent_like_any_other() -> None:
    order = life.request_return(paid_and_delivered(), "r1", {"l1": 1}, "size", STAMP)
    order = life.request_exchange(order, "x1", "r1", [LifeLine("l3", "TEE-L", 1, cny(5_600))], STAMP)
    with pytest.raises(Conflict, match="not approved"):
        life.allocate(order, "f2", "HZ", {"l3": 1}, STAMP)
    order = life.move_exchange(order, "x1", machines.ExchangeEvent.APPROVE, STAMP)
    order = life.allocate(order, "f2", "HZ", {"l3": 1}, STAMP)
    assert order.total() == cny(18_300 + 5_600)
    with pytest.raises(Conflict, match="has its exchange already"):
        life.request_exchange(order, "x2", "r1", [LifeLine("l4", "TEE-S", 1, cny(5_600))], STAMP)


def test_a_withdrawn_exchange_costs_nothing() -> None:
    order = life.request_return(paid_and_delivered(), "r1", {"l1": 1}, "size", STAMP)
    order = life.request_exchange(order, "x1", "r1", [LifeLine("l3", "TEE-L", 1, cny(5_600))], STAMP)
    order = life.move_exchange(order, "x1", machines.ExchangeEvent.WITHDRAW, STAMP)
    assert order.total() == cny(18_300)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda o: life.allocate(o, "f2", "HZ", {"l1": 1}, STAMP), "cancelled and allocated than ordered"),
        (lambda o: life.allocate(o, "f2", "HZ", {"nope": 1}, STAMP), "line that the order does not have"),
        (lambda o: life.allocate(o, "f2", "HZ", {"l1": 0}, STAMP), "names no units"),
        (lambda o: life.allocate(o, "f2", "HZ", {"l1": -2}, STAMP), "names no units"),
        (lambda o: life.ship(o, Parcel("s3", "f1", "sf", "X", {"l1": 1}), STAMP), "sent than"),
        (lambda o: life.request_return(o, "r1", {"l2": 2}, "no-reason", STAMP), "returned than delivered"),
        (lambda o: life.request_refund(o, Refund("m", "p1", cny(18_301), "x"), STAMP), "refunded above"),
        (lambda o: life.request_refund(o, Refund("m", "p1", cny(0), "x"), STAMP), "more than 0"),
        (lambda o: life.request_refund(o, Refund("m", "p1", cny(-5), "x"), STAMP), "more than 0"),
        (lambda o: life.request_refund(o, Refund("m", "p9", cny(5), "x"), STAMP), "no payment p9"),
        (lambda o: life.request_refund(o, Refund("m", "p1", Money(5, "USD"), "x"), STAMP), "CNY"),
        (lambda o: life.capture(o, "p1", cny(1), STAMP), "more than was authorised"),
        (lambda o: life.move_order(o, machines.OrderEvent.CANCEL, STAMP), "cancelled and allocated"),
        (lambda o: life.move_parcel(o, "s1", machines.ShipmentEvent.DELIVER, STAMP), "cannot deliver"),
        (lambda o: life.move_payment(o, "p1", machines.PaymentEvent.VOID, STAMP), "cannot void"),
        (lambda o: life.add_payment(o, "p1", "card", cny(1), STAMP), "id is used twice"),
    ],
)
def test_what_does_not_add_up_is_refused(change: Callable[[OrderLife], OrderLife], message: str) -> None:
    with pytest.raises(MerchantError, match=message):
        change(paid_and_delivered())


def test_a_life_that_does_not_add_up_cannot_even_be_built() -> None:
    order = paid_and_delivered()
    with pytest.raises(Conflict, match="more than was authorised"):
        replace(order, payments=(replace(order.payments[0], captured=cny(99_999)),))
    with pytest.raises(Conflict, match="returned than delivered"):
        replace(order, parcels=())  # the goods vanish: nothing was delivered, and nothing can come back
        replace(life.request_return(order, "r1", {"l1": 1}, "x", STAMP), parcels=())


@pytest.mark.parametrize(("who", "why"), [("", "x"), ("x", " ")])
def test_nobody_changes_anything_without_a_name_and_a_reason(who: str, why: str) -> None:
    with pytest.raises(BadInput):
        Stamp(START, who, why)
    with pytest.raises(BadInput):
        Stamp(datetime(2026, 1, 1), "x", "y")


@pytest.mark.parametrize(
    "machine",
    [
        machines.ORDER,
        machines.PAYMENT,
        machines.FULFILMENT,
        machines.SHIPMENT,
        machines.RETURN,
        machines.REFUND,
        machines.EXCHANGE,
    ],
    ids=lambda machine: machine.thing,
)
def test_every_state_can_be_reached_and_what_is_not_in_the_table_is_refused(machine: machines.Machine) -> None:
    states, events = {s for s, _ in machine.table} | set(machine.table.values()), {e for _, e in machine.table}
    assert states == set(type(next(iter(states)))), "a state that nothing leads to or from"
    for state in states:
        for event in events:
            if (state, event) in machine.table:
                assert machine.after(state, event) in states and event in machine.possible(state)
            else:
                with pytest.raises(Conflict):
                    machine.after(state, event)


class RandomHistory(RuleBasedStateMachine):
    """Random commands on one order beside a plain ledger kept here; refused commands must change nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.order = life.place(
            "o1", [LifeLine("a", "A", 4, cny(1_250)), LifeLine("b", "B", 2, cny(399))], cny(600), STAMP
        )
        self.clock = START
        self.number = 0
        self.taken: Counter[str] = Counter()
        self.back: Counter[str] = Counter()
        self.steps = 1

    @initialize(far=st.integers(0, 3))
    def begin(self, far: int) -> None:
        """Start some histories late, so that returns and refunds get as many tries as captures."""
        if far:
            self.order_event(machines.OrderEvent.ACCEPT)
            self.pay(6_398)
            self.capture(0, 6_398)
        if far > 1:
            self.allocate_and_dispatch(3, 1)
            self.ship(0, 2, 1)
            self.ship(0, 1, 0)
        if far > 2:
            for parcel in (0, 1):
                self.parcel_event(parcel, machines.ShipmentEvent.HAND_OVER)
                self.parcel_event(parcel, machines.ShipmentEvent.DELIVER)

    def attempt(self, change: Callable[[OrderLife, Stamp, str], OrderLife]) -> bool:
        self.clock += timedelta(minutes=1)
        self.number += 1
        try:
            after = change(self.order, Stamp(self.clock, "fuzz", "random history"), f"n{self.number}")
        except (Conflict, NotFound, BadInput):
            return False
        assert len(after.history) == len(self.order.history) + 1
        self.steps += 1
        self.order = after
        return True

    @rule(event=st.sampled_from(machines.OrderEvent))
    def order_event(self, event: machines.OrderEvent) -> None:
        self.attempt(lambda o, s, _: life.move_order(o, event, s))

    @rule(line=st.sampled_from("ab"), count=st.integers(-1, 3))
    def cancel_units(self, line: str, count: int) -> None:
        self.attempt(lambda o, s, _: life.cancel_units(o, line, count, s))

    @rule(amount=st.integers(-5, 7_000))
    def pay(self, amount: int) -> None:
        made: list[str] = []

        def change(order: OrderLife, stamp: Stamp, name: str) -> OrderLife:
            made.append(name)
            return life.add_payment(order, name, "card", cny(amount), stamp)

        if self.attempt(change):
            self.attempt(lambda o, s, _: life.move_payment(o, made[0], machines.PaymentEvent.AUTHORISE, s))

    @rule(pick=st.integers(0, 9), amount=st.integers(-5, 7_000))
    def capture(self, pick: int, amount: int) -> None:
        name = self.some(self.order.payments, pick)
        if self.attempt(lambda o, s, _: life.capture(o, name, cny(amount), s)):
            self.taken[name] += amount

    @rule(pick=st.integers(0, 9), event=st.sampled_from(machines.PaymentEvent))
    def payment_event(self, pick: int, event: machines.PaymentEvent) -> None:
        name = self.some(self.order.payments, pick)
        self.attempt(lambda o, s, _: life.move_payment(o, name, event, s))

    @rule(a=st.integers(0, 4), b=st.integers(0, 2))
    def allocate_and_dispatch(self, a: int, b: int) -> None:
        units = {line: count for line, count in (("a", a), ("b", b)) if count}
        name = f"n{self.number + 1}"
        if self.attempt(lambda o, s, n: life.allocate(o, n, "HZ", units, s)):
            for event in list(machines.FulfilmentEvent)[:3]:
                self.attempt(lambda o, s, _, event=event: life.move_fulfilment(o, name, event, s))

    @rule(pick=st.integers(0, 9), a=st.integers(0, 4), b=st.integers(0, 2))
    def ship(self, pick: int, a: int, b: int) -> None:
        units = {line: count for line, count in (("a", a), ("b", b)) if count}
        name = self.some(self.order.fulfilments, pick)
        self.attempt(lambda o, s, n: life.ship(o, Parcel(n, name, "sf", n, units), s))

    @rule(pick=st.integers(0, 9), event=st.sampled_from(machines.ShipmentEvent))
    def parcel_event(self, pick: int, event: machines.ShipmentEvent) -> None:
        name = self.some(self.order.parcels, pick)
        self.attempt(lambda o, s, _: life.move_parcel(o, name, event, s))

    @rule(a=st.integers(0, 4), b=st.integers(0, 2))
    def ask_return(self, a: int, b: int) -> None:
        units = {line: count for line, count in (("a", a), ("b", b)) if count}
        self.attempt(lambda o, s, n: life.request_return(o, n, units, "no-reason", s))

    @rule(pick=st.integers(0, 9), event=st.sampled_from(machines.ReturnEvent))
    def return_event(self, pick: int, event: machines.ReturnEvent) -> None:
        name = self.some(self.order.returns, pick)
        self.attempt(lambda o, s, _: life.move_return(o, name, event, s))

    @rule(pick=st.integers(0, 9), amount=st.integers(-5, 9_000))
    def ask_refund(self, pick: int, amount: int) -> None:
        name = self.some(self.order.payments, pick)
        self.attempt(lambda o, s, n: life.request_refund(o, Refund(n, name, cny(amount), "x"), s))

    @rule(pick=st.integers(0, 9), event=st.sampled_from(machines.RefundEvent))
    def refund_event(self, pick: int, event: machines.RefundEvent) -> None:
        name = self.some(self.order.refunds, pick)
        if self.attempt(lambda o, s, _: life.move_refund(o, name, event, s)) and event is machines.RefundEvent.SETTLE:
            settled = next(r for r in self.order.refunds if r.id == name)
            self.back[settled.payment_id] += settled.amount.minor

    @staticmethod
    def some(parts: tuple[object, ...], pick: int) -> str:
        return parts[pick % len(parts)].id if parts else "none"  # type: ignore[attr-defined] # every part has an id

    @invariant()
    def money_is_conserved(self) -> None:
        assert {p.id: p.captured.minor for p in self.order.payments if p.captured.minor} == dict(self.taken)
        assert all(self.back[name] <= self.taken[name] for name in self.back)
        assert sum(self.taken.values()) <= 4 * 1_250 + 2 * 399 + 600
        settled = [r for r in self.order.refunds if r.state is RefundState.SETTLED]
        assert sum(r.amount.minor for r in settled) == sum(self.back.values())
        assert all(not p.captured.minor or p.state is PaymentState.CAPTURED for p in self.order.payments)

    @invariant()
    def units_are_conserved(self) -> None:
        for line in self.order.lines:
            there = sum(p.units.get(line.id, 0) for p in self.order.parcels if p.state is ShipmentState.DELIVERED)
            back = sum(r.units.get(line.id, 0) for r in self.order.returns if r.state is ReturnState.ACCEPTED)
            assert 0 <= back <= there <= line.ordered - line.cancelled

    @invariant()
    def every_step_is_recorded_in_time_order(self) -> None:
        times = [step.stamp.at for step in self.order.history]
        assert len(times) == self.steps and times == sorted(times)


TestRandomHistory = RandomHistory.TestCase
TestRandomHistory.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
