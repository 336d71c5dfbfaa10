"""Signing and verifying as Standard Webhooks says: HMAC-SHA256 over `id.timestamp.body`, base64, `v1,` before it."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from zhanggui.connectors.standard_webhooks.neutral import read_news
from zhanggui.kernel.commerce import SourceNews
from zhanggui.kernel.errors import BadInput
from zhanggui.kernel.types import JsonObject

TOLERANCE = timedelta(minutes=5)
_PREFIX = "whsec_"
_MOST_SIGNATURES = 16


def sign(secret: str, delivery_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a delivery signed with `secret` (`whsec_` and base64, or plain text)."""
    stamp = str(int(at.timestamp()))
    mark = base64.b64encode(_mac(secret, delivery_id, stamp, body)).decode()
    return {"webhook-id": delivery_id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{mark}"}


class StandardWebhooks:
    """Reads deliveries of neutral orders: `{type, timestamp, data}`."""

    source = "standard"

    def delivery(self, headers: Mapping[str, str]) -> tuple[str, str]:
        """`webhook-id`; the topic is inside the body."""
        return headers.get("webhook-id", ""), ""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...], now: datetime) -> bool:
        """Whether one of the signatures was made with one of the secrets within 5 minutes of now."""
        delivery_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        given = [_decoded(one) for one in headers.get("webhook-signature", "").split(" ")[:_MOST_SIGNATURES]]
        right = False
        for secret in secrets:
            expected = _mac(secret, delivery_id, stamp, body)
            for mark in given:
                right |= hmac.compare_digest(expected, mark)
        return right and _recent(stamp, now)

    def news(self, topic: str, payload: JsonObject) -> tuple[SourceNews, ...]:
        """What `data` tells, by `type`.

        Raises:
            BadInput: `type` or `data` is missing, or a field of it is not what it should be.
        """
        kind, data = payload.get("type"), payload.get("data")
        if not isinstance(kind, str):
            raise BadInput(field="type", expected="a type such as order.updated", found=repr(kind))
        if not isinstance(data, dict):
            raise BadInput(field="data", expected="an object", found=repr(data))
        return read_news(kind, data)


def _mac(secret: str, delivery_id: str, stamp: str, body: bytes) -> bytes:
    return hmac.digest(_key(secret), f"{delivery_id}.{stamp}.".encode() + body, sha256)


def _key(secret: str) -> bytes:
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        return secret.encode()


def _decoded(signature: str) -> bytes:
    version, _, mark = signature.partition(",")
    try:
        return base64.b64decode(mark, validate=True) if version == "v1" else b""
    except (binascii.Error, ValueError):
        return b""


def _recent(stamp: str, now: datetime) -> bool:
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    return abs(now.timestamp() - int(stamp)) <= TOLERANCE.total_seconds()
