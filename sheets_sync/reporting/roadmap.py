"""Execution of road maps (domain.md §4.5): the shapes reports read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Task:
    """One task of a road map."""

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
    status: str  # done | done_late | overdue | in_progress | not_started | ongoing | conditional | plan | cancelled
    done_on: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Execution:
    """Execution of one organisation's road map, or of all of them (None)."""

    organisation: str | None
    due: int
    done: int
    done_late: int  # tasks with a due date ≤ as_of; done includes late
    share: float | None  # done / due, per cent
    late: tuple[Task, ...]
    overdue: tuple[Task, ...]
    ongoing: int
    conditional: int
    planned: int
    cancelled: int
    upcoming: int
    by_stage: tuple[tuple[str, int, int], ...]  # stage, done, due
    undated: int = 0
    untracked: int = 0
