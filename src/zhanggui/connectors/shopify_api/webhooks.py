"""Shopify's webhooks: base64 HMAC-SHA256 of the raw body, one id a delivery, the topic in a header."""

from collections.abc import Mapping
from datetime import datetime

from zhanggui.connectors.hmac_base64 import signed_body
from zhanggui.connectors.shopify_api.mapping import SOURCE, news_of
from zhanggui.kernel.commerce import SourceNews
from zhanggui.kernel.types import JsonObject


class ShopifyWebhooks:
    """Reads Shopify's deliveries. They carry no signed time: a replay is harmless, as old news never replace newer."""

    source = SOURCE

    def delivery(self, headers: Mapping[str, str]) -> tuple[str, str]:
        """`X-Shopify-Webhook-Id` and `X-Shopify-Topic`."""
        return headers.get("x-shopify-webhook-id", ""), headers.get("x-shopify-topic", "")

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...], now: datetime) -> bool:
        """Whether `X-Shopify-Hmac-Sha256` was made with one of the secrets."""
        return signed_body(headers.get("x-shopify-hmac-sha256", ""), body, secrets)

    def news(self, topic: str, payload: JsonObject) -> tuple[SourceNews, ...]:
        """What the delivery tells.

        Raises:
            BadInput: names the field that is not what it should be.
        """
        return news_of(topic, payload)
