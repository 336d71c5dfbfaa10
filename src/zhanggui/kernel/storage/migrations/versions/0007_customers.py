"""customers, audiences, campaigns"""

import sqlalchemy as sa
from alembic import op

from zhanggui.kernel.storage.columns import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("consents", sa.JSON(), nullable=False),
        sa.Column("personalised", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("measures", sa.JSON(), nullable=False),
        sa.Column("measured_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_customers")),
    )
    op.create_table(
        "customer_keys",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "key", name=op.f("pk_customer_keys")),
    )
    op.create_index(
        "ix_customer_keys_merchant_id_customer_id", "customer_keys", ["merchant_id", "customer_id"], unique=False
    )
    op.create_table(
        "customer_orders",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=330), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("things", sa.JSON(), nullable=False),
        sa.Column("prices", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "order_id", name=op.f("pk_customer_orders")),
    )
    op.create_index(
        "ix_customer_orders_merchant_id_customer_id",
        "customer_orders",
        ["merchant_id", "customer_id", "at"],
        unique=False,
    )
    op.create_table(
        "audiences",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_audiences")),
    )
    op.create_table(
        "campaigns",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("skipped", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_campaigns")),
    )
    op.create_table(
        "campaign_members",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("campaign_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("arm", sa.String(length=80), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("taken_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("merchant_id", "campaign_id", "customer_id", name=op.f("pk_campaign_members")),
    )
    op.create_index(
        "ix_campaign_members_merchant_id_customer_id", "campaign_members", ["merchant_id", "customer_id"], unique=False
    )
