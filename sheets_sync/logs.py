"""The log: what runs did, a JSON object a line, in files that are put aside when they are full.

No value of a cell and no name of a person gets in: what is written are events, counts, paths of workbooks, codes; of an
error its kind and the places of the program it came through. So a log may be shown to whoever helps.
"""

from __future__ import annotations

import json
import os
import re
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheets_sync.errors import ConfigError, SourceError, stopped_by_user

if TYPE_CHECKING:
    from sheets_sync.config import Config

LEVELS = ("debug", "info", "warning", "error")
NAME = "sheets-sync.jsonl"
# What stands in quotes in a message may come from a cell or a ledger; an address belongs to a person.
_QUOTED = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"|'[^']*'|[^\s@]+@[^\s@]+")


class Log:
    """Appends lines to the log of a district. A log that cannot be written stops nothing."""

    def __init__(self, folder: Path, level: str = "info", file_bytes: int = 5_000_000, files: int = 5) -> None:
        self.path = folder / NAME
        self._least = LEVELS.index(level)
        self._file_bytes, self._files = file_bytes, files

    @classmethod
    def of(cls, config: Config) -> Log:
        """The log the configuration asks for."""
        settings = config.logs
        return cls(config.store / "logs", settings.level, int(settings.file_mb * 1_000_000), settings.files)

    def write(self, event: str, level: str = "info", **fields: Any) -> None:
        """One line; nothing below the level asked for."""
        if LEVELS.index(level) < self._least:
            return
        line = {"time": _now(), "level": level, "event": event, "pid": os.getpid(), **fields}
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._put_aside()
            opened = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with open(opened, "a", encoding="utf-8", errors="replace", newline="\n") as file:
                file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
        except OSError:
            pass

    def failed(self, event: str, error: BaseException, **fields: Any) -> None:
        """An error: what kind, what was said of the program's own files, where in the program."""
        self.write(event, "error", **fields, **told_of(error))

    @contextmanager
    def run(self, verb: str, **fields: Any) -> Iterator[Callable[..., None]]:
        """A run between two lines, with its seconds; what it came to is told to the function given. An error that ends
        the run is the second line."""
        outcome: dict[str, Any] = {}

        def told(**more: Any) -> None:
            outcome.update(more)

        self.write(f"{verb}-began", **fields)
        begun = time.monotonic()
        try:
            yield told
        except BaseException as error:
            stopped = stopped_by_user(error)
            ended = {"outcome": "stopped"} if stopped else {"outcome": "failed", **told_of(error)}
            seconds = round(time.monotonic() - begun, 3)
            self.write(f"{verb}-ended", "warning" if stopped else "error", seconds=seconds, **ended)
            raise
        level = "info" if outcome.get("outcome", "done") == "done" else "warning"
        self.write(f"{verb}-ended", level, seconds=round(time.monotonic() - begun, 3), **outcome)

    def _put_aside(self) -> None:
        """sheets-sync.jsonl becomes …1.jsonl, that one …2.jsonl; the oldest goes."""
        try:
            if self.path.stat().st_size < self._file_bytes:
                return
        except FileNotFoundError:
            return
        aside = [self.path, *(self.path.with_name(f"sheets-sync.{number}.jsonl") for number in range(1, self._files))]
        aside[-1].unlink(missing_ok=True)
        for older, newer in zip(reversed(aside), list(reversed(aside))[1:], strict=False):
            if newer.exists():
                newer.replace(older)


def told_of(error: BaseException) -> Mapping[str, Any]:
    """What may be said of an error: messages of ours without what stands in quotes, of others none."""
    told: dict[str, Any] = {"error": type(error).__name__}
    if isinstance(error, ConfigError):
        told["message"] = _QUOTED.sub("…", error.message)
        told["path"], told["line"] = error.path, error.line
    elif isinstance(error, SourceError):
        told["message"], told["path"] = _QUOTED.sub("…", error.message), error.path
    elif isinstance(error, OSError):
        told["message"], told["path"] = error.strerror, error.filename
    else:
        told["where"] = [
            f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)[-8:]
        ]
    return told


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
