"""Neutral records that every capability may speak of. Frozen, pure, no behaviour of any one capability."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

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


@dataclass(frozen=True, slots=True)
class TrackingEvent:
    """One thing that happened to a parcel, already normalised; `raw` is the carrier's own word."""

    at: datetime
    status: str
    place: str = ""
    text: str = ""
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Shipment:
    """A parcel on its way."""

    id: str
    order_id: str
    carrier: str
    tracking_number: str
    events: tuple[TrackingEvent, ...] = ()
    promised_at: datetime | None = None
