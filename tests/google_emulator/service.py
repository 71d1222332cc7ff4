"""One request in, one answer out: who asks, which method, is the request valid, and the log of all that."""

import json
import re
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from . import masks, validate
from .accounts import Accounts, Grant, TokenRefused
from .drive import Drive
from .drive_api import DEFAULT_FIELDS, DriveApi
from .errors import ApiError, unsupported
from .quotas import Quotas
from .sheets_api import READS, SheetsApi

JsonObject = dict[str, Any]
OPERATOR = "operator@emulated.iam.gserviceaccount.com"
HTML = "text/html; charset=UTF-8"
JSON = "application/json; charset=UTF-8"


@dataclass
class Reply:
    status: int
    body: bytes = b""
    type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Logged:
    """A request that arrived, and what became of it."""

    number: int
    method: str
    path: str  # as it arrived, without the query
    query: str
    body: Any
    kind: str  # "read" or "write" of Sheets, "drive", "token"
    account: str = ""
    name: str = ""  # the method's id in the discovery document
    status: int = 0
    answer: Any = None
    fault: str = ""


class Service:
    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.accounts = Accounts(clock)
        self.drive = Drive(clock)
        self.quotas = Quotas(clock)
        self.sheets = SheetsApi(self.drive)
        self.drive_api = DriveApi(self.drive)
        self.handlers = self.sheets.handlers() | self.drive_api.handlers()
        self.log: list[Logged] = []
        self.problems: list[str] = []  # requests and answers that are not valid
        self.validating = True
        self.address = ""

    def arrived(self, verb: str, target: str, body: bytes) -> Logged:
        """Write a request into the log."""
        url = urlsplit(target)
        found: Any = body.decode("utf-8", "replace") if body else None
        if body and not url.path.startswith(("/token", "/upload/")):
            try:
                found = json.loads(body)
            except ValueError:
                pass
        kind = "token" if url.path == "/token" else "drive" if "/drive/" in url.path else "write"
        if kind == "write":
            method = validate.find_method(verb, target)
            kind = "read" if method is not None and method["id"] in READS else "write"
        with self.lock:
            entry = Logged(len(self.log) + 1, verb, url.path, url.query, found, kind)
            self.log.append(entry)
        return entry

    def handle(self, entry: Logged, target: str, authorization: str) -> Reply:
        """Carry a request out."""
        with self.lock:
            try:
                reply = self._handle(entry, target, authorization)
            except TokenRefused as refused:
                entry.answer = refused.body
                reply = Reply(refused.status, json.dumps(refused.body).encode())
            except ApiError as error:
                entry.answer = error.answer(drive=entry.kind == "drive")
                reply = Reply(error.status, json.dumps(entry.answer, ensure_ascii=False, indent=2).encode())
                if error.status == 501:
                    self.problems.append(f"{entry.method} {entry.path}: {error.message}")
            except Exception:  # a bug of the emulator must not look like Google's refusal
                self.problems.append(f"{entry.method} {entry.path}: {traceback.format_exc()}")
                reply = Reply(501, b"The emulator failed.", "text/plain")
            entry.status = reply.status
            return reply

    def _handle(self, entry: Logged, target: str, authorization: str) -> Reply:
        if entry.kind == "token":
            entry.answer = self.accounts.token(entry.body or "", f"{self.address}/token")
            return Reply(200, json.dumps(entry.answer).encode())
        who = self.accounts.who(authorization)
        entry.account = who.account
        upload = re.fullmatch(r"/upload/drive/v2/files/([^/]+)", entry.path)
        if upload and entry.method == "PUT":
            entry.answer = self.drive_api.import_csv(who, unquote(upload[1]), entry.body or "")
            return Reply(200, json.dumps(entry.answer).encode())
        method = validate.find_method(entry.method, target)
        if method is None:
            text = f"<!DOCTYPE html><title>Error 404 (Not Found)!!1</title><p>The requested URL {entry.path} was not found."
            return Reply(404, text.encode(), HTML)
        entry.name = method["id"]
        if entry.kind in ("read", "write"):
            self.quotas.take(who.account, entry.kind)
        return self._call(entry, method, target, who)

    def _call(self, entry: Logged, method: JsonObject, target: str, who: Grant) -> Reply:
        if isinstance(entry.body, str) and "request" in method and entry.body:
            raise ApiError(400, "Invalid JSON payload received. Unexpected token.")
        try:
            query, problems = validate.query_of(method, target)
            body, more = validate.request_body(method, entry.body)
            mask = query.get("fields", "")
            if mask:
                validate.check_mask(method, mask)
        except ApiError as error:
            self.note(entry, [error.message])
            raise
        self.note(entry, problems + more)
        handler = self.handlers.get(method["id"])
        if handler is None:
            raise unsupported(f"the method {method['id']}")
        found = handler(who, query, body or {}, self.ids(method, entry.path))
        if found is None:
            return Reply(204, b"", HTML)
        if isinstance(found, tuple):
            entry.answer = f"{len(found[0])} bytes"
            return Reply(200, found[0], found[1])
        if not mask and method["id"] in DEFAULT_FIELDS:
            mask = DEFAULT_FIELDS[method["id"]]
        if mask and method["id"] not in (
            "sheets.spreadsheets.get",
            "sheets.spreadsheets.getByDataFilter",
            "sheets.spreadsheets.create",
        ):
            found = masks.select(found, masks.parse(mask))
        entry.answer = found
        if self.validating:
            self.note(entry, validate.problems_of_answer(method, found))
        pretty = query.get("prettyPrint", True)
        text = json.dumps(
            found, ensure_ascii=False, indent=2 if pretty else None, separators=None if pretty else (",", ":")
        )
        return Reply(200, text.encode())

    def note(self, entry: Logged, problems: list[str]) -> None:
        if self.validating:
            self.problems += [f"#{entry.number} {entry.method} {entry.path}: {problem}" for problem in problems]

    @staticmethod
    def ids(method: JsonObject, path: str) -> list[str]:
        """The variable parts of a path, decoded only now: a range may hold an encoded slash or colon."""
        template = re.escape("/" + method["api"]["servicePath"] + method["path"])
        found = re.fullmatch(re.sub(r"\\\{\w+\\\}", "([^/]+)", template), path)
        return [unquote(part) for part in found.groups()] if found else []
