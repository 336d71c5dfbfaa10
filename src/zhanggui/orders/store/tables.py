"""The orders' tables.

`order_sources` holds what a shop last told of an order (the newest whole telling, by its own version), `order_parts`
what it told of single parts; together with our own changes in `order_events` they make the order. Everything else is
written out from that for searching and counting, and written anew whenever it changes.
Columns that lists filter and sort by come first; the long text lies in `order_sources`, which no list reads.
"""

import sqlalchemy as sa

from zhanggui.kernel.storage import UtcDateTime, merchant_table

_ORDER = sa.String(330)

orders = merchant_table(
    "orders",
    sa.Column("id", _ORDER, nullable=False),
    sa.Column("shop_id", sa.String(64), nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("payment_state", sa.String(20), nullable=False),
    sa.Column("delivery_state", sa.String(20), nullable=False),
    sa.Column("decision", sa.String(16), nullable=False),
    sa.Column("placed_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("promised_at", UtcDateTime),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("total_minor", sa.BigInteger, nullable=False),
    sa.Column("captured_minor", sa.BigInteger, nullable=False),
    sa.Column("refunded_minor", sa.BigInteger, nullable=False),
    sa.Column("units", sa.BigInteger, nullable=False),
    sa.Column("customer_id", sa.Text, nullable=False),
    sa.Column("customer_name", sa.Text, nullable=False),
    sa.Column("customer_email", sa.Text, nullable=False),
    sa.Column("source", sa.String(160), nullable=False),
    sa.Column("created_by", sa.String(40), nullable=False),
    sa.Column("last_change", sa.String(40), nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Index("ix_orders_merchant_id_placed_at", "merchant_id", "placed_at", "id"),
    sa.Index("ix_orders_merchant_id_customer_id", "merchant_id", "customer_id"),
    sa.Index("ix_orders_merchant_id_customer_email", "merchant_id", "customer_email"),
    # Addresses are found in lower case: the few that were told otherwise have an index of their own.
    sa.Index(
        "ix_orders_merchant_id_mixed_email",
        "merchant_id",
        "customer_email",
        sqlite_where=sa.text("customer_email <> lower(customer_email)"),
        postgresql_where=sa.text("customer_email <> lower(customer_email)"),
    ),
)

order_sources = merchant_table(
    "order_sources",
    sa.Column("order_id", _ORDER, nullable=False),
    sa.Column("version", UtcDateTime, nullable=False),
    sa.Column("fetched", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String(32), nullable=False),
    sa.Column("told", sa.Text, nullable=False),
    sa.Column("flags", sa.Text, nullable=False),
    sa.Column("decision", sa.Text, nullable=False),
    key=("order_id",),
)

order_parts = merchant_table(
    "order_parts",
    sa.Column("order_id", _ORDER, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("part_id", sa.String(200), nullable=False),
    sa.Column("version", UtcDateTime, nullable=False),
    sa.Column("digest", sa.String(32), nullable=False),
    sa.Column("told", sa.Text, nullable=False),
    key=("order_id", "kind", "part_id"),
)

order_lines = merchant_table(
    "order_lines",
    sa.Column("order_id", _ORDER, nullable=False),
    sa.Column("line_id", sa.String(200), nullable=False),
    sa.Column("sku", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sa.Column("cancelled", sa.BigInteger, nullable=False),
    sa.Column("price_minor", sa.BigInteger, nullable=False),
    key=("order_id", "line_id"),
)

payments = merchant_table(
    "payments",
    sa.Column("order_id", _ORDER, nullable=False),
    sa.Column("payment_id", sa.String(200), nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("captured_minor", sa.BigInteger, nullable=False),
    key=("order_id", "payment_id"),
)

fulfilments = merchant_table(
    "fulfilments",
    sa.Column("order_id", _ORDER, nullable=False),
    sa.Column("fulfilment_id", sa.String(200), nullable=False),
    sa.Column("warehouse", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("units", sa.Text, nullable=False),
    key=("order_id", "fulfilment_id"),
)

shipments = merchant_table(
    "shipments",
    sa.Column("order_id", _ORDER, nullable=False),
    sa.Column("shipment_id", sa.String(200), nullable=False),
    sa.Column("fulfilment_id", sa.String(200), nullable=False),
    sa.Column("carrier", sa.Text, nullable=False),
    sa.Column("tracking_number", sa.Text, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("units", sa.Text, nullable=False),
    sa.Index("ix_shipments_merchant_id_tracking_number", "merchant_id", "tracking_number"),
    key=("order_id", "shipment_id"),
)

tracking_events = merchant_table(
    "tracking_events",
    sa.Column("carrier", sa.String(64), nullable=False),
    sa.Column("tracking_number", sa.String(200), nullable=False),
    sa.Column("digest", sa.String(32), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("status", sa.String(24), nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("raw", sa.Text, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    key=("carrier", "tracking_number", "digest"),
)

returns = merchant_table(
    "returns",
    sa.Column("order_id", _ORDER, nullable=False),
    sa.Column("return_id", sa.String(200), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("units", sa.Text, nullable=False),
    key=("order_id", "return_id"),
)

refunds = merchant_table(
    "refunds",
    sa.Column("order_id", _ORDER, nullable=False),
    sa.Column("refund_id", sa.String(200), nullable=False),
    sa.Column("payment_id", sa.String(200), nullable=False),
    sa.Column("return_id", sa.String(200), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    key=("order_id", "refund_id"),
)

# The timeline. `number` 0 and above: told by the shop, written anew with the order; below 0: our own changes, for ever.
order_events = merchant_table(
    "order_events",
    sa.Column("order_id", _ORDER, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("thing", sa.String(16), nullable=False),
    sa.Column("thing_id", _ORDER, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("after", sa.Text, nullable=False),
    sa.Column("change", sa.Text),
    key=("order_id", "number"),
)

webhook_deliveries = merchant_table(
    "webhook_deliveries",
    sa.Column("shop_id", sa.String(64), nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("delivery_id", sa.String(200), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Column("topic", sa.String(100), nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("worked_at", UtcDateTime),
    sa.Column("order_id", _ORDER),
    sa.Column("problem", sa.Text),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("ix_webhook_deliveries_merchant_id_state", "merchant_id", "state", "received_at"),
    key=("shop_id", "source", "delivery_id"),
)

shop_connections = merchant_table(
    "shop_connections",
    sa.Column("shop_id", sa.String(64), nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("settings", sa.Text, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    key=("shop_id", "source"),
)

shop_secrets = merchant_table(
    "shop_secrets",
    sa.Column("shop_id", sa.String(64), nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("purpose", sa.String(16), nullable=False),
    sa.Column("id", sa.String(40), nullable=False),
    sa.Column("sealed", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("ends_at", UtcDateTime),
    key=("shop_id", "source", "purpose", "id"),
)

sync_cursors = merchant_table(
    "sync_cursors",
    sa.Column("shop_id", sa.String(64), nullable=False),
    sa.Column("source", sa.String(32), nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("newest", UtcDateTime),
    sa.Column("cursor", sa.Text, nullable=False),
    sa.Column("finished_at", UtcDateTime),
    sa.Column("taken", sa.BigInteger, nullable=False),
    key=("shop_id", "source"),
)

order_imports = merchant_table(
    "order_imports",
    sa.Column("id", sa.String(40), nullable=False),
    sa.Column("format", sa.String(32), nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("problems", sa.JSON, nullable=False),
)

order_import_changes = merchant_table(
    "order_import_changes",
    sa.Column("import_id", sa.String(40), nullable=False),
    sa.Column("order_id", _ORDER, nullable=False),
    sa.Column("version", UtcDateTime, nullable=False),
    sa.Column("fetched", sa.BigInteger, nullable=False),
    sa.Column("told", sa.Text, nullable=False),
    sa.Column("last_change", sa.String(40), nullable=False),
    key=("import_id", "order_id"),
)
