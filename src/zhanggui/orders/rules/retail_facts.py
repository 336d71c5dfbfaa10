"""What a retail policy may ask about one action on a shop: arguments, session, order, items, payment, as facts."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from zhanggui.kernel.types import JsonObject, Money
from zhanggui.orders.models import (
    FactValue,
    PaymentMethod,
    Session,
    Shop,
    ShopItem,
    ShopOrder,
    ShopOrderStatus,
    ShopUser,
)
from zhanggui.orders.rules.arithmetic import calculate

Shape = Literal["text", "texts", "maybe-empty"]
_ADDRESS: dict[str, Shape] = {
    "address1": "text",
    "address2": "maybe-empty",
    "city": "text",
    "state": "text",
    "country": "text",
    "zip": "text",
}
_SWAP: dict[str, Shape] = {
    "order_id": "text",
    "item_ids": "texts",
    "new_item_ids": "texts",
    "payment_method_id": "text",
}
ARGUMENTS: Mapping[str, Mapping[str, Shape]] = {
    "find_user_id_by_email": {"email": "text"},
    "find_user_id_by_name_zip": {"first_name": "text", "last_name": "text", "zip": "text"},
    "get_order_details": {"order_id": "text"},
    "get_user_details": {"user_id": "text"},
    "get_product_details": {"product_id": "text"},
    "get_item_details": {"item_id": "text"},
    "list_all_product_types": {},
    "calculate": {"expression": "text"},
    "transfer_to_human_agents": {"summary": "text"},
    "cancel_pending_order": {"order_id": "text", "reason": "text"},
    "modify_pending_order_address": {"order_id": "text", **_ADDRESS},
    "modify_pending_order_payment": {"order_id": "text", "payment_method_id": "text"},
    "modify_pending_order_items": _SWAP,
    "exchange_delivered_order_items": _SWAP,
    "return_delivered_order_items": {"order_id": "text", "item_ids": "texts", "payment_method_id": "text"},
    "modify_user_address": {"user_id": "text", **_ADDRESS},
}
# Statuses that tell of an action done before the file was written.
_DONE_BY_STATUS = {
    ShopOrderStatus.ITEMS_MODIFIED: ("modify_pending_order_items",),
    ShopOrderStatus.EXCHANGE_REQUESTED: ("exchange_delivered_order_items",),
    ShopOrderStatus.RETURN_REQUESTED: ("return_delivered_order_items",),
}


@dataclass(frozen=True, slots=True)
class Target:
    """What an action's arguments point at, as far as it exists."""

    texts: Mapping[str, str]
    items: tuple[str, ...]
    new_items: tuple[str, ...]
    missing: tuple[str, ...]
    order: ShopOrder | None
    user: ShopUser | None
    method: PaymentMethod | None


def point(shop: Shop, action: str, arguments: JsonObject) -> Target:
    """Read the arguments and find the order, the customer and the payment method that they name."""
    texts: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    missing: list[str] = []
    for name, shape in ARGUMENTS.get(action, {}).items():
        value = arguments.get(name)
        if shape == "texts" and isinstance(value, list) and all(isinstance(word, str) for word in value):
            lists[name] = tuple(str(word) for word in value)
        elif shape != "texts" and isinstance(value, str) and (value.strip() or shape == "maybe-empty"):
            texts[name] = value
        else:
            missing.append(name)
    order = shop.orders.get(texts.get("order_id", ""))
    user = shop.users.get(order.user_id) if order is not None else _user(shop, action, texts)
    method = user.payment_methods.get(texts.get("payment_method_id", "")) if user is not None else None
    return Target(texts, lists.get("item_ids", ()), lists.get("new_item_ids", ()), tuple(missing), order, user, method)


def facts_for(shop: Shop, action: str, target: Target, session: Session) -> dict[str, FactValue]:
    """Every fact that is known about the action; what is not known is left out."""
    facts: dict[str, FactValue] = {
        "arguments.missing": target.missing,
        "session.identified": bool(session.user_id) or session.vouched,
        "session.confirmed": session.confirmed,
    }
    if target.user is not None:
        facts["session.same_customer"] = session.user_id in ("", target.user.id)
    for name, fact, known in (
        ("order_id", "order.exists", target.order is not None),
        ("user_id", "user.exists", target.user is not None),
        ("product_id", "product.exists", target.texts.get("product_id") in shop.products),
        ("item_id", "item.exists", target.texts.get("item_id") in shop.variant_product),
        ("expression", "expression.valid", calculate(target.texts.get("expression", "")) is not None),
    ):
        if name in target.texts:
            facts[fact] = known
    if action.startswith("find_user_id"):
        facts["lookup.found"] = target.user is not None
    if "address1" in ARGUMENTS.get(action, {}):
        facts["address.complete"] = not set(target.missing) & set(_ADDRESS)
    if target.order is not None:
        facts |= _order_facts(shop, target, target.order)
        facts |= _item_facts(shop, action, target, target.order)
    if target.order is not None and "payment_method_id" in target.texts:
        facts |= _payment_facts(shop, action, target, target.order)
    return facts


