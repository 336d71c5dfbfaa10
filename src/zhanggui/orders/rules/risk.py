"""Signs that an order wants a person's eye: its address, its amount, its pace, its likeness to others. Pure.

A sign is evidence, never a verdict: nothing here cancels or holds an order, a policy rule may.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from zhanggui.kernel.commerce import Address, Order
from zhanggui.orders.models import Sentence


@dataclass(frozen=True, slots=True)
class RiskSign:
    """One sign: its kind, how much it weighs (0 to 1) and why, with the values it rests on."""

    kind: str
    weight: float
    reason: Sentence


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """When something is worth a look; a merchant may change every number."""

    duplicate_within: timedelta = timedelta(minutes=30)
    velocity_within: timedelta = timedelta(hours=1)
    velocity_orders: int = 4
    odd_amount_times: int = 8
    odd_amount_history: int = 20
    odd_quantity: int = 50


def risk_signs(
    order: Order, earlier: Sequence[Order], limits: RiskLimits | None = None, *, billing: Address | None = None
) -> tuple[RiskSign, ...]:
    """The signs on one order, the heaviest first.

    `earlier` are the shop's orders before this one, in any order of time; later ones and the order itself are ignored.
    """
    set_to = limits or RiskLimits()
    before = [other for other in earlier if other.id != order.id and other.placed_at <= order.placed_at]
    signs = [
        *_address_signs(order.shipping_address),
        *_duplicate(order, before, set_to),
        *_velocity(order, before, set_to),
        *_amount(order, before, set_to),
        *_mismatch(order.shipping_address, billing),
    ]
    return tuple(sorted(signs, key=lambda sign: (-sign.weight, sign.kind)))


def risk_score(signs: Iterable[RiskSign]) -> float:
    """One number from 0 to 1: the signs as independent chances that something is wrong."""
    clear = 1.0
    for sign in signs:
        clear *= 1 - sign.weight
    return 1 - clear


def _address_signs(address: Address | None) -> Iterable[RiskSign]:
    if address is None:
        return
    missing = [name for name in ("street", "city") if not getattr(address, name).strip()]
    if missing:
        yield RiskSign("address-incomplete", 0.5, _both(f"The address lacks {', '.join(missing)}.", "地址不完整。"))
    elif not any(letter.isdigit() for letter in address.street):
        yield RiskSign(
            "address-without-number",
            0.15,
            _both(f"No number in “{address.street}”.", f"“{address.street}”没有门牌号。"),
        )
    if address.country.upper() in ("CN", "CHN", "中国") and not re.fullmatch(
        r"(\+?86)?1[3-9]\d{9}", _digits(address.phone)
    ):
        shown = "none" if not address.phone else "not a mobile number"
        yield RiskSign("phone-doubtful", 0.2, _both(f"Phone: {shown}.", "缺少有效手机号，快递无法联系收件人。"))


def _duplicate(order: Order, before: Sequence[Order], limits: RiskLimits) -> Iterable[RiskSign]:
    basket = sorted((line.sku, line.quantity) for line in order.lines)
    for other in before:
        near = order.placed_at - other.placed_at <= limits.duplicate_within
        same = sorted((line.sku, line.quantity) for line in other.lines) == basket
        if near and same and other.customer_id == order.customer_id and other.status != "cancelled":
            minutes = int((order.placed_at - other.placed_at).total_seconds() // 60)
            yield RiskSign(
                "duplicate",
                0.6,
                _both(
                    f"The same customer ordered the same goods {minutes} minutes earlier ({other.id}).",
                    f"同一客户{minutes}分钟前下过相同订单（{other.id}）。",
                ),
            )
            return


def _velocity(order: Order, before: Sequence[Order], limits: RiskLimits) -> Iterable[RiskSign]:
    since = order.placed_at - limits.velocity_within
    count = 1 + sum(other.customer_id == order.customer_id and other.placed_at >= since for other in before)
    if count >= limits.velocity_orders:
        hours = limits.velocity_within.total_seconds() / 3600
        yield RiskSign(
            "velocity",
            0.4,
            _both(f"{count} orders of one customer within {hours:g} h.", f"同一客户{hours:g}小时内下单{count}笔。"),
        )


def _amount(order: Order, before: Sequence[Order], limits: RiskLimits) -> Iterable[RiskSign]:
    past = [other.total.minor for other in before if other.total.currency == order.total.currency]
    if len(past) >= limits.odd_amount_history:
        usual = median(past)
        if usual > 0 and order.total.minor >= limits.odd_amount_times * usual:
            times = order.total.minor / usual
            yield RiskSign(
                "odd-amount",
                0.35,
                _both(
                    f"{order.total} is {times:.1f} times the usual order.",
                    f"{order.total}为常见订单金额的{times:.1f}倍。",
                ),
            )
    most = max((line.quantity for line in order.lines), default=0)
    if most >= limits.odd_quantity:
        yield RiskSign("odd-quantity", 0.25, _both(f"{most} units of one SKU.", f"单个规格购买{most}件。"))
    lines = sum(line.unit_price.minor * line.quantity for line in order.lines)
    if lines and order.total.minor * 10 < lines:
        yield RiskSign(
            "total-far-below-lines",
            0.5,
            _both("The total is less than a tenth of the lines.", "订单总额不足商品金额的十分之一。"),
        )


def _mismatch(shipping: Address | None, billing: Address | None) -> Iterable[RiskSign]:
    if shipping is None or billing is None or not shipping.country or not billing.country:
        return
    if shipping.country.upper() != billing.country.upper():
        yield RiskSign(
            "country-mismatch",
            0.3,
            _both(
                f"Billed in {billing.country}, shipped to {shipping.country}.",
                f"账单国家{billing.country}与收货国家{shipping.country}不一致。",
            ),
        )


def _digits(phone: str) -> str:
    return re.sub(r"[\s\-()]", "", phone)


def _both(english: str, chinese: str) -> Sentence:
    return Sentence(english, chinese)
