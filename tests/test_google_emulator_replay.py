"""Recorded answers of Google against the emulator, where somebody has the recordings: they are not ours to ship."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.google_emulator import Emulator

RECORDINGS = os.environ.get("GOOGLE_RECORDINGS", "")  # a folder with replay.py, skip.txt and cassettes/
MATCHED = 1024  # of 1,026; the other two tell the address of the account that recorded


def recorded_answers_come_again() -> None:
    """All but the two come again as recorded."""
    folder = Path(RECORDINGS)
    with Emulator(token="replay") as google:
        done = subprocess.run(
            [
                *(sys.executable, folder / "replay.py", google.url, folder / "cassettes"),
                *("--skip", folder / "skip.txt", "--at-least", str(MATCHED)),
            ],
            capture_output=True,
            text=True,
        )
        google.problems.clear()  # two recorded requests were refused by Google as well
    assert done.returncode == 0, done.stdout


if RECORDINGS:  # no test at all otherwise: a test that is always skipped would say nothing

    @pytest.mark.system
    def test_recorded_answers_come_again() -> None:
        """As far as they ever did."""
        recorded_answers_come_again()