def price_difference(shop: Shop, target: Target) -> Money | None:
    """New prices less old prices; None unless every item is paired and every new item exists."""
    if target.order is None or len(target.items) != len(target.new_items):
        return None
    total = Money(0, shop.currency)
    prices = {item.item_id: item.price for item in target.order.items}
    for old, new in zip(target.items, target.new_items, strict=True):
        variant = shop.variant(new)
        if variant is None or old not in prices:
            return None
        total = total + variant.price - prices[old]
    return total


def amount_held(order: ShopOrder, currency: str) -> Money:
    """What the shop holds for the order: payments less refunds."""
    return Money(sum(order.paid_by().values()), currency)


def fold(text: str) -> str:
    """A name or an address for comparison: no case, no accents, no outer blanks."""
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _user(shop: Shop, action: str, texts: Mapping[str, str]) -> ShopUser | None:
    if action == "find_user_id_by_email" and "email" in texts:
        wanted = fold(texts["email"])
        return _first(shop, lambda user: fold(user.email) == wanted)
    if action == "find_user_id_by_name_zip" and {"first_name", "last_name", "zip"} <= set(texts):
        first, last, zip_code = fold(texts["first_name"]), fold(texts["last_name"]), texts["zip"].strip()
        names = first, last
        return _first(
            shop, lambda user: user.address.zip == zip_code and (fold(user.first_name), fold(user.last_name)) == names
        )
    return shop.users.get(texts.get("user_id", ""))


def _first(shop: Shop, fits: Callable[[ShopUser], bool]) -> ShopUser | None:
    return next((user for user in shop.users.values() if fits(user)), None)


def _order_facts(shop: Shop, target: Target, order: ShopOrder) -> dict[str, FactValue]:
    done = shop.done.get(order.id, frozenset()) | set(_DONE_BY_STATUS.get(order.status, ()))
    held = order.paid_by()
    kinds: set[str] = set()
    if target.user is not None:
        methods = target.user.payment_methods
        kinds = {methods[method].source for method in held if method in methods}
    facts: dict[str, FactValue] = {
        "order.status": str(order.status),
        "order.done": tuple(sorted(done)),
        "payment.count": len(held),
        "payment.refund_kinds": tuple(sorted(kinds)),
    }
    if "reason" in target.texts:
        facts["cancel.reason"] = target.texts["reason"]
    return facts


def _item_facts(shop: Shop, action: str, target: Target, order: ShopOrder) -> dict[str, FactValue]:
    if "item_ids" not in ARGUMENTS.get(action, {}) or "item_ids" in target.missing:
        return {}
    held = Counter(item.item_id for item in order.items)
    facts: dict[str, FactValue] = {
        "items.count": len(target.items),
        "items.not_in_order": tuple(sorted((Counter(target.items) - held).keys())),
    }
    if "new_item_ids" not in ARGUMENTS[action] or "new_item_ids" in target.missing:
        return facts
    facts["items.paired"] = len(target.items) == len(target.new_items)
    facts["items.unknown_new"] = tuple(new for new in target.new_items if new not in shop.variant_product)
    facts["items.unavailable"] = tuple(
        new for new in target.new_items if (variant := shop.variant(new)) is not None and not variant.available
    )
    products = _products(order.items)
    pairs = list(zip(target.items, target.new_items, strict=False))
    facts["items.other_product"] = tuple(
        new for old, new in pairs if old in products and shop.variant_product.get(new) not in (None, products[old])
    )
    facts["items.unchanged"] = tuple(old for old, new in pairs if old == new)
    facts["amount.due"] = price_difference(shop, target)
    return facts


def _products(items: tuple[ShopItem, ...]) -> dict[str, str]:
    return {item.item_id: item.product_id for item in items}


def _payment_facts(shop: Shop, action: str, target: Target, order: ShopOrder) -> dict[str, FactValue]:
    facts: dict[str, FactValue] = {"payment.exists": target.method is not None}
    if target.method is None:
        return facts
    facts["payment.kind"] = target.method.source
    facts["payment.original"] = target.method.id in order.paid_by()
    facts["payment.balance"] = target.method.balance
    if action == "modify_pending_order_payment":
        facts["amount.due"] = amount_held(order, shop.currency)
    return facts
