"""The program as tests start it: within this process, or as a process of its own where that is what is tried."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from unittest import mock

import sheets_sync
from sheets_sync.cli import main

# Of the variables that change what the program does or how fast it starts, none is handed down. Bytecode is kept: a
# program that is compiled anew for each of its starts is not what a user has.
LEFT_OUT = frozenset({"SHEETS_SYNC_CONFIG", "PYTHONDONTWRITEBYTECODE"})
ENVIRONMENT = {
    **{key: value for key, value in os.environ.items() if key not in LEFT_OUT},
    "PYTHONPATH": str(Path(sheets_sync.__file__).parent.parent),
    "PYTHONIOENCODING": "utf-8",
}


def command(
    *arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What the program answers, called in this process: a start costs more than most of what is asked of it."""
    line = list(map(str, arguments))
    # bytes below, as of a pipe: what cannot be encoded fails here too
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n") for _ in range(2))
    with (
        mock.patch.dict(os.environ, env or {}),
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        if "SHEETS_SYNC_CONFIG" not in (env or {}):
            os.environ.pop("SHEETS_SYNC_CONFIG", None)
        try:
            main(line)
        except SystemExit as left:
            code = left.code
    assert isinstance(code, int)
    told = []
    for stream in (out, err):
        stream.flush()
        told.append(stream.detach().getvalue().decode("utf-8"))  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(line, code, *told)


@contextlib.contextmanager
def heeding_interrupts() -> Iterator[None]:
    """Programs started within can be stopped by Ctrl+C, even where the tests themselves run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def process(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The same as a process of its own: its exit code, its stdout and its stderr are the system's."""
    line = [sys.executable, "-m", "sheets_sync", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, encoding="utf-8", cwd=cwd, env=ENVIRONMENT)
