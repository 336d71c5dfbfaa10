"""orders"""

import sqlalchemy as sa
from alembic import op

from zhanggui.kernel.storage.columns import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "automation_runs",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("rule_id", sa.String(length=200), nullable=False),
        sa.Column("rule_digest", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.String(length=330), nullable=False),
        sa.Column("occasion", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("money_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("proposal_id", sa.String(length=64), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("judged_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_automation_runs")),
        sa.UniqueConstraint(
            "merchant_id",
            "rule_id",
            "order_id",
            "occasion",
            name=op.f("uq_automation_runs_merchant_id_rule_id_order_id_occasion"),
        ),
        info={"merchant": True},
    )
    op.create_index(
        "ix_automation_runs_merchant_id_rule_id", "automation_runs", ["merchant_id", "rule_id", "at"], unique=False
    )
    op.create_table(
        "automation_switches",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("rule_id", sa.String(length=200), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=True),
        sa.Column("replayed", sa.String(length=32), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "rule_id", name=op.f("pk_automation_switches")),
        info={"merchant": True},
    )
    op.create_table(
        "fulfilments",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=330), nullable=False),
        sa.Column("fulfilment_id", sa.String(length=200), nullable=False),
        sa.Column("warehouse", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("units", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "order_id", "fulfilment_id", name=op.f("pk_fulfilments")),
        info={"merchant": True},
    )
    op.create_table(
        "order_acts",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("order_id", sa.String(length=330), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("taken_back_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("merchant_id", "key", name=op.f("pk_order_acts")),
        info={"merchant": True},
    )
    op.create_index("ix_order_acts_merchant_id_order_id", "order_acts", ["merchant_id", "order_id"], unique=False)
    op.create_table(
        "order_documents",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "kind", "number", name=op.f("pk_order_documents")),
        info={"merchant": True},
    )
    op.create_table(
        "order_events",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=330), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("thing", sa.String(length=16), nullable=False),
        sa.Column("thing_id", sa.String(length=330), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("merchant_id", "order_id", "number", name=op.f("pk_order_events")),
        info={"merchant": True},
    )
    op.create_table(
        "order_exceptions",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=330), nullable=False),
        sa.Column("parcel_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("culprit", sa.String(length=16), nullable=False),
        sa.Column("pays", sa.String(length=16), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("deadline", UtcDateTime(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("denied_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("merchant_id", "order_id", "parcel_id", "kind", name=op.f("pk_order_exceptions")),
        info={"merchant": True},
    )
    op.create_index(
        "ix_order_exceptions_merchant_id_state", "order_exceptions", ["merchant_id", "state", "deadline"], unique=False
    )
    op.create_table(
        "order_import_changes",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("import_id", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.String(length=330), nullable=False),
        sa.Column("version", UtcDateTime(), nullable=False),
        sa.Column("fetched", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("last_change", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "import_id", "order_id", name=op.f("pk_order_import_changes")),
        info={"merchant": True},
    )
    op.create_table(
        "order_imports",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("format", sa.String(length=32), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_order_imports")),
        info={"merchant": True},
    )
    op.create_table(
        "order_lines",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=330), nullable=False),
        sa.Column("line_id", sa.String(length=200), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("cancelled", sa.BigInteger(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "order_id", "line_id", name=op.f("pk_order_lines")),
        info={"merchant": True},
    )
    op.create_table(
        "order_marks",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.String(length=330), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "mark", "order_id", name=op.f("pk_order_marks")),
        info={"merchant": True},
    )
    op.create_index("ix_order_marks_merchant_id_order_id", "order_marks", ["merchant_id", "order_id"], unique=False)
    op.create_table(
        "order_outbox",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=120), nullable=False),
        sa.Column("order_id", sa.String(length=330), nullable=False),
        sa.Column("effect", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("receipt", sa.JSON(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_order_outbox")),
        info={"merchant": True},
    )
    op.create_index("ix_order_outbox_merchant_id_order_id", "order_outbox", ["merchant_id", "order_id"], unique=False)
    op.create_index(
        "ix_order_outbox_merchant_id_state", "order_outbox", ["merchant_id", "state", "created_at"], unique=False
    )
    op.create_table(
        "order_parts",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=330), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("part_id", sa.String(length=200), nullable=False),
        sa.Column("version", UtcDateTime(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "order_id", "kind", "part_id", name=op.f("pk_order_parts")),
        info={"merchant": True},
    )
    op.create_table(
        "order_sources",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=330), nullable=False),
        sa.Column("version", UtcDateTime(), nullable=False),
        sa.Column("fetched", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "order_id", name=op.f("pk_order_sources")),
        info={"merchant": True},
    )
    op.create_table(
        "order_sweeps",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "name", name=op.f("pk_order_sweeps")),
        info={"merchant": True},
    )
    op.create_table(
        "orders",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=330), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("payment_state", sa.String(length=20), nullable=False),
        sa.Column("delivery_state", sa.String(length=20), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("promised_at", UtcDateTime(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("customer_name", sa.Text(), nullable=False),
        sa.Column("customer_email", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=160), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("last_change", sa.String(length=40), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "id", name=op.f("pk_orders")),
        info={"merchant": True},
    )
    op.create_index("ix_orders_merchant_id_placed_at", "orders", ["merchant_id", "placed_at", "id"], unique=False)
    op.create_table(
        "payments",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=330), nullable=False),
        sa.Column("payment_id", sa.String(length=200), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("captured_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "order_id", "payment_id", name=op.f("pk_payments")),
        info={"merchant": True},
    )
    op.create_table(
        "refunds",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=330), nullable=False),
        sa.Column("refund_id", sa.String(length=200), nullable=False),
        sa.Column("payment_id", sa.String(length=200), nullable=False),
        sa.Column("return_id", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "order_id", "refund_id", name=op.f("pk_refunds")),
        info={"merchant": True},
    )
    op.create_table(
        "returns",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=330), nullable=False),
        sa.Column("return_id", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("units", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "order_id", "return_id", name=op.f("pk_returns")),
        info={"merchant": True},
    )
    op.create_table(
        "shipments",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=330), nullable=False),
        sa.Column("shipment_id", sa.String(length=200), nullable=False),
        sa.Column("fulfilment_id", sa.String(length=200), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("tracking_number", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("units", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "order_id", "shipment_id", name=op.f("pk_shipments")),
        info={"merchant": True},
    )
    op.create_index(
        "ix_shipments_merchant_id_tracking_number", "shipments", ["merchant_id", "tracking_number"], unique=False
    )
    op.create_table(
        "shop_connections",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "shop_id", "source", name=op.f("pk_shop_connections")),
        info={"merchant": True},
    )
    op.create_table(
        "shop_secrets",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("merchant_id", "shop_id", "source", "purpose", "id", name=op.f("pk_shop_secrets")),
        info={"merchant": True},
    )
    op.create_table(
        "sync_cursors",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("newest", UtcDateTime(), nullable=True),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "shop_id", "source", name=op.f("pk_sync_cursors")),
        info={"merchant": True},
    )
    op.create_table(
        "tracking_events",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("carrier", sa.String(length=64), nullable=False),
        sa.Column("tracking_number", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "carrier", "tracking_number", "digest", name=op.f("pk_tracking_events")),
        info={"merchant": True},
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("merchant_id", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("delivery_id", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("topic", sa.String(length=100), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("worked_at", UtcDateTime(), nullable=True),
        sa.Column("order_id", sa.String(length=330), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "shop_id", "source", "delivery_id", name=op.f("pk_webhook_deliveries")),
        info={"merchant": True},
    )
    op.create_index(
        "ix_webhook_deliveries_merchant_id_state",
        "webhook_deliveries",
        ["merchant_id", "state", "received_at"],
        unique=False,
    )
