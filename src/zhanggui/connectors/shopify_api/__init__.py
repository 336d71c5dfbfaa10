"""Shopify: webhooks of orders, refunds and fulfilments; the GraphQL Admin API's orders, page by page."""

from zhanggui.connectors.shopify_api.client import ShopifyOrders, ShopifyPage
from zhanggui.connectors.shopify_api.mapping import order_of, rest_shape
from zhanggui.connectors.shopify_api.settings import ShopifySources
from zhanggui.connectors.shopify_api.webhooks import ShopifyWebhooks

__all__ = ["ShopifyOrders", "ShopifyPage", "ShopifySources", "ShopifyWebhooks", "order_of", "rest_shape"]
