"""WooCommerce: webhooks of orders; the REST API v3's orders, in the order of their last change."""

from zhanggui.connectors.woocommerce_api.client import WooOrders, WooPage, WooSources
from zhanggui.connectors.woocommerce_api.mapping import order_of
from zhanggui.connectors.woocommerce_api.webhooks import WooWebhooks

__all__ = ["WooOrders", "WooPage", "WooSources", "WooWebhooks", "order_of"]
