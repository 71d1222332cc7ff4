"""The one way to Google: every request of a run keeps to the quotas, is tried again where that may help, and gives up.

Reads are repeated after any passing trouble. A write whose outcome is unknown (an error of Google's, a lost reply) is
repeated only when what it should have left is looked for and not found.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock, local
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from sheets_sync.errors import ConfigError
from sheets_sync.google.limiter import Limiter, Spacing
from sheets_sync.google.refusals import (
    PASSING,
    QUOTA,
    REFUSED,
    STOP,
    GoogleRefused,
    GoogleUnavailable,
    Trouble,
    refusal,
    trouble_of_answer,
)

if TYPE_CHECKING:
    from sheets_sync.google.http import Http

TRIES = 6
LONGEST_WAIT = 64.0  # seconds of back-off before one more try
FIRST_WAIT = 4.0
PATIENCE = 600.0  # seconds after which no further try of the same request is begun
GIVEN_UP = 3  # requests given up one after the other: then every other one has a single try, until one succeeds
PAGE = 1000
FILE_FIELDS = "id,name,mimeType,modifiedTime,version,md5Checksum,size,trashed,parents,shortcutDetails"
_SHEETS, _DRIVE = "https://sheets.googleapis.com/v4/spreadsheets", "https://www.googleapis.com/drive/v3/files"
_READ, _WRITE, _FILES = "read", "write", "drive"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(slots=True)
class Budget:
    """What a run has spent: requests to Sheets that read and that write, requests to Drive, how many of all these were
    further tries, and the seconds waited for quotas and between tries."""

    reads: int = 0
    writes: int = 0
    drive: int = 0
    retries: int = 0
    waited: float = 0.0


class GoogleClient:
    """Google Sheets and Drive for one account. Threads may share it.

    ``email`` is the account, named in advice. ``base_url`` (an emulator on this machine) takes the place of Google.
    Raises GoogleRefused, GoogleUnavailable or GoogleStopped; ConfigError for a ``base_url`` that is elsewhere.
    """

    def __init__(
        self,
        credentials: Any,
        *,
        base_url: str | None = None,
        email: str = "",
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = random.random,
        session: Any = None,
    ) -> None:
        if base_url and urlsplit(base_url).hostname not in _LOOPBACK:
            # whoever answers there would be handed the account's token
            raise ConfigError(f"base_url is not on this machine: {base_url}", mend="leave base_url out")
        self.budget = Budget()
        self.email = email or str(getattr(credentials, "service_account_email", "") or "")
        self._credentials, self._base_url, self._session = credentials, base_url or None, session
        self._clock, self._sleep, self._random = clock, sleep, random
        spacing = Spacing()  # a spreadsheet is asked once a second, be it to read or to write
        self._limiters = {
            _READ: Limiter(clock, self._wait, spacing=spacing),
            _WRITE: Limiter(clock, self._wait, spacing=spacing),
            # Drive counts apart, and has room for 12,000 a minute
            _FILES: Limiter(clock, self._wait, per_minute=300, burst=10, spacing=Spacing(0)),
        }
        self._threads = local()
        self._lock = Lock()
        self._given_up = 0

    # spreadsheets

    def spreadsheet(self, spreadsheet_id: str, fields: str, ranges: Sequence[str] = ()) -> dict[str, Any]:
        """What the mask asks for of a spreadsheet, in one request."""
        params: dict[str, Any] = {"fields": fields, "prettyPrint": "false"}
        if ranges:
            params["ranges"] = list(ranges)
        return self._read(_READ, _sheets_url(spreadsheet_id), params, spreadsheet_id)

    def values(self, spreadsheet_id: str, ranges: Sequence[str]) -> list[dict[str, Any]]:
        """Bare values of ranges (titles quoted: :func:`quoted`): numbers as numbers, dates as serial numbers."""
        params = {
            "ranges": list(ranges),
            "valueRenderOption": "UNFORMATTED_VALUE",
            "dateTimeRenderOption": "SERIAL_NUMBER",
            "prettyPrint": "false",
        }
        answer = self._read(_READ, f"{_sheets_url(spreadsheet_id)}/values:batchGet", params, spreadsheet_id)
        return list(answer.get("valueRanges", []))

    def update(
        self, spreadsheet_id: str, requests: Sequence[Mapping[str, Any]], done: Callable[[], bool]
    ) -> dict[str, Any] | None:
        """One batchUpdate, all or nothing. None when the outcome was unknown and ``done()`` says that it is there.

        ``done`` looks for what the requests leave behind; where it does not find it, the same requests are sent again.
        """
        url = f"{_sheets_url(spreadsheet_id)}:batchUpdate"
        return self._write(url, {"requests": list(requests)}, spreadsheet_id, done)

    def create(self, title: str, *, locale: str = "ru_RU", sheets: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """A new spreadsheet of this account: its ``spreadsheetId`` and ``spreadsheetUrl``.

        It is not tried again when it may have been created: that would make two.
        """
        body: dict[str, Any] = {"properties": {"title": title, "locale": locale}}
        if sheets:
            body["sheets"] = list(sheets)

        def unknown() -> bool:
            raise GoogleUnavailable("perhaps-created", what=f"spreadsheet “{title}”", email=self.email)

        made = self._write(_SHEETS, body, "", unknown)
        assert made is not None
        return made

    # files

    def pages(self, query: str, fields: str = FILE_FIELDS) -> Iterator[dict[str, Any]]:
        """Answers of files.list, page by page: ``files`` and perhaps ``incompleteSearch``."""
        params = {
            "q": query,
            "pageSize": PAGE,
            "supportsAllDrives": "true",
            "includeItemsFromAllDrives": "true",
            "fields": f"nextPageToken,incompleteSearch,files({fields})",
            "prettyPrint": "false",
        }
        while True:
            answer = self._read(_FILES, _DRIVE, params)
            yield answer
            token = answer.get("nextPageToken")
            if not token:  # a short page is not the last one: only this is
                return
            params = {**params, "pageToken": token}

    def files(self, query: str, fields: str = FILE_FIELDS) -> Iterator[dict[str, Any]]:
        """Files on Drive that a query finds, all pages."""
        for page in self.pages(query, fields):
            yield from page.get("files", [])

    def file(self, file_id: str, fields: str = FILE_FIELDS) -> dict[str, Any]:
        """What Drive knows of one file or folder."""
        params = {"supportsAllDrives": "true", "fields": fields, "prettyPrint": "false"}
        return self._read(_FILES, f"{_DRIVE}/{quote(file_id, safe='')}", params, file_id)

    def download(self, file_id: str, limit: int) -> bytes:
        """The bytes of a file that is no Google document. Refused when there are more than ``limit``."""
        url, params = f"{_DRIVE}/{quote(file_id, safe='')}", {"alt": "media", "supportsAllDrives": "true"}
        content: bytes = self._repeated(_FILES, "get", url, file_id, lambda answer: answer.content, params=params)
        if len(content) > limit:
            raise GoogleRefused("too-large", what=file_id, email=self.email)
        return content

    # trying, waiting, trying again

    def _read(self, kind: str, url: str, params: Mapping[str, Any], what: str = "") -> dict[str, Any]:
        return _object(self._repeated(kind, "get", url, what, _parsed, params=params))

    def _repeated(self, kind: str, method: str, url: str, what: str, take: Callable[[Any], Any], **more: Any) -> Any:
        trial = self._trial(what)
        while True:
            result = self._once(kind, method, url, what, take, **more)
            if not isinstance(result, Trouble):
                return self._succeeded(result)
            trial.wait_or_raise(result)

    def _write(self, url: str, body: Mapping[str, Any], what: str, done: Callable[[], bool]) -> dict[str, Any] | None:
        trial = self._trial(what)
        in_doubt = False
        while True:
            result = self._once(_WRITE, "post", url, what, _parsed, json=body)
            if not isinstance(result, Trouble):
                return _object(self._succeeded(result))
            in_doubt |= result.done
            if result.done or (in_doubt and result.kind == REFUSED):
                # also after a refusal: «already exists» may be an earlier try's own doing
                trial.pause(result)
                if done():
                    return None
                trial.another_or_raise(result)
            else:
                trial.wait_or_raise(result)

    def _once(
        self, kind: str, method: str, url: str, what: str, take: Callable[[Any], Any], **more: Any
    ) -> Any | Trouble:
        """One request. Counted and kept to the quota, whatever becomes of it."""
        limiter = self._limiters[kind]
        limiter.take(what)
        self._count(kind)
        trouble: Trouble
        try:
            return take(self._http().request(method, url, **more))
        except (KeyboardInterrupt, SystemExit):
            raise
        except ValueError as error:  # a success whose JSON breaks off; of requests' own errors some are ValueErrors too
            trouble = _trouble_of(error) or Trouble(PASSING, 0, "not-json", done=True)
        except Exception as error:
            told = _trouble_of(error)
            if told is None:
                raise
            trouble = told
        if trouble.kind == QUOTA:
            limiter.halve()
        return trouble

    def _count(self, kind: str) -> None:
        with self._lock:
            if kind == _READ:
                self.budget.reads += 1
            elif kind == _WRITE:
                self.budget.writes += 1
            else:
                self.budget.drive += 1

    def _trial(self, what: str) -> _Trial:
        return _Trial(self, what, 1 if self._given_up >= GIVEN_UP else TRIES)

    def _succeeded(self, result: Any) -> Any:
        self._given_up = 0
        return result

    def _wait(self, seconds: float) -> None:
        with self._lock:
            self.budget.waited += seconds
        self._sleep(seconds)

    def _http(self) -> Http:
        """This thread's own: a session of requests is not to be shared."""
        http: Http | None = getattr(self._threads, "http", None)
        if http is None:
            from sheets_sync.google.http import http_client

            http = self._threads.http = http_client(self._credentials, self._session, self._base_url)
        return http


