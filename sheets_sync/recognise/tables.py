"""A Table made of what was found: of headings and the records below them, of criteria in rows, of a card."""

from __future__ import annotations

from collections.abc import Collection

from sheets_sync.issues import Issue
from sheets_sync.recognise.blocks import Region, cell_text
from sheets_sync.recognise.candidate import Candidate
from sheets_sync.recognise.cards import Card, told_above
from sheets_sync.recognise.context import TITLE_ROWS, day_of_state, lines_above, role_told, stage_told
from sheets_sync.recognise.criteria import SCORES, read_criteria
from sheets_sync.recognise.records import cells_of_records, repeat_dittos
from sheets_sync.recognise.rows import Body
from sheets_sync.recognise.view import SheetView
from sheets_sync.table import Table, Value, display
from sheets_sync.table_schema.model import TableSchema
from sheets_sync.table_schema.types.dates import school_year_told


def table_of(view: SheetView, candidate: Candidate, body: Body, region: Region, done: int) -> tuple[Table, list[Issue]]:
    """The table of these headings and rows, with what is told once for all of them, and what was noticed in its cells.

    Rows above ``done`` belong to other tables: they tell nothing of this one.
    """
    table, issues = _with_cells(view, candidate, body)
    columns = set(table.columns)
    if "criteria" in candidate.assignment.schema.layouts and "indicator" in columns and columns & set(SCORES):
        _read_criteria(view, table, candidate, body, done)
    elif body.records:
        _take_told(view, table, candidate, region, done)
        _take_times(view, table, candidate.assignment.schema, region._replace(top=done, bottom=candidate.block.top))
    return table, issues


def _with_cells(view: SheetView, candidate: Candidate, body: Body) -> tuple[Table, list[Issue]]:
    grid, block, assignment = view.grid, candidate.block, candidate.assignment
    shift = grid.first_column
    records = body.records
    issues: list[Issue] = []
    columns: dict[str, tuple[int, ...]] = {}
    names: dict[str, str] = {}
    values: dict[str, list[Value]] = {}
    read: dict[int, list[Value]] = {}
    for item in assignment.schema.fields:
        if item.name not in assignment.fields:
            continue
        heading = assignment.fields[item.name][0]
        columns[item.name] = tuple(column + shift for column in heading.columns)
        names[item.name] = " ".join(heading.parts) if heading.split else heading.text
        key = heading.columns[0]
        if key not in read:
            between = " " if item.type == "name" else "\n"
            read[key] = cells_of_records(view, heading.columns, body, between)
            if item.type not in ("integer", "number", "score", "percent"):  # «//» among marks is no repetition
                issues += repeat_dittos(view, read[key], key, records, assignment.schema.name, item.name)
        values[item.name] = read[key]
    fed = {column for heading, _ in assignment.fields.values() for column in heading.columns}
    ignored = {
        column + shift: heading.text
        for heading in candidate.headings
        for column in heading.columns
        if column not in fed
    }
    table = Table(
        assignment.schema.name,
        grid.sheet,
        tuple(range(grid.first_row + block.top, grid.first_row + block.bottom + 1)),
        columns,
        names,
        list(map(grid.first_row.__add__, records)),
        values,
        parts=dict(assignment.parts),
        ignored=ignored,
        non_data=sorted((grid.first_row + row, kind) for row, kind in body.other.items()),
        score=round(candidate.score, 3),
    )
    table.title = "\n".join(reversed(candidate.lines))
    table.constants = _constants(view, candidate, table)
    table.why = candidate.why
    table.how = {
        name: (match.how, min(match.quality, 1.0), match.meant) for name, (_, match) in assignment.fields.items()
    }
    return table, issues


def _constants(view: SheetView, candidate: Candidate, table: Table) -> dict[str, str]:
    """Codes told by the names of sheet and file: a survey's role and stage, the scope of an evaluation."""
    constants: dict[str, str] = {}
    texts = (view.grid.sheet, *candidate.lines, view.speech.file)
    if table.name == "questionnaires":
        role, stage = role_told(texts), stage_told(texts)
        if role and "role" not in table.columns:
            constants["role"] = role
        if stage and "stage" not in table.columns:
            constants["stage"] = stage
    if table.name == "evaluations" and "scope" not in table.columns:
        constants["scope"] = _scope(table.columns)
    return constants


