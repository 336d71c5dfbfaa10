"""What is odd about an order before it is sent: each signal with its reason. Pure; decides nothing by itself.

A score never cancels anything: it is a fact that policy rules may read, and every signal says what it saw.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import log
from statistics import median
from typing import Literal

from zhanggui.kernel.commerce import Address, SourceOrder
from zhanggui.kernel.types import Money
from zhanggui.orders.models import Sentence

Level = Literal["low", "medium", "high"]
_MEDIUM, _HIGH = 30, 60
_HOUR, _DAY = timedelta(hours=1), timedelta(hours=24)
_MANY_IN_HOUR, _MANY_IN_DAY, _MANY_UNITS, _ENOUGH = 3, 5, 20, 30
_CHINA = frozenset({"CN", "CHN", "CHINA", "中国", "中华人民共和国"})
_PLACEHOLDER = re.compile(
    r"^(test|asdf+|qwer\w*|xxx+|n/?a|none|null|tbd|abc|aaa+|111+|测试|无|不详|待定|随便)\W*$", re.I
)
_CN_MOBILE = re.compile(r"^(\+?86)?1[3-9]\d{9}$")
_CN_LANDLINE = re.compile(r"^0\d{9,11}$")
_POSTAL: Mapping[str, str] = {
    "CN": r"\d{6}", "US": r"\d{5}(-\d{4})?", "DE": r"\d{5}", "FR": r"\d{5}", "IT": r"\d{5}", "ES": r"\d{5}",
    "JP": r"\d{3}-?\d{4}", "GB": r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", "NL": r"\d{4} ?[A-Z]{2}",
    "CA": r"[A-Z]\d[A-Z] ?\d[A-Z]\d", "AU": r"\d{4}", "SG": r"\d{6}", "KR": r"\d{5}", "BR": r"\d{5}-?\d{3}",
}  # fmt: skip
# The first two digits of a Chinese postal code name the province (China Post).
_PROVINCES: Mapping[str, tuple[str, ...]] = {
    "北京": ("10",), "上海": ("20",), "天津": ("30",), "重庆": ("40",), "内蒙古": ("01", "02"), "山西": ("03", "04"),
    "河北": ("05", "06", "07"), "辽宁": ("11", "12"), "吉林": ("13",), "黑龙江": ("15", "16"), "江苏": ("21", "22"),
    "安徽": ("23", "24"), "山东": ("25", "26", "27"), "浙江": ("31", "32"), "江西": ("33", "34"), "福建": ("35", "36"),
    "湖南": ("41", "42"), "湖北": ("43", "44"), "河南": ("45", "46", "47"), "广东": ("51", "52"), "广西": ("53", "54"),
    "贵州": ("55", "56"), "海南": ("57",), "四川": ("61", "62", "63", "64"), "云南": ("65", "66", "67"),
    "陕西": ("71", "72"), "甘肃": ("73", "74"), "宁夏": ("75",), "青海": ("81",), "新疆": ("83", "84"),
    "西藏": ("85", "86"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signal:
    """One odd thing: its id, how much it weighs (points of 100), and what was seen."""

    id: str
    points: int
    reason: Sentence


@dataclass(frozen=True, slots=True)
class RiskReport:
    """All signals of one order; the score is their sum, at most 100."""

    score: int
    level: Level
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True)
class PastOrder:
    """An earlier order as far as it matters here; `basket` are its SKUs with counts, `ended` cancelled or refused."""

    id: str
    number: str
    placed_at: datetime
    customer_id: str
    phone: str
    email: str
    place: str
    basket: tuple[tuple[str, int], ...]
    total: Money
    cancelled: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual in this shop: the middle and the spread of log totals over `count` orders, prices by SKU."""

    currency: str = ""
    count: int = 0
    middle: float = 0.0
    spread: float = 0.0
    prices: Mapping[str, int] = field(default_factory=dict[str, int])


def usual(orders: Iterable[SourceOrder]) -> Usual:
    """What is usual over past orders: those in the most common currency count.

    The spread is 1.4826 times the median absolute deviation (the normal-consistent MAD), of the logarithms.
    """
    many = [order for order in orders if order.total.minor > 0]
    currencies = [order.total.currency for order in many]
    if not currencies:
        return Usual()
    currency = max(sorted(set(currencies)), key=currencies.count)
    same = [order for order in many if order.total.currency == currency]
    logs = [log(order.total.minor) for order in same]
    middle = median(logs)
    by_sku: dict[str, list[int]] = {}
    for order in same:
        for line in order.lines:
            by_sku.setdefault(line.sku, []).append(line.unit_price.minor)
    prices = {sku: int(median(seen)) for sku, seen in by_sku.items() if len(seen) >= 5}
    return Usual(currency, len(same), middle, 1.4826 * median(abs(x - middle) for x in logs), prices)


