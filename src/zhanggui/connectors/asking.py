"""Asking a shop over HTTPS: only hosts that may be asked, bounded time, patience with 429 and 5xx."""

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from zhanggui.connectors.pinning import PinnedTransport, checked_addresses
from zhanggui.kernel.errors import BadInput, NotConfigured, OperatorError, RetryLater

_HOST = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost):\d{2,5}")
_MOST_BYTES = 64 << 20
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a shop: seconds for one answer, between tries, and in all."""

    timeout: float = 30.0
    first_pause: float = 0.5
    longest_pause: float = 30.0
    in_all: float = 120.0


def check_host(host: str, *, pattern: re.Pattern[str] = _HOST, allow_loopback: bool = False) -> str:
    """The host in lower case, when it is one that may be asked.

    Raises:
        BadInput: not a plain host name (no address, port, user, path), or not one of `pattern`.
    """
    plain = host.strip().lower().rstrip(".")
    if allow_loopback and _LOOPBACK.fullmatch(plain):
        return plain
    if not pattern.fullmatch(plain) or not _HOST.fullmatch(plain):
        raise BadInput(
            field="host", expected="a host name on the public internet, such as shop.example.com", found=host
        )
    return plain


class Asker:
    """One connection to one host. Redirects are not followed; addresses inside our own network are refused."""

    def __init__(
        self,
        host: str,
        headers: Mapping[str, str],
        *,
        auth: tuple[str, str] | None = None,
        allow_loopback: bool = False,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._patience, self._sleep = patience or Patience(), sleep
        local = allow_loopback and _LOOPBACK.fullmatch(host) is not None
        self._client = httpx.Client(
            transport=None if local else PinnedTransport(host, checked_addresses(host)),
            base_url=f"{'http' if local else 'https'}://{host}",
            headers={"accept": "application/json", "user-agent": "zhanggui", **headers},
            auth=auth,
            timeout=self._patience.timeout,
            follow_redirects=False,
            trust_env=False,
        )
        self._waited = 0.0

    def ask(self, method: str, path: str, *, once: bool = False, **request: object) -> httpx.Response:
        """The answer to a request. It may be sent several times, but for `once`: a write that the other side cannot
        know again is sent again only where it was surely not done (too many requests); whoever asks looks first.

        Raises:
            RetryLater: no usable answer within our patience; with `once` it may have been done.
            NotConfigured: the shop refuses our credentials.
            OperatorError: the shop answers something else than success.
        """
        for attempt in range(_TRIES):
            try:
                answer = self._client.request(method, path, **request)  # pyright: ignore[reportArgumentType] - as httpx takes
            except httpx.TransportError as broken:
                if once:
                    raise RetryLater(f"the connection broke ({type(broken).__name__})") from broken
                self.wait(self._pause(attempt), f"{type(broken).__name__}")
                continue
            if once and answer.status_code >= 500:
                raise RetryLater(f"the shop answered with status {answer.status_code}")
            if answer.status_code == 429 or answer.status_code >= 500:
                self.wait(self._asked_pause(answer, attempt), f"status {answer.status_code}")
                continue
            return _checked(answer)
        raise RetryLater(f"the shop gave no answer in {_TRIES} tries")

    def tell(self, path: str, body: bytes) -> int:
        """Post a body once; the status of the answer, whose content is not read.

        Raises:
            RetryLater: nobody answered.
        """
        try:
            with self._client.stream("POST", path, content=body) as answer:
                return answer.status_code
        except httpx.TransportError as broken:
            raise RetryLater(f"no answer: the connection broke ({type(broken).__name__})") from broken

    def wait(self, seconds: float, reason: str) -> None:
        """Pause because the shop wants it.

        Raises:
            RetryLater: the pauses come to more than our patience in all.
        """
        self._waited += seconds
        if self._waited > self._patience.in_all:
            raise RetryLater(f"the shop makes us wait too long ({reason})")
        self._sleep(seconds)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _pause(self, attempt: int) -> float:
        longest = min(self._patience.longest_pause, self._patience.first_pause * 2**attempt)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret

    def _asked_pause(self, answer: httpx.Response, attempt: int) -> float:
        asked = answer.headers.get("retry-after", "").strip()
        if asked.replace(".", "", 1).isdigit():
            return float(asked)
        try:
            return max(0.0, (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds())
        except (TypeError, ValueError):
            return self._pause(attempt)


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.status_code in (401, 403):
        raise NotConfigured(f"the shop refuses our credentials (status {answer.status_code})")
    if not answer.is_success:
        raise OperatorError(f"the shop answered with status {answer.status_code}")
    if len(answer.content) > _MOST_BYTES:
        raise OperatorError(f"the shop's answer is over {_MOST_BYTES >> 20} MiB")
    return answer
