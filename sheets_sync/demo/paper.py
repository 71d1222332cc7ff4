"""Sheets of the demo: cells laid out by hand, the way schools do it, and written as .xlsx, .ods or .csv.

A planted trouble belongs to a record and a field; where it stands is known once the sheet is laid out.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple, Union

from sheets_sync.issues import Severity, column_letter

Cell = Union[str, int, float, date, datetime, None]


class Trouble(NamedTuple):
    """One line of the answer key. ``code`` may be a family («pair-*»); row and cell are None for a sheet as a whole."""

    workbook: str
    sheet: str
    row: int | None
    cell: str | None
    code: str
    severity: Severity


class Column(NamedTuple):
    """A column of a table: its heading («|» parts two heading rows), the field it holds, and how to get it."""

    heading: str
    field: str
    value: Callable[[Any], Cell]


_UNCHANGED = object()


@dataclass
class Plant:
    """A trouble to be: what stands in the cell instead, if anything."""

    code: str
    severity: Severity
    typed: Any = _UNCHANGED
    whole_row: bool = False


@dataclass
class Marks:
    """The troubles of a workbook: planted by record, table and field, found by the sheet that lays the record out."""

    plants: dict[tuple[int, str, str], Plant] = field(default_factory=dict)
    records: list[object] = field(default_factory=list)  # keeps planted records alive: ids are reused otherwise

    def plant(self, record: object, table: str, name: str, plant: Plant) -> None:
        self.records.append(record)
        self.plants[id(record), table, name] = plant


class Sheet:
    """Cells by (row, column), both from 1, written from the top down."""

    def __init__(self, name: str, marks: Marks, *, hidden: bool = False) -> None:
        self.name = name
        self.marks = marks
        self.hidden = hidden
        self.cells: dict[tuple[int, int], Cell] = {}
        self.merges: list[tuple[int, int, int, int]] = []
        self.bold: set[int] = set()
        self.hidden_rows: set[int] = set()
        self.troubles: list[Trouble] = []
        self.row = 1  # the next row to be written
        if hidden:
            self.trouble(None, None, "sheet-hidden", "info")

    def trouble(self, row: int | None, column: int | None, code: str, severity: Severity) -> None:
        # A trouble of a row is known by its row alone.
        cell = f"{column_letter(column)}{row}" if row and column and not code.startswith("row-") else None
        self.troubles.append(Trouble("", self.name, row, cell, code, severity))

    def line(self, *values: Cell, column: int = 1) -> int:
        """Write one row; returns its number."""
        for offset, value in enumerate(values):
            if value is not None:
                self.cells[self.row, column + offset] = value
        self.row += 1
        return self.row - 1

    def skip(self, rows: int = 1) -> None:
        self.row += rows

    def approval(self, column: int, director: str, order: str) -> None:
        """The block at the upper right: «УТВЕРЖДАЮ», director, order."""
        for text in ("УТВЕРЖДАЮ", "Директор", f"____________ {director}", order):
            self.line(text, column=column)
        self.skip()

    def heading(self, columns: Sequence[Column], first: int = 1, numbers: bool = False) -> None:
        """The heading, over two merged rows where «|» parts one; then a row of column numbers if asked."""
        parts = [column.heading.split("|", 1) for column in columns]
        two = any(len(part) == 2 for part in parts)
        top = self.row
        for offset, part in enumerate(parts):
            place = first + offset
            again = len(part) == 2 and offset > 0 and len(parts[offset - 1]) == 2 and parts[offset - 1][0] == part[0]
            if not again:
                self.cells[top, place] = part[0]
                if two:
                    last = place
                    while len(part) == 2 and last - first + 1 < len(parts) and parts[last - first + 1][0] == part[0]:
                        last += 1
                    if len(part) == 1 or last > place:
                        self.merges.append((top, place, top + (len(part) == 1), last))
            if len(part) == 2:
                self.cells[top + 1, place] = part[1]
        self.row += 1 + two
        self.bold.update(range(top, self.row))
        if numbers:
            self.line(*range(1, len(columns) + 1), column=first)

    def table(
        self,
        table: str,
        columns: Sequence[Column],
        records: Iterable[Any],
        *,
        first: int = 1,
        numbers: bool = False,
        section: Callable[[Any], str] | None = None,
        repeat_heading: int = 0,
    ) -> None:
        """A heading and its records; section rows where ``section`` changes, the heading again after n records."""
        self.heading(columns, first, numbers)
        current = ""
        for count, record in enumerate(records):
            if section is not None and section(record) != current:
                current = section(record)
                self.line(current, column=first)
            if repeat_heading and count and count % repeat_heading == 0:
                self.heading(columns, first)
            self.record(table, columns, record, first, count + 1)

    def record(self, table: str, columns: Sequence[Column], record: Any, first: int = 1, number: int = 0) -> None:
        """One record, with the troubles planted in it."""
        for offset, column in enumerate(columns):
            value = number if column.field == "" else column.value(record)
            plant = self.marks.plants.get((id(record), table, column.field)) if column.field else None
            if plant is not None:
                if plant.typed is not _UNCHANGED:
                    value = plant.typed
                self.trouble(self.row, None if plant.whole_row else first + offset, plant.code, plant.severity)
            if value is not None:
                self.cells[self.row, first + offset] = value
        self.row += 1

    def rows(self) -> list[list[Cell]]:
        """All rows from the first, equally long."""
        height = max((row for row, _ in self.cells), default=0)
        width = max((column for _, column in self.cells), default=0)
        return [[self.cells.get((row, column)) for column in range(1, width + 1)] for row in range(1, height + 1)]


@dataclass
class Workbook:
    """Sheets of one file; the ending of its name says how it is written."""

    name: str
    sheets: list[Sheet]

    def troubles(self) -> list[Trouble]:
        return [trouble for sheet in self.sheets for trouble in sheet.troubles]

    def write(self, folder: Path) -> None:
        """Write the file into ``folder``, made if need be. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self.name
        {".xlsx": _write_xlsx, ".ods": _write_ods, ".csv": _write_csv}[path.suffix](self, path)


