"""A :class:`~sheets_sync.reporting.page.Book` as an .xlsx file that can be handed to a school director as it is.

Per sheet: lines above, a bold heading that stays in sight and is repeated on every printed page, the table with filters
and widths fitted to what it holds, lines below; A4, one page wide, page numbers in the footer.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Sized
from datetime import date, datetime
from functools import lru_cache
from itertools import chain, compress, groupby, islice, product, repeat
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
    Kept,
    Link,
    Links,
    PlainValue,
    Sheet,
    Span,
    Tone,
)
from sheets_sync.sinks import files, kept_rows, xlsx
from sheets_sync.sinks.kept_rows import KeptRows, LinkRun, RowsNotKept, Shelf
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
    ROW_HEIGHT,
    VARIANTS,
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
from sheets_sync.sinks.links import Lead, Leads
from sheets_sync.sinks.xlsx import Package
from sheets_sync.sinks.xlsx_chart import chart_xml
from sheets_sync.sinks.xlsx_frame import Condition, Drawn, SheetFrame, link_head, link_xml, links_xml
from sheets_sync.sinks.xlsx_names import quoted, sheet_name
from sheets_sync.sinks.xlsx_rows import placeless_rows, row_xml, rows_xml
from sheets_sync.sinks.xlsx_styles import Style
from sheets_sync.sinks.xlsx_values import (
    Cells,
    date_cell,
    datetime_cell,
    formula_cell,
    integer_cell,
    number_cell,
    percent_cell,
)

CHUNK = 2_000  # rows rendered at a time; also the sample the widths are fitted to
EMU = 12_700  # to the point

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


def render_book(book: Book, file: BinaryIO, resolve: Resolve | None = None, kept: KeptRows | None = None) -> None:
    """Write the book to a seekable binary file. Rows are read once, a chunk at a time. ``resolve``: addresses of links
    that are neither to files nor to pages (``google_sheets.links_between``). ``kept``: from where rows that are not
    told are taken as they were written, and where all that come in groups are put.

    More rows than a sheet can hold go on in a further sheet «Имя (2)»; links beyond Excel's limit stay as text, and a
    line below says so. Raises ValueError for a row longer than its heading, RowsNotKept where rows that are not told
    cannot be taken.
    """
    package = Package(file, title=book.title, created=book.created, application=files.APPLICATION)
    names: dict[str, str] = {}  # title as the book has it → name in the file
    for sheet in book.sheets:
        names.setdefault(sheet.title, sheet_name(sheet.title, names.values()))
    shelves = _shelves(book, package, names, kept)
    taken: list[str] = []
    cells, leads = Cells(), Leads(names, resolve)
    for number, sheet in enumerate(book.sheets):
        name = names[sheet.title] if names[sheet.title] not in taken else sheet.title
        rows = _rows_of(sheet)
        index, ended = 0, False
        while not ended:
            name = sheet_name(name, taken)
            taken.append(name)
            given, shelf = (package, cells, book, sheet, name, names, leads), shelves.get(number)
            writer = _SheetWriter(*given) if shelf is None else _GroupsWriter(*given, shelf)
            written, ended = writer.write(rows, index)
            index, name = index + written, sheet.title
    if not book.sheets:  # a workbook without sheets does not open
        empty = Sheet("Лист", (), ())
        _SheetWriter(package, cells, book, empty, "Лист", names, leads).write(_ByRow(empty), 0)
    package.close()


def _shelves(book: Book, package: Package, names: Mapping[str, str], kept: KeptRows | None) -> dict[int, Shelf]:
    """For each sheet whose rows come in groups, by its place in the book, what is kept of it.

    Every look its cells may have gets its number before the first row of the book is written: those told must not
    show in the number another gets.
    """
    grouped = {
        number: sheet
        for number, sheet in enumerate(book.sheets)
        if isinstance(sheet.rows, Batches) and sheet.rows.groups is not None
    }
    for sheet in grouped.values():
        _refuse_undeclared(sheet)
        for kind, its_format in dict.fromkeys((column.kind, number_format(column, ())) for column in sheet.columns):
            for variant_of_kind, tone in product(VARIANTS, LOOKS):
                package.styles.number(_style_of(kind, its_format, True, variant_of_kind, tone))
    if kept is None:
        return {number: Shelf() for number in grouped}
    kept.begin()
    book_layout = f"{sorted(names.items())}{package.styles.in_use()}".encode("utf-8", "surrogatepass")
    shelves = {}
    for number, sheet in grouped.items():
        layout = hashlib.sha256(book_layout + repr(tuple(sheet.columns)).encode("utf-8", "surrogatepass"))
        shelves[number] = kept.sheet(sheet.title, layout.hexdigest())
    return shelves


def _refuse_undeclared(sheet: Sheet) -> None:
    """Raise ValueError for a sheet whose rows come in groups but would look as the others make them."""
    if sheet.charts or sheet.cell_tones:
        raise ValueError(f"sheet {sheet.title!r}: with rows in groups there are neither charts nor tones of cells")
    for column in sheet.columns:
        if not column.width or (column.kind == "number" and not column.format):
            raise ValueError(f"sheet {sheet.title!r}: column {column.title!r} must declare its width and its format")


class _Taken(NamedTuple):
    """Some rows column by column; ``tones`` are theirs, None where the sheet tells them; ``groups`` where they have."""

    size: int
    columns: Sequence[Sequence[Any]]
    tones: Sequence[Tone] | None = None
    groups: Sequence[str] = ()


class _Rendered(NamedTuple):
    """Rows column by column, as the file spells them; the heights of the rows, unless each is a line high."""

    columns: list[tuple[bytes | Sequence[bytes], Sequence[bytes]]]
    heights: list[float] | None


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
        self._batches = (batch for batch in rows.batches if isinstance(batch, Kept) or batch.tones)
        self._next = next(self._batches, None)
        self._width = width

    def take(self, most: int) -> _Taken:
        """The next rows, none when all are taken. Raises ValueError where those are not told."""
        if self._next is None:
            return _Taken(0, [()] * self._width)
        if isinstance(self._next, Kept):
            raise ValueError(f"rows of {len(self._next.groups)} groups are not told in a sheet without groups")
        columns, tones, groups = self._next
        if len(tones) <= most:
            self._next = next(self._batches, None)
            return _Taken(len(tones), columns, tones, groups)
        self._next = Batch([column[most:] for column in columns], tones[most:], groups[most:])
        return _Taken(most, [column[:most] for column in columns], tones[:most], groups[:most])

    def take_kept(self) -> Sequence[str] | None:
        """The groups whose rows come next and are not told; None when the next rows are told."""
        if not isinstance(self._next, Kept):
            return None
        groups, self._next = self._next.groups, next(self._batches, None)
        return groups

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
        leads: Leads,
    ) -> None:
        self.package, self.cells, self.sheet, self.names, self.leads = package, cells, sheet, names, leads
        self.columns = tuple(sheet.columns)
        self.frame = SheetFrame(name, [], landscape=sheet.landscape, footer=book.title)
        self.wraps = [column.wrap for column in self.columns]
        self.formats: list[str] = []
        self.links_left_out = 0
        self.sheets = {other.title: other for other in reversed(book.sheets)}
        self._first = 0  # index of the sheet's first row
        self._sample = _Taken(0, ())  # the first rows, and their columns
        self._sample_columns: Sequence[Sequence[Any]] = ()
        self._used = 0.0  # points from the sheet's top, told only where charts follow
        self._formulas: dict[int, dict[int, Formula]] = {}  # column → place in the chunk → formula
        self._styles: dict[tuple[int, str, Tone], bytes] = {}
        self._types: list[set[type]] = []  # of the values of each column
        self._cell_tones: dict[int, dict[int, Tone]] = defaultdict(dict)
        self._cell_tones_seen = 0
        self._heads = _Heads(self.frame)
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
        widths = self._lay_out(rows, room)
        last = spanned(widths, [*above, *sheet.below], width) if above or sheet.below else 0
        frame.widths = widths
        if width:
            count = self._count(rows, room)
            if count is not None:
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
            append(rows_xml(row, [(style, cell) for cell in titles], [height]))
            for position, column in enumerate(self.columns, 1):
                if column.note:
                    frame.prompts.append((f"{column_letter(position)}{row}", column.title, column.note))
            row += 1
        written, ended = self._write_rows(append, rows, row, room)
        row += written
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

    def _lay_out(self, rows: _Rows, room: int) -> list[float]:
        """Settle how columns look, by what they declare and the first rows; returns their widths."""
        self._sample = rows.take(min(CHUNK, room))
        self._sample_columns = columns = self._columns_of(self._sample)
        self.formats = [number_format(column, values) for column, values in zip(self.columns, columns, strict=True)]
        widths = []
        for position, (column, values) in enumerate(zip(self.columns, columns, strict=True)):
            wide, self.wraps[position] = fitted(column, values, filters=self.sheet.filters)
            widths.append(wide)
        return widths

    def _count(self, rows: _Rows, room: int) -> int | None:
        """How many rows there will be, where that is known beforehand."""
        if isinstance(self.sheet.rows, Sized):
            return min(len(self.sheet.rows) - self._first, room)
        count = self._sample.size
        return count if count < CHUNK and (count == room or rows.ended()) else None

    def _write_rows(self, append: Callable[[bytes], None], rows: _Rows, row: int, room: int) -> tuple[int, bool]:
        """Write the rows from a row on, as far as there is room; returns how many, and whether these were all."""
        taken, columns, written = self._sample, self._sample_columns, 0
        self._sample, self._sample_columns = _Taken(0, ()), ()  # they are no longer needed than others are
        while taken.size:
            append(rows_xml(row + written, *self._rendered(row + written, self._first + written, taken, columns)))
            written += taken.size
            if written >= room:
                return written, rows.ended()
            taken = rows.take(min(CHUNK, room - written))
            columns = self._columns_of(taken)
        return written, True

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
            style = _style_of(self.columns[position].kind, self.formats[position], self.wraps[position], variant, tone)
            found = self._styles[key] = self._attribute(style)
        return found

    # --- rows

    def _rendered(self, row: int, index: int, taken: _Taken, columns: Sequence[Sequence[Any]]) -> _Rendered:
        """Rows as :func:`rows_xml` takes them."""
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
                    cells[place] = formula_cell(self._spelt(formula), cells[place].decode()).encode()
            tones_here = row_tones
            if own := self._cell_tones.get(position):
                tones_here = [own.get(i, tone) for i, tone in enumerate(row_tones or plain, index)]
            rendered.append((self._styles_of(position, variants, tones_here), cells))
            if texts and self.wraps[position] and (needed := self._lines_of(position, texts)):
                lines.append(needed)
        heights = self._heights(lines, row_tones)
        if self.sheet.charts:
            self._used += sum(height or ROW_HEIGHT for height in heights or [0.0] * count)
        return _Rendered(rendered, heights)

    def _cells(
        self, row: int, position: int, values: Sequence[Any]
    ) -> tuple[Sequence[bytes], str | Sequence[str], Sequence[str | None]]:
        """The cells of a column, their variants (one for all, or one each), and its texts, None elsewhere, if any."""
        kind = self.columns[position].kind
        if type(values) is Links and self._take_all(row, position, values):
            return self.cells.text(values.texts), _variants_of(kind, values), values.texts
        types = self._types[position] - {type(None)}
        if types <= {str}:
            shown = "text" if types and kind != "text" else ""
            return self.cells.text(values), self._of_all(shown, values), values if types else ()
        if len(types) == 1 and (pure := _PURE.get((kind, *types))):
            return self.cells.pure(values, pure), "", ()
        variants: str | list[str] = ""
        if types == {Link}:
            variants = self._of_all("" if kind == "link" else "link", values)
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

    def _of_all(self, variant: str, values: Sequence[Any]) -> str | list[str]:
        """The variant of all values of a column; an empty cell may have that of its neighbours."""
        return variant

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
        found = self.leads.of_all(links) if self._link_count + count <= xlsx.MAX_LINKS else None
        if found is None:
            return False
        self._link_count += count
        if count == len(leads):
            self._note_links(row, position, range(count), list(map(found.__getitem__, leads)), links.cells)
        elif count:
            offsets = list(compress(range(len(leads)), leads))
            spelt = list(map(found.__getitem__, filter(None, leads)))
            self._note_links(row, position, offsets, spelt, list(compress(links.cells, leads)))
        return True

    def _take_links(self, row: int, position: int, values: Sequence[Any], variants: str | list[str]) -> str | list[str]:
        """Note where the cells of a column lead. Returns the variants: a cell that cannot lead there is but text."""
        offsets, leads, cells, refused = [], [], [], []
        for offset, value in enumerate(values):
            if isinstance(value, Link):
                if (found := self._link(value)) is not None:
                    offsets.append(offset)
                    leads.append(found[0])
                    cells.append(found[1])
                else:
                    refused.append(offset)
        if offsets:  # an empty list of links is not allowed
            self._note_links(row, position, offsets, leads, cells)
        if not refused:
            return variants
        own = [variants] * len(values) if isinstance(variants, str) else variants
        for offset in refused:
            own[offset] = "text"
        return own

    def _note_links(
        self, row: int, position: int, offsets: Sequence[int], leads: Sequence[Lead], cells: Sequence[str]
    ) -> None:
        """Keep for the sheet's end where links of a column lead, and the cells at the end of the place; the rows they
        stand in are counted from ``row``."""
        heads = map(self._heads.__getitem__, leads)
        self.frame.links.append(
            links_xml(column_letter(position + 1), [row + offset for offset in offsets], heads, cells)
        )

    def _link(self, link: Link) -> tuple[Lead, str] | None:
        """Where a cell leads; None when it cannot lead there (no such kind of address, or more links than a sheet
        holds)."""
        found = self.leads.of(link) if link.text else None
        if found is None:
            return None
        if self._link_count >= xlsx.MAX_LINKS:
            self.links_left_out += 1
            return None
        self._link_count += 1
        return found

    # --- formulas, conditions, charts

    def _address(self, cell: Cell) -> tuple[str, str, int]:
        """(sheet as a formula names it, letter, row) of a cell; the sheet is "" for this one."""
        sheet = self.sheets[cell.sheet] if cell.sheet else self.sheet
        name = "" if sheet is self.sheet else quoted(self.names[sheet.title])
        first = self._first if sheet is self.sheet else 0
        return name, column_letter(cell.column + 1), row_of_heading(sheet) + 1 + cell.row - first

    def _spelt(self, formula: Formula) -> str:
        told = [self._address(cell) for cell in formula.cells]
        return formula.text.format(*(f"{name}{'!' if name else ''}{letter}{row}" for name, letter, row in told))

    def _reference(self, span: Span) -> str:
        """A span as charts refer to it: with its sheet, absolute."""
        name, letter, row = self._address(span.first)
        _, last_letter, last_row = self._address(span.last)
        return f"{name or quoted(self.frame.name)}!${letter}${row}:${last_letter}${last_row}"

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
        if isinstance(line, Link) and (found := self._link(line)) is not None:
            lead, cell = found
            self.frame.links.append(link_xml(f"A{row}", self._heads[lead], cell))
            style = style._replace(color=LINK_COLOR, underline=True)
        if last > 1:
            self.frame.merges.append(f"A{row}:{column_letter(last)}{row}")
        height = height_of_line(text, self.frame.widths, large=style.size > 12)
        self._used += height
        return row_xml(row, self._attribute(style), self.cells.one(line), height)


class _GroupsWriter(_SheetWriter):
    """Writes a sheet whose rows come in groups. Those of each are a piece of the file by themselves, in which neither
    where it stands nor what other rows hold is to be seen: on another day it may be taken as it is."""

    def __init__(
        self,
        package: Package,
        cells: Cells,
        book: Book,
        sheet: Sheet,
        name: str,
        names: dict[str, str],
        leads: Leads,
        shelf: Shelf,
    ) -> None:
        super().__init__(package, cells, book, sheet, name, names, leads)
        self._shelf = shelf
        self._group: str | None = None  # that of the piece begun
        self._piece_row = self._piece_count = 0  # the row of its first row, and how many it has by now
        self._piece_links: list[LinkRun] = []
        self._links: list[tuple[int, Sequence[LinkRun]]] = []  # of the pieces that are whole, by their first row
        self._noted: list[tuple[int, Sequence[int], Sequence[Lead], Sequence[str]]] = []  # links of the rows at hand

    def _lay_out(self, rows: _Rows, room: int) -> list[float]:
        """As the columns declare; a text that is wider than its column wraps."""
        self.formats = [number_format(column, ()) for column in self.columns]
        self.wraps = [True] * len(self.columns)
        return [column.width for column in self.columns]

    def _count(self, rows: _Rows, room: int) -> int | None:
        return None

    def _write_rows(self, append: Callable[[bytes], None], rows: _Rows, row: int, room: int) -> tuple[int, bool]:
        assert isinstance(rows, _ByBatch)
        written = 0
        while not rows.ended():
            if written >= room:
                self._shelf.drop()
                break
            if (groups := rows.take_kept()) is not None:
                for group in groups:
                    written += self._take_kept(group, row + written, room - written)
            else:
                taken = rows.take(min(CHUNK, room - written))
                self._write_told(append, taken, row + written)
                written += taken.size
        self._end_piece()
        for first, runs in self._links:
            for run in runs:
                heads = repeat(self._heads[run.lead], len(run.rows))
                rows_of_run = _moved(run.rows, first)
                xml = links_xml(column_letter(run.column), rows_of_run, heads, run.cells.split(" "))
                self.frame.links.append(xml)
        self._links.clear()
        if rows.ended() and isinstance(self.sheet.rows, Batches):
            self._shelf.put_none(self.sheet.rows.groups or ())
        return written, rows.ended()

    def _take_kept(self, group: str, row: int, room: int) -> int:
        """Take the rows of a group as they were written; returns how many. Raises RowsNotKept where they are not, or
        would be too many."""
        self._end_piece()
        kept, packed = self._shelf.take(group)
        if kept.number > room or self._link_count + kept.link_count > xlsx.MAX_LINKS:
            raise RowsNotKept(f"with the rows of {group!r} the sheet {self.sheet.title!r} has too many rows or links")
        if kept.number:
            self.package.add_piece(kept.piece, packed)
            self._shelf.write(packed)
            self._link_count += kept.link_count
            self._links.append((row, kept.links))
        self._shelf.put(group, kept)
        return kept.number

    def _write_told(self, append: Callable[[bytes], None], taken: _Taken, row: int) -> None:
        """Write rows that are told, from a row on."""
        columns = self._columns_of(taken)
        if self._formulas or len(taken.groups) != taken.size:
            raise ValueError(f"sheet {self.sheet.title!r}: rows in groups tell each its group, and hold no formulas")
        self._noted.clear()
        left_out = self.links_left_out
        rows = placeless_rows(*self._rendered(row, 0, taken, columns))
        if self.links_left_out > left_out:
            self._shelf.drop()
        start = 0
        for group, members in groupby(taken.groups):
            end = start + len(list(members))
            if group != self._group:
                self._end_piece()
                self._begin_piece(group, row + start)
            append(b"".join(rows[start:end]))
            self._add_links(start, end)
            self._piece_count += end - start
            start = end

    def _begin_piece(self, group: str, row: int) -> None:
        self._group, self._piece_row, self._piece_count, self._piece_links = group, row, 0, []
        self.package.begin_piece(self._shelf.write)

    def _end_piece(self) -> None:
        """The rows of the group begun last are all told, if there is one."""
        if self._group is None:
            return
        links = sorted(self._piece_links, key=lambda run: run.column)
        self._shelf.put(self._group, kept_rows.Rows(self._piece_count, self.package.end_piece(), links))
        self._links.append((self._piece_row, links))
        self._group = None

    def _add_links(self, start: int, end: int) -> None:
        """Give the piece the links in these of the rows at hand."""
        moved = self._piece_count - start
        for column, offsets, leads, cells in self._noted:
            first, last = bisect_left(offsets, start), bisect_left(offsets, end)
            for lead, places in groupby(range(first, last), leads.__getitem__):
                past = first + len(list(places))
                of_run = offsets[first:past]
                if of_run[-1] - of_run[0] == past - first - 1:  # no row without a link between
                    of_run = range(of_run[0], of_run[-1] + 1)
                self._piece_links.append(LinkRun(column, lead, _moved(of_run, moved), " ".join(cells[first:past])))
                first = past

    def _note_links(
        self, row: int, position: int, offsets: Sequence[int], leads: Sequence[Lead], cells: Sequence[str]
    ) -> None:
        self._noted.append((position + 1, offsets, leads, cells))

    def _of_all(self, variant: str, values: Sequence[Any]) -> str | list[str]:
        """An empty cell has its own look: neighbours may be told today and kept tomorrow."""
        return ["" if value is None else variant for value in values] if variant and None in values else variant


@lru_cache(maxsize=4096)
def _style_of(column_kind: str, format_of_column: str, wraps: bool, variant: str, tone: Tone) -> Style:
    """The look of a column's cell."""
    look = LOOKS[tone]
    kind = variant or column_kind
    number_format = "General" if variant else format_of_column
    numeric = column_kind in {"integer", "number", "percent"}
    return Style(
        number_format={"date": DATE, "datetime": DATETIME}.get(kind, number_format),
        bold=look.bold,
        underline=kind == "link",
        color=LINK_COLOR if kind == "link" else look.color,
        fill=look.fill,
        borders="total" if tone == "total" else "thin",
        horizontal="center" if kind in {"date", "datetime"} else "right" if numeric and kind != "link" else "",
        indent=1 if numeric else 0,
        wrap=wraps and tone != "section" and kind in {"text", "link"},
    )


def _moved(rows: Sequence[int], by: int) -> Sequence[int]:
    return range(rows.start + by, rows.stop + by) if isinstance(rows, range) else [row + by for row in rows]


class _Heads(dict[Lead, str]):
    """Where links lead, as the sheet spells it from behind the cell they stand in."""

    def __init__(self, frame: SheetFrame) -> None:
        super().__init__()
        self._frame = frame

    def __missing__(self, lead: Lead) -> str:
        head = self[lead] = link_head(self._frame, *lead)
        return head


# Columns whose values all have the type their kind asks for: one pass, no looking at each value.
_PURE: dict[tuple[object, ...], Callable[[Any], str]] = {
    ("integer", int): integer_cell,
    ("number", int): integer_cell,
    ("number", float): number_cell,
    ("percent", float): percent_cell,
    ("percent", int): percent_cell,
    ("date", date): date_cell,
    ("datetime", datetime): datetime_cell,
}


def _variants_of(kind: str, links: Links) -> str | Sequence[str]:
    """The variants (``layout.variant``) of a column of links: one for all, or one each."""
    leading, plain = "" if kind == "link" else "link", "" if kind == "text" else "text"
    return [leading if lead else plain for lead in links.leads] if "" in links.leads else leading
