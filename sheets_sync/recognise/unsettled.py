"""What recognition left open in a sheet: columns it ignored or took by a near miss, and headings that keep a sheet from
being a table. Each with the fields it may mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sheets_sync.issues import column_letter
from sheets_sync.people import initials_of, name_key
from sheets_sync.recognise.assign import numbers_rows
from sheets_sync.recognise.contents import looks_like_name
from sheets_sync.recognise.guesses import (
    BY_CONTENTS,
    BY_WORDING,
    LEAST_FITTING,
    Guess,
    give_fields,
    guess_fields,
    share_read,
    together,
)
from sheets_sync.recognise.headings import HeadingIndex
from sheets_sync.recognise.nearest import Nearest
from sheets_sync.recognise.sheet import Recognised, SheetReader
from sheets_sync.table import Grid, Table, Value, display
from sheets_sync.table_schema.model import TableSchema
from sheets_sync.text import is_blank

AS_GOOD_AS_SPELT = 0.9  # words in another order are no reason to settle a heading
_LONGEST_HEADING = 200
_WORTH_TRYING = 0.5


@dataclass(frozen=True, slots=True)
class Unsettled:
    """One column whose heading could be settled. ``how``: ignored | near | words | contents | sheet (the sheet is no
    table until its headings are settled; ``cells`` are then all it would give).

    ``taken`` is the field it feeds by now, ``closed`` those other columns of its table feed; ``names`` are the keys of
    the persons named in it, if names is what it holds.
    """

    table: str
    sheet: str
    row: int
    column: int
    heading: str
    how: str
    cells: int
    guesses: tuple[Guess, ...]
    taken: str = ""
    closed: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    @property
    def cell(self) -> str:
        return f"{column_letter(self.column)}{self.row}"


def unsettled(grid: Grid, found: Recognised, index: HeadingIndex, as_of: date) -> list[Unsettled]:
    """The columns of a sheet whose headings could be settled, from what :func:`recognise` made of it."""
    columns = [one for table in found.tables for one in _of_table(grid, table, index, as_of)]
    if not found.tables:
        opened: list[list[Unsettled]] = [_of_sheet(grid, nearest, index, as_of) for nearest in found.near]
        if opened:
            most = max(opened, key=_cells_settled)
            columns += most
    return columns


def _cells_settled(ones: list[Unsettled]) -> int:
    return ones[0].cells if ones else 0


def people_named(cells: Sequence[Value]) -> frozenset[str]:
    """Keys of the persons a column names, in full and by initials; none if names are not what it holds."""
    values = [value for value in cells if not is_blank(value)]
    if not values or sum(map(looks_like_name, values)) * 10 < 6 * len(values):
        return frozenset()
    keys = {key for value in values if (key := name_key(display(value)))}
    return frozenset(keys | {initials_of(key) for key in keys})


def _of_table(grid: Grid, table: Table, index: HeadingIndex, as_of: date) -> list[Unsettled]:
    if table.is_card or not table.row_numbers:
        return []
    schema = index.definitions.schemas[table.name]
    taken = {name: columns[0] for name, columns in table.columns.items()}
    told = (table.values.keys() | table.constants.keys()) - taken.keys()
    found = []
    for column, heading in table.ignored.items():
        cells = [grid.value(row, column) for row in table.row_numbers]
        filled = sum(not is_blank(value) for value in cells)
        if not filled or not _is_heading(heading):
            continue
        guesses = guess_fields(heading, cells, schema, taken, column, index, as_of, told)
        found.append(
            Unsettled(
                table.name, grid.sheet, table.header_row, column, heading, "ignored", filled, tuple(guesses),
                closed=frozenset(taken) | told, names=people_named(cells),
            )
        )  # fmt: skip
    for name, (how, quality, meant) in table.how.items():
        unsure = how in ("near", "contents") or (how == "words" and quality < AS_GOOD_AS_SPELT)
        if not unsure or name in table.parts or len(table.columns.get(name, ())) != 1:
            continue
        cells = [
            value for value in table.values.get(name, ()) if not is_blank(value)
        ]  # none of a heading over criteria
        if not cells or not _is_heading(table.headings[name]):
            continue
        share = share_read(cells, schema.field(name), as_of)
        if share is not None and share < LEAST_FITTING:
            continue
        confidence = round(together(BY_WORDING * quality, BY_CONTENTS * (share or 0.0)), 3)
        guess = Guess(name, confidence, quality, meant or schema.field(name).title, share)
        others = frozenset(taken.keys() - {name}) | told
        found.append(
            Unsettled(
                table.name, grid.sheet, table.header_row, taken[name], table.headings[name], how, len(cells), (guess,),
                taken=name, closed=others, names=people_named(cells),
            )
        )  # fmt: skip
    return found


def _is_heading(text: str) -> bool:
    return bool(text.strip()) and len(text) <= _LONGEST_HEADING and not numbers_rows(text) and not looks_like_name(text)


def _of_sheet(grid: Grid, nearest: Nearest, index: HeadingIndex, as_of: date) -> list[Unsettled]:
    """Headings that, settled together, make the sheet a table: tried out, not merely thought."""
    if not (nearest.is_near or (len(nearest.columns) >= 3 and nearest.explained >= 0.6)):
        return []
    schema = index.definitions.schemas[nearest.table]
    rows = range(nearest.header_row + 1, grid.last_row + 1)
    guessed = []
    for column, heading in nearest.headings.items():
        if column in nearest.columns.values() or not _is_heading(heading):
            continue
        cells = [grid.value(row, column) for row in rows]
        guesses = guess_fields(heading, cells, schema, nearest.columns, column, index, as_of)
        likely = tuple(one for one in guesses if one.confidence >= _WORTH_TRYING)
        if likely:
            guessed.append(
                Unsettled(
                    nearest.table, grid.sheet, nearest.header_row, column, heading, "sheet", 0, likely,
                    closed=frozenset(nearest.columns), names=people_named(cells),
                )
            )  # fmt: skip
    chosen = give_fields({place: one.guesses for place, one in enumerate(guessed)})
    settled = {guessed[place].heading: guess.field for place, guess in chosen.items()}
    opened = _opened(grid, nearest, schema, settled, index) if settled else 0
    if not opened:
        return []
    # who is in the organisation's bases may yet tell «Старший» from «Младший»: all that is likely is handed on
    return [replace(guessed[place], cells=opened) for place in chosen]


def _opened(grid: Grid, nearest: Nearest, schema: TableSchema, settled: dict[str, str], index: HeadingIndex) -> int:
    """Cells that would be read if the headings were settled so; 0 if the sheet were no such table even then."""
    read = SheetReader(grid, index.with_settled(schema.name, settled), "", "").read()
    needed = {one.name for one in schema.fields if one.required != "no" and one.severity == "error"}
    cells = 0
    for table in read.tables:
        if table.name == schema.name and table.header_row == nearest.header_row and needed <= table.values.keys():
            cells += sum(not is_blank(value) for values in table.values.values() for value in values)
    return cells
