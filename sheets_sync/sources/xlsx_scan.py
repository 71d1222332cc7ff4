"""What python-calamine does not tell of an .xlsx sheet: errors, logical values, hidden rows, merges, shown numbers.

The sheet's XML is searched as bytes; only hits take the exact path. Where calamine gives "" for #REF!, or a number for
«007», a :class:`Facts` names the cell and what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from itertools import chain
from typing import NamedTuple

from sheets_sync.issues import column_number
from sheets_sync.sources import number_format
from sheets_sync.sources.refused import Refused
from sheets_sync.table import UNCALCULATED, CellError, Shown, Value

MAX_CELLS = 10_000_000  # cells of the rectangle a sheet's values span, blank ones included
TRUE, FALSE = "ИСТИНА", "ЛОЖЬ"
_LOGICAL = {"1": TRUE, "true": TRUE, "0": FALSE, "false": FALSE}

Merge = tuple[int, int, int, int]


class Facts(NamedTuple):
    """``cells`` are (row, column, value) and replace what was read there; rows and columns count from 1."""

    cells: list[tuple[int, int, Value]]
    hidden_rows: frozenset[int]
    merges: tuple[Merge, ...]


class Styles(NamedTuple):
    """Cell styles that matter, by their number (the ``s`` of a cell)."""

    shown: dict[bytes, number_format.Show]
    dates: frozenset[bytes]
    shown_cell: re.Pattern[bytes] | None
    odd_date_cell: re.Pattern[bytes] | None


# What is left of a sheet when capitals become A, digits 0, and all but these, quotes, points and ends of tags are
# dropped: a cell is «"A0""0">>000>>». Plain searches in it find columns of three letters, rows of five digits, integers
# of sixteen. The ends are kept to part a value from the quote before its tag: else every date were such a row.
_FOLD = bytes(65 if 65 <= code <= 90 else 48 if 48 <= code <= 57 else code for code in range(256))
_FOLDED_AWAY = bytes(set(range(256)) - set(b'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".>'))
_FAR = (b'"AAA0', b'"AAAA', b"A00000", b'"00000')  # the last is a row's own number
_LONG_INTEGER = b">0000000000000000"
_OPENING = 4096
_FEW = 2000
MOST_ROWS, MOST_COLUMNS = 1 << 20, 1 << 14  # of any sheet (ECMA-376 18.17.2.3)
_ROW_NUMBERS = re.compile(rb'\sr\s*=\s*"[A-Za-z]{0,7}([0-9]{1,9})"')
_SMALL_LETTERS = re.compile(rb'\sr="[A-Z]*[a-z]')  # which the folding drops
_COLUMNS = re.compile(rb'\sr\s*=\s*"([A-Za-z]{1,7})[0-9]')
_FAR_COLUMN_NUMBER, _FAR_ROW_NUMBER = 702, 9_999  # the last ones the two searches above let pass

_ROOT = re.compile(rb"<(?:([\w.-]+):)?(?:worksheet|styleSheet|workbook|sst|Relationships)[\s>/]")
_SINGLE_QUOTED = re.compile(rb"""(\s[\w:.-]+)\s*=\s*'([^'"<>]*)'""")
_FORMULA = rb"(?:<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*)?"
_VALUE = re.compile(rb"<v(?:\s[^>]*)?>([^<]*)</v>")
_ROW_OR_CELL = re.compile(rb"<(row|c)(?=[\s/>])([^>]*)>")
_HIDDEN_ROW = re.compile(rb'<row\s(?=[^>]*\shidden="(?:1|true)")[^>]*>')
_MERGE = re.compile(rb'<mergeCell\s[^>]*?ref="\$?([A-Z]{1,3})\$?([0-9]{1,7}):\$?([A-Z]{1,3})\$?([0-9]{1,7})"')
_RESULT = re.compile(rb"<v(?:\s[^>]*)?>\s*[^<\s]|<is[\s>]")
_INTEGER = re.compile(rb"<v>(-?[0-9]{16,})</v>")
_REFERENCE = re.compile(rb'\sr\s*=\s*"([A-Za-z]{1,7})([0-9]{1,9})"')
_TYPE = re.compile(rb'\st="([^"]*)"')
_STYLE = re.compile(rb'\ss="([0-9]+)"')
_ROW_NUMBER = re.compile(rb'\sr\s*=\s*"([0-9]{1,9})"')
_XF = re.compile(rb"<xf[\s>/][^>]*>?")
_XF_FORMAT = re.compile(rb'\snumFmtId="([0-9]{1,9})"')
_NUM_FMT = re.compile(rb"<numFmt\s[^>]*>")
_NUM_FMT_CODE = re.compile(rb'\sformatCode="([^"]*)"')


