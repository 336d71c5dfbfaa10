"""Conversations and their messages: every number is given once, no message is kept twice, none is answered twice."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from zhanggui.kernel.errors import BadInput, NotFound
from zhanggui.kernel.storage import UnitOfWork, UtcDateTime, merchant_table
from zhanggui.kernel.types import JsonObject, Page, new_id
from zhanggui.support.models.conversation import Channel, Conversation, HandState, Message, NewMessage, Sender

_MOST = 500

chat_conversations = merchant_table(
    "chat_conversations",
    sa.Column("id", sa.String(40), nullable=False),
    sa.Column("visitor_id", sa.String(200), nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("locale", sa.String(8), nullable=False),
    sa.Column("opened_at", UtcDateTime, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
    sa.Column("last_number", sa.Integer, nullable=False),
    sa.Column("answered", sa.Integer, nullable=False),
    sa.Column("unanswered", sa.Boolean, nullable=False),
    sa.Column("topic", sa.String(40), nullable=False),
    sa.Column("mood", sa.String(8), nullable=False),
    sa.Column("hand_state", sa.String(12)),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("talk", sa.JSON, nullable=False),
    sa.Column("verified", sa.JSON, nullable=False),
    sa.Column("address", sa.JSON, nullable=False),
    sa.Index("ix_chat_conversations_merchant_id_last_at", "merchant_id", "last_at"),
    sa.Index("ix_chat_conversations_merchant_id_visitor_id", "merchant_id", "visitor_id", "opened_at"),
    sa.Index("ix_chat_conversations_merchant_id_unanswered", "merchant_id", "unanswered", "last_at"),
)

chat_messages = merchant_table(
    "chat_messages",
    sa.Column("conversation_id", sa.String(40), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("sender", sa.String(8), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("author", sa.String(80), nullable=False),
    # Given by whoever sends, so that what is sent twice is kept once.
    sa.Column("client_key", sa.String(120)),
    # The customer's message that this one of the bot answers: each is answered once.
    sa.Column("reply_to", sa.Integer),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.UniqueConstraint("merchant_id", "conversation_id", "client_key"),
    sa.UniqueConstraint("merchant_id", "conversation_id", "reply_to"),
    key=("conversation_id", "number"),
)


class ConversationStore:
    """The merchant's conversations."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def open(self, visitor_id: str, channel: Channel, locale: str, address: JsonObject) -> Conversation:
        """Begin a conversation."""
        now, name = self._uow.clock.now(), new_id("cnv")
        row = {
            "id": name, "visitor_id": visitor_id, "channel": channel, "locale": locale, "opened_at": now,
            "last_at": now, "last_number": 0, "answered": 0, "unanswered": False, "topic": "", "mood": "calm",
            "talk": {}, "verified": {}, "address": address,
        }  # fmt: skip
        self._uow.insert(chat_conversations, row)
        return self.get(name)

    def get(self, conversation_id: str, *, lock: bool = False) -> Conversation:
        """One conversation; `lock` lets nobody else change it until the transaction ends.

        Raises:
            NotFound: there is none of this id.
        """
        wanted = self._uow.select(chat_conversations).where(chat_conversations.c.id == conversation_id)
        row = self._uow.row(wanted.with_for_update() if lock else wanted)
        if row is None:
            raise NotFound(f"no conversation {conversation_id!r}")
        return _conversation(row)

    def lock_visitor(self, visitor_id: str) -> None:
        """Let one transaction at a time open conversations of a visitor (SQLite has one writer anyway)."""
        if self._uow.connection.dialect.name == "postgresql":
            key = sa.func.hashtextextended(f"{self._uow.merchant_id}\0{visitor_id}".replace("\0", "/"), 0)
            self._uow.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))

    def newest_of(self, visitor_id: str) -> Conversation | None:
        """A visitor's newest conversation."""
        found = self.of_visitor(visitor_id, limit=1)
        return found[0] if found else None

    def of_visitor(self, visitor_id: str, *, limit: int = 50) -> list[Conversation]:
        """A visitor's conversations, newest first."""
        table = chat_conversations.c
        wanted = self._uow.select(chat_conversations).where(table.visitor_id == visitor_id)
        return [
            _conversation(row)
            for row in self._uow.rows(wanted.order_by(table.opened_at.desc(), table.id.desc()).limit(limit))
        ]

    def change(self, conversation_id: str, **values: object) -> None:
        """Set columns of a conversation."""
        statement = self._uow.update(chat_conversations).where(chat_conversations.c.id == conversation_id)
        self._uow.change(statement.values(**values))

    def page(
        self, *, state: str = "", text: str = "", limit: int = 50, cursor: str | None = None
    ) -> Page[Conversation]:
        """Conversations, last active first; `state` is a hand-over's state or `bot`; `text` is found in messages.

        Raises:
            BadInput: the cursor is not one of ours.
        """
        table, conditions = chat_conversations.c, list[sa.ColumnElement[bool]]()
        if state == "bot":
            conditions.append(table.hand_state.is_(None) | table.hand_state.in_(("returned", "closed")))
        elif state:
            conditions.append(table.hand_state == state)
        if text:
            message = chat_messages.c
            inside = self._uow.select(chat_messages, message.conversation_id)
            conditions.append(table.id.in_(inside.where(message.text.icontains(text, autoescape=True))))
        total = self._uow.scalar(self._uow.select(chat_conversations, sa.func.count()).where(*conditions))
        wanted = self._uow.select(chat_conversations).where(*conditions)
        if cursor:
            wanted = wanted.where(sa.tuple_(sa.type_coerce(table.last_at, sa.BigInteger), table.id) < _read(cursor))
        size = max(1, min(limit, _MOST))
        rows = self._uow.rows(wanted.order_by(table.last_at.desc(), table.id.desc()).limit(size + 1))
        items = tuple(_conversation(row) for row in rows[:size])
        return Page(items, int(total), _write(items[-1]) if len(rows) > size else None)

    def unanswered(self, before: datetime, *, limit: int = 500) -> list[Conversation]:
        """Conversations whose last customer message nobody has answered, silent since `before`, oldest first."""
        table = chat_conversations.c
        wanted = self._uow.select(chat_conversations).where(table.unanswered, table.last_at < before)
        return [_conversation(row) for row in self._uow.rows(wanted.order_by(table.last_at).limit(limit))]

    def between(self, first: datetime, last: datetime, *, limit: int = 20_000) -> list[Conversation]:
        """Conversations that began within [first, last), oldest first."""
        table = chat_conversations.c
        wanted = self._uow.select(chat_conversations).where(table.opened_at >= first, table.opened_at < last)
        return [_conversation(row) for row in self._uow.rows(wanted.order_by(table.opened_at, table.id).limit(limit))]


