"""Everything of a sheet but its rows: what stands before and behind them in its part (ECMA-376 part 1, §18.3).

The elements stand in the schema's order, so that Excel has nothing to repair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sheets_sync.issues import column_letter
from sheets_sync.sinks.office_xml import DECLARATION, MAIN, PACKAGE_RELATIONS, RELATIONS, escape


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
