"""What each accepted action does to the shop, and what it answers. Only called once every rule has passed."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from zhanggui.kernel.errors import ProgrammerError
from zhanggui.kernel.types import JsonValue, Money
from zhanggui.orders.models import (
    ExchangeRequest,
    PaymentMethod,
    ReturnRequest,
    Shop,
    ShopAddress,
    ShopItem,
    ShopOrder,
    ShopOrderStatus,
    ShopUser,
    ShopVariant,
    Transaction,
)
from zhanggui.orders.rules.arithmetic import calculate
from zhanggui.orders.rules.retail_facts import Target, amount_held, price_difference
from zhanggui.orders.rules.shop_json import order_json, product_json, user_json, variant_json

Quirks = frozenset[str]
LAST_VARIANT, BINARY_AMOUNTS = "last-variant-for-all", "binary-amounts"


def look_up(shop: Shop, action: str, target: Target) -> JsonValue:
    """The answer of an action that changes nothing."""
    return _LOOK_UPS[action](shop, target)


def carry_out(shop: Shop, action: str, target: Target, quirks: Quirks) -> Shop:
    """The shop after an action that changes it."""
    return _WRITES[action](shop, target, quirks)


def is_write(action: str) -> bool:
    """Whether the action changes the shop."""
    return action in _WRITES


def _find(_shop: Shop, target: Target) -> JsonValue:
    return _user(target).id


def _read_user(_shop: Shop, target: Target) -> JsonValue:
    return user_json(_user(target))


def _read_order(shop: Shop, target: Target) -> JsonValue:
    order = _order(target)
    return order_json(order, full=order.id in shop.changed_orders)


def _read_product(shop: Shop, target: Target) -> JsonValue:
    return product_json(shop.products[target.texts["product_id"]])


def _read_item(shop: Shop, target: Target) -> JsonValue:
    return variant_json(_variant(shop, target.texts["item_id"]))


def _list_products(shop: Shop, _target: Target) -> JsonValue:
    return {product.name: product.id for product in sorted(shop.products.values(), key=lambda p: p.name)}


def _calculate(_shop: Shop, target: Target) -> JsonValue:
    value = calculate(target.texts["expression"])
    if value is None:
        raise ProgrammerError("an expression that no rule refused cannot be calculated")
    return str(round(float(round(value, 4)), 2))


def _transfer(_shop: Shop, _target: Target) -> JsonValue:
    return "Transfer successful"


def _cancel(shop: Shop, target: Target, _quirks: Quirks) -> Shop:
    order, user = _order(target), _user(target)
    held = {method: Money(minor, shop.currency) for method, minor in order.paid_by().items()}
    refunds = tuple(Transaction("refund", amount, method) for method, amount in held.items())
    shop = shop.with_order(
        replace(
            order,
            status=ShopOrderStatus.CANCELLED,
            cancel_reason=target.texts["reason"],
            transactions=order.transactions + refunds,
        ),
        action="cancel_pending_order",
    )
    for method, amount in held.items():
        shop = _credit(shop, user.id, method, amount)
    return shop


def _modify_address(shop: Shop, target: Target, _quirks: Quirks) -> Shop:
    order = replace(_order(target), address=_address(target))
    return shop.with_order(order, action="modify_pending_order_address")


def _modify_payment(shop: Shop, target: Target, _quirks: Quirks) -> Shop:
    order, user, method = _order(target), _user(target), _method(target)
    amount = amount_held(order, shop.currency)
    (old,) = order.paid_by()
    moves = (Transaction("payment", amount, method.id), Transaction("refund", amount, old))
    shop = shop.with_order(
        replace(order, transactions=order.transactions + moves), action="modify_pending_order_payment"
    )
    return _credit(_credit(shop, user.id, method.id, -amount), user.id, old, amount)


def _modify_items(shop: Shop, target: Target, quirks: Quirks) -> Shop:
    order, user, method = _order(target), _user(target), _method(target)
    difference = _difference(shop, target)
    charged = difference.minor > 0
    move = Transaction(
        "payment" if charged else "refund",
        difference if charged else -difference,
        method.id,
        _as_written(shop, target) if BINARY_AMOUNTS in quirks else None,
    )
    changed = replace(
        order,
        items=_swapped(shop, target, order.items, quirks),
        status=ShopOrderStatus.ITEMS_MODIFIED,
        transactions=(*order.transactions, move),
    )
    shop = shop.with_order(changed, action="modify_pending_order_items")
    return _credit(shop, user.id, method.id, -difference)


def _exchange(shop: Shop, target: Target, _quirks: Quirks) -> Shop:
    request = ExchangeRequest(
        tuple(sorted(target.items)),
        tuple(sorted(target.new_items)),
        _method(target).id,
        _difference(shop, target),
    )
    order = replace(_order(target), status=ShopOrderStatus.EXCHANGE_REQUESTED, exchange=request)
    return shop.with_order(order, action="exchange_delivered_order_items")


def _return(shop: Shop, target: Target, _quirks: Quirks) -> Shop:
    request = ReturnRequest(tuple(sorted(target.items)), _method(target).id)
    order = replace(_order(target), status=ShopOrderStatus.RETURN_REQUESTED, returned=request)
    return shop.with_order(order, action="return_delivered_order_items")


def _move_house(shop: Shop, target: Target, _quirks: Quirks) -> Shop:
    return shop.with_user(replace(_user(target), address=_address(target)))


def _swapped(shop: Shop, target: Target, items: tuple[ShopItem, ...], quirks: Quirks) -> tuple[ShopItem, ...]:
    """The items with each named one replaced once, the first unit of its id first, positions kept."""
    waiting = list(zip(target.items, target.new_items, strict=True))
    last = _variant(shop, target.new_items[-1])
    swapped: list[ShopItem] = []
    for item in items:
        pair = next((pair for pair in waiting if pair[0] == item.item_id), None)
        if pair is None:
            swapped.append(item)
            continue
        waiting.remove(pair)
        shown = last if LAST_VARIANT in quirks else _variant(shop, pair[1])
        swapped.append(replace(item, item_id=pair[1], price=shown.price, options=shown.options))
    return tuple(swapped)


def _as_written(shop: Shop, target: Target) -> float:
    """The price difference as repeated addition of binary fractions gives it, for the written record only."""
    prices = {item.item_id: item.price for item in _order(target).items}
    total = 0.0
    for old, new in zip(target.items, target.new_items, strict=True):
        total += float(_variant(shop, new).price.major) - float(prices[old].major)
    return abs(total)


def _credit(shop: Shop, user_id: str, method_id: str, amount: Money) -> Shop:
    """Put an amount (negative: take it) on a gift card at once; other methods are settled outside."""
    user = shop.users[user_id]
    method = user.payment_methods.get(method_id)
    if method is None or method.balance is None:
        return shop
    return shop.with_user(user.with_method(replace(method, balance=method.balance + amount)))


def _difference(shop: Shop, target: Target) -> Money:
    difference = price_difference(shop, target)
    if difference is None:
        raise ProgrammerError("items that no rule refused have no price")
    return difference


def _variant(shop: Shop, item_id: str) -> ShopVariant:
    variant = shop.variant(item_id)
    if variant is None:
        raise ProgrammerError("an item that no rule refused does not exist")
    return variant


def _address(target: Target) -> ShopAddress:
    texts = target.texts
    return ShopAddress(
        texts["address1"], texts.get("address2", ""), texts["city"], texts["state"], texts["country"], texts["zip"]
    )


def _order(target: Target) -> ShopOrder:
    if target.order is None:
        raise ProgrammerError("an order that no rule refused does not exist")
    return target.order


def _user(target: Target) -> ShopUser:
    if target.user is None:
        raise ProgrammerError("a customer that no rule refused does not exist")
    return target.user


def _method(target: Target) -> PaymentMethod:
    if target.method is None:
        raise ProgrammerError("a payment method that no rule refused does not exist")
    return target.method


_LOOK_UPS: Mapping[str, Callable[[Shop, Target], JsonValue]] = {
    "find_user_id_by_email": _find,
    "find_user_id_by_name_zip": _find,
    "get_order_details": _read_order,
    "get_user_details": _read_user,
    "get_product_details": _read_product,
    "get_item_details": _read_item,
    "list_all_product_types": _list_products,
    "calculate": _calculate,
    "transfer_to_human_agents": _transfer,
}
_WRITES: Mapping[str, Callable[[Shop, Target, Quirks], Shop]] = {
    "cancel_pending_order": _cancel,
    "modify_pending_order_address": _modify_address,
    "modify_pending_order_payment": _modify_payment,
    "modify_pending_order_items": _modify_items,
    "exchange_delivered_order_items": _exchange,
    "return_delivered_order_items": _return,
    "modify_user_address": _move_house,
}
