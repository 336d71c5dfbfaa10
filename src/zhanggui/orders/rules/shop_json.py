"""A shop file (products, users, orders) to frozen records and back. Pure: text and files are the caller's."""

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject, JsonValue, Money
from zhanggui.orders.models import (
    ExchangeRequest,
    PaymentMethod,
    ReturnRequest,
    Shop,
    ShopAddress,
    ShopItem,
    ShopOrder,
    ShopOrderStatus,
    ShopProduct,
    ShopUser,
    ShopVariant,
    Transaction,
)

Record = TypeVar("Record")


def read_shop(document: JsonValue, currency: str) -> Shop:
    """A shop from its decoded JSON.

    Raises:
        BadInput: something is missing or of the wrong kind; the field is the path to it.
    """
    top = _object(document, "shop")
    products = _records(top, "products", lambda item, at: _product(item, at, currency))
    users = _records(top, "users", lambda item, at: _user(item, at, currency))
    orders = _records(top, "orders", lambda item, at: _order(item, at, currency))
    variant_product: dict[str, str] = {}
    for product in products.values():
        for variant_id in product.variants:
            if variant_id in variant_product:
                raise BadInput(field=f"products.{product.id}", expected="variant ids used once", found=variant_id)
            variant_product[variant_id] = product.id
    for order in orders.values():
        if order.user_id not in users:
            raise BadInput(field=f"orders.{order.id}.user_id", expected="a customer of the file", found=order.user_id)
    return Shop(currency, products, users, orders, variant_product)


def write_shop(shop: Shop) -> JsonObject:
    """The whole shop in the file's own shape. Orders that changed carry every optional field, null where unset."""
    return {
        "products": {product.id: product_json(product) for product in shop.products.values()},
        "users": {user.id: user_json(user) for user in shop.users.values()},
        "orders": {order.id: order_json(order, full=order.id in shop.changed_orders) for order in shop.orders.values()},
    }


def order_json(order: ShopOrder, *, full: bool = True) -> JsonObject:
    """One order as the file writes it; `full` adds the optional fields even where nothing set them."""
    exchange, returned = order.exchange, order.returned
    base: JsonObject = {
        "order_id": order.id,
        "user_id": order.user_id,
        "address": address_json(order.address),
        "items": [_item_json(item) for item in order.items],
        "status": str(order.status),
        "fulfillments": list(order.fulfillments),
        "payment_history": [
            {"transaction_type": m.kind, "amount": _written(m), "payment_method_id": m.method_id}
            for m in order.transactions
        ],
    }
    optional: JsonObject = {
        "cancel_reason": order.cancel_reason,
        "exchange_items": None if exchange is None else list(exchange.item_ids),
        "exchange_new_items": None if exchange is None else list(exchange.new_item_ids),
        "exchange_payment_method_id": None if exchange is None else exchange.method_id,
        "exchange_price_difference": None if exchange is None else _number(exchange.price_difference),
        "return_items": None if returned is None else list(returned.item_ids),
        "return_payment_method_id": None if returned is None else returned.method_id,
    }
    return base | (optional if full else {key: value for key, value in optional.items() if value is not None})


def user_json(user: ShopUser) -> JsonObject:
    """One customer as the file writes it."""
    methods: JsonObject = {}
    for method in user.payment_methods.values():
        shown: JsonObject = {"source": method.source, "id": method.id, **method.extra}
        if method.balance is not None:
            shown["balance"] = _number(method.balance)
        methods[method.id] = shown
    return {
        "user_id": user.id,
        "name": {"first_name": user.first_name, "last_name": user.last_name},
        "address": address_json(user.address),
        "email": user.email,
        "payment_methods": methods,
        "orders": list(user.order_ids),
    }


def product_json(product: ShopProduct) -> JsonObject:
    """One product with its variants as the file writes it."""
    variants: JsonObject = {variant.id: variant_json(variant) for variant in product.variants.values()}
    return {"name": product.name, "product_id": product.id, "variants": variants}


def variant_json(variant: ShopVariant) -> JsonObject:
    """One variant as the file writes it."""
    return {
        "item_id": variant.id,
        "options": dict(variant.options),
        "available": variant.available,
        "price": _number(variant.price),
    }


def address_json(address: ShopAddress) -> JsonObject:
    """An address as the file writes it."""
    return {
        "address1": address.address1,
        "address2": address.address2,
        "city": address.city,
        "country": address.country,
        "state": address.state,
        "zip": address.zip,
    }


def _item_json(item: ShopItem) -> JsonObject:
    return {
        "name": item.name,
        "product_id": item.product_id,
        "item_id": item.item_id,
        "price": _number(item.price),
        "options": dict(item.options),
    }


def _number(money: Money) -> float:
    return float(money.major)


def _written(move: Transaction) -> float:
    return _number(move.amount) if move.as_written is None else move.as_written


def _records(top: JsonObject, name: str, read: Callable[[JsonValue, str], Record]) -> Mapping[str, Record]:
    return {key: read(item, f"{name}.{key}") for key, item in _object(top.get(name), name).items()}


def _product(item: JsonValue, at: str, currency: str) -> ShopProduct:
    fields = _object(item, at)
    variants: dict[str, ShopVariant] = {}
    for key, value in _object(fields.get("variants"), f"{at}.variants").items():
        inside = f"{at}.variants.{key}"
        parts = _object(value, inside)
        available = parts.get("available")
        if not isinstance(available, bool):
            raise BadInput(field=f"{inside}.available", expected="true or false", found=repr(available))
        variants[key] = ShopVariant(
            _text(parts, "item_id", inside),
            _words(parts.get("options"), f"{inside}.options"),
            available,
            _money(parts, "price", inside, currency),
        )
    return ShopProduct(_text(fields, "product_id", at), _text(fields, "name", at), variants)


