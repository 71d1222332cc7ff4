"""An .xlsx as known programs spell it, read in one pass over its XML: cells, hidden rows and merges together.

This is the quick way and knows when it does not apply: whatever is spelt otherwise, is damaged or could be understood
in two ways is :class:`Irregular`, for the workbook or for one sheet, and is then read the careful way. Where it does
apply it gives the very grid of that way.

A whole row is one match of a pattern that has every column of the sheet, so the columns of a block of rows come out
side by side and are looked up by their cells' spellings (``xlsx_cells``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice, repeat
from operator import lt
from typing import Any, NamedTuple
from xml.etree import ElementTree
from xml.parsers import expat

from sheets_sync.issues import column_letter, column_number
from sheets_sync.sources import calamine, xlsx_scan
from sheets_sync.sources.archive import Archive
from sheets_sync.sources.refused import Refused
from sheets_sync.sources.xlsx_cells import SPELLINGS, Irregular, Spellings
from sheets_sync.sources.xlsx_scan import Merge
from sheets_sync.sources.xlsx_texts import DECLARATION, shared_texts
from sheets_sync.table import Grid, Value

_BLOCK = 1 << 20  # bytes of XML whose cells are held at a time
_SAMPLE = 1 << 12  # bytes of XML that mostly show how many columns there are
_WIDTHS = (4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 96, 128, 192, 256)  # few, as a pattern takes long to compile

_DECLARATION = DECLARATION.encode()
_SHEET = re.compile(_DECLARATION + rb"<worksheet[\s>]")
_ROWS, _ROWS_END, _NO_ROWS = b"<sheetData>", b"</sheetData>", b"<sheetData/>"
_DIMENSION = re.compile(rb'<dimension ref="([A-Z]{1,3})([1-9][0-9]{0,6})(?::([A-Z]{1,3})([1-9][0-9]{0,6}))?"\s*/>')
_ADDRESS = rb"[A-Z]{1,3}[1-9][0-9]{0,6}"
_MERGES = re.compile(
    rb'<mergeCells(?: count="[0-9]+")?>(?:<mergeCell ref="' + _ADDRESS + rb":" + _ADDRESS + rb'" ?/>)+</mergeCells>'
)
_LETTERS = re.compile(rb'<c r="([A-Z]{1,3})[0-9]')
_ROW_ATTRIBUTES = re.compile(rb'(?: (?!r=)[A-Za-z][\w:]*="[^"<>&]*")* ?')
_ROW_ATTRIBUTE = re.compile(rb" ([\w:]+)=")
_ROW_WITHOUT_CELLS = re.compile(rb'<row r="([1-9][0-9]*)"([^>]*)/>')
_ROWS_WITHOUT_CELLS = re.compile(rb'(?:<row r="[1-9][0-9]*"[^>]*/>)+')
_FORMULA = re.compile(
    rb'<f(?: [A-Za-z0-9:]+="[^"<>]*")*(?: ?/>|>[^<&]*(?:&(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9A-Fa-f]+);[^<&]*)*</f>)'
)

_RELATIONSHIP = re.compile(
    r"http://(?:schemas\.openxmlformats|purl\.oclc)\.org/(?:ooxml/)?officeDocument/(?:2006/)?relationships/(\w+)"
)
_SHEET_PART = re.compile(r"(?:/xl/)?((worksheet|chartsheet|dialogsheet)s/[\w. -]+\.xml)", re.ASCII)
_WORKBOOK, _STYLES, _TEXTS = "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"
_STATES = ("visible", "hidden", "veryHidden")
_LOGICAL = {"0": False, "false": False, "1": True, "true": True}

# Rows and what stands between them, as split: what is before a row (b"", or else something odd), its number, its
# attributes, a spelling per column (None: no cell), then the same of the next row; at last what is after the last one.
_Pieces = list[Any]


class Sheet(NamedTuple):
    """A sheet with cells and the part of the archive it is in."""

    name: str
    visible: bool
    part: str


class RegularBook:
    """A workbook whose own parts are regular. ``sheets``: those that hold cells, in their order."""

    def __init__(self, archive: Archive) -> None:
        """Raises Irregular."""
        self._archive = archive
        links = _links(archive)
        self.sheets, date_1904 = _sheets(_parsed(archive, _WORKBOOK), links)
        styles = _own_part(archive, links, "styles", _STYLES)
        texts = _own_part(archive, links, "sharedStrings", _TEXTS)
        self._spellings = Spellings(
            shared_texts(texts) if texts else [],
            xlsx_scan.styles_of(styles),
            _number_formats(styles),
            date_1904=date_1904,
        )

    def grid(self, sheet: Sheet) -> Grid:
        """The cells of one sheet. Raises Irregular."""
        xml = self._archive.sound_part(sheet.part)
        if xml is None:
            raise Irregular("part")
        start, end, merges = _outline(xml)
        rows = _rows(xml, start, end, self._spellings)
        return rows.grid(sheet, merges)


def _number_formats(styles: bytes) -> tuple[str, ...]:
    try:
        return calamine.number_formats(styles) if styles else ()
    except Refused as refusal:
        raise Irregular("styles") from refusal


def _parsed(archive: Archive, name: str) -> ElementTree.Element:
    part = archive.sound_part(name)
    if part is None or b"<!" in part or re.match(_DECLARATION + rb"<\w+[\s>]", part) is None:
        raise Irregular(name)
    try:
        return ElementTree.fromstring(part)  # noqa: S314 (no declarations, so no entities)
    except ElementTree.ParseError as error:
        raise Irregular(name) from error


def _relationships(archive: Archive, name: str) -> Iterator[tuple[str, str, str]]:
    """(identifier, kind, target) of relationships within the file that are of the standard's kinds."""
    for link in _parsed(archive, name):
        if link.tag.rpartition("}")[2] != "Relationship":
            raise Irregular(name)
        kind = _RELATIONSHIP.fullmatch(link.get("Type", ""))
        if kind and link.get("TargetMode", "Internal") == "Internal":
            yield link.get("Id", ""), kind.group(1), link.get("Target", "")


