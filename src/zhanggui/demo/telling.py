"""The made-up shop's orders as a shop tells them, and how customers answer a campaign that was really sent."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from zhanggui.demo.records import DemoShop, OrderDetail, ParcelStory
from zhanggui.demo.source import stream
from zhanggui.kernel.commerce import (
    Customer,
    Order,
    OrderLine,
    Shipment,
    SourceLine,
    SourceOrder,
    SourceParcel,
    SourcePayment,
)
from zhanggui.kernel.types import Money

# The chance that a mail brings an order of somebody who loves its category, and of somebody who does not.
_LOVED, _NOT_LOVED, _LOVE = 0.42, 0.14, 0.4
_FREE_SHIPPING_FROM = 9900


def told_orders(shop: DemoShop, first: datetime, last: datetime) -> Iterator[SourceOrder]:
    """The orders placed from `first` until before `last`, each as it stands at the end of the story."""
    customers = {customer.id: customer for customer in shop.customers}
    details = {detail.order_id: detail for detail in shop.details}
    stories = {story.shipment_id: story for story in shop.parcels}
    parcels = {one.order_id: (one, stories[one.id]) for one in shop.shipments}
    for order in shop.orders:
        if first <= order.placed_at < last:
            yield _told(order, details[order.id], customers[order.customer_id], parcels.get(order.id))


def _told(
    order: Order, detail: OrderDetail, customer: Customer, sent: tuple[Shipment, ParcelStory] | None
) -> SourceOrder:
    paid = detail.paid_at
    payments = (SourcePayment("1", detail.payment, order.total, order.total, "captured", paid),) if paid else ()
    return SourceOrder(
        source="demo",
        external_id=order.id,
        version=order.placed_at,
        placed_at=order.placed_at,
        lines=tuple(_line(number, line) for number, line in enumerate(order.lines)),
        charges=detail.shipping - detail.discount,
        total=order.total,
        number=order.id,
        payments=payments,
        parcels=(_parcel(order, *sent),) if sent else (),
        customer=customer,
        shipping_address=order.shipping_address,
        promised_at=sent[0].promised_at if sent else None,
        cancelled_at=order.placed_at + timedelta(minutes=30) if order.status == "cancelled" else None,
        note=detail.note,
    )


def _line(number: int, line: OrderLine) -> SourceLine:
    return SourceLine(
        str(number), line.sku, line.title, line.quantity, line.unit_price, product_id=line.product_id
    )  # fmt: skip


def _parcel(order: Order, shipment: Shipment, story: ParcelStory) -> SourceParcel:
    return SourceParcel(
        id=shipment.id,
        units={str(number): line.quantity for number, line in enumerate(order.lines)},
        at=story.shipped_at,
        state="delivered" if story.delivered_at else "sent",
        carrier=shipment.carrier,
        tracking_number=shipment.tracking_number,
        ended_at=story.delivered_at,
    )


def answers_to_mail(shop: DemoShop, reached: Collection[str], sent_at: datetime) -> Iterator[SourceOrder]:
    """The orders that a mail about skincare brings from the customers that it reached, within ten days.

    Whether and when a customer answers follows from the seed and who they are, not from who else was written to.
    """
    goods = [one for one in shop.products if one.category == shop.mailing.category and one.zh.variants]
    customers = {customer.id: customer for customer in shop.customers}
    tastes = {profile.customer_id: dict(profile.taste) for profile in shop.profiles}
    for customer_id in sorted(reached):
        rng = stream(shop.seed, f"answer:{customer_id}")
        chance = _LOVED if tastes[customer_id][shop.mailing.category] > _LOVE else _NOT_LOVED
        draw, product, hours = rng.random(), rng.choice(goods), 2 + rng.expovariate(1 / 60)
        if draw >= chance or hours > 240:
            continue
        at, price = sent_at + timedelta(hours=hours), product.price
        charges = Money(0 if price.minor >= _FREE_SHIPPING_FROM else 800, price.currency)
        total, who = price + charges, customers[customer_id]
        yield SourceOrder(
            source="demo",
            external_id=f"MA{customer_id}",
            version=at,
            placed_at=at,
            lines=(SourceLine("0", product.zh.variants[0].sku, product.name.zh, 1, price, product_id=product.id),),
            charges=charges,
            total=total,
            number=f"MA{customer_id}",
            payments=(SourcePayment("1", "alipay", total, total, "captured", at + timedelta(minutes=3)),),
            parcels=(SourceParcel("1", {"0": 1}, at + timedelta(hours=20), "delivered",
                                  ended_at=at + timedelta(hours=66)),),
            customer=who,
            shipping_address=who.addresses[0],
        )  # fmt: skip
