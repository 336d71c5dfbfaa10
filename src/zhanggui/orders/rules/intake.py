"""What an incoming order must be to be kept at all, and what is decided about it on arrival. Pure.

`check_news` refuses what cannot be true (its verdict depends on the news alone, plus how far ahead of us its clock
runs); everything else is kept, and what is odd about it becomes a failed rule of the arrival decision.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from zhanggui.kernel.commerce import SourceNews, SourceOrder
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Money
from zhanggui.orders.models.intake import Arrival, ArrivalRule

MOST_AHEAD = timedelta(minutes=10)
_OLDEST = datetime.fromisoformat("1990-01-01T00:00:00+00:00")
_MOST_MINOR = 10**14
_MOST_UNITS = 1_000_000
_MOST_LINES = 1_000
_LONGEST_ID = 160
_LONGEST_TEXT = 5_000
Part = TypeVar("Part")


def check_news(news: SourceNews, now: datetime) -> None:
    """Refuse what cannot be an order.

    Raises:
        BadInput: names the field: an id, a time, a quantity, a currency, an amount out of bounds.
    """
    _identity(news, now)
    if isinstance(news, SourceOrder):
        _check_order(news)
    else:
        _check_parts(news)


def _identity(news: SourceNews, now: datetime) -> None:
    for name, value in (("external_id", news.external_id), ("source", news.source)):
        if not 0 < len(value) <= _LONGEST_ID:
            raise BadInput(field=name, expected=f"1 to {_LONGEST_ID} characters", found=value)
    if news.version.tzinfo is None or news.version < _OLDEST:
        raise BadInput(field="version", expected="a time with its zone, after 1990", found=news.version.isoformat())
    if news.version > now + MOST_AHEAD:
        expected = f"a time at most {MOST_AHEAD.total_seconds() / 60:g} minutes ahead of {now.isoformat()}"
        raise BadInput(field="version", expected=expected, found=news.version.isoformat())


def _check_order(order: SourceOrder) -> None:
    if order.placed_at.tzinfo is None or order.placed_at < _OLDEST:
        found = order.placed_at.isoformat()
        raise BadInput(field="placed_at", expected="a time with its zone, after 1990", found=found)
    if order.promised_at is not None and order.promised_at.tzinfo is None:
        raise BadInput(field="promised_at", expected="a time with its zone", found=order.promised_at.isoformat())
    currency = order.total.currency
    if len(currency) != 3 or not currency.isalpha() or not currency.isupper():
        raise BadInput(field="currency", expected="an ISO 4217 code such as CNY", found=currency)
    if not 0 < len(order.lines) <= _MOST_LINES:
        raise BadInput(field="lines", expected=f"1 to {_MOST_LINES} lines", found=str(len(order.lines)))
    for at, line in enumerate(order.lines):
        place = f"lines[{at}]"
        _units(f"{place}.quantity", line.quantity)
        if not 0 <= line.cancelled <= line.quantity:
            raise BadInput(field=f"{place}.cancelled", expected=f"0 to {line.quantity}", found=str(line.cancelled))
        _amount(f"{place}.unit_price", line.unit_price, currency)
        _text(f"{place}.id", line.id, _LONGEST_ID)
    _distinct("lines", (line.id for line in order.lines))
    _amount("total", order.total, currency)
    _amount("charges", order.charges, currency, least=-_MOST_MINOR)
    if sum(line.unit_price.minor * line.quantity for line in order.lines) + order.charges.minor < 0:
        raise BadInput(field="charges", expected="a discount of at most the goods' price", found=str(order.charges))
    _text("note", order.note, _LONGEST_TEXT * 20)
    _text("number", order.number, _LONGEST_ID)
    if order.payments or order.parcels or order.refunds:
        _check_parts(order)


def _check_parts(news: SourceNews) -> None:
    currency = news.total.currency if isinstance(news, SourceOrder) else ""
    payments = news.payments if isinstance(news, SourceOrder) else _one(news.payment)
    parcels = news.parcels if isinstance(news, SourceOrder) else _one(news.parcel)
    refunds = news.refunds if isinstance(news, SourceOrder) else _one(news.refund)
    for at, payment in enumerate(payments):
        _text(f"payments[{at}].id", payment.id, _LONGEST_ID)
        _amount(f"payments[{at}].amount", payment.amount, currency or payment.amount.currency)
        _amount(f"payments[{at}].captured", payment.captured, currency or payment.amount.currency)
        if payment.amount < payment.captured:
            expected = f"at most the payment's amount {payment.amount}"
            raise BadInput(field=f"payments[{at}].captured", expected=expected, found=str(payment.captured))
    for at, parcel in enumerate(parcels):
        _text(f"parcels[{at}].id", parcel.id, _LONGEST_ID)
        for line, count in parcel.units.items():
            _units(f"parcels[{at}].units.{line}", count)
    for at, refund in enumerate(refunds):
        _text(f"refunds[{at}].id", refund.id, _LONGEST_ID)
        _amount(f"refunds[{at}].amount", refund.amount, currency or refund.amount.currency)
        for line, count in refund.units.items():
            _units(f"refunds[{at}].units.{line}", count)
    for name, parts in (("payments", payments), ("parcels", parcels), ("refunds", refunds)):
        _distinct(name, (part.id for part in parts))
    if isinstance(news, SourceOrder):
        _check_refunds(news)


def _check_refunds(order: SourceOrder) -> None:
    # A whole order whose own refunds pass its own payments contradicts itself.
    captured = sum(payment.captured.minor for payment in order.payments)
    refunded = sum(refund.amount.minor for refund in order.refunds if refund.state != "failed")
    if refunded > captured:
        money = Money(captured, order.total.currency)
        found = str(Money(refunded, order.total.currency))
        raise BadInput(field="refunds", expected=f"at most what was paid, {money}", found=found)


def _one(part: Part | None) -> tuple[Part, ...]:
    return () if part is None else (part,)


def _units(field: str, count: int) -> None:
    if not 0 < count <= _MOST_UNITS:
        raise BadInput(field=field, expected=f"1 to {_MOST_UNITS:,} units", found=str(count))


def _amount(field: str, amount: Money, currency: str, least: int = 0) -> None:
    if amount.currency != currency:
        raise BadInput(field=field, expected=f"an amount in {currency}", found=str(amount))
    if not least <= amount.minor <= _MOST_MINOR:
        raise BadInput(field=field, expected=f"an amount from {least} to 10^14 minor units", found=str(amount.minor))


def _text(field: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise BadInput(field=field, expected=f"at most {longest} characters", found=text)


def _distinct(field: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in ids:
        if name in seen or not name:
            raise BadInput(field=field, expected="an id for each, used once", found=name)
        seen.add(name)


def decide_arrival(order: SourceOrder, flags: Iterable[str], expected_currency: str = "") -> Arrival:
    """Accept an order on arrival or hold it for a person; every rule is named with what it saw.

    Args:
        order: the order as its shop tells it now.
        flags: what did not fit when the order's life was built (see `building`).
        expected_currency: the shop's own currency; empty means any.
    """
    rules = tuple(_arrival_rules(order, tuple(flags), expected_currency))
    return Arrival("accept" if all(rule.passed for rule in rules) else "hold", rules)


def _arrival_rules(order: SourceOrder, flags: tuple[str, ...], expected: str) -> Iterator[ArrivalRule]:
    yield _adds_up(order)
    found = order.total.currency
    yield _rule(
        "currency",
        not expected or found == expected,
        f"the order is in {found}, the shop sells in {expected}",
        f"订单币种为 {found}，店铺币种为 {expected}",
    )
    yield _rule(
        "clock", order.placed_at <= order.version + MOST_AHEAD, "placed after its last change", "下单时间晚于更新时间"
    )
    skus = [line.id for line in order.lines if not line.sku]
    yield _rule("sku", not skus, f"lines without a SKU: {', '.join(skus[:5])}", f"缺少 SKU 的行：{', '.join(skus[:5])}")
    address = order.shipping_address
    known = address is None or bool(address.street and (address.city or address.postal_code))
    yield _rule("address", known, "street, city or postal code is missing", "收货地址缺少街道、城市或邮编")
    yield _rule("parts", not flags, "; ".join(flags), "；".join(flags))


def _adds_up(order: SourceOrder) -> ArrivalRule:
    goods = sum(line.unit_price.minor * line.quantity for line in order.lines)
    if goods + order.charges.minor == order.total.minor:
        return _PASSED["total"]
    sums = Money(goods + order.charges.minor, order.total.currency)
    en = f"lines and charges come to {sums}, the total says {order.total}"
    return ArrivalRule("total", False, en, f"行项目与费用合计 {sums}，总额为 {order.total}")


def _rule(name: str, passed: bool, en: str, zh: str) -> ArrivalRule:
    return _PASSED[name] if passed else ArrivalRule(name, False, en, zh)


_PASSED = {name: ArrivalRule(name, True) for name in ("total", "currency", "clock", "sku", "address", "parts")}
