"""Criteria kept in rows: the score is the ticked column, and each criterion is ticked exactly once (domain.md §3.7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sheets_sync.checks.context import CheckContext
from sheets_sync.issues import At, Issue, Severity
from sheets_sync.table import Table, Value

SCORE_COLUMNS = frozenset({"score_2", "score_1", "score_0"})
PARTNERS = "c7"  # satisfaction of partners: there may be none to ask


def has_criteria_in_rows(table: Table) -> bool:
    """Is it one record whose marks stand one under another?"""
    return bool(table.cells) and not SCORE_COLUMNS.isdisjoint(table.columns)


def read_marks(table: Table, context: CheckContext) -> tuple[Table, list[Issue]]:
    """The table with unclear marks blank, and an issue for each: blank is never nought, two ticks are never either; a
    dash says that there are no partners to ask."""
    issues = list(_unclear(table, context))
    unclear = {issue.at.field for issue in issues}
    values: dict[str, list[Value]] = {name: [""] if name in unclear else cells for name, cells in table.values.items()}
    return replace(table, values=values), issues


def _unclear(table: Table, context: CheckContext) -> Iterator[Issue]:
    marks = [name for name in table.values if name in table.cells and name[1:].isdecimal()]
    for name in marks:
        (mark,) = table.values[name][:1]
        if isinstance(mark, float):
            continue
        why = "several" if ";" in str(mark) else "none"
        if why == "none" and name == PARTNERS:
            why = "no-partners" if mark == "-" else "partners"
        row = int(table.cells[name].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        at = At(context.organisation, context.workbook, table.sheet, table.name, row, None, name)
        severity: Severity = "info" if why == "no-partners" else "warning"
        shown = str(mark).replace(";", " и ") if why == "several" else None
        yield Issue("plan-marks", severity, at, shown, None, (("criterion", name[1:]), ("why", why)))
