"""What python-calamine does not tell of an .xlsb: errors, logical values, hidden rows, merges, numbers shown otherwise.

One pass over the records of each part. Format: [MS-XLSB] 2.1.4 (records) and 2.4; a formula never calculated cannot be
told from one whose result is the empty text, and stays blank.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from sheets_sync.sources import number_format
from sheets_sync.sources.refused import Refused
from sheets_sync.sources.xls_scan import ERRORS, rk_number
from sheets_sync.sources.xlsx_scan import FALSE, MAX_CELLS, TRUE, Facts, Merge
from sheets_sync.table import CellError, Shown, Value

_ROW, _RK, _ERROR, _BOOL, _REAL, _FORMULA_NUMBER, _FORMULA_BOOL, _FORMULA_ERROR = 0, 2, 3, 4, 5, 9, 10, 11
_LAST_CELL_RECORD = 11
_MERGE, _BUNDLE_SHEET, _WORKBOOK, _FORMAT, _XF, _CELL_XFS, _CELL_XFS_END = 176, 156, 153, 44, 47, 617, 618
_HIDDEN = 0x10


class Styles(NamedTuple):
    """Cell styles that matter, by number."""

    shown: dict[int, number_format.Show]
    dates: frozenset[int]


def _records(part: bytes) -> Iterator[tuple[int, int, int]]:
    """(kind, start, length) of every record."""
    at, end = 0, len(part)
    try:
        while at < end:
            kind = part[at]
            at += 1
            if kind & 0x80:
                kind = (kind & 0x7F) | (part[at] << 7)
                at += 1
            length = shift = 0
            for _ in range(4):
                byte = part[at]
                at += 1
                length |= (byte & 0x7F) << shift
                shift += 7
                if not byte & 0x80:
                    break
            if at + length > end:
                raise Refused("file-unreadable", "truncated")
            yield kind, at, length
            at += length
    except IndexError as error:
        raise Refused("file-unreadable", "truncated") from error


def _wide(part: bytes, at: int) -> tuple[str, int]:
    """A string and where it ends."""
    length = int.from_bytes(part[at : at + 4], "little")
    if length == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + length * 2
    return part[at + 4 : end].decode("utf-16-le", "replace"), end


def sheets(workbook: bytes) -> tuple[list[tuple[str, str]], bool]:
    """(name, relationship) of every sheet, and whether days are counted from 1904."""
    found, date_1904 = [], False
    for kind, at, length in _records(workbook):
        if kind == _BUNDLE_SHEET and length >= 16:
            relationship, end = _wide(workbook, at + 8)
            found.append((_wide(workbook, end)[0], relationship))
        elif kind == _WORKBOOK and length:
            date_1904 = bool(workbook[at] & 1)
    return found, date_1904


def styles_of(part: bytes) -> Styles:
    """Number formats of the cell styles that show something else than the number, and those of dates."""
    codes = dict(number_format.BUILT_IN)
    formats: list[int] = []
    within = False
    for kind, at, length in _records(part):
        if kind == _FORMAT and length >= 6:
            codes[int.from_bytes(part[at : at + 2], "little")] = _wide(part, at + 2)[0]
        elif kind == _CELL_XFS:
            within = True
        elif kind == _CELL_XFS_END:
            within = False
        elif kind == _XF and within and length >= 4:
            formats.append(int.from_bytes(part[at + 2 : at + 4], "little"))
    shown, dates = {}, set()
    for index, number in enumerate(formats):
        show = number_format.show(codes.get(number, ""))
        if show is not None:
            shown[index] = show
        elif number_format.is_date(codes.get(number, "")):
            dates.add(index)
    return Styles(shown, frozenset(dates))


def scan(part: bytes, styles: Styles, *, date_1904: bool = False) -> Facts:
    """Facts of one sheet. Raises Refused when its values span too many cells, or the part is damaged."""
    cells: list[tuple[int, int, Value]] = []
    hidden: set[int] = set()
    merges: list[Merge] = []
    row = last_column = 0
    unpack = struct.unpack_from
    try:
        for kind, at, length in _records(part):
            if kind == _MERGE:
                top, bottom, left, right = unpack("<4I", part, at)
                merges.append((top + 1, left + 1, bottom + 1, right + 1))
            elif kind == _ROW:
                row = unpack("<I", part, at)[0] + 1
                if length > 11 and part[at + 11] & _HIDDEN:
                    hidden.add(row)
            elif 1 < kind <= _LAST_CELL_RECORD:
                column, style = unpack("<II", part, at)
                column, style = column + 1, style & 0xFFFFFF
                last_column = max(last_column, column)
                if kind in (_ERROR, _FORMULA_ERROR):
                    cells.append((row, column, CellError(ERRORS.get(part[at + 8], "#ERROR!"))))
                elif kind in (_BOOL, _FORMULA_BOOL):
                    cells.append((row, column, TRUE if part[at + 8] else FALSE))
                elif kind in (_RK, _REAL, _FORMULA_NUMBER) and (style in styles.shown or style in styles.dates):
                    number = rk_number(part, at + 8) if kind == _RK else unpack("<d", part, at + 8)[0]
                    if style in styles.shown:
                        cells.append((row, column, Shown(number, styles.shown[style](number))))
                    elif number < 0:
                        cells.append((row, column, number))
                    elif 60 <= number < 61 and not date_1904:
                        cells.append((row, column, "29.02.1900"))
    except (struct.error, IndexError) as error:
        raise Refused("file-unreadable", "damaged") from error
    if row * last_column > MAX_CELLS:
        raise Refused("file-too-large", "cells", rows=str(row), columns=str(last_column))
    return Facts(cells, frozenset(hidden), tuple(merges))
