"""An .xlsx file, written sheet by sheet as text: what the sheets of a district need, and no more.

Several times as fast as the usual writers (``benchmarks/write_xlsx.py``): a column is rendered in one pass, each
distinct text is escaped once (``xlsx_values``), rows are put together from columns (``xlsx_rows``), and the file is
compressed at level 1 (``xlsx_archive``). The order of elements and the meaning of attributes follow ECMA-376 part 1
(§18.2 workbook, §18.3 worksheets, §18.8 styles), so that Excel has nothing to repair. Same input, same bytes. Rows may
be written in pieces that know nothing of what stands before them; such a piece can be taken into another file as it is
(:meth:`Package.add_piece`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import BinaryIO

from sheets_sync.sinks.xlsx_archive import Archive, Piece
from sheets_sync.sinks.xlsx_frame import Drawn, SheetFrame, sheet_head, sheet_tail
from sheets_sync.sinks.xlsx_parts import (
    ROOT_RELATIONS_XML,
    app_xml,
    content_types_xml,
    core_xml,
    drawing_relations_xml,
    drawing_xml,
    workbook_relations_xml,
    workbook_xml,
)
from sheets_sync.sinks.xlsx_styles import Styles

# What a sheet holds in Excel (specifications and limits, Microsoft 365); who gives the rows keeps to it.
MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MAX_LINKS = 65_530  # beyond that Excel «repairs» the file


class Package:
    """An .xlsx file being written to a seekable binary file: sheets one after another, then :meth:`close`."""

    def __init__(
        self, file: BinaryIO, *, title: str, application: str, created: datetime | None = None, level: int = 1
    ) -> None:
        self.styles = Styles()
        self._archive = Archive(file, level)
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
        drawing = f"drawing{self._drawings}.xml"
        self._archive.add(f"xl/drawings/{drawing}", drawing_xml(charts))
        self._archive.add(f"xl/drawings/_rels/{drawing}.rels", drawing_relations_xml(numbers))
        for number, chart in zip(numbers, charts, strict=True):
            self._archive.add(f"xl/charts/chart{number}.xml", chart.xml)

    def close(self) -> None:
        """Write the parts that describe the sheets, and the archive's directory."""
        add, sheets = self._archive.add, len(self._frames)
        add("xl/workbook.xml", workbook_xml(self._frames))
        add("xl/styles.xml", self.styles.xml())
        add("xl/_rels/workbook.xml.rels", workbook_relations_xml(sheets))
        add("docProps/core.xml", core_xml(self._title, self._application, self._created))
        add("docProps/app.xml", app_xml(self._application))
        add("_rels/.rels", ROOT_RELATIONS_XML)
        add("[Content_Types].xml", content_types_xml(sheets, self._drawings, self._charts))
        self._archive.close()
