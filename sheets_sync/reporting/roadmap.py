"""How far the road maps («дорожная карта») are carried out: domain.md §4.5, deadlines and statuses of §3.10.

A task is due on the last day its deadline names. Outside the share stand tasks without such a day (ongoing,
conditional, «по плану …», undated), cancelled ones, and road maps that keep neither a status nor a day of execution: of
those nothing is known, which is not the same as nothing done.
"""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sheets_sync.periods import Period
from sheets_sync.reporting.wording import share

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A yearly task done so long before its day is still this year's: bases due by 15 September are made in the summer.
_AHEAD = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Task:
    """One task of a road map as of the date.

    ``due`` is the deadline as typed and ``due_on`` its last day, None where it names none. ``status`` is done |
    done_late | overdue | in_progress | not_started for a task with a day (and for an undated one), else ongoing |
    conditional | plan | cancelled. ``stage`` is the label the road map gives, "" for none.
    """

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
    """Execution of the road maps of one organisation, or of the district for ``organisation`` None.

    ``due`` counts the tasks due on or before the date, ``done`` those of them done, late ones (``done_late``) included;
    ``share`` is per cent with one decimal, None where nothing was due. ``late`` and ``overdue`` list tasks by
    organisation and day. The other counts are of tasks outside the share: ``upcoming`` are due later, ``untracked``
    were due in road maps where execution is not recorded. ``by_stage`` holds (stage, done, due) of stages with tasks
    due, "" for tasks without a stage; nothing where no task names one.
    """

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


class _Line(NamedTuple):
    """A task with what the sums need to know; ``stage_key``: labels alike in all but numbering and marks are one."""

    task: Task
    stage_key: str
    tracked: bool


_WITHOUT_DAY = ("ongoing", "conditional", "plan")

_TASKS = """
SELECT r.organisation, r.workbook, r.sheet, r."row", r.number, r.stage, r.task, r.due, r.due_kind, r.due_end,
    array_to_string(r.responsible, ', ') AS responsible, r.status, r.done_on, r.deviation_reason,
    coalesce(folded(regexp_replace(r.stage, '^[\\d.\\s)]+', '')), '') AS stage_key,
    coalesce(json_exists(b.columns, '$.status') OR json_exists(b.columns, '$.done_on'), true) AS tracked
FROM roadmap AS r
LEFT JOIN blocks AS b ON b.organisation = r.organisation AND b.workbook = r.workbook AND b.sheet = r.sheet
    AND b."table" = 'roadmap' AND r."row" >= b.header_row AND r."row" < b.next_header_row
WHERE r.accepted
ORDER BY r.organisation, r.workbook, r.sheet, r."row", r.part
"""


def execute(
    connection: DuckDBPyConnection, period: Period, organisations: Sequence[str]
) -> dict[str | None, Execution]:
    """Execution as of the period's day, by organisation and under None of the district.

    Only organisations that keep a road map are in it; without any there is no district either. Works on the relations
    of docs/architecture.md.
    """
    lines: dict[str, list[_Line]] = {}
    for told in connection.execute(_TASKS).fetchall():
        line = _line(told, period)
        lines.setdefault(line.task.organisation, []).append(line)
    kept = [name for name in organisations if name in lines]
    found: dict[str | None, Execution] = {name: _executed(name, lines[name], period.as_of) for name in kept}
    if kept:
        found[None] = _executed(None, [line for name in kept for line in lines[name]], period.as_of)
    return found


def _line(told: tuple[Any, ...], period: Period) -> _Line:
    (organisation, workbook, sheet, row, number, stage, task, due_json, kind, end, responsible, status, done_on, reason,
     stage_key, tracked) = told  # fmt: skip
    due: Mapping[str, Any] = json.loads(due_json) if due_json else {}
    recurring = kind == "yearly"
    due_on = _instance(due, end, period) if recurring else end
    if recurring and due_on is not None and done_on is not None and done_on < _earliest(due_on, period):
        status, done_on = None, None  # what was done in an earlier year says nothing of this year's instance
    if done_on is not None and done_on > period.as_of:
        status, done_on = None, None
    return _Line(
        Task(
            organisation=organisation,
            workbook=workbook,
            sheet=sheet,
            row=row,
            number=number or "",
            stage=stage or "",
            task=task or "",
            due=due.get("text") or "",
            due_on=None if kind in _WITHOUT_DAY else due_on,
            responsible=responsible or "",
            status=_status(kind, due_on, status, done_on, period.as_of),
            done_on=done_on,
            reason=reason or "",
        ),
        stage_key,
        tracked,
    )


