"""The parts of an .xlsx file, written column by column as text: what the sheets of a district need, and no more.

Several times as fast as the usual writers (``benchmarks/write_xlsx.py``): a column is rendered in one pass, each
distinct text is escaped once, and the file is compressed at level 1. The order of elements and the meaning of
attributes follow ECMA-376 part 1 (§18.2 workbook, §18.3 worksheets, §18.8 styles), so that Excel has nothing to repair.
Text is inline: no table of shared strings has to be held in memory. Same input, same bytes: the archive has no clock.
Rows may be written in pieces that know nothing of what stands before them; such a piece can be taken into another file
as it is (:meth:`Package.add_piece`).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import repeat
from typing import Any, BinaryIO, NamedTuple

from sheets_sync.errors import SourceError
from sheets_sync.issues import column_letter
from sheets_sync.sinks import crc32

MAX_ROWS = 1_048_576  # limits of Excel (specifications and limits, Microsoft 365)
MAX_COLUMNS = 16_384
MAX_TEXT = 32_767  # UTF-16 code units in a cell
MAX_LINKS = 65_530  # hyperlinks in a sheet; beyond that Excel «repairs» the file
MAX_URL = 2_079
MAX_SHEET_NAME = 31
COMPRESSED_AT_ONCE = 65_536  # bytes of a sheet
SMALL_PART = 4_096  # bytes of a part that is hardly larger than a page of memory
REMEMBERED_TEXTS = 20_000  # distinct texts kept in rendered form: about 6 MB

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
DRAWING_MAIN = "http://schemas.openxmlformats.org/drawingml/2006/main"
CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

# --- values -----------------------------------------------------------------------------------------------------------

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # not allowed in XML 1.0
_TO_ESCAPE = re.compile('[&<>"\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')
_TO_CARE_FOR = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_|^\\s|\\s$")
_ENCODED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x0041_ as «A»: a literal one has its underscore encoded
BLANK = "/>"
ROW = b"\0"  # stands for a row's number until that is known: no cell can hold it, since XML forbids it


def escape(text: str) -> str:
    """Text for an element or a double-quoted attribute; characters XML forbids are dropped."""
    if not _TO_ESCAPE.search(text):
        return text
    text = ILLEGAL.sub("", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def shortened(text: str, limit: int = MAX_TEXT) -> str:
    """The text as far as a cell of so many UTF-16 code units can hold it; what was cut is said at its end."""
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 <= limit:
        return text
    note = f"… [показано не всё: в тексте {len(text)} знаков]"
    kept = text.encode("utf-16-le", "surrogatepass")[: 2 * (limit - len(note))]
    return kept.decode("utf-16-le", "ignore") + note


def _is_plain(text: str) -> bool:
    """Whether a text that is not empty is surely nothing to care for: quicker than to search it, and mostly so."""
    return (
        text.isprintable()
        and "&" not in text
        and "<" not in text
        and ">" not in text
        and "_x" not in text
        and text[0] != " "
        and text[-1] != " "
    )


def text_cell(text: str) -> str:
    """A text cell from behind its style: always text, whatever it begins with."""
    if len(text) > MAX_TEXT // 2:
        text = shortened(text)
    if not text or _is_plain(text) or not _TO_CARE_FOR.search(text):
        return f' t="inlineStr"><is><t>{text}</t></is></c>' if text else BLANK
    text = ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if not text:
        return BLANK
    text = _ENCODED.sub("_x005F_", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    space = ' xml:space="preserve"' if text[0].isspace() or text[-1].isspace() else ""
    return f' t="inlineStr"><is><t{space}>{text}</t></is></c>'


class TextCells(dict[str | None, bytes]):
    """Distinct text → cell from behind its style; forgets when it grows too large."""

    def __missing__(self, text: str | None) -> bytes:
        if len(self) > REMEMBERED_TEXTS:
            self.clear()
        cell = self[text] = (text_cell(text) if text else BLANK).encode()
        return cell


def serial(day: date) -> int:
    """Excel's number of a day on or after 01.03.1900 (before that its calendar has a day too many)."""
    return day.toordinal() - 693_594


def date_cell(day: date) -> str:
    """A date as a real date; one that Excel's calendar cannot hold is text."""
    number = serial(day)
    return f"><v>{number}</v></c>" if number >= 61 else text_cell(f"{day:%d.%m}.{day.year:04d}")


def datetime_cell(moment: datetime) -> str:
    """A moment to the second, as the clock on the wall showed it."""
    number = serial(moment)
    if number < 61:
        return text_cell(f"{moment:%d.%m}.{moment.year:04d} {moment:%H:%M:%S}")
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return f"><v>{number + round(seconds / 86_400, 10)!r}</v></c>"


def integer_cell(number: int) -> str:
    """Beyond 15 digits a spreadsheet would round it: such a number is text."""
    return f"><v>{number}</v></c>" if -(10**15) < number < 10**15 else text_cell(str(number))


def number_cell(number: float) -> str:
    """Not-a-number is an empty cell, infinity is text."""
    if number != number:
        return BLANK
    if number in (float("inf"), float("-inf")):
        return text_cell("∞" if number > 0 else "-∞")
    return f"><v>{number!r}</v></c>"


