"""A note as a Word document that an office signs as it is: A4, Times New Roman 14, 1.5 spacing, real styles.

The parts follow the element order of ECMA-376 part 1 (§17), so that Word has nothing to repair; equal input gives equal
bytes. A table that does not fit the upright page stands in a section of its own, turned.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from sheets_sync.sinks import office
from sheets_sync.sinks.markup import (
    Block,
    Heading,
    Listing,
    PageBreak,
    Paragraph,
    Quote,
    Rule,
    Signature,
    Span,
    Spans,
    Table,
    parse,
    plain,
)
from sheets_sync.sinks.office import free_name, was_edited
from sheets_sync.sinks.office_xml import DECLARATION, ILLEGAL, escape

if TYPE_CHECKING:
    from docx.document import Document

__all__ = ["free_name", "is_turned", "render_note", "was_edited"]


def render_note(markdown: str, file: BinaryIO, *, title: str, created: datetime) -> None:
    """Write the note to a binary file; its blocks are those of :mod:`sheets_sync.sinks.markup`."""
    import docx
    from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import parse_xml

    document = docx.Document(io.BytesIO(_blank()))
    body = _Body(_links_of(document, RELATIONSHIP_TYPE.HYPERLINK))
    part = document.part
    part.element.remove(part.element.body)
    part.element.append(parse_xml(body.xml(parse(markdown))))
    for number in body.numberings:
        part.numbering_part.element.append(parse_xml(number))
    about = document.core_properties
    about.title, about.language, about.revision = ILLEGAL.sub("", title)[:255], "ru-RU", 1
    about.author = about.last_modified_by = office.APPLICATION
    about.created = about.modified = created
    words = office.custom_properties(office.words_hash(part.blob))
    package = part.package
    assert package is not None
    custom = Part(PackURI("/docProps/custom.xml"), CONTENT_TYPE.OFC_CUSTOM_PROPERTIES, words, package)
    package.relate_to(custom, RELATIONSHIP_TYPE.CUSTOM_PROPERTIES)
    content = io.BytesIO()
    document.save(content)
    office.repack(content, file)


def _links_of(document: Document, kind: str) -> Callable[[str], str]:
    return lambda target: document.part.relate_to(target, kind, is_external=True)


# --- measures: twentieths of a point, as Word counts ------------------------------------------------------------------


def _cm(length: float) -> int:
    return round(length * 1440 / 2.54)


class _Page(NamedTuple):
    """A4 with the binding at 3 cm: the left of an upright page is the top of a turned one."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int

    @property
    def room(self) -> int:
        return self.width - self.left - self.right


UPRIGHT = _Page(_cm(21), _cm(29.7), _cm(3), _cm(1.5), _cm(2), _cm(2))
TURNED = _Page(_cm(29.7), _cm(21), _cm(2), _cm(2), _cm(3), _cm(1.5))
MOST_UPRIGHT_COLUMNS = 9
LINES_NOT_WORTH_A_PAGE = 10  # a table of more columns, if it is no longer than this, stays on its upright page
LINES_KEPT_WHOLE = 16  # a table no longer than this is not parted between pages
UPRIGHT_SIZES, TURNED_SIZES = (12, 11, 10, 9), (12, 11, 10, 9, 8)  # points, the largest that fits
FIRST_LINE = _cm(1.25)
CELL_MARGIN = 85
SMALLEST_COLUMN = 400

# Widths of Times New Roman's letters in hundredths of its size; bold ones are a little wider.
_LETTERS = {
    letter: width
    for width, letters in {
        20: "'|",
        25: " ,.\u00a0",
        30: "/:;\\ijlt",
        35: "!()-I[]`fr",
        40: '"Jsгз',
        45: "?^acezавеёстьэя",
        60: "ELTZГЕЁТ",
        65: "BCRВКСЧЭЯмфы",
        70: "ADGHKNOQUVXYwАДИЙЛНОПУХЦЪж",
        75: "шщю",
        80: "&mФ",
        85: "%Ы",
        90: "@MЖМ",
        95: "W№",
        100: "ШЩ—…Ю",
    }.items()
    for letter in letters
}
_USUAL, _BOLD = 55, 1.08
_WORDS = re.compile(r"[^ \t\n\-]+-?|-")


