"""One file → grids: sniffed by content, whatever its name says; what is regular read at once, else by python-calamine,
corrected by a scan."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from sheets_sync.issues import At, Issue
from sheets_sync.sources import (
    calamine,
    csv_text,
    google_grid,
    markup,
    ods,
    ole,
    xls_scan,
    xlsb_scan,
    xlsx_mend,
    xlsx_scan,
)
from sheets_sync.sources.archive import Archive
from sheets_sync.sources.bounds import STANDARD, Bounds
from sheets_sync.sources.refused import Refused
from sheets_sync.sources.xlsx_cells import Irregular
from sheets_sync.sources.xlsx_regular import RegularBook, Sheet
from sheets_sync.sources.xlsx_scan import Facts
from sheets_sync.table import Grid, Value

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

_NOTHING = Facts([], frozenset(), ())
_STRING = re.compile(rb"<(?:[\w.-]+:)?si[\s/>]")
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF", b"\0\0\0\x18ft")
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"MZ", b"\x7fELF", b"SQLite format 3")


def read_grids(path: Path, at: At, issues: list[Issue], bounds: Bounds = STANDARD) -> list[Grid]:
    """The grids of the file. Raises Refused for the whole file; a single sheet's trouble goes to ``issues``."""
    content = path.read_bytes()
    if not content:
        raise Refused("file-empty")
    if path.name.endswith(google_grid.SUFFIX):
        return google_grid.read(content, at, issues, bounds)
    if content.startswith(b"PK"):
        return _read_zip(path, content, at, issues, bounds)
    if content.startswith(ole.SIGNATURE):
        return _read_xls(path, content, at, issues)
    return _read_text(path, content)


def _read_zip(path: Path, content: bytes, at: At, issues: list[Issue], bounds: Bounds) -> list[Grid]:
    archive = Archive(content, bounds)
    if "xl/workbook.xml" in archive:
        return _Parts(path, content, archive, at, issues, bounds).xlsx()
    if "content.xml" in archive:
        return _read_ods(archive)
    if "xl/workbook.bin" in archive:
        return _Parts(path, content, archive, at, issues, bounds).xlsb()
    raise Refused("file-not-a-workbook", _what_zip(archive))


def _read_xls(path: Path, content: bytes, at: At, issues: list[Issue]) -> list[Grid]:
    compound = ole.Compound(content)
    names = compound.names()
    stream = next((name for name in ("Workbook", "WORKBOOK", "Book", "BOOK") if name in names), None)
    if stream is None:
        raise Refused(*_what_compound(names))
    scanned = xls_scan.scan(compound.stream(stream))
    by_name = dict(scanned)
    book = calamine.open_book(path, content, {".xls"})
    same_order = [name for name, _ in scanned] == book.sheet_names or len(scanned) == len(book.sheet_names)
    grids = []
    for name, visible in calamine.worksheets(book):
        facts = scanned[book.sheet_names.index(name)][1] if same_order else by_name.get(name)
        try:
            if facts is None:
                raise Refused("file-unreadable", "damaged")
            grid = calamine_grid(book, name, visible, facts)
            grid.rows = [[float(value) if value.__class__ is int else value for value in row] for row in grid.rows]
            grids.append(grid)
        except Refused as refusal:
            issues.append(refusal.issue(at._replace(sheet=name)))
    return grids


def _what_compound(names: set[str]) -> tuple[str, str]:
    if "EncryptedPackage" in names:
        return "file-encrypted", ""
    if "WordDocument" in names:
        return "file-not-a-workbook", "word"
    if "PowerPoint Document" in names:
        return "file-not-a-workbook", "presentation"
    return ("file-unreadable", "damaged") if not names else ("file-not-a-workbook", "unknown")


def _read_ods(archive: Archive) -> list[Grid]:
    kind = archive.part("mimetype") if "mimetype" in archive else b"spreadsheet"
    if b"spreadsheet" not in kind:
        raise Refused("file-not-a-workbook", "presentation" if b"presentation" in kind else "word")
    if "META-INF/manifest.xml" in archive and b"encryption-data" in archive.part("META-INF/manifest.xml"):
        raise Refused("file-encrypted")
    return ods.read(archive.part("content.xml"))


def _what_zip(archive: Archive) -> str:
    if "word/document.xml" in archive:
        return "word"
    if "ppt/presentation.xml" in archive:
        return "presentation"
    if any(name.endswith(".iwa") for name in archive.names()):
        return "numbers"
    return "archive"


