"""A fetched Google spreadsheet (``.gsheet.json``) → grids, cell by cell what an .xlsx of the same workbook gives.

The file is our envelope around Google's answer: ``{"sheets": […], "values": …}``, the sheets as spreadsheets.get gives
them. ``values`` is there for a large one: bare rows by sheet, while the sheets bear number formats and errors only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from sheets_sync.issues import At, Issue
from sheets_sync.sources import number_format
from sheets_sync.sources.bounds import STANDARD, Bounds
from sheets_sync.sources.refused import Refused
from sheets_sync.sources.xlsx_scan import FALSE, MAX_CELLS, TRUE
from sheets_sync.table import CellError, Grid, Shown, Value

SUFFIX = ".gsheet.json"
_EPOCH = datetime(1899, 12, 30)  # of every serial number: Google knows no 29 February 1900 and days before 1900 too
_LONG_INTEGER = 10**15  # from here on a spreadsheet shows fewer digits than were typed
_DURATION = re.compile(r"\[[hms]+\]", re.IGNORECASE)
_LOADING = "LOADING"
_ERRORS = {
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
}
_NOTHING: Mapping[str, Any] = {}


def envelope(sheets: Sequence[Mapping[str, Any]], values: Sequence[Sequence[Any]] | None = None) -> bytes:
    """What a fetch leaves for the reader: the same spreadsheet gives the same bytes."""
    held = {"sheets": list(sheets)} | ({} if values is None else {"values": list(values)})
    return json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read(content: bytes, at: At, issues: list[Issue], bounds: Bounds = STANDARD) -> list[Grid]:
    """Every sheet of an envelope. Raises Refused for the whole; a single sheet's trouble goes to ``issues``."""
    try:
        held = json.loads(content)
        return _grids(held["sheets"], held.get("values"), at, issues, bounds)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Refused("file-unreadable", "damaged") from error


def _grids(
    sheets: Sequence[Mapping[str, Any]],
    values: Sequence[Sequence[Any]] | None,
    at: At,
    issues: list[Issue],
    bounds: Bounds,
) -> list[Grid]:
    grids: list[Grid] = []
    cells = 0
    for index, sheet in enumerate(sheets):
        try:
            grid = _grid(sheet, values[index] if values is not None else None)
            cells += len(grid.rows) * grid.width
            if cells > bounds.cells:
                raise Refused("file-too-large", "cells")
            grids.append(grid)
        except Refused as refusal:
            issues.append(refusal.issue(at._replace(sheet=sheet["properties"]["title"])))
    return grids


def used_cells(sheets: Sequence[Mapping[str, Any]], values: Sequence[Sequence[Any]] | None = None) -> int:
    """How many cells hold something."""
    if values is not None:
        return sum(cell not in ("", None) for rows in values for row in rows for cell in row)
    return sum("effectiveValue" in cell for sheet in sheets for _, _, cell in _cells(sheet))


def _cells(sheet: Mapping[str, Any]) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
    """(row, column, cell) of what Google tells, in reading order as far as it goes; both count from 1."""
    for block in sheet.get("data", ()):
        top, left = block.get("startRow", 0) + 1, block.get("startColumn", 0) + 1
        for row, told in enumerate(block.get("rowData", ()), top):
            for column, cell in enumerate(told.get("values", ()), left):
                if cell:
                    yield row, column, cell


def _grid(sheet: Mapping[str, Any], rows: Sequence[Sequence[Any]] | None) -> Grid:
    properties = sheet["properties"]
    filled = list(_filled(sheet) if rows is None else _filled_of_rows(sheet, rows))
    grid = Grid(properties["title"], [], visible=not properties.get("hidden", False))
    grid.hidden_rows = _hidden_rows(sheet)
    grid.merges = tuple(
        (one.get("startRowIndex", 0) + 1, one.get("startColumnIndex", 0) + 1, one["endRowIndex"], one["endColumnIndex"])
        for one in sheet.get("merges", ())
    )
    if not filled:
        return grid
    top, bottom = min(row for row, _, _ in filled), max(row for row, _, _ in filled)
    left, right = min(column for _, column, _ in filled), max(column for _, column, _ in filled)
    width, height = right - left + 1, bottom - top + 1
    if width * height > MAX_CELLS:
        raise Refused("file-too-large", "cells", rows=str(bottom), columns=str(right))
    grid.first_row, grid.first_column = top, left
    grid.rows = [[""] * width for _ in range(height)]
    for row, column, value in filled:
        grid.rows[row - top][column - left] = value
    return grid


