"""The cells of a table's records, field by field: merged cells filled down, split records joined, «-//-» put into
words."""

from __future__ import annotations

from collections.abc import Sequence

from sheets_sync.issues import Issue
from sheets_sync.recognise.contents import DITTO
from sheets_sync.recognise.rows import Body
from sheets_sync.recognise.view import SheetView
from sheets_sync.table import Value, display


def cells_of_records(view: SheetView, columns: tuple[int, ...], body: Body, between: str) -> list[Value]:
    """Cells of the records in one column (or in several, joined): merged cells filled down, split records joined.

    ``between`` joins a split record.
    """
    rows, records = view.rows, body.records
    parts = [at_places(view.turned[column], records) for column in columns]
    for place, column in enumerate(columns):
        _fill_down(view, parts[place], column, records)
    cells: list[Value]
    if len(parts) == 1:
        cells = parts[0]
    else:
        cells = [" ".join(text for text in map(display, line) if text.strip()) for line in zip(*parts, strict=True)]
    if body.continued:
        place_of = {row: place for place, row in enumerate(records)}
        for second, first in sorted(body.continued.items()):
            more = " ".join(display(rows[second][column]) for column in columns).strip()
            if more:
                begun = display(cells[place_of[first]])
                cells[place_of[first]] = f"{begun}{between if len(columns) == 1 else ' '}{more}" if begun else more
    return cells


def at_places(cells: list[Value], places: Sequence[int]) -> list[Value]:
    """The cells in these places, ascending; mostly they follow one another."""
    if places and places[-1] - places[0] == len(places) - 1:
        return cells[places[0] : places[-1] + 1]
    return [cells[place] for place in places]


def _fill_down(view: SheetView, cells: list[Value], column: int, records: Sequence[int]) -> None:
    merges = view.merges.down.get(column)
    if not merges or not records:
        return
    place_of = {row: place for place, row in enumerate(records)}
    for merge in merges:
        value = view.rows[merge.top][column]
        for row in range(merge.top + 1, min(merge.bottom, records[-1]) + 1):
            place = place_of.get(row)
            if place is not None:
                cells[place] = value


def repeat_dittos(
    view: SheetView, cells: list[Value], column: int, records: Sequence[int], table: str, name: str
) -> list[Issue]:
    """Put in place of «-//-» what the record above says; one note for the column."""
    if DITTO.isdisjoint(cells):
        return []
    repeated = [place for place in range(1, len(cells)) if cells[place] in DITTO]
    if not repeated:
        return []
    first = display(cells[repeated[0]])
    for place in repeated:
        cells[place] = cells[place - 1]
    params = (("count", str(len(repeated))),)
    at = view.at(records[repeated[0]], column, table, name)
    return [Issue("cell-ditto", "info", at, first, display(cells[repeated[0]]), params)]
