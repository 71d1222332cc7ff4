"""What python-calamine does not tell of an .xls: errors, logical values, hidden rows, merges, numbers shown otherwise.

One pass over the records of the workbook stream (BIFF5 and BIFF8); records of texts and blanks are stepped over.
Format: [MS-XLS] 2.4.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

from sheets_sync.sources import number_format
from sheets_sync.sources.refused import Refused
from sheets_sync.sources.xlsx_scan import FALSE, MAX_CELLS, TRUE, Facts, Merge
from sheets_sync.table import UNCALCULATED, CellError, Shown, Value

ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}

_BOF, _EOF, _FILEPASS, _BOUNDSHEET, _DATEMODE, _XF = 0x0809, 0x000A, 0x002F, 0x0085, 0x0022, 0x00E0
_FORMAT, _FORMAT_OLD = 0x041E, 0x001E
_BIFF8 = 0x0600
_HIDDEN = 0x20
_HEADER = struct.Struct("<HH")
_CELL = struct.Struct("<HHH")
_BOUND = struct.Struct("<IBB")


def scan(stream: bytes) -> list[tuple[str, Facts]]:
    """(name, facts) of every sheet, in workbook order.

    Raises Refused: ``file-encrypted``, ``file-unreadable``, ``file-too-large``.
    """
    book = _Book(stream)
    sheets = [_Sheet(book, offset) for _, offset in book.sheets]
    formulas = sum(sheet.formulas for sheet in sheets)
    never = sum(len(sheet.without_result) for sheet in sheets) == formulas
    found = []
    for (name, _), sheet in zip(book.sheets, sheets, strict=True):
        # One formula without a result may well give the empty text; if none ever had one, nobody calculated them.
        cells = sheet.cells + [(row, column, UNCALCULATED) for row, column in sheet.without_result if never]
        found.append((name, Facts(cells, frozenset(sheet.hidden), tuple(sheet.merges))))
    return found


class _Book:
    """The records before the sheets: formats, cell styles, sheet names and where each sheet begins."""

    def __init__(self, stream: bytes) -> None:
        self.stream = stream
        self.sheets: list[tuple[str, int]] = []
        self.shown: dict[int, number_format.Show] = {}
        self.dates: set[int] = set()
        self.date_1904 = False
        codes = dict(number_format.BUILT_IN)
        styles: list[int] = []
        at, end = 0, len(stream)
        self.biff8 = end >= 8 and _HEADER.unpack_from(stream, 4)[0] == _BIFF8
        while at + 4 <= end:
            kind, length = _HEADER.unpack_from(stream, at)
            at += 4
            body = stream[at : at + length]
            at += length
            if kind == _EOF:
                break
            if kind == _FILEPASS:
                raise Refused("file-encrypted")
            if kind == _BOUNDSHEET and length >= 8:
                offset = _BOUND.unpack_from(body)[0]
                self.sheets.append((self._text(body[6:], 1), offset))
            elif kind == _DATEMODE and length >= 2:
                self.date_1904 = body[0] == 1
            elif kind in (_FORMAT, _FORMAT_OLD) and length >= 4:
                codes[int.from_bytes(body[:2], "little")] = self._text(body[2:], 2 if self.biff8 else 1)
            elif kind == _XF and length >= 4:
                styles.append(int.from_bytes(body[2:4], "little"))
        for index, number in enumerate(styles):
            code = codes.get(number)
            if code is None:
                continue
            show = number_format.show(code)
            if show is not None:
                self.shown[index] = show
            elif number_format.is_date(code):
                self.dates.add(index)
        self.special = frozenset(self.shown) | self.dates

    def _text(self, body: bytes, size: int) -> str:
        """A string whose length takes ``size`` bytes; BIFF8 adds a byte of flags."""
        length = int.from_bytes(body[:size], "little")
        if not self.biff8:
            return body[size : size + length].decode("cp1251", "replace")
        wide = len(body) > size and body[size] & 1
        characters = body[size + 1 : size + 1 + length * (2 if wide else 1)]
        return characters.decode("utf-16-le" if wide else "latin-1", "replace")


class _Sheet:
    """The facts of one sheet, gathered from its records."""

    def __init__(self, book: _Book, start: int) -> None:
        self.book = book
        self.cells: list[tuple[int, int, Value]] = []
        self.hidden: set[int] = set()
        self.merges: list[Merge] = []
        self.without_result: list[tuple[int, int]] = []
        self.formulas = 0
        self._last_row = self._last_column = 0
        handlers: dict[int, Callable[[int, int], None]] = {
            0x0208: self._row,
            0x0205: self._boolean_or_error,
            0x0006: self._formula,
            0x0206: self._formula,
            0x0406: self._formula,
            0x00E5: self._merged,
        }
        if book.special:
            handlers |= {0x0203: self._number, 0x027E: self._rk, 0x00BD: self._many_rk}
        stream, end, unpack, handler_of = book.stream, len(book.stream), _HEADER.unpack_from, handlers.get
        at, depth = start, 0
        while at + 4 <= end:
            kind, length = unpack(stream, at)
            at += 4
            if kind == _BOF:
                depth += 1  # a chart lies within the sheet as a stream of its own
            elif kind == _EOF:
                depth -= 1
                if depth <= 0:
                    break
            elif depth == 1:
                handler = handler_of(kind)
                if handler and at + length <= end:
                    try:
                        handler(at, length)
                    except (struct.error, IndexError) as error:
                        raise Refused("file-unreadable", "damaged") from error
            at += length
        if self._last_row * self._last_column > MAX_CELLS:
            raise Refused("file-too-large", "cells", rows=str(self._last_row), columns=str(self._last_column))

    def _row(self, at: int, _: int) -> None:
        row, _first, after = _CELL.unpack_from(self.book.stream, at)
        if after:
            self._last_row = max(self._last_row, row + 1)
            self._last_column = max(self._last_column, after)
        if self.book.stream[at + 12] & _HIDDEN:
            self.hidden.add(row + 1)

    def _boolean_or_error(self, at: int, _: int) -> None:
        row, column, _style = _CELL.unpack_from(self.book.stream, at)
        value, is_error = self.book.stream[at + 6], self.book.stream[at + 7]
        self._put(row, column, _error(value) if is_error else TRUE if value else FALSE)

    def _formula(self, at: int, length: int) -> None:
        stream = self.book.stream
        row, column, style = _CELL.unpack_from(stream, at)
        self.formulas += 1
        if stream[at + 12 : at + 14] != b"\xff\xff":
            if style in self.book.special:
                self._shown(row, column, style, struct.unpack_from("<d", stream, at + 6)[0])
            return
        kind, value = stream[at + 6], stream[at + 8]
        if kind == 1:
            self._put(row, column, TRUE if value else FALSE)
        elif kind == 2:
            self._put(row, column, _error(value))
        elif kind == 3 and length >= 20 and stream[at + 14 : at + 20] == b"\0\0\0\0\0\0":
            self.without_result.append((row + 1, column + 1))

    def _number(self, at: int, _: int) -> None:
        row, column, style = _CELL.unpack_from(self.book.stream, at)
        if style in self.book.special:
            self._shown(row, column, style, struct.unpack_from("<d", self.book.stream, at + 6)[0])

    def _rk(self, at: int, _: int) -> None:
        row, column, style = _CELL.unpack_from(self.book.stream, at)
        if style in self.book.special:
            self._shown(row, column, style, rk_number(self.book.stream, at + 6))

    def _many_rk(self, at: int, length: int) -> None:
        row, first = struct.unpack_from("<HH", self.book.stream, at)
        for index in range((length - 6) // 6):
            place = at + 4 + index * 6
            style = int.from_bytes(self.book.stream[place : place + 2], "little")
            if style in self.book.special:
                self._shown(row, first + index, style, rk_number(self.book.stream, place + 2))

    def _merged(self, at: int, length: int) -> None:
        count = int.from_bytes(self.book.stream[at : at + 2], "little")
        for index in range(min(count, (length - 2) // 8)):
            top, bottom, left, right = struct.unpack_from("<4H", self.book.stream, at + 2 + index * 8)
            self.merges.append((top + 1, left + 1, bottom + 1, right + 1))

    def _shown(self, row: int, column: int, style: int, number: float) -> None:
        show = self.book.shown.get(style)
        if show is not None:
            self._put(row, column, Shown(number, show(number)))
        elif number < 0:
            self._put(row, column, number)  # no day: the bare number rather than midnight
        elif 60 <= number < 61 and not self.book.date_1904:
            self._put(row, column, "29.02.1900")  # what Excel shows for a day that never was

    def _put(self, row: int, column: int, value: Value) -> None:
        self.cells.append((row + 1, column + 1, value))


def _error(code: int) -> CellError:
    return CellError(ERRORS.get(code, "#ERROR!"))


def rk_number(stream: bytes, at: int) -> float:
    """A number packed in 30 bits: an integer or the high half of a double, perhaps in hundredths ([MS-XLS] 2.5.217)."""
    raw: int = struct.unpack_from("<I", stream, at)[0]
    number: float
    if raw & 2:
        number = struct.unpack_from("<i", stream, at)[0] >> 2
    else:
        number = struct.unpack("<d", b"\0\0\0\0" + struct.pack("<I", raw & 0xFFFFFFFC))[0]
    return number / 100 if raw & 1 else float(number)
