"""What can go wrong between a client and Google, queued by a test for the request it should hit."""

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

from .errors import ApiError


@dataclass(frozen=True)
class Fault:
    """One way to fail. `applied`: the request is carried out all the same, only the reply is not what it should be."""

    name: str
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hang: float = 0  # seconds before the connection is cut, 0: none
    cut: bool = False  # no reply at all
    truncate: str = ""  # "json" or "gzip": half of the true reply
    revoke: bool = False  # every token given out so far becomes worthless
    applied: bool = False

    def though_applied(self) -> "Fault":
        """The same failure, but the request has been carried out."""
        return replace(self, applied=True)


def _json(status: int, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    return {
        "status": status,
        "body": json.dumps(body, indent=2).encode(),
        "headers": {"Content-Type": "application/json; charset=UTF-8", **headers},
    }


def too_many_requests(retry_after: int | None = None) -> Fault:
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    body = {
        "error": {
            "code": 429,
            "message": "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' "
            "of service 'sheets.googleapis.com' for consumer 'project_number:1'.",
            "status": "RESOURCE_EXHAUSTED",
        }
    }
    return Fault("429", **_json(429, body, **headers))


def quota_403(reason: str = "userRateLimitExceeded") -> Fault:
    error = {"domain": "usageLimits", "reason": reason, "message": "User Rate Limit Exceeded."}
    body = {"error": {"errors": [error], "code": 403, "message": error["message"]}}
    return Fault("403 quota", **_json(403, body))


def html(status: int = 502) -> Fault:
    text = f"<!DOCTYPE html><html lang=en><title>Error {status} (Server Error)!!1</title><p><b>{status}.</b> That's an error."
    return Fault(f"HTML {status}", status, text.encode(), {"Content-Type": "text/html; charset=UTF-8"})


def error(status: int, message: str = "Internal error encountered.") -> Fault:
    """An error told in JSON, as Sheets does."""
    return Fault(f"JSON {status}", **_json(status, ApiError(status, message).answer(drive=False)))


def hang(seconds: float = 3600) -> Fault:
    """No reply for that long (or until the emulator stops), then the connection ends."""
    return Fault("hang", hang=seconds, cut=True)


def cut() -> Fault:
    """The connection ends without a reply."""
    return Fault("cut", cut=True)


def lost_reply() -> Fault:
    """The request is carried out and the connection ends without a reply."""
    return Fault("lost reply", cut=True, applied=True)


def truncated_json() -> Fault:
    return Fault("truncated JSON", truncate="json", applied=True)


def truncated_gzip() -> Fault:
    return Fault("truncated gzip", truncate="gzip", applied=True)


def revoked() -> Fault:
    """401, once: whoever asks the token endpoint again gets a token that works."""
    body = {
        "error": {
            "code": 401,
            "message": "Request had invalid authentication credentials.",
            "status": "UNAUTHENTICATED",
        }
    }
    return Fault("401", revoke=True, **_json(401, body))


def invalid_grant() -> Fault:
    """For the token endpoint: the account may no longer ask."""
    body = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
    return Fault("invalid_grant", **_json(400, body))


@dataclass
class _Queued:
    fault: Fault
    nth: int
    times: int
    method: str
    path: "re.Pattern[str] | None"
    met: int = 0


class Faults:
    """Faults waiting for their request. Requests to the token endpoint are met only by faults that name it."""

    def __init__(self) -> None:
        self._queue: list[_Queued] = []

    def add(self, fault: Fault, *, nth: int = 1, times: int = 1, method: str = "", path: str = "") -> None:
        """Let the `nth` request from now on fail, or the `nth` that matches `method` and `path` (a pattern found
        anywhere in the address), and the `times` - 1 matching requests after it."""
        self._queue.append(_Queued(fault, nth, times, method.upper(), re.compile(path) if path else None))

    def clear(self) -> None:
        self._queue.clear()

    def __len__(self) -> int:
        return len(self._queue)

    def meet(self, method: str, target: str) -> Fault | None:
        """The fault for this request, if it is some fault's turn."""
        hit: Fault | None = None
        for queued in list(self._queue):
            if queued.method and queued.method != method:
                continue
            if queued.path is None:
                if target.startswith("/token"):
                    continue
            elif not queued.path.search(target):
                continue
            queued.met += 1
            if hit is None and queued.met >= queued.nth:
                hit = queued.fault
                if queued.met >= queued.nth + queued.times - 1:
                    self._queue.remove(queued)
        return hit
