"""What carriers reported, event by event, each kept once."""

from hashlib import sha256

import orjson

from zhanggui.kernel.commerce import TrackingEvent, TrackingReport
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.orders.store.tables import shipments, tracking_events


class TrackingStore:
    """The merchant's tracking events."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def add(self, report: TrackingReport) -> int:
        """Keep the report's events that are not there yet; how many."""
        new = 0
        for event in report.events:
            digest = sha256(orjson.dumps([event.at, event.status, event.place, event.text, event.raw])).hexdigest()[:32]
            row = {
                "carrier": report.carrier[:64],
                "tracking_number": report.tracking_number[:200],
                "digest": digest,
                "at": event.at,
                "status": str(event.status),
                "reason": str(event.reason),
                "place": event.place,
                "text": event.text,
                "raw": event.raw,
                "received_at": self._uow.clock.now(),
            }
            new += self._uow.insert_new(tracking_events, row)
        return new

    def events(self, tracking_number: str) -> tuple[TrackingEvent, ...]:
        """A parcel's events, oldest first."""
        table = tracking_events.c
        names = ("at", "status", "place", "text", "raw", "reason")
        statement = self._uow.select(tracking_events, *(table[name] for name in names))
        statement = statement.where(table.tracking_number == tracking_number).order_by(table.at, table.digest)
        return tuple(TrackingEvent(**row) for row in self._uow.rows(statement))

    def orders_of(self, tracking_number: str) -> tuple[tuple[str, str], ...]:
        """The (order id, shipment id) that travel under a number."""
        table = shipments.c
        statement = self._uow.select(shipments, table.order_id, table.shipment_id)
        statement = statement.where(table.tracking_number == tracking_number).order_by(table.order_id)
        return tuple((row["order_id"], row["shipment_id"]) for row in self._uow.rows(statement))