def _measure(text: str, size: int, bold: bool) -> float:
    return sum(_LETTERS.get(letter, _USUAL) for letter in text) * size / 5 * (_BOLD if bold else 1)


class _Layout(NamedTuple):
    """How a table is set: on which page, how large its letters, how wide its columns."""

    page: _Page
    size: int
    widths: tuple[int, ...]


def _layout(table: Table, only: _Page | None = None) -> _Layout:
    """The largest letters with which every word fits its column, on the upright page if it can be.

    Many columns stand upright only in a table so short that a page of its own would be nearly empty.
    """
    tried = [(only, size) for size in TURNED_SIZES] if only else [(UPRIGHT, size) for size in UPRIGHT_SIZES]
    tried += [] if only else [(TURNED, size) for size in TURNED_SIZES]
    for page, size in tried:
        least, liked = _column_needs(table, size, page.room)
        if sum(least) > page.room:
            continue
        layout = _Layout(page, size, _shared(least, liked, page.room))
        many = len(table.headings) > MOST_UPRIGHT_COLUMNS and not only and page is UPRIGHT
        if not many or sum(_lines(table, layout)) <= LINES_NOT_WORTH_A_PAGE:
            return layout
    return _Layout(page, size, _spread(least, page.room))  # words of the widest columns break


def is_turned(table: Table) -> bool:
    """Whether the table is printed on a page turned for it."""
    return _layout(table).page is TURNED


def _lines(table: Table, layout: _Layout) -> list[int]:
    """Per row, the heading first, about how many lines of text it takes."""
    return [
        max(
            sum(
                math.ceil(_measure(line, layout.size, index == 0) / max(width - 2 * CELL_MARGIN, 1)) or 1
                for line in plain(spans).split("\n")
            )
            for spans, width in zip(row, layout.widths, strict=True)
        )
        for index, row in enumerate((table.headings, *table.rows))
    ]


def _column_needs(table: Table, size: int, room: int) -> tuple[list[float], list[float]]:
    """Per column the width of its longest word and of its longest line; an address that fills the page may break."""
    least: list[float] = []
    liked: list[float] = []
    for column, heading in enumerate(table.headings):
        cells = [(plain(heading), True), *((plain(row[column]), False) for row in table.rows)]
        words = {(word, bold) for text, bold in cells for word in _WORDS.findall(text)}
        lines = {(line, bold) for text, bold in cells for line in text.split("\n")}
        margins = 2 * CELL_MARGIN + 40
        widest = max((_measure(word, size, bold) for word, bold in words), default=0)
        least.append(max(min(widest, room / 3) + margins, SMALLEST_COLUMN))
        liked.append(max(least[-1], max(_measure(line, size, bold) for line, bold in lines) + margins))
    return least, liked


def _shared(least: Sequence[float], liked: Sequence[float], room: int) -> tuple[int, ...]:
    """The room of the page among the columns: each its longest word, the rest to those with more to say."""
    if sum(liked) <= room:
        return _spread(liked, room)
    wishes = [min(wish, 0.6 * room) - need for need, wish in zip(least, liked, strict=True)]
    wishes = [max(wish, 0) for wish in wishes]
    share = (room - sum(least)) / (sum(wishes) or 1)
    return _spread([need + wish * share for need, wish in zip(least, wishes, strict=True)], room)


def _spread(wanted: Sequence[float], room: int) -> tuple[int, ...]:
    """Whole numbers in the same proportions whose sum is the room."""
    edges = [0]
    reached, whole = 0.0, sum(wanted)
    for width in wanted:
        reached += width
        edges.append(round(room * reached / whole))
    return tuple(after - before for before, after in pairwise(edges))


# --- the body ---------------------------------------------------------------------------------------------------------

_FOOTER = "rId4"
_BULLETS, _NUMBERS = 0, 1  # abstract numberings
_SEAM = '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/><w:ind w:firstLine="0"/>'
_AFTER_TABLE = '<w:spacing w:before="240"/>'
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


