"""Completeness counted from contents (domain.md §4.6): the shapes reports read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class TableState:
    """One table of an organisation."""

    table: str
    title: str
    expected: bool
    present: bool
    rows: int
    required_cells: int
    filled_cells: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """What an organisation has handed in, and how full it is."""

    organisation: str
    files: int
    last_change: date | None
    tables: tuple[TableState, ...]
    read: int
    accepted: int
    rejected: int
    errors: int
    warnings: int
    documents: tuple[tuple[str, str], ...]  # expected document → «да» | «нет» | link
    meetings_expected: int | None
    meetings_held: int | None
    due_on: date
    handed_in: date | None
    state: str  # handed_in | late | not_handed_in | empty
    untouched_since: date | None
    copied: tuple[str, ...]  # words about months copied from the month before
    share: float  # 0–100
    light: str  # green | yellow | red
