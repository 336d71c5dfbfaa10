"""Customers, the keys they are known by, their orders in brief."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject
from zhanggui.marketing.models.customers import CustomerRecord, Identity, PastOrder
from zhanggui.marketing.store.tables import campaign_members, customer_keys, customer_orders, customers

_CHUNK = 500


class CustomerStore:
    """The merchant's customers."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def owners(self, keys: Sequence[str]) -> dict[str, str]:
        """Which customer each known key belongs to."""
        found: dict[str, str] = {}
        for start in range(0, len(keys), _CHUNK):
            part = keys[start : start + _CHUNK]
            query = self._uow.select(customer_keys).where(customer_keys.c.key.in_(part))
            found |= {row["key"]: row["customer_id"] for row in self._uow.rows(query)}
        return found

    def save(self, record: CustomerRecord, keys: Iterable[str]) -> None:
        """Keep a customer and the keys they are known by. Measures stay, unless they opted out."""
        row: dict[str, object] = {
            "id": record.id,
            "name": record.name,
            "email": record.email,
            "phone": record.phone,
            "place": record.place,
            "tags": list(record.tags),
            "consents": list(record.consents),
            "personalised": record.personalised,
            "created_at": record.created_at,
        }
        if not record.personalised:  # nothing that was computed outlives the switch
            row |= {"measures": {}, "measured_at": None}
        changed = self._uow.update(customers).where(customers.c.id == record.id).values(row)
        if self._uow.change(changed) == 0:
            self._uow.insert(customers, {"measures": {}, "measured_at": None, **row})
        known = [{"key": key, "customer_id": record.id} for key in keys]
        if known:
            self._uow.upsert(customer_keys, known, key=["key"])

    def get(self, customer_id: str) -> CustomerRecord:
        """One customer.

        Raises:
            NotFound: no such customer.
        """
        row = self._uow.row(self._uow.select(customers).where(customers.c.id == customer_id))
        if row is None:
            raise NotFound(f"no customer {customer_id!r}")
        return _record(row)

    def page(self, text: str = "", *, after: str = "", limit: int = 50) -> tuple[CustomerRecord, ...]:
        """Customers by id whose id, name or address holds the text."""
        query = self._uow.select(customers).where(customers.c.id > after, *_holding(text))
        return tuple(_record(row) for row in self._uow.rows(query.order_by(customers.c.id).limit(limit)))

    def everybody(self) -> tuple[CustomerRecord, ...]:
        """All customers by id."""
        return tuple(_record(row) for row in self._uow.rows(self._uow.select(customers).order_by(customers.c.id)))

    def merge(self, kept: str, others: Sequence[str]) -> None:
        """What belongs to the others belongs to `kept`; the others are gone. In a campaign `kept` keeps its own arm."""
        for table in (customer_keys, customer_orders):
            moved = self._uow.update(table).where(table.c.customer_id.in_(others)).values(customer_id=kept)
            self._uow.change(moved)
        self._uow.change(self._uow.delete(campaign_members).where(campaign_members.c.customer_id.in_(others)))
        self._uow.change(self._uow.delete(customers).where(customers.c.id.in_(others)))

    def add_orders(self, owned: Sequence[tuple[str, PastOrder]]) -> None:
        """Keep orders in brief under their customers; an order that is known is written anew."""
        gone = [order.id for _, order in owned if order.void]
        for start in range(0, len(gone), _CHUNK):
            part = gone[start : start + _CHUNK]
            self._uow.change(self._uow.delete(customer_orders).where(customer_orders.c.order_id.in_(part)))
        rows = [
            {
                "order_id": order.id,
                "customer_id": customer_id,
                "at": order.at,
                "total_minor": order.total_minor,
                "currency": order.currency,
                "things": sorted(order.things),
                "prices": [list(line) for line in order.prices],
            }
            for customer_id, order in owned
            if not order.void
        ]
        for start in range(0, len(rows), _CHUNK):
            self._uow.upsert(customer_orders, rows[start : start + _CHUNK], key=["order_id"])

    def orders(self, customer_id: str = "") -> dict[str, list[PastOrder]]:
        """Orders by customer, of one or of all, in time order."""
        query = self._uow.select(customer_orders)
        if customer_id:
            query = query.where(customer_orders.c.customer_id == customer_id)
        found: dict[str, list[PastOrder]] = defaultdict(list)
        for row in self._uow.rows(query.order_by(customer_orders.c.at, customer_orders.c.order_id)):
            found[row["customer_id"]].append(_order(row))
        return dict(found)

    def newest_order(self) -> datetime | None:
        """When the newest known order was placed."""
        return self._uow.scalar(self._uow.select(customer_orders, sa.func.max(customer_orders.c.at)))

    def keep_measures(self, measured: Mapping[str, JsonObject]) -> None:
        """Write what was computed; customers not named lose theirs (they may have opted out)."""
        now = self._uow.clock.now()
        self._uow.change(self._uow.update(customers).values(measures={}, measured_at=None))
        for customer_id, content in measured.items():
            changed = self._uow.update(customers).where(customers.c.id == customer_id)
            self._uow.change(changed.values(measures=content, measured_at=now))

    def keys(self, customer_id: str) -> tuple[str, ...]:
        """The keys a customer is known by."""
        query = self._uow.select(customer_keys).where(customer_keys.c.customer_id == customer_id)
        # Sorted here: SQLite without statistics would read everybody's keys in order instead of this customer's.
        return tuple(sorted(row["key"] for row in self._uow.rows(query)))

    def erase(self, customer_id: str) -> dict[str, int]:
        """Remove everything of a customer; the number of rows by table."""
        removed: dict[str, int] = {}
        for table in (campaign_members, customer_orders, customer_keys):
            gone = self._uow.delete(table).where(table.c.customer_id == customer_id)
            removed[str(table.name)] = self._uow.change(gone)
        removed["customers"] = self._uow.change(self._uow.delete(customers).where(customers.c.id == customer_id))
        return removed


