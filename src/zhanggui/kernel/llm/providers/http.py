"""JSON over HTTP for the remote providers: deadlines, size limits, and every failure named by who must act."""

import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import cast

import httpx
import orjson

from zhanggui.kernel.errors import NotConfigured, OperatorError, RetryLater
from zhanggui.kernel.types import JsonObject

_MOST_BYTES = 16 * 2**20
_CONNECT_SECONDS = 10.0
# Request timeout, conflict, too early, too many requests: the same request may pass later.
_LATER = frozenset({408, 409, 425, 429})


class JsonHttp:
    """One provider's HTTP connection pool; safe to share between threads."""

    def __init__(self, provider: str, base_url: str) -> None:
        self._provider = provider
        self._base = base_url.rstrip("/")
        self._client = httpx.Client(follow_redirects=False)

    def post(self, path: str, body: JsonObject, *, headers: Mapping[str, str], timeout: float) -> JsonObject:
        """Send and read one JSON object.

        Raises:
            RetryLater: it is slow, overloaded, unreachable, or sent something that is no JSON object.
            NotConfigured: it does not accept the key.
            OperatorError: it refuses the request.
        """
        deadline = time.monotonic() + timeout
        received = bytearray()
        try:
            with self._send(path, body, headers, timeout) as response:
                for part in response.iter_bytes():
                    received += part
                    self._check(deadline, len(received))
                self._raise_for(response, bytes(received))
        except httpx.HTTPError as broken:
            raise self._later(f"{type(broken).__name__}") from broken
        return self._object(bytes(received))

    def events(
        self, path: str, body: JsonObject, *, headers: Mapping[str, str], timeout: float
    ) -> Iterator[JsonObject]:
        """Send and read server-sent events, each one JSON object, until `[DONE]` or the end. Errors as in `post`."""
        deadline = time.monotonic() + timeout
        size = 0
        try:
            with self._send(path, body, headers, timeout) as response:
                if response.status_code != 200:
                    self._raise_for(response, response.read())
                for line in response.iter_lines():
                    size += len(line)
                    self._check(deadline, size)
                    data = line.removeprefix("data:").strip()
                    if data == "[DONE]":
                        return
                    if line.startswith("data:") and data:
                        yield self._object(data.encode())
        except httpx.HTTPError as broken:
            raise self._later(f"{type(broken).__name__}") from broken

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _send(
        self, path: str, body: JsonObject, headers: Mapping[str, str], timeout: float
    ) -> AbstractContextManager[httpx.Response]:
        limits = httpx.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS))
        content = orjson.dumps(body)
        sent = {"content-type": "application/json", **headers}
        return self._client.stream("POST", self._base + path, content=content, headers=sent, timeout=limits)

    def _check(self, deadline: float, size: int) -> None:
        if time.monotonic() > deadline:
            raise self._later("it did not finish in time")
        if size > _MOST_BYTES:
            raise OperatorError(f"{self._provider} sent more than {_MOST_BYTES} bytes")

    def _raise_for(self, response: httpx.Response, received: bytes) -> None:
        status = response.status_code
        if status == 200:
            return
        said = _said(received)
        if status in _LATER or status >= 500:
            raise self._later(f"HTTP {status} {said}", retry_after=_seconds(response.headers.get("retry-after")))
        if status in (401, 403):
            raise NotConfigured(f"{self._provider} does not accept the key: {said}")
        raise OperatorError(f"{self._provider} refuses the request: HTTP {status} {said}", status=status)

    def _object(self, data: bytes) -> JsonObject:
        try:
            value: object = orjson.loads(data)
        except orjson.JSONDecodeError as broken:
            raise self._later("its answer is not JSON") from broken
        if not isinstance(value, dict):
            raise self._later("its answer is not a JSON object")
        found = cast(JsonObject, value)
        if found.get("error"):
            raise self._later(f"it reports an error: {_said(data)}")
        return found

    def _later(self, reason: str, *, retry_after: float | None = None) -> RetryLater:
        return RetryLater(f"{self._provider}: {reason}", retry_after=retry_after)


def _said(received: bytes) -> str:
    """The provider's own words, short."""
    try:
        value: object = orjson.loads(received)
    except orjson.JSONDecodeError:
        return ""
    found = dig(value, "error", "message") or dig(value, "error") or dig(value, "message") or value
    return str(found)[:300]


def _seconds(header: str | None) -> float | None:
    try:
        return float(header) if header else None
    except ValueError:  # an HTTP date: our own pause will do
        return None


def dig(value: object, *steps: str | int) -> object:
    """What lies at a path of keys and indices in JSON, or None where the path breaks off."""
    for step in steps:
        if isinstance(step, str) and isinstance(value, dict):
            value = cast("dict[str, object]", value).get(step)
        elif isinstance(step, int) and isinstance(value, list) and len(cast("list[object]", value)) > step:
            value = cast("list[object]", value)[step]
        else:
            return None
    return value


def count(value: object, *steps: str | int) -> int:
    """The number at a path in JSON, or 0."""
    found = dig(value, *steps)
    return found if isinstance(found, int) else 0