def _user(item: JsonValue, at: str, currency: str) -> ShopUser:
    fields = _object(item, at)
    name = _object(fields.get("name"), f"{at}.name")
    methods: dict[str, PaymentMethod] = {}
    for key, value in _object(fields.get("payment_methods"), f"{at}.payment_methods").items():
        inside = f"{at}.payment_methods.{key}"
        parts = _object(value, inside)
        balance = _money(parts, "balance", inside, currency) if "balance" in parts else None
        extra = {k: v for k, v in parts.items() if k not in ("source", "id", "balance") and isinstance(v, str)}
        methods[key] = PaymentMethod(_text(parts, "id", inside), _text(parts, "source", inside), balance, extra)
    return ShopUser(
        id=_text(fields, "user_id", at),
        first_name=_text(name, "first_name", f"{at}.name"),
        last_name=_text(name, "last_name", f"{at}.name"),
        email=_text(fields, "email", at),
        address=_address(fields.get("address"), f"{at}.address"),
        payment_methods=methods,
        order_ids=_texts(fields.get("orders"), f"{at}.orders"),
    )


def _order(item: JsonValue, at: str, currency: str) -> ShopOrder:
    fields = _object(item, at)
    status = _text(fields, "status", at)
    if status not in set(ShopOrderStatus):
        raise BadInput(field=f"{at}.status", expected=f"one of {[str(s) for s in ShopOrderStatus]}", found=status)
    reason = fields.get("cancel_reason")
    return ShopOrder(
        id=_text(fields, "order_id", at),
        user_id=_text(fields, "user_id", at),
        address=_address(fields.get("address"), f"{at}.address"),
        items=tuple(
            _item(value, f"{at}.items[{index}]", currency)
            for index, value in enumerate(_array(fields.get("items"), f"{at}.items"))
        ),
        status=ShopOrderStatus(status),
        transactions=tuple(
            _transaction(value, f"{at}.payment_history[{index}]", currency)
            for index, value in enumerate(_array(fields.get("payment_history"), f"{at}.payment_history"))
        ),
        fulfillments=tuple(_array(fields.get("fulfillments", []), f"{at}.fulfillments")),
        cancel_reason=reason if isinstance(reason, str) else None,
        exchange=_exchange(fields, at, currency),
        returned=_returned(fields, at),
    )


def _exchange(fields: JsonObject, at: str, currency: str) -> ExchangeRequest | None:
    if fields.get("exchange_items") is None:
        return None
    return ExchangeRequest(
        _texts(fields.get("exchange_items"), f"{at}.exchange_items"),
        _texts(fields.get("exchange_new_items"), f"{at}.exchange_new_items"),
        _text(fields, "exchange_payment_method_id", at),
        _money(fields, "exchange_price_difference", at, currency, negative=True),
    )


def _returned(fields: JsonObject, at: str) -> ReturnRequest | None:
    if fields.get("return_items") is None:
        return None
    return ReturnRequest(
        _texts(fields.get("return_items"), f"{at}.return_items"), _text(fields, "return_payment_method_id", at)
    )


def _item(value: JsonValue, at: str, currency: str) -> ShopItem:
    parts = _object(value, at)
    return ShopItem(
        _text(parts, "name", at),
        _text(parts, "product_id", at),
        _text(parts, "item_id", at),
        _money(parts, "price", at, currency),
        _words(parts.get("options"), f"{at}.options"),
    )


def _transaction(value: JsonValue, at: str, currency: str) -> Transaction:
    parts = _object(value, at)
    kind = _text(parts, "transaction_type", at)
    if kind not in ("payment", "refund"):
        raise BadInput(field=f"{at}.transaction_type", expected="payment or refund", found=kind)
    amount = _money(parts, "amount", at, currency)
    written = cast("float", parts["amount"])
    exact = _number(amount) == written
    return Transaction(kind, amount, _text(parts, "payment_method_id", at), None if exact else float(written))


def _address(value: JsonValue, at: str) -> ShopAddress:
    parts = _object(value, at)
    return ShopAddress(*(_text(parts, key, at) for key in ("address1", "address2", "city", "state", "country", "zip")))


def _object(value: JsonValue, at: str) -> JsonObject:
    if isinstance(value, dict):
        return value
    raise BadInput(field=at, expected="an object", found=repr(value))


def _array(value: JsonValue, at: str) -> list[JsonValue]:
    if isinstance(value, list):
        return value
    raise BadInput(field=at, expected="a list", found=repr(value))


def _text(parts: JsonObject, key: str, at: str) -> str:
    value = parts.get(key)
    if isinstance(value, str):
        return value
    raise BadInput(field=f"{at}.{key}", expected="text", found=repr(value))


def _texts(value: JsonValue, at: str) -> tuple[str, ...]:
    texts = tuple(word for word in _array(value, at) if isinstance(word, str))
    if len(texts) != len(_array(value, at)):
        raise BadInput(field=at, expected="a list of texts", found=repr(value))
    return texts


def _words(value: JsonValue, at: str) -> dict[str, str]:
    found = _object(value, at)
    return {key: _text(found, key, at) for key in found}


def _money(parts: JsonObject, key: str, at: str, currency: str, *, negative: bool = False) -> Money:
    value = parts.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(field=f"{at}.{key}", expected="a number", found=repr(value))
    amount = Money.parse(value, currency)
    if amount.minor < 0 and not negative:
        raise BadInput(field=f"{at}.{key}", expected="an amount of 0 or more", found=repr(value))
    return amount
