"""Complaints, how every text feels, and replies to reviews."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from zhanggui.kernel.errors import NotFound
from zhanggui.kernel.storage import UnitOfWork, UtcDateTime, merchant_table
from zhanggui.support.models.complaints import Complaint, Mood, MoodDay, MoodGroup, Remedy, Words
from zhanggui.support.store.conversations import chat_messages

_MOST = 500

complaints = merchant_table(
    "complaints",
    sa.Column("id", sa.String(40), nullable=False),
    sa.Column("source", sa.String(8), nullable=False),
    sa.Column("source_id", sa.String(200), nullable=False),
    sa.Column("locale", sa.String(8), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("customer_id", sa.String(200), nullable=False),
    sa.Column("order_id", sa.String(330), nullable=False),
    sa.Column("product_id", sa.String(200), nullable=False),
    sa.Column("carrier", sa.String(80), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("urgency", sa.String(8), nullable=False),
    sa.Column("found", sa.JSON, nullable=False),
    sa.Column("owner", sa.String(40), nullable=False),
    sa.Column("apology", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("deadline", UtcDateTime, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("taken_by", sa.String(80), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("settled_at", UtcDateTime),
    # One complaint of one text, however often its news come.
    sa.UniqueConstraint("merchant_id", "source", "source_id"),
    sa.Index("ix_complaints_merchant_id_state", "merchant_id", "state", "deadline"),
    sa.Index("ix_complaints_merchant_id_at", "merchant_id", "at"),
)

moods = merchant_table(
    "moods",
    sa.Column("source", sa.String(8), nullable=False),
    sa.Column("source_id", sa.String(200), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("positive", sa.Float, nullable=False),
    sa.Column("label", sa.String(10), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("product_id", sa.String(200), nullable=False),
    sa.Column("carrier", sa.String(80), nullable=False),
    sa.Column("topic", sa.String(40), nullable=False),
    sa.Column("words", sa.JSON, nullable=False),
    sa.Index("ix_moods_merchant_id_day", "merchant_id", "day"),
    key=("source", "source_id"),
)

review_replies = merchant_table(
    "review_replies",
    sa.Column("review_id", sa.String(200), nullable=False),
    sa.Column("key", sa.String(120), nullable=False),
    sa.Column("reply", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    key=("review_id",),
)


class ComplaintStore:
    """The merchant's complaints."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def add(self, complaint: Complaint) -> bool:
        """Keep a complaint; False where one of the same text stands already."""
        plain = {name: value for name, value in asdict(complaint).items() if name not in _NESTED}
        found = {
            "escalate": list(complaint.escalate),
            "words": [asdict(one) for one in complaint.words],
            "remedies": [asdict(one) for one in complaint.remedies],
        }
        return self._uow.insert_new(complaints, {**plain, "found": found})

    def get(self, complaint_id: str) -> Complaint:
        """One complaint.

        Raises:
            NotFound: there is none of this id.
        """
        row = self._uow.row(self._uow.select(complaints).where(complaints.c.id == complaint_id))
        if row is None:
            raise NotFound(f"no complaint {complaint_id!r}")
        return _complaint(row)

    def of_source(self, source: str, source_id: str) -> Complaint | None:
        """The complaint that a text made."""
        wanted = self._uow.select(complaints)
        row = self._uow.row(wanted.where(complaints.c.source == source, complaints.c.source_id == source_id))
        return None if row is None else _complaint(row)

    def standing(self, source: str, thread: str, kind: str) -> Complaint | None:
        """The gravest unsettled complaint of a kind among texts whose ids begin with `thread`."""
        table = complaints.c
        wanted = self._uow.select(complaints).where(
            table.source == source, table.kind == kind, table.state.in_(("open", "taken")),
            table.source_id.startswith(thread, autoescape=True),
        )  # fmt: skip
        row = self._uow.row(wanted.order_by(table.deadline, table.id).limit(1))
        return None if row is None else _complaint(row)

    def change(self, complaint_id: str, states: Sequence[str], **values: Any) -> bool:
        """Set columns of a complaint that is in one of these states; False where it is not."""
        table = complaints.c
        statement = self._uow.update(complaints).where(table.id == complaint_id, table.state.in_(states))
        return self._uow.change(statement.values(**values)) > 0

    def list(
        self, *, states: Sequence[str] = (), kind: str = "", owner: str = "", limit: int = 100, offset: int = 0
    ) -> list[Complaint]:
        """Complaints by deadline, the earliest first."""
        table = complaints.c
        wanted = self._uow.select(complaints)
        for column, value in ((table.kind, kind), (table.owner, owner)):
            if value:
                wanted = wanted.where(column == value)
        if states:
            wanted = wanted.where(table.state.in_(states))
        ordered = wanted.order_by(table.deadline, table.id).offset(offset).limit(min(limit, _MOST))
        return [_complaint(row) for row in self._uow.rows(ordered)]

    def between(self, start: datetime, end: datetime) -> "list[Complaint]":
        """Complaints that came in a stretch of time, oldest first."""
        table = complaints.c
        wanted = self._uow.select(complaints).where(table.at >= start, table.at < end)
        return [_complaint(row) for row in self._uow.rows(wanted.order_by(table.at, table.id).limit(5_000))]

    def by_state(self) -> dict[str, int]:
        """How many complaints there are in each state."""
        table = complaints.c
        counted = self._uow.select(complaints, table.state, sa.func.count().label("n")).group_by(table.state)
        return {str(row["state"]): int(row["n"]) for row in self._uow.rows(counted)}