def percent_cell(number: float) -> str:
    """54.5 per cent is stored as 0.545, as spreadsheets do."""
    if number != number or number in (float("inf"), float("-inf")):
        return number_cell(number)
    return f"><v>{round(number / 100, 12)!r}</v></c>"


def formula_cell(text: str, cell: str) -> str:
    """A live formula with the value it has now, which ``cell`` is, from behind its style."""
    formula = f"<f>{escape(text)}</f>"
    if cell == BLANK:
        return f' t="str">{formula}<v></v></c>'
    if told := _INLINE.fullmatch(cell):
        return f' t="str">{formula}<v>{told[1]}</v></c>'
    return f">{formula}{cell[1:]}"


_INLINE = re.compile(r' t="inlineStr"><is><t(?: xml:space="preserve")?>(.*)</t></is></c>', re.DOTALL)


# --- styles -----------------------------------------------------------------------------------------------------------


class Style(NamedTuple):
    """How a cell looks, in Arial, which every system has or imitates to the point.

    Colours are RRGGBB, "" meaning none; ``borders`` is "" | "thin" (all sides) | "total" (and a strong line above).
    """

    number_format: str = "General"
    bold: bool = False
    italic: bool = False
    underline: bool = False
    size: float = 10
    color: str = ""
    fill: str = ""
    borders: str = ""
    horizontal: str = ""
    indent: int = 0
    vertical: str = "top"
    wrap: bool = False


class Styles:
    """Styles in use, each known by its number in the file."""

    def __init__(self) -> None:
        self._numbers: dict[Style, int] = {Style(vertical=""): 0}
        self._conditional: dict[tuple[str, str, bool], int] = {}

    def number(self, style: Style) -> int:
        """Number of the style in ``cellXfs``."""
        return self._numbers.setdefault(style, len(self._numbers))

    def in_use(self) -> tuple[Style, ...]:
        """All that have a number, in the order of these."""
        return tuple(self._numbers)

    def conditional(self, color: str, fill: str, bold: bool) -> int:
        """Number in ``dxfs`` of what a conditional format changes of a cell's look."""
        return self._conditional.setdefault((color, fill, bold), len(self._conditional))

    def xml(self) -> str:
        """The whole ``styles.xml``."""
        return _styles_xml(tuple(self._numbers), tuple(self._conditional))


@lru_cache(maxsize=16)
def _styles_xml(styles: Sequence[Style], conditional: Sequence[tuple[str, str, bool]]) -> str:
    """Books of one kind have the same styles, and a run writes hundreds of them."""
    fonts: dict[str, int] = {}
    fills = {
        '<fill><patternFill patternType="none"/></fill>': 0,
        '<fill><patternFill patternType="gray125"/></fill>': 1,
    }
    borders: dict[str, int] = {}
    formats = {"General": 0, "0": 1, "0.00": 2}
    xfs = []
    for style in styles:
        font = fonts.setdefault(_font(style), len(fonts))
        fill = fills.setdefault(_fill(style), len(fills))
        border = borders.setdefault(_border(style), len(borders))
        number_format = formats.setdefault(style.number_format, 164 + len(formats))
        alignment = "".join(
            f' {name}="{value}"'
            for name, value in (
                ("horizontal", style.horizontal),
                ("vertical", style.vertical),
                ("wrapText", "1" if style.wrap else ""),
                ("indent", style.indent),
            )
            if value
        )
        xfs.append(
            f'<xf numFmtId="{number_format}" fontId="{font}" fillId="{fill}" borderId="{border}" xfId="0"'
            + (' applyNumberFormat="1"' if number_format else "")
            + (' applyFont="1"' if font else "")
            + (' applyFill="1"' if fill else "")
            + (' applyBorder="1"' if border else "")
            + (f' applyAlignment="1"><alignment{alignment}/></xf>' if alignment else "/>")
        )
    own = [(code, number) for code, number in formats.items() if number >= 164]
    number_formats = "".join(f'<numFmt numFmtId="{number}" formatCode="{escape(code)}"/>' for code, number in own)
    return "".join(
        (
            DECLARATION,
            f'<styleSheet xmlns="{MAIN}">',
            f'<numFmts count="{len(own)}">{number_formats}</numFmts>' if own else "",
            f'<fonts count="{len(fonts)}">{"".join(fonts)}</fonts>',
            f'<fills count="{len(fills)}">{"".join(fills)}</fills>',
            f'<borders count="{len(borders)}">{"".join(borders)}</borders>',
            '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>',
            f'<cellXfs count="{len(xfs)}">{"".join(xfs)}</cellXfs>',
            '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>',
            f'<dxfs count="{len(conditional)}">{"".join(map(_dxf, conditional))}</dxfs>'
            if conditional
            else '<dxfs count="0"/>',
            "</styleSheet>",
        )
    )


def _font(style: Style) -> str:
    return (
        "<font>"
        + ("<b/>" if style.bold else "")
        + ("<i/>" if style.italic else "")
        + ("<u/>" if style.underline else "")
        + f'<sz val="{style.size:g}"/><color rgb="FF{style.color or "000000"}"/><name val="Arial"/><family val="2"/>'
        + '<charset val="204"/></font>'
    )


