"""The address that was checked is the one that is asked: a name that changes its mind leads nowhere new."""

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from zhanggui.connectors.pinning import PinnedTransport, checked_addresses
from zhanggui.kernel.errors import BadInput, RetryLater

HOST = "shop.example.com"


class Secure:
    """An HTTPS server on loopback whose certificate is for `HOST`."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(),
                                       now - timedelta(days=1), now + timedelta(days=1))  # fmt: skip
        alternatives = x509.SubjectAlternativeName([x509.DNSName(HOST)])
        made = made.add_extension(alternatives, False).add_extension(x509.BasicConstraints(True, 0), True)
        self.file = folder / "server.pem"
        self.file.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                              serialization.NoEncryption())
            + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        )  # fmt: skip
        self.names: list[str | None] = []
        self.hosts: list[str] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.hosts.append(self.headers["host"])
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Secure]:
    made = Secure(tmp_path)
    yield made
    made.server.shutdown()
    made.server.server_close()


def _client(secure: Secure, host: str, *addresses: str) -> httpx.Client:
    trusted = ssl.create_default_context(cafile=str(secure.file))
    return httpx.Client(transport=PinnedTransport(host, addresses, verify=trusted), trust_env=False)


def test_the_pinned_address_is_asked_under_the_name(secure: Secure) -> None:
    with _client(secure, HOST, "127.0.0.2", "127.0.0.1") as client:  # nobody listens on the first
        answer = client.get(f"https://{HOST}:{secure.port}/x")
    assert answer.status_code == 204 and str(answer.request.url) == f"https://{HOST}:{secure.port}/x"
    assert secure.names == [HOST] and secure.hosts == [f"{HOST}:{secure.port}"]


def test_a_certificate_for_another_name_and_another_host_are_refused(secure: Secure) -> None:
    other = "other.example.com"
    with _client(secure, other, "127.0.0.1") as client:
        with pytest.raises(httpx.ConnectError, match="certificate"):
            client.get(f"https://{other}:{secure.port}/")
        with pytest.raises(httpx.UnsupportedProtocol):
            client.get(f"https://{HOST}:{secure.port}/")
    assert secure.hosts == []


def test_a_name_is_looked_up_once_and_every_address_is_checked() -> None:
    answers = [["93.184.215.14"], ["127.0.0.1"], ["93.184.215.14", "::ffff:10.0.0.1"], ["169.254.169.254"]]
    asked: list[str] = []

    def rebinding(host: str) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    assert checked_addresses(HOST, rebinding) == ("93.184.215.14",) and asked == [HOST]
    for _ in answers[1:]:
        with pytest.raises(BadInput):
            checked_addresses(HOST, rebinding)


def test_an_unknown_name_is_for_later() -> None:
    def unknown(host: str) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(RetryLater):
        checked_addresses(HOST, unknown)