def _links(archive: Archive) -> dict[str, tuple[str, str]]:
    """Relationships of the workbook by identifier: (kind, target)."""
    books = [target for _, kind, target in _relationships(archive, "_rels/.rels") if kind == "officeDocument"]
    if len(books) != 1 or books[0].removeprefix("/") != _WORKBOOK:
        raise Irregular("workbook")
    return {link: (kind, target) for link, kind, target in _relationships(archive, "xl/_rels/workbook.xml.rels")}


def _own_part(archive: Archive, links: dict[str, tuple[str, str]], kind: str, name: str) -> bytes:
    """The one part of this kind, where every program keeps it; b"" if the workbook has none."""
    targets = [target for one, target in links.values() if one == kind]
    if not targets and name not in archive:
        return b""
    part = archive.sound_part(name)
    if len(targets) != 1 or targets[0] not in (name.removeprefix("xl/"), "/" + name) or not part:
        raise Irregular(name)
    return part


def _sheets(workbook: ElementTree.Element, links: dict[str, tuple[str, str]]) -> tuple[list[Sheet], bool]:
    """The sheets with cells, and whether days count from 1904."""
    sheets: list[Sheet] = []
    names: set[str] = set()
    date_1904 = False
    for element in workbook.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "workbookPr":
            value = element.get("date1904", "0")
            if value not in _LOGICAL:
                raise Irregular("date1904")
            date_1904 = _LOGICAL[value]
        elif tag == "sheet":
            name, state = element.get("name", ""), element.get("state", "visible")
            link = [value for key, value in element.items() if key.endswith("/relationships}id")]
            kind, target = links.get(link[0], ("", "")) if len(link) == 1 else ("", "")
            part = _SHEET_PART.fullmatch(target)
            if not name.isprintable() or not name or name in names or state not in _STATES or part is None:
                raise Irregular("sheet")
            if part.group(2) != kind:
                raise Irregular("sheet")
            names.add(name)
            if kind == "worksheet":
                sheets.append(Sheet(name, state == "visible", "xl/" + part.group(1)))
    return sheets, date_1904


def _outline(xml: bytes) -> tuple[int, int, tuple[Merge, ...]]:
    """Where the rows of a sheet begin and end, and its merges; what is around the rows is well-formed."""
    start, end = xml.find(b"<sheetData"), xml.rfind(_ROWS_END)
    if xml.startswith(_NO_ROWS, start) and end < 0:
        start = end = start + len(_NO_ROWS)
        around = xml
    elif xml.startswith(_ROWS, start) and end > start:
        around = xml[:start] + _NO_ROWS + xml[end + len(_ROWS_END) :]
        start += len(_ROWS)
    else:
        raise Irregular("sheet")
    if (
        _SHEET.match(around) is None
        or b"<!" in around
        or around.find(b"<?", 4) >= 0
        or around.count(b"sheetData") > 1
        or not _is_sound_dimension(around)
    ):
        raise Irregular("sheet")
    try:
        expat.ParserCreate().Parse(around, True)
    except expat.ExpatError as error:
        raise Irregular("sheet") from error
    return start, end, _merges(around)


