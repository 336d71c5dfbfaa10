"""Connecting only to the addresses that were checked: a name is looked up once, so it cannot point elsewhere later."""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Sequence

import httpx

from zhanggui.kernel.errors import BadInput, RetryLater

_MOST_ADDRESSES = 4
Resolve = Callable[[str], Sequence[str]]


def look_up(host: str) -> Sequence[str]:
    """The addresses of a name, in the order that the system prefers.

    Raises:
        OSError: the name is not known.
    """
    found = socket.getaddrinfo(host, 443, proto=socket.IPPROTO_TCP)
    return tuple(dict.fromkeys(str(info[4][0]) for info in found))


def checked_addresses(host: str, resolve: Resolve = look_up) -> tuple[str, ...]:
    """The addresses of a host, looked up once, all of them on the public internet.

    Raises:
        RetryLater: the name is not known now.
        BadInput: one of them is inside a network of ours.
    """
    try:
        found = resolve(host)
    except OSError as unknown:
        raise RetryLater(f"the host {host!r} cannot be found ({unknown})") from unknown
    for address in found:
        if not ipaddress.ip_address(address.split("%")[0]).is_global:
            raise BadInput(field="host", expected="a host on the public internet", found=f"{host} at {address}")
    return tuple(found[:_MOST_ADDRESSES])


class PinnedTransport(httpx.BaseTransport):
    """Sends requests for one host to these addresses and nowhere else.

    The name stays in the `Host` header, in the TLS handshake and in the check of the certificate. The next address is
    tried only where no connection came about, so nothing is sent twice.
    """

    def __init__(self, host: str, addresses: Sequence[str], *, verify: ssl.SSLContext | bool = True) -> None:
        self._host, self._addresses = host, tuple(addresses)
        self._inner = httpx.HTTPTransport(verify=verify, trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to one request.

        Raises:
            httpx.UnsupportedProtocol: the request is for another host.
            httpx.ConnectError: none of the addresses takes connections.
        """
        if request.url.host != self._host:
            raise httpx.UnsupportedProtocol(f"this connection is for {self._host} only")
        named = request.url
        failed: httpx.TransportError = httpx.ConnectError(f"{self._host} has no address")
        try:
            for address in self._addresses:
                request.url = named.copy_with(host=address)
                request.extensions = {**request.extensions, "sni_hostname": self._host}
                try:
                    return self._inner.handle_request(request)
                except (httpx.ConnectError, httpx.ConnectTimeout) as closed:
                    failed = closed
        finally:
            request.url = named
        raise failed

    def close(self) -> None:
        """Let go of the connections."""
        self._inner.close()