def _scope(fields: Collection[str]) -> str:
    """Is a pair evaluated, or the school?"""
    return "pair" if {"mentor", "mentee", "pair_id"} & set(fields) else "school"


def _read_criteria(view: SheetView, table: Table, candidate: Candidate, body: Body, done: int) -> None:
    """Nine rows become the one record they are."""
    columns = {name: heading.columns[0] for name, (heading, _) in candidate.assignment.fields.items()}
    names = [item.name for item in candidate.assignment.schema.fields]
    found = read_criteria(view.rows, body.records, columns, table.name, names, view.index)
    if not found:
        return
    table.row_numbers = table.row_numbers[:1]
    table.values = {one.field: [one.value] for one in found}
    table.headings |= {one.field: display(view.rows[one.row][columns["indicator"]]) for one in found}
    for one in found:
        column = one.column if one.column is not None else columns["indicator"]
        table.cells[one.field] = view.address(one.row, column)
    _take_told(view, table, candidate, Region(0, 0, 0, view.grid.width), done)
    table.constants["scope"] = _scope(table.values)


def _tell_all(table: Table, name: str, value: Value, cell: str, label: str) -> None:
    """One cell outside the records tells a field of each of them."""
    table.values[name] = [value] * len(table.row_numbers)
    table.cells[name] = cell
    table.headings[name] = label


def _take_told(view: SheetView, table: Table, candidate: Candidate, region: Region, done: int) -> None:
    """What the lines above the table tell once for all its records."""
    schema, block = candidate.assignment.schema, candidate.block
    missing = [
        item.name for item in schema.fields if item.name not in table.columns and item.name not in table.constants
    ]
    top = max(done, block.top - len(candidate.lines) - TITLE_ROWS, 0)
    told = told_above(view.rows, top, block.top, region.left, region.right, schema, missing, view.index)
    for name, (row, column, value, label) in told.items():
        _tell_all(table, name, value, view.address(row, column), label)
    if table.name == "evaluations" and {"mentor", "mentee", "pair_id"} & set(told):
        table.constants["scope"] = "pair"


def _take_times(view: SheetView, table: Table, schema: TableSchema, above: Region) -> None:
    """The school year and the day figures are true for, where a title tells them and no column or label does; the year
    also by the names of sheet and file."""
    known = table.values.keys() | table.constants.keys()
    wanted = {
        item.name: _year_told if item.type == "school_year" else day_of_state
        for item in schema.fields
        if (item.type == "school_year" or item.name == "as_of") and item.name not in known
    }
    if not wanted:
        return
    top = max(above.top, above.bottom - TITLE_ROWS)
    for row in range(above.bottom - 1, top - 1, -1):
        for column in range(above.left, above.right):
            text = cell_text(view.rows[row][column])
            for name, told in list(wanted.items()):
                if value := told(text):
                    _tell_all(table, name, value, view.address(row, column), text)
                    del wanted[name]
    if year := _year_told(view.grid.sheet) or _year_told(view.speech.file):
        table.constants |= {name: year for name, told in wanted.items() if told is _year_told}


def _year_told(text: str) -> str:
    year = school_year_told([text])
    return f"{year}-{year + 1}" if year else ""


def table_of_card(view: SheetView, card: Card, region: Region) -> Table:
    """The card as a table of one record; lines above it within the region are its title."""
    grid = view.grid
    row = grid.first_row + card.top
    table = Table(card.schema.name, grid.sheet, (row,), {}, {}, [row], {})
    if table.name == "evaluations":
        table.constants["scope"] = _scope(card.fields)
    for item in card.schema.fields:
        if item.name in card.fields:
            at_row, column, value, label = card.fields[item.name]
            table.values[item.name] = [value]
            table.headings[item.name] = label
            table.cells[item.name] = view.address(at_row, column)
    table.title = "\n".join(reversed(lines_above(view.rows, card.top, region.top, region.left, region.right)))
    _take_times(view, table, card.schema, region._replace(bottom=card.top))
    table.score = round(sum(match.quality for match in card.how.values()), 3)
    table.why = f"{card.schema.name}: a card of {len(card.fields)} fields"
    return table
