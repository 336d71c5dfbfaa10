"""Open any file of orders: unpack, decode, recognise the format. What the doors hand to the importer."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from zhanggui.connectors.generic_table.json_rows import json_rows, looks_like_json
from zhanggui.connectors.order_files.gift_shop import gift_shop_orders
from zhanggui.connectors.order_files.lines import FileSense, ReadOrder, grouped
from zhanggui.connectors.order_files.mapping import OrderColumns, guess_columns
from zhanggui.connectors.order_files.sets import eland_orders, olist_orders, tau2_orders
from zhanggui.connectors.tabular import CsvTable, Limits, TextFile, open_text
from zhanggui.kernel.errors import BadInput

ORDER_FORMATS = (
    "auto", "shopify-orders", "woocommerce-orders", "order-table", "olist", "eland", "tau2", "online-retail-uci",
)  # fmt: skip
_TABLES = ("shopify-orders", "woocommerce-orders", "order-table")
_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class OrderFileFacts:
    """What a file of orders is."""

    encoding: str
    packing: str
    rows: int
    columns: Mapping[str, str]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenOrders:
    """A decoded file with its format: what the importer takes."""

    format: str
    name: str
    encoding: str
    packing: str
    columns: Mapping[str, str]
    warnings: tuple[str, ...]
    reader: Callable[[], Iterator[ReadOrder | BadInput]]

    def facts(self) -> OrderFileFacts:
        """What the file is; `rows` counts orders and bad rows. Reads it once."""
        rows = sum(1 for _ in self.reader())
        return OrderFileFacts(self.encoding, self.packing, rows, self.columns, self.warnings)

    def read(self) -> Iterator[ReadOrder | BadInput]:
        """Every order, and every row that cannot be read."""
        return self.reader()


@contextmanager
def open_orders(
    path: Path,
    currency: str,
    *,
    name: str | None = None,
    kind: str = "auto",
    mapping: OrderColumns | None = None,
    limits: Limits | None = None,
) -> Generator[OpenOrders]:
    """A file of orders ready to import; temporary copies are gone afterwards.

    Args:
        path: the file as it came; for `olist` its `orders.csv` or the folder.
        currency: of amounts that name none.
        name: the file's name at the sender's.
        kind: a name of `ORDER_FORMATS`; `auto` recognises it.
        mapping: for a table; None guesses.
        limits: of size and ratio.

    Raises:
        BadInput: not text, an unknown format, or columns that orders cannot be made from.
    """
    if kind not in ORDER_FORMATS:
        raise BadInput(field="format", expected=f"one of {', '.join(ORDER_FORMATS)}", found=kind)
    shown = name or path.name
    if path.is_dir():
        path = path / "orders.csv"
    if not path.is_file():
        raise BadInput(field="file", expected="a file", found=shown)
    if kind == "online-retail-uci" or (kind == "auto" and is_parquet(path)):
        yield OpenOrders("online-retail-uci", shown, "parquet", "", {}, (), lambda: gift_shop_orders(path))
        return
    with open_text(path, name=shown, limits=limits) as source:
        chosen = recognise_orders(source) if kind == "auto" and mapping is None else kind
        yield _opened(path, source, "order-table" if chosen == "auto" else chosen, currency, mapping)


def _opened(path: Path, source: TextFile, kind: str, currency: str, mapping: OrderColumns | None) -> OpenOrders:
    columns: Mapping[str, str] = {}
    warnings: tuple[str, ...] = ()
    if kind in _TABLES:
        present = _columns(source)
        chosen = mapping or guess_columns(present, currency)
        chosen.check(present)
        columns = {column: chosen.columns.get(column, "") for column in present}
        warnings = _warnings(chosen)
        sense = FileSense("file" if kind == "order-table" else kind.partition("-")[0], chosen.currency)

        def table() -> Iterator[ReadOrder | BadInput]:
            rows = json_rows(source) if looks_like_json(source) else CsvTable(source).rows()
            return grouped(rows, chosen.columns, sense)

        reader = table
    elif kind == "olist":
        warnings = ("times name no zone: they are taken as UTC",)
        reader = lambda: olist_orders(path.parent, source)  # noqa: E731 - one of four readers, each without arguments
    elif kind == "eland":
        reader = lambda: eland_orders(source)  # noqa: E731 - as above
    else:
        warnings = ("the shop file has no times: every order is dated 2024-05-15 20:00 UTC",)
        reader = lambda: tau2_orders(source)  # noqa: E731 - as above
    return OpenOrders(kind, source.name, source.encoding, source.packing, columns, warnings, reader)


def _columns(source: TextFile) -> list[str]:
    if not looks_like_json(source):
        return CsvTable(source).columns
    first = next((row for row in json_rows(source) if not isinstance(row, BadInput)), None)
    if first is None:
        raise BadInput(field="file", expected="JSON objects", found="none")
    return list(first[1])


def _warnings(chosen: OrderColumns) -> tuple[str, ...]:
    targets = set(chosen.columns.values())
    found = ["times without a zone are taken as UTC"]
    if not targets & {"payment_status", "paid_at", "status"}:
        found.append("no column tells what was paid: every order comes in unpaid")
    if "currency" not in targets:
        found.append(f"no column tells the currency: amounts are taken as {chosen.currency}")
    return tuple(found)


def is_parquet(path: Path) -> bool:
    """Whether the file begins as Parquet does."""
    with path.open("rb") as stream:
        return stream.read(4) == b"PAR1"


def recognise_orders(source: TextFile) -> str:
    """The format that a text file of orders speaks of; `order-table` for any other table."""
    if looks_like_json(source):
        with source.path.open(encoding="utf-8") as stream:
            head = stream.read(_HEAD)
        if '"taxful_total_price"' in head:
            return "eland"
        return "tau2" if '"products"' in head and '"variants"' in head else "order-table"
    columns = set(CsvTable(source).columns)
    if {"Lineitem quantity", "Name"} <= columns:
        return "shopify-orders"
    if {"Item Cost", "Order Status"} <= columns:
        return "woocommerce-orders"
    return "olist" if "order_purchase_timestamp" in columns else "order-table"
