"""Execution of the road map (domain.md §4.5): the values a note speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Task:
    """One task of a road map, with its status as of the date."""

    organisation: str
    workbook: str
    sheet: str
    row: int
    number: str
    stage: str
    task: str
    due: str
    due_on: date | None
    responsible: str
    status: str
    done_on: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Execution:
    """How far a road map is executed; ``done`` includes ``done_late``, ``by_stage`` is (stage, done, due)."""

    organisation: str | None
    due: int
    done: int
    done_late: int
    share: float | None
    late: tuple[Task, ...]
    overdue: tuple[Task, ...]
    ongoing: int
    conditional: int
    planned: int
    cancelled: int
    upcoming: int
    by_stage: tuple[tuple[str, int, int], ...]
    undated: int = 0
    untracked: int = 0