def _fill(style: Style) -> str:
    if not style.fill:
        return '<fill><patternFill patternType="none"/></fill>'
    colors = f'<fgColor rgb="FF{style.fill}"/><bgColor indexed="64"/>'
    return f'<fill><patternFill patternType="solid">{colors}</patternFill></fill>'


def _dxf(look: tuple[str, str, bool]) -> str:
    color, fill, bold = look
    weight, letters = "<b/>" if bold else "", f'<color rgb="FF{color}"/>' if color else ""
    font = f"<font>{weight}{letters}</font>" if weight or letters else ""
    if fill:  # the colour of a solid fill stands in bgColor here, unlike in the fills of cells
        colors = f'<fgColor rgb="FF{fill}"/><bgColor rgb="FF{fill}"/>'
        fill = f'<fill><patternFill patternType="solid">{colors}</patternFill></fill>'
    return f"<dxf>{font}{fill}</dxf>"


def _border(style: Style) -> str:
    if not style.borders:
        return "<border><left/><right/><top/><bottom/><diagonal/></border>"
    line = '<color rgb="FFB7B7B7"/>'
    top = f'<top style="thin">{line}</top>'
    if style.borders == "total":
        top = '<top style="medium"><color rgb="FF404040"/></top>'
    return (
        f'<border><left style="thin">{line}</left><right style="thin">{line}</right>{top}'
        f'<bottom style="thin">{line}</bottom><diagonal/></border>'
    )


# --- sheets -----------------------------------------------------------------------------------------------------------


class Drawn(NamedTuple):
    """A chart at the left edge of a sheet: the row of its top (1-based), size in EMU, its XML, its name, its words."""

    row: int
    width: int
    height: int
    xml: str
    name: str
    description: str


class Condition(NamedTuple):
    """A conditional format: a formula that is true of the first cell of the range, and the number of its look."""

    cells: str
    formula: str
    look: int


@dataclass(slots=True)
class SheetFrame:
    """Everything of a sheet but its rows. Rows and columns are 1-based."""

    name: str
    widths: Sequence[float]  # of all columns, in characters
    landscape: bool = True
    dimension: str = ""  # «A1:J20» when known beforehand
    frozen_rows: int = 0
    frozen_columns: int = 0
    heading_row: int = 0  # repeated on every printed page; 0: none
    filter_range: str = ""  # «A5:J20»
    merges: list[str] = field(default_factory=list)
    prompts: list[tuple[str, str, str]] = field(default_factory=list)  # (cell, title, text shown on selection)
    links: list[str] = field(default_factory=list)  # the elements, some or many a piece
    targets: dict[str, str] = field(default_factory=dict)  # file or address links lead to → id of its relationship
    text_range: str = ""  # no green corners for digits kept as text
    footer: str = ""
    conditions: list[Condition] = field(default_factory=list)
    bars: list[tuple[str, float]] = field(default_factory=list)  # (range, the number whose bar fills the cell)
    has_formulas: bool = False
    charts: list[Drawn] = field(default_factory=list)
    paged: bool = False  # at its own size, with the page breaks of ``breaks``, instead of one page wide
    breaks: list[int] = field(default_factory=list)  # rows after which a page ends


def sheet_head(frame: SheetFrame, *, selected: bool) -> str:
    """Everything before the first row."""
    panes = ""
    if frame.frozen_rows or frame.frozen_columns:
        top_left = f"{column_letter(frame.frozen_columns + 1)}{frame.frozen_rows + 1}"
        names = [
            name
            for name, wanted in (
                ("topRight", frame.frozen_columns),
                ("bottomLeft", frame.frozen_rows),
                ("bottomRight", frame.frozen_columns and frame.frozen_rows),
            )
            if wanted
        ]
        panes = (
            "<pane"
            + (f' xSplit="{frame.frozen_columns}"' if frame.frozen_columns else "")
            + (f' ySplit="{frame.frozen_rows}"' if frame.frozen_rows else "")
            + f' topLeftCell="{top_left}" activePane="{names[-1]}" state="frozen"/>'
            + "".join(f'<selection pane="{name}"/>' for name in names[:-1])
            + f'<selection pane="{names[-1]}" activeCell="{top_left}" sqref="{top_left}"/>'
        )
    columns = "".join(
        f'<col min="{number}" max="{number}" width="{width:g}" customWidth="1"/>'
        for number, width in enumerate(frame.widths, 1)
    )
    return "".join(
        (
            DECLARATION,
            f'<worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}">',
            "" if frame.paged else '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>',
            f'<dimension ref="{frame.dimension}"/>' if frame.dimension else "",
            '<sheetViews><sheetView showGridLines="0"',
            ' tabSelected="1"' if selected else "",
            ' workbookViewId="0"',
            f">{panes}</sheetView>" if panes else "/>",
            "</sheetViews>",
            '<sheetFormatPr defaultRowHeight="13.2"/>',
            f"<cols>{columns}</cols>" if columns else "",
            "<sheetData>",
        )
    )


