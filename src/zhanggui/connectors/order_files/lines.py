"""Rows that are order lines, grouped into orders by their id. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation

from zhanggui.connectors.reading import exact_money
from zhanggui.kernel.commerce import (
    Address,
    Customer,
    PaymentWord,
    SourceLine,
    SourceOrder,
    SourceParcel,
    SourcePayment,
    SourceRefund,
)
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Money

_ZONE = re.compile(r"\s+([+-]\d\d:?\d\d|Z|UTC)$")
_SLASHES = re.compile(r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})(.*)$")
_PAID = frozenset(
    {"paid", "captured", "completed", "processing", "partially_refunded", "refunded", "delivered", "shipped"}
    | {
        "已付款",
        "已支付",
        "已发货",
        "已完成",
        "交易成功",
        "买家已付款",
        "等待卖家发货",
        "卖家已发货",
        "已签收",
        "已退款",
    }
)
_VOID = frozenset({"voided", "cancelled", "canceled", "已取消", "交易关闭", "已关闭", "trash"})
_REFUNDED = frozenset({"refunded", "已退款"})
_FAILED = frozenset({"failed"})
_AUTHORISED = frozenset({"authorized", "authorised"})
_CANCELLED = (_VOID - {"voided"}) | _FAILED


@dataclass(frozen=True, slots=True)
class ReadOrder:
    """One order as a file told it; `row` is where it begins (header = 1)."""

    order: SourceOrder
    row: int


@dataclass(frozen=True, slots=True)
class FileSense:
    """What a file leaves unsaid: its source's name, the currency and the time zone of what names none."""

    source: str
    currency: str
    zone: tzinfo = UTC


Row = tuple[int, Mapping[str, str]]


def grouped(
    rows: Iterable[Row | BadInput], fields: Mapping[str, str], sense: FileSense
) -> Iterator[ReadOrder | BadInput]:
    """Every order, in the order of its first row, and every row or order that cannot be read.

    `fields` maps column to field. An order with one bad row is left out whole: half an order would be a lie.
    """
    groups: dict[str, list[Row]] = {}
    named: dict[str, str] = {}
    for row in rows:
        if isinstance(row, BadInput):
            yield row
            continue
        number, cells = row
        given = {fields[name]: cell.strip() for name, cell in cells.items() if name in fields}
        # Shopify writes the id only in an order's first row, its name in all.
        name = given.get("number", "")
        key = given.get("order_id") or named.get(name, name)
        named.setdefault(name, key)
        if not key:
            yield BadInput(row=number, field="order_id", expected="an order's id", found="")
            continue
        groups.setdefault(key, []).append((number, given))
    for key, some in groups.items():
        try:
            yield ReadOrder(_order(key, some, sense), some[0][0])
        except BadInput as wrong:
            yield wrong


def _order(key: str, rows: list[Row], sense: FileSense) -> SourceOrder:
    whole = _Whole(rows, sense)
    currency = whole.text("currency") or sense.currency
    lines = tuple(
        _line(number, cells, at, currency) for at, (number, cells) in enumerate(rows, 1) if cells.get("quantity")
    )
    if not lines:
        raise BadInput(row=whole.row, field="quantity", expected="a line with a quantity", found="")
    goods = sum(line.unit_price.minor * line.quantity for line in lines)
    total, charges = _sums(whole, goods, currency)
    placed = whole.time("placed_at")
    if placed is None:
        raise BadInput(row=whole.row, field="placed_at", expected="a time", found="")
    times = {name: whole.time(name) for name in ("updated_at", "paid_at", "shipped_at", "delivered_at", "cancelled_at")}
    version = times["updated_at"] or max([placed, *(at for at in times.values() if at is not None)])
    status = whole.text("status").lower().removeprefix("wc-")
    if times["cancelled_at"] is None and status in _CANCELLED:
        times["cancelled_at"] = version
    payment = _payment(whole, total, times["paid_at"] or placed, status)
    return SourceOrder(
        source=sense.source,
        external_id=key,
        version=version,
        placed_at=placed,
        lines=lines,
        charges=charges,
        total=total,
        number=whole.text("number") or key,
        payments=(payment,),
        parcels=_parcels(whole, lines, times),
        refunds=_refunds(whole, payment, version),
        customer=_customer(whole),
        shipping_address=_address(whole),
        promised_at=whole.time("promised_at"),
        cancelled_at=times["cancelled_at"],
        note=whole.text("note"),
    )


class _Whole:
    """The fields of the order itself: the first row that fills each."""

    def __init__(self, rows: list[Row], sense: FileSense) -> None:
        self.row = rows[0][0]
        self._rows, self._sense = rows, sense

    def text(self, name: str) -> str:
        """The first filled cell."""
        return next((cells[name] for _number, cells in self._rows if cells.get(name)), "")

    def money(self, name: str, currency: str) -> Money | None:
        """An amount, None where no row has one."""
        text = self.text(name)
        return money(text, currency, name, self.row) if text else None

    def time(self, name: str) -> datetime | None:
        """A time, None where no row has one."""
        text = self.text(name)
        return moment(text, self._sense.zone, name, self.row) if text else None


