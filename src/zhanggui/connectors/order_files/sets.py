"""The public sets of orders as neutral ones: Olist's tables, Elasticsearch's samples, tau2's shop."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import polars as pl

from zhanggui.connectors.order_files.lines import FileSense, ReadOrder, moment, money
from zhanggui.connectors.reading import Fields
from zhanggui.connectors.tabular import CsvTable, TextFile, open_text
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
from zhanggui.kernel.types import JsonObject, Money

# The shop of tau2 has no times; its written policy says that it is this moment there (15:00 EST).
TAU2_NOW = datetime(2024, 5, 15, 20, tzinfo=UTC)
_LONDON = ZoneInfo("Europe/London")
_OLIST_STATES = ("delivered", "shipped", "canceled", "unavailable", "invoiced", "processing", "created", "approved")
_Cells = Mapping[str, str]


def eland_orders(source: TextFile) -> Iterator[ReadOrder | BadInput]:
    """Sample orders, one JSON object a line. Prices are in EUR and paid; there are no parcels."""
    with source.path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            try:
                yield ReadOrder(_eland(Fields(cast(JsonObject, json.loads(line)))), number)
            except BadInput as bad:
                yield BadInput(row=number, field=bad.field, expected=bad.expected, found=bad.found)
            except (ValueError, AttributeError) as broken:
                yield BadInput(row=number, field="line", expected="a JSON object", found=f"{line[:80]} ({broken})")


def _eland(order: Fields) -> SourceOrder:
    currency, at = order.needed("currency"), order.time("order_date")
    lines = tuple(
        SourceLine(
            id=str(number),
            sku=line.text("sku"),
            title=line.text("product_name"),
            quantity=line.whole("quantity"),
            unit_price=_near(line, "price", currency),
            product_id=line.text("product_id"),
        )
        for number, line in enumerate(order.many("products"), 1)
    )
    goods = sum(line.unit_price.minor * line.quantity for line in lines)
    total = _near(order, "taxful_total_price", currency)
    place = order.child("geoip")
    return SourceOrder(
        source="eland",
        external_id=order.needed("order_id"),
        version=at,
        placed_at=at,
        lines=lines,
        charges=Money(total.minor - goods, currency),
        total=total,
        payments=(SourcePayment("payment", "unknown", total, total, "captured", at),),
        customer=Customer(order.needed("customer_id"), order.text("customer_full_name"), order.text("email")),
        note=", ".join(part for part in (place.text("city_name"), place.text("country_iso_code")) if part),
    )


def _near(given: Fields, name: str, currency: str) -> Money:
    # The set's amounts went through half-precision floats: 24.99 stands there as 24.984375.
    value = given.values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 10**9:
        raise BadInput(field=given.place(name), expected="an amount", found=repr(value))
    return Money.parse(value, currency)


def tau2_orders(source: TextFile) -> Iterator[ReadOrder | BadInput]:
    """The orders of a shop file (`products`, `users`, `orders`), in USD.

    Raises:
        BadInput: the file is no shop file.
    """
    try:
        shop: Any = json.loads(source.path.read_text(encoding="utf-8"), parse_float=str)
    except ValueError as broken:
        raise BadInput(field="file", expected="a JSON shop file", found=str(broken)) from None
    if not isinstance(shop, dict) or not isinstance(shop.get("orders"), dict):  # pyright: ignore[reportUnknownMemberType] - any JSON
        raise BadInput(field="file", expected="a shop file with orders", found="something else")
    whole = Fields(cast(JsonObject, shop))
    users = whole.child("users")
    for number, name in enumerate(whole.child("orders").values, 1):
        try:
            order = whole.child("orders").child(name)
            yield ReadOrder(_tau2(order, users.child(order.needed("user_id"))), number)
        except BadInput as bad:
            yield BadInput(row=number, field=bad.field, expected=bad.expected, found=bad.found)


def _tau2(order: Fields, user: Fields) -> SourceOrder:
    status = order.needed("status").partition(" ")[0]
    counted: dict[str, SourceLine] = {}
    for number, item in enumerate(order.many("items"), 1):
        name = f"{number}-{item.needed('item_id')}"
        price = item.money("price", "USD")
        counted[name] = SourceLine(
            name, item.needed("item_id"), item.text("name"), 1, price, product_id=item.text("product_id")
        )
    lines = tuple(counted.values())
    goods = Money(sum(line.unit_price.minor for line in lines), "USD")
    payments, refunds = _tau2_money(order)
    sent = "delivered" if status == "delivered" else "sent"
    number = next((str(x) for f in order.many("fulfillments") for x in _texts(f.values.get("tracking_id"))), "")
    parcel = SourceParcel(
        "parcel", {line.id: 1 for line in lines}, TAU2_NOW, sent, tracking_number=number,
        ended_at=TAU2_NOW if status == "delivered" else None,
    )  # fmt: skip
    named = user.child("name")
    return SourceOrder(
        source="tau2",
        external_id=order.needed("order_id"),
        version=TAU2_NOW,
        placed_at=TAU2_NOW,
        lines=lines,
        charges=Money(0, "USD"),
        total=goods,
        payments=payments,
        parcels=(parcel,) if status in ("delivered", "processed", "return", "exchange") else (),
        refunds=refunds,
        customer=Customer(
            order.needed("user_id"), f"{named.text('first_name')} {named.text('last_name')}", user.text("email")
        ),
        shipping_address=_tau2_address(order.child("address")),
        cancelled_at=TAU2_NOW if status == "cancelled" else None,
        cancel_reason=order.text("cancel_reason"),
    )


def _tau2_money(order: Fields) -> tuple[tuple[SourcePayment, ...], tuple[SourceRefund, ...]]:
    payments: list[SourcePayment] = []
    refunds: list[SourceRefund] = []
    for number, move in enumerate(order.many("payment_history"), 1):
        amount, method = move.money("amount", "USD"), move.needed("payment_method_id")
        if move.needed("transaction_type") == "payment":
            payments.append(SourcePayment(f"{number}-{method}", method, amount, amount, "captured", TAU2_NOW))
        else:
            paid = next((payment.id for payment in payments if payment.method == method), "")
            refunds.append(SourceRefund(f"{number}-{method}", amount, TAU2_NOW, paid, "cancelled"))
    return tuple(payments), tuple(refunds)


def _tau2_address(given: Fields) -> Address:
    street = ", ".join(part for part in (given.text("address1"), given.text("address2")) if part)
    return Address(given.text("country"), given.text("state"), given.text("city"), "", street, given.text("zip"))


def _texts(value: object) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else []


def olist_orders(folder: Path, source: TextFile) -> Iterator[ReadOrder | BadInput]:
    """Olist's marketplace: `orders.csv` with `order_items.csv` and `customers.csv` beside it; BRL, times as UTC.

    Raises:
        BadInput: one of the tables is not there.
    """
    items: dict[str, list[_Cells]] = defaultdict(list)
    for cells in _table(folder / "order_items.csv"):
        items[cells["order_id"]].append(cells)
    customers = {cells["customer_id"]: cells for cells in _table(folder / "customers.csv")}
    sense = FileSense("olist", "BRL")
    for row in CsvTable(source).rows():
        if isinstance(row, BadInput):
            yield row
            continue
        number, cells = row
        try:
            yield ReadOrder(_olist(_OlistRow(number, cells, sense), items[cells["order_id"]], customers), number)
        except BadInput as bad:
            yield BadInput(row=number, field=bad.field, expected=bad.expected, found=bad.found)


class _OlistRow:
    """One row of `orders.csv`."""

    def __init__(self, number: int, cells: _Cells, sense: FileSense) -> None:
        self.number, self.cells, self._sense = number, cells, sense

    def time(self, name: str) -> datetime | None:
        """A time, None where blank."""
        text = self.cells[name]
        return moment(text, self._sense.zone, name, self.number) if text else None


def _olist(row: _OlistRow, items: list[_Cells], customers: Mapping[str, _Cells]) -> SourceOrder:
    if row.cells["order_status"] not in _OLIST_STATES:
        raise BadInput(
            field="order_status", expected=f"one of {', '.join(_OLIST_STATES)}", found=row.cells["order_status"]
        )
    placed = row.time("order_purchase_timestamp")
    if not items or placed is None:
        raise BadInput(field="order_id", expected="a time and items in order_items.csv", found=row.cells["order_id"])
    names = ("order_approved_at", "order_delivered_carrier_date", "order_delivered_customer_date")
    approved, sent, delivered = (row.time(name) for name in names)
    version = max(at for at in (placed, approved, sent, delivered) if at is not None)
    lines = tuple(_olist_line(x, row.number) for x in items)
    freight = sum(money(x["freight_value"], "BRL", "freight_value", row.number).minor for x in items)
    total = Money(sum(line.unit_price.minor for line in lines) + freight, "BRL")
    cancelled = row.cells["order_status"] in ("canceled", "unavailable")
    paid = approved is not None
    captured = total if paid else Money(0, "BRL")
    state: PaymentWord = "captured" if paid else "pending"
    payment = SourcePayment("payment", "unknown", total, captured, state, approved or placed)
    who = customers.get(row.cells["customer_id"], {})
    units = {line.id: 1 for line in lines}
    at = sent or delivered
    parcels = () if at is None else (
        SourceParcel("parcel", units, at, "delivered" if delivered else "sent", ended_at=delivered),
    )  # fmt: skip
    return SourceOrder(
        source="olist",
        external_id=row.cells["order_id"],
        version=version,
        placed_at=placed,
        lines=lines,
        charges=Money(freight, "BRL"),
        total=total,
        payments=(payment,),
        parcels=parcels,
        customer=Customer(who.get("customer_unique_id", row.cells["customer_id"])),
        promised_at=row.time("order_estimated_delivery_date"),
        cancelled_at=version if cancelled else None,
        cancel_reason=row.cells["order_status"] if cancelled else "",
    )


def _olist_line(item: _Cells, row: int) -> SourceLine:
    price, product = money(item["price"], "BRL", "price", row), item["product_id"]
    return SourceLine(item["order_item_id"], product, "", 1, price, product_id=product)


def _table(path: Path) -> Iterator[_Cells]:
    if not path.is_file():
        raise BadInput(field="file", expected=f"{path.name} beside orders.csv", found="no such file")
    with open_text(path) as source:
        yield from CsvTable(source).good_rows()


def uci_rows(path: Path) -> pl.DataFrame:
    """The invoice lines of the gift shop, with `row` (header = 1).

    Raises:
        BadInput: it is not that table.
    """
    try:
        table = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as broken:
        raise BadInput(field="file", expected="a Parquet table", found=str(broken)[:200]) from None
    wanted = {"InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"}
    if not wanted <= set(table.columns):
        raise BadInput(
            field="file", expected=f"the columns {', '.join(sorted(wanted))}", found=", ".join(table.columns)
        )
    return table.with_row_index("row", offset=2)


@lru_cache(maxsize=4_096)
def london(text: str) -> datetime:
    """`12/1/10 8:26` (month first, London time) as an instant.

    Raises:
        BadInput: it is no such time.
    """
    try:
        return datetime.strptime(text, "%m/%d/%y %H:%M").replace(tzinfo=_LONDON).astimezone(UTC)
    except ValueError:
        raise BadInput(field="InvoiceDate", expected="a time such as 12/1/10 8:26", found=text) from None
