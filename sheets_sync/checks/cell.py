"""Cell checks: every column is read by its field's reader; what cannot be read, or is missing, becomes an issue."""

from __future__ import annotations

from dataclasses import replace
from itertools import compress, count

from sheets_sync.checks.context import CheckContext
from sheets_sync.issues import At, Issue
from sheets_sync.table import Table, Value, display
from sheets_sync.table_schema.column import Reader, reader_for
from sheets_sync.table_schema.model import Field, TableSchema
from sheets_sync.table_schema.types import ReadContext
from sheets_sync.table_schema.types.reading import says_age

# What nearly all cells of a column have in common is one cause, so one issue at its heading; so many make a column.
COLUMN_ROWS = 3


def read_cells(table: Table, schema: TableSchema, context: CheckContext) -> tuple[dict[str, list[object]], list[Issue]]:
    """Typed values by field, each as long as the table's records, and the issues of single cells.

    A cell feeding two fields («Приказ №, дата») is reported once per code.
    """
    typed: dict[str, list[object]] = {}
    usual = ReadContext(context.as_of, context.school_year)
    issues: dict[tuple[str, int, str], Issue] = {}
    for field in schema.fields:
        raw = table.values.get(field.name)
        if raw is None:
            if field.name in table.constants:
                typed[field.name] = [table.constants[field.name]] * len(table.row_numbers)
            continue
        reader = _reader(table, field, usual)
        column = reader.column(raw)
        if field.lone:
            column = [value[0] if isinstance(value, list) and len(value) == 1 else value for value in column]
        typed[field.name] = column
        troubled = list(compress(count(), map(reader.troubles.__contains__, raw))) if reader.troubles else []
        empty = _empty(raw, column, reader) if field.required == "value" and None in column else []
        if troubled or empty:
            place = _Place(table, field, context)
            for issue in (*_unreadable(raw, troubled, reader, field, place), *_missing(raw, empty, field, place)):
                issues.setdefault((issue.code, issue.at.row or 0, issue.at.column or ""), issue)
    return typed, list(issues.values())


class _Place:
    """Where the cells of one field stand."""

    def __init__(self, table: Table, field: Field, context: CheckContext) -> None:
        self.heading = table.headings.get(field.name, field.title)
        self._rows, self._header_row = table.row_numbers, table.header_row
        card_cell = table.cells.get(field.name)
        self._card_row = int(card_cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) if card_cell else None
        self._sheet = (context.organisation, context.workbook, table.sheet, table.name)
        self._column = (table.letter(field.name), field.name)

    def at(self, index: int) -> At:
        return At(*self._sheet, self._card_row or self._rows[index], *self._column)

    def at_heading(self) -> At:
        return At(*self._sheet, self._header_row, *self._column)


def _reader(table: Table, field: Field, usual: ReadContext) -> Reader:
    part = table.parts.get(field.name)
    ages = field.type == "birth" and says_age(table.headings.get(field.name, ""))
    return reader_for(field, replace(usual, part=part, heading_says_age=ages) if part or ages else usual)


def _unreadable(raw: list[Value], troubled: list[int], reader: Reader, field: Field, place: _Place) -> list[Issue]:
    """Issues of the cells in these places, whose reading left a trouble."""
    told = {raw[index]: reader.troubles[raw[index]] for index in troubled}  # few distinct ones, however many cells
    kinds = {(trouble.code, trouble.params) for trouble in told.values()}
    heading = ("heading", place.heading)
    if len(kinds) == 1 and len(troubled) >= COLUMN_ROWS and _is_column(len(troubled), raw):
        ((code, params),) = kinds
        if code == "cell-inferred":
            # every cell says the same of the column: the heading is the place to mend («Возраст» for a year of birth)
            severity = told[raw[troubled[0]]].severity or field.bad_severity
            params = (heading, ("count", str(len(troubled))), *params)
            return [Issue(code, severity, place.at_heading(), place.heading, field.title, params)]
    said = {value: (display(value), trouble.suggestion, (heading, *trouble.params)) for value, trouble in told.items()}
    return [
        Issue(told[value].code, told[value].severity or field.bad_severity, place.at(index), *said[value])
        for index, value in ((index, raw[index]) for index in troubled)
    ]


def _is_column(hits: int, raw: list[Value]) -> bool:
    return hits * 10 >= 9 * (len(raw) - raw.count(""))


def _empty(raw: list[Value], column: list[object], reader: Reader) -> list[int]:
    """Places of cells that say nothing; one that could not be read says something."""
    troubles = reader.troubles
    return [index for index, value in enumerate(column) if value is None and raw[index] not in troubles]


def _missing(raw: list[Value], empty: list[int], field: Field, place: _Place) -> list[Issue]:
    params: tuple[tuple[str, str], ...] = (("heading", place.heading),)
    if field.severity != "error" and len(empty) == len(raw) > 1:
        # one cause, one issue: said at the first cell to fill in
        empty, params = empty[:1], (*params, ("count", str(len(raw))))
    return [
        Issue("cell-required", field.severity, place.at(index), display(raw[index]), None, params) for index in empty
    ]


def missing_columns(table: Table, schema: TableSchema) -> bool:
    """Is there something without which no row of the table can be used, and which has neither column nor constant?"""
    return bool(schema.lacking(table.values.keys() | table.constants.keys()))
