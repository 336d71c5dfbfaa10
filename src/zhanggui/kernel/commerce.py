"""Neutral records that every capability may speak of. Frozen, pure, no behaviour of any one capability."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from zhanggui.kernel.types import Money

Attributes = Mapping[str, tuple[str, ...]]
_NO_ATTRIBUTES: Attributes = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Variant:
    """One sellable unit of a product: a SKU with its options, price and stock."""

    sku: str
    title: str = ""
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    price: Money | None = None
    stock: int | None = None
    barcode: str = ""
    weight_grams: float | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A product as a shop sells it. `attributes` maps a name to its values; `extra` keeps unknown import columns."""

    id: str
    title: str
    description: str = ""
    category: tuple[str, ...] = ()
    brand: str = ""
    attributes: Attributes = field(default_factory=lambda: _NO_ATTRIBUTES)
    price: Money | None = None
    images: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    status: str = "active"
    extra: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address, from the widest part to the narrowest."""

    country: str = ""
    region: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    postal_code: str = ""
    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """A person who buys."""

    id: str
    name: str = ""
    email: str = ""
    phone: str = ""
    addresses: tuple[Address, ...] = ()
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line of an order: a SKU, how many, at what unit price."""

    sku: str
    title: str
    quantity: int
    unit_price: Money
    product_id: str = ""
    options: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Order:
    """An order as a shop took it; capability `orders` adds its life cycle."""

    id: str
    customer_id: str
    placed_at: datetime
    lines: tuple[OrderLine, ...]
    total: Money
    status: str = "placed"
    shipping_address: Address | None = None


class ParcelStatus(StrEnum):
    """Where a parcel stands, in one vocabulary for every carrier."""

    PENDING = "pending"  # the carrier knows nothing of it yet
    INFO_RECEIVED = "info_received"  # announced, not handed over
    PICKED_UP = "picked_up"
    IN_TRANSIT = "in_transit"
    ON_HOLD = "on_hold"  # customs, payment, a missing document
    DELAYED = "delayed"
    OUT_FOR_DELIVERY = "out_for_delivery"
    ATTEMPT_FAILED = "attempt_failed"
    READY_FOR_PICKUP = "ready_for_pickup"
    DELIVERED = "delivered"
    REFUSED = "refused"
    RETURNING = "returning"
    RETURNED = "returned"
    DAMAGED = "damaged"
    LOST = "lost"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # no news for so long that the carrier stopped looking
    EXCEPTION = "exception"  # something is wrong, and the carrier does not say what
    UNKNOWN = "unknown"  # the carrier's own word is in `raw`


class ParcelReason(StrEnum):
    """Why a parcel is not simply on its way. The part before the first underscore names the culprit."""

    CARRIER_DELAY = "carrier_delay"
    CARRIER_DAMAGE = "carrier_damage"
    CARRIER_LOSS = "carrier_loss"
    CARRIER_MISSORT = "carrier_missort"
    CARRIER_VEHICLE = "carrier_vehicle"
    SELLER_LABEL = "seller_label"
    SELLER_NOT_HANDED_OVER = "seller_not_handed_over"
    SELLER_PROHIBITED = "seller_prohibited"
    SELLER_CANCELLED = "seller_cancelled"
    BUYER_ABSENT = "buyer_absent"
    BUYER_REFUSED = "buyer_refused"
    BUYER_ADDRESS = "buyer_address"
    BUYER_NOT_COLLECTED = "buyer_not_collected"
    BUYER_RESCHEDULED = "buyer_rescheduled"
    BUYER_ACCESS = "buyer_access"
    BUYER_UNPAID = "buyer_unpaid"
    CUSTOMS_DELAY = "customs_delay"
    CUSTOMS_DOCUMENTS = "customs_documents"
    CUSTOMS_DUTIES = "customs_duties"
    CUSTOMS_PROHIBITED = "customs_prohibited"
    WEATHER = "weather"
    OTHER_HOLIDAY = "other_holiday"
    OTHER_SECURITY = "other_security"
    OTHER_FORCE_MAJEURE = "other_force_majeure"
    OTHER_UNKNOWN = "other_unknown"

    @property
    def culprit(self) -> str:
        """carrier, seller, buyer, customs, weather or other."""
        return self.value.split("_")[0]


@dataclass(frozen=True, slots=True)
class TrackingEvent:
    """One thing that happened to a parcel, already normalised; `raw` is the carrier's own word.

    `zone_known` is False where the carrier wrote a local time without its zone: then `at` takes it as UTC.
    """

    at: datetime
    status: str
    place: str = ""
    text: str = ""
    raw: str = ""
    reason: str = ""
    zone_known: bool = True


@dataclass(frozen=True, slots=True)
class TrackingReport:
    """What a carrier says about one parcel, in the common vocabulary, oldest event first.

    `flags` say in words what was not understood (an unknown status, an event without a time): kept, never guessed.
    """

    carrier: str
    tracking_number: str
    status: ParcelStatus
    reason: ParcelReason | None = None
    raw_status: str = ""
    events: tuple[TrackingEvent, ...] = ()
    eta: datetime | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shipment:
    """A parcel on its way."""

    id: str
    order_id: str
    carrier: str
    tracking_number: str
    events: tuple[TrackingEvent, ...] = ()
    promised_at: datetime | None = None


PaymentWord = Literal["pending", "authorised", "captured", "voided", "failed"]
ParcelWord = Literal["open", "sent", "delivered", "returned", "lost", "cancelled"]
RefundWord = Literal["requested", "settled", "failed"]


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of an order as its shop tells it; `cancelled` of the `quantity` units were taken off again."""

    id: str
    sku: str
    title: str
    quantity: int
    unit_price: Money
    cancelled: int = 0
    product_id: str = ""


@dataclass(frozen=True, slots=True)
class SourcePayment:
    """Money promised and taken by one method, as the shop tells it."""

    id: str
    method: str
    amount: Money
    captured: Money
    state: PaymentWord
    at: datetime


@dataclass(frozen=True, slots=True)
class SourceParcel:
    """Units (line id -> count) that were handed to a carrier, or are about to be."""

    id: str
    units: Mapping[str, int]
    at: datetime
    state: ParcelWord = "sent"
    carrier: str = ""
    tracking_number: str = ""
    warehouse: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceRefund:
    """Money given back to a payment; `units` are what came back (or was taken off) for it."""

    id: str
    amount: Money
    at: datetime
    payment_id: str = ""
    reason: str = ""
    state: RefundWord = "settled"
    units: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class SourceOrder:
    """A whole order as its shop told it at `version` (the shop's own time of last change).

    `charges` are freight, fees and tax less discounts, so that lines and charges add up to `total`.
    """

    source: str
    external_id: str
    version: datetime
    placed_at: datetime
    lines: tuple[SourceLine, ...]
    charges: Money
    total: Money
    number: str = ""
    payments: tuple[SourcePayment, ...] = ()
    parcels: tuple[SourceParcel, ...] = ()
    refunds: tuple[SourceRefund, ...] = ()
    customer: Customer | None = None
    shipping_address: Address | None = None
    promised_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str = ""
    closed_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class SourcePart:
    """News about one part of an order, told without the order; `gone` means the shop deleted the whole order."""

    source: str
    external_id: str
    version: datetime
    payment: SourcePayment | None = None
    parcel: SourceParcel | None = None
    refund: SourceRefund | None = None
    gone: bool = False


SourceNews = SourceOrder | SourcePart
