"""Planning: forecasts, people's own numbers, stock, purchase orders"""

import sqlalchemy as sa
from alembic import op

from zhanggui.kernel.storage.columns import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "planning_series",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("sku", sa.String(length=200), nullable=False),
        sa.Column("model", sa.String(length=120), nullable=False),
        sa.Column("status", sa.String(length=200), nullable=False),
        sa.Column("history_days", sa.Integer(), nullable=False),
        sa.Column("mase", sa.Float(), nullable=True),
        sa.Column("naive_mase", sa.Float(), nullable=True),
        sa.Column("coverage80", sa.Float(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "sku", name=op.f("pk_planning_series")),
    )
    op.create_table(
        "planning_forecasts",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("sku", sa.String(length=200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("mean", sa.Float(), nullable=False),
        sa.Column("median", sa.Float(), nullable=False),
        sa.Column("low80", sa.Float(), nullable=False),
        sa.Column("high80", sa.Float(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "sku", "day", name=op.f("pk_planning_forecasts")),
    )
    op.create_table(
        "planning_overrides",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("sku", sa.String(length=200), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("units", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_planning_overrides")),
    )
    op.create_index(
        "ix_planning_overrides_merchant_id_sku", "planning_overrides", ["merchant_id", "sku", "at"], unique=False
    )
    op.create_table(
        "planning_stock",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("sku", sa.String(length=200), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("incoming", sa.BigInteger(), nullable=False),
        sa.Column("lead_days", sa.Float(), nullable=False),
        sa.Column("lead_spread", sa.Float(), nullable=False),
        sa.Column("review_days", sa.Integer(), nullable=False),
        sa.Column("least", sa.BigInteger(), nullable=False),
        sa.Column("pack", sa.BigInteger(), nullable=False),
        sa.Column("shelf_days", sa.Integer(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("missed_minor", sa.BigInteger(), nullable=False),
        sa.Column("holding_percent", sa.Float(), nullable=False),
        sa.Column("service", sa.Float(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("supplier", sa.String(length=200), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "sku", name=op.f("pk_planning_stock")),
    )
    op.create_table(
        "planning_purchases",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("supplier", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_planning_purchases")),
    )
    op.create_index("ix_planning_purchases_merchant_id_at", "planning_purchases", ["merchant_id", "at"], unique=False)
