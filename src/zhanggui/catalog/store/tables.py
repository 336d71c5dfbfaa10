"""The catalogue's tables.

A product is one wide row. Its one plain variant (no options, the product's own price) lies in the row itself
(`variant_count` 1, `sku`, `stock`, `details`); products with several variants have rows in `product_variants`.
Columns that listings filter and sort by come first, so that a scan never reads the long text behind them.
`created_by` and `last_change` name the import batch or edit that made and last touched the row (NULL: none since):
undo rests on them.
"""

import sqlalchemy as sa

from zhanggui.kernel.storage import UtcDateTime, merchant_table

PATH_SEPARATOR = "\x1f"

products = merchant_table(
    "products",
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("sku", sa.Text),
    sa.Column("brand", sa.Text, nullable=False),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("price_minor", sa.BigInteger),
    sa.Column("currency", sa.String(3)),
    sa.Column("stock", sa.BigInteger),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("variant_count", sa.Integer, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("last_change", sa.Text),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    # Most shops use the SKU as the id: those rows need no second index entry, which doubles the speed of an import.
    sa.Index(
        "ix_products_merchant_id_sku",
        "merchant_id",
        "sku",
        sqlite_where=sa.text("sku <> id"),
        postgresql_where=sa.text("sku <> id"),
    ),
)

product_variants = merchant_table(
    "product_variants",
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("sku", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("options", sa.Text, nullable=False),
    sa.Column("price_minor", sa.BigInteger),
    sa.Column("currency", sa.String(3)),
    sa.Column("stock", sa.BigInteger),
    sa.Column("barcode", sa.Text, nullable=False),
    sa.Column("weight_grams", sa.Double),
    sa.Index("ix_product_variants_merchant_id_sku", "merchant_id", "sku"),
    key=("product_id", "position"),
)

import_batches = merchant_table(
    "import_batches",
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("format", sa.String(32), nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("counts", sa.JSON, nullable=False),
    sa.Column("problems", sa.JSON, nullable=False),
)

import_changes = merchant_table(
    "import_changes",
    sa.Column("batch_id", sa.Text, nullable=False),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("before", sa.Text, nullable=False),
    key=("batch_id", "product_id"),
)

column_mappings = merchant_table(
    "column_mappings",
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("mapping", sa.JSON, nullable=False),
    sa.Column("saved_at", UtcDateTime, nullable=False),
    key=("name",),
)

published_listings = merchant_table(
    "published_listings",
    sa.Column("id", sa.String(128), nullable=False),
    sa.Column("product_id", sa.Text, nullable=False),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("locale", sa.String(8), nullable=False),
    sa.Column("copy", sa.JSON, nullable=False),
    sa.Column("proof", sa.JSON, nullable=False),
    sa.Column("ai_written", sa.Boolean, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("published_at", UtcDateTime, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("withdrawn_at", UtcDateTime),
    sa.Index(
        "ix_published_listings_product", "merchant_id", "product_id", "channel", "locale", "sequence", unique=True
    ),
)

voices = merchant_table(
    "voices",
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("voice", sa.JSON, nullable=False),
    sa.Column("saved_at", UtcDateTime, nullable=False),
    key=("name",),
)

search_log = merchant_table(
    "search_log",
    sa.Column("id", sa.String(32), nullable=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("results", sa.Integer, nullable=False),
    sa.Column("clicked", sa.Text),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Index("ix_search_log_at", "merchant_id", "at"),
)