def _read_text(path: Path, content: bytes) -> list[Grid]:
    if content.startswith(_PICTURES):
        raise Refused("file-not-a-workbook", "picture")
    if content.startswith(b"%PDF"):
        raise Refused("file-not-a-workbook", "pdf")
    if content.startswith(b"{\\rtf"):
        raise Refused("file-not-a-workbook", "word")
    if content.startswith(_ARCHIVES):
        raise Refused("file-not-a-workbook", "archive")
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Refused("file-empty")
    if markup.is_spreadsheet_xml(content):
        return markup.read_spreadsheet_xml(content)
    if b"opendocument" in content[:4096] and b"office:document" in content[:4096]:
        return ods.read(content)
    if path.suffix.lower() != ".csv" and markup.is_html(content):
        return markup.read_html(content, path.stem)
    if path.suffix.lower() == ".csv":
        return [csv_text.read(content, path.stem)]
    try:
        text = csv_text.decode(content)
    except Refused:
        raise Refused("file-not-a-workbook", "unknown") from None
    if csv_text.delimiter_of(text) is None:
        raise Refused("file-not-a-workbook", "unknown")
    return [csv_text.read(content, path.stem)]


class _Parts:
    """An .xlsx, .xlsm or .xlsb: what is regular read at once, else calamine's cells, put right by the sheets' parts."""

    def __init__(
        self, path: Path, content: bytes, archive: Archive, at: At, issues: list[Issue], bounds: Bounds
    ) -> None:
        self.path, self.content, self.archive, self.at, self.issues = path, content, archive, at, issues
        self.cells = bounds.cells

    def xlsx(self) -> list[Grid]:
        try:
            book = RegularBook(self.archive)
        except Irregular:
            return self.xlsx_carefully()
        careful: list[_Corrected] = []

        def read(sheet: Sheet) -> Callable[[], Grid]:
            try:
                grid = book.grid(sheet)
            except Irregular:
                if not careful:
                    careful.append(self._careful_xlsx())
                return partial(careful[0].grid, sheet.name, sheet.visible)
            return lambda: grid

        return self._grids((sheet.name, read(sheet)) for sheet in book.sheets)

    def xlsx_carefully(self) -> list[Grid]:
        """The same workbook by python-calamine and a scan of every sheet."""
        return self._grids(self._careful_xlsx().grids())

    def _careful_xlsx(self) -> _Corrected:
        sheets, date_1904 = self._sheets_xlsx()
        styles = xlsx_scan.styles_of(self._part("xl/styles.xml"))
        self._verify("xml")

        def scan(part: bytes) -> Facts:
            return xlsx_scan.scan(part, styles, date_1904=date_1904)

        def mended(name: str, visible: bool, facts: Facts) -> Grid:
            """The sheet once more, without what python-calamine stumbled over."""
            strings = len(_STRING.findall(self._part("xl/sharedStrings.xml")))
            part = xlsx_mend.mended(self.archive.part(sheets[name]), strings)
            book = calamine.open_book(self.path, self.archive.with_part(sheets[name], part), set())
            return calamine_grid(book, name, visible, facts._replace(cells=scan(part).cells + facts.cells))

        book = calamine.open_book(self.path, self.content, {".xlsx", ".xlsm"})
        return _Corrected(book, self.archive, sheets, scan, mended)

    def xlsb(self) -> list[Grid]:
        sheets, date_1904 = xlsb_scan.sheets(self._part("xl/workbook.bin"))
        styles = xlsb_scan.styles_of(self._part("xl/styles.bin"))
        self._verify("bin")
        links = self._links("xl/_rels/workbook.bin.rels")
        parts = {name: links.get(link, "") for name, link in sheets}
        book = calamine.open_book(self.path, self.content, {".xlsb"})
        scan = partial(xlsb_scan.scan, styles=styles, date_1904=date_1904)
        return self._grids(_Corrected(book, self.archive, parts, scan).grids())

    def _grids(self, sheets: Iterable[tuple[str, Callable[[], Grid]]]) -> list[Grid]:
        """The grids of all sheets that can be read, as far as they are within the bounds."""
        grids: list[Grid] = []
        cells = 0
        for name, read in sheets:
            try:
                grid = read()
                if cells + len(grid.rows) * grid.width > self.cells:
                    raise Refused("file-too-large", "cells")
                cells += len(grid.rows) * grid.width
                grids.append(grid)
            except Refused as refusal:
                self.issues.append(refusal.issue(self.at._replace(sheet=name)))
        return grids

    def _part(self, name: str) -> bytes:
        return self.archive.part(name) if name in self.archive else b""

    def _verify(self, suffix: str) -> None:
        for name in ("sharedStrings", "styles", "workbook"):
            self.archive.verify(f"xl/{name}.{suffix}")

    def _links(self, name: str) -> dict[str | None, str]:
        """Relationship → name of the part it leads to."""
        return {link.get("Id"): _absolute(link.get("Target", "")) for link in _xml(self._part(name))}

    def _sheets_xlsx(self) -> tuple[dict[str, str], bool]:
        """Sheet name → name of its part, and whether the workbook counts its days from 1904."""
        links = self._links("xl/_rels/workbook.xml.rels")
        parts: dict[str, str] = {}
        date_1904 = False
        for element in _xml(self._part("xl/workbook.xml")).iter():
            tag = element.tag.rpartition("}")[2]
            if tag == "sheet":
                link = next((value for key, value in element.items() if key.endswith("}id")), None)
                parts[element.get("name", "")] = links.get(link, "")
            elif tag == "workbookPr":
                date_1904 = element.get("date1904", "0").lower() in ("1", "true", "on")
        return parts, date_1904