class MessageStore:
    """The messages of the merchant's conversations."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def add(self, conversation_id: str, new: NewMessage) -> Message | None:
        """Keep a message under the next number; None where its key, or a reply to the same message, is there already.

        The conversation's row is locked from here on, so that numbers have no gaps and no message comes twice.
        """
        table = chat_conversations.c
        now = self._uow.clock.now()
        ConversationStore(self._uow).get(conversation_id, lock=True)
        if self._there(conversation_id, new):
            return None
        values: dict[str, Any] = {"last_number": table.last_number + 1, "last_at": now}
        if new.sender == "customer":
            values["unanswered"] = True
        statement = self._uow.update(chat_conversations).where(table.id == conversation_id).values(**values)
        number = int(self._uow.scalar(statement.returning(table.last_number)))
        made = Message(conversation_id, number, new.sender, new.text, now, new.author, new.reply_to, new.detail)
        self._uow.insert(chat_messages, {**_row(made), "client_key": new.client_key})
        return made

    def answered(self, conversation_id: str, number: int) -> None:
        """Remember that the customer's messages up to `number` are dealt with."""
        table, message = chat_conversations.c, chat_messages.c
        later = self._uow.scalar(
            self._uow.select(chat_messages, sa.func.count()).where(
                message.conversation_id == conversation_id, message.number > number, message.sender == "customer"
            )
        )
        statement = self._uow.update(chat_conversations).where(table.id == conversation_id, table.answered < number)
        self._uow.change(statement.values(answered=number, unanswered=bool(later)))

    def known(self, conversation_id: str, client_key: str) -> Message | None:
        """The message that came under this key."""
        message = chat_messages.c
        wanted = self._uow.select(chat_messages).where(
            message.conversation_id == conversation_id, message.client_key == client_key
        )
        row = self._uow.row(wanted)
        return None if row is None else _message(row)

    def get(self, conversation_id: str, number: int) -> Message:
        """One message.

        Raises:
            NotFound: there is none.
        """
        message = chat_messages.c
        wanted = self._uow.select(chat_messages).where(
            message.conversation_id == conversation_id, message.number == number
        )
        row = self._uow.row(wanted)
        if row is None:
            raise NotFound(f"no message {number} in {conversation_id!r}")
        return _message(row)

    def after(self, conversation_id: str, number: int, *, limit: int = _MOST) -> list[Message]:
        """The messages with numbers above `number`, in order."""
        message = chat_messages.c
        wanted = self._uow.select(chat_messages).where(
            message.conversation_id == conversation_id, message.number > number
        )
        return [_message(row) for row in self._uow.rows(wanted.order_by(message.number).limit(limit))]

    def last(self, conversation_id: str, *, limit: int = 40) -> list[Message]:
        """The newest messages, oldest of them first."""
        message = chat_messages.c
        wanted = self._uow.select(chat_messages).where(message.conversation_id == conversation_id)
        rows = self._uow.rows(wanted.order_by(message.number.desc()).limit(limit))
        return [_message(row) for row in reversed(rows)]

    def waiting_for_bot(self, conversation_id: str, answered: int) -> list[Message]:
        """The customer's messages after `answered`, in order."""
        return [one for one in self.after(conversation_id, answered) if one.sender == "customer"]

    def _there(self, conversation_id: str, new: NewMessage) -> bool:
        message = chat_messages.c
        same: list[sa.ColumnElement[bool]] = []
        if new.client_key is not None:
            same.append(message.client_key == new.client_key)
        if new.reply_to is not None:
            same.append(message.reply_to == new.reply_to)
        if not same:
            return False
        wanted = self._uow.select(chat_messages, message.number)
        return self._uow.row(wanted.where(message.conversation_id == conversation_id, sa.or_(*same))) is not None


def _row(message: Message) -> dict[str, Any]:
    return {name: getattr(message, name) for name in Message.__slots__}


def _message(row: sa.RowMapping) -> Message:
    return Message(**{name: row[name] for name in Message.__slots__})


def _conversation(row: sa.RowMapping) -> Conversation:
    values: dict[str, Any] = {name: row[name] for name in Conversation.__slots__}
    values["hand_state"] = None if values["hand_state"] is None else HandState(values["hand_state"])
    return Conversation(**values)


def _write(last: Conversation) -> str:
    micros = int(last.last_at.timestamp() * 1_000_000)
    return f"{micros}.{last.id}"


def _read(cursor: str) -> Any:
    micros, _, name = cursor.partition(".")
    if not micros.isascii() or not micros.isdigit() or len(micros) > 17 or not name:
        raise BadInput(field="cursor", expected="a cursor of this listing", found=cursor)
    return sa.tuple_(sa.literal(int(micros), sa.BigInteger), sa.literal(name))


def message_texts(messages: Sequence[Message], sender: Sender) -> list[str]:
    """The texts of one sender."""
    return [message.text for message in messages if message.sender == sender]
