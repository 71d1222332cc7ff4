"""A small SMTP server on loopback: EHLO, STARTTLS, AUTH PLAIN and LOGIN, letters kept. For tests of real sending."""

from __future__ import annotations

import base64
import contextlib
import email
import email.policy
import socketserver
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any


class Server(socketserver.ThreadingTCPServer):
    """What it was told: ``letters`` as (sender, recipients, message, was the connection secure, user)."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, security: str, context: ssl.SSLContext | None, users: dict[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.security, self.context, self.users = security, context, users
        self.letters: list[tuple[str, list[str], EmailMessage, bool, str]] = []
        self.refused: set[str] = set()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up, or finds the certificate wrong, is its own affair."""


class _Talk(socketserver.StreamRequestHandler):
    server: Server

    def setup(self) -> None:
        self.secure = False
        if self.server.security == "tls":
            assert self.server.context is not None
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
            self.secure = True
        super().setup()

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def line(self) -> str:
        return self.rfile.readline().decode().rstrip("\r\n")

    def handle(self) -> None:
        self.say("220 here")
        self.user, sender, recipients = "", "", []
        while line := self.line():
            word = line.upper()
            if word.startswith("EHLO"):
                more = [] if self.secure or self.server.security == "none" else ["STARTTLS"]
                told = ["here", *more, *(["AUTH PLAIN LOGIN"] if self.server.users else []), "8BITMIME"]
                for each in told[:-1]:
                    self.say(f"250-{each}")
                self.say(f"250 {told[-1]}")
            elif word == "STARTTLS":
                assert self.server.context is not None
                self.say("220 go on")
                self.request = self.server.context.wrap_socket(self.request, server_side=True)
                self.secure = True
                self._anew()
            elif word.startswith("AUTH"):
                self._log_in(line)
            elif word.startswith("MAIL FROM:"):
                sender, recipients = line[10:].split(">")[0].strip("< "), []
                if self.server.users and not self.user:
                    self.say("530 log in first")
                else:
                    self.say("250 ok")
            elif word.startswith("RCPT TO:"):
                to = line[8:].split(">")[0].strip("< ")
                if to in self.server.refused:
                    self.say("550 nobody here")
                else:
                    recipients.append(to)
                    self.say("250 ok")
            elif word == "DATA":
                self.say("354 tell")
                text = []
                while (more_text := self.rfile.readline()) != b".\r\n":
                    text.append(more_text.removeprefix(b".") if more_text.startswith(b"..") else more_text)
                message = email.message_from_bytes(b"".join(text), policy=email.policy.default)
                self.server.letters.append((sender, list(recipients), message, self.secure, self.user))
                self.say("250 kept")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def _anew(self) -> None:
        self.rfile = self.request.makefile("rb")
        self.wfile = socketserver._SocketWriter(self.request)  # type: ignore[attr-defined]

    def _log_in(self, line: str) -> None:
        words = line.split()
        if words[1].upper() == "PLAIN":
            if len(words) < 3:
                self.say("334 ")
                words.append(self.line())
            _, user, password = base64.b64decode(words[2]).decode().split("\0")
        else:
            self.say("334 " + base64.b64encode(b"Username:").decode())
            user = base64.b64decode(self.line()).decode()
            self.say("334 " + base64.b64encode(b"Password:").decode())
            password = base64.b64decode(self.line()).decode()
        if self.server.users.get(user) == password:
            self.user = user
            self.say("235 welcome")
        else:
            self.say("535 no such user")


def certificate(folder: Path, name: str = "localhost") -> Path:
    """A certificate that vouches for itself, with its key, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@contextlib.contextmanager
def smtp_server(
    security: str = "none", pem: Path | None = None, users: dict[str, str] | None = None
) -> Iterator[Server]:
    """The server at work."""
    context = None
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
    with Server(security, context, users or {}) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
