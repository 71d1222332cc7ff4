"""Requests a minute and account: above the limit 429, as in Google's quotas for Sheets."""

from collections import defaultdict, deque
from collections.abc import Callable

from .errors import ApiError


class Quotas:
    """At most `reads` and `writes` in any 60 seconds of the clock; None: no limit. What is refused does not count."""

    def __init__(self, clock: Callable[[], float], reads: int | None = None, writes: int | None = None) -> None:
        self.clock = clock
        self.limits: dict[str, int | None] = {"read": reads, "write": writes}
        self._times: dict[tuple[str, str], deque[float]] = defaultdict(deque)
        self.refused = 0

    def set(self, reads: int | None = 60, writes: int | None = 60) -> None:
        self.limits = {"read": reads, "write": writes}

    def take(self, account: str, kind: str) -> None:
        limit = self.limits.get(kind)
        if limit is None:
            return
        now, times = self.clock(), self._times[account, kind]
        while times and times[0] <= now - 60:
            times.popleft()
        if len(times) >= limit:
            self.refused += 1
            what = kind.capitalize()
            raise ApiError(
                429,
                f"Quota exceeded for quota metric '{what} requests' and limit '{what} requests per minute per user' "
                "of service 'sheets.googleapis.com' for consumer 'project_number:1'.",
                details=[
                    {
                        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                        "reason": "RATE_LIMIT_EXCEEDED",
                        "domain": "googleapis.com",
                        "metadata": {"quota_limit_value": str(limit), "service": "sheets.googleapis.com"},
                    }
                ],
            )
        times.append(now)
