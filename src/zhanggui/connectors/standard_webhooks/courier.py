"""Carrying signed webhooks out, and checking those that come in."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from zhanggui.connectors.asking import Asker, Patience, check_host
from zhanggui.connectors.standard_webhooks.signing import StandardWebhooks, sign
from zhanggui.kernel.errors import BadInput

_PATIENCE = Patience(timeout=10.0)


class WebhookCourier:
    """Sends to https addresses on the public internet only; loopback only where that is allowed (tests)."""

    def __init__(self, *, allow_loopback: bool = False) -> None:
        self._allow_loopback = allow_loopback
        self._webhooks = StandardWebhooks()

    def check(self, url: str) -> str:
        """The address as it is kept.

        Raises:
            BadInput: it is no https address with a plain host name.
        """
        parts = urlsplit(url.strip())
        schemes = ("https", "http") if self._allow_loopback else ("https",)
        if parts.scheme not in schemes or parts.username or parts.password or parts.fragment:
            raise BadInput(field="url", expected="an https address", found=url)
        host = check_host(parts.netloc, allow_loopback=self._allow_loopback)
        query = f"?{parts.query}" if parts.query else ""
        return f"{parts.scheme}://{host}{parts.path or '/'}{query}"

    def send(self, url: str, secret: str, delivery_id: str, at: datetime, body: bytes) -> int:
        """Send once; the HTTP status, whatever it is.

        Raises:
            RetryLater: nobody answered.
            BadInput: the host leads into our own network.
        """
        parts = urlsplit(url)
        headers = {**sign(secret, delivery_id, at, body), "content-type": "application/json"}
        asker = Asker(parts.netloc, headers, allow_loopback=self._allow_loopback, patience=_PATIENCE)
        try:
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            return asker.tell(path, body)
        finally:
            asker.close()

    def verify(self, headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> bool:
        """Whether the body was signed with the secret within five minutes of now."""
        return self._webhooks.verify(headers, body, (secret,), now)
