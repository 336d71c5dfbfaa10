"""WooCommerce's webhooks: base64 HMAC-SHA256 of the raw body, one id a delivery, the topic in a header."""

from collections.abc import Mapping
from datetime import datetime

from zhanggui.connectors.hmac_base64 import signed_body
from zhanggui.connectors.woocommerce_api.mapping import SOURCE, news_of
from zhanggui.kernel.commerce import SourceNews
from zhanggui.kernel.types import JsonObject


class WooWebhooks:
    """Reads WooCommerce's deliveries. It is known to drop and to double them: reconcile as well."""

    source = SOURCE

    def delivery(self, headers: Mapping[str, str]) -> tuple[str, str]:
        """`X-WC-Webhook-Delivery-ID` and `X-WC-Webhook-Topic`."""
        return headers.get("x-wc-webhook-delivery-id", ""), headers.get("x-wc-webhook-topic", "")

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...], now: datetime) -> bool:
        """Whether `X-WC-Webhook-Signature` was made with one of the secrets."""
        return signed_body(headers.get("x-wc-webhook-signature", ""), body, secrets)

    def news(self, topic: str, payload: JsonObject) -> tuple[SourceNews, ...]:
        """What the delivery tells.

        Raises:
            BadInput: names the field that is not what it should be.
        """
        return news_of(topic, payload)
