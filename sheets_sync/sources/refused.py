"""Refused: why a file or a sheet cannot be read. Raised only inside the sources; becomes one issue at the workbook."""

from __future__ import annotations

from sheets_sync.issues import At, Issue, Severity


class Refused(Exception):
    """A file (or one sheet of it) cannot be read; ``code`` is the issue's code, ``params`` its parameters."""

    def __init__(self, code: str, reason: str = "", **params: str) -> None:
        self.code = code
        self.reason = reason
        self.params = params
        super().__init__(f"{code}: {reason}" if reason else code)

    def issue(self, at: At, severity: Severity = "error") -> Issue:
        """The issue to hand to the school; ``reason`` is a kebab-case word the catalogue may spell out."""
        params = ({"reason": self.reason} if self.reason else {}) | self.params
        return Issue(self.code, severity, at, params=tuple(params.items()))
