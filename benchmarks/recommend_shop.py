"""A made-up large shop, written straight into the tables: products in tastes, customers with a few tastes each.

What matters to serving is real: sizes of the tables, indexes, how many products a person bought and how unevenly
products sell (Zipf within a taste). Nothing here is measured for quality.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from zhanggui.kernel.storage import Database, MerchantStore, metadata

TASTE = 50
PRODUCTS_A_TASTE = np.array([1 / (at + 2) for at in range(TASTE)])
DAYS = 700
CHUNK = 50_000


@dataclass(frozen=True, slots=True)
class Size:
    """How large the shop is; about 1.2 orders a customer and 1.7 lines an order."""

    products: int = 100_000
    customers: int = 1_000_000

    @property
    def orders(self) -> int:
        """Orders of all customers."""
        return self.customers * 12 // 10


def write_shop(folder: Path, size: Size, seed: int = 0) -> Database:
    """A SQLite database with the merchant `m1`, its shop `s1`, and everything that answers are made from."""
    database = Database(f"sqlite:///{folder / 'large.db'}")
    metadata.create_all(database.engine)
    MerchantStore(database).create("m1", name="Large")
    now = datetime.now(UTC)
    orders, lines = _orders(size, np.random.default_rng(seed), now)
    tables: dict[str, Iterator[dict[str, Any]]] = {
        "products": (_product(at, now) for at in range(size.products)),
        "customers": (_customer(at, now) for at in range(size.customers)),
        "customer_keys": (key for at in range(size.customers) for key in _keys(at)),
        "orders": iter(orders),
        "order_lines": iter(lines),
    }
    for table, rows in tables.items():
        _write(database, table, rows)
    return database


def people(size: Size, count: int, seed: int = 0) -> list[str]:
    """Customers of the shop, drawn by seed, each as `shop:customer`."""
    drawn = random.Random(seed)
    return [f"s1:c{drawn.randrange(size.customers)}" for _ in range(count)]


def _write(database: Database, table: str, rows: Iterator[dict[str, Any]]) -> None:
    with database.engine.begin() as connection:
        while some := list(islice(rows, CHUNK)):
            names = ", ".join(some[0])
            marks = ", ".join("?" * len(some[0]))
            told = [tuple(row.values()) for row in some]
            connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", told)


def _product(at: int, now: datetime) -> dict[str, Any]:
    made = _micros(now - timedelta(days=1 + at % DAYS))
    return {
        "merchant_id": "m1", "id": f"p{at}", "title": f"Product {at} of taste {at // TASTE}", "sku": f"p{at}",
        "brand": f"brand {at % 300}", "category": f"taste {at // TASTE}", "price_minor": 1_000 + at % 9_000,
        "currency": "CNY", "stock": 0 if at % 20 == 7 else 5, "status": "active", "variant_count": 1,
        "created_at": made, "updated_at": made, "created_by": "bench", "last_change": None, "details": "{}",
        "description": "",
    }  # fmt: skip


def _customer(at: int, now: datetime) -> dict[str, Any]:
    return {
        "merchant_id": "m1", "id": f"m{at}", "name": f"Customer {at}", "email": f"c{at}@example.com", "phone": "",
        "place": "", "tags": "[]", "consents": "[]", "personalised": at % 50 != 0,
        "created_at": _micros(now - timedelta(days=at % DAYS)), "measures": "{}", "measured_at": None,
    }  # fmt: skip


def _keys(at: int) -> Iterator[dict[str, Any]]:
    for key in (f"id:s1:c{at}", f"email:c{at}@example.com"):
        yield {"merchant_id": "m1", "key": key, "customer_id": f"m{at}"}


def _orders(
    size: Size, drawn: np.random.Generator, now: datetime
) -> tuple[Iterator[dict[str, Any]], Iterator[dict[str, Any]]]:
    """Heads and lines: a few customers order often, each from two tastes."""
    who = (size.customers * drawn.random(size.orders) ** 1.5).astype(np.int64)
    who = (who * 7_919) % size.customers  # who orders often stands anywhere in the tables
    ago = drawn.random(size.orders) * DAYS * 86_400
    many = np.minimum(drawn.geometric(0.6, size.orders), 10)
    order = np.repeat(np.arange(size.orders), many)
    tastes = size.products // TASTE
    first = (who * 104_729) % tastes
    taste = np.where(drawn.random(len(order)) < 0.6, first[order], (first[order] * 31 + 7) % tastes)
    chance = PRODUCTS_A_TASTE / PRODUCTS_A_TASTE.sum()
    product = taste * TASTE + drawn.choice(TASTE, size=len(order), p=chance)
    place = np.arange(len(order)) - np.repeat(np.cumsum(many) - many, many)
    placed = [_micros(now - timedelta(seconds=60 + float(seconds))) for seconds in ago]
    heads = (_head(at, int(who[at]), placed[at], int(many[at])) for at in range(size.orders))
    return heads, _lines(order.tolist(), place.tolist(), product.tolist())


def _head(at: int, customer: int, placed: int, units: int) -> dict[str, Any]:
    return {
        "merchant_id": "m1", "id": f"s1:{at}", "shop_id": "s1", "number": str(at), "state": "completed",
        "payment_state": "paid", "delivery_state": "delivered", "decision": "", "placed_at": placed,
        "updated_at": placed, "promised_at": None, "currency": "CNY", "total_minor": 1_000 * units,
        "captured_minor": 1_000 * units, "refunded_minor": 0, "units": units, "customer_id": f"c{customer}",
        "customer_name": f"Customer {customer}", "customer_email": f"c{customer}@example.com", "source": "bench",
        "created_by": "bench", "last_change": "", "changed_at": placed,
    }  # fmt: skip


def _lines(order: Sequence[int], place: Sequence[int], product: Sequence[int]) -> Iterator[dict[str, Any]]:
    for head, line, item in zip(order, place, product, strict=True):
        yield {
            "merchant_id": "m1", "order_id": f"s1:{head}", "line_id": str(line), "sku": f"p{item}", "title": "",
            "quantity": 1, "cancelled": 0, "price_minor": 1_000,
        }  # fmt: skip


def _micros(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)
