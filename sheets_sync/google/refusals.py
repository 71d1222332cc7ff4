"""Why Google did not do what it was asked: which answer means what, and what the operator and the school can do.

Three kinds are raised: :class:`GoogleRefused` for one spreadsheet or folder, :class:`GoogleUnavailable` after giving
up, :class:`GoogleStopped` when nothing of Google can work before somebody mends the set-up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from sheets_sync.errors import SourceError
from sheets_sync.issues import At, Issue

QUOTA, PASSING, LATER, REFUSED, STOP = "quota", "passing", "later", "refused", "stop"

_QUOTA_REASONS = frozenset(
    {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "sharingRateLimitExceeded"}
)
_DAY_REASONS = frozenset({"dailyLimitExceeded", "dailyLimitExceededUnreg", "quotaExceeded"})
_DISABLED_REASONS = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_SCOPE_REASONS = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "insufficientScopes"})
_NOT_DOWNLOADABLE = frozenset({"cannotDownloadFile", "cannotDownloadAbusiveFile", "cannotDownloadFilePolicy"})
_STORAGE_REASONS = frozenset({"storageQuotaExceeded", "teamDriveFileLimitExceeded"})
_PASSING_STATUSES = frozenset({408, 500, 502, 503, 504})
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”|«[^»]*»')
_LONGEST = 200


class Trouble(NamedTuple):
    """What became of one request. ``kind``: quota and passing (worth another try) | later (not in this run) | refused |
    stop. ``done``: whether Google may have done what was asked. ``retry_after``: seconds Google asks to wait.
    """

    kind: str
    status: int = 0
    reason: str = ""
    said: str = ""  # Google's own words, without what stands in quotes: that may be from a cell
    done: bool = False
    retry_after: float = 0.0


class GoogleRefused(SourceError):
    """One spreadsheet, file or folder could not be had or changed: it is reported, the others go on.

    ``reason`` is a kebab-case word; ``what`` the title or id it is about; ``email`` the account we work as.
    """

    def __init__(
        self, reason: str, *, status: int = 0, what: str = "", email: str = "", said: str = "", action: str = ""
    ) -> None:
        self.reason, self.status, self.email, self.said, self.action = reason, status, email, said, action
        super().__init__("", transient=isinstance(self, GoogleUnavailable))
        self.args = (reason,)  # what it is made from again when it crosses to another process
        self.named(what)

    def __str__(self) -> str:
        return self.message

    def named(self, what: str) -> None:
        """Call what it is about by the name people know it by."""
        self.what = what
        told = _TOLD.get(self.reason, _TOLD["rejected"]).format(account=self.email or "the account in use")
        google = " ".join(str(part) for part in (self.status, self.said) if part)
        about = f"Google {what}: " if what else "Google: "
        self.message = f"{about}{self.action + ': ' if self.action else ''}{told}" + (f" ({google})" if google else "")

    def issue(self, at: At) -> Issue:
        """What the school is told of it."""
        if self.reason == "too-large":
            return Issue("file-too-large", "error", at, params=(("reason", "bytes"),))
        params = [("reason", f"google-{self.school_reason}")]
        if self.email:
            params.append(("email", self.email))
        return Issue("file-unreadable", "error", at, params=tuple(params))

    @property
    def school_reason(self) -> str:
        """The case of the message: what the school can do, or that it need not do anything."""
        return _SCHOOL.get(self.reason, "unavailable" if self.transient else "rejected")


class GoogleUnavailable(GoogleRefused):
    """Given up after several tries: the quota is used up, Google or the network is away. Later it may work."""


class GoogleStopped(GoogleRefused):
    """Google does not accept the account or the project: until that is mended no request can work."""


# For the operator: what is the matter and what to do. {account}: whom to share with.
_TOLD = {
    "no-access": "{account} may not do this; share the spreadsheet or its folder with {account} (read: Viewer, write"
    " back: Editor)",
    "gone": "there is no such spreadsheet, file or folder, or it was never shared; check the id, look in the trash,"
    " share it with {account}",
    "office-file": "it is an Excel file on Drive and no Google spreadsheet: it can be read, not written to",
    "other-kind": "it is neither a Google spreadsheet nor an Excel or LibreOffice workbook; check the id",
    "range-gone": "a tab was renamed or deleted meanwhile; the next run reads it anew",
    "protected": "a cell to be written is protected; let {account} edit our tab, or remove the protection",
    "too-many-cells": "the spreadsheet would have more than Google's ten million cells; delete blank rows and columns",
    "not-downloadable": "Google does not let the file be downloaded; allow downloading for viewers in its sharing"
    " settings",
    "no-storage": "{account} has no room on Drive (service accounts have none of their own); create a blank spreadsheet"
    " yourself and share it with {account} as Editor, or use the credentials of a person",
    "too-large": "it is larger than [limits] file_mb allows",
    "incomplete": "Drive did not list everything; the next run asks again",
    "not-json": "the answer could not be read",
    "perhaps-created": "it is not known whether the spreadsheet was created: look on Drive before trying again",
    "rejected": "Google did not accept the request",
    "quota": "the quota of requests is used up; the next run takes up what was left; let no second run use this"
    " account",
    "quota-day": "the project's quota of requests for today is used up; run again tomorrow",
    "unavailable": "Google or the network did not answer; the next run tries again",
    "credentials": "the credentials are no longer accepted; make a new key (service account) or authorise again, and"
    " check the clock of this machine",
    "api-disabled": "the project's Google Sheets API or Google Drive API is switched off; enable both in the"
    " Google Cloud console (APIs & Services → Library)",
    "scopes": "the credentials lack a scope; authorise again with spreadsheets and drive.readonly",
}

# Cases of file-unreadable in schemas/messages, without «google-»; the rest: rejected, or unavailable after giving up.
_SCHOOL = {
    "no-access": "no-access",
    "gone": "gone",
    "not-downloadable": "not-downloadable",
    "quota": "unavailable",
    "quota-day": "unavailable",
    "credentials": "set-up",
    "api-disabled": "set-up",
    "scopes": "set-up",
    "other-kind": "set-up",
}


def refusal(trouble: Trouble, *, what: str = "", email: str = "", action: str = "") -> GoogleRefused:
    """The exception a trouble becomes once nothing more is tried."""
    kind = {REFUSED: GoogleRefused, STOP: GoogleStopped}.get(trouble.kind, GoogleUnavailable)
    return kind(trouble.reason, status=trouble.status, what=what, email=email, said=trouble.said, action=action)


def trouble_of_answer(status: int, headers: Mapping[str, str], body: str) -> Trouble:
    """What an answer that is no success means. Bodies are often HTML: then the status alone counts."""
    error = _error(body)
    said = _safe(str(error.get("message", "")))
    reasons = _reasons(error)
    wait = _retry_after(headers)

    def trouble(kind: str, reason: str, done: bool = False) -> Trouble:
        return Trouble(kind, status, reason, said, done, wait)

    if status in _PASSING_STATUSES or status > 504:
        return trouble(PASSING, "unavailable", done=True)
    if reasons & _DAY_REASONS:
        return trouble(LATER, "quota-day")
    if status == 429 or (status == 403 and reasons & _QUOTA_REASONS) or error.get("status") == "RESOURCE_EXHAUSTED":
        return trouble(QUOTA, "quota")
    if status == 401:
        return trouble(STOP, "credentials")
    if status == 403:
        if reasons & _DISABLED_REASONS:
            return trouble(STOP, "api-disabled")
        if reasons & _SCOPE_REASONS and "scope" in f"{said} {sorted(reasons)}".lower():
            return trouble(STOP, "scopes")
        if reasons & _STORAGE_REASONS:
            return trouble(REFUSED, "no-storage")
        if reasons & _NOT_DOWNLOADABLE:
            return trouble(REFUSED, "not-downloadable")
        return trouble(REFUSED, "no-access")
    if status in (404, 410):
        return trouble(REFUSED, "gone")
    if status == 400:
        return trouble(REFUSED, _reason_of_400(said.lower()))
    return trouble(REFUSED, "rejected")


def _reason_of_400(said: str) -> str:
    for words, reason in (
        ("office file", "office-file"),
        ("unable to parse range", "range-gone"),
        ("protected cell", "protected"),
        ("above the limit of", "too-many-cells"),
    ):
        if words in said:
            return reason
    return "rejected"


def _error(body: str) -> Mapping[str, Any]:
    """The ``error`` object of Google's JSON; of the token endpoint ``{"error": "invalid_grant"}`` has none."""
    try:
        parsed = json.loads(body)
    except ValueError:
        return {}
    error = parsed.get("error") if isinstance(parsed, dict) else None
    return error if isinstance(error, dict) else {}


def _reasons(error: Mapping[str, Any]) -> set[str]:
    told = [*_list(error.get("errors")), *_list(error.get("details"))]
    return {str(one["reason"]) for one in told if isinstance(one, dict) and one.get("reason")}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _safe(message: str) -> str:
    """Google's words for a log: nothing in quotes (it may be from a cell), one line, not endless."""
    line = " ".join(_QUOTED.sub("…", message).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds of Retry-After; a date is taken as seen by Google's own clock."""
    text = headers.get("Retry-After", "").strip()
    if not text:
        return 0.0
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        then, now = parsedate_to_datetime(text), parsedate_to_datetime(headers.get("Date", ""))
        return max(0.0, (then - now).total_seconds())
    except (TypeError, ValueError):
        return 0.0