class _Trial:
    """The tries of one request: how many are left, how long to wait before the next."""

    def __init__(self, client: GoogleClient, what: str, tries: int) -> None:
        self._client, self._what, self._left, self._failed = client, what, tries, 0
        self._begun = client._clock()

    def wait_or_raise(self, trouble: Trouble) -> None:
        """Wait until the next try may be made. Raises GoogleRefused when there is none."""
        self._worthwhile(trouble)
        self.pause(trouble)
        self.another_or_raise(trouble)

    def pause(self, trouble: Trouble) -> None:
        """Full jitter: anything between nothing and a limit that doubles; never less than Google asks for."""
        limit = min(LONGEST_WAIT, FIRST_WAIT * 2**self._failed)
        seconds = max(self._client._random() * limit, trouble.retry_after)
        if trouble.kind in (QUOTA, PASSING) and self._in_time(seconds):
            self._client._wait(seconds)

    def another_or_raise(self, trouble: Trouble) -> None:
        self._worthwhile(trouble)
        self._failed += 1
        self._left -= 1
        with self._client._lock:
            self._client.budget.retries += 1

    def _worthwhile(self, trouble: Trouble) -> None:
        passing = trouble.kind in (QUOTA, PASSING)
        if passing and self._left > 1 and self._in_time(trouble.retry_after):
            return
        if passing:
            self._client._given_up += 1
        else:
            self._client._given_up = 0
        raise refusal(trouble, what=self._what, email=self._client.email)

    def _in_time(self, seconds: float) -> bool:
        return self._client._clock() + seconds - self._begun <= PATIENCE


