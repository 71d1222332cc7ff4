"""When the next request may start: so many a minute, a few at once at most, and not too close on one spreadsheet."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

MINUTE = 60.0
PER_MINUTE, BURST = 55, 5  # together what Google allows in a minute: 60


class Spacing:
    """Seconds between two starts with the same key; limiters of several kinds may share it."""

    def __init__(self, apart: float = 1.0) -> None:
        self._apart = apart
        self._lock = Lock()
        self._free: dict[str, float] = {}  # key → when it may start next

    def reserve(self, key: str, start: float) -> float:
        """The earliest moment from ``start`` on that is far enough from the one before."""
        with self._lock:
            start = max(start, self._free.get(key, start))
            self._free[key] = start + self._apart
            return start

    def clock_put_back(self, seconds: float) -> None:
        with self._lock:
            self._free = {key: free - seconds for key, free in self._free.items()}


class Limiter:
    """A token bucket shared by threads: no 60 seconds see more than ``per_minute + burst`` starts."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        *,
        per_minute: float = PER_MINUTE,
        burst: int = BURST,
        spacing: Spacing | None = None,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._interval, self._burst, self._spacing = MINUTE / per_minute, burst, spacing or Spacing()
        self._lock = Lock()
        self._due = self._last = clock()  # when a bucket of one token would be full again; the last look at the clock
        self._slow_until = self._last

    def take(self, key: str = "") -> float:
        """Wait until one request may start; gives the seconds waited."""
        _, waited = self.reserve(key)
        if waited > 0:
            self._sleep(waited)
        return waited

    def reserve(self, key: str = "") -> tuple[float, float]:
        """Take a token without waiting: (when the request may start, seconds until then)."""
        with self._lock:
            now = self._now()
            slow = now < self._slow_until
            interval = self._interval * 2 if slow else self._interval
            credit = 0.0 if slow else (self._burst - 1) * self._interval
            start = max(now, self._due - credit)
            if key:
                start = self._spacing.reserve(key, start)
            self._due = max(self._due, start) + interval
            return start, start - now

    def halve(self, seconds: float = MINUTE) -> None:
        """Half the rate, and no bursts, for a while: Google said that the quota is used up."""
        with self._lock:
            now = self._now()
            self._slow_until = now + seconds
            self._due = max(self._due, now)

    def _now(self) -> float:
        """The clock; one that was put back counts as no time gone, so that nobody waits for the difference."""
        now = self._clock()
        if now < self._last:
            back = self._last - now
            self._due -= back
            self._slow_until -= back
            self._spacing.clock_put_back(back)
        self._last = now
        return now


def minutes(requests: int) -> float:
    """How long so many requests of one kind take at least, for `plan`."""
    return max(0, requests - BURST) / PER_MINUTE