class _Style(NamedTuple):
    """The paragraph styles a block's text and its lists take where it stands."""

    text: str = "Normal"
    bullet: str = "ListBullet"
    number: str = "ListNumber"
    more: str = "ListContinue"


_PLAIN = _Style()
_DRAFT = _Style("Draft", "Draft", "Draft", "Draft")
_QUOTE = _Style("Quote", "Quote", "Quote", "Quote")
_STEP = 425  # a list's text stands this much to the right of its sign
_LEVELS = 3
_EDGES = {"Draft": (36, "595959"), "Quote": (8, "7F7F7F")}  # the line at their side: eighths of a point, colour
_EDGE_SPACE, _WIDEST_SPACE = 6, 31  # points from the line to the text
_APART = _cm(0.4)  # drafts and quotations stand this much to the right, behind the line at their side


def _edge(style: str, space: int = _EDGE_SPACE) -> str:
    if style not in _EDGES:
        return ""
    width, color = _EDGES[style]
    return f'<w:pBdr><w:left w:val="single" w:sz="{width}" w:space="{space}" w:color="{color}"/></w:pBdr>'


class _Body:
    """Blocks as the text of w:body; ``numberings`` collects the lists it counts."""

    def __init__(self, link: Callable[[str], str]) -> None:
        self.numberings: list[str] = [_numbering(1, _BULLETS)]
        self._link = link
        self._parts: list[str] = []
        self._page = UPRIGHT
        self._page_break = False
        self._after_table = False

    def xml(self, blocks: Sequence[Block]) -> str:
        """The body with its sections."""
        sections = list(_sections(blocks)) or [(UPRIGHT, [])]
        for page, content in sections:
            if self._parts:
                self._end_section()
            self._page, self._page_break = page, False
            for block in content:
                self._block(block, _PLAIN)
        if not self._parts or not self._parts[-1].startswith("<w:p>"):
            self._seam()
        return f"<w:body {_W} {_R}>{''.join(self._parts)}{_section(self._page)}</w:body>"

    def _end_section(self) -> None:
        if not self._parts[-1].startswith("<w:p>"):
            self._seam()
        self._parts[-1] = self._parts[-1].replace("</w:pPr>", f"{_section(self._page)}</w:pPr>", 1)
        self._after_table = False

    def _seam(self, more: str = "") -> None:
        """A paragraph nobody sees, where the format wants one."""
        self._parts.append(f"<w:p><w:pPr>{more}{_SEAM}</w:pPr></w:p>")

    def _keep_with_next(self) -> None:
        """The last paragraph stays on the page of what follows."""
        if self._parts and self._parts[-1].startswith("<w:p><w:pPr><w:pStyle"):
            self._parts[-1] = re.sub(
                r"(<w:pStyle [^>]*/>)(?!<w:keepNext/>)", r"\1<w:keepNext/>", self._parts[-1], count=1
            )

    def _block(self, block: Block, style: _Style, depth: int = 0) -> None:
        match block:
            case Heading(level, spans):
                self._paragraph(f"Heading{level}" if level else "Title", spans, spaced=False)
            case Paragraph(spans, subtitle):
                self._paragraph("Subtitle" if subtitle else style.text, spans)
            case Listing():
                self._listing(block, style, depth)
            case Quote(draft, inside):
                for index, one in enumerate(inside):
                    if index == 1:
                        self._keep_with_next()  # «Черновик, отредактируйте:» is often a line by itself
                    self._block(one, _DRAFT if draft else _QUOTE, depth)
            case Table():
                self._table(block)
            case Signature(lines):
                self._signature(lines)
            case PageBreak():
                self._page_break = bool(self._parts)
            case Rule():
                line = '<w:pBdr><w:bottom w:val="single" w:sz="4" w:space="1" w:color="7F7F7F"/></w:pBdr>'
                self._paragraph("Normal", (), border=line)

    def _paragraph(
        self,
        style: str,
        spans: Spans,
        *,
        border: str = "",
        numbering: str = "",
        indent: str = "",
        spaced: bool = True,
    ) -> None:
        self._parts.append(
            "<w:p><w:pPr>"
            + f'<w:pStyle w:val="{style}"/>'
            + ("<w:pageBreakBefore/>" if self._page_break else "")
            + numbering
            + border
            + (_AFTER_TABLE if self._after_table and spaced else "")
            + indent
            + f"</w:pPr>{self._runs(spans)}</w:p>"
        )
        self._page_break = self._after_table = False

    def _runs(self, spans: Spans, *, size: int = 0, bold: bool = False) -> str:
        return "".join(self._run(span, size, bold) for span in spans)

    def _run(self, span: Span, size: int, bold: bool) -> str:
        look = (
            ('<w:rStyle w:val="Hyperlink"/>' if span.link else "")
            + ("<w:b/><w:bCs/>" if span.bold or bold else "")
            + ("<w:i/><w:iCs/>" if span.italic else "")
            + (f'<w:sz w:val="{2 * size}"/><w:szCs w:val="{2 * size}"/>' if size else "")
        )
        lines = [f'<w:t xml:space="preserve">{escape(line)}</w:t>' if line else "" for line in span.text.split("\n")]
        run = f"<w:r>{f'<w:rPr>{look}</w:rPr>' if look else ''}{'<w:br/>'.join(lines)}</w:r>"
        if span.link.startswith("#"):
            return run
        return f'<w:hyperlink r:id="{self._link(span.link)}">{run}</w:hyperlink>' if span.link else run

    def _listing(self, block: Listing, style: _Style, depth: int) -> None:
        level = min(depth, _LEVELS - 1)
        number = 1
        if block.ordered:
            number = len(self.numberings) + 1
            self.numberings.append(_numbering(number, _NUMBERS, level, block.start))
        numbering = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
        left = (FIRST_LINE if style is _PLAIN else _APART + _STEP) + _STEP * level
        more = f'<w:ind w:left="{left}" w:firstLine="0"/>'
        hanging = f'<w:ind w:left="{left}" w:hanging="{_STEP}"/>' if style is not _PLAIN else ""
        # items further in have the line where the others have it
        edge = _edge(style.text, min(_EDGE_SPACE + level * _STEP // 20, _WIDEST_SPACE)) if level else ""
        for item in block.items:
            for index, one in enumerate(item):
                if not isinstance(one, Paragraph):
                    self._block(one, style, depth=depth + 1)
                elif index:
                    self._paragraph(style.more, one.spans, border=edge, indent=more)
                else:
                    name = style.number if block.ordered else style.bullet
                    self._paragraph(name, one.spans, numbering=numbering, border=edge, indent=hanging)

    def _table(self, table: Table) -> None:
        layout = _layout(table, self._page)
        _, size, widths = layout
        whole = sum(_lines(table, layout)) <= LINES_KEPT_WHOLE
        if table.caption:
            self._paragraph("Caption", table.caption)
        else:
            self._begin_table()
        smaller = size if size != UPRIGHT_SIZES[0] else 0
        rows = [self._row(table.headings, ["center"] * len(widths), widths, smaller, heading=True)]
        rows += [
            self._row(row, table.aligns, widths, smaller, kept=whole and index < len(table.rows))
            for index, row in enumerate(table.rows, 1)
        ]
        self._parts.append(f"{_table_start('TableGrid', widths)}{''.join(rows)}</w:tbl>")
        self._after_table = True

    def _begin_table(self) -> None:
        """Two tables one right behind the other would become one; a page break needs a paragraph to stand in."""
        if self._page_break or (self._parts and not self._parts[-1].startswith("<w:p>")):
            self._seam("<w:pageBreakBefore/>" if self._page_break else "")
            self._page_break = False

    def _row(
        self,
        cells: Iterable[Spans],
        aligns: Iterable[str],
        widths: Sequence[int],
        size: int,
        *,
        heading: bool = False,
        kept: bool = False,
    ) -> str:
        style = "TableHeading" if heading else "TableText"
        shade = '<w:shd w:val="clear" w:color="auto" w:fill="EDEDED"/><w:vAlign w:val="center"/>' if heading else ""
        told = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}</w:tcPr><w:p><w:pPr><w:pStyle w:val="{style}"/>'
            + ("<w:keepNext/>" if kept else "")
            + (f'<w:jc w:val="{align}"/>' if align != "left" and not heading else "")
            + f"</w:pPr>{self._runs(spans, size=size)}</w:p></w:tc>"
            for spans, align, width in zip(cells, aligns, widths, strict=True)
        )
        return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if heading else ''}</w:trPr>{told}</w:tr>"

    def _signature(self, lines: Sequence[tuple[str, str]]) -> None:
        self._keep_with_next()  # names are not signed on a page of their own
        self._begin_table()
        widths = _spread((46, 24, 30), self._page.room)
        rows = []
        for index, (post, name) in enumerate(lines):
            keep = "<w:keepNext/>" if index < len(lines) - 1 else ""
            cells = "".join(
                f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="bottom"/></w:tcPr>'
                f'<w:p><w:pPr><w:pStyle w:val="Signature"/>{keep}{jc}</w:pPr>{self._runs((Span(text),))}</w:p></w:tc>'
                for text, width, jc in (
                    (post, widths[0], ""),
                    ("_" * 14, widths[1], '<w:jc w:val="center"/>'),
                    (name or "_" * 18, widths[2], ""),
                )
            )
            rows.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>")
        self._parts.append(f"{_table_start('TableNormal', widths)}{''.join(rows)}</w:tbl>")
        self._after_table = True


