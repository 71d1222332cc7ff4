"""The loopback HTTP server: connections, compression, and the ways a connection can fail."""

import gzip
import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .faults import Fault, Faults
from .service import Logged, Reply, Service


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, port: int, service: Service, faults: Faults) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.service = service
        self.faults = faults
        self.stopping = threading.Event()
        self.connections: set[socket.socket] = set()
        service.address = self.address

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def cut_all(self) -> None:
        """End the connections clients keep open: nobody is answered after the end."""
        self.stopping.set()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else has been noted as a problem."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "ESF"
    sys_version = ""
    wbufsize = 65536
    disable_nagle_algorithm = True
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def log_message(self, *_: Any) -> None:
        pass

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        service = self.server.service
        entry = service.arrived(self.command, self.path, body)
        with service.lock:
            fault = self.server.faults.meet(self.command, self.path)
        if fault is not None:
            self._fail(fault, entry)
            return
        self._send(service.handle(entry, self.path, self.headers.get("Authorization", "")))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _fail(self, fault: Fault, entry: Logged) -> None:
        service = self.server.service
        entry.fault = fault.name
        reply: Reply | None = None
        if fault.applied:
            reply = service.handle(entry, self.path, self.headers.get("Authorization", ""))
        if fault.revoke:
            service.accounts.revoke()
        if fault.hang:
            self.server.stopping.wait(fault.hang)
        if fault.cut:
            self._cut()
            return
        if fault.truncate and reply is not None:
            self._send(reply, fault.truncate)
            return
        entry.status = fault.status
        headers = dict(fault.headers)
        self._send(Reply(fault.status, fault.body, headers.pop("Content-Type", "text/plain"), headers))

    def _cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, reply: Reply, truncate: str = "") -> None:
        body, packed = reply.body, False
        if truncate == "json":
            body = body[: len(body) // 2]  # a whole HTTP message with half a text in it
        elif (
            body and "gzip" in self.headers.get("Accept-Encoding", "") and not reply.type.startswith("application/vnd")
        ):
            body, packed = gzip.compress(body, 1), True
        if truncate == "gzip":
            body, packed = (body if packed else gzip.compress(body, 1)), True
            body = body[: len(body) // 2]
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.type)
        self.send_header("Content-Length", str(len(body)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
