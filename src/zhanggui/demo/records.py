"""The words of the made-up shop that the kernel's neutral records do not have. Frozen and pure.

Days are local days of the shop (UTC+8, no summer time); instants are aware UTC; money is CNY in fen.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from zhanggui.kernel.commerce import Customer, Order, Product, Shipment
from zhanggui.kernel.types import Locale, Money

SYNTHETIC = "synthetic: made up for the Zhanggui demo; no real person, brand, carrier or order"
Trap = Literal["", "thin", "prompt-injection", "html", "false-claim"]
Scenario = Literal[
    "normal", "late", "stuck", "lost", "refused", "returned", "damaged", "wrong-address", "denied", "customs"
]
Arm = Literal["mail", "holdout"]


@dataclass(frozen=True, slots=True)
class Bilingual:
    """The same words in Chinese and English."""

    zh: str
    en: str

    def of(self, locale: Locale) -> str:
        """The words in one language."""
        return self.zh if locale == "zh-CN" else self.en


@dataclass(frozen=True, slots=True)
class DemoProduct:
    """A product with everything the demo knows of it; `zh` and `en` are the same product in two languages.

    `kind` names its drawing; `launched` and `discontinued` bound the days it was sold; `repeat_days` is how long one
    unit lasts (0 = not a consumable); `trap` says what was planted in it on purpose.
    """

    id: str
    category: str
    kind: str
    name: Bilingual
    zh: Product
    en: Product
    price: Money
    season: str
    demand: float
    love: Bilingual
    gripe: Bilingual
    searches: tuple[tuple[str, ...], tuple[str, ...]]
    launched: date
    discontinued: date | None = None
    repeat_days: int = 0
    trap: Trap = ""


@dataclass(frozen=True, slots=True)
class Supply:
    """How one SKU is bought: unit cost, supplier, lead time in days (mean and standard deviation), order rules, shelf
    life in days (None = keeps), and what is on hand and on its way at the end of the story."""

    sku: str
    product_id: str
    supplier: str
    cost: Money
    lead_days: float
    lead_days_sd: float
    minimum_order: int
    pack_size: int
    shelf_life_days: int | None
    on_hand: int
    incoming: int = 0
    incoming_on: date | None = None


@dataclass(frozen=True, slots=True)
class SkuHistory:
    """Daily book of one SKU. Entry i is day `first_day` + i. `in_stock` is False when the day began empty (sold is then
    0 and the demand of that day is unknown); `opening` counts units after the morning's deliveries."""

    sku: str
    product_id: str
    first_day: date
    sold: tuple[int, ...]
    opening: tuple[int, ...]
    received: tuple[int, ...]
    in_stock: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class SalesEvent:
    """A span of days (both ends included) that moves demand; `percent` is taken off list prices of `categories`
    (none named = all)."""

    key: str
    name: Bilingual
    first: date
    last: date
    percent: int
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerProfile:
    """What the demo knows beside the neutral customer. `taste` is the true preference by category (sums to 1)."""

    customer_id: str
    locale: Locale
    consent_marketing: bool
    consent_personal: bool
    taste: tuple[tuple[str, float], ...]
    joined: date


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """The money and the course of one order: goods - discount + shipping = total. `event` is the sales event's key."""

    order_id: str
    goods: Money
    discount: Money
    shipping: Money
    total: Money
    channel: str
    payment: str
    event: str = ""
    paid_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReturnCase:
    """A customer sends something back, or is refunded without sending. `status`: requested, in-transit, received,
    refunded or rejected; `reason` is a code, `words` what the customer wrote."""

    id: str
    order_id: str
    sku: str
    quantity: int
    reason: str
    words: str
    status: str
    requested_at: datetime
    refund: Money