def _sections(blocks: Sequence[Block]) -> Iterator[tuple[_Page, list[Block]]]:
    """The note in stretches of one page format; headings right above a turned table go with it."""
    page, content = UPRIGHT, list[Block]()
    for block in blocks:
        wanted = _layout(block).page if isinstance(block, Table) else UPRIGHT
        if wanted is page:
            content.append(block)
            continue
        moved: list[Block] = []
        while wanted is TURNED and content and isinstance(content[-1], Heading):
            moved.insert(0, content.pop())
        if content and isinstance(content[-1], PageBreak):
            content.pop()
        if content:
            yield page, content
        page, content = wanted, [*moved, *([] if isinstance(block, PageBreak) else [block])]
    if content:
        yield page, content


def _section(page: _Page) -> str:
    turned = ' w:orient="landscape"' if page is TURNED else ""
    return (
        f'<w:sectPr><w:footerReference w:type="default" r:id="{_FOOTER}"/><w:type w:val="nextPage"/>'
        f'<w:pgSz w:w="{page.width}" w:h="{page.height}"{turned}/>'
        f'<w:pgMar w:top="{page.top}" w:right="{page.right}" w:bottom="{page.bottom}" w:left="{page.left}"'
        f' w:header="{_cm(1)}" w:footer="{_cm(0.9)}" w:gutter="0"/><w:cols w:space="708"/></w:sectPr>'
    )