def sheet_tail(frame: SheetFrame, drawing_number: int = 0) -> tuple[list[str], str]:
    """Everything behind the last row, in pieces, and the sheet's relationships ("" when it has none).

    A sheet with charts has the drawing of the number given.
    """
    prompts = "".join(
        f'<dataValidation allowBlank="1" showInputMessage="1" sqref="{cell}"'
        f' promptTitle="{escape(title[:32])}" prompt="{escape(text[:255])}"/>'
        for cell, title, text in frame.prompts
    )
    merges = "".join(f'<mergeCell ref="{merge}"/>' for merge in frame.merges)
    footer = frame.footer.replace("&", "&&")[:200]
    orientation = "landscape" if frame.landscape else "portrait"
    fit = "" if frame.paged else ' fitToHeight="0"'
    breaks = "".join(f'<brk id="{row}" max="16383" man="1"/>' for row in frame.breaks)
    count = len(frame.breaks)
    drawing = f"rId{len(frame.targets) + 1}" if frame.charts else ""
    ignored = ' numberStoredAsText="1"'
    if frame.has_formulas:  # a sum over a part of a column is meant so
        ignored += ' formula="1" formulaRange="1"'
    tail = [
        "</sheetData>",
        f'<autoFilter ref="{frame.filter_range}"/>' if frame.filter_range else "",
        f'<mergeCells count="{len(frame.merges)}">{merges}</mergeCells>' if merges else "",
        *_conditional_xml(frame),
        f'<dataValidations count="{len(frame.prompts)}">{prompts}</dataValidations>' if prompts else "",
        *(["<hyperlinks>", *frame.links, "</hyperlinks>"] if frame.links else ()),
        '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>',
        f'<pageSetup paperSize="9"{fit} orientation="{orientation}"/>',
        f"<headerFooter><oddFooter>&amp;L{escape(footer)}&amp;RЛист &amp;P из &amp;N</oddFooter></headerFooter>",
        f'<rowBreaks count="{count}" manualBreakCount="{count}">{breaks}</rowBreaks>' if breaks else "",
        f'<ignoredErrors><ignoredError sqref="{frame.text_range}"{ignored}/></ignoredErrors>'
        if frame.text_range
        else "",
        f'<drawing r:id="{drawing}"/>' if drawing else "",
        "</worksheet>",
    ]
    if not frame.targets and not drawing:
        return tail, ""
    relations = "".join(
        f'<Relationship Id="{number}" Type="{RELATIONS}/hyperlink" Target="{escape(target)}" TargetMode="External"/>'
        for target, number in frame.targets.items()
    )
    if drawing:
        part = f"../drawings/drawing{drawing_number}.xml"
        relations += f'<Relationship Id="{drawing}" Type="{RELATIONS}/drawing" Target="{part}"/>'
    return tail, f'{DECLARATION}<Relationships xmlns="{PACKAGE_RELATIONS}">{relations}</Relationships>'


def link_head(frame: SheetFrame, target: str, place: str) -> str:
    """A link from behind the cell it stands in to the end of the place it leads to: :func:`link_xml` ends it."""
    attributes = []
    if target:
        attributes.append(f'r:id="{frame.targets.setdefault(target, f"rId{len(frame.targets) + 1}")}')
    if place:
        attributes.append(f'location="{escape(place)}')
    return '" ' + '" '.join(attributes)


def link_xml(cell: str, head: str, rest: str = "") -> str:
    """The link of a cell; ``rest`` of the place it leads to needs no escaping."""
    return f'<hyperlink ref="{cell}{head}{rest}"/>'


def links_xml(letter: str, rows: Iterable[int], heads: Iterable[str], rests: Iterable[str]) -> str:
    """Links of a column's cells, each as :func:`link_xml` has it."""
    return "".join(
        [f'<hyperlink ref="{letter}{row}{head}{rest}"/>' for row, head, rest in zip(rows, heads, rests, strict=True)]
    )


def _conditional_xml(frame: SheetFrame) -> Iterator[str]:
    """The conditional formats; of several that hold of a cell the first wins."""
    rules: dict[str, list[str]] = {}
    for priority, (cells, formula, look) in enumerate(frame.conditions, 1):
        rule = f'<cfRule type="expression" dxfId="{look}" priority="{priority}"><formula>{escape(formula)}</formula>'
        rules.setdefault(cells, []).append(f"{rule}</cfRule>")
    for cells, own in rules.items():
        yield f'<conditionalFormatting sqref="{cells}">{"".join(own)}</conditionalFormatting>'
    for priority, (cells, most) in enumerate(frame.bars, len(frame.conditions) + 1):
        yield (
            f'<conditionalFormatting sqref="{cells}"><cfRule type="dataBar" priority="{priority}"><dataBar>'
            f'<cfvo type="num" val="0"/><cfvo type="num" val="{most:g}"/><color rgb="FFA9BDD3"/></dataBar></cfRule>'
            "</conditionalFormatting>"
        )


def row_xml(row: int, style: bytes, cell: bytes, height: float) -> bytes:
    """A row of a single cell, the first; see :func:`rows_xml`."""
    return b'<row r="%d" ht="%b"><c r="A%d"%b%b</row>' % (row, f"{height:g}".encode(), row, style, cell)