def _is_sound_dimension(around: bytes) -> bool:
    at = around.find(b"<dimension")
    if at < 0:
        return True
    found = _DIMENSION.match(around, at)
    if found is None or around.find(b"<dimension", at + 1) >= 0:
        return False
    left, top, right, bottom = found.groups()
    return right is None or (
        column_number(left.decode()) <= column_number(right.decode()) <= xlsx_scan.MOST_COLUMNS
        and int(top) <= int(bottom) <= xlsx_scan.MOST_ROWS
    )


def _merges(around: bytes) -> tuple[Merge, ...]:
    count = around.count(b"<mergeCell ")
    if not count:
        return ()
    found = _MERGES.search(around)
    merges = xlsx_scan.merges_of(found.group(), 0) if found else ()
    if len(merges) != count or any(
        bottom > xlsx_scan.MOST_ROWS or right > xlsx_scan.MOST_COLUMNS for _, _, bottom, right in merges
    ):
        raise Irregular("merges")
    return merges


class _Wider(Exception):
    """A row reaches beyond the columns of the pattern."""

    def __init__(self, width: int) -> None:
        self.width = width


def _rows(xml: bytes, start: int, end: int, spellings: Spellings) -> _Rows:
    """The rows between two offsets, through a pattern as wide as they are."""
    width = _reach(xml[start : min(end, start + _SAMPLE)])
    while True:
        rows = _Rows(_width(width), spellings)
        try:
            for first, last in _blocks(xml, start, end):
                rows.take(xml, first, last)
                spellings.trim()
        except _Wider as wider:
            width = wider.width
        else:
            return rows


