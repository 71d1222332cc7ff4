"""One run at a time: a lock the operating system gives back by itself when a run is killed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sheets_sync.errors import ConfigError, LockHeld


@contextmanager
def one_run(folder: Path, verb: str, now: datetime) -> Iterator[None]:
    """Hold the lock of a district's ``.sheets-sync`` folder; files made meanwhile are for this account alone.

    Raises LockHeld naming the run that has it, ConfigError when the folder cannot be written.
    """
    usual = os.umask(0o077)
    try:
        with _locked(folder, verb, now):
            yield
    finally:
        os.umask(usual)


@contextmanager
def _locked(folder: Path, verb: str, now: datetime) -> Iterator[None]:
    path = folder / "lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.open("a+b").close()
    except OSError as error:
        mend = "allow writing there, or name another place as store.folder in the config"
        raise ConfigError(f"cannot be written: {error.strerror or error}", path=folder, mend=mend) from None
    with open(path, "a+b") as file:
        if not _try_lock(file.fileno()):
            raise LockHeld(
                f"another run is at work: {_holder(folder)}", path=path, mend="wait for it to end, then run again"
            )
        # Who holds it stands in a file of its own: a locked file cannot be read by others on Windows.
        (folder / "lock.json").write_text(
            json.dumps({"pid": os.getpid(), "verb": verb, "started": now.isoformat(timespec="seconds")}),
            encoding="utf-8",
        )
        try:
            yield
        finally:
            (folder / "lock.json").unlink(missing_ok=True)


@contextmanager
def undisturbed(folder: Path) -> Iterator[None]:
    """Nobody is at work there meanwhile; leaves no trace. Raises LockHeld naming the run that is."""
    path = folder / "lock"
    if not os.access(path, os.W_OK):  # no run has ever been there, or we may not write: looking on does no harm
        yield
        return
    with open(path, "r+b") as file:
        if not _try_lock(file.fileno()):
            raise LockHeld(
                f"another run is at work: {_holder(folder)}", path=path, mend="wait for it to end, then run again"
            )
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _holder(folder: Path) -> str:
    try:
        told = json.loads((folder / "lock.json").read_text(encoding="utf-8"))
        return f"`{told['verb']}`, process {told['pid']}, begun {told['started']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it has just begun"