def rows_xml(
    first_row: int,
    columns: Sequence[tuple[bytes | Sequence[bytes], Sequence[bytes]]],
    heights: Sequence[float] | None = None,
) -> bytes:
    """Rows from columns of cells: for each its style attribute (one, or one per row) and the cells behind it.

    A style attribute reads `` s="3"``; all columns are equally long. ``heights`` are in points, 0 meaning one line;
    they are not fixed: Excel fits the row again when its text changes.
    """
    letters = [column_letter(position).encode() for position in range(1, len(columns) + 1)]
    # A row is put together with marks where its number belongs, in UTF-8 from the start: nothing is made for a cell but
    # the cell itself.
    begins = [b'<c r="%b%b"' % (letter, ROW) for letter in letters]
    rows = _row_by_row(b'<row r="%b"' % ROW, begins, columns, heights)
    numbers = map(str.encode, map(str, range(first_row, first_row + _height_of(columns))))
    return b"".join(map(bytes.replace, rows, repeat(ROW), numbers))


def placeless_rows(
    columns: Sequence[tuple[bytes | Sequence[bytes], Sequence[bytes]]], heights: Sequence[float] | None = None
) -> list[bytes]:
    """The same, each row by itself and wherever it will stand: a row without a number follows the one before, a cell
    without an address the one before it (ECMA-376 part 1, §18.3.1.73 and §18.3.1.4)."""
    return list(_row_by_row(b"<row", [b"<c"] * len(columns), columns, heights))


def _row_by_row(
    row_begin: bytes,
    cell_begins: Sequence[bytes],
    columns: Sequence[tuple[bytes | Sequence[bytes], Sequence[bytes]]],
    heights: Sequence[float] | None,
) -> Iterator[bytes]:
    count = _height_of(columns)
    parts: list[Iterable[bytes]] = [repeat(row_begin + b">", count)]
    if heights is not None:
        opened = {height: f' ht="{height:g}">' if height else ">" for height in set(heights)}
        begins = {height: row_begin + end.encode() for height, end in opened.items()}
        parts = [map(begins.__getitem__, heights)]
    for begin, (style, cells) in zip(cell_begins, columns, strict=True):
        if isinstance(style, bytes):
            parts.append(repeat(begin + style, count))
        else:
            heads = {one: begin + one for one in set(style)}
            parts.append(map(heads.__getitem__, style))
        parts.append(cells)
    parts.append(repeat(b"</row>", count))
    return map(b"".join, zip(*parts, strict=True))


def _height_of(columns: Sequence[tuple[bytes | Sequence[bytes], Sequence[bytes]]]) -> int:
    return len(columns[0][1]) if columns else 0


# --- the archive ------------------------------------------------------------------------------------------------------


