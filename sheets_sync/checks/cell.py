"""Cell checks: every column is read by its field's reader; what cannot be read, or is missing, becomes an issue."""

from __future__ import annotations

from sheets_sync.checks.context import CheckContext
from sheets_sync.issues import At, Issue, Severity
from sheets_sync.table import Table, Value, display
from sheets_sync.table_schema.column import Reader, reader_for
from sheets_sync.table_schema.model import Field, TableSchema
from sheets_sync.table_schema.types import ReadContext
from sheets_sync.text import fold

# What nearly all cells of a column have in common is one cause, so one issue at its heading; so many make a column.
COLUMN_ROWS = 3


def read_cells(table: Table, schema: TableSchema, context: CheckContext) -> tuple[dict[str, list[object]], list[Issue]]:
    """Typed values by field, each as long as the table's records, and the issues of single cells.

    A cell feeding two fields («Приказ №, дата») is reported once per code.
    """
    typed: dict[str, list[object]] = {}
    issues: dict[tuple[str, int, str], Issue] = {}
    for field in schema.fields:
        raw = table.values.get(field.name)
        if raw is None:
            if field.name in table.constants:
                typed[field.name] = [table.constants[field.name]] * len(table.row_numbers)
            continue
        place = _Place(table, field, context)
        reader = _reader(table, field, context)
        column = list(map(reader.__getitem__, raw))
        if field.lone:
            column = [value[0] if isinstance(value, list) and len(value) == 1 else value for value in column]
        typed[field.name] = column
        for issue in (*_unreadable(raw, reader, field, place), *_missing(raw, column, reader, field, place)):
            issues.setdefault((issue.code, issue.at.row or 0, issue.at.column or ""), issue)
    return typed, list(issues.values())


class _Place:
    """Where the cells of one field stand."""

    def __init__(self, table: Table, field: Field, context: CheckContext) -> None:
        self.table, self.field, self.context = table, field, context
        self.column = table.letter(field.name)
        self.card_cell = table.cells.get(field.name)
        self.heading = table.headings.get(field.name, field.title)

    def at(self, index: int) -> At:
        row = (
            int(self.card_cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
            if self.card_cell
            else self.table.row_numbers[index]
        )
        return self._at(row)

    def at_heading(self) -> At:
        return self._at(self.table.header_row)

    def _at(self, row: int) -> At:
        context = self.context
        return At(
            context.organisation, context.workbook, self.table.sheet, self.table.name, row, self.column, self.field.name
        )


def _reader(table: Table, field: Field, context: CheckContext) -> Reader:
    read_context = ReadContext(
        as_of=context.as_of,
        school_year=context.school_year,
        part=table.parts.get(field.name),
        heading_says_age=field.type == "birth" and "возраст" in fold(table.headings.get(field.name, "")),
    )
    return reader_for(field, read_context)


def _unreadable(raw: list[Value], reader: Reader, field: Field, place: _Place) -> list[Issue]:
    troubles = reader.troubles
    if not troubles or troubles.keys().isdisjoint(raw):
        return []
    hits = [(index, troubles[value]) for index, value in enumerate(raw) if value in troubles]
    kinds = {(trouble.code, trouble.params) for _, trouble in hits}
    if (
        len(kinds) == 1
        and hits[0][1].code == "cell-inferred"
        and len(hits) >= COLUMN_ROWS
        and _is_column(len(hits), raw)
    ):
        # every cell says the same of the column: the heading is the place to mend («Возраст» for a year of birth)
        code, params = kinds.pop()
        told = (("heading", place.heading), ("count", str(len(hits))), *params)
        return [
            Issue(code, hits[0][1].severity or field.bad_severity, place.at_heading(), place.heading, field.title, told)
        ]
    found = []
    for index, trouble in hits:
        severity: Severity = trouble.severity or field.bad_severity
        params = (("heading", place.heading), *trouble.params)
        found.append(Issue(trouble.code, severity, place.at(index), display(raw[index]), trouble.suggestion, params))
    return found


def _is_column(hits: int, raw: list[Value]) -> bool:
    return hits * 10 >= 9 * (len(raw) - raw.count(""))


def _missing(raw: list[Value], column: list[object], reader: Reader, field: Field, place: _Place) -> list[Issue]:
    if field.required != "value" or None not in column:
        return []
    troubles = reader.troubles
    empty = [index for index, value in enumerate(column) if value is None and raw[index] not in troubles]
    params: tuple[tuple[str, str], ...] = (("heading", place.heading),)
    if field.severity != "error" and len(empty) == len(column) > 1:
        # one cause, one issue: said at the first cell to fill in
        empty, params = empty[:1], (*params, ("count", str(len(column))))
    return [
        Issue("cell-required", field.severity, place.at(index), display(raw[index]), None, params) for index in empty
    ]


def missing_columns(table: Table, schema: TableSchema) -> bool:
    """Is there something without which no row of the table can be used, and which has neither column nor constant?"""
    return bool(schema.lacking(table.values.keys() | table.constants.keys()))
