"""Sealed periods and what has changed since (design.md §9): its shapes."""

from __future__ import annotations

from dataclasses import dataclass

from sheets_sync.reporting.figures import BehindRow


@dataclass(frozen=True, slots=True)
class Restatement:
    """A figure that is no longer what was sealed, and the rows that caused it."""

    indicator: str
    organisation: str | None
    part: str
    was: float | None
    now: float | None
    added: tuple[BehindRow, ...]
    gone: tuple[BehindRow, ...]
    words: str
