"""Workbooks that are really marked-up text: web pages saved as .xls, and Excel 2003 XML (SpreadsheetML).

Exports of school journals and accounting programs come like this; a spreadsheet program opens them, so we do.
"""

from __future__ import annotations

import re
from datetime import datetime, time
from html.parser import HTMLParser
from xml.parsers import expat

from sheets_sync.sources.csv_text import ERRORS, decode
from sheets_sync.sources.filled_sheet import FilledSheet
from sheets_sync.sources.ods import no_doctype
from sheets_sync.sources.refused import Refused
from sheets_sync.sources.xlsx_scan import FALSE, TRUE
from sheets_sync.table import UNCALCULATED, CellError, Grid, Value

_SS = "urn:schemas-microsoft-com:office:spreadsheet "
_BLANKS = re.compile(r"[ \t\r\n]+")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_MAX_SPAN = 16384


def is_html(content: bytes) -> bool:
    """Whether this text is a web page with a table."""
    return re.search(rb"<table[\s>]", content[:200_000], re.IGNORECASE) is not None


def is_spreadsheet_xml(content: bytes) -> bool:
    """Whether this text is an Excel 2003 XML workbook."""
    return b"urn:schemas-microsoft-com:office:spreadsheet" in content[:4096] and b"<" in content[:64]


def read_html(content: bytes, sheet: str) -> list[Grid]:
    """All tables of a page, one below the other, as a spreadsheet program shows them; every cell is text."""
    charset = _CHARSET.search(content[:4096])
    try:
        text = content.decode(charset.group(1).decode()) if charset else decode(content)
    except (UnicodeDecodeError, LookupError):
        text = decode(content)
    page = _Page(FilledSheet(sheet, visible=True))
    page.feed(text)
    page.close()
    return [page.sheet.grid()]


class _Page(HTMLParser):
    def __init__(self, sheet: FilledSheet) -> None:
        super().__init__(convert_charrefs=True)
        self.sheet = sheet
        self._tables = 0
        self._in_row = False
        self._text: list[str] | None = None
        self._span = (1, 1)
        self._column = 1
        self._taken: dict[int, int] = {}  # column → rows it is still taken by a cell from above

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._tables += 1
        elif self._tables != 1:
            if tag == "br" and self._text is not None:
                self._text.append("\n")
        elif tag == "tr":
            self._end_row()
            self.sheet.start_row()
            self._in_row, self._column = True, 1
        elif tag in ("td", "th"):
            self._end_cell()
            spans = dict(attrs)
            self._span = (_span(spans.get("rowspan")), _span(spans.get("colspan")))
            self._text = []
        elif tag in ("br", "p", "div", "li") and self._text:
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            if self._tables == 1:
                self._end_row()
                self._taken.clear()
            self._tables = max(0, self._tables - 1)
        elif self._tables == 1 and tag in ("td", "th"):
            self._end_cell()
        elif self._tables == 1 and tag == "tr":
            self._end_row()

    def handle_data(self, text: str) -> None:
        if self._text is not None:
            self._text.append(_BLANKS.sub(" ", text))

    def _end_cell(self) -> None:
        if self._text is None:
            return
        text = "\n".join(line.strip() for line in "".join(self._text).split("\n")).strip()
        self._text = None
        if not self._in_row:
            return
        while self._taken.get(self._column, 0):
            self._column += 1
        rows, columns = self._span
        self.sheet.skip_to(self._column)
        self.sheet.merge(rows, columns)
        self.sheet.cell(CellError(text) if text in ERRORS else text)
        for column in range(self._column, self._column + columns):
            if rows > 1:
                self._taken[column] = rows
        self._column += columns

    def _end_row(self) -> None:
        self._end_cell()
        if self._in_row:
            self.sheet.end_row()
            self._taken = {column: left - 1 for column, left in self._taken.items() if left > 1}
        self._in_row = False


def _span(text: str | None) -> int:
    return min(max(1, int(text)), _MAX_SPAN) if text and text.isascii() and text.isdigit() and len(text) < 9 else 1


def read_spreadsheet_xml(content: bytes) -> list[Grid]:
    """Every sheet of an Excel 2003 XML workbook. Raises Refused: ``file-unreadable``, ``file-too-large``."""
    reading = _SpreadsheetXml()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.characters
    parser.StartDoctypeDeclHandler = no_doctype
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as error:
        raise Refused("file-unreadable", "damaged") from error
    return reading.grids


class _SpreadsheetXml:
    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self._sheet: FilledSheet | None = None
        self._cell: dict[str, str] = {}
        self._kind = ""
        self._text: list[str] | None = None
        self._value: Value = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == _SS + "Worksheet":
            self._sheet = FilledSheet(attributes.get(_SS + "Name", ""), visible=True)
        elif self._sheet is None:
            return
        elif name == _SS + "Row":
            hidden = attributes.get(_SS + "Hidden") == "1"
            self._sheet.start_row(1, hidden, _span(attributes.get(_SS + "Index")) if _SS + "Index" in attributes else 0)
        elif name == _SS + "Cell":
            self._cell, self._value = attributes, UNCALCULATED if _SS + "Formula" in attributes else ""
        elif name == _SS + "Data":
            self._kind, self._text = attributes.get(_SS + "Type", "String"), []

    def characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, name: str) -> None:
        if self._sheet is None:
            return
        if name == _SS + "Data" and self._text is not None:
            self._value, self._text = _plain_value(self._kind, "".join(self._text)), None
        elif name == _SS + "Cell":
            if _SS + "Index" in self._cell:
                self._sheet.skip_to(_span(self._cell[_SS + "Index"]))
            across, down = (_more(self._cell.get(_SS + name)) for name in ("MergeAcross", "MergeDown"))
            self._sheet.merge(down + 1, across + 1)
            self._sheet.cell(self._value)
            if across:
                self._sheet.cell("", across)
        elif name == _SS + "Row":
            self._sheet.end_row()
        elif name == _SS + "Worksheet":
            self.grids.append(self._sheet.grid())
            self._sheet = None


def _more(text: str | None) -> int:
    """How many cells beyond its own a cell spans."""
    return 0 if text in (None, "", "0") else _span(text)


def _plain_value(kind: str, text: str) -> Value:
    if kind == "Error":
        return CellError(text)
    if kind == "Boolean":
        return TRUE if text.strip() == "1" else FALSE
    try:
        if kind == "Number":
            return float(text)
        if kind == "DateTime":
            moment = datetime.fromisoformat(text)
            return moment if moment.time() != time() else moment.date()
    except ValueError:
        return text
    return text
