"""Sheets drawn as Markdown tables: what a person sees in a spreadsheet, in a test."""

from __future__ import annotations

import re
from datetime import date
from textwrap import dedent

from sheets_sync.table import UNCALCULATED, Grid, Value, grid_of

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def drawn(text: str, sheet: str = "Лист1", *, merged: str = "", first_row: int = 1, hidden: bool = False) -> Grid:
    """A grid from lines «| a | b |»: the first line is row 1 (or ``first_row``), ⏎ a line break, 2023-09-01 a date, 7 a number.

    A number in quotes («"7"») is text, «=?» a formula without a value. ``merged`` names merged ranges: «A1:C1 A3:A5».
    """
    rows = [
        [_value(cell.strip()) for cell in line.strip().strip("|").split("|")]
        for line in dedent(text).strip().splitlines()
    ]
    merges = tuple(_range(one) for one in merged.split())
    return grid_of(sheet, rows, merges=merges, first_row=first_row, visible=not hidden)


def _value(text: str) -> Value:
    day = _DAY.fullmatch(text)
    if day:
        return date(int(day[1]), int(day[2]), int(day[3]))
    if _NUMBER.fullmatch(text):
        return float(text)
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    return UNCALCULATED if text == "=?" else text.replace("⏎", "\n")


def _range(text: str) -> tuple[int, int, int, int]:
    first, last = (re.fullmatch(r"([A-Z])(\d+)", end) for end in text.split(":"))
    assert first is not None
    assert last is not None
    return int(first[2]), ord(first[1]) - 64, int(last[2]), ord(last[1]) - 64
