"""Hand-overs and promises. A conversation has at most one open hand-over: an index sees to it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.storage import UnitOfWork, UtcDateTime, merchant_table
from zhanggui.kernel.types import JsonObject, new_id
from zhanggui.support.models.conversation import OPEN_STATES, Handover, HandState, Promise

_OPEN = sa.text("ended_at IS NULL")
_MOST = 500

chat_handovers = merchant_table(
    "chat_handovers",
    sa.Column("id", sa.String(40), nullable=False),
    sa.Column("conversation_id", sa.String(40), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("asked_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("waiting_at", UtcDateTime),
    sa.Column("taken_at", UtcDateTime),
    sa.Column("taken_by", sa.String(80), nullable=False),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("reminded_at", UtcDateTime),
    sa.Column("summary", sa.JSON, nullable=False),
    sa.Index(
        "uq_chat_handovers_open", "merchant_id", "conversation_id", unique=True,
        sqlite_where=_OPEN, postgresql_where=_OPEN,
    ),
    sa.Index("ix_chat_handovers_merchant_id_state", "merchant_id", "state", "asked_at"),
)  # fmt: skip

chat_promises = merchant_table(
    "chat_promises",
    sa.Column("conversation_id", sa.String(40), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("reference", sa.String(80), nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("kept", sa.Boolean),
    sa.Index("ix_chat_promises_merchant_id_kept", "merchant_id", "kept", "made_at"),
    key=("conversation_id", "kind", "reference"),
)


class HandoverStore:
    """The merchant's hand-overs."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def add(
        self, conversation_id: str, state: HandState, reason: str, *, urgent: bool, summary: JsonObject
    ) -> Handover:
        """Begin one. The caller holds the conversation's lock and saw that none is open."""
        now, name = self._uow.clock.now(), new_id("hnd")
        row = {
            "id": name, "conversation_id": conversation_id, "state": str(state), "reason": reason, "urgent": urgent,
            "asked_at": now, "changed_at": now, "waiting_at": now if state is HandState.WAITING else None,
            "taken_by": "", "summary": summary,
        }  # fmt: skip
        self._uow.insert(chat_handovers, row)
        return self.get(name)

    def get(self, handover_id: str) -> Handover:
        """One hand-over.

        Raises:
            NotFound: there is none of this id.
        """
        row = self._uow.row(self._uow.select(chat_handovers).where(chat_handovers.c.id == handover_id))
        if row is None:
            raise NotFound(f"no hand-over {handover_id!r}")
        return _handover(row)

    def open_of(self, conversation_id: str) -> Handover | None:
        """The open hand-over of a conversation."""
        table = chat_handovers.c
        wanted = self._uow.select(chat_handovers)
        row = self._uow.row(wanted.where(table.conversation_id == conversation_id, table.ended_at.is_(None)))
        return None if row is None else _handover(row)

    def of_conversation(self, conversation_id: str) -> list[Handover]:
        """Every hand-over of a conversation, oldest first."""
        table = chat_handovers.c
        wanted = self._uow.select(chat_handovers).where(table.conversation_id == conversation_id)
        return [_handover(row) for row in self._uow.rows(wanted.order_by(table.asked_at, table.id))]

    def change(self, handover_id: str, **values: Any) -> None:
        """Set columns of a hand-over."""
        now = self._uow.clock.now()
        statement = self._uow.update(chat_handovers).where(chat_handovers.c.id == handover_id)
        self._uow.change(statement.values(changed_at=now, **values))

    def inbox(self, states: Iterable[HandState] = OPEN_STATES, *, limit: int = _MOST) -> list[Handover]:
        """Hand-overs in these states: urgent ones first, then the oldest promise."""
        table = chat_handovers.c
        wanted = self._uow.select(chat_handovers).where(table.state.in_([str(state) for state in states]))
        ordered = wanted.order_by(table.urgent.desc(), table.asked_at, table.id)
        return [_handover(row) for row in self._uow.rows(ordered.limit(limit))]

    def overdue(self, before: datetime) -> list[Handover]:
        """Those that have waited since before this instant and whose customer was not told so yet."""
        table = chat_handovers.c
        wanted = self._uow.select(chat_handovers).where(
            table.state == str(HandState.WAITING), table.waiting_at < before, table.reminded_at.is_(None)
        )
        return [_handover(row) for row in self._uow.rows(wanted.order_by(table.waiting_at).limit(_MOST))]


class PromiseStore:
    """What was promised to customers."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def add(self, conversation_id: str, kind: Literal["proposal", "person"], reference: str) -> bool:
        """Remember a promise; False where it stands already."""
        row = {
            "conversation_id": conversation_id, "kind": kind, "reference": reference,
            "made_at": self._uow.clock.now(), "kept": None,
        }  # fmt: skip
        return self._uow.insert_new(chat_promises, row)

    def settle(self, kind: str, reference: str, *, kept: bool) -> None:
        """Record whether it was kept; a first verdict stands."""
        table = chat_promises.c
        statement = self._uow.update(chat_promises).where(
            table.kind == kind, table.reference == reference, table.kept.is_(None)
        )
        self._uow.change(statement.values(kept=kept))

    def open(self, *, limit: int = 5_000) -> list[Promise]:
        """Promises that are neither kept nor broken, oldest first."""
        table = chat_promises.c
        wanted = self._uow.select(chat_promises).where(table.kept.is_(None))
        return [_promise(row) for row in self._uow.rows(wanted.order_by(table.made_at).limit(limit))]

    def of(self, conversation_ids: Sequence[str]) -> dict[str, list[Promise]]:
        """The promises of conversations."""
        table, found = chat_promises.c, dict[str, list[Promise]]()
        for start in range(0, len(conversation_ids), _MOST):
            some = conversation_ids[start : start + _MOST]
            wanted = self._uow.select(chat_promises).where(table.conversation_id.in_(some))
            for row in self._uow.rows(wanted.order_by(table.made_at)):
                promise = _promise(row)
                found.setdefault(promise.conversation_id, []).append(promise)
        return found


def _handover(row: sa.RowMapping) -> Handover:
    values: dict[str, Any] = {name: row[name] for name in Handover.__slots__}
    values["state"] = HandState(values["state"])
    return Handover(**values)


def _promise(row: sa.RowMapping) -> Promise:
    return Promise(**{name: row[name] for name in Promise.__slots__})
