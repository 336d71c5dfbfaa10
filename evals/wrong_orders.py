"""Wrong actions made from the right ones of a retail task file, each with the rule that must refuse it.

This generator reads the raw JSON of the shop and never the product's code: which rule a wrong action breaks is known
from how the action was made wrong.
"""

from collections.abc import Callable, Iterator

from evals.wrong_worlds import (
    BY_ITEMS,
    DELIVERED_ONLY,
    INJECTIONS,
    PENDING_ONLY,
    SWAPS,
    WRITES,
    Json,
    World,
    Wrong,
    address_change,
    cancelling,
    changed,
    other_item,
)


def wrong_actions(world: World, action: Json) -> Iterator[Wrong]:
    """Every way of getting one right action wrong that its arguments allow."""
    name = action["action"]
    for make in _MAKERS:
        for actions, builder in (make,):
            if name in actions:
                yield from builder(world, action)


def _unknown_ids(world: World, action: Json) -> Iterator[Wrong]:
    digits = str(world.random.randrange(10**6, 10**7))
    for bad in (f"#W{digits}x", action["arguments"]["order_id"].lstrip("#"), f"#{digits}", "' OR 1=1 --"):
        yield Wrong("unknown order", "order-exists", changed(action, order_id=bad))


def _unknown_user(_world: World, action: Json) -> Iterator[Wrong]:
    yield Wrong("unknown customer", "user-exists", changed(action, user_id="nobody_here_0000"))


def _session(world: World, action: Json) -> Iterator[Wrong]:
    owner = world.owner(action)["user_id"]
    other = world.random.choice([user for user in world.db["users"] if user != owner])
    yield Wrong("unconfirmed", "customer-confirmed", action | {"confirmed": False})
    yield Wrong("unconfirmed, said by the model", "customer-confirmed", changed(action, confirmed=False))
    yield Wrong("not identified", "customer-identified", action | {"identified": False, "conversation": "fresh"})
    # Somebody else is identified and asks for this order or profile.
    yield Wrong(
        "asked by another customer",
        "one-customer-per-conversation",
        action | {"customer": other, "conversation": "fresh"},
    )
    person = world.db["users"][other]
    hello = {"id": "hello", "action": "find_user_id_by_email", "arguments": {"email": person["email"]}}
    yield Wrong(
        "asked after another customer was looked up",
        "one-customer-per-conversation",
        action | {"conversation": "two"},
        before=(hello | {"conversation": "two"},),
    )


def _wrong_state(world: World, action: Json) -> Iterator[Wrong]:
    pending = action["action"] in PENDING_ONLY
    statuses = ("processed", "delivered", "cancelled") if pending else ("pending", "processed", "cancelled")
    rule = "order-status-pending" if pending else "order-status-delivered"
    for status in statuses:
        order = world.some_order(status=(status,))
        if order is None:
            continue
        line = changed(action, order_id=order["order_id"]) | {"conversation": f"state {status}"}
        arguments = line["arguments"]
        if "item_ids" in arguments:
            arguments["item_ids"] = [order["items"][0]["item_id"]]
        if "new_item_ids" in arguments:
            old = order["items"][0]["item_id"]
            arguments["new_item_ids"] = [other_item(world, old, available=True) or old]
        if "payment_method_id" in arguments:
            arguments["payment_method_id"] = order["payment_history"][0]["payment_method_id"]
        also = {
            "different-option",
            "gift-card-covers",
            "payment-method-differs",
            "single-payment",
            "refund-to-original-or-gift-card",
        }
        yield Wrong(f"wrong state: {status}", rule, line, also=frozenset(also))


def _twice(world: World, action: Json) -> Iterator[Wrong]:
    name, order_id = action["action"], action["arguments"]["order_id"]
    first = action | {"id": "first"}
    status = "order-status-pending" if name in PENDING_ONLY else "order-status-delivered"
    if name == "modify_pending_order_items":
        also = frozenset({status, "items-in-order", "same-product", "different-option", "gift-card-covers"})
        yield Wrong("second modification", "items-modified-once", action, (first,), also)
        yield Wrong("cancel after modification", "items-modified-once", cancelling(order_id), (first,), also)
        address = address_change(order_id, world.owner(action)["address"])
        also |= {"address-modified-once"}
        yield Wrong("address after modification", "items-modified-once", address, (first,), also)
    elif name == "cancel_pending_order":
        yield Wrong("cancelled twice", status, action, (first,))
        address = address_change(order_id, world.owner(action)["address"])
        yield Wrong("address after cancelling", status, address, (first,))
    elif name in DELIVERED_ONLY:
        yield Wrong("second return or exchange", "returned-or-exchanged-once", action, (first,), frozenset({status}))
        back = {
            "id": "back",
            "action": "return_delivered_order_items",
            "arguments": {
                "order_id": order_id,
                "item_ids": [world.order(action)["items"][0]["item_id"]],
                "payment_method_id": world.order(action)["payment_history"][0]["payment_method_id"],
            },
        }
        yield Wrong("return after it", "returned-or-exchanged-once", back, (first,), frozenset({status}))
        yield Wrong("cancel after it", "order-status-pending", cancelling(order_id), (first,))
    elif name == "modify_pending_order_address":
        yield Wrong("second address", "address-modified-once", action, (first,))