def plain(xml: bytes) -> bytes:
    """The same XML as Excel would spell it: no namespace prefix on elements, attributes in double quotes.

    Raises Refused for a document type definition: no workbook has one, entity attacks do.
    """
    root = _ROOT.search(xml[:8192])
    start = root.start() if root else min(len(xml), 8192)
    if xml.find(b"<!", 0, start) >= 0 and (b"<!DOCTYPE" in xml[:start] or b"<!ENTITY" in xml[:start]):
        raise Refused("file-unreadable", "damaged")
    if root and root.group(1):
        prefix = root.group(1) + b":"
        xml = xml.replace(b"</" + prefix, b"</").replace(b"<" + prefix, b"<")
    if xml.find(b"'") >= 0 and xml.find(b"='") >= 0:
        xml = _SINGLE_QUOTED.sub(rb'\1="\2"', xml)
    return xml


@lru_cache(maxsize=64)
def styles_of(xml: bytes) -> Styles:
    """Number formats of ``styles.xml`` that matter to a scan. Cached by content."""
    xml = plain(xml)
    codes = dict(number_format.BUILT_IN)
    for tag in _NUM_FMT.findall(_between(xml, b"<numFmts", b"</numFmts>")):
        number, spelled = _XF_FORMAT.search(tag), _NUM_FMT_CODE.search(tag)
        if number and spelled:
            codes[int(number.group(1))] = unescape(spelled.group(1).decode("utf-8", "replace"))
    shown: dict[bytes, number_format.Show] = {}
    dates: set[bytes] = set()
    for index, tag in enumerate(_XF.findall(_between(xml, b"<cellXfs", b"</cellXfs>"))):
        number = _XF_FORMAT.search(tag)
        code = codes.get(int(number.group(1))) if number else None
        if code is None:
            continue
        show = number_format.show(code)
        if show is not None:
            shown[b"%d" % index] = show
        elif number_format.is_date(code):
            dates.add(b"%d" % index)
    return Styles(
        shown,
        frozenset(dates),
        _cells_of(shown, rb"[^<]+"),
        _cells_of(dates, rb"-[^<]*|60(?:\.[^<]*)?"),
    )


def _cells_of(styles: dict[bytes, number_format.Show] | set[bytes], value: bytes) -> re.Pattern[bytes] | None:
    """Pattern of a cell that has one of the styles and such a value."""
    if not styles:
        return None
    names = b"|".join(sorted(styles))
    return re.compile(rb' s="(?:' + names + rb')"[^<>]*>\s*' + _FORMULA + rb"<v>(" + value + rb")</v>")


def _between(xml: bytes, start: bytes, end: bytes) -> bytes:
    first = xml.find(start)
    last = xml.find(end, first)
    return xml[first:last] if 0 <= first < last else b""


def scan(xml: bytes, styles: Styles, *, date_1904: bool = False) -> Facts:
    """Facts of one sheet. Raises Refused when its values span more than MAX_CELLS."""
    xml = plain(xml)
    start = max(xml.find(b"<sheetData"), -10) + 10
    end = xml.rfind(b"</sheetData>")
    end = end if end >= 0 else len(xml)
    folded = xml[start:end].translate(_FOLD, _FOLDED_AWAY)
    _refuse_if_vast(xml, folded, start, end)
    sheet = _Sheet(xml, start, end)
    cells: list[tuple[int, int, Value]] = []
    if sheet.has(b"b", b't="b"'):
        cells += sheet.logical_values()
    if styles.shown_cell is not None:
        cells += sheet.shown_numbers(styles)
    if folded.find(_LONG_INTEGER) >= 0:
        cells += sheet.long_integers(styles)
    if styles.odd_date_cell is not None and (sheet.has(b">60") or sheet.has(b"-", b">-")):
        cells += sheet.odd_dates(styles, date_1904)
    if sheet.has(b"f", b"<f"):
        cells += sheet.uncalculated()
    if sheet.has(b"e", b't="e"'):
        cells += sheet.errors()
    hidden = sheet.hidden_rows() if sheet.has(b"h", b" hidden=") else frozenset()
    merges = merges_of(xml, end) if xml.find(b"<mergeCell ", end if end < len(xml) else 0) >= 0 else ()
    return Facts(cells, hidden, merges)