class MoodStore:
    """How the merchant's customers feel, text by text."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def keep(self, mood: Mood) -> None:
        """Keep a text's mood; the same text again takes its own place."""
        row = {**asdict(mood), "day": mood.at.date(), "words": [asdict(one) for one in mood.words]}
        self._uow.upsert(moods, [row], key=("source", "source_id"))

    def known(self, source: str, source_id: str) -> bool:
        """Whether a text was heard before."""
        wanted = self._uow.select(moods, moods.c.source_id)
        return self._uow.row(wanted.where(moods.c.source == source, moods.c.source_id == source_id)) is not None

    def unheard(self, since: datetime, *, limit: int = 500) -> list[tuple[str, int]]:
        """(conversation, number) of customers' messages since then that were not heard yet, oldest first."""
        message, mood = chat_messages.c, moods.c
        heard = sa.exists().where(
            mood.merchant_id == message.merchant_id, mood.source == "message",
            mood.source_id == message.conversation_id + ":" + sa.cast(message.number, sa.String),
        )  # fmt: skip
        wanted = self._uow.select(chat_messages, message.conversation_id, message.number)
        wanted = wanted.where(message.sender == "customer", message.at >= since, ~heard)
        ordered = wanted.order_by(message.at, message.conversation_id, message.number).limit(limit)
        return [(str(row["conversation_id"]), int(row["number"])) for row in self._uow.rows(ordered)]

    def days(self, group: MoodGroup, start: datetime, end: datetime) -> list[MoodDay]:
        """Texts of each thing on each day: of each product, carrier or topic."""
        table = moods.c
        column = {"product": table.product_id, "carrier": table.carrier, "topic": table.topic}[group]
        negative = sa.func.sum(sa.case((table.label == "negative", 1), else_=0)).label("negative")
        found = (
            self._uow.select(
                moods, column.label("name"), table.day, sa.func.count().label("texts"), negative,
                sa.func.avg(table.positive).label("positive"),
            )
            .where(table.at >= start, table.at < end, column != "")
            .group_by(column, table.day)
            .order_by(column, table.day)
        )  # fmt: skip
        return [
            MoodDay(str(row["name"]), row["day"], int(row["texts"]), int(row["negative"]), float(row["positive"]))
            for row in self._uow.rows(found)
        ]

    def between(self, start: datetime, end: datetime, *, label: str = "", limit: int = 200) -> list[Mood]:
        """Texts of a stretch of time, the worst feeling first."""
        table = moods.c
        wanted = self._uow.select(moods).where(table.at >= start, table.at < end)
        if label:
            wanted = wanted.where(table.label == label)
        ordered = wanted.order_by(table.positive, table.at, table.source_id).limit(limit)
        return [_mood(row) for row in self._uow.rows(ordered)]

    def totals(self, start: datetime, end: datetime) -> tuple[int, int]:
        """How many texts there were, and how many of them negative."""
        table = moods.c
        negative = sa.func.sum(sa.case((table.label == "negative", 1), else_=0)).label("negative")
        wanted = self._uow.select(moods, sa.func.count().label("texts"), negative)
        row = self._uow.row(wanted.where(table.at >= start, table.at < end))
        return (0, 0) if row is None else (int(row["texts"]), int(row["negative"] or 0))


class ReviewReplyStore:
    """The shop's live replies to reviews, one a review."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def publish(self, review_id: str, key: str, reply: str, at: datetime, who: str) -> bool:
        """Make a reply live; False where the review has one."""
        row = {"review_id": review_id, "key": key, "reply": reply, "at": at, "who": who}
        return self._uow.insert_new(review_replies, row)

    def withdraw(self, review_id: str, key: str) -> bool:
        """Take a reply down; False where it is not the live one."""
        table = review_replies.c
        return self._uow.change(
            self._uow.delete(review_replies).where(table.review_id == review_id, table.key == key)
        ) > 0  # fmt: skip

    def live(self, review_id: str) -> str | None:
        """The live reply of a review."""
        row = self._uow.row(self._uow.select(review_replies).where(review_replies.c.review_id == review_id))
        return None if row is None else str(row["reply"])


_NESTED = frozenset(("escalate", "words", "remedies"))


def _complaint(row: sa.RowMapping) -> Complaint:
    values: dict[str, Any] = {name: value for name, value in row.items() if name not in ("merchant_id", "found")}
    found = cast(dict[str, Any], row["found"])
    return Complaint(
        **values,
        escalate=tuple(found["escalate"]),
        words=tuple(Words(**one) for one in found["words"]),
        remedies=tuple(Remedy(**one) for one in found["remedies"]),
    )


def _mood(row: sa.RowMapping) -> Mood:
    values: dict[str, Any] = {name: value for name, value in row.items() if name not in ("merchant_id", "day")}
    words = tuple(Words(**one) for one in values.pop("words"))
    return Mood(**values, words=words)