def quoted(title: str) -> str:
    """A tab's title as a range of all its cells: quoted, or «A1» would be a cell of the first tab."""
    return "'" + title.replace("'", "''") + "'"


def _sheets_url(spreadsheet_id: str) -> str:
    return f"{_SHEETS}/{quote(spreadsheet_id, safe='')}"


def _parsed(answer: Any) -> Any:
    return json.loads(answer.content)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _trouble_of(error: Exception) -> Trouble | None:
    """What an exception of gspread, requests or google-auth means; None for one that is a mistake of ours."""
    import requests
    from google.auth import exceptions as auth
    from gspread.exceptions import APIError

    if isinstance(error, APIError):
        answer = error.response
        return trouble_of_answer(answer.status_code, answer.headers, answer.text)
    if isinstance(error, auth.TransportError):
        return Trouble(PASSING, 0, "unavailable")  # the token endpoint: the request itself was not sent
    if isinstance(error, auth.RefreshError):
        if error.retryable:
            return Trouble(PASSING, 0, "unavailable")
        return Trouble(STOP, 401, "credentials", _grant(error))
    if isinstance(error, auth.GoogleAuthError):
        return Trouble(STOP, 401, "credentials")
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Trouble(PASSING, 0, "unavailable")
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema)):
        return None
    if isinstance(error, requests.exceptions.RequestException):
        return Trouble(PASSING, 0, "unavailable", done=True)
    return None


def _grant(error: Exception) -> str:
    """The word of the token endpoint: «invalid_grant»."""
    told = error.args[1] if len(error.args) > 1 else None
    return str(told.get("error", "")) if isinstance(told, dict) else ""
