"""No test speaks to anything but this machine: whoever tries is refused, and the session fails."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class NetworkRefused(OSError):
    """A test wanted to leave this machine."""


class Guard:
    """Stands in for name look-ups and connections; ``attempts`` are the places that were asked for."""

    def __init__(self) -> None:
        self.attempts: list[str] = []
        self._kept: list[tuple[Any, str, Any]] = []

    def stand(self) -> None:
        """Take the place of the socket module's ways out."""
        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
            self._replace(socket, name, self._looking_up(getattr(socket, name)))
        for name in ("connect", "connect_ex"):
            self._replace(socket.socket, name, self._connecting(getattr(socket.socket, name)))
        self._replace(socket.socket, "sendto", self._sending(socket.socket.sendto))

    def leave(self) -> None:
        """Put back what was there."""
        for owner, name, kept in reversed(self._kept):
            setattr(owner, name, kept)
        self._kept.clear()

    @contextmanager
    def expecting(self) -> Iterator[list[str]]:
        """What is tried within is meant to be tried, and is not held against the session."""
        before = len(self.attempts)
        tried: list[str] = []
        try:
            yield tried
        finally:
            tried += self.attempts[before:]
            del self.attempts[before:]

    def _replace(self, owner: Any, name: str, value: Any) -> None:
        self._kept.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)

    def _refuse(self, place: object) -> None:
        self.attempts.append(str(place))
        raise NetworkRefused(f"tests stay on this machine: {place}")

    def _looking_up(self, real: Any) -> Any:
        def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
            if not is_loopback(host):
                self._refuse(host)
            return real(host, *args, **kwargs)

        return guarded

    def _connecting(self, real: Any) -> Any:
        def guarded(this: socket.socket, address: Any) -> Any:
            if this.family != getattr(socket, "AF_UNIX", None) and not is_loopback(address[0]):
                self._refuse(address)
            return real(this, address)

        return guarded

    def _sending(self, real: Any) -> Any:
        def guarded(this: socket.socket, data: Any, *more: Any) -> Any:
            if this.family != getattr(socket, "AF_UNIX", None) and not is_loopback(more[-1][0]):
                self._refuse(more[-1])
            return real(this, data, *more)

        return guarded


def is_loopback(host: object) -> bool:
    """This machine by one of its own names; no name at all is the machine too."""
    text = host.decode() if isinstance(host, bytes) else host
    if text in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(text).partition("%")[0]).is_loopback
    except ValueError:
        return False


GUARD = Guard()
