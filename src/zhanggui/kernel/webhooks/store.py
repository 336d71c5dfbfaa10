"""Where webhooks go, and what is to be told to each address."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.storage import UnitOfWork, UtcDateTime, merchant_table
from zhanggui.kernel.types import Page
from zhanggui.kernel.webhooks.models import Endpoint, OutMessage

webhook_endpoints = merchant_table(
    "webhook_endpoints",
    sa.Column("id", sa.String(40), nullable=False),
    sa.Column("url", sa.String(1000), nullable=False),
    sa.Column("events", sa.JSON, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    # The number of the last row of the audit trail that was looked at for this address.
    sa.Column("seen", sa.BigInteger, nullable=False),
)

webhook_messages = merchant_table(
    "webhook_messages",
    sa.Column("id", sa.String(40), nullable=False),
    sa.Column("endpoint_id", sa.String(40), nullable=False),
    sa.Column("event", sa.String(128), nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", UtcDateTime, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("problem", sa.Text, nullable=False),
    sa.Index("ix_webhook_messages_merchant_id_state", "merchant_id", "state", "next_at"),
)

_COLUMNS = ("id", "url", "events", "enabled", "created_at")


class EndpointStore:
    """The merchant's addresses."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def add(self, endpoint: Endpoint, sealed: str, *, seen: int) -> None:
        """Keep a new address; it is told of what comes after the audit row `seen`."""
        self._uow.insert(
            webhook_endpoints, {**asdict(endpoint), "events": [*endpoint.events], "secret": sealed, "seen": seen}
        )

    def all(self) -> tuple[Endpoint, ...]:
        """Every address, the oldest first."""
        return tuple(_endpoint(row) for row in self._rows())

    def get(self, endpoint_id: str) -> tuple[Endpoint, str]:
        """One address with its sealed secret.

        Raises:
            NotFound: there is none of this id.
        """
        row = self._uow.row(self._uow.select(webhook_endpoints).where(webhook_endpoints.c.id == endpoint_id))
        if row is None:
            raise NotFound(f"no webhook endpoint {endpoint_id!r}")
        return _endpoint(row), str(row["secret"])

    def behind(self) -> list[tuple[Endpoint, int]]:
        """The enabled addresses, each with the last audit row that was looked at for it; locked."""
        return [(_endpoint(row), int(row["seen"])) for row in self._rows(lock=True) if row["enabled"]]

    def change(self, endpoint_id: str, **values: Any) -> None:
        """Overwrite some columns."""
        self._uow.change(
            self._uow.update(webhook_endpoints).where(webhook_endpoints.c.id == endpoint_id).values(values)
        )

    def drop(self, endpoint_id: str) -> None:
        """Forget an address and all that was to be told to it."""
        self._uow.change(self._uow.delete(webhook_messages).where(webhook_messages.c.endpoint_id == endpoint_id))
        self._uow.change(self._uow.delete(webhook_endpoints).where(webhook_endpoints.c.id == endpoint_id))

    def _rows(self, *, lock: bool = False) -> Sequence[sa.RowMapping]:
        wanted = self._uow.select(webhook_endpoints).order_by(webhook_endpoints.c.created_at, webhook_endpoints.c.id)
        return self._uow.rows(wanted.with_for_update() if lock else wanted)


class OutMessageStore:
    """What is told, was told, or could not be."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def add(self, messages: Sequence[OutMessage]) -> None:
        """Put messages in."""
        self._uow.insert(webhook_messages, [asdict(one) for one in messages])

    def get(self, message_id: str) -> OutMessage:
        """One message.

        Raises:
            NotFound: there is none of this id.
        """
        row = self._uow.row(self._uow.select(webhook_messages).where(webhook_messages.c.id == message_id))
        if row is None:
            raise NotFound(f"no webhook message {message_id!r}")
        return _message(row)

    def due(self, now: datetime, *, limit: int) -> list[str]:
        """Ids of what may be sent now, the longest waiting first."""
        table = webhook_messages.c
        wanted = self._uow.select(webhook_messages, table.id).where(table.state == "waiting", table.next_at <= now)
        return [row["id"] for row in self._uow.rows(wanted.order_by(table.next_at, table.id).limit(limit))]

    def change(self, message_id: str, **values: Any) -> None:
        """Overwrite some columns."""
        self._uow.change(self._uow.update(webhook_messages).where(webhook_messages.c.id == message_id).values(values))

    def page(self, *, state: str = "", cursor: str | None = None, limit: int = 50) -> Page[OutMessage]:
        """A page of messages, the newest first (ids sort by time); `retrying`: those that wait because they failed."""
        table, uow = webhook_messages.c, self._uow
        wanted = uow.select(webhook_messages)
        if state == "retrying":
            wanted = wanted.where(table.state == "waiting", table.problem != "")
        elif state:
            wanted = wanted.where(table.state == state)
        total = uow.scalar(sa.select(sa.func.count()).select_from(wanted.subquery()))
        if cursor:
            wanted = wanted.where(table.id < cursor)
        found = [_message(row) for row in uow.rows(wanted.order_by(table.id.desc()).limit(limit + 1))]
        return Page(tuple(found[:limit]), int(total), found[limit - 1].id if len(found) > limit else None)

    def counts(self) -> dict[str, int]:
        """How many are in each state."""
        table = webhook_messages.c
        wanted = self._uow.select(webhook_messages, table.state, sa.func.count().label("number")).group_by(table.state)
        found = {row["state"]: int(row["number"]) for row in self._uow.rows(wanted)}
        again = self._uow.select(webhook_messages, table.id).where(table.state == "waiting", table.problem != "")
        number = int(self._uow.scalar(sa.select(sa.func.count()).select_from(again.subquery())))
        return found | ({"retrying": number} if number else {})

    def revive(self, endpoint_ids: Sequence[str], now: datetime) -> int:
        """Put in again, as new, what failed for these addresses; how many."""
        table = webhook_messages.c
        failed = sa.or_(table.state == "failed", sa.and_(table.state == "waiting", table.problem != ""))
        wanted = self._uow.update(webhook_messages).where(table.endpoint_id.in_(endpoint_ids), failed)
        return self._uow.change(wanted.values(state="waiting", attempts=0, next_at=now))

    def last(self, endpoint_id: str) -> OutMessage | None:
        """The newest message of an address that was sent at least once."""
        table = webhook_messages.c
        wanted = self._uow.select(webhook_messages).where(table.endpoint_id == endpoint_id, table.attempts > 0)
        row = self._uow.row(wanted.order_by(table.id.desc()).limit(1))
        return None if row is None else _message(row)

    def forget(self, before: datetime) -> int:
        """Drop what was told (or given up) before then; how many."""
        table = webhook_messages.c
        return self._uow.change(self._uow.delete(webhook_messages).where(table.state != "waiting", table.at < before))


def _endpoint(row: sa.RowMapping) -> Endpoint:
    return Endpoint(**{name: row[name] for name in _COLUMNS if name != "events"}, events=tuple(row["events"]))


def _message(row: sa.RowMapping) -> OutMessage:
    return OutMessage(**{name: value for name, value in row.items() if name != "merchant_id"})
