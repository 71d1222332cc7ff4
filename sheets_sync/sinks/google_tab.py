"""One :class:`~sheets_sync.reporting.page.Sheet` as requests of the Sheets API that make a tab show it.

The tab is cleared first and then written in layers: values, the look of whole columns, the tones of rows and cells,
links. All of it is said by numbers of the tab, never by its title, so a tab a person renamed or moved is served alike.
Text is only ever ``stringValue``, which Google never takes for a formula; numbers and dates are numbers with a format.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from sheets_sync.issues import column_letter
from sheets_sync.reporting.page import Cell, Chart, Formula, Link, PlainValue, Sheet, Span, Tone
from sheets_sync.sinks.layout import (
    CHART_WIDTH,
    DATE,
    DATETIME,
    LINK_COLOR,
    LOOKS,
    MOST_FROZEN_ROWS,
    PERCENT,
    PLACE,
    Resolve,
    condition,
    fitted,
    height_of_chart,
    height_of_heading,
    height_of_line,
    number_format,
    row_of_heading,
    spanned,
    variant,
)
from sheets_sync.sinks.office_xml import ILLEGAL
from sheets_sync.sinks.xlsx_names import quoted
from sheets_sync.sinks.xlsx_values import serial, shortened

Request = dict[str, Any]

LONGEST_TEXT = 50_000  # UTF-16 code units a cell holds
BLOCK_SIZE = 200_000  # bytes of values in one request, about
SAMPLE = 2_000  # rows the widths are fitted to
LINE, TOTAL_LINE, HEADING_FILL = "B7B7B7", "404040", "DCE4EC"
CHART_FILLS = {"plan": "C3CCD6", "fact": "3F6E9E"}
CLEARED = "userEnteredValue,userEnteredFormat,textFormatRuns,note,dataValidation"
POINT = 4 / 3  # pixels
ROW_PIXELS = 21

_TONED = ("backgroundColorStyle", "textFormat.foregroundColorStyle", "textFormat.bold")
_WEB = ("http:", "https:", "mailto:")


class Target(NamedTuple):
    """A tab as it is in the spreadsheet: what formulas, links and charts need to refer to it."""

    sheet_id: int
    title: str


class Tab:
    """A sheet read whole, with its measures; ``key`` is its title, unlike that of any other tab of the book."""

    def __init__(self, sheet: Sheet, key: str, resolve: Resolve | None = None) -> None:
        self.sheet, self.key = sheet, key
        self.columns = tuple(sheet.columns)
        width = len(self.columns)
        self.lines = list(sheet.above)
        self.values: list[Sequence[PlainValue]] = [self._whole(row) for row in sheet.rows]
        self.notices: list[str] = []
        self._resolve = resolve
        self._addresses: dict[str, str | None] = {}

        self.heading = row_of_heading(sheet)
        self.first = self.heading if width else len(self.lines)  # 0-based row of the first record
        self.end = self.first + len(self.values)
        self.below = self.end + 1 if sheet.below else self.end
        used = self.below + len(sheet.below)
        columns = list(zip(*self.values[:SAMPLE], strict=True)) if self.values else [()] * width
        plain = [[v.value if isinstance(v, Formula) else v for v in values] for values in columns]
        self.formats = [number_format(column, values) for column, values in zip(self.columns, plain, strict=True)]
        fits = [fitted(c, values, filters=sheet.filters) for c, values in zip(self.columns, plain, strict=True)]
        self.widths, self.wraps = [wide for wide, _ in fits], [wraps for _, wraps in fits]
        self.last = spanned(self.widths, [*self.lines, *sheet.below], width) if self.lines or sheet.below else width
        self.frozen_rows = self.heading if self.heading <= MOST_FROZEN_ROWS else 0
        self.chart_rows: list[int] = []
        for chart in sheet.charts:
            self.chart_rows.append(used + 1)
            used += 1 + math.ceil(height_of_chart(chart) * POINT / ROW_PIXELS)
        # Google refuses to freeze all rows or columns there are
        self.row_count = max(used, self.frozen_rows + 1)
        self.column_count = max(len(self.widths), sheet.frozen_columns + 1)

    def _whole(self, row: Sequence[PlainValue]) -> Sequence[PlainValue]:
        if len(row) > len(self.columns):
            raise ValueError(f"sheet {self.sheet.title!r} has a row longer than its {len(self.columns)} headings")
        return row if len(row) == len(self.columns) else [*row, *[None] * (len(self.columns) - len(row))]

    def content(self) -> Iterator[str]:
        """Everything the tab shows, as text: equal texts, equal tabs."""
        sheet = self.sheet
        yield repr((self.key, self.columns, sheet.filters, sheet.frozen_columns, tuple(sheet.charts)))
        yield repr((sorted(sheet.tones.items()), sorted(sheet.cell_tones.items())))
        for row in (self.lines, *self.values, list(sheet.below)):
            yield repr(tuple(row))
            yield from (self._outside(value) or "" for value in row if isinstance(value, Link))

    # --- where links lead

    def _outside(self, link: Link) -> str | None:
        """Address of what is not in this book."""
        if link.target.startswith("#"):
            return None
        if link.target not in self._addresses:
            address = self._resolve(link) if self._resolve else None
            if address is None and link.target.lower().startswith(_WEB):
                address = link.target
            self._addresses[link.target] = address
        return self._addresses[link.target]

    def _address(self, link: Link, targets: Mapping[str, Target]) -> str | None:
        place = PLACE.fullmatch(link.target)
        if place is None:
            return self._outside(link)
        title, cell = place_of(place.group(1))
        return f"#gid={targets[title].sheet_id}&range={cell}" if title in targets else None

    # --- requests

    def properties(self) -> dict[str, Any]:
        """The grid's properties as they are to be in the end."""
        return {
            "rowCount": self.row_count,
            "columnCount": self.column_count,
            "frozenRowCount": self.frozen_rows,
            "frozenColumnCount": self.sheet.frozen_columns,
            "hideGridlines": True,
        }

    def requests(self, targets: Mapping[str, Target], tabs: Mapping[str, Tab]) -> Iterator[Request]:
        """Clear the tab and write it; its grid must be large enough, with nothing frozen if it was there before."""
        at = targets[self.key].sheet_id
        whole = {"sheetId": at}
        yield {"unmergeCells": {"range": whole}}
        yield {"updateCells": {"range": whole, "fields": CLEARED}}
        yield from self._lines(at, 0, self.lines, targets, title=True)
        yield from self._table(at, targets, tabs)
        yield from self._lines(at, self.below, self.sheet.below, targets, title=False)
        yield from self._sizes(at)
        if self.columns and self.values and self.sheet.filters:
            yield {"setBasicFilter": {"filter": {"range": self._range(at, self.heading - 1, self.end)}}}
        else:
            yield {"clearBasicFilter": {"sheetId": at}}
        yield from self._conditions(at)

    def _range(self, at: int, top: int, end: int, left: int = 0, right: int | None = None) -> dict[str, int]:
        return {
            "sheetId": at,
            "startRowIndex": top,
            "endRowIndex": end,
            "startColumnIndex": left,
            "endColumnIndex": len(self.columns) if right is None else right,
        }

    def _lines(
        self, at: int, top: int, lines: Sequence[PlainValue], targets: Mapping[str, Target], *, title: bool
    ) -> Iterator[Request]:
        """Lines of text over the width of the table. They cannot be merged across the edge of frozen columns."""
        merged = self.last > 1 and not self.sheet.frozen_columns
        for row, line in enumerate(lines, top):
            if line is None or line == "":
                continue
            large = title and row == top
            look: dict[str, Any] = {
                "textFormat": {"fontFamily": "Arial", "fontSize": 14 if large else 10, "bold": large},
                "verticalAlignment": "MIDDLE",
                "wrapStrategy": "WRAP" if merged or self.last == 1 else "OVERFLOW_CELL",
            }
            if isinstance(line, Link) and (address := self._address(line, targets)):
                look["textFormat"] |= {"link": {"uri": address}, "underline": True} | _letters(LINK_COLOR)
            value = self.value(line, "text")
            yield _cells(
                at, row, 0, [[{**value, "userEnteredFormat": look}]], "userEnteredValue,userEnteredFormat,note"
            )
            if merged:
                yield {"mergeCells": {"range": self._range(at, row, row + 1, 0, self.last), "mergeType": "MERGE_ALL"}}

    def _table(self, at: int, targets: Mapping[str, Target], tabs: Mapping[str, Tab]) -> Iterator[Request]:
        if not self.columns:
            return
        heading = {
            "backgroundColorStyle": color(HEADING_FILL),
            "textFormat": {"fontFamily": "Arial", "fontSize": 10, "bold": True},
            "horizontalAlignment": "CENTER",
            "verticalAlignment": "MIDDLE",
            "wrapStrategy": "WRAP",
            "borders": BORDERS,
        }
        headings = [
            {**self.value(column.title, "text"), "userEnteredFormat": heading}
            | ({"note": _clean(column.note)} if column.note else {})
            for column in self.columns
        ]
        yield _cells(at, self.heading - 1, 0, [headings], "userEnteredValue,userEnteredFormat,note")
        if not self.values:
            return
        yield from self._values(at, targets, tabs)
        for position in range(len(self.columns)):
            yield self._repeat(at, self.first, self.end, position, position + 1, self._look(position))
        yield from self._kinds(at)
        yield from self._tones(at)
        yield from self._links(at, targets)

    def _values(self, at: int, targets: Mapping[str, Target], tabs: Mapping[str, Tab]) -> Iterator[Request]:
        block: list[list[dict[str, Any]]] = []
        size, top = 0, self.first
        for row, values in enumerate(self.values, self.first):
            cells = [
                self.value(value, column.kind, targets, tabs)
                for value, column in zip(values, self.columns, strict=True)
            ]
            block.append(cells)
            size += sum(45 + (len(value) if isinstance(value, str) else 20) for value in values)
            if size > BLOCK_SIZE:
                yield _cells(at, top, 0, block, "userEnteredValue")
                block, size, top = [], 0, row + 1
        if block:
            yield _cells(at, top, 0, block, "userEnteredValue")

    def value(
        self,
        value: PlainValue,
        kind: str,
        targets: Mapping[str, Target] | None = None,
        tabs: Mapping[str, Tab] | None = None,
    ) -> dict[str, Any]:
        """A cell's value as Google takes it in; {} for an empty one."""
        if isinstance(value, Formula):
            if targets is not None and tabs is not None:
                return {"userEnteredValue": {"formulaValue": "=" + self._spelt(value, targets, tabs)}}
            value = value.value
        found = entered(value, percent=kind == "percent")
        if found is None:
            return {}
        if isinstance(found, str):
            cut = shortened(found, LONGEST_TEXT)
            if cut != found:
                self.notices.append(f"{self.key}: a text of {len(found)} characters was cut to fit into a cell")
            return {"userEnteredValue": {"stringValue": cut}} if cut else {}
        return {"userEnteredValue": {"numberValue": found}}

    def _look(self, position: int) -> dict[str, Any]:
        """How the cells of a column look, before tones and links."""
        column = self.columns[position]
        numeric = column.kind in {"integer", "number", "percent"}
        look: dict[str, Any] = {
            "textFormat": {"fontFamily": "Arial", "fontSize": 10},
            "verticalAlignment": "TOP",
            "wrapStrategy": "WRAP" if self.wraps[position] else "OVERFLOW_CELL",
            "borders": BORDERS,
        }
        if pattern := _pattern(column.kind, self.formats[position]):
            look["numberFormat"] = pattern
        if column.kind in {"date", "datetime"}:
            look["horizontalAlignment"] = "CENTER"
        elif numeric:
            look["horizontalAlignment"] = "RIGHT"
        return look

    def _kinds(self, at: int) -> Iterator[Request]:
        """Formats of values of another kind than their column's."""
        for position, column in enumerate(self.columns):
            kinds = [variant(column.kind, row[position]) for row in self.values]
            for kind, top, end in _runs(kinds):
                if kind in {"date", "datetime", "number"}:
                    look: dict[str, Any] = {}
                    if pattern := _pattern(kind, "General"):
                        look = {"numberFormat": pattern, "horizontalAlignment": "CENTER"}
                    fields = ("numberFormat", "horizontalAlignment")
                    yield self._repeat(at, self.first + top, self.first + end, position, position + 1, look, fields)

    def _tones(self, at: int) -> Iterator[Request]:
        tones, cell_tones = self.sheet.tones, self.sheet.cell_tones
        if tones:
            told: list[Tone] = [tones.get(index, "") for index in range(len(self.values))]
            for tone, top, end in _runs(told):
                if tone:
                    yield self._toned(at, top, end, 0, len(self.columns), tone)
        by_column: dict[int, dict[int, Tone]] = {}
        for (index, position), tone in cell_tones.items():
            if index < len(self.values) and position < len(self.columns):
                by_column.setdefault(position, {})[index] = tone
        for position, own in sorted(by_column.items()):
            for tone, top, end in _runs([own.get(index) for index in range(len(self.values))]):
                if tone is not None:
                    yield self._toned(at, top, end, position, position + 1, tone)

    def _toned(self, at: int, top: int, end: int, left: int, right: int, tone: Tone) -> Request:
        shown, fields = _shown(tone), list(_TONED)
        if tone == "total":
            shown["borders"] = {"top": {"style": "SOLID_MEDIUM", "colorStyle": color(TOTAL_LINE)}}
            fields.append("borders.top")
        if tone == "section":
            shown["wrapStrategy"] = "OVERFLOW_CELL"
            fields.append("wrapStrategy")
        return self._repeat(at, self.first + top, self.first + end, left, right, shown, fields)

    def _links(self, at: int, targets: Mapping[str, Target]) -> Iterator[Request]:
        fields = "userEnteredFormat.textFormat.link"
        for position in range(len(self.columns)):
            led = [isinstance(row[position], Link) for row in self.values]
            for leads, top, end in _runs(led):
                if not leads:
                    continue
                block: list[list[dict[str, Any]]] = []
                for index in range(top, end):
                    link = self.values[index][position]
                    address = self._address(link, targets) if isinstance(link, Link) and link.text else None
                    led_to = {"userEnteredFormat": {"textFormat": {"link": {"uri": address}}}} if address else {}
                    block.append([led_to])
                    if len(block) >= SAMPLE:
                        yield _cells(at, self.first + index + 1 - len(block), position, block, fields)
                        block = []
                if any(cell for (cell,) in block):
                    yield _cells(at, self.first + end - len(block), position, block, fields)

    def _repeat(
        self, at: int, top: int, end: int, left: int, right: int, look: dict[str, Any], fields: Sequence[str] = ()
    ) -> Request:
        return {
            "repeatCell": {
                "range": self._range(at, top, end, left, right),
                "cell": {"userEnteredFormat": look},
                "fields": ",".join(f"userEnteredFormat.{name}" for name in fields) or "userEnteredFormat",
            }
        }

    def _sizes(self, at: int) -> Iterator[Request]:
        for wide, left, right in _runs(self.widths):
            yield sized(at, "COLUMNS", left, right, pixels(wide))
        if self.values:  # Google fits them to what they hold, and again when that changes
            rows = {"sheetId": at, "dimension": "ROWS", "startIndex": self.first, "endIndex": self.end}
            yield {"autoResizeDimensions": {"dimensions": rows}}
        outside = (*range(self.first), *range(self.end, self.row_count))
        heights = dict.fromkeys(outside, ROW_PIXELS)
        for top, lines in ((0, self.lines), (self.below, list(self.sheet.below))):
            for row, line in enumerate(lines, top):
                text = line.text if isinstance(line, Link) else str(line or "")
                if text and not self.sheet.frozen_columns:
                    large = row == 0 and top == 0 and bool(self.lines)
                    heights[row] = max(round(height_of_line(text, self.widths, large=large) * POINT), ROW_PIXELS)
        if self.lines and self.sheet.frozen_columns:
            heights[0] = 28
        if self.columns:
            points = height_of_heading(self.columns, self.widths, filters=self.sheet.filters)
            heights[self.heading - 1] = max(round(points * POINT), ROW_PIXELS)
        told = [heights.get(row, 0) for row in range(self.row_count)]
        for high, top, end in _runs(told):
            if high:
                yield sized(at, "ROWS", top, end, high)

    def rules(self) -> int:
        """How many conditional formats the tab has."""
        return sum(len(column.when) + bool(column.bar) for column in self.columns) if self.values else 0

    def _conditions(self, at: int) -> Iterator[Request]:
        rules = []
        for position, column in enumerate(self.columns if self.values else ()):
            ranges = [self._range(at, self.first, self.end, position, position + 1)]
            for when in column.when:
                asked = "=" + locale_free(condition(when, f"{column_letter(position + 1)}{self.first + 1}"))
                test = {"type": "CUSTOM_FORMULA", "values": [{"userEnteredValue": asked}]}
                rules.append({"ranges": ranges, "booleanRule": {"condition": test, "format": _shown(when.tone)}})
            if column.bar:  # Google has no bars in cells: the fuller the deeper
                most = locale_free(f"{column.bar:g}")
                value = most if most.isdigit() else f"={most}"
                shades = {
                    "minpoint": {"type": "NUMBER", "value": "0", "colorStyle": color("FFFFFF")},
                    "maxpoint": {"type": "NUMBER", "value": value, "colorStyle": color("A9BDD3")},
                }
                rules.append({"ranges": ranges, "gradientRule": shades})
        for number, rule in enumerate(rules):
            yield {"addConditionalFormatRule": {"index": number, "rule": rule}}

    # --- formulas and charts

    def _spelt(self, formula: Formula, targets: Mapping[str, Target], tabs: Mapping[str, Tab]) -> str:
        """The formula for Google; a range names its tab once: «'Лист'!A1:A5»."""

        def named(cell: Cell) -> str:
            elsewhere = bool(cell.sheet) and cell.sheet != self.key
            return f"{quoted(targets[cell.sheet].title) + '!' if elsewhere else ''}{bare(cell)}"

        def bare(cell: Cell) -> str:
            tab = tabs[cell.sheet] if cell.sheet else self
            return f"{column_letter(cell.column + 1)}{tab.first + cell.row + 1}"

        text = _RANGE_END.sub(lambda found: f":{bare(formula.cells[int(found[1])])}", locale_free(formula.text))
        return text.format(*map(named, formula.cells))

    def charts(
        self, ids: Sequence[int], there: Sequence[int], targets: Mapping[str, Target], tabs: Mapping[str, Tab]
    ) -> Iterator[Request]:
        """Make the charts, each under the number given; those ``there`` already are only changed."""
        at = targets[self.key].sheet_id
        for chart, number, row in zip(self.sheet.charts, ids, self.chart_rows, strict=True):
            position = {
                "anchorCell": {"sheetId": at, "rowIndex": row, "columnIndex": 0},
                "widthPixels": round(CHART_WIDTH * POINT),
                "heightPixels": round(height_of_chart(chart) * POINT),
            }
            spec = self._chart(chart, targets, tabs)
            if number in there:
                yield {"updateChartSpec": {"chartId": number, "spec": spec}}
                moved = {"objectId": number, "newPosition": {"overlayPosition": position}}
                yield {"updateEmbeddedObjectPosition": {**moved, "fields": "anchorCell,widthPixels,heightPixels"}}
            else:
                made = {"chartId": number, "spec": spec, "position": {"overlayPosition": position}}
                yield {"addChart": {"chart": made}}

    def _chart(self, chart: Chart, targets: Mapping[str, Target], tabs: Mapping[str, Tab]) -> dict[str, Any]:
        # A series is called as the cell above its numbers: there is no other way to name it.
        headed = all(span.first.row == 0 for span in (chart.categories, *(one.values for one in chart.series)))
        upright, level = "LEFT_AXIS", "BOTTOM_AXIS"
        values, categories = (level, upright) if chart.lying else (upright, level)

        def source(span: Span) -> dict[str, Any]:
            tab = tabs[span.first.sheet] if span.first.sheet else self
            rows = (tab.first + span.first.row - headed, tab.first + span.last.row + 1)
            area = tab._range(targets[tab.key].sheet_id, *rows, span.first.column, span.last.column + 1)
            return {"sourceRange": {"sources": [area]}}

        return {
            "title": chart.title,
            "altText": chart.description or chart.title,
            "fontName": "Arial",
            "hiddenDimensionStrategy": "SHOW_ALL",
            "basicChart": {
                "chartType": "BAR" if chart.lying else "COLUMN",
                "legendPosition": "TOP_LEGEND",
                "headerCount": int(headed),
                "axis": [
                    {"position": categories, "title": chart.category_title},
                    {"position": values, "title": chart.value_title},
                ],
                "domains": [{"domain": source(chart.categories)}],
                "series": [
                    {
                        "series": source(one.values),
                        "targetAxis": values,
                        "colorStyle": color(CHART_FILLS[one.look]),
                        "dataLabel": {"type": "DATA", "placement": "OUTSIDE_END"},
                    }
                    for one in chart.series
                ],
            },
        }


