"""The shop that `batch orders` works on: a whole shop file in memory, and decisions about actions on it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from zhanggui.kernel.types import JsonObject, JsonValue, Money
from zhanggui.orders.models.policy import Facts, FactValue, RuleResult, Sentence


class ShopOrderStatus(StrEnum):
    """The statuses of an order in a shop file, as that file writes them."""

    PENDING = "pending"
    ITEMS_MODIFIED = "pending (item modified)"
    PROCESSED = "processed"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    EXCHANGE_REQUESTED = "exchange requested"
    RETURN_REQUESTED = "return requested"


@dataclass(frozen=True, slots=True)
class ShopAddress:
    """A postal address as a shop file writes it."""

    address1: str
    address2: str
    city: str
    state: str
    country: str
    zip: str


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A way to pay that a customer keeps with the shop. Only a gift card has a balance."""

    id: str
    source: str
    balance: Money | None = None
    extra: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class ShopUser:
    """A customer of the shop."""

    id: str
    first_name: str
    last_name: str
    email: str
    address: ShopAddress
    payment_methods: Mapping[str, PaymentMethod]
    order_ids: tuple[str, ...]

    def with_method(self, method: PaymentMethod) -> "ShopUser":
        """The same customer with one payment method replaced, in its place."""
        return replace(self, payment_methods={**self.payment_methods, method.id: method})


@dataclass(frozen=True, slots=True)
class ShopVariant:
    """One variant of a product: what can be put into a parcel."""

    id: str
    options: Mapping[str, str]
    available: bool
    price: Money


@dataclass(frozen=True, slots=True)
class ShopProduct:
    """A product type with its variants."""

    id: str
    name: str
    variants: Mapping[str, ShopVariant]


@dataclass(frozen=True, slots=True)
class ShopItem:
    """One unit in an order."""

    name: str
    product_id: str
    item_id: str
    price: Money
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Transaction:
    """Money moved for an order: kind `payment` or `refund`, always a positive amount.

    `as_written` is the number as the file had it, or as its own environment would write it, where that is not the
    exact amount; it is only ever written back, never calculated with.
    """

    kind: str
    amount: Money
    method_id: str
    as_written: float | None = None


@dataclass(frozen=True, slots=True)
class ExchangeRequest:
    """Which units go back for which others, and how the price difference is settled (positive: the customer pays)."""

    item_ids: tuple[str, ...]
    new_item_ids: tuple[str, ...]
    method_id: str
    price_difference: Money


@dataclass(frozen=True, slots=True)
class ReturnRequest:
    """Which units go back, and where the refund goes."""

    item_ids: tuple[str, ...]
    method_id: str


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """An order of the shop file. `fulfillments` is kept as it was read."""

    id: str
    user_id: str
    address: ShopAddress
    items: tuple[ShopItem, ...]
    status: ShopOrderStatus
    transactions: tuple[Transaction, ...]
    fulfillments: tuple[JsonValue, ...] = ()
    cancel_reason: str | None = None
    exchange: ExchangeRequest | None = None
    returned: ReturnRequest | None = None

    def paid_by(self) -> Mapping[str, int]:
        """Minor units still held per payment method: payments less refunds, methods with nothing left dropped."""
        held: dict[str, int] = {}
        for move in self.transactions:
            sign = 1 if move.kind == "payment" else -1
            held[move.method_id] = held.get(move.method_id, 0) + sign * move.amount.minor
        return {method: minor for method, minor in held.items() if minor > 0}


@dataclass(frozen=True, slots=True)
class Shop:
    """A whole shop at one instant, in memory. Changing it makes a new one that shares what did not change.

    `done` remembers which actions were carried out on each order since the file was read; `changed_*` which records
    differ from the file.
    """

    currency: str
    products: Mapping[str, ShopProduct]
    users: Mapping[str, ShopUser]
    orders: Mapping[str, ShopOrder]
    variant_product: Mapping[str, str]
    done: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    changed_orders: frozenset[str] = frozenset()
    changed_users: frozenset[str] = frozenset()

    def variant(self, item_id: str) -> ShopVariant | None:
        """The variant of that id, or None."""
        product_id = self.variant_product.get(item_id)
        return None if product_id is None else self.products[product_id].variants[item_id]

    def with_order(self, order: ShopOrder, *, action: str = "") -> "Shop":
        """The shop with that order replaced, and the action remembered against it."""
        before = self.done.get(order.id, frozenset())
        return replace(
            self,
            orders={**self.orders, order.id: order},
            done={**self.done, order.id: before | {action}} if action else self.done,
            changed_orders=self.changed_orders | {order.id},
        )

    def with_user(self, user: ShopUser) -> "Shop":
        """The shop with that customer replaced."""
        return replace(self, users={**self.users, user.id: user}, changed_users=self.changed_users | {user.id})


@dataclass(frozen=True, slots=True)
class Session:
    """What is known of the conversation that an action comes from.

    `user_id` is the customer who was identified, empty before that. `vouched`: whoever calls has identified the
    customer by other means (a signed-in page, a back office). `confirmed`: the customer said yes to the details.
    """

    user_id: str = ""
    vouched: bool = False
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class UndoStep:
    """How to take a carried-out action back: the records as they were, and as they must still be now."""

    possible: bool
    reason: Sentence
    orders_before: tuple[ShopOrder, ...] = ()
    orders_after: tuple[ShopOrder, ...] = ()
    users_before: tuple[ShopUser, ...] = ()
    users_after: tuple[ShopUser, ...] = ()
    done_before: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one action: whether policy accepts it, every rule, what came of it, how to undo it, the new shop.

    A refused action leaves `shop` the very object that came in. `undo` is None for look-ups and refusals. `facts` are
    what the rules were held against, kept so that the decision can be replayed under another policy.
    """

    accepted: bool
    rules: tuple[RuleResult, ...]
    result: JsonValue
    undo: UndoStep | None
    shop: Shop
    session: Session
    facts: Facts = field(default_factory=dict[str, FactValue])


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """One line of work: an action with its arguments, as a chat agent would call it."""

    id: str
    action: str
    arguments: JsonObject