def past_order(told: SourceOrder, order_id: str, *, cancelled: bool = False, refused: bool = False) -> PastOrder:
    """An order in the form that later ones are compared with."""
    who, where = told.customer, told.shipping_address
    counts: dict[str, int] = {}
    for line in told.lines:
        counts[line.sku] = counts.get(line.sku, 0) + line.quantity
    return PastOrder(
        id=order_id,
        number=told.number or told.external_id,
        placed_at=told.placed_at,
        customer_id=who.id if who else "",
        phone=_digits((where.phone if where else "") or (who.phone if who else "")),
        email=who.email.strip().lower() if who else "",
        place=place_key(where) if where else "",
        basket=tuple(sorted(counts.items())),
        total=told.total,
        cancelled=cancelled or told.cancelled_at is not None,
        refused=refused,
    )


def place_key(address: Address) -> str:
    """An address without its accidents: case, blanks and punctuation do not make another place; empty if no street."""
    street = re.sub(r"\W+", "", address.street).lower()
    town = re.sub(r"\W+", "", address.city + address.district).lower()
    return f"{town}/{street}" if street else ""


def address_problems(address: Address) -> tuple[Sentence, ...]:
    """Why a parcel might not arrive at this address; empty when nothing is wrong with it."""
    return tuple(_address_problems(address))


def assess_risk(
    order: SourceOrder, order_id: str, *, near: Sequence[PastOrder] = (), shop: Usual | None = None
) -> RiskReport:
    """Everything odd about an order.

    Args:
        order: the order as its shop tells it.
        order_id: its id here, to leave it out of `near`.
        near: other orders of the same customer, phone, e-mail or place; of the last 24 hours, and refused ones.
        shop: what is usual here; None: amounts are not compared.
    """
    mine = past_order(order, order_id)
    others = [other for other in near if other.id != order_id and other.placed_at <= order.placed_at]
    signals = [*_place(order), *_duplicates(mine, others), *_velocity(mine, others), *_amounts(order, shop or Usual())]
    signals += [*_mismatch(order), *_refusals(mine, others)]
    score = min(100, sum(signal.points for signal in signals))
    level: Level = "high" if score >= _HIGH else "medium" if score >= _MEDIUM else "low"
    return RiskReport(score, level, tuple(signals))


def _place(order: SourceOrder) -> Iterator[Signal]:
    if order.shipping_address is None:
        return
    for reason in address_problems(order.shipping_address):
        yield Signal("address", 30, reason)


def _address_problems(address: Address) -> Iterator[Sentence]:
    street = address.street.strip()
    if not street or not (address.city.strip() or address.postal_code.strip()):
        yield Sentence("Street, city or postal code is missing.", "收货地址缺少街道、城市或邮编。")
    elif _PLACEHOLDER.match(street) or len(set(re.sub(r"\W", "", street))) < 2:
        yield Sentence(f"The street “{street[:40]}” is no address.", f"街道“{street[:40]}”不是有效地址。")
    china = address.country.strip().upper() in _CHINA
    country = "CN" if china else address.country.strip().upper()
    code = address.postal_code.strip().upper()
    if code and country in _POSTAL and not re.fullmatch(_POSTAL[country], code):
        yield Sentence(f"{code[:20]} is no postal code of {country}.", f"{code[:20]} 不是 {country} 的邮编格式。")
    elif code and china:
        yield from _wrong_province(address, code)
    yield from _phone(address.phone, china=china)


def _wrong_province(address: Address, code: str) -> Iterator[Sentence]:
    # Shops fill the field with 000000 where nobody typed a code: that says nothing.
    named = next((name for name in _PROVINCES if (address.region or address.city).startswith(name)), "")
    if named and code != "000000" and code[:2] not in _PROVINCES[named]:
        yield Sentence(f"Postal code {code} is not in {named}.", f"邮编 {code} 不属于{named}。")


def _phone(phone: str, *, china: bool) -> Iterator[Sentence]:
    digits = _digits(phone)
    if not digits or "*" in phone:
        return  # missing or masked by the platform: nothing to say about it
    known = _CN_MOBILE.match(digits) or _CN_LANDLINE.match(digits) if china else 6 <= len(digits) <= 15
    if not known or len(set(digits)) < 3:
        yield Sentence("The phone number cannot be called.", "联系电话无效。")