# --- values -----------------------------------------------------------------------------------------------------------


def entered(value: Any, *, percent: bool = False) -> str | float | int | None:
    """A plain value as a number, as text, or as nothing; days and moments are numbers, the format shows dates."""
    if value is None:
        return None
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, Link):
        return _clean(value.text)
    if value != value:  # not a number, not a time
        return None
    if isinstance(value, (date, datetime)):
        number: float = serial(value)
        moment = isinstance(value, datetime)
        if number < 1:  # before a spreadsheet's calendar begins
            return f"{value:%d.%m}.{value.year:04d}" + (f" {value:%H:%M:%S}" if moment else "")
        if isinstance(value, datetime):
            number += round((value.hour * 3600 + value.minute * 60 + value.second) / 86_400, 10)
        return number
    if isinstance(value, (time, timedelta)):
        return str(value)
    if not isinstance(value, (int, float)):
        return _foreign(value, percent)
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "-∞"
    if percent:
        return round(value / 100, 12)
    if isinstance(value, int):  # beyond 15 digits a spreadsheet would round it
        return value if -(10**15) < value < 10**15 else str(value)
    return value


def _foreign(value: Any, percent: bool) -> str | float | int | None:
    """Numbers and dates of other libraries, without importing them; anything else as its text."""
    plain = getattr(value, "item", None)
    if callable(plain):
        return entered(plain(), percent=percent)
    try:
        return entered(float(value), percent=percent)
    except (TypeError, ValueError):
        return _clean(str(value))


