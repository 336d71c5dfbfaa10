"""Standard Webhooks (standardwebhooks.com): signed deliveries of our own neutral orders, in and out."""

from zhanggui.connectors.standard_webhooks.courier import WebhookCourier
from zhanggui.connectors.standard_webhooks.neutral import read_news, read_order
from zhanggui.connectors.standard_webhooks.signing import StandardWebhooks, sign

__all__ = ["StandardWebhooks", "WebhookCourier", "read_news", "read_order", "sign"]
