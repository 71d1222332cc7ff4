"""The guard of the test session itself: loopback passes, everything else is refused and told."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.network_guard import Guard, NetworkRefused, is_loopback


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.53", "::1", "", None, b"localhost"])
def test_this_machine_passes(host: object) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["sheets.googleapis.com", "10.0.0.1", "::2", "localhost.example.org", b"example.org"])
def test_elsewhere_does_not(host: object) -> None:
    assert not is_loopback(host)


def test_looking_up_and_connecting_are_refused(guard: Guard) -> None:
    with guard.expecting() as tried:
        with pytest.raises(NetworkRefused):
            socket.getaddrinfo("oauth2.googleapis.com", 443)
        with socket.socket() as one, pytest.raises(NetworkRefused):
            one.connect(("192.0.2.1", 443))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, pytest.raises(NetworkRefused):
            one.sendto(b"x", ("192.0.2.1", 53))
    assert tried == ["oauth2.googleapis.com", "('192.0.2.1', 443)", "('192.0.2.1', 53)"]


def test_a_session_that_tried_fails(tmp_path: Path, project: Path) -> None:
    """Even where the test itself swallowed the refusal."""
    (tmp_path / "conftest.py").write_text((project / "tests" / "conftest.py").read_text("utf-8"), "utf-8")
    (tmp_path / "test_x.py").write_text(
        "import socket\n\ndef test_x():\n    try:\n        socket.getaddrinfo('example.org', 80)\n    except OSError:\n        pass\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=project)
    assert answer.returncode == 1
    assert "wanted to leave this machine" in answer.stdout