def _clean(text: str) -> str:
    return ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


_QUOTED = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')""")
_RANGE_END = re.compile(r":\{(\d+)\}")
_DECIMAL = re.compile(r"(?<![A-Za-z0-9.])(\d+)\.(\d+)")


def locale_free(formula: str) -> str:
    """A formula that means the same in a spreadsheet of any locale.

    Google reads ``formulaValue`` as if typed in the spreadsheet's own locale: in ru_RU a comma parts nothing, a point
    is no decimal sign. A semicolon parts arguments everywhere, English names are understood everywhere, and a decimal
    is written as a quotient.
    """
    parts = _QUOTED.split(formula)
    for place in range(0, len(parts), 2):
        text = _DECIMAL.sub(lambda m: f"({int(m[1] + m[2])}/{10 ** len(m[2])})", parts[place])
        parts[place] = text.replace(",", ";")
    return "".join(parts)


def place_of(place: str) -> tuple[str, str]:
    """(title, cells) of «'Лист'!A1»."""
    name, _, cell = place.rpartition("!")
    return (name[1:-1].replace("''", "'") if name.startswith("'") else name), cell


# --- pieces of requests -----------------------------------------------------------------------------------------------


def color(rgb: str) -> dict[str, Any]:
    """A colour told as RRGGBB."""
    parts = {name: int(rgb[at : at + 2], 16) / 255 for name, at in (("red", 0), ("green", 2), ("blue", 4))}
    return {"rgbColor": {name: round(part, 4) for name, part in parts.items()}}


