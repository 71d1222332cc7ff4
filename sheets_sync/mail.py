"""Letters by SMTP: plain text, one connection for all of them. The password comes from the environment."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import TYPE_CHECKING

from sheets_sync.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from sheets_sync.config import Mail

USUAL_PORTS = {"starttls": 587, "tls": 465, "none": 25}
TIMEOUT = 30.0


def letter(settings: Mail, to: Sequence[str], subject: str, text: str, now: datetime) -> EmailMessage:
    """A letter ready to be sent; marked as written by a program, so that no machine answers it."""
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.sender
    message["To"] = ", ".join(to)
    message["Subject"] = subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=settings.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text + "\n")
    return message


class Post:
    """An open connection to the mail server."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def send(self, message: EmailMessage) -> None:
        """Hand a letter over. Raises SourceError; other letters may still go."""
        try:
            refused = self._server.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            raise SourceError(f"the letter was not taken: {_said(error)}", transient=True) from None
        if refused:
            raise SourceError(f"not taken for {', '.join(sorted(refused))}", transient=True)


@contextmanager
def post(settings: Mail, environment: Mapping[str, str], *, timeout: float = TIMEOUT) -> Iterator[Post]:
    """Connect, secure the connection, log in where a user is named.

    Raises ConfigError when the password is not there, SourceError when the server cannot be used.
    """
    password = environment.get(settings.password_variable, "")
    if settings.user and not password:
        raise ConfigError(
            f"no password for the mail server: the variable {settings.password_variable} is not set",
            mend="set it where the service is started",
        )
    port = settings.port or USUAL_PORTS[settings.security]
    where = f"{settings.host}:{port}"
    server: smtplib.SMTP | None = None
    try:
        # The context checks the server's certificate and name; without it smtplib would check neither.
        context = None
        if settings.security != "none":
            context = ssl.create_default_context(cafile=settings.ca_file)
        if settings.security == "tls":
            server = smtplib.SMTP_SSL(settings.host, port, _own_name(), timeout=timeout, context=context)
        else:
            server = smtplib.SMTP(settings.host, port, _own_name(), timeout=timeout)
        if settings.security == "starttls":
            server.starttls(context=context)
        if settings.user:
            server.login(settings.user, password)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        if server is not None:
            server.close()
        raise SourceError(f"the mail server cannot be used: {_said(error)}", path=where, transient=True) from None
    try:
        yield Post(server)
    finally:
        try:
            server.quit()
        except (smtplib.SMTPException, OSError):
            server.close()


def _said(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"nobody of {', '.join(sorted(error.recipients))} is known there"
    return str(error) or type(error).__name__


def _own_name() -> str:
    """What this machine calls itself to the server; smtplib would look it up in the network."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"
