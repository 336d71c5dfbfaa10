"""What stands around conversations: tries to prove an order, rates, what is to be told outside, ready-made replies."""

from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.storage import UnitOfWork, UtcDateTime, merchant_table
from zhanggui.kernel.types import JsonObject, Locale, new_id
from zhanggui.support.models.conversation import Attempt, Macro

Span = Literal["minute", "hour"]
_SECONDS: dict[Span, int] = {"minute": 60, "hour": 3_600}

chat_attempts = merchant_table(
    "chat_attempts",
    sa.Column("id", sa.String(40), nullable=False),
    sa.Column("visitor_id", sa.String(200), nullable=False),
    sa.Column("order_mark", sa.String(40), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("passed", sa.Boolean, nullable=False),
    sa.Index("ix_chat_attempts_merchant_id_visitor_id", "merchant_id", "visitor_id", "at"),
    sa.Index("ix_chat_attempts_merchant_id_order_mark", "merchant_id", "order_mark", "at"),
)

chat_rates = merchant_table(
    "chat_rates",
    sa.Column("bucket", sa.String(240), nullable=False),
    sa.Column("slot", sa.BigInteger, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    key=("bucket", "slot"),
)

chat_outbox = merchant_table(
    "chat_outbox",
    sa.Column("id", sa.String(120), nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("problem", sa.Text, nullable=False),
    sa.Index("ix_chat_outbox_merchant_id_state", "merchant_id", "state", "created_at"),
)

chat_macros = merchant_table(
    "chat_macros",
    sa.Column("id", sa.String(40), nullable=False),
    sa.Column("title", sa.String(120), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("locale", sa.String(8), nullable=False),
)


class AttemptStore:
    """Tries to prove orders."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def add(self, attempt: Attempt) -> None:
        """Record a try."""
        self._uow.insert(chat_attempts, {"id": new_id(), **{n: getattr(attempt, n) for n in Attempt.__slots__}})

    def near(self, visitor_id: str, mark: str, since: datetime) -> list[Attempt]:
        """The tries of a visitor, and of anybody on an order, since an instant."""
        table = chat_attempts.c
        whose = sa.or_(table.visitor_id == visitor_id, table.order_mark == mark)
        rows = self._uow.rows(self._uow.select(chat_attempts).where(whose, table.at > since).order_by(table.at))
        return [Attempt(**{name: row[name] for name in Attempt.__slots__}) for row in rows]


class RateStore:
    """How often something happened in the present minute and hour."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def retry_after(self, bucket: str, *, per_minute: int, per_hour: int) -> int:
        """Count one more; 0 where it is allowed, else the seconds to wait (then nothing is counted)."""
        now = int(self._uow.clock.now().timestamp())
        limits: tuple[tuple[Span, int], ...] = (("minute", per_minute), ("hour", per_hour))
        for span, most in limits:
            length = _SECONDS[span]
            if self._count(f"{span}:{bucket}", now // length) >= most:
                return length - now % length
        for span, _ in limits:
            self._add(f"{span}:{bucket}", now // _SECONDS[span])
        return 0

    def forget(self, before: datetime) -> int:
        """Drop counts of spans that ended before an instant; how many."""
        gone = 0
        for span, length in _SECONDS.items():
            old = int((before - timedelta(seconds=length)).timestamp()) // length
            here = chat_rates.c.bucket.startswith(f"{span}:")
            gone += self._uow.change(self._uow.delete(chat_rates).where(here, chat_rates.c.slot < old))
        return gone

    def _count(self, bucket: str, window: int) -> int:
        table = chat_rates.c
        wanted = self._uow.select(chat_rates, table.count).where(table.bucket == bucket, table.slot == window)
        return int(self._uow.scalar(wanted) or 0)

    def _add(self, bucket: str, window: int) -> None:
        table = chat_rates.c
        more = self._uow.update(chat_rates).where(table.bucket == bucket, table.slot == window)
        if not self._uow.change(more.values(count=table.count + 1)) and not self._uow.insert_new(
            chat_rates, {"bucket": bucket, "slot": window, "count": 1}
        ):
            self._uow.change(more.values(count=table.count + 1))


class TellingStore:
    """What is to be told to chat platforms: written with the change that causes it, told by a job."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def add(self, key: str, kind: str, payload: JsonObject) -> bool:
        """Put one in; False where its key is there already."""
        now = self._uow.clock.now()
        row = {
            "id": key, "kind": kind, "payload": payload, "state": "waiting", "created_at": now, "changed_at": now,
            "problem": "",
        }  # fmt: skip
        return self._uow.insert_new(chat_outbox, row)

    def waiting(self, *, limit: int = 500) -> list[tuple[str, str, JsonObject, datetime]]:
        """(id, kind, payload, when) of what waits, oldest first."""
        table = chat_outbox.c
        wanted = self._uow.select(chat_outbox).where(table.state == "waiting").order_by(table.created_at, table.id)
        return [
            (row["id"], row["kind"], row["payload"], row["created_at"]) for row in self._uow.rows(wanted.limit(limit))
        ]

    def get(self, key: str) -> tuple[str, JsonObject, datetime]:
        """(kind, payload, when) of one.

        Raises:
            NotFound: there is none of this id.
        """
        row = self._uow.row(self._uow.select(chat_outbox).where(chat_outbox.c.id == key))
        if row is None:
            raise NotFound(f"nothing to tell under {key!r}")
        return row["kind"], row["payload"], row["created_at"]

    def finish(self, key: str, state: Literal["done", "failed"], problem: str = "") -> None:
        """Record how it went."""
        table = chat_outbox.c
        statement = self._uow.update(chat_outbox).where(table.id == key, table.state == "waiting")
        values: dict[str, Any] = {"state": state, "changed_at": self._uow.clock.now(), "problem": problem[:1_000]}
        self._uow.change(statement.values(**values))


class MacroStore:
    """Ready-made replies of the staff."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def all(self, locale: Locale | None = None) -> list[Macro]:
        """Every one, or those in a language, by title."""
        wanted = self._uow.select(chat_macros)
        if locale is not None:
            wanted = wanted.where(chat_macros.c.locale == locale)
        rows = self._uow.rows(wanted.order_by(chat_macros.c.title, chat_macros.c.id))
        return [Macro(**{name: row[name] for name in Macro.__slots__}) for row in rows]

    def put(self, macro: Macro) -> None:
        """Add one, or change the one with this id."""
        self._uow.upsert(chat_macros, [{name: getattr(macro, name) for name in Macro.__slots__}], key=["id"])

    def remove(self, macro_id: str) -> None:
        """Take one away."""
        self._uow.change(self._uow.delete(chat_macros).where(chat_macros.c.id == macro_id))