def _items(world: World, action: Json) -> Iterator[Wrong]:
    items: list[str] = action["arguments"]["item_ids"]
    held = [item["item_id"] for item in world.order(action)["items"]]
    foreign = world.random.choice([item for item in world.product_of if item not in held])
    pairs = action["arguments"].get("new_item_ids")
    swap = (
        {} if pairs is None else {"new_item_ids": [other_item(world, foreign, available=True) or foreign, *pairs[1:]]}
    )
    loose = frozenset({"different-option", "gift-card-covers"})
    bad = changed(action, item_ids=[foreign, *items[1:]], **swap)
    yield Wrong("item of another order", "items-in-order", bad, also=loose)
    copies = [items[0]] * (held.count(items[0]) + 1)
    again = {} if pairs is None else {"new_item_ids": [pairs[0]] * len(copies)}
    yield Wrong("more units than ordered", "items-in-order", changed(action, item_ids=copies, **again), also=loose)
    product = world.product_of[items[0]]
    mixed = changed(action, item_ids=[product, *items[1:]])
    yield Wrong("product id for an item id", "items-in-order", mixed, also=loose)
    none = {} if pairs is None else {"new_item_ids": []}
    yield Wrong("no items", "items-named", changed(action, item_ids=[], **none))
    yield Wrong("items as text", "arguments-complete", changed(action, item_ids=",".join(items)))


def _new_items(world: World, action: Json) -> Iterator[Wrong]:
    items, new = action["arguments"]["item_ids"], action["arguments"]["new_item_ids"]
    loose = frozenset({"gift-card-covers"})
    own = world.product_of[items[0]]
    for _ in range(3):
        foreign = world.random.choice(
            [
                item
                for item, product in world.product_of.items()
                if product != own and world.db["products"][product]["variants"][item]["available"]
            ]
        )
        bad = changed(action, new_item_ids=[foreign, *new[1:]])
        yield Wrong("another product", "same-product", bad, also=loose)
    gone = other_item(world, items[0], available=False)
    if gone:
        bad = changed(action, new_item_ids=[gone, *new[1:]])
        yield Wrong("unavailable variant", "new-item-available", bad, also=loose | {"different-option"})
    unknown = str(world.random.randrange(10**9)).zfill(11)
    yield Wrong("unknown variant", "new-item-exists", changed(action, new_item_ids=[unknown, *new[1:]]), also=loose)
    bad = changed(action, new_item_ids=[own, *new[1:]])
    yield Wrong("product id for a variant", "new-item-exists", bad, also=loose)
    yield Wrong("unpaired", "items-paired", changed(action, new_item_ids=[*new, new[0]]), also=loose)
    same = changed(action, new_item_ids=[items[0], *new[1:]])
    yield Wrong("the same variant", "different-option", same, also=loose | {"new-item-available"})


def _short_gift_card(world: World, action: Json) -> Iterator[Wrong]:
    """The same kind of swap on an order whose owner has a gift card, for a variant that costs more than it holds."""
    status = "pending" if action["action"] in PENDING_ONLY else "delivered"
    found = 0
    orders = [order for order in world.db["orders"].values() if order["status"] == status]
    for order in world.random.sample(orders, len(orders)):
        methods = world.db["users"][order["user_id"]]["payment_methods"].values()
        for card in (method for method in methods if method["source"] == "gift_card"):
            for item in order["items"]:
                dearer = [
                    new
                    for new, entry in world.variants(item["item_id"]).items()
                    if entry["available"] and entry["price"] - item["price"] > card["balance"] + 0.005
                ]
                if not dearer:
                    continue
                line = changed(
                    action,
                    order_id=order["order_id"],
                    item_ids=[item["item_id"]],
                    new_item_ids=[world.random.choice(dearer)],
                    payment_method_id=card["id"],
                )
                yield Wrong("short gift card", "gift-card-covers", line | {"conversation": f"card {found}"})
                found += 1
                break
        if found == 3:
            return


def _payment(world: World, action: Json) -> Iterator[Wrong]:
    owner = world.owner(action)
    others = [user for user in world.db["users"].values() if user["user_id"] != owner["user_id"]]
    foreign = world.random.choice(list(world.random.choice(others)["payment_methods"]))
    rule = "payment-method-of-customer"
    yield Wrong("another customer's payment method", rule, changed(action, payment_method_id=foreign))
    yield Wrong("unknown payment method", rule, changed(action, payment_method_id="gift_card_0000000"))
    yield Wrong("payment method by kind", rule, changed(action, payment_method_id="credit_card"))
    yield Wrong("no payment method", "arguments-complete", changed(action, payment_method_id=None))


