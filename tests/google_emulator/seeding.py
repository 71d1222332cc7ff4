"""Spreadsheets out of .xlsx files and rows, and back."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
from openpyxl.comments import Comment
from openpyxl.utils import column_index_from_string
from openpyxl.utils.cell import coordinate_from_string

from .a1 import Area, JsonObject
from .locales import serial
from .model import ERROR_TEXTS, Cell, CellError, Formula, Sheet, Spreadsheet, Value

GENERAL = ("General", "general", "")


def value_of(value: Any) -> tuple[Value | None, JsonObject | None]:
    """A Python value as a cell's value and the number format it needs."""
    if value is None or value == "":
        return None, None
    if isinstance(value, datetime):
        day = value.time() == time(0)
        number = serial(value)
        return number, {"type": "DATE", "pattern": "dd.mm.yyyy"} if day else {
            "type": "DATE_TIME",
            "pattern": "dd.mm.yyyy hh:mm:ss",
        }
    if isinstance(value, date):
        return serial(value), {"type": "DATE", "pattern": "dd.mm.yyyy"}
    if isinstance(value, time | timedelta):
        return serial(value), {"type": "TIME", "pattern": "hh:mm:ss" if isinstance(value, time) else "[h]:mm:ss"}
    if isinstance(value, str) and value in ERROR_TEXTS.values():
        return CellError(next(kind for kind, text in ERROR_TEXTS.items() if text == value)), None
    if isinstance(value, bool | int | float | str | CellError):
        return value, None
    raise TypeError(f"no cell can hold {value!r}")


def fill(sheet: Sheet, rows: Iterable[Sequence[Any]]) -> None:
    """Put rows of Python values into a sheet from A1 on; a text stays a text, `Formula` and `Cell` are taken as given."""
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, Cell):
                sheet.put(r, c, value)
            elif isinstance(value, Formula):
                sheet.put(r, c, Cell(value))
            else:
                found, number_format = value_of(value)
                sheet.put(r, c, Cell(found, {"numberFormat": number_format} if number_format else None))
        sheet.columns = max(sheet.columns, len(row))
        sheet.rows = max(sheet.rows, r + 1)


def kind_of_format(code: str, value: Any) -> JsonObject | None:
    """Google's number format for Excel's format code."""
    if isinstance(value, datetime | date):
        whole = not isinstance(value, datetime) or value.time() == time(0)
        kind = "DATE" if whole and "h" not in code.lower() else "DATE_TIME"
    elif isinstance(value, time | timedelta):
        kind = "TIME"
    elif code in GENERAL:
        return None
    elif code == "@":
        return {"type": "TEXT", "pattern": "@"}
    elif "%" in code:
        kind = "PERCENT"
    elif "E+" in code:
        kind = "SCIENTIFIC"
    else:
        kind = "NUMBER"
    pattern = {"mm-dd-yy": "dd.mm.yyyy", "m/d/yyyy": "dd.mm.yyyy"}.get(code, code) if kind != "NUMBER" else code
    return {"type": kind, "pattern": pattern.replace(";@", "")}


def from_xlsx(source: str | Path | BinaryIO, book: Spreadsheet) -> Spreadsheet:
    """Fill a spreadsheet with what an .xlsx file holds, as Google converts it: values, formats, notes, merges, hidden
    tabs, rows and columns. Formulas keep the values they were saved with."""
    data = Path(source).read_bytes() if isinstance(source, str | Path) else source.read()
    formulas = openpyxl.load_workbook(io.BytesIO(data))
    saved = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    book.sheets = []
    for index, tab in enumerate(formulas.worksheets):
        sheet = Sheet(index and book.new_id(), tab.title)
        sheet.rows, sheet.columns = max(tab.max_row, sheet.rows), max(tab.max_column, sheet.columns)
        if tab.sheet_state != "visible":
            sheet.properties["hidden"] = True
        shown = saved[tab.title]
        for r, row in enumerate(tab.iter_rows()):
            for c, found in enumerate(row):
                cell = _cell(found, shown.cell(r + 1, c + 1).value)
                if not cell.blank:
                    sheet.put(r, c, cell)
        for merge in tab.merged_cells.ranges:
            sheet.merges.append(Area(merge.min_row - 1, merge.max_row, merge.min_col - 1, merge.max_col))
        for number, row_size in tab.row_dimensions.items():
            if row_size.hidden:
                sheet.row_properties[number - 1] = {"hiddenByUser": True}
        for name, size in tab.column_dimensions.items():
            if size.hidden:
                first = column_index_from_string(name)
                for number in range(size.min or first, (size.max or first) + 1):
                    sheet.column_properties[number - 1] = {"hiddenByUser": True}
        if tab.freeze_panes:
            at = coordinate_from_string(tab.freeze_panes)
            sheet.grid |= {"frozenRowCount": at[1] - 1} if at[1] > 1 else {}
            column = column_index_from_string(at[0]) - 1
            sheet.grid |= {"frozenColumnCount": column} if column else {}
            sheet.rows, sheet.columns = max(sheet.rows, at[1]), max(sheet.columns, column + 1)
        book.sheets.append(sheet)
    return book


def _cell(found: Any, saved: Any) -> Cell:
    entered: Value | Formula | None
    if found.data_type == "f":
        text = found.value if isinstance(found.value, str) else f"={getattr(found.value, 'text', '')}"
        seeded = "" if saved == "" else value_of(saved)[0]
        entered = Formula(text if text.startswith("=") else "=" + text, seeded)
        shown = saved
    else:
        entered, shown = value_of(found.value)[0], found.value
        if isinstance(found.value, str) and found.data_type != "e":
            entered = found.value
    number_format = kind_of_format(found.number_format, shown) if entered is not None else None
    cell = Cell(entered, {"numberFormat": number_format} if number_format else None)
    return replace(cell, note=found.comment.text) if found.comment else cell


def to_xlsx(book: Spreadsheet) -> bytes:
    """The values of a spreadsheet as an .xlsx file."""
    from .formulas import Evaluator

    file = openpyxl.Workbook()
    del file[file.sheetnames[0]]
    values = Evaluator(book)
    for sheet in book.sheets:
        tab = file.create_sheet(sheet.title)
        tab.sheet_state = "hidden" if sheet.properties.get("hidden") else "visible"
        for row, column, cell in sheet.inside(sheet.all):
            value = values.value(sheet, row, column)
            target = tab.cell(row + 1, column + 1)
            target.value = value.text if isinstance(value, CellError) else value
            if isinstance(value, str):
                target.data_type = "s"
            if cell.number_format and cell.number_format.get("pattern"):
                target.number_format = cell.number_format["pattern"]
            if cell.note:
                target.comment = Comment(cell.note, "")
        for merge in sheet.merges:
            tab.merge_cells(None, merge.top + 1, merge.left + 1, merge.bottom, merge.right)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()