def _table_start(style: str, widths: Sequence[int]) -> str:
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/><w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0"'
        ' w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>"
    )


def _numbering(number: int, abstract: int, level: int = 0, start: int | None = None) -> str:
    counted = (
        f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="{start}"/></w:lvlOverride>'
        if start is not None
        else ""
    )
    return f'<w:num {_W} w:numId="{number}"><w:abstractNumId w:val="{abstract}"/>{counted}</w:num>'


# --- the parts every note shares --------------------------------------------------------------------------------------

_KIND = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_FONT = "Times New Roman"
_PARTS = ("styles", "numbering", "settings", "footer")


@lru_cache(maxsize=1)
def _blank() -> bytes:
    """A document without content: styles, numbering, settings and the footer."""
    overrides = "".join(f'<Override PartName="/word/{name}.xml" ContentType="{_KIND}.{name}+xml"/>' for name in _PARTS)
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATION}/{name}" Target="{name}.xml"/>'
        for number, name in enumerate(_PARTS, 1)
    )
    parts = {
        "[Content_Types].xml": (
            f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{_KIND}.document.main+xml"/>{overrides}'
            '<Override PartName="/docProps/app.xml"'
            ' ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/></Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_RELATION}/officeDocument" Target="word/document.xml"/>'
            f'<Relationship Id="rId2" Type="{_RELATION}/extended-properties" Target="docProps/app.xml"/>'
            "</Relationships>"
        ),
        "docProps/app.xml": (
            '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
            f"<Application>{office.APPLICATION}</Application></Properties>"
        ),
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>',
        "word/document.xml": f"<w:document {_W} {_R}><w:body>{_section(UPRIGHT)}</w:body></w:document>",
        "word/styles.xml": _styles_xml(),
        "word/numbering.xml": _numbering_xml(),
        "word/settings.xml": _SETTINGS,
        "word/footer.xml": _FOOTER_XML,
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, DECLARATION + part)
    return content.getvalue()


