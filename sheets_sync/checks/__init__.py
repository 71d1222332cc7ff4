"""Checks of one workbook's tables: cells are read and typed, rows accepted or rejected, findings located.

What concerns several rows or several tables (keys, references, pairs, meetings, consents) is said by the rules over the
store (``sheets_sync.rules``), where the organisation's other workbooks are known.
"""

from __future__ import annotations

from sheets_sync.checks.cell import missing_columns, read_cells
from sheets_sync.checks.context import CheckContext, school_year_on
from sheets_sync.checks.criteria import has_criteria_in_rows, read_marks
from sheets_sync.checks.row import accepted_rows, derive, explode
from sheets_sync.issues import Issue
from sheets_sync.table import Table, TypedTable
from sheets_sync.table_schema.model import TableSchema

__all__ = ["CheckContext", "check_table", "school_year_on"]


def check_table(table: Table, schema: TableSchema, context: CheckContext) -> tuple[TypedTable, list[Issue]]:
    """The table's records, typed and accepted or rejected, and the issues of its cells.

    A table without a column it cannot do without accepts no row: the missing heading is the one issue of all of them
    (the recogniser reports it).
    """
    table, part = explode(table, schema)
    marks: list[Issue] = []
    if has_criteria_in_rows(table):
        table, marks = read_marks(table, context)
    values, issues = read_cells(table, schema, context)
    count = len(table.row_numbers)
    derive(table.name, values, count, context)
    if missing_columns(table, schema):
        accepted, issues = [False] * count, []
    else:
        accepted = accepted_rows(table, issues)
    return TypedTable(table, table.row_numbers, part, accepted, values), [*issues, *marks]
