"""What people did in the shop, kept once each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from zhanggui.kernel.storage import UnitOfWork
from zhanggui.marketing.models.events import Event, StoredEvent
from zhanggui.marketing.store.tables import customer_events, customer_keys

_CHUNK = 500


class EventStore:
    """The merchant's events."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def known(self, ids: Sequence[str]) -> set[str]:
        """Which of these ids are there already."""
        found: set[str] = set()
        for start in range(0, len(ids), _CHUNK):
            wanted = self._uow.select(customer_events, customer_events.c.id)
            part = wanted.where(customer_events.c.id.in_(ids[start : start + _CHUNK]))
            found |= {row["id"] for row in self._uow.rows(part)}
        return found

    def add(self, events: Iterable[Event], things: Mapping[str, frozenset[str]], source: str) -> int:
        """Keep events that are new; how many were."""
        now, added = self._uow.clock.now(), 0
        for one in events:
            row = {
                "id": one.id, "kind": one.kind, "at": one.at, "who": one.who, "product_id": one.product_id,
                "query": one.query, "things": sorted(things.get(one.product_id, ())), "source": source,
                "received_at": now,
            }  # fmt: skip
            added += self._uow.insert_new(customer_events, row)
        return added

    def of(self, keys: Sequence[str], *, since: datetime | None = None, limit: int = 1_000) -> list[StoredEvent]:
        """The newest events of one person, by all of their keys, newest first."""
        wanted = self._uow.select(customer_events).where(customer_events.c.who.in_(list(keys)))
        if since is not None:
            wanted = wanted.where(customer_events.c.at >= since)
        newest = wanted.order_by(customer_events.c.at.desc(), customer_events.c.id).limit(limit)
        return [_event(row) for row in self._uow.rows(newest)]

    def by_customer(self, since: datetime) -> dict[str, list[StoredEvent]]:
        """Events since a moment of everybody who is known by name, by customer, in time order."""
        keys = customer_keys
        same = (keys.c.merchant_id == customer_events.c.merchant_id) & (keys.c.key == customer_events.c.who)
        columns = [*customer_events.c, keys.c.customer_id.label("owner")]
        wanted = self._uow.select(customer_events, *columns).join(keys, same).where(customer_events.c.at >= since)
        found: dict[str, list[StoredEvent]] = defaultdict(list)
        for row in self._uow.rows(wanted.order_by(customer_events.c.at, customer_events.c.id)):
            found[row["owner"]].append(_event(row))
        return dict(found)

    def count(self, who: str, since: datetime) -> int:
        """How many events came from somebody since a moment."""
        counted = self._uow.select(customer_events, sa.func.count()).where(
            customer_events.c.who == who, customer_events.c.received_at >= since
        )
        return int(self._uow.scalar(counted) or 0)

    def forget(self, keys: Sequence[str]) -> int:
        """Delete everything that was kept under these keys."""
        return self._uow.change(self._uow.delete(customer_events).where(customer_events.c.who.in_(list(keys))))


def _event(row: sa.RowMapping) -> StoredEvent:
    return StoredEvent(
        row["id"], row["kind"], row["at"], row["who"], row["product_id"], row["query"], frozenset(row["things"])
    )
