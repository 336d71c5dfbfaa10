"""What support needs from others; `app` plugs it in. Support knows nothing of orders, products or connectors."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol

from zhanggui.kernel.commerce import Product
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, Locale, Money


class LineView(Protocol):
    """One line of an order as its customer may see it."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def sku(self) -> str: ...
    @property
    def quantity(self) -> int: ...
    @property
    def unit_price(self) -> Money: ...


class ParcelView(Protocol):
    """One parcel: `status` and `last_event` in the words of the shop's one vocabulary and of the carrier."""

    @property
    def carrier(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def last_event(self) -> str: ...
    @property
    def last_at(self) -> datetime | None: ...


class OrderView(Protocol):
    """One order. `email` and `phone` prove whose it is and are never shown."""

    @property
    def id(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def placed_at(self) -> datetime: ...
    @property
    def state(self) -> str: ...
    @property
    def paid(self) -> bool: ...
    @property
    def total(self) -> Money: ...
    @property
    def lines(self) -> Sequence[LineView]: ...
    @property
    def parcels(self) -> Sequence[ParcelView]: ...


class Proposed(Protocol):
    """What became of a wish: a proposal, or the reasons of policy why not, in both languages."""

    @property
    def proposal_id(self) -> str: ...
    @property
    def done(self) -> bool: ...
    @property
    def refused(self) -> Sequence[Mapping[Locale, str]]: ...


class OrderTools(Protocol):
    """What the agent may do about orders. All read but `propose`, which writes what policy and people decide."""

    @property
    def writes(self) -> Sequence[str]:
        """The kinds of proposals that a customer may ask for."""
        ...

    def find(self, uow: UnitOfWork, number: str) -> OrderView | None:
        """The order with this number, whoever it belongs to; the caller must have its owner prove it."""
        ...

    def refusals(
        self, uow: UnitOfWork, kind: str, order_id: str, details: JsonObject
    ) -> Sequence[Mapping[Locale, str]]:
        """Why policy would refuse this wish as it stands, in both languages; empty when it would not. Writes nothing.

        Raises:
            BadInput: the details are not of the kind's shape.
            NotFound: there is no such order.
        """
        ...

    def propose(self, uow: UnitOfWork, kind: str, order_id: str, details: JsonObject) -> Proposed:
        """Hold a wish against policy and propose it where policy allows.

        Raises:
            BadInput: the details are not of the kind's shape.
            NotFound: there is no such order.
        """
        ...

    def kept(self, uow: UnitOfWork, proposal_id: str) -> bool | None:
        """Whether what was proposed happened: True applied, False rejected, expired or failed, None not decided."""
        ...


class ShelfTools(Protocol):
    """What the agent may look up about products."""

    def on_sale(self, uow: UnitOfWork) -> Sequence[Product]:
        """The products that can be bought now."""
        ...


class Citation(Protocol):
    """A passage that an answer rests on."""

    @property
    def source(self) -> str: ...
    @property
    def quote(self) -> str: ...


class Answered(Protocol):
    """An answer out of the shop's knowledge, or the decision to ask back or hand over."""

    @property
    def decision(self) -> Literal["answer", "clarify", "handoff"]: ...
    @property
    def answer(self) -> str: ...
    @property
    def citations(self) -> Sequence[Citation]: ...
    @property
    def confidence(self) -> float: ...


class Answerer(Protocol):
    """Answers questions from the merchant's knowledge. Called outside of any transaction: it may ask a model."""

    def answer(self, merchant_id: str, question: str, *, locale: Locale) -> Answered:
        """The answer.

        Raises:
            ZhangguiError: it cannot be asked now; the customer is told so and a person is.
        """
        ...


class Listener(Protocol):
    """Reads a customer's message with a model where rules read nothing. It only fills in a form; code decides."""

    def hear(self, merchant_id: str, text: str) -> str:
        """The task that the message asks for, of `rules.agent_intents.TASKS`, or an empty text.

        Raises:
            ZhangguiError: no model can be asked now.
        """
        ...


class Sealer(Protocol):
    """Keeps secrets encrypted."""

    def seal(self, secret: str) -> str:
        """The secret, encrypted, as text."""
        ...

    def open(self, sealed: str) -> str:
        """The secret.

        Raises:
            NotConfigured: it was sealed under another key.
        """
        ...


class Courier(Protocol):
    """Carries signed webhooks to and fro (Standard Webhooks)."""

    def check(self, url: str) -> str:
        """The address as it is kept.

        Raises:
            BadInput: it is no https address outside our own network.
        """
        ...

    def send(self, url: str, secret: str, delivery_id: str, at: datetime, body: bytes) -> int:
        """Send once; the HTTP status.

        Raises:
            RetryLater: nobody answered, or it was told to come later.
        """
        ...

    def verify(self, headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> bool:
        """Whether the body was signed with the secret, lately."""
        ...