@dataclass(frozen=True, slots=True)
class ParcelStory:
    """The truth behind a shipment: what happened to it, who is to blame, when it arrived (None = it did not), and the
    tracking service's own payload as JSON text (only for recent parcels and those with a problem)."""

    shipment_id: str
    scenario: Scenario
    culprit: str
    shipped_at: datetime
    delivered_at: datetime | None
    remote: bool
    provider: str
    payload: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """What a buyer wrote. `sentiment` and `topics` (product, logistics, service, price, safety) are the truth."""

    id: str
    product_id: str
    sku: str
    order_id: str
    customer_id: str
    locale: Locale
    rating: int
    text: str
    written_at: datetime
    sentiment: Literal["positive", "neutral", "negative"]
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A shopper's question on a product page with the shop's answer and the attribute it rests on ("" = not known)."""

    id: str
    product_id: str
    customer_id: str
    locale: Locale
    text: str
    answer: str
    attribute: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message; `sender` is customer, bot or staff."""

    at: datetime
    sender: str
    text: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """A chat. `outcome`: resolved, handed-over or open; `mood`: calm, worried or angry; `order_id` may be empty."""

    id: str
    customer_id: str
    locale: Locale
    topic: str
    order_id: str
    messages: tuple[ChatMessage, ...]
    outcome: str
    mood: str


@dataclass(frozen=True, slots=True)
class Article:
    """One entry of the shop's knowledge. `valid_to` None = still true."""

    id: str
    topic: str
    question: Bilingual
    answer: Bilingual
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Mailing:
    """An e-mail campaign with a random holdout. Outcomes are counted from the orders of the `window_days` after it."""

    id: str
    name: Bilingual
    sent_at: datetime
    window_days: int
    category: str
    holdout_share: float


@dataclass(frozen=True, slots=True)
class MailingResult:
    """One customer in the experiment. The features are those known before sending; `true_lift` is the real effect of
    the mail on the chance to order in the window; `bought` and `spend` are what the orders show."""

    customer_id: str
    mailing_id: str
    arm: Arm
    days_since_order: int
    orders_before: int
    spend_before: Money
    locale: Locale
    affinity: float
    opened: bool
    bought: bool
    spend: Money
    true_lift: float


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A line of the shop's search log; `clicked` is a product id or empty, `found` how many products it listed."""

    at: datetime
    customer_id: str
    locale: Locale
    text: str
    found: int
    clicked: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of one product in one of its colours; `name` is what `Product.images` points at."""

    name: str
    product_id: str
    colour: str
    svg: str


@dataclass(frozen=True, slots=True)
class ShopSizes:
    """How much is made. `orders_per_day` is the level half-way through, before events; `parcel_payload_days` is how
    far back parcels keep their raw tracking payload."""

    customers: int = 3000
    days: int = 730
    orders_per_day: float = 14.0
    reviews: int = 1800
    questions: int = 260
    conversations: int = 240
    searches: int = 4000
    parcel_payload_days: int = 45


@dataclass(frozen=True, slots=True)
class DemoShop:
    """The whole made-up shop. Everything is sorted by time or id; the same seed, day and sizes give the same shop."""

    seed: int
    today: date
    now: datetime
    label: str
    products: tuple[DemoProduct, ...]
    supplies: tuple[Supply, ...]
    histories: tuple[SkuHistory, ...]
    events: tuple[SalesEvent, ...]
    baskets: tuple[tuple[str, str, float], ...]
    customers: tuple[Customer, ...]
    profiles: tuple[CustomerProfile, ...]
    orders: tuple[Order, ...]
    details: tuple[OrderDetail, ...]
    returns: tuple[ReturnCase, ...]
    shipments: tuple[Shipment, ...]
    parcels: tuple[ParcelStory, ...]
    reviews: tuple[Review, ...]
    questions: tuple[Question, ...]
    conversations: tuple[Conversation, ...]
    articles: tuple[Article, ...]
    mailing: Mailing
    mailing_results: tuple[MailingResult, ...]
    searches: tuple[SearchQuery, ...]
    pictures: tuple[Picture, ...]