def add_key(uow: UnitOfWork, customer_id: str, key: str) -> None:
    """Somebody is known by one more key from now on, where nobody else is."""
    uow.insert_new(customer_keys, {"key": key, "customer_id": customer_id})


def opted_out(uow: UnitOfWork, ids: Sequence[str]) -> set[str]:
    """Which of these customers refused personalisation."""
    found: set[str] = set()
    for start in range(0, len(ids), _CHUNK):
        part = customers.c.id.in_(ids[start : start + _CHUNK])
        query = uow.select(customers, customers.c.id).where(part, customers.c.personalised.is_(False))
        found |= {row["id"] for row in uow.rows(query)}
    return found


def count_customers(uow: UnitOfWork, text: str = "") -> int:
    """How many customers a search for the text finds."""
    return int(uow.scalar(uow.select(customers, sa.func.count()).where(*_holding(text))) or 0)


def _holding(text: str) -> list[sa.ColumnElement[bool]]:
    if not text:
        return []
    like = f"%{text.lower().replace('%', '').replace('_', '')}%"
    fields = (customers.c.id, customers.c.name, customers.c.email, customers.c.phone)
    return [sa.or_(*(sa.func.lower(field).like(like) for field in fields))]


def _record(row: sa.RowMapping) -> CustomerRecord:
    measures: Any = row["measures"] or {}
    return CustomerRecord(
        id=row["id"],
        name=row["name"],
        email=row["email"],
        phone=row["phone"],
        place=row["place"],
        tags=tuple(row["tags"]),
        consents=tuple(row["consents"]),
        personalised=bool(row["personalised"]),
        created_at=row["created_at"],
        measures=measures,
    )


def _order(row: sa.RowMapping) -> PastOrder:
    return PastOrder(
        id=row["order_id"],
        customer=Identity(row["customer_id"]),
        at=row["at"],
        total_minor=row["total_minor"],
        currency=row["currency"],
        things=frozenset(row["things"]),
        prices=tuple((str(sku), int(count), int(price)) for sku, count, price in row["prices"]),
    )