def _write_xlsx(workbook: Workbook, path: Path) -> None:
    import openpyxl
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook()
    del book["Sheet"]
    # Fixed, so that the same district is the same every time.
    book.properties.created = book.properties.modified = datetime(2024, 6, 20, 9, 0)
    book.properties.creator = "sheets-sync demo"
    bold, wrap = Font(bold=True), Alignment(wrap_text=True, vertical="center")
    for sheet in workbook.sheets:
        page = book.create_sheet(sheet.name)
        widths: dict[int, int] = {}
        for (row, column), value in sheet.cells.items():
            cell = page.cell(row, column, value)
            if isinstance(value, datetime):
                cell.number_format = "DD.MM.YYYY HH:MM"
            elif isinstance(value, date):
                cell.number_format = "DD.MM.YYYY"
            if row in sheet.bold:
                cell.font = bold
                cell.alignment = wrap
            length = 12 if isinstance(value, date) else len(str(value))
            widths[column] = max(widths.get(column, 0), min(length, 40))
        for column, width in widths.items():
            page.column_dimensions[get_column_letter(column)].width = max(8, width * 0.95)
        for top, left, bottom, right in sheet.merges:
            page.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
        for row in sheet.hidden_rows:
            page.row_dimensions[row].hidden = True
        if sheet.hidden:
            page.sheet_state = "hidden"
    book.save(path)


def _write_csv(workbook: Workbook, path: Path) -> None:
    """As a Russian Excel saves it: semicolons, code page 1251, dates and times as text."""
    (sheet,) = workbook.sheets
    with path.open("w", encoding="cp1251", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerows([_text(value) for value in row] for row in sheet.rows())


def _text(value: Cell) -> str:
    if isinstance(value, datetime):
        return value.strftime("%d.%m.%Y %H:%M:%S")
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    return "" if value is None else str(value)


_ODS_NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "table": "table",
        "text": "text",
        "style": "style",
        "number": "datastyle",
        "manifest": "manifest",
    }.items()
)
_ODS_STYLES = (
    "<office:automatic-styles>"
    '<number:date-style style:name="N1"><number:day number:style="long"/><number:text>.</number:text>'
    '<number:month number:style="long"/><number:text>.</number:text><number:year number:style="long"/>'
    "</number:date-style>"
    '<style:style style:name="day" style:family="table-cell" style:data-style-name="N1"/>'
    '<style:style style:name="shown" style:family="table"><style:table-properties table:display="true"/>'
    '</style:style><style:style style:name="hidden" style:family="table">'
    '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
)
_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def _write_ods(workbook: Workbook, path: Path) -> None:
    """The least an .ods file needs: values, merged cells, hidden sheets."""
    import zipfile

    head = '<?xml version="1.0" encoding="UTF-8"?>'
    tables = "".join(_ods_table(sheet) for sheet in workbook.sheets)
    content = (
        f'{head}<office:document-content {_ODS_NAMESPACES} office:version="1.2">{_ODS_STYLES}'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{name}" manifest:media-type="{kind}"/>'
        for name, kind in (("/", _ODS_TYPE), ("content.xml", "text/xml"))
    )
    manifest = f'{head}<manifest:manifest {_ODS_NAMESPACES} manifest:version="1.2">{entries}</manifest:manifest>'
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in (("mimetype", _ODS_TYPE), ("content.xml", content), ("META-INF/manifest.xml", manifest)):
            # The type comes first and uncompressed: that is how programs recognise the file.
            method = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, (2024, 6, 20, 9, 0, 0)), text.encode(), method)


def _ods_table(sheet: Sheet) -> str:
    from xml.sax.saxutils import quoteattr

    spans = {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in sheet.merges}
    covered = {
        (row, column)
        for top, left, bottom, right in sheet.merges
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    } - set(spans)
    rows = sheet.rows()
    lines = []
    for number, row in enumerate(rows, 1):
        cells = (_ods_cell(value, spans.get((number, at)), (number, at) in covered) for at, value in enumerate(row, 1))
        visibility = ' table:visibility="collapse"' if number in sheet.hidden_rows else ""
        lines.append(f"<table:table-row{visibility}>{''.join(cells)}</table:table-row>")
    style = "hidden" if sheet.hidden else "shown"
    width = len(rows[0]) if rows else 1
    return (
        f'<table:table table:name={quoteattr(sheet.name)} table:style-name="{style}">'
        f'<table:table-column table:number-columns-repeated="{width}"/>{"".join(lines)}</table:table>'
    )


def _ods_cell(value: Cell, span: tuple[int, int] | None, covered: bool) -> str:
    from xml.sax.saxutils import escape

    tag = "table:covered-table-cell" if covered else "table:table-cell"
    more = f' table:number-rows-spanned="{span[0]}" table:number-columns-spanned="{span[1]}"' if span else ""
    if value is None:
        return f"<{tag}{more}/>"
    if isinstance(value, date):
        iso = value.isoformat()
        more += f' office:value-type="date" office:date-value="{iso}" table:style-name="day"'
        shown = [_text(value)]
    elif isinstance(value, (int, float)):
        more += f' office:value-type="float" office:value="{value}"'
        shown = [str(value).replace(".", ",")]
    else:
        more += ' office:value-type="string"'
        shown = value.split("\n")
    return f"<{tag}{more}>{''.join(f'<text:p>{escape(line)}</text:p>' for line in shown)}</{tag}>"