class _Sheet:
    """The cells of one sheet's XML, found by the offset of their tags."""

    def __init__(self, xml: bytes, start: int, end: int) -> None:
        self.xml, self.start, self.end = xml, start, end
        self._walked: dict[int, tuple[int, int]] | None = None

    def has(self, *needles: bytes) -> bool:
        """Whether all of these occur among the cells; looking for a single byte first costs next to nothing."""
        return all(self.xml.find(needle, self.start, self.end) >= 0 for needle in needles)

    def place(self, tag_start: int, tag: bytes) -> tuple[int, int] | None:
        """(row, column) of the cell whose tag starts there; counted where the tag does not say."""
        reference = _REFERENCE.search(tag)
        if reference:
            return int(reference.group(2)), column_number(reference.group(1).decode().upper())
        if self._walked is None:
            walk = _walk(self.xml, self.start, self.end)
            self._walked = {offset: (row, column) for offset, row, column, _ in walk if column}
        return self._walked.get(tag_start)

    def tag(self, inside: int) -> tuple[int, int, bytes]:
        """Start, end and text of the tag around an offset."""
        start = self.xml.rfind(b"<", 0, inside)
        end = self.xml.find(b">", inside) + 1
        return start, end, self.xml[start:end]

    def typed(self, kind: bytes) -> Iterator[tuple[int, int, str]]:
        """Cells with ``t="kind"``: (row, column, text of the value)."""
        for hit in self._hits(b' t="' + kind + b'"', 4):
            start, end, tag = self.tag(hit)
            if not tag.startswith(b"<c") or tag.endswith(b"/>"):
                continue
            place = self.place(start, tag)
            value = _VALUE.search(self.xml, end, self._close(end))
            if place:
                yield (*place, unescape(value.group(1).decode("utf-8", "replace")).strip() if value else "")

    def _hits(self, needle: bytes, rare: int = -1) -> Iterator[int]:
        """Offsets of a needle. ``rare``: where in it is a byte few cells have, if any: one byte is found faster."""
        xml, end, misses = self.xml, self.end, 0
        at = self.start
        if rare >= 0:
            byte = needle[rare : rare + 1]
            at = xml.find(byte, at, end)
            while at >= 0 and misses < _FEW:
                if xml.startswith(needle, at - rare):
                    yield at - rare
                else:
                    misses += 1
                at = xml.find(byte, at + 1, end)
            if at < 0:
                return
            at -= rare
        at = xml.find(needle, at, end)
        while at >= 0:
            yield at
            at = xml.find(needle, at + 1, end)

    def _close(self, at: int) -> int:
        close = self.xml.find(b"</c>", at, self.end)
        return close if close >= 0 else self.end

    def errors(self) -> Iterator[tuple[int, int, Value]]:
        for row, column, text in self.typed(b"e"):
            yield row, column, CellError(text or "#ERROR!")

    def logical_values(self) -> Iterator[tuple[int, int, Value]]:
        for row, column, text in self.typed(b"b"):
            if text:
                yield row, column, _LOGICAL.get(text.lower(), text)

    def _numbers(self, pattern: re.Pattern[bytes]) -> Iterator[tuple[int, int, bytes, str]]:
        """Numeric cells a pattern finds: (row, column, style, text of the number)."""
        for hit in pattern.finditer(self.xml, self.start, self.end):
            start = self.xml.rfind(b"<c", 0, hit.start() + 2)
            tag = self.xml[start : self.xml.find(b">", start) + 1]
            kind, style = _TYPE.search(tag), _STYLE.search(tag)
            if kind and kind.group(1) != b"n":
                continue
            place = self.place(start, tag)
            if place:
                yield (*place, style.group(1) if style else b"0", hit.group(1).decode("utf-8", "replace"))

    def shown_numbers(self, styles: Styles) -> Iterator[tuple[int, int, Value]]:
        assert styles.shown_cell is not None
        for row, column, style, text in self._numbers(styles.shown_cell):
            try:
                number = float(text)
            except ValueError:
                continue  # calamine says what it is
            if style in styles.shown:  # else the style is that of a tag which is no cell's
                yield row, column, Shown(number, styles.shown[style](number))

    def long_integers(self, styles: Styles) -> Iterator[tuple[int, int, Value]]:
        for row, column, style, text in self._numbers(_INTEGER):
            if style not in styles.dates:
                yield row, column, Shown(float(text), text)

    def odd_dates(self, styles: Styles, date_1904: bool) -> Iterator[tuple[int, int, Value]]:
        """Days no calendar has, as the spreadsheet shows them or as the bare number: never another day instead.

        Serial 60 is 29.02.1900, a day that never was (ECMA-376 18.17.4.1); a negative serial is shown as ########.
        """
        assert styles.odd_date_cell is not None
        for row, column, _, text in self._numbers(styles.odd_date_cell):
            if text.startswith("-"):
                yield row, column, float(text)
            elif not date_1904:
                yield row, column, "29.02.1900"

    def uncalculated(self) -> Iterator[tuple[int, int, Value]]:
        """Formulas nobody ever calculated: no result stands beside them."""
        for hit in self._hits(b"<f", 1):
            after = self.xml.find(b"</c>", hit, self.end)
            if _RESULT.search(self.xml, hit, after):
                continue
            start = self.xml.rfind(b"<c", 0, hit)
            tag = self.xml[start : self.xml.find(b">", start) + 1]
            kind = _TYPE.search(tag)
            if kind and kind.group(1) in (b"str", b"e"):
                continue  # a formula whose result is the empty text; an error says so itself
            place = self.place(start, tag)
            if place:
                yield (*place, UNCALCULATED)

    def hidden_rows(self) -> frozenset[int]:
        hidden = set()
        for hit in chain(self._hits(b' hidden="1"'), self._hits(b' hidden="true"')):
            tag = self.tag(hit)[2]
            if not tag.startswith(b"<row"):
                continue
            number = _ROW_NUMBER.search(tag)
            if number is None:
                return self._hidden_rows_counted()
            hidden.add(int(number.group(1)))
        return frozenset(hidden)

    def _hidden_rows_counted(self) -> frozenset[int]:
        rows = ((row, tag) for _, row, column, tag in _walk(self.xml, self.start, self.end) if not column)
        return frozenset(row for row, tag in rows if _HIDDEN_ROW.match(tag))


