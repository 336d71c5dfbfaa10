"""A shop of our own on a real database, for what the desk does with orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from zhanggui.desk import Desk, Draft, Kinds, Proposal
from zhanggui.kernel.clock import FixedClock
from zhanggui.kernel.commerce import (
    Address,
    Customer,
    SourceLine,
    SourceOrder,
    SourceParcel,
    SourcePayment,
)
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, Money
from zhanggui.orders.proposals import OrderKind, order_kinds
from zhanggui.orders.service.dossiers import Dossiers
from zhanggui.orders.service.intake import Origin, take

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
HOME = Address("CN", "浙江", "杭州", "西湖区", "文三路 90 号", "310012", "李雷", "13800138000")
ORIGIN = Origin("shop", "test")


@dataclass
class Shelf:
    """Stock that a test sets; None is a shop that counts nothing."""

    units: dict[str, int] | None = field(default_factory=lambda: {"MUG": 10, "LAMP": 10})

    def free(self, uow: UnitOfWork, skus: Sequence[str]) -> Mapping[str, int] | None:
        return None if self.units is None else {sku: self.units.get(sku, 0) for sku in skus}


def cny(minor: int) -> Money:
    return Money(minor, "CNY")


def order(number: str = "A1", *, paid: bool = True, method: str = "alipay", **changed: Any) -> SourceOrder:
    """Two mugs at 10.00 and a lamp at 80.00, freight 8.00; placed two hours ago."""
    placed = NOW - timedelta(hours=2)
    lines = (SourceLine("1", "MUG", "Mug", 2, cny(1000)), SourceLine("2", "LAMP", "Lamp", 1, cny(8000)))
    taken = cny(10800) if paid else cny(0)
    payment = SourcePayment("p1", method, cny(10800), taken, "captured" if paid else "pending", placed)
    made = SourceOrder(
        "file", number, placed, placed, lines, cny(800), cny(10800), number=number, payments=(payment,),
        customer=Customer("c1", "李雷", "lilei@example.com", "13800138000"), shipping_address=HOME,
    )  # fmt: skip
    return replace(made, **changed)


def sent(state: str = "delivered", *, days: int = 2, **changed: Any) -> SourceParcel:
    """A parcel with everything in it, sent three days before it ended."""
    ended = NOW - timedelta(days=days)
    made = SourceParcel("S1", {"1": 2, "2": 1}, ended - timedelta(days=3), state, "yunque", "YQ1", "main", ended)
    return replace(made, **changed)


def delivered_order(number: str = "A1", *, days: int = 2) -> SourceOrder:
    placed = NOW - timedelta(days=days + 4)
    payment = SourcePayment("p1", "alipay", cny(10800), cny(10800), "captured", placed)
    return order(number, placed_at=placed, payments=(payment,), parcels=(sent(days=days),))


def put(uow: UnitOfWork, *orders: SourceOrder) -> list[str]:
    """Take orders in; their ids."""
    taken = take(uow, orders, ORIGIN)
    assert all(one.problem is None for one in taken), taken
    return [one.order_id for one in taken]


@dataclass
class House:
    """The desk with every kind about orders, and what stands behind it."""

    shelf: Shelf
    dossiers: Dossiers
    kinds: dict[str, OrderKind]
    desk: Desk

    def propose(self, uow: UnitOfWork, kind: str, payload: JsonObject) -> Proposal:
        checks = self.kinds[kind].check(uow, payload)
        draft = Draft(
            kind, str(payload["order_id"]), kind, payload, self.kinds[kind].evidence(uow, payload), checks, 0.9
        )
        made = self.desk.propose(uow, draft)
        assert made is not None
        return made

    def do(self, uow: UnitOfWork, kind: str, payload: JsonObject) -> Proposal:
        """Propose, approve, apply."""
        made = self.propose(uow, kind, payload)
        self.desk.approve(uow, made.id)
        return self.desk.apply(uow, made.id)


def house(*, policy: str = "cn-default") -> House:
    shelf = Shelf()
    dossiers = Dossiers(stock=shelf, policy=policy)
    kinds = Kinds()
    made = order_kinds(dossiers)
    for kind in made:
        kinds.register(kind)
    return House(shelf, dossiers, {kind.name: kind for kind in made}, Desk(kinds))


__all__ = [
    "HOME", "NOW", "ORIGIN", "FixedClock", "House", "Shelf", "cny", "delivered_order", "house", "order", "put", "sent",
]  # fmt: skip
