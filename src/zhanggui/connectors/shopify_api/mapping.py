"""Shopify's orders as neutral ones. Pure.

Webhooks carry the REST shape; an answer of the GraphQL API is first brought into that shape, so that both ways of
hearing of one order give the same neutral order.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from zhanggui.connectors.reading import Fields, objects
from zhanggui.kernel.commerce import (
    Address,
    Customer,
    ParcelWord,
    PaymentWord,
    SourceLine,
    SourceNews,
    SourceOrder,
    SourceParcel,
    SourcePart,
    SourcePayment,
    SourceRefund,
)
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject, JsonValue, Money

SOURCE = "shopify"
_UNKNOWN_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_PAYMENT: dict[str, PaymentWord] = {
    "pending": "pending",
    "expired": "pending",
    "authorized": "authorised",
    "partially_paid": "captured",
    "paid": "captured",
    "partially_refunded": "captured",
    "refunded": "captured",
    "voided": "voided",
}
_PARCEL: dict[str, ParcelWord] = {
    "": "sent",
    "success": "sent",
    "pending": "open",
    "open": "open",
    "cancelled": "cancelled",
    "error": "cancelled",
    "failure": "cancelled",
}


def news_of(topic: str, payload: JsonObject) -> tuple[SourceNews, ...]:
    """What a webhook tells; nothing for topics that are not about orders.

    Raises:
        BadInput: names the field that is not what it should be.
    """
    kind, _, what = topic.partition("/")
    given = Fields(payload)
    if kind == "orders":
        if what == "delete":
            return (SourcePart(SOURCE, given.needed("id"), _UNKNOWN_TIME, gone=True),)
        return (order_of(payload),)
    if kind == "fulfillments":
        parcel = _parcel(given)
        return (SourcePart(SOURCE, given.needed("order_id"), given.time("updated_at"), parcel=parcel),)
    if kind == "refunds":
        currency = _refund_currency(payload)
        refund = _refund(given, currency) if currency else None
        if refund is None:
            return ()
        return (SourcePart(SOURCE, given.needed("order_id"), given.time("created_at"), refund=refund),)
    return ()


def order_of(payload: JsonObject) -> SourceOrder:
    """An order in the REST shape.

    Raises:
        BadInput: names the field that is not what it should be.
    """
    order = Fields(payload)
    currency = order.needed("currency")
    total = order.money("total_price", currency)
    refunds = tuple(order.many("refunds"))
    placed = order.maybe_time("processed_at") or order.time("created_at")
    return SourceOrder(
        source=SOURCE,
        external_id=order.needed("id"),
        version=order.time("updated_at"),
        placed_at=placed,
        lines=tuple(_lines(order, refunds, currency)),
        charges=_charges(order, currency),
        total=total,
        number=order.text("name"),
        payments=(_payment(order, total, placed),),
        parcels=tuple(_parcel(one) for one in order.many("fulfillments")),
        refunds=tuple(made for one in refunds if (made := _refund(one, currency)) is not None),
        customer=_customer(order),
        shipping_address=_address(order.child("shipping_address")),
        cancelled_at=order.maybe_time("cancelled_at"),
        cancel_reason=order.text("cancel_reason"),
        closed_at=order.maybe_time("closed_at"),
        note=order.text("note"),
    )


def _charges(order: Fields, currency: str) -> Money:
    def amount(name: str) -> Money:
        return order.child(name).child("shop_money").money("amount", currency, "0")

    tax = order.money("total_tax", currency, "0")
    included = order.values.get("taxes_included") is True
    more = amount("total_shipping_price_set") + amount("original_total_duties_set")
    more = more + amount("original_total_additional_fees_set") + order.money("total_tip_received", currency, "0")
    return more + (Money(0, currency) if included else tax) - order.money("total_discounts", currency, "0")


def _lines(order: Fields, refunds: tuple[Fields, ...], currency: str) -> Iterator[SourceLine]:
    taken_off: Counter[str] = Counter()
    back: Counter[str] = Counter()
    for refund in refunds:
        for item in refund.many("refund_line_items"):
            cancelled = item.text("restock_type").lower() == "cancel"
            (taken_off if cancelled else back)[item.needed("line_item_id")] += item.whole("quantity")
    for line in order.many("line_items"):
        name, quantity = line.needed("id"), line.whole("quantity")
        left = line.whole("current_quantity", quantity - taken_off[name] - back[name])
        yield SourceLine(
            id=name,
            sku=line.text("sku"),
            title=line.text("name") or line.text("title"),
            quantity=quantity,
            unit_price=line.money("price", currency),
            cancelled=max(taken_off[name], quantity - left - back[name]),
            product_id=line.text("product_id"),
        )


def _payment(order: Fields, total: Money, at: datetime) -> SourcePayment:
    status = order.text("financial_status").lower() or "pending"
    if status not in _PAYMENT:
        raise BadInput(field="financial_status", expected=f"one of {', '.join(_PAYMENT)}", found=status)
    state = _PAYMENT[status]
    captured = Money(0, total.currency)
    if state == "captured":
        captured = (
            total - order.money("total_outstanding", total.currency, "0") if status == "partially_paid" else total
        )
    names = order.values.get("payment_gateway_names")
    method = ", ".join(str(name) for name in names) if isinstance(names, list) else ""
    return SourcePayment(f"payment-{order.needed('id')}", method or "unknown", total, captured, state, at)


def _parcel(given: Fields) -> SourceParcel:
    status = given.text("status").lower()
    if status not in _PARCEL:
        raise BadInput(field=given.place("status"), expected=f"one of {', '.join(_PARCEL)}", found=status)
    state: ParcelWord = _PARCEL[status]
    ended = None
    if state == "sent" and given.text("shipment_status").lower() == "delivered":
        state, ended = "delivered", given.maybe_time("delivered_at") or given.time("updated_at")
    units: Counter[str] = Counter()
    for line in given.many("line_items"):
        units[line.needed("id")] += line.whole("quantity")
    return SourceParcel(
        id=given.needed("id"),
        units=dict(units),
        at=given.time("created_at"),
        state=state,
        carrier=given.text("tracking_company"),
        tracking_number=given.text("tracking_number"),
        warehouse=given.text("location_id"),
        ended_at=ended,
    )


def _refund(given: Fields, currency: str) -> SourceRefund | None:
    """The money of a refund; None where units were only taken off, without money."""
    paid, asked = Money(0, currency), Money(0, currency)
    for move in given.many("transactions"):
        if move.text("kind").lower() == "refund":
            amount = move.money("amount", currency)
            status = move.text("status").lower()
            paid = paid + amount if status == "success" else paid
            asked = asked + amount if status in ("pending", "awaiting_response") else asked
    if not paid.minor and not asked.minor:
        return None
    units: Counter[str] = Counter()
    for item in given.many("refund_line_items"):
        if item.text("restock_type").lower() != "cancel":
            units[item.needed("line_item_id")] += item.whole("quantity")
    return SourceRefund(
        id=given.needed("id"),
        amount=paid if paid.minor else asked,
        at=given.time("created_at"),
        reason=given.text("note"),
        state="settled" if paid.minor else "requested",
        units=dict(units),
    )


def _refund_currency(payload: JsonObject) -> str:
    return next((str(move["currency"]) for move in objects(payload.get("transactions")) if move.get("currency")), "")


def _customer(order: Fields) -> Customer | None:
    given = order.child("customer")
    if not given.values:
        return None
    name = f"{given.text('first_name')} {given.text('last_name')}".strip()
    email = given.text("email") or order.text("email")
    return Customer(given.needed("id"), name, email, given.text("phone") or order.text("phone"))


def _address(given: Fields) -> Address | None:
    if not given.values:
        return None
    return Address(
        country=given.text("country_code"),
        region=given.text("province"),
        city=given.text("city"),
        street=", ".join(part for part in (given.text("address1"), given.text("address2")) if part),
        postal_code=given.text("zip"),
        name=given.text("name"),
        phone=given.text("phone"),
    )


def rest_shape(node: JsonObject) -> JsonObject:
    """An order of the GraphQL API in the shape of the REST API.

    Raises:
        BadInput: the order has more than 100 lines, so that the answer holds only some of them.
    """
    if _get(node, "lineItems", "pageInfo", "hasNextPage") is True:
        raise BadInput(field="lineItems", expected="at most 100 lines", found="more")
    name, _, rest = str(_get(node, "customer", "displayName") or "").partition(" ")
    return {
        "id": node.get("legacyResourceId"),
        "name": node.get("name"),
        "created_at": node.get("createdAt"),
        "processed_at": node.get("processedAt"),
        "updated_at": node.get("updatedAt"),
        "cancelled_at": node.get("cancelledAt"),
        "cancel_reason": str(node.get("cancelReason") or "").lower(),
        "closed_at": node.get("closedAt"),
        "note": node.get("note"),
        "currency": node.get("currencyCode"),
        "taxes_included": node.get("taxesIncluded"),
        "financial_status": str(node.get("displayFinancialStatus") or "").lower(),
        "payment_gateway_names": node.get("paymentGatewayNames"),
        "total_price": _amount(node, "totalPriceSet"),
        "total_tax": _amount(node, "totalTaxSet"),
        "total_discounts": _amount(node, "totalDiscountsSet"),
        "total_tip_received": _amount(node, "totalTipReceivedSet"),
        "total_outstanding": _amount(node, "totalOutstandingSet"),
        "total_shipping_price_set": {"shop_money": {"amount": _amount(node, "totalShippingPriceSet")}},
        "customer": None if not isinstance(node.get("customer"), dict) else {
            "id": _get(node, "customer", "legacyResourceId"),
            "first_name": name,
            "last_name": rest,
            "email": _get(node, "customer", "defaultEmailAddress", "emailAddress"),
            "phone": _get(node, "customer", "defaultPhoneNumber", "phoneNumber"),
        },
        "shipping_address": _rest_address(node.get("shippingAddress")),
        "line_items": [_rest_line(line) for line in objects(_get(node, "lineItems", "nodes"))],
        "fulfillments": [_rest_fulfilment(one) for one in objects(node.get("fulfillments"))],
        "refunds": [_rest_refund(one) for one in objects(node.get("refunds"))],
    }  # fmt: skip


def _rest_address(given: JsonValue) -> JsonValue:
    return {**given, "country_code": given.get("countryCodeV2")} if isinstance(given, dict) else None


def _rest_line(line: JsonObject) -> JsonObject:
    return {
        "id": _number_of(line.get("id")),
        "sku": line.get("sku"),
        "name": line.get("name"),
        "quantity": line.get("quantity"),
        "current_quantity": line.get("currentQuantity"),
        "price": _amount(line, "originalUnitPriceSet"),
        "product_id": _get(line, "product", "legacyResourceId"),
    }


def _rest_fulfilment(given: JsonObject) -> JsonObject:
    tracking = objects(given.get("trackingInfo"))[:1]
    lines = objects(_get(given, "fulfillmentLineItems", "nodes"))
    return {
        "id": given.get("legacyResourceId"),
        "status": str(given.get("status") or "").lower(),
        "shipment_status": str(given.get("displayStatus") or "").lower(),
        "created_at": given.get("createdAt"),
        "updated_at": given.get("updatedAt"),
        "delivered_at": given.get("deliveredAt"),
        "tracking_company": tracking[0].get("company") if tracking else None,
        "tracking_number": tracking[0].get("number") if tracking else None,
        "location_id": _get(given, "location", "legacyResourceId"),
        "line_items": [
            {"id": _number_of(_get(line, "lineItem", "id")), "quantity": line.get("quantity")} for line in lines
        ],
    }


def _rest_refund(given: JsonObject) -> JsonObject:
    items = objects(_get(given, "refundLineItems", "nodes"))
    moves = objects(_get(given, "transactions", "nodes"))
    return {
        "id": given.get("legacyResourceId"),
        "created_at": given.get("createdAt"),
        "note": given.get("note"),
        "refund_line_items": [
            {
                "line_item_id": _number_of(_get(item, "lineItem", "id")),
                "quantity": item.get("quantity"),
                "restock_type": item.get("restockType"),
            }
            for item in items
        ],
        "transactions": [
            {"kind": move.get("kind"), "status": move.get("status"), "amount": _amount(move, "amountSet")}
            for move in moves
        ],
    }


def _get(values: JsonObject, *path: str) -> Any:
    found: JsonValue = values
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _amount(values: JsonObject, name: str) -> JsonValue:
    return _get(values, name, "shopMoney", "amount")


def _number_of(gid: JsonValue) -> str:
    """`gid://shopify/LineItem/123` as 123."""
    return str(gid or "").rsplit("/", 1)[-1]