def _blocks(xml: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Offsets of blocks of whole rows."""
    while start < end:
        stop = xml.find(b"</row>", start + _BLOCK, end)
        stop = stop + len(b"</row>") if stop >= 0 else end
        yield start, stop
        start = stop


def _reach(xml: bytes) -> int:
    """The last column that cells in this piece of a sheet are in."""
    return max((column_number(letters.decode()) for letters in set(_LETTERS.findall(xml))), default=1)


def _width(columns: int) -> int:
    for width in _WIDTHS:
        if columns <= width:
            return width
    raise Irregular("wide")


@lru_cache(maxsize=len(_WIDTHS))
def _row_pattern(width: int) -> re.Pattern[bytes]:
    """A row of so many columns at most, each cell there or not."""
    spelling = b"|".join(SPELLINGS)
    cells = b"".join(
        rb'(?><c r="' + column_letter(column).encode() + rb'\1"([^>]*(?:' + spelling + rb"))|)"
        for column in range(1, width + 1)
    )
    return re.compile(rb'<row r="([1-9][0-9]*)"([^>]*)>' + cells + rb"</row>")


@lru_cache(maxsize=4096)
def _hides(attributes: bytes) -> bool:
    """Whether a row with these attributes is hidden."""
    names = _ROW_ATTRIBUTE.findall(attributes)
    if _ROW_ATTRIBUTES.fullmatch(attributes) is None or len(set(names)) != len(names):
        raise Irregular("row")
    return b' hidden="1"' in attributes or b' hidden="true"' in attributes


class _Rows:
    """Rows of a sheet as they are taken, column by column."""

    def __init__(self, width: int, spellings: Spellings) -> None:
        self._width, self._pattern, self._spellings = width, _row_pattern(width), spellings
        self._numbers: list[int] = []
        self._columns: list[list[Value]] = [[] for _ in range(width)]
        self._filled: set[int] = set()  # columns that hold something
        self._first = self._last = -1  # of the rows that hold something, where in _numbers
        self._hidden: set[int] = set()

    def take(self, xml: bytes, start: int, end: int) -> None:
        """Add a block of rows. Raises Irregular, _Wider."""
        pieces = self._split(xml[start:end])
        step = self._width + 3
        numbers = list(map(int, pieces[1::step]))
        if not _is_near(max(numbers[-1], len(self._numbers) + len(numbers)), self._width):
            raise Irregular("vast")  # before so many blank cells are held
        attributes = pieces[2::step]
        hiding = {one for one in set(attributes) if _hides(one)}
        if hiding:
            self._hidden.update(number for number, one in zip(numbers, attributes, strict=True) if one in hiding)
        self._add([pieces[column::step] for column in range(3, step)])
        self._note_ends(pieces, step)
        self._numbers += numbers

    def _split(self, xml: bytes) -> _Pieces:
        """The rows of a block, nothing odd between them."""
        pieces = self._pattern.split(xml)
        return self._without_odd(pieces, self._odd) if any(pieces[:: self._width + 3]) else pieces

    def _without_odd(self, pieces: _Pieces, rows_of: Callable[[bytes], _Pieces]) -> _Pieces:
        """The pieces, with rows where something odd was between them."""
        put: _Pieces = []
        done = 0
        for place in range(0, len(pieces), self._width + 3):
            odd = pieces[place]
            if odd:
                put += pieces[done:place]
                put += rows_of(odd)
                done = place + 1
        return put + pieces[done:]

    def _odd(self, xml: bytes) -> _Pieces:
        """Rows the pattern did not take: with formulas, or without cells."""
        pieces = self._pattern.split(_FORMULA.sub(b"<f/>", xml))
        return self._without_odd(pieces, self._rows_without_cells)

    def _rows_without_cells(self, xml: bytes) -> _Pieces:
        if not _ROWS_WITHOUT_CELLS.fullmatch(xml):
            reach = _reach(xml)
            if reach > self._width:
                raise _Wider(reach)
            raise Irregular("row")
        blank = [None] * self._width
        pieces: _Pieces = [b""]
        for number, attributes in _ROW_WITHOUT_CELLS.findall(xml):
            pieces += (number, attributes, *blank, b"")
        return pieces

    def _add(self, columns: Sequence[Sequence[bytes | None]]) -> None:
        value_of, blank = self._spellings.__getitem__, self._spellings.blank
        for index, column in enumerate(columns):
            if not any(column):
                self._columns[index].extend(repeat("", len(column)))
                continue
            self._columns[index].extend(map(value_of, column))
            if index not in self._filled and not blank.issuperset(column):
                self._filled.add(index)

    def _note_ends(self, pieces: _Pieces, step: int) -> None:
        """Note the first and the last row that hold something: often many blank ones are below."""
        blank, before = self._spellings.blank, len(self._numbers)
        count = len(pieces) // step

        def holds_something(row: int) -> bool:
            return not blank.issuperset(pieces[row * step + 3 : (row + 1) * step])

        first = next(filter(holds_something, range(count)), None)
        if first is None:
            return
        if self._first < 0:
            self._first = before + first
        self._last = before + next(filter(holds_something, reversed(range(count))))

    def grid(self, sheet: Sheet, merges: tuple[Merge, ...]) -> Grid:
        """The rectangle of what is filled. Raises Irregular if rows are not in order or lie far out."""
        numbers = self._numbers
        if not all(map(lt, numbers, islice(numbers, 1, None))):
            raise Irregular("order")
        hidden = frozenset(self._hidden)
        if not self._filled:
            return Grid(sheet.name, [], visible=sheet.visible, hidden_rows=hidden, merges=merges)
        first, end = self._first, self._last + 1
        left, right = min(self._filled), max(self._filled)
        columns = [column[first:end] for column in self._columns[left : right + 1]]
        rows = list(map(list, zip(*columns, strict=True)))
        grid = Grid(sheet.name, rows, numbers[first], left + 1, sheet.visible, hidden, merges, columns)
        if numbers[end - 1] - numbers[first] >= len(rows):
            grid.rows, grid.columns = _spread(rows, numbers[first:end]), None
        return grid


def _is_near(last_row: int, last_column: int) -> bool:
    """Whether a sheet that reaches so far is certainly within bounds."""
    return last_row <= xlsx_scan.MOST_ROWS and last_row * last_column <= xlsx_scan.MAX_CELLS


def _spread(rows: list[list[Value]], numbers: list[int]) -> list[list[Value]]:
    """The rows with blank ones where their numbers leave gaps."""
    width = len(rows[0])
    spread: list[list[Value]] = []
    for row, number in zip(rows, numbers, strict=True):
        gap = number - numbers[0] - len(spread)
        spread.extend([""] * width for _ in range(gap))
        spread.append(row)
    return spread
