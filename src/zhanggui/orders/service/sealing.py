"""Secrets of shops, kept encrypted: Fernet (AES-128-CBC with HMAC) under a key derived from the installation's own."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from zhanggui.kernel.errors import NotConfigured

_PURPOSE = b"zhanggui/shop-secrets/1"


class SecretBox:
    """Seals and opens secrets. The key comes from the signing key by HKDF-SHA256 (RFC 5869), so it signs nothing."""

    def __init__(self, signing_key: str) -> None:
        derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_PURPOSE).derive(signing_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def seal(self, secret: str) -> str:
        """The secret, encrypted, as text."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret.

        Raises:
            NotConfigured: it was sealed under another signing key.
        """
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise NotConfigured("a shop's secret was sealed under another signing key: enter it again") from None
