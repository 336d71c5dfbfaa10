"""WooCommerce's orders as neutral ones. Pure.

WooCommerce keeps no parcels: a completed order is one parcel with everything in it, sent when it was completed.
Amounts of a line need not divide by its quantity; what is left over a whole unit price goes to the charges.
"""

from datetime import UTC, datetime

from zhanggui.connectors.reading import Fields
from zhanggui.kernel.commerce import (
    Address,
    Customer,
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
from zhanggui.kernel.types import JsonObject, Money

SOURCE = "woocommerce"
_UNKNOWN_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_UNPAID: dict[str, PaymentWord] = {
    "pending": "pending",
    "checkout-draft": "pending",
    "on-hold": "pending",
    "processing": "pending",
    "completed": "pending",
    "refunded": "pending",
    "cancelled": "voided",
    "trash": "voided",
    "failed": "failed",
}
_ENDED = ("cancelled", "trash", "failed")


def news_of(topic: str, payload: JsonObject) -> tuple[SourceNews, ...]:
    """What a webhook tells; nothing for topics that are not about orders, or for the ping of a new webhook.

    Raises:
        BadInput: names the field that is not what it should be.
    """
    kind, _, what = topic.partition(".")
    if kind != "order":
        return ()
    if what == "deleted":
        return (SourcePart(SOURCE, Fields(payload).needed("id"), _UNKNOWN_TIME, gone=True),)
    return (order_of(payload),)


def order_of(payload: JsonObject) -> SourceOrder:
    """An order of the REST API v3.

    Raises:
        BadInput: names the field that is not what it should be.
    """
    order = Fields(payload)
    currency, status = order.needed("currency"), order.needed("status")
    version = _needed_time(order, "date_modified_gmt")
    lines, over = _lines(order, currency)
    paid_at = order.maybe_time("date_paid_gmt", utc=True)
    total = order.money("total", currency)
    placed = _needed_time(order, "date_created_gmt")
    if paid_at is None and status not in _UNPAID:
        raise BadInput(field="status", expected=f"one of {', '.join(_UNPAID)}", found=status)
    state: PaymentWord = "captured" if paid_at is not None else _UNPAID[status]
    captured = total if state == "captured" else Money(0, currency)
    payment = SourcePayment(
        id=f"payment-{order.needed('id')}",
        method=order.text("payment_method") or "unknown",
        amount=total,
        captured=captured,
        state=state,
        at=paid_at or placed,
    )
    return SourceOrder(
        source=SOURCE,
        external_id=order.needed("id"),
        version=version,
        placed_at=placed,
        lines=lines,
        charges=_settled(_charges(order, currency) + over, lines, total),
        total=total,
        number=order.text("number"),
        payments=(payment,),
        parcels=_parcels(order, lines),
        refunds=_refunds(order, currency, version),
        customer=_customer(order),
        shipping_address=_address(order),
        cancelled_at=version if status in _ENDED else None,
        cancel_reason=status if status in _ENDED else "",
        note=order.text("customer_note"),
    )


def _needed_time(order: Fields, name: str) -> datetime:
    found = order.maybe_time(name, utc=True)
    if found is None:
        raise BadInput(field=order.place(name), expected="a time in UTC", found="nothing")
    return found


def _lines(order: Fields, currency: str) -> tuple[tuple[SourceLine, ...], Money]:
    lines: list[SourceLine] = []
    over = Money(0, currency)
    for line in order.many("line_items"):
        quantity = line.whole("quantity")
        if quantity <= 0:
            raise BadInput(field=line.place("quantity"), expected="1 or more units", found=str(quantity))
        price = _rounded(line, "subtotal", currency)
        whole = price.minor // quantity
        over = over + Money(price.minor - whole * quantity, currency)
        lines.append(
            SourceLine(
                id=line.needed("id"),
                sku=line.text("sku"),
                title=line.text("name"),
                quantity=quantity,
                unit_price=Money(whole, currency),
                product_id=line.text("product_id"),
            )
        )
    return tuple(lines), over


def _rounded(given: Fields, name: str, currency: str) -> Money:
    # Net amounts of shops whose prices include tax come with more decimals than the currency has.
    try:
        return given.money(name, currency)
    except BadInput:
        return Money.parse(given.needed(name), currency)


def _charges(order: Fields, currency: str) -> Money:
    charges = _rounded_or_none(order, "shipping_total", currency) + _rounded_or_none(order, "total_tax", currency)
    for fee in order.many("fee_lines"):
        charges = charges + _rounded_or_none(fee, "total", currency)
    return charges - _rounded_or_none(order, "discount_total", currency)


def _settled(charges: Money, lines: tuple[SourceLine, ...], total: Money) -> Money:
    # Each line's tax is rounded by itself: up to one minor unit a line belongs to no field.
    goods = sum(line.unit_price.minor * line.quantity for line in lines)
    apart = total.minor - goods - charges.minor
    return Money(charges.minor + apart, charges.currency) if abs(apart) <= len(lines) else charges


def _rounded_or_none(given: Fields, name: str, currency: str) -> Money:
    return _rounded(given, name, currency) if given.text(name) else Money(0, currency)


def _parcels(order: Fields, lines: tuple[SourceLine, ...]) -> tuple[SourceParcel, ...]:
    completed = order.maybe_time("date_completed_gmt", utc=True)
    if completed is None or order.text("status") not in ("completed", "refunded"):
        return ()
    return (SourceParcel("completed", {line.id: line.quantity for line in lines}, completed),)


def _refunds(order: Fields, currency: str, version: datetime) -> tuple[SourceRefund, ...]:
    # The order names its refunds without their times: they were there at its last change at the latest.
    made: list[SourceRefund] = []
    for refund in order.many("refunds"):
        amount = refund.money("total", currency)
        made.append(
            SourceRefund(refund.needed("id"), Money(abs(amount.minor), currency), version, reason=refund.text("reason"))
        )
    return tuple(made)


def _customer(order: Fields) -> Customer | None:
    billing = order.child("billing")
    name = f"{billing.text('first_name')} {billing.text('last_name')}".strip()
    number = order.text("customer_id")
    known = number if number != "0" else ""
    if not (known or name or billing.text("email")):
        return None
    return Customer(known, name, billing.text("email"), billing.text("phone"))


def _address(order: Fields) -> Address | None:
    given = order.child("shipping")
    if not given.text("address_1"):
        given = order.child("billing")
    if not given.text("address_1"):
        return None
    return Address(
        country=given.text("country"),
        region=given.text("state"),
        city=given.text("city"),
        street=", ".join(part for part in (given.text("address_1"), given.text("address_2")) if part),
        postal_code=given.text("postcode"),
        name=f"{given.text('first_name')} {given.text('last_name')}".strip(),
        phone=given.text("phone"),
    )