def _filled(sheet: Mapping[str, Any]) -> Iterator[tuple[int, int, Value]]:
    """Cells that hold something, where one answer told all of them."""
    for row, column, cell in _cells(sheet):
        told = cell.get("effectiveValue")
        if told:
            value = _told(told, _format(cell))
            if value != "":
                yield row, column, value


def _filled_of_rows(sheet: Mapping[str, Any], rows: Sequence[Sequence[Any]]) -> Iterator[tuple[int, int, Value]]:
    """The same from bare rows; the sheet tells of which cells the number is a date, and which are errors."""
    more = {(row, column): cell for row, column, cell in _cells(sheet)}
    for row, cells in enumerate(rows, 1):
        for column, raw in enumerate(cells, 1):
            if raw == "" or raw is None:
                continue
            cell = more.get((row, column), _NOTHING)
            error = cell.get("effectiveValue", _NOTHING)
            yield row, column, _told(error, ("", "")) if error else _value(raw, _format(cell))


def _told(told: Mapping[str, Any], form: tuple[str, str]) -> Value:
    """An ExtendedValue: it has exactly one member."""
    error = told.get("errorValue")
    if error is not None:
        kind = error.get("type", "ERROR")
        if kind == _LOADING:
            raise Refused("file-unreadable", "google-loading")
        return CellError(_ERRORS.get(kind, "#ERROR!"))
    return _value(next(iter(told.values()), ""), form)


def _format(cell: Mapping[str, Any]) -> tuple[str, str]:
    form = cell.get("effectiveFormat", _NOTHING).get("numberFormat", _NOTHING)
    return form.get("type", ""), form.get("pattern", "")


def _value(raw: Any, form: tuple[str, str]) -> Value:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return TRUE if raw else FALSE
    return _number(raw, *form)


@lru_cache(maxsize=65536)
def _number(raw: float, kind: str, pattern: str) -> Value:
    if kind in ("DATE", "TIME", "DATE_TIME") or (not kind and pattern and number_format.is_date(pattern)):
        return _moment(float(raw), kind, pattern)
    if _DURATION.search(pattern):
        return _span(float(raw))
    show = number_format.show(pattern) if pattern else None
    if show is None and kind == "PERCENT":
        show = number_format.show("0.00%")
    if show is not None:
        return Shown(float(raw), show(float(raw)))
    if abs(raw) >= _LONG_INTEGER and float(raw).is_integer():
        return Shown(float(raw), str(int(raw)))
    return float(raw)


def _moment(serial: float, kind: str, pattern: str) -> date | time | timedelta | float:
    """A serial number as the calendar and the clock show it; the bare number where no calendar reaches."""
    if _DURATION.search(pattern):
        return _span(serial)
    if kind == "TIME" and 0 <= serial < 1:
        return (datetime.min + _span(serial)).time()
    try:
        moment = _EPOCH + _span(serial)
    except OverflowError:
        return serial
    return moment if moment.time() != time() else moment.date()


def _span(days: float) -> timedelta:
    """To the millisecond, as an .xlsx is read."""
    return timedelta(milliseconds=round(days * 86_400_000))


def _hidden_rows(sheet: Mapping[str, Any]) -> frozenset[int]:
    """Hidden by hand or by a filter."""
    return frozenset(
        number
        for block in sheet.get("data", ())
        for number, row in enumerate(block.get("rowMetadata", ()), block.get("startRow", 0) + 1)
        if row.get("hiddenByUser") or row.get("hiddenByFilter")
    )
