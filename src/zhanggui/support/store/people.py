"""A person's conversations and complaints: found, given to them, removed."""

from collections.abc import Sequence
from typing import cast

import orjson
import sqlalchemy as sa

from zhanggui.kernel.privacy import Person, person_of
from zhanggui.kernel.storage import UnitOfWork
from zhanggui.kernel.types import JsonObject, plain_value
from zhanggui.support.store.chat import chat_attempts, chat_outbox, chat_rates
from zhanggui.support.store.complaints import complaints, moods, review_replies
from zhanggui.support.store.conversations import chat_conversations, chat_messages
from zhanggui.support.store.handovers import chat_handovers, chat_promises
from zhanggui.support.store.knowledge import knowledge_gaps

_CHUNK = 200
# A text so short may be anybody's.
_OWN_TEXT = 8


class ConversationPeople:
    """Conversations, and what stands around them."""

    name = "conversations"

    def known(self, uow: UnitOfWork, person: Person) -> Person:
        """Who they are in chats (by visitor, by address, by an order that they proved), and what they wrote."""
        rows = _conversations(uow, person)
        said = _messages(uow, [row["id"] for row in rows])
        return person_of(
            ids=[row["visitor_id"] for row in rows],
            orders=[row["id"] for row in rows],
            texts=[one["text"] for one in said if one["sender"] == "customer" and len(one["text"]) >= _OWN_TEXT],
        )

    def export(self, uow: UnitOfWork, person: Person) -> list[JsonObject]:
        """Each conversation with its messages, notes of the staff left out."""
        found: list[JsonObject] = []
        for row in _conversations(uow, person):
            said = [one for one in _messages(uow, [row["id"]]) if one["sender"] != "note"]
            messages = [{"at": one["at"].isoformat(), "from": one["sender"], "text": one["text"]} for one in said]
            opened = {"id": row["id"], "channel": row["channel"], "opened_at": row["opened_at"].isoformat()}
            found.append(cast(JsonObject, {**opened, "messages": messages}))
        return found

    def erase(self, uow: UnitOfWork, person: Person) -> int:
        """Conversations with everything around them, and the questions kept as gaps word for word."""
        rows = _conversations(uow, person)
        names = [row["id"] for row in rows]
        for part in _parts(names):
            for table in (chat_messages, chat_handovers, chat_promises):
                uow.change(uow.delete(table).where(table.c.conversation_id.in_(part)))
            uow.change(uow.delete(chat_conversations).where(chat_conversations.c.id.in_(part)))
        for name in names:
            payload = sa.cast(chat_outbox.c.payload, sa.Text)
            uow.change(uow.delete(chat_outbox).where(payload.contains(name, autoescape=True)))
        visitors = {*person.ids, *(row["visitor_id"] for row in rows)}
        for part in _parts(sorted(visitors)):
            uow.change(uow.delete(chat_attempts).where(chat_attempts.c.visitor_id.in_(part)))
            for visitor in part:
                if len(visitor) >= _OWN_TEXT:
                    uow.change(uow.delete(chat_rates).where(chat_rates.c.bucket.contains(visitor, autoescape=True)))
        for part in _parts(sorted(person.texts)):
            uow.change(uow.delete(knowledge_gaps).where(knowledge_gaps.c.question.in_(part)))
        return len(rows)


class ComplaintPeople:
    """Complaints, how texts feel, replies to reviews. The counts by kind and day stay."""

    name = "complaints"

    def known(self, uow: UnitOfWork, person: Person) -> Person:
        """What they complained of."""
        rows = _complaints(uow, person)
        own = [row["text"] for row in rows if len(row["text"]) >= _OWN_TEXT]
        return person_of(orders=[row["order_id"] for row in rows], texts=own)

    def export(self, uow: UnitOfWork, person: Person) -> list[JsonObject]:
        """Each complaint with its text and how it ended."""
        kept = ("id", "source", "text", "order_id", "product_id", "kind", "apology", "at", "state", "settled_at")
        return [
            {name: plain_value(row[name]) if row[name] is not None else None for name in kept}
            for row in _complaints(uow, person)
        ]

    def erase(self, uow: UnitOfWork, person: Person) -> int:
        """Texts, people and orders go; kind, product, carrier and days stay."""
        rows = _complaints(uow, person)
        nobody = {"text": "", "apology": "", "note": "", "customer_id": "", "order_id": ""}
        found: JsonObject = {"escalate": [], "words": [], "remedies": []}
        for part in _parts([row["id"] for row in rows]):
            same = complaints.c.id.in_(part)
            uow.change(uow.update(complaints).where(same).values(**nobody, found=found, source_id=complaints.c.id))
        for row in rows:
            _forget_source(uow, row["source"], row["source_id"])
        for part in _parts(sorted(person.texts)):
            uow.change(uow.update(moods).where(moods.c.text.in_(part)).values(text="", words=[]))
        return len(rows)


def _forget_source(uow: UnitOfWork, source: str, source_id: str) -> None:
    felt = uow.update(moods).where(moods.c.source == source, moods.c.source_id == source_id)
    uow.change(felt.values(text="", words=[]))
    if source == "review":
        uow.change(uow.delete(review_replies).where(review_replies.c.review_id == source_id))


def _conversations(uow: UnitOfWork, person: Person) -> list[sa.RowMapping]:
    table = chat_conversations
    found: dict[str, sa.RowMapping] = {}
    for column, names in ((table.c.visitor_id, person.ids), (table.c.id, person.orders)):
        for part in _parts(sorted(names)):
            found |= {row["id"]: row for row in uow.rows(uow.select(table).where(column.in_(part)))}
    # Proofs and addresses are JSON: a name counts only as a whole string in it.
    for column, names in ((table.c.verified, person.orders), (table.c.address, person.ids | person.marks)):
        text = sa.cast(column, sa.Text)
        for part in _parts([orjson.dumps(one).decode() for one in sorted(names)], 40):
            held = sa.or_(*(text.contains(one, autoescape=True) for one in part))
            found |= {row["id"]: row for row in uow.rows(uow.select(table).where(held))}
    return [found[name] for name in sorted(found)]


def _messages(uow: UnitOfWork, conversations: Sequence[str]) -> list[sa.RowMapping]:
    table, found = chat_messages, list[sa.RowMapping]()
    for part in _parts(conversations):
        wanted = uow.select(table).where(table.c.conversation_id.in_(part))
        found += uow.rows(wanted.order_by(table.c.conversation_id, table.c.number))
    return found


def _complaints(uow: UnitOfWork, person: Person) -> list[sa.RowMapping]:
    table, found = complaints, dict[str, sa.RowMapping]()
    # A complaint names the customer as one shop does; where it names an order too, that decides.
    short = {one.rpartition(":")[2] for one in person.ids if one.count(":") == 1}
    for column, names in (
        (table.c.customer_id, {*person.ids, *short}),
        (table.c.order_id, set(person.orders)),
        (table.c.source_id, set(person.orders)),
    ):
        for part in _parts(sorted(one for one in names if one)):
            found |= {row["id"]: row for row in uow.rows(uow.select(table).where(column.in_(part)))}
    theirs = {name: row for name, row in found.items() if not row["order_id"] or row["order_id"] in person.orders}
    return [theirs[name] for name in sorted(theirs)]


def _parts(names: Sequence[str], size: int = _CHUNK) -> list[Sequence[str]]:
    return [names[start : start + size] for start in range(0, len(names), size)]
