"""Orders as a shop might tell them, version after version."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from hypothesis import strategies as st

from zhanggui.kernel.commerce import (
    SourceLine,
    SourceNews,
    SourceOrder,
    SourceParcel,
    SourcePart,
    SourcePayment,
    SourceRefund,
)
from zhanggui.kernel.storage import UnitOfWork, metadata
from zhanggui.kernel.types import Money
from zhanggui.orders.store import tables

START = datetime(2025, 12, 1, 8, tzinfo=UTC)
WRITTEN = (
    "orders", "order_sources", "order_parts", "order_lines", "payments", "fulfilments", "shipments", "returns",
    "refunds", "order_events",
)  # fmt: skip


def yuan(minor: int) -> Money:
    return Money(minor, "CNY")


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def make_order(name: str = "1001", version: float = 0, **more: Any) -> SourceOrder:
    """Two lines, 250.00 in all with freight, not paid."""
    lines = (SourceLine("a", "SKU-A", "茶杯", 2, yuan(10_000)), SourceLine("b", "SKU-B", "Bowl", 1, yuan(4_000)))
    base = SourceOrder("shopify", name, at(version), START, lines, yuan(1_000), yuan(25_000), number=f"#{name}")
    return replace(base, **more)


def paid(minor: int = 25_000, hours: float = 1) -> SourcePayment:
    return SourcePayment("pay", "card", yuan(25_000), yuan(minor), "captured", at(hours))


def sent(name: str = "p1", units: dict[str, int] | None = None, state: Any = "sent", hours: float = 2) -> SourceParcel:
    ended = at(hours + 20) if state != "sent" else None
    return SourceParcel(name, units or {"a": 2, "b": 1}, at(hours), state, "SF", f"SF-{name}", ended_at=ended)


def history(name: str = "1001") -> list[SourceNews]:
    """An order's life as a shop would tell it: whole tellings and parts, oldest first."""
    first = make_order(name, 0)
    half = sent("p1", {"a": 2})
    refund = SourceRefund("r1", yuan(10_000), at(40), "pay", "broken", units={"a": 1})
    return [
        first,
        replace(first, version=at(1), payments=(paid(),)),
        SourcePart("shopify", name, at(2), parcel=half),
        replace(first, version=at(3), payments=(paid(),), parcels=(half,)),
        SourcePart("shopify", name, at(4), parcel=sent("p2", {"b": 1}, hours=4)),
        SourcePart("shopify", name, at(30), parcel=sent("p1", {"a": 2}, "delivered")),
        SourcePart("shopify", name, at(40), refund=refund),
        replace(
            first,
            version=at(40),
            payments=(paid(),),
            parcels=(sent("p1", {"a": 2}, "delivered"), sent("p2", {"b": 1}, hours=4)),
        ),
    ]


@st.composite
def shuffled(draw: st.DrawFn, news: list[SourceNews]) -> list[SourceNews]:
    """Every piece of news at least once, some again, in any order."""
    again = draw(st.lists(st.sampled_from(news), max_size=6))
    return draw(st.permutations([*news, *again]))


def state(uow: UnitOfWork, shop_id: str) -> dict[str, list[str]]:
    """Everything that is kept of a shop's orders, but for when and by whom it was written."""
    found: dict[str, list[str]] = {}
    for name in WRITTEN:
        table = metadata.tables[name]
        column = table.c.id if name == "orders" else table.c.order_id
        rows = uow.rows(uow.select(table).where(column.like(f"{shop_id}:%")))
        kept = [
            {str(k): v for k, v in row.items() if k not in ("changed_at", "created_by", "last_change")} for row in rows
        ]
        found[name] = sorted(orjson.dumps(row, default=str).decode().replace(f"{shop_id}:", "*:") for row in kept)
    assert tables.orders.name == "orders"
    found["orders"] = [row.replace(f'"shop_id":"{shop_id}"', "") for row in found["orders"]]
    return found
