"""Retry with jitter and a circuit breaker: what stands between us and a provider that is slow or down."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from zhanggui.kernel.errors import RetryLater
from zhanggui.kernel.llm.ports import T

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 20.0


@dataclass(frozen=True, slots=True)
class Pacing:
    """Time and chance, injected: a monotonic clock in seconds, a sleep, a number in [0, 1)."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = field(default=random.random)


def pause_before(attempt: int, retry_after: float | None, chance: float) -> float:
    """Seconds to wait before retry number `attempt` (1 is the first): exponential with full jitter, or what the
    provider asked for plus jitter (Marc Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015)."""
    window = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (attempt - 1))
    if retry_after is not None:
        return min(_LONGEST_PAUSE, max(0.0, retry_after)) + _FIRST_PAUSE * chance
    return window * chance


class Breaker:
    """Opens after a run of failures; while open, calls fail at once; after a rest one probe may pass."""

    def __init__(self, name: str, *, failures: int, seconds: float, now: Callable[[], float]) -> None:
        self._name, self._limit, self._rest, self._now = name, failures, seconds, now
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until: float | None = None

    def enter(self) -> None:
        """Ask to make a call.

        Raises:
            RetryLater: the breaker is open, or a probe is already under way.
        """
        with self._lock:
            if self._open_until is None:
                return
            left = self._open_until - self._now()
            if left > 0:
                raise RetryLater(f"{self._name} failed {self._failures} times in a row; resting", retry_after=left)
            # This caller is the probe; the others wait for another rest.
            self._open_until = self._now() + self._rest

    def succeeded(self) -> None:
        """The call was answered (even with a refusal: the provider is alive)."""
        with self._lock:
            self._failures, self._open_until = 0, None

    def failed(self) -> None:
        """The call was not answered."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._limit:
                self._open_until = self._now() + self._rest

    @property
    def open(self) -> bool:
        """Whether a call would be refused now."""
        with self._lock:
            return self._open_until is not None and self._open_until > self._now()


def persistently(call: Callable[[], T], *, breaker: Breaker, attempts: int, pacing: Pacing) -> T:
    """Make a call through a breaker, again after a pause while it raises `RetryLater`, `attempts` times in all.

    Raises:
        RetryLater: the last attempt failed too, or the breaker is open.
    """
    for attempt in range(1, attempts + 1):
        breaker.enter()
        try:
            result = call()
        except RetryLater as slow:
            breaker.failed()
            if attempt == attempts or breaker.open:
                raise
            asked = slow.details.get("retry_after")
            pacing.sleep(pause_before(attempt, asked if isinstance(asked, float) else None, pacing.chance()))
        except Exception:
            breaker.succeeded()
            raise
        else:
            breaker.succeeded()
            return result
    raise RetryLater("no attempt was allowed", attempts=attempts)
