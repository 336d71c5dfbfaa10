"""What the orders need from others; `app` plugs it in. Formats and protocols live in the connectors."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from zhanggui.kernel.commerce import SourceNews, SourceOrder, Variant
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject


class ReadOrder(Protocol):
    """One order as a file told it; `row` is where it begins (header = 1)."""

    @property
    def order(self) -> SourceOrder: ...
    @property
    def row(self) -> int: ...


class OrderFileFacts(Protocol):
    """What a file is: how it is written and packed, its rows, its columns with the field that each fills."""

    @property
    def encoding(self) -> str: ...
    @property
    def packing(self) -> str: ...
    @property
    def rows(self) -> int: ...
    @property
    def columns(self) -> Mapping[str, str]: ...
    @property
    def warnings(self) -> tuple[str, ...]: ...


class OrderFile(Protocol):
    """A file of orders in a known format. Each call reads it anew."""

    @property
    def format(self) -> str: ...
    @property
    def name(self) -> str: ...

    def facts(self) -> OrderFileFacts:
        """What the file is."""
        ...

    def read(self) -> Iterator[ReadOrder | BadInput]:
        """Every order, and every row that cannot be read."""
        ...


class WebhookReader(Protocol):
    """How one kind of sender signs and writes its webhooks. Header names come in lower case."""

    @property
    def source(self) -> str: ...

    def delivery(self, headers: Mapping[str, str]) -> tuple[str, str]:
        """The delivery's unique id and its topic.

        Raises:
            BadInput: a header is missing or malformed.
        """
        ...

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...], now: datetime) -> bool:
        """Whether the raw body was signed with one of the secrets, lately; in constant time, over every secret."""
        ...

    def news(self, topic: str, payload: JsonObject) -> tuple[SourceNews, ...]:
        """What the delivery tells; empty for topics that tell nothing of orders.

        Raises:
            BadInput: names the field that is not what it should be.
        """
        ...


class OrderPage(Protocol):
    """Some orders as a shop answered them, oldest change first; an empty `next_cursor` ends the list."""

    @property
    def orders(self) -> tuple[SourceOrder, ...]: ...
    @property
    def problems(self) -> tuple[BadInput, ...]: ...
    @property
    def next_cursor(self) -> str: ...


class OrderSource(Protocol):
    """A shop that can be asked what changed."""

    def changed(self, since: datetime, cursor: str) -> OrderPage:
        """A page of the orders changed since then.

        Raises:
            BadInput: it does not know the cursor (any more).
            RetryLater: it is down or asks us to wait longer than we may.
            OperatorError: it refuses our credentials, or answers what cannot be understood.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class OrderSources(Protocol):
    """Opens connections to one kind of shop."""

    def check(self, settings: JsonObject) -> JsonObject:
        """The settings as they are kept.

        Raises:
            BadInput: a setting is missing, or the host is none that may be asked.
        """
        ...

    def open(self, settings: JsonObject, secret: str) -> OrderSource:
        """A connection with the shop's own settings and its API secret."""
        ...


class Shelf(Protocol):
    """What the shop sells now."""

    def siblings(self, uow: UnitOfWork, sku: str) -> Sequence[Variant]:
        """Every variant of the product that sells this SKU, this one too, with present prices; empty where unknown."""
        ...


class ShopDoor(Protocol):
    """One shop that can be told to do something about its orders."""

    def do(self, effect: str, external_id: str, payload: JsonObject, key: str) -> JsonObject:
        """Do it and answer with a receipt (of a refund: `refund_id`, the shop's own). Safe to repeat under its key.

        Raises:
            RetryLater: the shop is down.
            MerchantError: it refuses for good.
            OperatorError: it refuses our credentials, or its answer cannot be understood.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class ShopDoors(Protocol):
    """Opens the doors of one kind of shop."""

    @property
    def effects(self) -> tuple[str, ...]:
        """The names of the effects that such a shop takes."""
        ...

    def open_door(self, settings: JsonObject, secret: str) -> ShopDoor:
        """A connection that may write."""
        ...
