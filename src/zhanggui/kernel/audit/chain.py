"""The chain: each row's hash covers its content and the hash before it, so an edited or missing row shows.

The head (length and last hash) is kept in a row of its own, which also serialises writers; a truncated tail shows too.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
import sqlalchemy as sa

from zhanggui.kernel.storage import UnitOfWork, UtcDateTime, merchant_table
from zhanggui.kernel.types import JsonObject, Page

audit_rows = merchant_table(
    "audit_rows",
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.String(128), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index("ix_audit_rows_subject", "merchant_id", "subject"),
    key=("seq",),
)

audit_heads = merchant_table(
    "audit_heads",
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    key=(),
)

_GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One recorded action. `previous` and `hash` are SHA-256 in hexadecimal."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: JsonObject
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditProblem:
    """A place where the chain is broken."""

    seq: int
    reason: str


def row_hash(merchant_id: str, row: AuditRow) -> str:
    """SHA-256 over the row's content and the hash before it."""
    content = [merchant_id, row.seq, row.at.isoformat(), row.actor, row.action, row.subject, row.detail, row.previous]
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


class AuditLog:
    """The merchant's audit chain within a unit of work."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def record(self, action: str, subject: str, detail: JsonObject | None = None) -> None:
        """Append one action, in the caller's transaction."""
        self.record_many([(action, subject, detail or {})])

    def record_many(self, actions: Sequence[tuple[str, str, JsonObject]]) -> None:
        """Append actions (action, subject, detail) in order, in the caller's transaction."""
        if not actions:
            return
        uow = self._uow
        seq, previous = self._lock_head()
        rows: list[dict[str, object]] = []
        for action, subject, detail in actions:
            # What is hashed is what will be read back: through JSON once.
            stored: JsonObject = orjson.loads(orjson.dumps(detail))
            seq += 1
            draft = AuditRow(seq, uow.clock.now(), str(uow.actor), action, subject, stored, previous, "")
            previous = row_hash(uow.merchant_id, draft)
            rows.append(
                {
                    "seq": seq,
                    "at": draft.at,
                    "actor": draft.actor,
                    "action": action,
                    "subject": subject,
                    "detail": stored,
                    "previous": draft.previous,
                    "hash": previous,
                }
            )
        uow.insert(audit_rows, rows)
        uow.change(uow.update(audit_heads).values(seq=seq, hash=previous))

    def read(self, *, subject: str | None = None, limit: int = 50, before: int | None = None) -> Page[AuditRow]:
        """Newest first; `before` is the cursor (a seq) of the page wanted."""
        uow, table = self._uow, audit_rows
        matches = uow.select(table)
        if subject:
            matches = matches.where(table.c.subject == subject)
        total = uow.scalar(sa.select(sa.func.count()).select_from(matches.subquery()))
        if before is not None:
            matches = matches.where(table.c.seq < before)
        found = [_to_row(row) for row in uow.rows(matches.order_by(table.c.seq.desc()).limit(limit + 1))]
        more = len(found) > limit
        return Page(tuple(found[:limit]), int(total), str(found[limit - 1].seq) if more else None)

    def after(self, seq: int, *, limit: int) -> list[AuditRow]:
        """The rows after number `seq`, oldest first."""
        wanted = self._uow.select(audit_rows).where(audit_rows.c.seq > seq).order_by(audit_rows.c.seq).limit(limit)
        return [_to_row(row) for row in self._uow.rows(wanted)]

    def length(self) -> int:
        """How many rows there are: the number of the newest."""
        head = self._uow.row(self._uow.select(audit_heads))
        return int(head["seq"]) if head is not None else 0

    def verify(self) -> Iterator[AuditProblem]:
        """Walk the whole chain; yields every edited, missing or added row."""
        uow = self._uow
        expected_seq, previous = 0, _GENESIS
        statement = uow.select(audit_rows).order_by(audit_rows.c.seq).execution_options(yield_per=1000)
        for mapping in uow.connection.execute(statement).mappings():
            row = _to_row(mapping)
            expected_seq += 1
            if row.seq != expected_seq:
                yield AuditProblem(expected_seq, f"rows {expected_seq} to {row.seq - 1} are missing")
                expected_seq = row.seq
            elif row.previous != previous:
                yield AuditProblem(row.seq, "does not follow the row before it")
            if row_hash(uow.merchant_id, row) != row.hash:
                yield AuditProblem(row.seq, "content was changed after it was written")
            previous = row.hash
        head = uow.row(uow.select(audit_heads))
        if head is not None and (head["seq"], head["hash"]) != (expected_seq, previous):
            yield AuditProblem(expected_seq + 1, f"the newest rows are missing: the head says {head['seq']}")

    def _lock_head(self) -> tuple[int, str]:
        uow = self._uow
        uow.insert_new(audit_heads, {"seq": 0, "hash": _GENESIS})
        head = uow.row(uow.select(audit_heads).with_for_update())
        assert head is not None
        return int(head["seq"]), str(head["hash"])


def _to_row(row: sa.RowMapping) -> AuditRow:
    return AuditRow(**{name: value for name, value in row.items() if name != "merchant_id"})
