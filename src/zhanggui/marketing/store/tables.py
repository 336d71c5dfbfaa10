"""Marketing's tables: customers and their names, their orders in brief, what they looked at, audiences, campaigns and
who is in them."""

import sqlalchemy as sa

from zhanggui.kernel.storage import UtcDateTime, merchant_table

_ID = sa.String(64)

customers = merchant_table(
    "customers",
    sa.Column("id", _ID, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("phone", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("tags", sa.JSON, nullable=False),
    sa.Column("consents", sa.JSON, nullable=False),
    sa.Column("personalised", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("measures", sa.JSON, nullable=False),
    sa.Column("measured_at", UtcDateTime),
)

customer_keys = merchant_table(
    "customer_keys",
    sa.Column("key", sa.String(400), nullable=False),
    sa.Column("customer_id", _ID, nullable=False),
    sa.Index("ix_customer_keys_merchant_id_customer_id", "merchant_id", "customer_id"),
    key=("key",),
)

customer_orders = merchant_table(
    "customer_orders",
    sa.Column("order_id", sa.String(330), nullable=False),
    sa.Column("customer_id", _ID, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("total_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("things", sa.JSON, nullable=False),
    sa.Column("prices", sa.JSON, nullable=False),
    sa.Index("ix_customer_orders_merchant_id_customer_id", "merchant_id", "customer_id", "at"),
    key=("order_id",),
)

audiences = merchant_table(
    "audiences",
    sa.Column("id", _ID, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("definition", sa.JSON, nullable=False),
    sa.Column("saved_by", sa.Text, nullable=False),
    sa.Column("saved_at", UtcDateTime, nullable=False),
)

campaigns = merchant_table(
    "campaigns",
    sa.Column("id", _ID, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("skipped", sa.JSON, nullable=False),
)

campaign_members = merchant_table(
    "campaign_members",
    sa.Column("campaign_id", _ID, nullable=False),
    sa.Column("customer_id", _ID, nullable=False),
    sa.Column("arm", sa.String(80), nullable=False),
    sa.Column("not_before", UtcDateTime, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("taken_at", UtcDateTime),
    sa.Index("ix_campaign_members_merchant_id_customer_id", "merchant_id", "customer_id"),
    key=("campaign_id", "customer_id"),
)

# What somebody did in the shop. `who` is a key as in `customer_keys`, or `visitor:...` of somebody not known (yet).
customer_events = merchant_table(
    "customer_events",
    sa.Column("id", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("who", sa.String(400), nullable=False),
    sa.Column("product_id", sa.String(200), nullable=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("things", sa.JSON, nullable=False),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    sa.Index("ix_customer_events_merchant_id_who", "merchant_id", "who", "at"),
    sa.Index("ix_customer_events_merchant_id_at", "merchant_id", "at"),
)
