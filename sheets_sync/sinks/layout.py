"""How a sheet asks to be laid out, whatever program shows it: looks of tones, widths, heights, formats of numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sheets_sync.reporting.page import Chart, Column, Link, PlainValue, Sheet, When

NARROWEST, WIDEST = 8.0, 60.0  # characters
LINE_HEIGHT, MOST_LINES = 13.0, 30  # points of a line; Excel's tallest row is 409 points
LINES_WIDTH = 105.0  # the lines above and below a narrow table still get this much room
MOST_FROZEN_ROWS = 11  # more would leave a small screen no room to scroll

# Charts, in points: an A4 page across without margins and footer; a row without a height of its own; heights of charts.
PAGE_HEIGHT, CHART_WIDTH, ROW_HEIGHT = 505.0, 740.0, 13.2
UPRIGHT_CHART, LYING_CHART, LYING_BAR = 215.0, 85.0, 13.0  # each lying bar adds to the height

DATE, DATETIME, PERCENT = "dd.mm.yyyy", "dd.mm.yyyy hh:mm", r"0.0\ %"


class Look(NamedTuple):
    """Colours as RRGGBB, "" meaning none."""

    fill: str = ""
    color: str = ""
    bold: bool = False


# Light fills and dark letters: in black and white a bad cell is still told by its bold, a total by its line.
LOOKS: dict[str, Look] = {
    "": Look(),
    "good": Look("E3F1E1", "1E5B2A"),
    "bad": Look("F8DEDA", "8A1C10", bold=True),
    "warn": Look("FDF1CF", "6B4A00"),
    "info": Look("E4EDF8", "1F4570"),
    "muted": Look("", "6E6E6E"),
    "total": Look("F0F0F0", "", bold=True),
    "section": Look("E6EAEF", "", bold=True),
    "input": Look("FFFBE8"),
}
LINK_COLOR = "0B4F9E"

# A link that leads neither to a file nor to a page of the web → its address, or None: then it is plain text.
Resolve = Callable[[Link], "str | None"]


class Lines:
    """Lines a text takes in a column of a width; a little generously, since letters differ in width."""

    def __init__(self, width: float, *, bold: bool = False) -> None:
        self.room = max(width - 1.0, 3.0) / (1.2 if bold else 1.1)

    def of(self, text: str) -> int:
        if len(text) <= self.room and "\n" not in text:
            return 1
        return sum(math.ceil(len(line) / self.room) or 1 for line in text.split("\n"))

    def of_column(self, texts: Sequence[str | None]) -> Sequence[int]:
        """Lines of each text of a column; nothing where every one takes a single line."""
        room, distinct = self.room, set(filter(None, texts))
        if max(map(len, distinct), default=0) <= room and "\n" not in "".join(distinct):  # so it is with most columns
            return ()
        lines: dict[str | None, int] = dict.fromkeys(distinct, 1)
        lines |= {None: 1, "": 1}
        lines |= {text: self.of(text) for text in distinct if len(text) > room or "\n" in text}
        return list(map(lines.__getitem__, texts))


def row_of_heading(sheet: Sheet) -> int:
    """The row a sheet's heading stands in; 0 without columns."""
    return (len(sheet.above) + 2 if sheet.above else 1) if sheet.columns else 0


# What a :class:`When` compares numbers by.
COMPARISON = re.compile(r"(<|<=|>|>=|=)(-?[0-9]+(?:\.[0-9]+)?)")


def condition(when: When, cell: str) -> str:
    """What a spreadsheet asks of a cell."""
    if compared := COMPARISON.fullmatch(when.test):
        return f"AND(ISNUMBER({cell}),{cell}{compared[1]}{compared[2]})"
    text = when.test.replace('"', '""')
    return f'LEFT({cell},{len(when.test)})="{text}"'


VARIANTS = ("", "text", "number", "date", "datetime", "link")


def variant(kind: str, value: Any) -> str:
    """The kind a value asks for when its column has another one."""
    if isinstance(value, Link):
        return "" if kind == "link" else "link"
    if isinstance(value, datetime):
        return "" if kind in {"datetime", "date"} else "datetime"
    if isinstance(value, date):
        return "" if kind == "date" else "date"
    if isinstance(value, str):
        return "" if kind == "text" else "text"
    if kind == "integer" and isinstance(value, float) and not value.is_integer():
        return "number"
    return "number" if kind in {"date", "datetime", "link"} and value is not None else ""