class Package:
    """An .xlsx file being written to a seekable binary file: sheets one after another, then :meth:`close`."""

    def __init__(
        self, file: BinaryIO, *, title: str, application: str, created: datetime | None = None, level: int = 1
    ) -> None:
        self.styles = Styles()
        self._archive = _Archive(file, level)
        self._title, self._created, self._application = title, created, application
        self._frames: list[SheetFrame] = []
        self._drawings = self._charts = 0

    def sheet(self, frame: SheetFrame) -> Callable[[bytes], None]:
        """Begin a sheet; what is returned takes its rows. End it with :meth:`end_sheet`."""
        self._frames.append(frame)
        self._archive.begin(f"xl/worksheets/sheet{len(self._frames)}.xml")
        self._archive.write(sheet_head(frame, selected=len(self._frames) == 1))
        return self._archive.write

    def begin_piece(self, also: Callable[[bytes], object] | None = None) -> None:
        """The rows to come are a piece: compressed by themselves, and handed over to ``also`` in that form."""
        self._archive.cut()
        self._archive.also = also

    def end_piece(self) -> Piece:
        """The piece begun last is whole."""
        piece = self._archive.cut()
        self._archive.also = None
        return piece

    def add_piece(self, piece: Piece, packed: bytes) -> None:
        """A piece of a file written before, where rows may stand."""
        self._archive.add_piece(piece, packed)

    def end_sheet(self) -> None:
        """End the sheet begun last, with the merges, links and ranges its frame has by now."""
        frame = self._frames[-1]
        tail, relations = sheet_tail(frame, self._drawings + 1)
        for piece in tail:
            self._archive.write(piece)
        self._archive.end()
        self._frames[-1].links.clear()  # written: a district's rosters have a hundred thousand
        if relations:
            self._archive.add(f"xl/worksheets/_rels/sheet{len(self._frames)}.xml.rels", relations)
        if frame.charts:
            self._draw(frame.charts)

    def _draw(self, charts: Sequence[Drawn]) -> None:
        """Write a sheet's drawing and its charts."""
        self._drawings += 1
        numbers = range(self._charts + 1, self._charts + len(charts) + 1)
        self._charts += len(charts)
        self._archive.add(f"xl/drawings/drawing{self._drawings}.xml", _drawing_xml(charts))
        relations = "".join(
            f'<Relationship Id="rId{place}" Type="{RELATIONS}/chart" Target="../charts/chart{number}.xml"/>'
            for place, number in enumerate(numbers, 1)
        )
        self._archive.add(
            f"xl/drawings/_rels/drawing{self._drawings}.xml.rels",
            f'{DECLARATION}<Relationships xmlns="{PACKAGE_RELATIONS}">{relations}</Relationships>',
        )
        for number, chart in zip(numbers, charts, strict=True):
            self._archive.add(f"xl/charts/chart{number}.xml", chart.xml)

    def close(self) -> None:
        """Write the parts that describe the sheets, and the archive's directory."""
        add = self._archive.add
        add("xl/workbook.xml", _workbook_xml(self._frames))
        add("xl/styles.xml", self.styles.xml())
        numbers = range(1, len(self._frames) + 1)
        sheets = "".join(
            f'<Relationship Id="rId{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number in numbers
        )
        add(
            "xl/_rels/workbook.xml.rels",
            (
                f'{DECLARATION}<Relationships xmlns="{PACKAGE_RELATIONS}">{sheets}'
                f'<Relationship Id="rId{len(self._frames) + 1}" Type="{RELATIONS}/styles" Target="styles.xml"/>'
                "</Relationships>"
            ),
        )
        add("docProps/core.xml", self._core_xml())
        add(
            "docProps/app.xml",
            (
                f'{DECLARATION}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
                f"<Application>{escape(self._application)}</Application></Properties>"
            ),
        )
        add(
            "_rels/.rels",
            (
                f'{DECLARATION}<Relationships xmlns="{PACKAGE_RELATIONS}">'
                f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
                '<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/'
                'core-properties" Target="docProps/core.xml"/>'
                f'<Relationship Id="rId3" Type="{RELATIONS}/extended-properties" Target="docProps/app.xml"/>'
                "</Relationships>"
            ),
        )
        office = "application/vnd.openxmlformats-officedocument"
        kind = f"{office}.spreadsheetml"
        package = "application/vnd.openxmlformats-package"
        sheets = "".join(
            f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{kind}.worksheet+xml"/>'
            for number in numbers
        )
        drawings = "".join(
            f'<Override PartName="/xl/{place}{number}.xml" ContentType="{office}.{what}+xml"/>'
            for place, what, count in (
                ("drawings/drawing", "drawing", self._drawings),
                ("charts/chart", "drawingml.chart", self._charts),
            )
            for number in range(1, count + 1)
        )
        add(
            "[Content_Types].xml",
            (
                f'{DECLARATION}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                f'<Default Extension="rels" ContentType="{package}.relationships+xml"/>'
                '<Default Extension="xml" ContentType="application/xml"/>'
                f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{sheets}{drawings}'
                f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
                f'<Override PartName="/docProps/core.xml" ContentType="{package}.core-properties+xml"/>'
                '<Override PartName="/docProps/app.xml"'
                f' ContentType="{office}.extended-properties+xml"/></Types>'
            ),
        )
        self._archive.close()

    def _core_xml(self) -> str:
        created = ""
        if self._created is not None:
            stamp = self._created.strftime("%Y-%m-%dT%H:%M:%SZ")
            created = "".join(
                f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{stamp}</dcterms:{name}>'
                for name in ("created", "modified")
            )
        return (
            f"{DECLARATION}<cp:coreProperties"
            ' xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
            ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
            f"<dc:title>{escape(self._title)}</dc:title><dc:creator>{escape(self._application)}</dc:creator>{created}"
            "</cp:coreProperties>"
        )


def _drawing_xml(charts: Sequence[Drawn]) -> str:
    """A drawing that holds charts one below the other (ECMA-376 part 1, §20.5)."""
    anchors = "".join(
        "<xdr:oneCellAnchor><xdr:from><xdr:col>0</xdr:col><xdr:colOff>0</xdr:colOff>"
        f"<xdr:row>{chart.row - 1}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>"
        f'<xdr:ext cx="{chart.width}" cy="{chart.height}"/>'
        f'<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="{number + 1}" name="{escape(chart.name)}"'
        f' descr="{escape(chart.description)}"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr>'
        '<xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm>'
        f'<a:graphic><a:graphicData uri="{CHART}"><c:chart xmlns:c="{CHART}" xmlns:r="{RELATIONS}" r:id="rId{number}"/>'
        "</a:graphicData></a:graphic></xdr:graphicFrame><xdr:clientData/></xdr:oneCellAnchor>"
        for number, chart in enumerate(charts, 1)
    )
    return f'{DECLARATION}<xdr:wsDr xmlns:xdr="{DRAWING}" xmlns:a="{DRAWING_MAIN}">{anchors}</xdr:wsDr>'


def quoted(sheet_name: str) -> str:
    """A sheet's name as references spell it: 'Лист 1', with apostrophes doubled."""
    return "'" + sheet_name.replace("'", "''") + "'"


def sheet_name(wanted: str, taken: Iterable[str]) -> str:
    """A name Excel accepts, as near to the wanted one as can be, unlike the taken ones not in letters' case alone."""
    name = re.sub(r"\s+", " ", re.sub(r"[\[\]:*?/\\]", " ", ILLEGAL.sub("", wanted))).strip().strip("'").strip()
    name = _cut_units(name, MAX_SHEET_NAME).strip().rstrip("'") or "Лист"
    if name.casefold() == "history":
        name += "_"
    used = {other.casefold() for other in taken}
    unique, number = name, 1
    while unique.casefold() in used:
        number += 1
        ending = f" ({number})"
        unique = _cut_units(name, MAX_SHEET_NAME - len(ending)).rstrip() + ending
    return unique


