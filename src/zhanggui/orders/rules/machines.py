"""Which event may follow in which state: one typed transition table for each thing in an order's life.

What is not in a table cannot happen: `Machine.after` is the only way to a new state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from zhanggui.kernel.errors import Conflict
from zhanggui.orders.models import (
    ExchangeState,
    FulfilmentState,
    OrderState,
    PaymentState,
    RefundState,
    ReturnState,
    ShipmentState,
)

State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Machine(Generic[State, Event]):
    """The transition table of one kind of thing."""

    thing: str
    table: Mapping[tuple[State, Event], State]

    def after(self, state: State, event: Event) -> State:
        """The state that the event leads to.

        Raises:
            Conflict: the event cannot happen in this state.
        """
        following = self.table.get((state, event))
        if following is None:
            raise Conflict(f"{self.thing} that is {state}: cannot {event}", thing=self.thing, state=state, event=event)
        return following

    def possible(self, state: State) -> tuple[Event, ...]:
        """The events that may follow in a state."""
        return tuple(event for at, event in self.table if at == state)


class OrderEvent(StrEnum):
    """What may happen to an order as a whole."""

    ACCEPT = "accept"
    HOLD = "hold"
    RELEASE = "release"
    CANCEL = "cancel"
    CLOSE = "close"
    REOPEN = "reopen"


class PaymentEvent(StrEnum):
    """What may happen to a payment."""

    AUTHORISE = "authorise"
    CAPTURE = "capture"
    VOID = "void"
    FAIL = "fail"


class FulfilmentEvent(StrEnum):
    """What may happen to a warehouse's work."""

    PICK = "pick"
    PACK = "pack"
    DISPATCH = "dispatch"
    UNPACK = "unpack"
    CANCEL = "cancel"


class ShipmentEvent(StrEnum):
    """What may happen to a parcel."""

    HAND_OVER = "hand-over"
    OUT_FOR_DELIVERY = "out-for-delivery"
    FAIL_ATTEMPT = "fail-attempt"
    ARRIVE_AT_PICKUP = "arrive-at-pickup"
    DELIVER = "deliver"
    TURN_BACK = "turn-back"
    RETURN = "return"
    LOSE = "lose"
    FIND = "find"
    VOID = "void"


class ReturnEvent(StrEnum):
    """What may happen to a return."""

    APPROVE = "approve"
    REJECT = "reject"
    SEND_BACK = "send-back"
    RECEIVE = "receive"
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


class RefundEvent(StrEnum):
    """What may happen to a refund."""

    APPROVE = "approve"
    REJECT = "reject"
    SEND = "send"
    SETTLE = "settle"
    FAIL = "fail"


class ExchangeEvent(StrEnum):
    """What may happen to an exchange."""

    APPROVE = "approve"
    REJECT = "reject"
    SEND_REPLACEMENT = "send-replacement"
    COMPLETE = "complete"
    WITHDRAW = "withdraw"


