"""What becomes of orders after they are taken: payment, the kernel's order records, returns and refunds."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from zhanggui.demo.orders import Draft
from zhanggui.demo.parcels import Parcel
from zhanggui.demo.products import CATEGORIES, vocabulary
from zhanggui.demo.records import DemoProduct, OrderDetail, ReturnCase
from zhanggui.demo.source import stream
from zhanggui.kernel.commerce import Order
from zhanggui.kernel.types import Money

_NOTES = (
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "周末送",
    "放门口就行",
    "请用结实点的箱子",
    "送人的，别放价格单",
    "Please ring twice",
)
_REASONS_ZH = {
    "quality": ("有质量问题，照片已上传", "用两次就坏了", "做工太差，和图不符"),
    "size": ("尺码不合适", "大了一圈", "买小了，想换"),
    "changed-mind": ("不喜欢，七天无理由", "买重复了", "家里人说不要"),
    "damaged": ("收到就是坏的，外箱也破了", "运输压坏了"),
    "not-as-described": ("和页面描述不一样", "说防水结果湿透了"),
}
_REASONS_EN = {
    "quality": ("faulty, photos attached", "stopped working after two days"),
    "size": ("does not fit", "one size too large"),
    "changed-mind": ("changed my mind", "ordered twice by mistake"),
    "damaged": ("arrived broken", "crushed in transit"),
    "not-as-described": ("not as described", "it said waterproof and it is not"),
}


@dataclass(frozen=True, slots=True)
class Finished:
    """Orders in the kernel's form with their money, and the returns."""

    orders: tuple[Order, ...]
    details: tuple[OrderDetail, ...]
    returns: tuple[ReturnCase, ...]


def finish(
    seed: int, now: datetime, sold: Sequence[tuple[Draft, Parcel | None]], products: dict[str, DemoProduct]
) -> Finished:
    """Turn drafts and parcels into records, and let some customers send things back."""
    rng = stream(seed, "afterwards")
    rates = {name: float(vocabulary().categories[name]["returns"]) for name in CATEGORIES}
    orders: list[Order] = []
    details: list[OrderDetail] = []
    returns: list[ReturnCase] = []
    for draft, parcel in sold:
        case = None
        if parcel and parcel.story.delivered_at:
            case = _return(rng, now, draft, parcel.story.delivered_at, (products, rates))
        if case:
            returns.append(case)
        status = _status(draft, parcel, case, now)
        orders.append(
            Order(
                id=draft.id,
                customer_id=draft.person.record.id,
                placed_at=draft.placed_at,
                lines=draft.lines,
                total=Money(draft.total, "CNY"),
                status=status,
                shipping_address=draft.person.record.addresses[0],
            )
        )
        details.append(_detail(rng, draft, status))
    return Finished(tuple(orders), tuple(details), tuple(returns))


def _status(draft: Draft, parcel: Parcel | None, case: ReturnCase | None, now: datetime) -> str:
    if draft.cancelled:
        return "cancelled" if now - draft.placed_at > timedelta(minutes=30) else "placed"
    if parcel is None:
        return "paid"
    if case and case.status == "refunded" and len(draft.lines) == 1:
        return "refunded"
    return "delivered" if parcel.story.delivered_at else "shipped"


def _detail(rng: random.Random, draft: Draft, status: str) -> OrderDetail:
    abroad = draft.person.profile.locale == "en"
    paid = status not in ("placed", "cancelled")
    return OrderDetail(
        order_id=draft.id,
        goods=Money(draft.goods, "CNY"),
        discount=Money(draft.discount, "CNY"),
        shipping=Money(draft.shipping, "CNY"),
        total=Money(draft.total, "CNY"),
        channel=rng.choices(("web", "app", "mini-program"), (3, 1, 1) if abroad else (1, 3, 4))[0],
        payment=rng.choice(("visa", "mastercard") if abroad else ("alipay", "wechat-pay", "unionpay")),
        event=draft.event,
        paid_at=draft.placed_at + timedelta(seconds=rng.randrange(20, 900)) if paid else None,
        note=rng.choice(_NOTES),
    )


def _return(
    rng: random.Random,
    now: datetime,
    draft: Draft,
    delivered: datetime,
    shop: tuple[dict[str, DemoProduct], dict[str, float]],
) -> ReturnCase | None:
    """Perhaps a return of one line. Refunds give back what was paid for the goods, never more."""
    products, rates = shop
    line = rng.choice(draft.lines)
    product = products[line.product_id]
    rate = rates[product.category] * (2.5 if product.trap == "false-claim" else 1)
    requested = delivered + timedelta(seconds=int(rng.uniform(0.2, 7) * 86400))
    if rng.random() >= rate or requested > now:
        return None
    reason = _reason(rng, product)
    words = _REASONS_ZH if draft.person.profile.locale == "zh-CN" else _REASONS_EN
    amount = line.unit_price.minor * line.quantity
    # The order's coupon is shared out by value, rounded in the customer's favour by at most one fen.
    refund = amount - draft.discount * amount // draft.goods
    age = (now - requested).days
    status = "requested" if age < 1 else "in-transit" if age < 5 else "received" if age < 7 else "refunded"
    if age >= 2 and rng.random() < 0.06:
        status = "rejected"
    return ReturnCase(
        id=f"A{draft.id[2:]}",
        order_id=draft.id,
        sku=line.sku,
        quantity=line.quantity,
        reason=reason,
        words=rng.choice(words[reason]),
        status=status,
        requested_at=requested,
        refund=Money(refund if status != "rejected" else 0, "CNY"),
    )


def _reason(rng: random.Random, product: DemoProduct) -> str:
    if product.trap == "false-claim":
        return "not-as-described"
    if product.category == "apparel":
        return rng.choices(("size", "changed-mind", "quality", "not-as-described"), (6, 3, 2, 1))[0]
    return rng.choices(("quality", "changed-mind", "damaged", "not-as-described"), (4, 4, 2, 1))[0]
