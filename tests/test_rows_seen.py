"""The row and the column an issue names are the ones the person sees, whatever was hidden, merged, grouped or left blank."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt
from openpyxl.utils import get_column_letter

from sheets_sync.catalog import Catalog
from sheets_sync.checks import CheckContext, check_table
from sheets_sync.recognise import recognise
from sheets_sync.sources.excel import Excel, read_workbook
from sheets_sync.table_schema.loading import load_definitions
from tests.odd_files import ods, ods_cell

DEFINITIONS = load_definitions(Catalog().folders("schemas"))
AS_OF = date(2024, 6, 20)
HEADINGS = ["№", "ФИО наставляемого", "Дата рождения", "Класс", "Основной запрос наставляемого", "Дата вхождения в программу", "Согласие"]  # fmt: skip
SURNAMES = ["Белов", "Рогов", "Лаптев", "Зимин", "Дроздов", "Ершов", "Власов", "Туров"]
BAD_RECORD, BAD_COLUMN, BAD_DATE = 5, 2, "31.02.2010"


@dataclass(frozen=True)
class Layout:
    """Where the table stands (its heading's first row and column, from 0) and what surrounds it; rows are counted from
    its first record."""

    top: int = 0
    left: int = 0
    titles: tuple[tuple[int, int, str], ...] = ()
    hidden: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()
    heading_rows: int = 1
    filtered: bool = False
    frozen: bool = False
    grouped: bool = False
    blank_after: int = -1  # a blank row after this record

    def cells(self) -> dict[tuple[int, int], object]:
        """Every cell of the sheet; merged headings stand in the first of their cells."""
        cells: dict[tuple[int, int], object] = {(row, column): text for row, column, text in self.titles}
        for place, heading in enumerate(HEADINGS):
            cells[self.top, self.left + place] = heading
        if self.heading_rows > 1:  # «Сведения о наставляемом» over two columns, the headings themselves below
            cells[self.top, self.left + 1] = "Сведения о наставляемом"
            for place in (1, 2, 3):
                cells[self.top + self.heading_rows - 1, self.left + place] = HEADINGS[place]
            del cells[self.top, self.left + 2], cells[self.top, self.left + 3]
        for number, surname in enumerate(SURNAMES):
            born = BAD_DATE if number == BAD_RECORD else f"{number + 3:02d}.05.2010"
            values = [number + 1, f"{surname} Артём Ильич", born, "7А", "Трудности", "04.09.2023", "да"]
            for place, value in enumerate(values):
                cells[self.row(number), self.left + place] = value
        return cells

    def row(self, record: int) -> int:
        return self.top + self.heading_rows + record + (0 <= self.blank_after < record)

    def merges(self) -> list[tuple[int, int, int, int]]:
        """(first row, first column, last row, last column) of what is merged."""
        if self.heading_rows == 1:
            return []
        last = self.top + self.heading_rows - 1
        alone = [(self.top, self.left + place, last, self.left + place) for place in (0, 4, 5, 6)]
        return [*alone, (self.top, self.left + 1, last - 1, self.left + 3)]

    def hidden_rows(self) -> list[int]:
        return [self.row(record) for record in self.hidden]

    @property
    def bad_cell(self) -> str:
        return f"{get_column_letter(self.left + BAD_COLUMN + 1)}{self.row(BAD_RECORD) + 1}"


LAYOUTS = {
    "plain": Layout(),
    "at D9": Layout(8, 3),
    "far to the right": Layout(2, 30),
    "titles": Layout(5, 0, ((0, 4, "УТВЕРЖДАЮ"), (1, 4, "Директор"), (3, 0, "База наставляемых на 2023-2024 учебный год"))),
    "hidden rows": Layout(3, 1, hidden=(0, 2, 3, 5)),
    "filtered": Layout(2, 0, ((0, 0, "База наставляемых"),), hidden=(0, 1, 2, 3, 4, 6, 7), filtered=True),
    "hidden columns": Layout(1, 2, hidden_columns=(0, 1, 4, 6)),
    "merged headings over two rows": Layout(2, 1, ((0, 1, "База наставляемых"),), heading_rows=2),
    "merged headings over three rows": Layout(4, 3, ((1, 3, "База наставляемых"),), heading_rows=3, hidden=(1,)),
    "frozen": Layout(3, 0, frozen=True),
    "grouped": Layout(0, 1, grouped=True, hidden=(3, 4, 5)),
    "a blank row amid": Layout(1, 0, blank_after=2),
    "everything": Layout(
        10, 4, ((1, 4, "База наставляемых"), (7, 9, "Класс: 7А")), (2, 5), (0, 3), 2, frozen=True, grouped=True, blank_after=4
    ),
}  # fmt: skip


def by_openpyxl(path: Path, layout: Layout) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Наставляемые"
    for (row, column), value in layout.cells().items():
        sheet.cell(row + 1, column + 1, value)
    for top, left, bottom, right in layout.merges():
        sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    for row in layout.hidden_rows():
        sheet.row_dimensions[row + 1].hidden = True
    for column in layout.hidden_columns:
        sheet.column_dimensions[get_column_letter(column + 1)].hidden = True
    if layout.grouped:
        sheet.row_dimensions.group(layout.row(3) + 1, layout.row(5) + 1, outline_level=2, hidden=bool(layout.hidden))
    if layout.filtered:
        last = get_column_letter(layout.left + len(HEADINGS))
        sheet.auto_filter.ref = f"{get_column_letter(layout.left + 1)}{layout.top + 1}:{last}{layout.row(7) + 1}"
    if layout.frozen:
        sheet.freeze_panes = sheet.cell(layout.row(0) + 1, 2)
    book.save(path)


def by_xlsxwriter(path: Path, layout: Layout) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Наставляемые")
    merged = {(top, left): (bottom, right) for top, left, bottom, right in layout.merges()}
    for (row, column), value in layout.cells().items():
        if (row, column) in merged:
            sheet.merge_range(row, column, *merged[row, column], value)
        else:
            sheet.write(row, column, value)
    for row in layout.hidden_rows():
        sheet.set_row(row, None, None, {"hidden": True, "level": 1 if layout.grouped else 0})
    for column in layout.hidden_columns:
        sheet.set_column(column, column, None, None, {"hidden": True})
    if layout.filtered:
        sheet.autofilter(layout.top, layout.left, layout.row(7), layout.left + len(HEADINGS) - 1)
        sheet.filter_column_list(layout.left + 2, [BAD_DATE])
    if layout.frozen:
        sheet.freeze_panes(layout.row(0), 1)
    book.close()


def by_xlwt(path: Path, layout: Layout) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Наставляемые")
    merged = {(top, left): (bottom, right) for top, left, bottom, right in layout.merges()}
    for (row, column), value in layout.cells().items():
        if (row, column) in merged:
            bottom, right = merged[row, column]
            sheet.write_merge(row, bottom, column, right, value)
        else:
            sheet.write(row, column, value)
    for row in layout.hidden_rows():
        sheet.row(row).hidden = True
    for column in layout.hidden_columns:
        sheet.col(column).hidden = True
    book.save(str(path))


def as_ods(path: Path, layout: Layout) -> None:
    """As LibreOffice writes it: runs of blank rows and cells as one, a hidden row collapsed or filtered out."""
    cells, merges = layout.cells(), {(top, left): (bottom, right) for top, left, bottom, right in layout.merges()}
    covered = {
        (row, column)
        for (top, left), (bottom, right) in merges.items()
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    } - merges.keys()
    rows, blank = "", 0
    for row in range(max(row for row, _ in cells) + 1):
        filled = sorted(column for at, column in cells.keys() | covered if at == row)
        if not filled:
            blank += 1
            continue
        if blank:
            rows += f'<table:table-row table:number-rows-repeated="{blank}"><table:table-cell/></table:table-row>'
            blank = 0
        line, at = "", 0
        for column in filled:
            if column > at:
                line += f'<table:table-cell table:number-columns-repeated="{column - at}"/>'
            at = column + 1
            if (row, column) in covered:
                line += "<table:covered-table-cell/>"
                continue
            value = cells[row, column]
            spans = {}
            if (row, column) in merges:
                bottom, right = merges[row, column]
                spans = {
                    "table__number_rows_spanned": str(bottom - row + 1),
                    "table__number_columns_spanned": str(right - column + 1),
                }
            kind = "float" if isinstance(value, int) else "string"
            line += ods_cell(kind, str(value) if kind == "float" else "", str(value), **spans)
        hidden = (' table:visibility="filter"' if layout.filtered else ' table:visibility="collapse"') * (
            row in layout.hidden_rows()
        )
        rows += f"<table:table-row{hidden}>{line}</table:table-row>"
    path.write_bytes(ods(f'<table:table table:name="Наставляемые">{rows}</table:table>'))


WRITERS: dict[str, tuple[str, Callable[[Path, Layout], None]]] = {
    "openpyxl": (".xlsx", by_openpyxl),
    "xlsxwriter": (".xlsx", by_xlsxwriter),
    "xlwt": (".xls", by_xlwt),
    "OpenDocument": (".ods", as_ods),
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("name", LAYOUTS)
def test_bad_cell_is_named_as_the_person_sees_it(name: str, writer: str, tmp_path: Path) -> None:
    """One planted date that no calendar has: that cell and no other, and every other row is accepted."""
    layout = LAYOUTS[name]
    suffix, write = WRITERS[writer]
    path = tmp_path / "school" / f"Книга{suffix}"
    path.parent.mkdir()
    write(path, layout)
    workbook = read_workbook(Excel(path).list().workbooks[0])
    (grid,) = workbook.grids
    found = recognise(grid, DEFINITIONS, "school", workbook.path)
    (table,) = found.tables
    typed, issues = check_table(
        table, DEFINITIONS.schemas["mentees"], CheckContext("school", workbook.path, AS_OF, 2023)
    )
    assert table.header_row == layout.top + layout.heading_rows
    assert table.columns["birth"] == (layout.left + BAD_COLUMN + 1,)
    assert list(table.row_numbers) == [layout.row(record) + 1 for record in range(len(SURNAMES))]
    assert [not accepted for accepted in typed.accepted] == [record == BAD_RECORD for record in range(len(SURNAMES))]
    bad = [issue.at for issue in [*workbook.issues, *found.issues, *issues] if issue.severity == "error"]
    assert [f"{at.column}{at.row}" for at in bad] == [layout.bad_cell]
