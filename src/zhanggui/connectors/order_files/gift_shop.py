"""The UCI gift shop's invoice lines as orders: repeated lines dropped, cancellations tied to the invoice they cancel.

A cancellation (`C...`) names no invoice. It belongs to the latest earlier invoice of the same customer that still has
so many units of the same article at the same price; one that fits none is reported and not guessed at.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from zhanggui.connectors.order_files.lines import ReadOrder
from zhanggui.connectors.order_files.sets import london, uci_rows
from zhanggui.connectors.reading import exact_money
from zhanggui.kernel.commerce import Customer, SourceLine, SourceOrder, SourcePayment, SourceRefund
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import Money

_CURRENCY = "GBP"


@dataclass
class _Invoice:
    number: str
    row: int
    at: datetime
    customer: str
    country: str
    lines: list[SourceLine] = field(default_factory=list[SourceLine])
    left: list[int] = field(default_factory=list[int])
    refunds: list[SourceRefund] = field(default_factory=list[SourceRefund])


def gift_shop_orders(path: Path) -> Iterator[ReadOrder | BadInput]:
    """Every invoice with its cancellations, and every row that is none.

    Raises:
        BadInput: the file is not that table.
    """
    table = uci_rows(path)
    once = table.unique(subset=[name for name in table.columns if name != "row"], keep="first", maintain_order=True)
    if len(once) < len(table):
        for row in table.join(once.select("row"), on="row", how="anti").iter_rows(named=True):
            yield BadInput(
                row=row["row"], field="InvoiceNo", expected="a line once in its invoice", found=row["InvoiceNo"]
            )
    shop = _Shop()
    for row in once.iter_rows(named=True):
        try:
            shop.read(row)
        except BadInput as bad:
            yield BadInput(row=row["row"], field=bad.field, expected=bad.expected, found=bad.found)
    for invoice in shop.invoices.values():
        yield ReadOrder(_order(invoice), invoice.row)


class _Shop:
    """Invoices so far, and where each customer bought what at which price."""

    def __init__(self) -> None:
        self.invoices: dict[str, _Invoice] = {}
        self._bought: dict[tuple[str, str, int], list[tuple[_Invoice, int]]] = defaultdict(list)

    def read(self, row: dict[str, Any]) -> None:
        """Take in one line, in the order of the file.

        Raises:
            BadInput: it is neither a sale nor the cancellation of one.
        """
        number, units = str(row["InvoiceNo"]), int(row["Quantity"])
        price = _price(row["UnitPrice"])
        if price.minor < 0:
            raise BadInput(field="UnitPrice", expected="0 or more", found=str(row["UnitPrice"]))
        who = "" if row["CustomerID"] is None else str(int(row["CustomerID"]))
        at = london(str(row["InvoiceDate"]))
        if number.startswith("C"):
            self._cancel(row, (who, str(row["StockCode"]), price.minor), -units, at)
            return
        if units <= 0:
            raise BadInput(field="Quantity", expected="1 or more units, or an invoice C...", found=str(units))
        made = _Invoice(number, row["row"], at, who, str(row["Country"]))
        invoice = self.invoices.setdefault(number, made)
        invoice.at = max(invoice.at, at)
        code = str(row["StockCode"])
        invoice.lines.append(SourceLine(str(row["row"]), code, str(row["Description"] or ""), units, price))
        invoice.left.append(units)
        self._bought[who, code, price.minor].append((invoice, len(invoice.lines) - 1))

    def _cancel(self, row: dict[str, Any], what: tuple[str, str, int], units: int, at: datetime) -> None:
        for invoice, place in reversed(self._bought.get(what, ())):
            if what[0] and 0 < units <= invoice.left[place]:
                invoice.left[place] -= units
                amount = Money(what[2] * units, _CURRENCY)
                returned = {invoice.lines[place].id: units}
                name = f"{row['InvoiceNo']}-{row['row']}"
                invoice.refunds.append(SourceRefund(name, amount, at, reason="cancellation", units=returned))
                return
        expected = "an earlier invoice of the customer with so many units at this price"
        raise BadInput(field="InvoiceNo", expected=expected, found=f"{row['InvoiceNo']} {what[1]} {units}")


@lru_cache(maxsize=4_096)
def _price(pounds: float) -> Money:
    # Two rows of this set have a third decimal.
    return exact_money(str(Decimal(str(pounds)).quantize(Decimal("0.01"))), _CURRENCY, "UnitPrice")


def _order(invoice: _Invoice) -> SourceOrder:
    total = Money(sum(line.unit_price.minor * line.quantity for line in invoice.lines), _CURRENCY)
    version = max([invoice.at, *(refund.at for refund in invoice.refunds)])
    return SourceOrder(
        source="online-retail-uci",
        external_id=invoice.number,
        version=version,
        placed_at=invoice.at,
        lines=tuple(invoice.lines),
        charges=Money(0, _CURRENCY),
        total=total,
        payments=(SourcePayment("payment", "unknown", total, total, "captured", invoice.at),),
        refunds=tuple(refund for refund in invoice.refunds if refund.amount.minor),
        customer=Customer(invoice.customer) if invoice.customer else None,
        note=invoice.country,
    )