def _letters(rgb: str) -> dict[str, Any]:
    return {"foregroundColorStyle": color(rgb)}


BORDERS = {side: {"style": "SOLID", "colorStyle": color(LINE)} for side in ("top", "bottom", "left", "right")}


def _shown(tone: Tone) -> dict[str, Any]:
    """Of a cell's look what a tone decides."""
    look = LOOKS[tone]
    shown: dict[str, Any] = {"textFormat": {"bold": look.bold} | (_letters(look.color) if look.color else {})}
    if look.fill:
        shown["backgroundColorStyle"] = color(look.fill)
    return shown


def _pattern(kind: str, pattern: str) -> dict[str, str] | None:
    if kind == "date":
        return {"type": "DATE", "pattern": DATE}
    if kind == "datetime":
        return {"type": "DATE_TIME", "pattern": DATETIME}
    pattern = re.sub(r"\[\$-[0-9A-Fa-f]+\]", "", pattern)  # the spreadsheet's own locale decides here
    if pattern == "General":
        return None
    return {"type": "PERCENT" if pattern == PERCENT else "NUMBER", "pattern": pattern}


def _cells(at: int, row: int, column: int, rows: Sequence[Sequence[dict[str, Any]]], fields: str) -> Request:
    start = {"sheetId": at, "rowIndex": row, "columnIndex": column}
    return {"updateCells": {"start": start, "rows": [{"values": list(cells)} for cells in rows], "fields": fields}}


def pixels(characters: float) -> int:
    """Width of a column that shows so many characters."""
    return round(characters * 7 + 5)


def sized(at: int, dimension: str, start: int, end: int, size: int) -> Request:
    """Give rows or columns a size in pixels."""
    lines = {"sheetId": at, "dimension": dimension, "startIndex": start, "endIndex": end}
    sized = {"range": lines, "properties": {"pixelSize": size}, "fields": "pixelSize"}
    return {"updateDimensionProperties": sized}


def _runs(values: Sequence[Any]) -> Iterator[tuple[Any, int, int]]:
    """(value, start, end) of equal values standing together."""
    start = 0
    for value, group in groupby(values):
        end = start + sum(1 for _ in group)
        yield value, start, end
        start = end