def _cut_units(text: str, limit: int) -> str:
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")


def _absolute(cells: str) -> str:
    return re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", cells)


def _workbook_xml(frames: Sequence[SheetFrame]) -> str:
    sheets = "".join(
        f'<sheet name="{escape(frame.name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, frame in enumerate(frames, 1)
    )
    names = []
    for number, frame in enumerate(frames):
        if frame.filter_range:
            names.append(
                f'<definedName name="_xlnm._FilterDatabase" localSheetId="{number}" hidden="1">'
                f"{escape(quoted(frame.name))}!{_absolute(frame.filter_range)}</definedName>"
            )
    for number, frame in enumerate(frames):
        if frame.heading_row:
            names.append(
                f'<definedName name="_xlnm.Print_Titles" localSheetId="{number}">'
                f"{escape(quoted(frame.name))}!${frame.heading_row}:${frame.heading_row}</definedName>"
            )
    return "".join(
        (
            DECLARATION,
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><workbookPr/>',
            '<bookViews><workbookView xWindow="0" yWindow="0" windowWidth="24000" windowHeight="12000"/></bookViews>',
            f"<sheets>{sheets}</sheets>",
            f"<definedNames>{''.join(names)}</definedNames>" if names else "",
            "</workbook>",
        )
    )


# Bits of the window and level of memory: what Deflate allocates it also clears, and tables that are not too large for
# the processor's cache are the quicker ones.
_MANY_BYTES, _FEW_BYTES = (-zlib.MAX_WBITS, 7), (-12, 5)


@lru_cache(maxsize=64)
def _small_part(raw: bytes, level: int) -> tuple[int, bytes]:
    """Checksum and compressed bytes of a part, many of which are the same in all books of a run."""
    press = zlib.compressobj(level, zlib.DEFLATED, *_FEW_BYTES)
    return zlib.crc32(raw), press.compress(raw) + press.flush()


class Piece(NamedTuple):
    """A part of an entry compressed by itself: its bytes, their CRC-32, and how many they are compressed."""

    size: int
    crc: int
    packed: int

    def joined(self, other: Piece) -> Piece:
        """The two, one behind the other."""
        crc = crc32.joined(self.crc, other.crc, other.size)
        return Piece(self.size + other.size, crc, self.packed + other.packed)


class _Archive:
    """A zip file without clock or owner: entries one after another, sheets streamed, what is small written at once."""

    _LOCAL = struct.Struct("<IHHHHHIIIHH")
    _CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
    _END = struct.Struct("<IHHHHIIH")
    _DAY = 0x0021  # 01.01.1980, the earliest a zip file knows

    def __init__(self, file: BinaryIO, level: int) -> None:
        self._file, self._level = file, level
        self._start = file.tell()
        self._entries: list[tuple[bytes, int, int, int, int]] = []  # name, crc, packed, size, offset
        self._name = b""
        self._offset = 0
        self._told = Piece(0, 0, 0)  # the entry's bytes up to the last cut
        self._size = self._crc = self._packed = 0  # of those behind it
        self._press: zlib._Compress | None = None  # none before the first byte behind the cut
        self._waiting: list[bytes] = []  # to be compressed with what comes next
        self._waiting_size = 0
        self.also: Callable[[bytes], object] | None = None  # takes the compressed bytes too

    def begin(self, name: str) -> None:
        self._name = name.encode("ascii")
        self._offset = self._file.tell() - self._start
        self._told = Piece(0, 0, 0)
        self._file.write(bytes(self._LOCAL.size) + self._name)  # filled in by end()

    def write(self, text: str | bytes) -> None:
        raw = text.encode() if isinstance(text, str) else text
        self._waiting.append(raw)
        self._waiting_size += len(raw)
        if self._waiting_size >= COMPRESSED_AT_ONCE:
            self._compress(self._waiting_size - self._waiting_size % COMPRESSED_AT_ONCE)

    def _compress(self, size: int) -> None:
        """Compress so many of the bytes that wait, always as many at once: the result must not show how they came."""
        raw = b"".join(self._waiting)
        bytes_now = memoryview(raw)[:size]
        press = self._press = self._press or zlib.compressobj(self._level, zlib.DEFLATED, *_MANY_BYTES)
        for start in range(0, size, COMPRESSED_AT_ONCE):
            self._put(press.compress(bytes_now[start : start + COMPRESSED_AT_ONCE]))
        self._crc = zlib.crc32(bytes_now, self._crc)
        self._size += size
        self._waiting = [raw[size:]] if size < len(raw) else []
        self._waiting_size -= size

    def _put(self, packed: bytes) -> None:
        self._packed += len(packed)
        self._file.write(packed)
        if self.also is not None:
            self.also(packed)

    def cut(self, how: int = zlib.Z_FULL_FLUSH) -> Piece:
        """What was written since the last cut has been compressed without looking further back, and so is what comes.

        The compressed bytes on either side of a cut are the same whatever stands on the other.
        """
        if self._waiting or how == zlib.Z_FINISH:
            self._compress(self._waiting_size)
        if self._press is not None:
            self._put(self._press.flush(how))
        piece = Piece(self._size, self._crc, self._packed)
        self._told = self._told.joined(piece)
        self._size = self._crc = self._packed = 0
        self._press = None
        return piece

    def add_piece(self, piece: Piece, packed: bytes) -> None:
        self.cut()
        self._file.write(packed)
        self._told = self._told.joined(piece)

    def end(self) -> None:
        self.cut(zlib.Z_FINISH)
        end = self._file.tell()
        size, crc, packed = self._told
        header = self._entered(self._name, crc, packed, size, self._offset, end)
        self._file.seek(self._start + self._offset)
        self._file.write(header)
        self._file.seek(end)

    def add(self, name: str, text: str) -> None:
        """An entry that is at hand as a whole."""
        raw, called = text.encode(), name.encode("ascii")
        if len(raw) <= SMALL_PART:
            crc, packed = _small_part(raw, self._level)
        else:
            press = zlib.compressobj(self._level, zlib.DEFLATED, *_MANY_BYTES)
            crc, packed = zlib.crc32(raw), press.compress(raw) + press.flush()
        offset = self._file.tell() - self._start
        header = self._entered(called, crc, len(packed), len(raw), offset, offset + len(packed))
        self._file.write(header + called + packed)

    def _entered(self, name: bytes, crc: int, packed: int, size: int, offset: int, end: int) -> bytes:
        """Note an entry for the directory; returns what stands before its name."""
        if max(size, end) > 0xFFFFFFFF:
            raise SourceError("the workbook is larger than 4 GB, which no spreadsheet program opens")
        self._entries.append((name, crc, packed, size, offset))
        return self._LOCAL.pack(0x04034B50, 20, 0, 8, 0, self._DAY, crc, packed, size, len(name), 0)

    def close(self) -> None:
        start = self._file.tell() - self._start
        for name, crc, packed, size, offset in self._entries:
            self._file.write(
                self._CENTRAL.pack(
                    0x02014B50, 20, 20, 0, 8, 0, self._DAY, crc, packed, size, len(name), 0, 0, 0, 0, 0, offset
                )
                + name
            )
        count, length = len(self._entries), self._file.tell() - self._start - start
        self._file.write(self._END.pack(0x06054B50, 0, 0, count, count, length, start, 0))


