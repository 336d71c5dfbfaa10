"""Complaints, how every text feels, and replies to reviews"""

import sqlalchemy as sa
from alembic import op

from zhanggui.kernel.storage.columns import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "complaints",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=False),
        sa.Column("order_id", sa.String(length=330), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("carrier", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("urgency", sa.String(length=8), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("apology", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("deadline", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("taken_by", sa.String(length=80), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_complaints")),
        sa.UniqueConstraint(
            "merchant_id", "source", "source_id", name=op.f("uq_complaints_merchant_id_source_source_id")
        ),
    )
    op.create_index("ix_complaints_merchant_id_at", "complaints", ["merchant_id", "at"], unique=False)
    op.create_index("ix_complaints_merchant_id_state", "complaints", ["merchant_id", "state", "deadline"], unique=False)
    op.create_table(
        "moods",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("source_id", sa.String(length=200), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("positive", sa.Float(), nullable=False),
        sa.Column("label", sa.String(length=10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("product_id", sa.String(length=200), nullable=False),
        sa.Column("carrier", sa.String(length=80), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "source", "source_id", name=op.f("pk_moods")),
    )
    op.create_index("ix_moods_merchant_id_day", "moods", ["merchant_id", "day"], unique=False)
    op.create_table(
        "review_replies",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("review_id", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "review_id", name=op.f("pk_review_replies")),
    )
