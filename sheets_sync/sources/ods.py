"""OpenDocument sheets (.ods, flat .fods), read from content.xml as LibreOffice and Excel write it.

OpenDocument keeps beside each value the text that is shown, so one streamed pass tells errors, hidden rows, merges, per
cents and leading zeros exactly; python-calamine loses them. Grammar: OASIS OpenDocument 1.3, part 3, 9.1 and 19.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import NoReturn
from xml.parsers import expat

from sheets_sync.sources.filled_sheet import FilledSheet
from sheets_sync.sources.refused import Refused
from sheets_sync.sources.xlsx_scan import FALSE, MAX_CELLS, TRUE
from sheets_sync.table import UNCALCULATED, CellError, Grid, Shown, Value

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _OFFICE, _TEXT, _STYLE = (f"{_OASIS}{name}:1.0 " for name in ("table", "office", "text", "style"))
_CALCEXT = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 "

_REPEATED, _SPANNED = _TABLE + "number-columns-repeated", _TABLE + "number-columns-spanned"
_ROWS_REPEATED, _ROWS_SPANNED = _TABLE + "number-rows-repeated", _TABLE + "number-rows-spanned"
_KIND, _CALC_KIND, _FORMULA = _OFFICE + "value-type", _CALCEXT + "value-type", _TABLE + "formula"

# What stands in a cell or a paragraph and is not its text: notes, pictures, readings of characters, tables within.
_NOT_TEXT = frozenset(
    (_OFFICE + "annotation", _OFFICE + "annotation-end", _TEXT + "note", _TEXT + "ruby-text", _TABLE + "table")
)
_PASSED_OVER = frozenset(
    [_TABLE + name for name in ("shapes", "tracked-changes", "dde-links", "named-expressions")] + [_OFFICE + "forms"]
)
_DRAWING = _OASIS + "drawing:1.0 "

_PLAIN_NUMBER = re.compile(r"[-+−]?(?:0|[1-9][0-9.,]*)(?:[.,][0-9]*)?(?:[Ee][-+]?[0-9]+)?|#+")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")
_BLANKS = re.compile(r"[ \t\r\n]+")
_ERROR = re.compile(r"#.*[!?]|#[NН]/[AД]|Err:[0-9]+|Ошибка:[0-9]+")
_DURATION = re.compile(r"(-?)P(?:([0-9]+)D)?T?(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:[.,]([0-9]+))?S)?")
_EXACT_DIGITS = 16
_LOGICAL = {"TRUE": TRUE, "FALSE": FALSE, TRUE: TRUE, FALSE: FALSE}  # a number in the format of logical values


def read(content: bytes) -> list[Grid]:
    """Every sheet of content.xml. Raises Refused: ``file-unreadable``, ``file-too-large``."""
    reading = _Reading()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.buffer_size = 65536
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.characters
    parser.StartDoctypeDeclHandler = no_doctype
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Refused("file-unreadable", "damaged") from error
    return reading.grids


def no_doctype(*_: object) -> NoReturn:
    """No workbook declares a document type; entity attacks do."""
    raise Refused("file-unreadable", "damaged")


class _Reading:
    """What the parser has told so far: the sheet, row, cell and paragraph it is in."""

    def __init__(self) -> None:
        self.grids: list[Grid] = []
        self.cells_read = 0
        self._unread = 0  # depth within something passed over
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._sheet: FilledSheet | None = None
        self._cell: dict[str, str] | None = None
        self._covered = False
        self._paragraphs: list[str] = []
        self._text: list[str] | None = None
        self._values: dict[tuple[str, str, str], Value] = {}
        self._starts: dict[str, Callable[[dict[str, str]], None]] = {
            _TABLE + "table": self._start_table,
            _TABLE + "table-row": self._start_row,
            _TABLE + "table-cell": self._start_cell,
            _TABLE + "covered-table-cell": self._start_covered,
            _TEXT + "p": self._start_paragraph,
            _TEXT + "s": self._start_spaces,
            _TEXT + "tab": self._start_tab,
            _TEXT + "line-break": self._start_break,
            _STYLE + "style": self._start_style,
            _STYLE + "table-properties": self._start_table_properties,
        }
        self._ends: dict[str, Callable[[], None]] = {
            _TABLE + "table": self._end_table,
            _TABLE + "table-row": self._end_row,
            _TABLE + "table-cell": self._end_cell,
            _TABLE + "covered-table-cell": self._end_cell,
            _TEXT + "p": self._end_paragraph,
        }

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self._unread:
            self._unread += 1
        elif name in _PASSED_OVER or (self._cell is not None and (name in _NOT_TEXT or name.startswith(_DRAWING))):
            self._unread = 1
        else:
            handler = self._starts.get(name)
            if handler:
                handler(attributes)

    def end(self, name: str) -> None:
        if self._unread:
            self._unread -= 1
            return
        handler = self._ends.get(name)
        if handler:
            handler()

    def characters(self, text: str) -> None:
        if self._text is not None and not self._unread:
            self._text.append(_BLANKS.sub(" ", text))

    def _start_style(self, attributes: dict[str, str]) -> None:
        self._style = attributes.get(_STYLE + "name", "") if attributes.get(_STYLE + "family") == "table" else ""

    def _start_table_properties(self, attributes: dict[str, str]) -> None:
        if self._style and attributes.get(_TABLE + "display") == "false":
            self._hidden_styles.add(self._style)

    def _start_table(self, attributes: dict[str, str]) -> None:
        visible = attributes.get(_TABLE + "style-name") not in self._hidden_styles
        self._sheet = FilledSheet(attributes.get(_TABLE + "name", ""), visible)

    def _end_table(self) -> None:
        if self._sheet is not None:
            grid = self._sheet.grid()
            self.cells_read += len(grid.rows) * grid.width
            if self.cells_read > 2 * MAX_CELLS:
                raise Refused("file-too-large", "cells")
            self.grids.append(grid)
        self._sheet = None

    def _start_row(self, attributes: dict[str, str]) -> None:
        if self._sheet is not None:
            hidden = attributes.get(_TABLE + "visibility", "visible") != "visible"
            self._sheet.start_row(_count(attributes.get(_ROWS_REPEATED)), hidden)

    def _end_row(self) -> None:
        if self._sheet is not None:
            self._sheet.end_row()

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._cell, self._covered, self._paragraphs = attributes, False, []

    def _start_covered(self, attributes: dict[str, str]) -> None:
        self._cell, self._covered, self._paragraphs = attributes, True, []

    def _end_cell(self) -> None:
        attributes, self._cell = self._cell, None
        if attributes is None or self._sheet is None:
            return
        value: Value = ""
        if not self._covered and (self._paragraphs or _KIND in attributes or _FORMULA in attributes):
            value = self._value(attributes, "\n".join(self._paragraphs))
        repeated = _count(attributes.get(_REPEATED))
        if _SPANNED in attributes or _ROWS_SPANNED in attributes:
            self._sheet.merge(_count(attributes.get(_ROWS_SPANNED)), _count(attributes.get(_SPANNED)))
        self._sheet.cell(value, repeated)

    def _start_paragraph(self, _: dict[str, str]) -> None:
        if self._cell is not None:
            self._text = []

    def _start_spaces(self, attributes: dict[str, str]) -> None:
        if self._text is not None:
            self._text.append("\u0000" * min(_count(attributes.get(_TEXT + "c")), 1000))

    def _start_tab(self, _: dict[str, str]) -> None:
        if self._text is not None:
            self._text.append("\t")

    def _start_break(self, _: dict[str, str]) -> None:
        if self._text is not None:
            self._text.append("\n")

    def _end_paragraph(self) -> None:
        if self._text is not None:
            text = "".join(self._text)
            if "  " in text:  # runs of blanks are one; blanks meant so are told by text:s
                text = re.sub("  +", " ", text)
            self._paragraphs.append(text.strip(" ").replace("\u0000", " "))
            self._text = None

    def _value(self, attributes: dict[str, str], shown: str) -> Value:
        kind = attributes.get(_KIND, "")
        formula = _FORMULA in attributes
        if attributes.get(_CALC_KIND) == "error" or (formula and _ERROR.fullmatch(shown)):
            return CellError(shown or "#ERROR!")
        if formula and not kind and not self._paragraphs:
            return UNCALCULATED
        if kind in ("", "string"):
            return shown if self._paragraphs else attributes.get(_OFFICE + "string-value", "")
        if kind == "boolean":
            return TRUE if attributes.get(_OFFICE + "boolean-value") == "true" else FALSE
        raw = attributes.get(_OFFICE + _ATTRIBUTE_OF.get(kind, "value"), "")
        key = (kind, raw, shown)
        value = self._values.get(key)
        if value is None:
            value = self._values[key] = _typed(kind, raw, shown)
        return value


_ATTRIBUTE_OF = {"date": "date-value", "time": "time-value"}


def _typed(kind: str, raw: str, shown: str) -> Value:
    """A number, date or time; what cannot be one is the text that is shown."""
    try:
        if kind == "date":
            moment = datetime.fromisoformat(raw)
            if moment.tzinfo is not None:
                moment = moment.replace(tzinfo=None)
            return moment if moment.time() != time() else moment.date()
        if kind == "time":
            return _duration(raw)
        number = float(raw)
    except (ValueError, OverflowError):
        return shown or raw
    shown = shown.strip()
    if shown in _LOGICAL:
        return _LOGICAL[shown]
    if kind == "percentage":
        return Shown(number, shown) if shown and not set(shown) <= {"#"} else Shown(number, f"{number * 100:.15g}%")
    if raw.lstrip("-").isdigit() and len(raw.lstrip("-")) >= _EXACT_DIGITS:
        return Shown(number, raw)
    if kind == "currency" or not shown or _PLAIN_NUMBER.fullmatch(_SPACES.sub("", shown)):
        return number
    return Shown(number, shown)


def _duration(raw: str) -> time | timedelta:
    """A time of day below 24 hours, else a duration: ``PT13H30M00S``."""
    parts = _DURATION.fullmatch(raw)
    if parts is None:
        raise ValueError(raw)
    sign, days, hours, minutes, seconds, fraction = parts.groups()
    span = timedelta(
        days=int(days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        seconds=int(seconds or 0),
        microseconds=int(((fraction or "") + "000000")[:6]),
    )
    if sign:
        return -span
    return (datetime.min + span).time() if span < timedelta(days=1) else span


def _count(text: str | None) -> int:
    """A repetition or span: at least 1."""
    return max(1, int(text)) if text and text.isascii() and text.isdigit() and len(text) < 10 else 1