def _status(kind: str | None, due_on: date | None, typed: str | None, done_on: date | None, as_of: date) -> str:
    """What a task is as of the date; «просрочено» is never taken from the cell alone."""
    if typed in ("cancelled", "ongoing"):
        return typed
    if kind in _WITHOUT_DAY:
        return str(kind)
    if due_on is None and kind not in (None, "none"):
        return "ongoing"  # «ежегодно», «с 1 сентября»: no last day
    is_done = typed in ("done", "done_late") or (typed in (None, "overdue") and done_on is not None)
    if is_done:
        is_late = typed == "done_late" or (due_on is not None and done_on is not None and done_on > due_on)
        return "done_late" if is_late else "done"
    if due_on is not None and due_on < as_of:
        return "overdue"
    return "in_progress" if typed == "in_progress" else "not_started"


def _instance(due: Mapping[str, Any], end: date | None, period: Period) -> date | None:
    """The last day of a yearly deadline in the reporting year, September to August."""
    points = [*due.get("days", ()), *due.get("months", ())]
    if not points and end is not None:
        points = [f"{end:%m-%d}"]  # «ежегодно, I полугодие»
    first = int(period.school_year[:4])
    days = []
    for point in points:
        month, day = int(point[:2]), int(point[3:] or 31)
        year = first if month >= 9 else first + 1
        days.append(date(year, month, min(day, monthrange(year, month)[1])))
    return max(days, default=None)


def _earliest(due_on: date, period: Period) -> date:
    return min(date(int(period.school_year[:4]), 9, 1), due_on - _AHEAD)


def _executed(organisation: str | None, lines: Sequence[_Line], as_of: date) -> Execution:
    outside = (*_WITHOUT_DAY, "cancelled")
    counts = dict.fromkeys(outside, 0)
    due: list[_Line] = []
    upcoming = undated = untracked = 0
    for line in lines:
        task = line.task
        if task.status in outside:
            counts[task.status] += 1
        elif task.due_on is None:
            undated += 1
        elif task.due_on > as_of:
            upcoming += 1
        elif not line.tracked:
            untracked += 1
        else:
            due.append(line)
    done = sum(1 for line in due if _is_done(line))
    late = [line.task for line in due if line.task.status == "done_late"]
    return Execution(
        organisation=organisation,
        due=len(due),
        done=done,
        done_late=len(late),
        share=share(done, len(due)) if due else None,
        late=_by_day(late),
        overdue=_by_day([line.task for line in due if line.task.status == "overdue"]),
        ongoing=counts["ongoing"],
        conditional=counts["conditional"],
        planned=counts["plan"],
        cancelled=counts["cancelled"],
        upcoming=upcoming,
        by_stage=_by_stage(lines, due),
        undated=undated,
        untracked=untracked,
    )


def _is_done(line: _Line) -> bool:
    return line.task.status in ("done", "done_late")


def _by_day(tasks: Sequence[Task]) -> tuple[Task, ...]:
    return tuple(
        sorted(
            tasks, key=lambda task: (task.organisation, task.due_on or date.max, task.workbook, task.sheet, task.row)
        )
    )


def _by_stage(lines: Sequence[_Line], due: Sequence[_Line]) -> tuple[tuple[str, int, int], ...]:
    """Done and due by stage. Over several road maps a stage stands where it stands in them on the average."""
    places: dict[str, dict[str, int]] = {}  # organisation → stage → its place there
    labels: dict[str, str] = {"": ""}
    for line in lines:
        own = places.setdefault(line.task.organisation, {})
        own.setdefault(line.stage_key, len(own))
        labels.setdefault(line.stage_key, line.task.stage)
    if set(labels) == {""}:
        return ()
    counts: dict[str, tuple[int, int]] = {}
    for line in due:
        done, all_due = counts.get(line.stage_key, (0, 0))
        counts[line.stage_key] = (done + _is_done(line), all_due + 1)

    def place(key: str) -> tuple[bool, float, str]:
        known = [own[key] for own in places.values() if key in own]
        return (not key, sum(known) / len(known), key)

    return tuple((labels[key], *counts[key]) for key in sorted(counts, key=place))
