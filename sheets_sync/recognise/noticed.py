"""What is said of the headings and the rows of a table that was found: the issues of recognition, no cell judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sheets_sync.issues import Issue, column_letter
from sheets_sync.recognise.assign import Assignment, is_row_number, numbers_rows
from sheets_sync.recognise.blocks import Heading
from sheets_sync.recognise.candidate import Candidate
from sheets_sync.recognise.contents import sample
from sheets_sync.recognise.guesses import MOST_GUESSED, SURE_GUESS, Guess, give_fields, guess_fields
from sheets_sync.recognise.rows import Body, BodyReader
from sheets_sync.recognise.view import SAMPLED_ROWS, SheetView
from sheets_sync.table import Table, display
from sheets_sync.table_schema.model import TableSchema
from sheets_sync.text import heading_key, is_blank


def near_misses(view: SheetView, candidate: Candidate) -> Iterator[Issue]:
    """Headings not spelt as known that were taken all the same."""
    assignment = candidate.assignment
    for name, (heading, match) in assignment.fields.items():
        if match.how not in ("near", "contents") or name in assignment.parts:
            continue
        near_miss = match.how == "near"
        meant = match.meant if near_miss else assignment.schema.field(name).title
        params = (("heading", heading.text), ("taken", "yes" if near_miss else "contents"))
        at = view.at_heading(candidate.block, heading.columns[0], assignment.schema.name, name)
        yield Issue("heading-near-miss", "info", at, heading.text, meant, params)


def heading_issues(view: SheetView, candidate: Candidate, table: Table) -> Iterator[Issue]:
    """Headings that come twice, may mean several things, or are missing."""
    assignment, bottom = candidate.assignment, candidate.block.bottom
    yield from _repeated_headings(view, candidate)
    yield from _ambiguous_dates(view, assignment, bottom)
    # what a missing column may be is said with it
    if table.row_numbers and not assignment.schema.lacking(table.values.keys() | table.constants.keys()):
        yield from _unknown_headings(view, assignment.schema, table, bottom)
    yield from missing_headings(view, assignment.schema, table, bottom)


def _repeated_headings(view: SheetView, candidate: Candidate) -> Iterator[Issue]:
    seen: dict[str, Heading] = {}
    for heading in candidate.headings:
        key = heading_key(heading.text)
        first = seen.setdefault(key, heading)
        if first is not heading and not is_row_number(heading) and key:
            at = view.at_heading(candidate.block, heading.columns[0], candidate.assignment.schema.name)
            params = (("heading", heading.text), ("first", view.letter(first.columns[0])))
            yield Issue("heading-duplicate", "warning", at, heading.text, None, params)


def _ambiguous_dates(view: SheetView, assignment: Assignment, row: int) -> Iterator[Issue]:
    """«Дата» where the table has several dates to tell apart."""
    schema = assignment.schema
    for name, (heading, match) in assignment.fields.items():
        own = schema.field(name)
        if match.how != "words" or own.type != "date" or heading_key(heading.text) != "дата":
            continue
        free = [item.title for item in schema.fields if item.type == "date" and item.name not in assignment.fields]
        if free:
            choices = " или ".join(f"«{title}»" for title in (own.title, *free))
            at = view.at(row, heading.columns[0], schema.name, name)
            params = (("heading", heading.text), ("choices", choices))
            yield Issue("heading-ambiguous", "info", at, heading.text, own.title, params)


def _unknown_headings(view: SheetView, schema: TableSchema, table: Table, row: int) -> Iterator[Issue]:
    """Columns left out that most likely feed a field."""
    for column, guess in sorted(_guessed(view, schema, table).items()):
        heading = table.ignored[column]
        at = view.at(row, column - view.grid.first_column, schema.name, guess.field)
        title = schema.field(guess.field).title
        yield Issue("heading-unknown", "info", at, heading, title, (("heading", heading),))


def missing_headings(view: SheetView, schema: TableSchema, table: Table, row: int) -> Iterator[Issue]:
    """Columns a table must have (domain.md §3, R): one issue each, at the headings; an error where no row can be
    used without it, or without one of several."""
    for item in schema.fields:
        if item.required in ("column", "value"):
            if item.name not in table.values and item.name not in table.constants:
                at = view.at(row, None, schema.name, item.name)
                perhaps = _perhaps(view, item.name, schema, table)
                params = (("heading", item.title), ("perhaps", perhaps), ("use", item.severity))
                yield Issue("heading-missing", item.severity, at, None, item.title, params)
    for group in schema.lacking(table.values.keys() | table.constants.keys()):
        if len(group) > 1 and table.row_numbers:
            at = view.at(row, None, schema.name, group[0].name)
            titles = ", ".join(f"«{item.title}»" for item in group)
            found = (_perhaps(view, item.name, schema, table) for item in group)
            told = (("heading", titles), ("perhaps", next(filter(None, found), "")), ("use", "one-of"))
            yield Issue("heading-missing", "error", at, None, group[0].title, told)


def _guessed(view: SheetView, schema: TableSchema, table: Table) -> dict[int, Guess]:
    """Ignored columns by their number that very likely feed a field no column feeds, every field once."""
    taken = {field: columns[0] for field, columns in table.columns.items()}
    closed = table.values.keys() | table.constants.keys()
    guesses: dict[int, Sequence[Guess]] = {}
    for column, heading in list(table.ignored.items())[:MOST_GUESSED]:
        if not numbers_rows(heading) and heading.strip():
            cells = [view.grid.value(row, column) for row in table.row_numbers[:SAMPLED_ROWS]]
            guesses[column] = guess_fields(heading, sample(cells), schema, taken, column, view.index, closed=closed)
    return give_fields(guesses, SURE_GUESS)


def _perhaps(view: SheetView, name: str, schema: TableSchema, table: Table) -> str:
    """The ignored column that most likely is the one missing, «B «За кем следит»»; "" if none plainly is."""
    taken = {field: columns[0] for field, columns in table.columns.items()}
    found: list[tuple[float, int, str]] = []
    for column, heading in list(table.ignored.items())[:MOST_GUESSED]:
        if not numbers_rows(heading):
            cells = [view.grid.value(row, column) for row in table.row_numbers[:SAMPLED_ROWS]]
            guesses = guess_fields(heading, sample(cells), schema, taken, column, view.index)
            if guesses and guesses[0].field == name and guesses[0].confidence >= SURE_GUESS:
                found.append((guesses[0].confidence, column, heading))
    if not found or sum(one[0] == max(found)[0] for one in found) > 1:
        return ""
    _, column, heading = max(found)
    return f"{column_letter(column)} «{heading}»"


def row_issues(view: SheetView, table: Table, body: Body, reader: BodyReader) -> Iterator[Issue]:
    """Rows among the records that are none, and records that take two rows."""
    name, last = table.name, body.records[-1] if body.records else -1
    for row, kind in sorted(body.other.items()):
        line = view.rows[row]
        first = next((column for column in range(reader.left, reader.right) if not is_blank(line[column])), None)
        if kind == "blank" and row < last:
            yield Issue("row-blank-inside", "info", view.at(row, None, name))
        elif kind in ("total", "placeholder") and first is not None:
            yield Issue(f"row-{kind}", "info", view.at(row, first, name), display(line[first]))
    for second, begun in body.continued.items():
        if second in view.merges.under:
            continue  # drawn over several rows on purpose
        column = reader.number if reader.number is not None else reader.keys[0] if reader.keys else None
        value = "" if column is None else display(view.rows[begun][column])
        params = (("second", str(view.grid.first_row + second)),)
        yield Issue("row-split", "info", view.at(begun, column, name), value, None, params)
