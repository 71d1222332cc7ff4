"""Restatements of sealed periods (design.md §9): the shapes reports read."""

from __future__ import annotations

from dataclasses import dataclass

from sheets_sync.reporting.figures import BehindRow


@dataclass(frozen=True, slots=True)
class Restatement:
    """A number of a sealed period that is another one now."""

    indicator: str
    organisation: str | None
    part: str  # numerator | denominator
    was: float | None
    now: float | None
    added: tuple[BehindRow, ...]
    gone: tuple[BehindRow, ...]
    words: str  # «было 41, стало 43: добавились строки 12 и 19 (лист «Пары»)»
