"""Sealed periods and what changed since: the values a note speaks of."""

from __future__ import annotations

from dataclasses import dataclass

from sheets_sync.reporting.figures import BehindRow


@dataclass(frozen=True, slots=True)
class Restatement:
    """One figure that is no longer what was sealed; ``part``: numerator | denominator."""

    indicator: str
    organisation: str | None
    part: str
    was: float | None
    now: float | None
    added: tuple[BehindRow, ...]
    gone: tuple[BehindRow, ...]
    words: str