def _duplicates(mine: PastOrder, others: Sequence[PastOrder]) -> Iterator[Signal]:
    for other in others:
        close = mine.placed_at - other.placed_at <= _DAY
        if close and not other.cancelled and other.basket == mine.basket and _same_person(mine, other):
            yield Signal(
                "duplicate",
                35,
                Sentence(
                    f"Order {other.number} of the same customer has the same goods.",
                    f"同一客户的订单 {other.number} 含相同商品。",
                ),
            )
            return


def _same_person(one: PastOrder, other: PastOrder) -> bool:
    pairs = ((one.customer_id, other.customer_id), (one.phone, other.phone), (one.email, other.email))
    return any(a and a == b for a, b in pairs)


def _velocity(mine: PastOrder, others: Sequence[PastOrder]) -> Iterator[Signal]:
    same = [other for other in others if _same_person(mine, other)]
    hour = sum(mine.placed_at - other.placed_at <= _HOUR for other in same)
    day = sum(mine.placed_at - other.placed_at <= _DAY for other in same)
    if hour >= _MANY_IN_HOUR or day >= _MANY_IN_DAY:
        yield Signal(
            "velocity",
            30,
            Sentence(
                f"{hour} other orders of the same person within an hour, {day} within a day.",
                f"同一人 1 小时内另有 {hour} 单，24 小时内另有 {day} 单。",
            ),
        )
    there = {
        o.customer_id for o in others if mine.place and o.place == mine.place and mine.placed_at - o.placed_at <= _DAY
    }
    strangers = len(there - {mine.customer_id, ""})
    if strangers >= _MANY_IN_HOUR:
        yield Signal(
            "one-place",
            25,
            Sentence(
                f"{strangers} other customers ordered to this address within a day.",
                f"24 小时内另有 {strangers} 位客户使用同一地址。",
            ),
        )


def _amounts(order: SourceOrder, shop: Usual) -> Iterator[Signal]:
    if order.total.minor > 0 and order.total.currency == shop.currency and shop.count >= _ENOUGH:
        away = (log(order.total.minor) - shop.middle) / max(shop.spread, 0.1)
        if away > 4:
            text = Sentence(f"{order.total} is far above what is usual here.", f"{order.total} 远高于本店常见金额。")
            yield Signal("amount", 25, text)
    for line in order.lines:
        if line.quantity >= _MANY_UNITS:
            text = Sentence(f"{line.quantity} units of {line.sku}.", f"{line.sku} 购买 {line.quantity} 件。")
            yield Signal("quantity", 20, text)
        price = shop.prices.get(line.sku, 0)
        if order.total.currency == shop.currency and 0 <= line.unit_price.minor * 10 < price * 3:
            usual_price = Money(price, shop.currency)
            yield Signal(
                "price",
                25,
                Sentence(
                    f"{line.sku} at {line.unit_price}, usually {usual_price}: perhaps a wrong price.",
                    f"{line.sku} 成交价 {line.unit_price}，通常为 {usual_price}，可能标错价。",
                ),
            )


def _mismatch(order: SourceOrder) -> Iterator[Signal]:
    where, who = order.shipping_address, order.customer
    home = next((a.country.strip().upper() for a in who.addresses if a.country.strip()), "") if who else ""
    target = where.country.strip().upper() if where else ""
    if home and target and _country(home) != _country(target):
        text = Sentence(
            f"The customer lives in {home}, the parcel goes to {target}.", f"客户所在地为 {home}，收货地为 {target}。"
        )
        yield Signal("country", 15, text)
    captured = [p.captured for p in order.payments if p.state == "captured"]
    taken = sum(money.minor for money in captured if money.currency == order.total.currency)
    if captured and taken != order.total.minor:
        paid = Money(taken, order.total.currency)
        yield Signal("paid", 30, Sentence(f"Paid {paid} of {order.total}.", f"实付 {paid}，应付 {order.total}。"))


def _country(name: str) -> str:
    return "CN" if name in _CHINA else name


def _refusals(mine: PastOrder, others: Sequence[PastOrder]) -> Iterator[Signal]:
    refused = sum(other.refused and _same_person(mine, other) for other in others)
    if refused:
        text = Sentence(f"{refused} earlier parcels were refused.", f"该客户曾拒收 {refused} 个包裹。")
        yield Signal("refusals", min(60, 30 * refused), text)


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)
