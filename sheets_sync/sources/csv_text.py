"""Comma-, semicolon- and tab-separated text: encoding and delimiter found out, every cell text as typed."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Literal

from sheets_sync.sources.refused import Refused
from sheets_sync.sources.xlsx_scan import MAX_CELLS
from sheets_sync.table import CellError, Grid, grid_of

DELIMITERS = (";", "\t", ",", "|")
MAX_FIELD = 1_000_000  # characters of one cell
SAMPLE_ROWS = 200
ERRORS = frozenset(
    {"#REF!", "#N/A", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#VALUE!"}
    | {"#ССЫЛКА!", "#Н/Д", "#ДЕЛ/0!", "#ИМЯ?", "#ПУСТО!", "#ЧИСЛО!", "#ЗНАЧ!"}
)

_HINT = re.compile(r"\s*sep=(.)\r?\n", re.IGNORECASE)
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),  # begins like UTF-16
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_ONE_BYTE = ("cp1251", "koi8-r", "cp866")
_COMMON = re.compile("[оеаинтсрвлкмдпу]")
_CYRILLIC = re.compile("[А-Яа-яЁё]")
# «сТАНИСЛАВА»: what one encoding makes of another's capitals
_CASE_TURNED = re.compile(r"[а-яё][А-ЯЁ]|(?<![А-Яа-яЁё])[а-яё][А-ЯЁ]{2}")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x80-\x9f]")


def decode(content: bytes) -> str:
    """The text in whichever of the usual encodings it is. Raises Refused (``file-encoding``) if in none."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(content, encoding)
    if content.count(0) > len(content) // 8:  # UTF-16 without a mark: every other byte of Latin text is zero
        even = content[::2].count(0)
        return _decoded(content, "utf-16-be" if even > content.count(0) - even else "utf-16-le")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    broken = content.decode("utf-8", "replace")
    if broken.count("\ufffd") * 20 < len(_CYRILLIC.findall(broken)):
        raise Refused("file-encoding")  # plainly UTF-8 with some bytes spoilt
    best, score = "", 0.0
    for encoding in _ONE_BYTE:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        letters = len(_CYRILLIC.findall(text))
        found = len(_COMMON.findall(text.lower())) - len(_CASE_TURNED.findall(text)) + letters / 100
        if found > score and not _CONTROL.search(text) and letters * 2 >= sum(byte > 127 for byte in content):
            best, score = text, found
    if not best:
        raise Refused("file-encoding")
    return best


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Refused("file-encoding") from error


def delimiter_of(text: str) -> str | None:
    """The delimiter that cuts most lines into equally many cells; None if none cuts anything."""
    hint = _HINT.match(text)
    if hint:
        return hint.group(1)
    best, best_score = None, 0
    sample = text[:200_000]
    for delimiter in DELIMITERS:
        if delimiter not in sample:
            continue
        widths: Counter[int] = Counter()
        try:
            widths.update(len(row) for row in islice(_reader(sample, delimiter), SAMPLE_ROWS) if row)
        except csv.Error:
            continue
        score = max(((width - 1) * count for width, count in widths.items()), default=0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def read(content: bytes, sheet: str) -> Grid:
    """The one sheet of a text file. Raises Refused: ``file-encoding``, ``file-too-large``."""
    text = decode(content).removeprefix("\ufeff")
    delimiter = delimiter_of(text) or ";"
    if _HINT.match(text):
        text = text[text.index("\n") + 1 :]  # Excel takes the hint and shows the next line as row 1
    rows = _rows(text, delimiter)
    width = max(map(len, rows), default=0)
    if width * len(rows) > MAX_CELLS:
        raise Refused("file-too-large", "cells", rows=str(len(rows)), columns=str(width))
    if "#" in text or '="' in text:
        rows = [[_cell(cell) for cell in row] for row in rows]
    return grid_of(sheet, rows)


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """Rows as a spreadsheet would show them; a quotation mark that never ends is a character like any other."""
    csv.field_size_limit(MAX_FIELD)
    try:
        rows = list(_reader(text, delimiter, strict=True))
    except csv.Error as error:
        try:
            never_ends = "unexpected end" in str(error)
            rows = list(_reader(text, delimiter, csv.QUOTE_NONE if never_ends else csv.QUOTE_MINIMAL))
        except csv.Error as worse:
            raise Refused("file-unreadable", "damaged") from worse
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _cell(text: str) -> str:
    if text in ERRORS:
        return CellError(text)
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        return text[2:-1]  # how exports keep Excel from eating leading zeros
    return text


def _reader(
    text: str, delimiter: str, quoting: Literal[0, 3] = csv.QUOTE_MINIMAL, strict: bool = False
) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=strict)
