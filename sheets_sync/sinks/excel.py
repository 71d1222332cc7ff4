"""A :class:`~sheets_sync.reporting.page.Book` as an .xlsx file that can be handed to a school director as it is.

Per sheet: lines above, a bold heading that stays in sight and is repeated on every printed page, the table with filters
and widths fitted to what it holds, lines below; A4, one page wide, page numbers in the footer.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence, Sized
from datetime import date, datetime
from functools import lru_cache
from itertools import chain, compress, islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from sheets_sync.issues import column_letter
from sheets_sync.reporting.page import (
    Batch,
    Batches,
    Book,
    ByColumn,
    Cell,
    Column,
    Formula,
    Link,
    Links,
    PlainValue,
    Sheet,
    Span,
    Tone,
)
from sheets_sync.sinks import files, xlsx
from sheets_sync.sinks.layout import (
    CHART_WIDTH,
    DATE,
    DATETIME,
    LINE_HEIGHT,
    LINK_COLOR,
    LOOKS,
    MOST_FROZEN_ROWS,
    MOST_LINES,
    PAGE_HEIGHT,
    PLACE,
    ROW_HEIGHT,
    Lines,
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
from sheets_sync.sinks.xlsx import Cells, Condition, Drawn, Package, SheetFrame, Style
from sheets_sync.sinks.xlsx_chart import chart_xml

CHUNK = 2_000  # rows rendered at a time; also the sample the widths are fitted to
EMU = 12_700  # to the point
MAX_PLACE, LONGEST_CELL = 255, 10  # characters of a place a link leads to, and of the cell at its end

HEADING = Style(bold=True, fill="DCE4EC", borders="thin", horizontal="center", vertical="center", wrap=True)
TITLE = Style(bold=True, size=14, vertical="center", wrap=True)
LINE = Style(wrap=True, vertical="center")


class Excel:
    """The sink of .xlsx files: books go beneath the folder of the given outputs."""

    def __init__(self, outputs: files.Outputs) -> None:
        self.outputs = outputs

    def put(self, book: Book, place: str) -> files.Written:
        """Make the file at ``place`` («school-4/Проверка.xlsx») show the book; see :meth:`files.Outputs.write`."""
        return self.outputs.write(place, lambda file: render_book(book, file))


def write_book(book: Book, path: Path) -> files.Written:
    """Write the book to ``path``, replacing what is there in one step. Raises SourceError as :func:`files.replace`."""
    return files.replace(path, lambda file: render_book(book, file))


def render_book(book: Book, file: BinaryIO, resolve: Resolve | None = None) -> None:
    """Write the book to a seekable binary file. Rows are read once, a chunk at a time. ``resolve``: addresses of links
    that are neither to files nor to pages (``google_sheets.links_between``).

    More rows than a sheet can hold go on in a further sheet «Имя (2)»; links beyond Excel's limit stay as text, and a
    line below says so. Raises ValueError for a row longer than its heading.
    """
    package = Package(file, title=book.title, created=book.created, application=files.APPLICATION)
    names: dict[str, str] = {}  # title as the book has it → name in the file
    for sheet in book.sheets:
        names.setdefault(sheet.title, xlsx.sheet_name(sheet.title, names.values()))
    taken: list[str] = []
    cells = Cells()
    for sheet in book.sheets:
        name = names[sheet.title] if names[sheet.title] not in taken else sheet.title
        rows = _rows_of(sheet)
        index, ended = 0, False
        while not ended:
            name = xlsx.sheet_name(name, taken)
            taken.append(name)
            written, ended = _SheetWriter(package, cells, book, sheet, name, names, resolve).write(rows, index)
            index, name = index + written, sheet.title
    if not book.sheets:  # a workbook without sheets does not open
        empty = Sheet("Лист", (), ())
        _SheetWriter(package, cells, book, empty, "Лист", names, None).write(_ByRow(empty), 0)
    package.close()


class _Taken(NamedTuple):
    """Some rows column by column; ``tones`` are theirs, None where the sheet tells them."""

    size: int
    columns: Sequence[Sequence[Any]]
    tones: Sequence[Tone] | None = None


class _ByRow:
    """The rows of a sheet, some at a time."""

    def __init__(self, sheet: Sheet) -> None:
        self._title, self._width = sheet.title, len(sheet.columns)
        self._rows = iter(sheet.rows)

    def take(self, most: int) -> _Taken:
        """The next rows, none when all are taken. Raises ValueError for one longer than the heading."""
        rows, width = list(islice(self._rows, most)), self._width
        if set(map(len, rows)) - {width}:
            if max(map(len, rows)) > width:
                raise ValueError(f"sheet {self._title!r} has a row longer than its {width} headings")
            rows = [row if len(row) == width else [*row, *[None] * (width - len(row))] for row in rows]
        return _Taken(len(rows), list(zip(*rows, strict=True)) if rows else [()] * width)

    def ended(self) -> bool:
        """Whether all rows are taken."""
        for row in self._rows:
            self._rows = chain([row], self._rows)
            return False
        return True


class _ByBatch:
    """The rows of a sheet that come in batches: taken as they are, as far as they fit."""

    def __init__(self, rows: Batches, width: int) -> None:
        self._batches = (batch for batch in rows.batches if batch.tones)
        self._next = next(self._batches, None)
        self._width = width

    def take(self, most: int) -> _Taken:
        """The next rows, none when all are taken."""
        if self._next is None:
            return _Taken(0, [()] * self._width)
        columns, tones = self._next
        if len(tones) <= most:
            self._next = next(self._batches, None)
            return _Taken(len(tones), columns, tones)
        self._next = Batch([column[most:] for column in columns], tones[most:])
        return _Taken(most, [column[:most] for column in columns], tones[:most])

    def ended(self) -> bool:
        """Whether all rows are taken."""
        return self._next is None


class _InColumns:
    """The rows of a sheet that holds them column by column."""

    def __init__(self, rows: ByColumn) -> None:
        self._rows, self._size, self._taken = rows, len(rows), 0

    def take(self, most: int) -> _Taken:
        """The next rows, none when all are taken."""
        first, self._taken = self._taken, min(self._taken + most, self._size)
        size, columns = self._taken - first, self._rows.columns
        if size < self._size:
            columns = [column[first : self._taken] for column in columns]
        return _Taken(size, columns)

    def ended(self) -> bool:
        """Whether all rows are taken."""
        return self._taken == self._size


_Rows = _ByRow | _ByBatch | _InColumns


def _rows_of(sheet: Sheet) -> _Rows:
    if isinstance(sheet.rows, Batches):
        return _ByBatch(sheet.rows, len(sheet.columns))
    return _InColumns(sheet.rows) if isinstance(sheet.rows, ByColumn) and sheet.rows else _ByRow(sheet)


class _SheetWriter:
    def __init__(
        self,
        package: Package,
        cells: Cells,
        book: Book,
        sheet: Sheet,
        name: str,
        names: dict[str, str],
        resolve: Resolve | None,
    ) -> None:
        self.package, self.cells, self.sheet, self.names, self.resolve = package, cells, sheet, names, resolve
        self.columns = tuple(sheet.columns)
        self.frame = SheetFrame(name, [], landscape=sheet.landscape, footer=book.title)
        self.wraps = [column.wrap for column in self.columns]
        self.formats: list[str] = []
        self.links_left_out = 0
        self.sheets = {other.title: other for other in reversed(book.sheets)}
        self._first = 0  # index of the sheet's first row
        self._used = 0.0  # points from the sheet's top, told only where charts follow
        self._formulas: dict[int, dict[int, Formula]] = {}  # column → place in the chunk → formula
        self._styles: dict[tuple[int, str, Tone], bytes] = {}
        self._types: list[set[type]] = []  # of the values of each column
        self._cell_tones: dict[int, dict[int, Tone]] = defaultdict(dict)
        self._cell_tones_seen = 0
        self._leads: dict[str, str] = {}  # what links lead to, but for the cell at its end → how the file spells it
        self._link_count = 0

    def write(self, rows: _Rows, index: int) -> tuple[int, bool]:
        """Write one sheet of at most as many rows as fit; returns how many, and whether these were all."""
        sheet, frame, width = self.sheet, self.frame, len(self.columns)
        if width > xlsx.MAX_COLUMNS:
            raise ValueError(f"sheet {sheet.title!r} has {width} columns, Excel holds {xlsx.MAX_COLUMNS}")
        above = list(sheet.above)
        heading_row = row_of_heading(sheet)
        self._first = index
        room = xlsx.MAX_ROWS - heading_row - len(sheet.below) - 2
        taken = rows.take(min(CHUNK, room))
        columns = self._columns_of(taken)
        self.formats = [number_format(column, values) for column, values in zip(self.columns, columns, strict=True)]
        widths = []
        for position, (column, values) in enumerate(zip(self.columns, columns, strict=True)):
            wide, self.wraps[position] = fitted(column, values, filters=sheet.filters)
            widths.append(wide)
        if above or sheet.below:
            last = spanned(widths, [*above, *sheet.below], width)
        frame.widths = widths
        if width:
            count = taken.size
            if isinstance(sheet.rows, Sized):
                count = min(len(sheet.rows) - index, room)
            if isinstance(sheet.rows, Sized) or (count < CHUNK and (count == room or rows.ended())):
                end = heading_row + count + (len(sheet.below) + 1 if sheet.below else 0)
                frame.dimension = f"A1:{column_letter(len(widths))}{end}"
            frame.heading_row = heading_row
            frame.frozen_rows = heading_row if heading_row <= MOST_FROZEN_ROWS else 0
            frame.frozen_columns = sheet.frozen_columns
        if sheet.charts:
            frame.paged, frame.heading_row = True, 0
        append = self.package.sheet(frame)

        row = 1
        for number, line in enumerate(above):
            append(self._line(row, line, TITLE if number == 0 else LINE, last))
            row += 1
        if width:
            row = heading_row
            titles = [([self.cells.one(column.title)]) for column in self.columns]
            style = self._attribute(HEADING)
            height = height_of_heading(self.columns, widths, filters=sheet.filters)
            self._used += height + (ROW_HEIGHT if above else 0)
            append(xlsx.rows_xml(row, [(style, cell) for cell in titles], [height]))
            for position, column in enumerate(self.columns, 1):
                if column.note:
                    frame.prompts.append((f"{column_letter(position)}{row}", column.title, column.note))
            row += 1
        written = 0
        ended = True
        while taken.size:
            append(self._rows(row, index + written, taken, columns))
            written += taken.size
            row += taken.size
            if written >= room:
                ended = rows.ended()
                break
            taken = rows.take(min(CHUNK, room - written))
            columns = self._columns_of(taken)
        if width and written:
            frame.text_range = f"A{heading_row + 1}:{column_letter(width)}{row - 1}"
            if sheet.filters:
                frame.filter_range = f"A{heading_row}:{column_letter(width)}{row - 1}"
            for position, column in enumerate(self.columns, 1):
                self._take_conditions(column, column_letter(position), heading_row + 1, row - 1)
        below = list(sheet.below)
        if self.links_left_out:
            below.append(f"Ссылки поставлены не во всех строках: больше {xlsx.MAX_LINKS} ссылок лист Excel не вмещает.")
            last = spanned(list(widths), below, width)
        if below and ended:
            row += 1
            for line in below:
                append(self._line(row, line, LINE, last))
                row += 1
        if ended:
            self._draw(row + 1 if row > 1 else row)
        self.package.end_sheet()
        return written, ended

    def _columns_of(self, taken: _Taken) -> list[Sequence[Any]]:
        """The columns of some rows, formulas by the values they have; the formulas themselves are kept apart."""
        columns = list(taken.columns)
        self._types = [{Link, str} if type(values) is Links else set(map(type, values)) for values in columns]
        self._formulas.clear()
        for position, values in enumerate(columns):
            if Formula in self._types[position]:
                own = {place: value for place, value in enumerate(values) if isinstance(value, Formula)}
                self._formulas[position] = own
                columns[position] = plain = [value.value if isinstance(value, Formula) else value for value in values]
                self._types[position] = set(map(type, plain))
        return columns

    # --- what a column looks like

    def _attribute(self, style: Style) -> bytes:
        """A style as cells refer to it."""
        return b' s="%d"' % self.package.styles.number(style)

    def _style(self, position: int, variant: str, tone: Tone) -> bytes:
        key = (position, variant, tone)
        found = self._styles.get(key)
        if found is None:
            look = LOOKS[tone]
            kind = variant or self.columns[position].kind
            number_format = "General" if variant else self.formats[position]
            numeric = self.columns[position].kind in {"integer", "number", "percent"}
            style = Style(
                number_format={"date": DATE, "datetime": DATETIME}.get(kind, number_format),
                bold=look.bold,
                underline=kind == "link",
                color=LINK_COLOR if kind == "link" else look.color,
                fill=look.fill,
                borders="total" if tone == "total" else "thin",
                horizontal="center" if kind in {"date", "datetime"} else "right" if numeric and kind != "link" else "",
                indent=1 if numeric else 0,
                wrap=self.wraps[position] and tone != "section" and kind in {"text", "link"},
            )
            found = self._styles[key] = self._attribute(style)
        return found

    # --- rows

    def _rows(self, row: int, index: int, taken: _Taken, columns: Sequence[Sequence[Any]]) -> bytes:
        count, tones, cell_tones = taken.size, self.sheet.tones, self.sheet.cell_tones
        row_tones: Sequence[Tone] = taken.tones or ()
        if taken.tones is None and tones:
            row_tones = [tones.get(i, "") for i in range(index, index + count)]
        if not any(row_tones):
            row_tones = ()
        plain: Sequence[Tone] = [""] * count
        for (i, j), tone in islice(cell_tones.items(), self._cell_tones_seen, None):
            self._cell_tones[j][i] = tone
        self._cell_tones_seen = len(cell_tones)
        rendered: list[tuple[bytes | Sequence[bytes], Sequence[bytes]]] = []
        lines: list[Sequence[int]] = []
        for position, values in enumerate(columns):
            cells, variants, texts = self._cells(row, position, values)
            if formulas := self._formulas.get(position):
                self.frame.has_formulas = True
                cells = list(cells)
                for place, formula in formulas.items():
                    cells[place] = xlsx.formula_cell(self._spelt(formula), cells[place].decode()).encode()
            tones_here = row_tones
            if own := self._cell_tones.get(position):
                tones_here = [own.get(i, tone) for i, tone in enumerate(row_tones or plain, index)]
            rendered.append((self._styles_of(position, variants, tones_here), cells))
            if texts and self.wraps[position] and (needed := self._lines_of(position, texts)):
                lines.append(needed)
        heights = self._heights(lines, row_tones)
        if self.sheet.charts:
            self._used += sum(height or ROW_HEIGHT for height in heights or [0.0] * count)
        return xlsx.rows_xml(row, rendered, heights)

    def _cells(
        self, row: int, position: int, values: Sequence[Any]
    ) -> tuple[Sequence[bytes], str | Sequence[str], Sequence[str | None]]:
        """The cells of a column, their variants (one for all, or one each), and its texts, None elsewhere, if any."""
        kind = self.columns[position].kind
        if type(values) is Links and self._take_all(row, position, values):
            return self.cells.text(values.texts), _variants_of(kind, values), values.texts
        types = self._types[position] - {type(None)}
        if types <= {str}:
            return self.cells.text(values), "text" if types and kind != "text" else "", values if types else ()
        if len(types) == 1 and (pure := _PURE.get((kind, *types))):
            return self.cells.pure(values, pure), "", ()
        variants: str | list[str] = ""
        if types == {Link}:
            variants = "" if kind == "link" else "link"
        else:
            variants = [variant(kind, value) for value in values]
        texts: Sequence[str | None] = ()
        if Link in types:
            variants = self._take_links(row, position, values, variants)
        if any(issubclass(one, (str, Link)) for one in types):
            texts = [
                value if isinstance(value, str) else value[0] if isinstance(value, Link) else None for value in values
            ]
        if types <= {str, Link}:
            cells = self.cells.text(texts)
        else:
            cells = self.cells.mixed(values, percent=kind == "percent")
        return cells, variants if any(variants) else "", texts

    def _styles_of(
        self, position: int, variants: str | Sequence[str], tones: Sequence[Tone]
    ) -> bytes | Sequence[bytes]:
        """The styles of a column's cells: one for all, or one each."""
        style = self._style
        if isinstance(variants, str):
            if not tones:
                return style(position, variants, "")
            by_tone = {tone: style(position, variants, tone) for tone in dict.fromkeys(tones)}
            return list(map(by_tone.__getitem__, tones))
        looks: list[tuple[str, Tone]] = (
            [*zip(variants, tones, strict=True)] if tones else [(one, "") for one in variants]
        )
        by_look = {look: style(position, *look) for look in dict.fromkeys(looks)}
        return list(map(by_look.__getitem__, looks))

    def _lines_of(self, position: int, texts: Sequence[str | None]) -> Sequence[int]:
        """Lines the texts of a column take, row by row; nothing where each takes one."""
        column = self.columns[position]
        if column.kind not in {"text", "link"} and not column.when:
            return ()
        return Lines(self.frame.widths[position]).of_column(texts)

    def _heights(self, lines: Sequence[Sequence[int]], row_tones: Sequence[Tone]) -> list[float] | None:
        """Heights of rows whose text wraps (0: one line). Excel would find them itself, LibreOffice does not."""
        if not lines:
            return None
        most = list(map(max, *lines)) if len(lines) > 1 else lines[0]
        if "section" in row_tones:
            most = [1 if tone == "section" else lines for lines, tone in zip(most, row_tones, strict=True)]
        heights = {lines: 0.0 if lines < 2 else min(lines, MOST_LINES) * LINE_HEIGHT + 1.5 for lines in set(most)}
        return list(map(heights.__getitem__, most))

    def _take_all(self, row: int, position: int, links: Links) -> bool:
        """Note where the cells of a column lead, all at once; whether that could be done: else one by one."""
        leads = links.leads
        count = len(leads) - leads.count("")
        fits = self._link_count + count <= xlsx.MAX_LINKS
        if not fits or not all(compress(links.texts, leads)) or not _are_cells(compress(links.cells, leads)):
            return False
        heads: dict[str, str] = {}
        for lead in filter(None, dict.fromkeys(leads)):
            head = self._head(lead, links)
            if head is None:
                return False
            heads[lead] = head
        if not count:
            return True
        self._link_count += count
        rows = compress(range(row, row + len(leads)), leads)
        spelt = map(heads.__getitem__, filter(None, leads))
        xml = xlsx.links_xml(column_letter(position + 1), rows, spelt, compress(links.cells, leads))
        self.frame.links.append(xml)
        return True

    def _head(self, lead: str, links: Links) -> str | None:
        """How the file spells where these links lead, but for the cell at the end; None where a link has to be looked
        at by itself."""
        head = lead.removesuffix("!")
        if head == lead or (self.resolve is not None and _SCHEME.match(lead)):
            return None
        if head not in self._leads:
            cell = links.cells[links.leads.index(lead)]
            parts = link_parts(lead + cell)
            if parts is not None:
                self._lead(parts, head, cell)
        return self._leads.get(head)

    def _take_links(self, row: int, position: int, values: Sequence[Any], variants: str | list[str]) -> str | list[str]:
        """Note where the cells of a column lead. Returns the variants: a cell that cannot lead there is but text."""
        letter = column_letter(position + 1)
        found, refused = [], []
        for number, value in enumerate(values, row):
            if isinstance(value, Link):
                if link := self._link(f"{letter}{number}", value):
                    found.append(link)
                else:
                    refused.append(number - row)
        if found:  # an empty list of links is not allowed
            self.frame.links.append("".join(found))
        if not refused:
            return variants
        own = [variants] * len(values) if isinstance(variants, str) else variants
        for offset in refused:
            own[offset] = "text"
        return own

    def _link(self, cell: str, link: Link) -> str:
        """Where a cell leads, for the frame; "" when it cannot lead there (no such kind of address, or more links than
        a sheet holds)."""
        address = self.resolve(link) if self.resolve is not None else None
        target = address or link.target
        head, _, rest = target.rpartition("!")
        lead = self._leads.get(head) if _CELL.fullmatch(rest) else None
        parts = link_parts(target) if lead is None else None
        if (lead is None and parts is None) or not link.text:
            return ""
        if self._link_count >= xlsx.MAX_LINKS:
            self.links_left_out += 1
            return ""
        self._link_count += 1
        if lead is None and parts is not None:
            lead, rest = self._lead(parts, head, rest)
        return xlsx.link_xml(cell, lead or "", rest)

    def _lead(self, parts: tuple[str, str], head: str, cell: str) -> tuple[str, str]:
        """A link to ``parts`` taken apart for :func:`xlsx.link_xml`; where ``cell`` ends it, others of that sheet will
        find the head that is theirs too."""
        file, place = parts
        if not file:
            place = self._renamed(place)
        if not (_CELL.fullmatch(cell) and place.endswith(f"!{cell}")) or len(parts[1]) > MAX_PLACE - LONGEST_CELL:
            return xlsx.link_head(self.frame, file, place), ""
        lead = self._leads[head] = xlsx.link_head(self.frame, file, place.removesuffix(cell))
        return lead, cell

    def _renamed(self, place: str) -> str:
        """A place in this book, its sheet called as it is in the file."""
        name, _, cell = place.rpartition("!")
        title = name[1:-1].replace("''", "'") if name.startswith("'") else name
        return f"{xlsx.quoted(self.names.get(title, title))}!{cell}"

    # --- formulas, conditions, charts

    def _address(self, cell: Cell) -> tuple[str, str, int]:
        """(sheet as a formula names it, letter, row) of a cell; the sheet is "" for this one."""
        sheet = self.sheets[cell.sheet] if cell.sheet else self.sheet
        name = "" if sheet is self.sheet else xlsx.quoted(self.names[sheet.title])
        first = self._first if sheet is self.sheet else 0
        return name, column_letter(cell.column + 1), row_of_heading(sheet) + 1 + cell.row - first

    def _spelt(self, formula: Formula) -> str:
        told = [self._address(cell) for cell in formula.cells]
        return formula.text.format(*(f"{name}{'!' if name else ''}{letter}{row}" for name, letter, row in told))

    def _reference(self, span: Span) -> str:
        """A span as charts refer to it: with its sheet, absolute."""
        name, letter, row = self._address(span.first)
        _, last_letter, last_row = self._address(span.last)
        return f"{name or xlsx.quoted(self.frame.name)}!${letter}${row}:${last_letter}${last_row}"

    def _take_conditions(self, column: Column, letter: str, first: int, last: int) -> None:
        cells = f"{letter}{first}:{letter}{last}"
        for when in column.when:
            look = LOOKS[when.tone]
            number = self.package.styles.conditional(look.color, look.fill, look.bold)
            self.frame.conditions.append(Condition(cells, condition(when, f"{letter}{first}"), number))
        if column.bar:
            self.frame.bars.append((cells, column.bar))

    def _draw(self, row: int) -> None:
        """Put the charts one below the other from a row on, none over the edge of a page."""
        used = self._used + ROW_HEIGHT
        for number, chart in enumerate(self.sheet.charts, 1):
            rows = math.ceil(height_of_chart(chart) / ROW_HEIGHT)
            if used + (rows + 1) * ROW_HEIGHT > PAGE_HEIGHT and row > 1:
                self.frame.breaks.append(row - 1)
                used = 0.0
            elif number > 1:  # a little air between two of one page
                row, used = row + 1, used + ROW_HEIGHT
            xml = chart_xml(chart, self._reference)
            size = round(CHART_WIDTH * EMU), round(height_of_chart(chart) * EMU)
            described = chart.description or chart.title
            self.frame.charts.append(Drawn(row, *size, xml, f"Диаграмма {number}", described))
            row, used = row + rows, used + rows * ROW_HEIGHT

    def _line(self, row: int, line: PlainValue, style: Style, last: int) -> bytes:
        """A line of text over the whole width of the table, as high as its text needs."""
        if line is None or line == "":
            return b""
        text = line.text if isinstance(line, Link) else str(line)
        if isinstance(line, Link) and (link := self._link(f"A{row}", line)):
            self.frame.links.append(link)
            style = style._replace(color=LINK_COLOR, underline=True)
        if last > 1:
            self.frame.merges.append(f"A{row}:{column_letter(last)}{row}")
        height = height_of_line(text, self.frame.widths, large=style.size > 12)
        self._used += height
        return xlsx.row_xml(row, self._attribute(style), self.cells.one(line), height)