@dataclass(frozen=True, slots=True)
class _Corrected:
    """Sheets as calamine reads them, put right by what their own parts say. ``parts``: by name of the sheet."""

    book: CalamineWorkbook
    archive: Archive
    parts: dict[str, str]
    scan: Callable[[bytes], Facts]
    mended: Callable[[str, bool, Facts], Grid] | None = None

    def grids(self) -> Iterator[tuple[str, Callable[[], Grid]]]:
        """Name and reading of every sheet that holds cells."""
        for name, visible in calamine.worksheets(self.book):
            yield name, partial(self.grid, name, visible)

    def grid(self, name: str, visible: bool) -> Grid:
        """Raises Refused for a sheet that cannot be read."""
        part = self.parts.get(name, "")
        if part not in self.archive:
            raise Refused("file-unreadable", "damaged")
        facts = self.scan(self.archive.part(part))
        try:
            return calamine_grid(self.book, name, visible, facts)
        except Refused:
            if self.mended is None:
                raise
            return self.mended(name, visible, facts)


def _xml(part: bytes) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(xlsx_scan.plain(part))  # noqa: S314 (plain refuses entities)
    except (ElementTree.ParseError, LookupError, ValueError) as error:  # of the last two: an encoding nobody knows
        raise Refused("file-unreadable", "damaged") from error


def _absolute(target: str) -> str:
    """A relationship's target from the archive's root: relative ones start at xl/."""
    target = target.replace("\\", "/")
    if target.startswith("/"):
        return target[1:]
    pieces: list[str] = ["xl"]
    for piece in target.split("/"):
        if piece == "..":
            pieces = pieces[:-1]
        elif piece not in ("", "."):
            pieces.append(piece)
    return "/".join(pieces)


def calamine_grid(book: CalamineWorkbook, name: str, visible: bool, facts: Facts = _NOTHING) -> Grid:
    """One sheet as calamine reads it, with row numbers right and the facts of a scan put in."""
    sheet = calamine.guarded(lambda: book.get_sheet_by_name(name))
    start = sheet.start
    rows: list[list[Value]] = list(calamine.guarded(sheet.to_python)) if start else []
    first_row, first_column = (start[0] + 1, start[1] + 1) if start else (1, 1)
    grid = Grid(name, rows, first_row, first_column, visible, facts.hidden_rows, facts.merges)
    put(grid, facts.cells)
    return grid


def put(grid: Grid, cells: Sequence[tuple[int, int, Value]]) -> None:
    """Replace cells of a grid, growing it where one lies outside."""
    if not cells:
        return
    if not grid.rows:
        grid.first_row, grid.first_column = cells[0][0], cells[0][1]
        grid.rows = [[""]]
    top, left = grid.first_row, grid.first_column
    bottom, right = top + len(grid.rows) - 1, left + len(grid.rows[0]) - 1
    outside = [place for place in cells if not (top <= place[0] <= bottom and left <= place[1] <= right)]
    if outside:
        _grow(grid, min(place[0] for place in outside), min(place[1] for place in outside))
        _grow(grid, max(place[0] for place in outside), max(place[1] for place in outside))
        top, left = grid.first_row, grid.first_column
    rows = grid.rows
    for row, column, value in cells:
        rows[row - top][column - left] = value


def _grow(grid: Grid, row: int, column: int) -> None:
    """Make the grid reach a cell."""
    before, after = grid.first_column - column, column - (grid.first_column + len(grid.rows[0]) - 1)
    if before > 0:
        for cells in grid.rows:
            cells[:0] = [""] * before
        grid.first_column = column
    if after > 0:
        for cells in grid.rows:
            cells += [""] * after
    width = len(grid.rows[0])
    above, below = grid.first_row - row, row - (grid.first_row + len(grid.rows) - 1)
    if above > 0:
        grid.rows[:0] = [[""] * width for _ in range(above)]
        grid.first_row = row
    if below > 0:
        grid.rows.extend([""] * width for _ in range(below))
