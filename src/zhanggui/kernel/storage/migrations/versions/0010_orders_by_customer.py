"""Orders are found by who placed them.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_orders_merchant_id_customer_id", "orders", ["merchant_id", "customer_id"], unique=False)
    op.create_index("ix_orders_merchant_id_customer_email", "orders", ["merchant_id", "customer_email"], unique=False)
    op.create_index(
        "ix_orders_merchant_id_mixed_email",
        "orders",
        ["merchant_id", "customer_email"],
        unique=False,
        sqlite_where=sa.text("customer_email <> lower(customer_email)"),
        postgresql_where=sa.text("customer_email <> lower(customer_email)"),
    )