# Columns whose values all have the type their kind asks for: one pass, no looking at each value.
_PURE: dict[tuple[object, ...], Callable[[Any], str]] = {
    ("integer", int): xlsx.integer_cell,
    ("number", int): xlsx.integer_cell,
    ("number", float): xlsx.number_cell,
    ("percent", float): xlsx.percent_cell,
    ("percent", int): xlsx.percent_cell,
    ("date", date): xlsx.date_cell,
    ("datetime", datetime): xlsx.datetime_cell,
}


_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_WEB = ("http:", "https:", "mailto:", "ftp:", "file:")
# As Excel itself writes addresses: letters of any alphabet stay as they are, these signs do not.
_ESCAPED = str.maketrans({sign: f"%{ord(sign):02X}" for sign in ' "<>[]^`{}|'})


def link_parts(target: str) -> tuple[str, str] | None:
    """(address of the file or page as a relationship spells it, place in it) of a link's target; None if unusable.

    ``target`` is a plain relative path, «#» and «%» in file names included, with an optional «#'Лист'!A1» at its end,
    or an address of the web.
    """
    path, hash_sign, place = target.rpartition("#'")
    if hash_sign and "#'" not in path and not place.startswith("'") and (address := _address(path)) is not None:
        place = f"'{place}"
    elif scheme := _SCHEME.match(target):
        address, _, place = target.partition("#")
        if scheme.group().lower() not in _WEB:
            return None
        address = address.translate(_ESCAPED)
    else:
        found = PLACE.search(target)
        place = found.group(1) if found else ""
        path = target[: found.start()] if found else target
        address = _address(path)
    if address is None or not (address or place) or len(address) > xlsx.MAX_URL or len(place) > MAX_PLACE:
        return None
    return address, place


_CELL = re.compile("[A-Z]{1,3}[0-9]{1,7}")
_CELLS = re.compile("(?:[A-Z]{1,3}[0-9]{1,7} )*")


def _are_cells(texts: Iterable[str]) -> bool:
    return _CELLS.fullmatch("".join([f"{text} " for text in texts])) is not None


def _variants_of(kind: str, links: Links) -> str | Sequence[str]:
    """The variants (``layout.variant``) of a column of links: one for all, or one each."""
    leading, plain = "" if kind == "link" else "link", "" if kind == "text" else "text"
    return [leading if lead else plain for lead in links.leads] if "" in links.leads else leading


@lru_cache(maxsize=256)
def _address(path: str) -> str | None:
    """A plain relative path as a relationship spells it; None for what begins like an address of the web."""
    if _SCHEME.match(path):
        return None
    address = path.replace("\\", "/").replace("%", "%25").replace("#", "%23").translate(_ESCAPED)
    return f"./{address}" if ":" in address.partition("/")[0] else address  # otherwise taken for a scheme