def _wrong_refund(world: World, action: Json) -> Iterator[Wrong]:
    """Refund to a card or account that did not pay, on any delivered order whose owner has one."""
    orders = [order for order in world.db["orders"].values() if order["status"] == "delivered"]
    found = 0
    for order in world.random.sample(orders, len(orders)):
        paid = {move["payment_method_id"] for move in order["payment_history"]}
        methods = world.db["users"][order["user_id"]]["payment_methods"].values()
        unpaid = [m["id"] for m in methods if m["source"] != "gift_card" and m["id"] not in paid]
        if unpaid:
            line = changed(
                action,
                order_id=order["order_id"],
                item_ids=[order["items"][0]["item_id"]],
                payment_method_id=unpaid[0],
            )
            rule = "refund-to-original-or-gift-card"
            yield Wrong("refund to another method", rule, line | {"conversation": f"refund {found}"})
            found += 1
        if found == 4:
            return


def _payment_change(world: World, action: Json) -> Iterator[Wrong]:
    """Changing the payment of the same order: to what it was, or to a gift card that holds too little."""
    order = world.order(action)
    if order["status"] != "pending":
        return
    paid = order["payment_history"][0]
    base = {"id": "pay", "action": "modify_pending_order_payment"}

    def to(method: str) -> Json:
        return base | {"arguments": {"order_id": order["order_id"], "payment_method_id": method}}

    loose = frozenset({"gift-card-covers"})
    yield Wrong("the same payment method", "payment-method-differs", to(paid["payment_method_id"]), also=loose)
    for method in world.owner(action)["payment_methods"].values():
        if method["source"] == "gift_card" and method["balance"] < paid["amount"]:
            also = frozenset({"payment-method-differs"})
            yield Wrong("gift card below the total", "gift-card-covers", to(method["id"]), also=also, fresh=True)


def _reason(world: World, action: Json) -> Iterator[Wrong]:
    for reason in INJECTIONS:
        rule = "cancel-reason-accepted" if reason else "arguments-complete"
        yield Wrong("reason not accepted", rule, changed(action, reason=reason))
    yield Wrong("no reason", "arguments-complete", changed(action, reason=None))
    yield Wrong("reason of another type", "arguments-complete", changed(action, reason=1))


def _bad_address(_world: World, action: Json) -> Iterator[Wrong]:
    for part in ("address1", "city", "state", "country", "zip"):
        for value in ("", None, 12345):
            also = frozenset({"address-complete"})
            yield Wrong("address with a hole", "arguments-complete", changed(action, **{part: value}), also=also)


def _unknown_action(world: World, action: Json) -> Iterator[Wrong]:
    for name in ("refund_everything", "delete_order", "modify_order", f"{action['action']}; cancel_pending_order"):
        yield Wrong("unknown action", "action-known", action | {"action": name})
    word = world.random.choice(list(action["arguments"]))
    also = frozenset({"address-complete"})
    yield Wrong("argument left out", "arguments-complete", changed(action, **{word: None}), also=also)


def _look_ups(world: World, action: Json) -> Iterator[Wrong]:
    bad = {
        "find_user_id_by_email": ({"email": "nobody@example.com"}, "customer-found"),
        "find_user_id_by_name_zip": ({"zip": "00000"}, "customer-found"),
        "get_order_details": ({"order_id": "#W00"}, "order-exists"),
        "get_user_details": ({"user_id": "nobody_0"}, "user-exists"),
        "get_product_details": ({"product_id": world.random.choice(list(world.product_of))}, "product-exists"),
        "get_item_details": ({"item_id": world.random.choice(list(world.db["products"]))}, "item-exists"),
        "calculate": ({"expression": "__import__('os').system('id')"}, "expression-valid"),
    }[action["action"]]
    yield Wrong("look-up of nothing", bad[1], changed(action, **bad[0]))
    if action["action"] == "calculate":
        for expression in ("1/0", "9**9**9**9", "(" * 300, "1e9", "2 +", "0x10"):
            yield Wrong("not arithmetic", "expression-valid", changed(action, expression=expression))


_ON_ORDERS = (*PENDING_ONLY, *DELIVERED_ONLY)
_MAKERS: tuple[tuple[tuple[str, ...], Callable[[World, Json], Iterator[Wrong]]], ...] = (
    (_ON_ORDERS, _unknown_ids),
    (("modify_user_address",), _unknown_user),
    (WRITES, _session),
    (_ON_ORDERS, _wrong_state),
    (_ON_ORDERS, _twice),
    (BY_ITEMS, _items),
    (SWAPS, _new_items),
    (SWAPS, _short_gift_card),
    (BY_ITEMS, _payment),
    (("return_delivered_order_items",), _wrong_refund),
    (_ON_ORDERS, _payment_change),
    (("cancel_pending_order",), _reason),
    (("modify_pending_order_address", "modify_user_address"), _bad_address),
    (WRITES, _unknown_action),
    (
        (
            "find_user_id_by_email",
            "find_user_id_by_name_zip",
            "get_order_details",
            "get_user_details",
            "get_product_details",
            "get_item_details",
            "calculate",
        ),
        _look_ups,
    ),
)