# --- cells by kind ----------------------------------------------------------------------------------------------------

_BLANK = BLANK.encode()
_YES_NO = {True: text_cell("да").encode(), False: text_cell("нет").encode()}


class Cells:
    """Renders the values of a column, in UTF-8; a text is escaped once, since the files of a run say much the same."""

    _texts = TextCells()

    def __init__(self) -> None:
        self._dates: dict[date, bytes] = {}

    def text(self, values: Sequence[object]) -> list[bytes]:
        """Cells of a column known to hold only text and None."""
        return list(map(self._texts.__getitem__, values))  # type: ignore[arg-type]

    @staticmethod
    def pure(values: Sequence[Any], cell: Callable[[Any], str]) -> list[bytes]:
        """Cells of a column whose values are all fit for ``cell``, or None; repeated values are rendered once."""
        known: dict[Any, bytes] = {None: _BLANK}
        known.update((value, cell(value).encode()) for value in set(values) if value is not None)
        return list(map(known.__getitem__, values))

    def mixed(self, values: Sequence[object], *, percent: bool = False) -> list[bytes]:
        """Cells of any values, each by its own type; a percent column's numbers are per cents."""
        return [self.one(value, percent=percent) for value in values]

    def one(self, value: object, *, percent: bool = False) -> bytes:
        """One cell from behind its style."""
        if value is None or isinstance(value, str):
            return self._texts[str(value) if type(value) is not str and value is not None else value]
        if isinstance(value, bool):
            return _YES_NO[value]
        if value != value:  # not a number, not a time
            return _BLANK
        if isinstance(value, datetime):
            return datetime_cell(value).encode()
        if isinstance(value, date):
            cell = self._dates.get(value)
            if cell is None:
                cell = self._dates[value] = date_cell(value).encode()
            return cell
        if percent and isinstance(value, (int, float)):
            # An integer is divided as it is, as in a column of integers: one beyond 2⁵³ would be rounded twice.
            return percent_cell(value if type(value) is int else float(value)).encode()
        if isinstance(value, int):
            return integer_cell(int(value)).encode()
        if isinstance(value, float):
            return number_cell(float(value)).encode()
        if isinstance(value, tuple):  # a Link: its text; where it leads stands beside the rows
            return self._texts[str(value[0])]
        if isinstance(value, (time, timedelta)):
            return self._texts[str(value)]
        return self._foreign(value, percent)

    def _foreign(self, value: object, percent: bool) -> bytes:
        """Numbers and dates of other libraries (numpy, decimal), without importing them; anything else as its text."""
        plain = getattr(value, "item", None)
        if callable(plain):
            return self.one(plain(), percent=percent)
        try:
            return self.one(float(value), percent=percent)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return self._texts[str(value)]