def number_format(column: Column, values: Sequence[Any]) -> str:
    """Format of a column's numbers: its own, or as many decimals as they have, up to two."""
    if column.format:
        return column.format
    if column.kind == "percent":
        return PERCENT
    if column.kind == "integer":
        return "0"
    if column.kind != "number":
        return "General"
    decimals = 0
    for value in values:
        if isinstance(value, float) and math.isfinite(value):
            cents = round(value, 2)
            if cents != round(value, 1):
                return "0.00"
            decimals = decimals or int(cents != round(value))
    return "0.0" if decimals else "0"


def fitted(column: Column, values: Sequence[Any], *, filters: bool) -> tuple[float, bool]:
    """Width of a column in characters, and whether its text wraps; ``filters``: the heading has an arrow."""
    if column.width and column.wrap:
        return column.width, True
    words = column.title.split()
    arrow = 3.0 if filters else 1.5
    heading = max((len(word) for word in words), default=0) * 1.2 + arrow
    heading = max(heading, len(column.title) * 1.2 / 3 + arrow)  # at most about three lines
    texts = {value[0] if isinstance(value, Link) else value for value in values if isinstance(value, (str, Link))}
    lines = [len(line) for text in texts for line in text.split("\n")] if texts else [0]
    longest = max(lines) * 1.08 + 1.5
    content = longest
    if any(not isinstance(value, (str, Link)) and value is not None for value in values):
        content = max(content, _width_of_numbers(column, values))
    if column.width:
        return column.width, column.wrap or longest > column.width
    if column.wrap and longest > 30:
        word = max((len(word) for text in texts for word in text.split()), default=0) * 1.08 + 1.5
        content = max(min(word, 40.0), 18.0, min(longest / 3, 45.0))
    return round(min(max(content, heading, NARROWEST), WIDEST), 1), column.wrap or content > WIDEST


def spanned(widths: list[float], lines: Sequence[PlainValue], columns: int) -> int:
    """Number of columns the lines above and below run over; adds plain columns to a table too narrow for them."""
    longest = max((len(line[0] if isinstance(line, Link) else str(line or "")) for line in lines), default=0)
    wanted = min(longest * 1.35 + 2, LINES_WIDTH)
    if not widths:
        widths.append(LINES_WIDTH)
    while sum(widths) < wanted and len(widths) < columns + 8:
        widths.append(10.0)
    return len(widths)


def height_of_heading(columns: Sequence[Column], widths: Sequence[float], *, filters: bool) -> float:
    """Height in points of the row of headings."""
    needed = [
        Lines(wide - (3 if filters else 1), bold=True).of(column.title)
        for wide, column in zip(widths, columns, strict=False)
    ]
    return max(needed) * LINE_HEIGHT + 4


def height_of_line(text: str, widths: Sequence[float], *, large: bool) -> float:
    """Height in points of a line of text that runs over columns of these widths."""
    room = sum(widths) / (1.35 if large else 1.02)
    lines = sum(max(1, math.ceil(len(part) * 1.03 / room)) for part in text.split("\n"))
    return min(lines, MOST_LINES) * (19.0 if large else LINE_HEIGHT) + 3


def height_of_chart(chart: Chart) -> float:
    """Height of a chart in points, never more than a page."""
    if not chart.lying:
        return UPRIGHT_CHART
    bars = len(chart.categories.values) * (len(chart.series) + 0.6)
    return min(LYING_CHART + LYING_BAR * bars, PAGE_HEIGHT - 2 * ROW_HEIGHT)


def _width_of_numbers(column: Column, values: Sequence[Any]) -> float:
    if any(isinstance(value, datetime) for value in values):
        return 17.0
    if any(isinstance(value, date) for value in values):
        return 12.0
    if column.kind == "percent":
        return 10.0
    numbers = [abs(value) for value in values if isinstance(value, (int, float)) and math.isfinite(value)]
    return len(f"{max(numbers, default=0):.0f}") + 5.0


# Where a link leads within a workbook: «#'Лист'!A1».
PLACE = re.compile(r"#((?:'(?:[^']|'')+'|[^'#!]+)![A-Z]{1,3}[0-9]+(?::[A-Z]{1,3}[0-9]+)?)$")
