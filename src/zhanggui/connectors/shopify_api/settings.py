"""How a Shopify shop is connected: its myshopify host; the secret is the Admin API access token."""

import re

from zhanggui.connectors.asking import Asker, Patience, check_host
from zhanggui.connectors.shopify_api.client import API_VERSION, ShopifyOrders
from zhanggui.connectors.shopify_api.effects import EFFECTS, ShopifyDoor
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject

_SHOP = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")
_VERSION = re.compile(r"20\d\d-(01|04|07|10)")


class ShopifySources:
    """Opens connections to Shopify shops. `allow_loopback` lets a test's own server stand in."""

    source = "shopify"

    def __init__(self, *, allow_loopback: bool = False, patience: Patience | None = None) -> None:
        self._loopback, self._patience = allow_loopback, patience

    def check(self, settings: JsonObject) -> JsonObject:
        """`host` (…myshopify.com), `currency` and `api_version` (quarterly), the last two optional.

        Raises:
            BadInput: one of them is not what it should be.
        """
        version = str(settings.get("api_version") or API_VERSION)
        if not _VERSION.fullmatch(version):
            raise BadInput(field="api_version", expected="a version such as 2026-01", found=version)
        host = check_host(str(settings.get("host", "")), pattern=_SHOP, allow_loopback=self._loopback)
        return {"host": host, "currency": str(settings.get("currency") or ""), "api_version": version}

    @property
    def effects(self) -> tuple[str, ...]:
        """What such a shop can be told to do."""
        return EFFECTS

    def open(self, settings: JsonObject, secret: str) -> ShopifyOrders:
        """A connection with the shop's access token."""
        return ShopifyOrders(*self._asker(settings, secret))

    def open_door(self, settings: JsonObject, secret: str) -> ShopifyDoor:
        """A connection that may write: the token needs `write_orders`, for holds its fulfilment scope too."""
        return ShopifyDoor(*self._asker(settings, secret))

    def _asker(self, settings: JsonObject, secret: str) -> tuple[Asker, str]:
        checked = self.check(settings)
        headers = {"x-shopify-access-token": secret}
        asker = Asker(str(checked["host"]), headers, allow_loopback=self._loopback, patience=self._patience)
        return asker, str(checked["api_version"])