_SETTINGS = (
    f'<w:settings {_W}><w:zoom w:percent="100"/><w:defaultTabStop w:val="{FIRST_LINE}"/>'
    '<w:characterSpacingControl w:val="doNotCompress"/><w:compat>'
    '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
    '</w:compat><w:themeFontLang w:val="ru-RU"/><w:decimalSymbol w:val=","/><w:listSeparator w:val=";"/></w:settings>'
)


def _field(instruction: str) -> str:
    kinds = ("begin", "separate", "end")
    begin, separate, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in kinds)
    return (
        f'{begin}<w:r><w:instrText xml:space="preserve"> {instruction} </w:instrText></w:r>'
        f"{separate}<w:r><w:t>1</w:t></w:r>{end}"
    )


def _said(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


_FOOTER_XML = (
    f'<w:ftr {_W}><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>'
    f"{_said('Страница ')}{_field('PAGE')}{_said(' из ')}{_field('NUMPAGES')}</w:p></w:ftr>"
)


def _styles_xml() -> str:
    def style(
        identity: str,
        name: str,
        paragraph: str = "",
        run: str = "",
        *,
        based: str = "Normal",
        following: str = "",
        priority: int = 1,
        own: bool = False,
    ) -> str:
        custom = ' w:customStyle="1"' if own else ""
        return (
            f'<w:style w:type="paragraph"{custom} w:styleId="{identity}">'
            f'<w:name w:val="{name}"/><w:basedOn w:val="{based}"/>'
            + (f'<w:next w:val="{following}"/>' if following else "")
            + f'<w:uiPriority w:val="{priority}"/><w:qFormat/>'
            + (f"<w:pPr>{paragraph}</w:pPr>" if paragraph else "")
            + (f"<w:rPr>{run}</w:rPr>" if run else "")
            + "</w:style>"
        )

    bold = "<w:b/><w:bCs/>"
    italic = "<w:i/><w:iCs/>"
    size = '<w:sz w:val="{0}"/><w:szCs w:val="{0}"/>'.format
    no_indent = '<w:ind w:firstLine="0"/>'
    single = '<w:spacing w:before="{}" w:after="{}" w:line="240" w:lineRule="auto"/>'.format
    left, middle = '<w:jc w:val="left"/>', '<w:jc w:val="center"/>'
    heading = f'<w:keepNext/><w:keepLines/>{single(240, 120)}<w:ind w:firstLine="{FIRST_LINE}"/>{left}'
    set_apart = f'<w:ind w:left="{_APART}" w:firstLine="0"/>'
    bulleted = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    hanging = f'<w:ind w:left="{FIRST_LINE}" w:hanging="{_STEP}"/>'
    grid = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    margins = (
        f'<w:tblCellMar><w:top w:w="28" w:type="dxa"/><w:left w:w="{CELL_MARGIN}" w:type="dxa"/>'
        f'<w:bottom w:w="28" w:type="dxa"/><w:right w:w="{CELL_MARGIN}" w:type="dxa"/></w:tblCellMar>'
    )
    faces = " ".join(f'w:{kind}="{_FONT}"' for kind in ("ascii", "hAnsi", "eastAsia", "cs"))
    levels = "".join(
        style(
            f"Heading{level}",
            f"heading {level}",
            f'{heading}<w:outlineLvl w:val="{level - 1}"/>',
            run,
            following="Normal",
            priority=9,
        )
        for level, run in ((1, bold), (2, bold + italic), (3, italic))
    )
    return "".join(
        (
            f"<w:styles {_W}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts {faces}/>{size(28)}"
            '<w:lang w:val="ru-RU" w:eastAsia="ru-RU" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
            "<w:pPrDefault/></w:docDefaults>",
            '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
            '<w:pPr><w:spacing w:before="0" w:after="0" w:line="360" w:lineRule="auto"/>'
            f'<w:ind w:firstLine="{FIRST_LINE}"/><w:jc w:val="both"/></w:pPr></w:style>',
            '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
            '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>',
            '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
            '<w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>'
            f"{margins}</w:tblPr></w:style>",
            '<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/>'
            f'<w:uiPriority w:val="39"/><w:tblPr><w:tblBorders>{grid}</w:tblBorders></w:tblPr></w:style>',
            '<w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/>'
            '<w:uiPriority w:val="99"/><w:semiHidden/></w:style>',
            style(
                "Title",
                "Title",
                f"<w:keepNext/><w:keepLines/>{single(0, 240)}{no_indent}{middle}",
                bold,
                following="Normal",
                priority=10,
            ),
            style(
                "Subtitle", "Subtitle", f"{single(0, 240)}{no_indent}{middle}", bold, following="Normal", priority=11
            ),
            levels,
            style(
                "Caption",
                "caption",
                f"<w:keepNext/><w:keepLines/>{single(120, 60)}{no_indent}{left}",
                size(24),
                following="Normal",
                priority=35,
            ),
            style("ListBullet", "List Bullet", bulleted + hanging, priority=36),
            style("ListNumber", "List Number", hanging, priority=36),
            style("ListContinue", "List Continue", f'<w:ind w:left="{FIRST_LINE}" w:firstLine="0"/>', priority=37),
            style("Quote", "Quote", _edge("Quote") + set_apart, italic, priority=29),
            style(
                "Draft",
                "Черновик",
                f'{_edge("Draft")}<w:shd w:val="clear" w:color="auto" w:fill="EFEFEF"/>{set_apart}',
                priority=30,
                own=True,
            ),
            style("TableText", "Текст таблицы", f"{single(0, 0)}{no_indent}{left}", size(24), priority=40, own=True),
            style(
                "TableHeading",
                "Заголовок таблицы",
                f"<w:keepNext/>{middle}",
                bold,
                based="TableText",
                priority=40,
                own=True,
            ),
            style("Signature", "Signature", f"<w:keepLines/>{single(360, 0)}{no_indent}{left}", priority=41),
            style("Footer", "footer", f"{single(0, 0)}{no_indent}{middle}", size(24), priority=99),
            '<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/>'
            '<w:uiPriority w:val="99"/><w:rPr><w:color w:val="0B4F9E"/><w:u w:val="single"/></w:rPr></w:style>',
            "</w:styles>",
        )
    )


def _numbering_xml() -> str:
    def level(number: int, kind: str, text: str, style: str) -> str:
        indent = f'<w:ind w:left="{FIRST_LINE + _STEP * number}" w:hanging="{_STEP}"/>'
        return (
            f'<w:lvl w:ilvl="{number}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
            + (f'<w:pStyle w:val="{style}"/>' if not number and style else "")
            + f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/><w:pPr>{indent}</w:pPr></w:lvl>'
        )

    bullets = "".join(level(number, "bullet", "–", "ListBullet") for number in range(_LEVELS))
    numbers = "".join(level(number, "decimal", f"%{number + 1})" if number else "%1.", "") for number in range(_LEVELS))
    kinds = "".join(
        f'<w:abstractNum w:abstractNumId="{number}"><w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
        for number, levels in ((_BULLETS, bullets), (_NUMBERS, numbers))
    )
    return f"<w:numbering {_W}>{kinds}</w:numbering>"
