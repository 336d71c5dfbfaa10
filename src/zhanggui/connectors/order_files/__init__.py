"""Files of orders: Shopify and WooCommerce exports, any table by a column mapping, and the public sets."""

from zhanggui.connectors.order_files.files import (
    ORDER_FORMATS,
    OpenOrders,
    OrderFileFacts,
    is_parquet,
    open_orders,
    recognise_orders,
)
from zhanggui.connectors.order_files.lines import ReadOrder
from zhanggui.connectors.order_files.mapping import FIELDS as ORDER_FIELDS
from zhanggui.connectors.order_files.mapping import OrderColumns, guess_columns

__all__ = [
    "ORDER_FIELDS",
    "ORDER_FORMATS",
    "OpenOrders",
    "OrderColumns",
    "OrderFileFacts",
    "ReadOrder",
    "guess_columns",
    "is_parquet",
    "open_orders",
    "recognise_orders",
]