ORDER: Machine[OrderState, OrderEvent] = Machine(
    "an order",
    {
        (OrderState.PLACED, OrderEvent.ACCEPT): OrderState.ACCEPTED,
        (OrderState.PLACED, OrderEvent.HOLD): OrderState.HELD,
        (OrderState.PLACED, OrderEvent.CANCEL): OrderState.CANCELLED,
        (OrderState.ACCEPTED, OrderEvent.HOLD): OrderState.HELD,
        (OrderState.ACCEPTED, OrderEvent.CANCEL): OrderState.CANCELLED,
        (OrderState.ACCEPTED, OrderEvent.CLOSE): OrderState.CLOSED,
        (OrderState.HELD, OrderEvent.RELEASE): OrderState.ACCEPTED,
        (OrderState.HELD, OrderEvent.CANCEL): OrderState.CANCELLED,
        (OrderState.CLOSED, OrderEvent.REOPEN): OrderState.ACCEPTED,
    },
)
PAYMENT: Machine[PaymentState, PaymentEvent] = Machine(
    "a payment",
    {
        (PaymentState.PENDING, PaymentEvent.AUTHORISE): PaymentState.AUTHORISED,
        (PaymentState.PENDING, PaymentEvent.FAIL): PaymentState.FAILED,
        (PaymentState.PENDING, PaymentEvent.VOID): PaymentState.VOIDED,
        (PaymentState.AUTHORISED, PaymentEvent.CAPTURE): PaymentState.CAPTURED,
        (PaymentState.AUTHORISED, PaymentEvent.VOID): PaymentState.VOIDED,
        (PaymentState.AUTHORISED, PaymentEvent.FAIL): PaymentState.FAILED,
        (PaymentState.CAPTURED, PaymentEvent.CAPTURE): PaymentState.CAPTURED,
    },
)
FULFILMENT: Machine[FulfilmentState, FulfilmentEvent] = Machine(
    "a fulfilment",
    {
        (FulfilmentState.OPEN, FulfilmentEvent.PICK): FulfilmentState.PICKING,
        (FulfilmentState.OPEN, FulfilmentEvent.CANCEL): FulfilmentState.CANCELLED,
        (FulfilmentState.PICKING, FulfilmentEvent.PACK): FulfilmentState.PACKED,
        (FulfilmentState.PICKING, FulfilmentEvent.CANCEL): FulfilmentState.CANCELLED,
        (FulfilmentState.PACKED, FulfilmentEvent.UNPACK): FulfilmentState.PICKING,
        (FulfilmentState.PACKED, FulfilmentEvent.DISPATCH): FulfilmentState.DISPATCHED,
        (FulfilmentState.PACKED, FulfilmentEvent.CANCEL): FulfilmentState.CANCELLED,
    },
)
_MOVING = (ShipmentState.IN_TRANSIT, ShipmentState.OUT_FOR_DELIVERY, ShipmentState.ATTEMPT_FAILED)
SHIPMENT: Machine[ShipmentState, ShipmentEvent] = Machine(
    "a shipment",
    {
        (ShipmentState.CREATED, ShipmentEvent.HAND_OVER): ShipmentState.IN_TRANSIT,
        (ShipmentState.CREATED, ShipmentEvent.VOID): ShipmentState.VOIDED,
        (ShipmentState.AT_PICKUP_POINT, ShipmentEvent.DELIVER): ShipmentState.DELIVERED,
        (ShipmentState.AT_PICKUP_POINT, ShipmentEvent.TURN_BACK): ShipmentState.RETURNING,
        (ShipmentState.AT_PICKUP_POINT, ShipmentEvent.LOSE): ShipmentState.LOST,
        (ShipmentState.RETURNING, ShipmentEvent.RETURN): ShipmentState.RETURNED,
        (ShipmentState.RETURNING, ShipmentEvent.LOSE): ShipmentState.LOST,
        **{(state, ShipmentEvent.OUT_FOR_DELIVERY): ShipmentState.OUT_FOR_DELIVERY for state in _MOVING},
        **{(state, ShipmentEvent.FAIL_ATTEMPT): ShipmentState.ATTEMPT_FAILED for state in _MOVING},
        **{(state, ShipmentEvent.ARRIVE_AT_PICKUP): ShipmentState.AT_PICKUP_POINT for state in _MOVING},
        **{(state, ShipmentEvent.DELIVER): ShipmentState.DELIVERED for state in _MOVING},
        **{(state, ShipmentEvent.TURN_BACK): ShipmentState.RETURNING for state in _MOVING},
        **{(state, ShipmentEvent.LOSE): ShipmentState.LOST for state in _MOVING},
        (ShipmentState.LOST, ShipmentEvent.FIND): ShipmentState.IN_TRANSIT,
    },
)
RETURN: Machine[ReturnState, ReturnEvent] = Machine(
    "a return",
    {
        (ReturnState.REQUESTED, ReturnEvent.APPROVE): ReturnState.APPROVED,
        (ReturnState.REQUESTED, ReturnEvent.REJECT): ReturnState.REJECTED,
        (ReturnState.REQUESTED, ReturnEvent.WITHDRAW): ReturnState.WITHDRAWN,
        (ReturnState.APPROVED, ReturnEvent.SEND_BACK): ReturnState.SENT_BACK,
        (ReturnState.APPROVED, ReturnEvent.RECEIVE): ReturnState.RECEIVED,
        (ReturnState.APPROVED, ReturnEvent.WITHDRAW): ReturnState.WITHDRAWN,
        (ReturnState.SENT_BACK, ReturnEvent.RECEIVE): ReturnState.RECEIVED,
        (ReturnState.RECEIVED, ReturnEvent.ACCEPT): ReturnState.ACCEPTED,
        (ReturnState.RECEIVED, ReturnEvent.DECLINE): ReturnState.DECLINED,
    },
)
REFUND: Machine[RefundState, RefundEvent] = Machine(
    "a refund",
    {
        (RefundState.REQUESTED, RefundEvent.APPROVE): RefundState.APPROVED,
        (RefundState.REQUESTED, RefundEvent.REJECT): RefundState.REJECTED,
        (RefundState.APPROVED, RefundEvent.SEND): RefundState.SENT,
        (RefundState.APPROVED, RefundEvent.REJECT): RefundState.REJECTED,
        (RefundState.SENT, RefundEvent.SETTLE): RefundState.SETTLED,
        (RefundState.SENT, RefundEvent.FAIL): RefundState.FAILED,
    },
)
EXCHANGE: Machine[ExchangeState, ExchangeEvent] = Machine(
    "an exchange",
    {
        (ExchangeState.REQUESTED, ExchangeEvent.APPROVE): ExchangeState.APPROVED,
        (ExchangeState.REQUESTED, ExchangeEvent.REJECT): ExchangeState.REJECTED,
        (ExchangeState.REQUESTED, ExchangeEvent.WITHDRAW): ExchangeState.WITHDRAWN,
        (ExchangeState.APPROVED, ExchangeEvent.SEND_REPLACEMENT): ExchangeState.REPLACEMENT_SENT,
        (ExchangeState.REPLACEMENT_SENT, ExchangeEvent.COMPLETE): ExchangeState.COMPLETED,
    },
)
