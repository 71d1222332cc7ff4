"""Completeness of what an organisation handed in (domain.md §4.6): the values a note speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class TableState:
    """One table: is it expected, is it there, how much of it is filled in."""

    table: str
    title: str
    expected: bool
    present: bool
    rows: int
    required_cells: int
    filled_cells: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """What an organisation handed in; ``state``: handed_in | late | not_handed_in | empty; ``light``: a colour."""

    organisation: str
    files: int
    last_change: date | None
    tables: tuple[TableState, ...]
    read: int
    accepted: int
    rejected: int
    errors: int
    warnings: int
    documents: tuple[tuple[str, str], ...]
    meetings_expected: int | None
    meetings_held: int | None
    due_on: date
    handed_in: date | None
    state: str
    untouched_since: date | None
    copied: tuple[str, ...]
    share: float
    light: str
