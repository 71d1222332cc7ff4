"""A sheet's XML with the cells python-calamine stumbles over written another way: one bad cell costs only itself.

Used only when a sheet could not be read: Excel and LibreOffice open such sheets and show the rest.
"""

from __future__ import annotations

import math
import re

from sheets_sync.sources.xlsx_scan import plain

_CELL = re.compile(rb"<c((?:\s[^>]*)?)(?<!/)>(.*?)</c>", re.DOTALL)
_VALUE = re.compile(rb"(<v(?:\s[^>]*)?>)([^<]*)(?=</v>)")
_TYPE, _STYLE = re.compile(rb'\st="([^"]*)"'), re.compile(rb'\ss="([^"]*)"')
_REFERENCE = re.compile(rb"&(?:#(?:x([0-9A-Fa-f]+)|([0-9]+))|([A-Za-z]\w*));")
_NAMED = (b"amp", b"lt", b"gt", b"quot", b"apos")
_ERRORS = (b"#REF!", b"#N/A", b"#DIV/0!", b"#NAME?", b"#NULL!", b"#NUM!", b"#VALUE!")
_KINDS = (b"n", b"b", b"s", b"e", b"d", b"str", b"inlineStr")
_LOGICAL = (b"0", b"1", b"true", b"false")
_LOST_TEXT = b"#REF!"  # a text that is not where the cell says it is
_LAST_DAY = 2_958_466  # 31.12.9999, counted from 1900
_REPLACEMENT = "\ufffd".encode()
_MERGES = re.compile(rb"<mergeCells.*</mergeCells>", re.DOTALL)


def mended(xml: bytes, strings: int) -> bytes:
    """The sheet with nothing in it that cannot be a cell; ``strings``: how many shared strings the workbook has.

    A number beyond all calendars loses its format, a lost text is an error, an unknown kind is text. Merges, known from
    the scan, are left out.
    """

    def cell(found: re.Match[bytes]) -> bytes:
        attributes, inside = found.groups()
        kind_found, value_found = _TYPE.search(attributes), _VALUE.search(inside)
        kind = kind_found.group(1) if kind_found else b"n"
        value = value_found.group(2).strip() if value_found else b""
        if kind == b"s" and not (value.isdigit() and int(value) < strings):
            attributes, inside = _typed(attributes, b"e"), b"<v>" + _LOST_TEXT + b"</v>"
        elif kind == b"e" and value not in _ERRORS:
            inside = b"<v>" + _LOST_TEXT + b"</v>"
        elif kind == b"n" and value:
            number = _number(value)
            if number is None:
                attributes = _typed(attributes, b"str")
            elif not abs(number) < _LAST_DAY:
                attributes = _STYLE.sub(b"", attributes)
        elif kind not in _KINDS or (kind == b"b" and value.lower() not in _LOGICAL):
            attributes = _typed(attributes, b"str")
        return b"<c" + attributes + b">" + _REFERENCE.sub(_character, inside) + b"</c>"

    return _MERGES.sub(b"", _CELL.sub(cell, plain(xml)))


def _typed(attributes: bytes, kind: bytes) -> bytes:
    return _TYPE.sub(b"", attributes) + b' t="' + kind + b'"'


def _number(text: bytes) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _character(found: re.Match[bytes]) -> bytes:
    """A reference to a character as it is, if there is such a character."""
    in_hex, in_tens, name = found.groups()
    if name is not None:
        return found.group() if name in _NAMED else b"&amp;" + name + b";"
    digits = in_hex or in_tens
    code = int(digits, 16 if in_hex else 10) if len(digits) < 9 else -1
    fine = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
    return found.group() if fine else _REPLACEMENT
