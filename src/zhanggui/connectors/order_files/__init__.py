"""Files of orders: Shopify and WooCommerce exports, any table by a column mapping, and the public sets."""

from zhanggui.connectors.order_files.files import ORDER_FORMATS, OpenOrders, open_orders
from zhanggui.connectors.order_files.mapping import OrderColumns, guess_columns

__all__ = ["ORDER_FORMATS", "OpenOrders", "OrderColumns", "guess_columns", "open_orders"]
