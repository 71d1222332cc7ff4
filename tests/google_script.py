"""A loopback server that answers as it is told, reply by reply, and time that passes only when somebody waits."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from google.auth.credentials import AnonymousCredentials

from sheets_sync.google.client import GoogleClient

ROBOT = "robot@project.iam.gserviceaccount.com"


class Time:
    """A clock that stands still until somebody sleeps."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.slept: list[float] = []
        self._lock = Lock()

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds


class Reply(NamedTuple):
    """One answer. ``fault``: cut (the connection drops), hang, truncated (the body ends early), half-gzip."""

    status: int = 200
    body: Any = b"{}"
    headers: dict[str, str] = {}
    fault: str = ""


class Asked(NamedTuple):
    method: str
    path: str
    query: dict[str, list[str]]
    body: Any


def google_error(status: int, message: str, reason: str = "", word: str = "") -> Reply:
    """An error as Google's JSON tells it."""
    error: dict[str, Any] = {"code": status, "message": message, "status": word}
    if reason:
        error["errors"] = [{"message": message, "domain": "usageLimits", "reason": reason}]
    return Reply(status, json.dumps({"error": error}).encode(), {"Content-Type": "application/json"})


def html(status: int) -> Reply:
    """As Google's front ends answer."""
    page = f"<!DOCTYPE html><html lang=en><title>Error {status}</title><p>That’s an error."
    return Reply(status, page.encode(), {"Content-Type": "text/html"})


class Script:
    """The server: ``replies`` are given one after the other, then ``answer`` decides."""

    def __init__(self, replies: Sequence[Reply | dict[str, Any]] = ()) -> None:
        self.replies: list[Reply | dict[str, Any]] = list(replies)
        self.asked: list[Asked] = []
        self.answer: Callable[[Asked], Reply | dict[str, Any]] = lambda asked: google_error(
            404, "Not found.", word="NOT_FOUND"
        )
        self.url = ""
        self.over = Event()
        self._lock = Lock()

    def next(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
            told = self.replies.pop(0) if self.replies else self.answer(asked)
        return told if isinstance(told, Reply) else Reply(body=json.dumps(told).encode())

    def of(self, method: str, part: str = "") -> list[Asked]:
        return [asked for asked in self.asked if asked.method == method and part in asked.path]


@contextmanager
def serving(*replies: Reply | dict[str, Any]) -> Iterator[Script]:
    script = Script(replies)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 65536
        disable_nagle_algorithm = True

        def _do(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            kind = self.headers.get("Content-Type") or ""
            body = json.loads(raw) if raw and "json" in kind else raw
            reply = script.next(Asked(self.command, unquote(parts.path), parse_qs(parts.query), body))
            content, headers = reply.body, dict(reply.headers)
            if reply.fault == "cut":
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            if reply.fault == "hang":
                script.over.wait(5)
                self.close_connection = True
                return
            self.send_response_only(reply.status)
            told = len(content)
            if reply.fault == "half-gzip":
                headers["Content-Encoding"] = "gzip"
                content = gzip.compress(content)
                content = content[: len(content) // 2]
                told = len(content)
            elif reply.fault == "truncated":
                content = content[: len(content) // 2]
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(told))
            self.end_headers()
            self.wfile.write(content)
            if reply.fault == "truncated":
                self.wfile.flush()
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = _do

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield script
    finally:
        script.over.set()
        server.shutdown()
        server.server_close()


def client_of(script: Script, time: Time | None = None, *, jitter: float = 0.5, **more: Any) -> GoogleClient:
    """A client that needs no token, in time of its own."""
    time = time or Time()
    return GoogleClient(
        more.pop("credentials", None) or AnonymousCredentials(),
        base_url=script.url,
        email=ROBOT,
        clock=time.clock,
        sleep=time.sleep,
        random=lambda: jitter,
        **more,
    )