def _walk(xml: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, bytes]]:
    """(offset, row, column, tag) of every row (column 0) and cell, numbers counted on where the tags leave them out."""
    row = column = 0
    for token in _ROW_OR_CELL.finditer(xml, start, end):
        tag = token.group()
        if token.group(1) == b"row":
            number = _ROW_NUMBER.search(tag)
            row, column = int(number.group(1)) if number else row + 1, 0
            yield token.start(), row, 0, tag
            continue
        reference = _REFERENCE.search(tag)
        if reference:
            column = column_number(reference.group(1).decode().upper())
            yield token.start(), int(reference.group(2)), column, tag
        else:
            column += 1
            yield token.start(), row, column, tag


def _refuse_if_vast(xml: bytes, folded: bytes, start: int, end: int) -> None:
    """Measure the rectangle the values span before anybody allocates it; exactly only where it could be vast."""
    far = any(folded.find(mark) >= 0 for mark in _FAR) or _SMALL_LETTERS.search(xml, start, end) is not None
    opening = (
        end if far else min(end, start + _OPENING)
    )  # who leaves out the cells' addresses, leaves them out from the start
    uncounted = any(xml.find(mark, start, opening) >= 0 for mark in (b"<c>", b"<c s", b"<c t", b"<row>"))
    if not (far or uncounted):
        assert _FAR_COLUMN_NUMBER * _FAR_ROW_NUMBER <= MAX_CELLS
        return
    if not uncounted:
        # quickly, blank cells counted in: mostly that is enough
        last_row = max(map(int, _ROW_NUMBERS.findall(xml, start, end)), default=0)
        columns = {one.decode().upper() for one in _COLUMNS.findall(xml, start, end)}
        last_column = max(map(column_number, columns), default=0)
        if last_row * last_column <= MAX_CELLS and last_row <= MOST_ROWS and last_column <= MOST_COLUMNS:
            return
    top = left = 1 << 62
    bottom = right = 0
    for _, row, column, tag in _walk(xml, start, end):
        if len(_REFERENCE.findall(tag)) > 1:
            raise Refused("file-unreadable", "damaged")  # which of its places a reader would take is anybody's guess
        if column and not tag.endswith(b"/>"):
            top, bottom = min(top, row), max(bottom, row)
            left, right = min(left, column), max(right, column)
    if bottom and (bottom - top + 1) * (right - left + 1) > MAX_CELLS:
        raise Refused("file-too-large", "cells", rows=str(bottom), columns=str(right))
    if bottom > MOST_ROWS or right > MOST_COLUMNS:
        raise Refused("file-unreadable", "damaged")


def merges_of(xml: bytes, start: int) -> tuple[Merge, ...]:
    """Merges told from an offset on; those that cannot be are left out."""
    numbers: dict[bytes, int] = {}

    def number(letters: bytes) -> int:
        if letters not in numbers:
            numbers[letters] = column_number(letters.decode())
        return numbers[letters]

    found = (
        (int(top), number(left), int(bottom), number(right))
        for left, top, right, bottom in _MERGE.findall(xml, start if start < len(xml) else 0)
    )
    return tuple(one for one in found if 0 < one[0] <= one[2] and one[1] <= one[3])
