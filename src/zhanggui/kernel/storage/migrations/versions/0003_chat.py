"""Conversations, hand-overs, and what stands around them"""

import sqlalchemy as sa
from alembic import op

from zhanggui.kernel.storage.columns import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_attempts",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("visitor_id", sa.String(length=200), nullable=False),
        sa.Column("order_mark", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_chat_attempts")),
    )
    op.create_index(
        "ix_chat_attempts_merchant_id_order_mark", "chat_attempts", ["merchant_id", "order_mark", "at"], unique=False
    )
    op.create_index(
        "ix_chat_attempts_merchant_id_visitor_id", "chat_attempts", ["merchant_id", "visitor_id", "at"], unique=False
    )
    op.create_table(
        "chat_conversations",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("visitor_id", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("unanswered", sa.Boolean(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("mood", sa.String(length=8), nullable=False),
        sa.Column("hand_state", sa.String(length=12), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("talk", sa.JSON(), nullable=False),
        sa.Column("verified", sa.JSON(), nullable=False),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_chat_conversations")),
    )
    op.create_index(
        "ix_chat_conversations_merchant_id_last_at", "chat_conversations", ["merchant_id", "last_at"], unique=False
    )
    op.create_index(
        "ix_chat_conversations_merchant_id_unanswered",
        "chat_conversations",
        ["merchant_id", "unanswered", "last_at"],
        unique=False,
    )
    op.create_index(
        "ix_chat_conversations_merchant_id_visitor_id",
        "chat_conversations",
        ["merchant_id", "visitor_id", "opened_at"],
        unique=False,
    )
    op.create_table(
        "chat_handovers",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("waiting_at", UtcDateTime(), nullable=True),
        sa.Column("taken_at", UtcDateTime(), nullable=True),
        sa.Column("taken_by", sa.String(length=80), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_chat_handovers")),
    )
    op.create_index(
        "ix_chat_handovers_merchant_id_state", "chat_handovers", ["merchant_id", "state", "asked_at"], unique=False
    )
    op.create_index(
        "uq_chat_handovers_open",
        "chat_handovers",
        ["merchant_id", "conversation_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "chat_macros",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_chat_macros")),
    )
    op.create_table(
        "chat_messages",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("client_key", sa.String(length=120), nullable=True),
        sa.Column("reply_to", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "conversation_id", "number", name=op.f("pk_chat_messages")),
        sa.UniqueConstraint(
            "merchant_id",
            "conversation_id",
            "client_key",
            name=op.f("uq_chat_messages_merchant_id_conversation_id_client_key"),
        ),
        sa.UniqueConstraint(
            "merchant_id",
            "conversation_id",
            "reply_to",
            name=op.f("uq_chat_messages_merchant_id_conversation_id_reply_to"),
        ),
    )
    op.create_table(
        "chat_outbox",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_chat_outbox")),
    )
    op.create_index(
        "ix_chat_outbox_merchant_id_state", "chat_outbox", ["merchant_id", "state", "created_at"], unique=False
    )
    op.create_table(
        "chat_promises",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("merchant_id", "conversation_id", "kind", "reference", name=op.f("pk_chat_promises")),
    )
    op.create_index(
        "ix_chat_promises_merchant_id_kept", "chat_promises", ["merchant_id", "kept", "made_at"], unique=False
    )
    op.create_table(
        "chat_rates",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("bucket", sa.String(length=240), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "bucket", "slot", name=op.f("pk_chat_rates")),
    )
    # ### end Alembic commands ###
