"""The two kinds of trouble that are not about data: a bad definition, and a source that cannot be read.

Trouble in data is never an exception: it is an :class:`sheets_sync.issues.Issue`, a value that goes to the school.
"""

from __future__ import annotations

from pathlib import Path


class ConfigError(Exception):
    """A definition or configuration cannot be used: shown as one line (what, where, how to mend), exit code 2."""

    def __init__(
        self, message: str, *, path: Path | str | None = None, line: int | None = None, mend: str = ""
    ) -> None:
        self.message = message
        self.path = str(path) if path is not None else None
        self.line = line
        self.mend = mend
        super().__init__(self.one_line())

    def one_line(self) -> str:
        """«path:line: message — mend», without the parts that are unknown."""
        where = f"{self.path}:{self.line}: " if self.path and self.line else f"{self.path}: " if self.path else ""
        return f"{where}{self.message}" + (f" — {self.mend}" if self.mend else "")


class SourceError(Exception):
    """A source, a workbook or an output cannot be reached: the school is marked unread, the others proceed.

    ``transient`` tells whether trying again later may help (a file being written, a share that is away).
    """

    def __init__(self, message: str, *, path: Path | str | None = None, transient: bool = False) -> None:
        self.message = message
        self.path = str(path) if path is not None else None
        self.transient = transient
        super().__init__(f"{self.path}: {message}" if self.path else message)


class Stopped(Exception):
    """Asked to end (SIGTERM, Ctrl-C in `serve`): raised between two workbooks, where nothing is half done."""


def stopped_by_user(error: BaseException) -> bool:
    """Asked to stop, or Ctrl-C, also where it met DuckDB, which says so by a RuntimeError."""
    return isinstance(error, (KeyboardInterrupt, Stopped)) or (
        type(error) is RuntimeError and str(error).startswith("Query interrupted")
    )


class LockHeld(ConfigError):
    """Another run works on the same district: exit code 3."""

    exit_code = 3
