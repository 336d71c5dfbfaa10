"""The signature that Shopify and WooCommerce share: base64 of an HMAC-SHA256 over the raw body."""

import base64
import binascii
import hmac
from hashlib import sha256


def signed_body(signature: str, body: bytes, secrets: tuple[str, ...]) -> bool:
    """Whether a base64 HMAC-SHA256 over the body was made with one of the secrets; in constant time over all."""
    try:
        given = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        given = b""
    right = False
    for secret in secrets:
        right |= hmac.compare_digest(hmac.digest(secret.encode(), body, sha256), given)
    return right