def money(text: str, currency: str, field: str, row: int) -> Money:
    """An amount in a cell, exact; a currency sign and thousands commas are allowed.

    Raises:
        BadInput: anything else.
    """
    plain = text.strip().lstrip("¥￥$€£").strip()
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    try:
        return exact_money(plain, currency, field)
    except BadInput as bad:
        raise BadInput(row=row, field=field, expected=bad.expected, found=text) from None


def moment(text: str, zone: tzinfo, field: str, row: int) -> datetime:
    """A time in a cell: ISO 8601, or with slashes, year first; without a zone it is in the file's.

    Raises:
        BadInput: anything else.
    """
    plain = _ZONE.sub(lambda found: "+00:00" if found[1] in ("Z", "UTC") else found[1], text.strip())
    if slashed := _SLASHES.match(plain):
        plain = f"{slashed[1]}-{int(slashed[2]):02}-{int(slashed[3]):02}{slashed[4]}"
    plain = re.sub(r"[ T](\d):", r"T0\1:", plain)
    try:
        found = datetime.fromisoformat(plain)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        expected = "a time such as 2025-11-30 18:05:00"
        raise BadInput(row=row, field=field, expected=expected, found=text) from None


def whole_number(text: str, field: str, row: int) -> int:
    """A count in a cell: a whole number, `2.0` included.

    Raises:
        BadInput: anything else.
    """
    try:
        found = Decimal(text)
        if found.is_finite() and found == found.to_integral_value() and abs(found) < 10**9:
            return int(found)
    except InvalidOperation:
        pass
    raise BadInput(row=row, field=field, expected="a whole number", found=text)


def _line(number: int, cells: Mapping[str, str], at: int, currency: str) -> SourceLine:
    quantity = whole_number(cells["quantity"], "quantity", number)
    if quantity <= 0:
        raise BadInput(row=number, field="quantity", expected="1 or more units", found=cells["quantity"])
    price = money(cells.get("unit_price", ""), currency, "unit_price", number)
    if price.minor < 0:
        raise BadInput(row=number, field="unit_price", expected="0 or more", found=cells["unit_price"])
    name = cells.get("line_id") or str(at)
    return SourceLine(name, cells.get("sku", ""), cells.get("title", ""), quantity, price)


def _sums(whole: _Whole, goods: int, currency: str) -> tuple[Money, Money]:
    """Total and charges. Where a total is told, tax counts only if the sum needs it (prices may include it)."""
    told = {name: whole.money(name, currency) for name in ("total", "shipping", "tax", "discount")}
    total = told.pop("total")
    known = {name: 0 if amount is None else amount.minor for name, amount in told.items()}
    net = known["shipping"] - abs(known["discount"])
    if total is None:
        charges = net + known["tax"]
        return Money(goods + charges, currency), Money(charges, currency)
    if all(amount is None for amount in told.values()):
        return total, Money(total.minor - goods, currency)
    included = goods + net == total.minor
    return total, Money(net if included else net + known["tax"], currency)


def _payment(whole: _Whole, total: Money, at: datetime, status: str) -> SourcePayment:
    word = whole.text("payment_status").lower() or status
    state: PaymentWord = "pending"
    if word in _PAID or (whole.text("paid_at") and word not in _VOID):
        state = "captured"
    elif word in _AUTHORISED:
        state = "authorised"
    elif word in _FAILED:
        state = "failed"
    elif word in _VOID:
        state = "voided"
    captured = total if state == "captured" else Money(0, total.currency)
    return SourcePayment("payment", whole.text("payment_method") or "unknown", total, captured, state, at)


def _refunds(whole: _Whole, payment: SourcePayment, at: datetime) -> tuple[SourceRefund, ...]:
    amount = whole.money("refunded", payment.amount.currency)
    words = {whole.text("payment_status").lower(), whole.text("status").lower().removeprefix("wc-")}
    if amount is None and words & _REFUNDED:
        amount = payment.captured
    if amount is None or amount.minor == 0:
        return ()
    return (SourceRefund("refund", Money(abs(amount.minor), amount.currency), at),)


def _parcels(
    whole: _Whole, lines: tuple[SourceLine, ...], times: Mapping[str, datetime | None]
) -> tuple[SourceParcel, ...]:
    at = times["shipped_at"] or times["delivered_at"]
    if at is None:
        return ()
    parcel = SourceParcel(
        id="parcel",
        units={line.id: line.quantity for line in lines},
        at=at,
        state="delivered" if times["delivered_at"] else "sent",
        carrier=whole.text("carrier"),
        tracking_number=whole.text("tracking_number"),
        ended_at=times["delivered_at"],
    )
    return (parcel,)


def _customer(whole: _Whole) -> Customer | None:
    name = whole.text("customer_name") or whole.text("receiver")
    made = Customer(whole.text("customer_id"), name, whole.text("email"), whole.text("phone"))
    return made if (made.id or made.name or made.email or made.phone) else None


def _address(whole: _Whole) -> Address | None:
    made = Address(
        country=whole.text("country"),
        region=whole.text("region"),
        city=whole.text("city"),
        street=whole.text("street"),
        postal_code=whole.text("postal_code"),
        name=whole.text("receiver"),
        phone=whole.text("phone"),
    )
    return made if made.street or made.postal_code else None
