"""A Book as a workbook a director can open: what is in sight, what prints, where links lead."""

from __future__ import annotations

import io
import runpy
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from sheets_sync.reporting.page import Book, Cell, Chart, Column, Formula, Link, Series, Sheet, Span, When
from sheets_sync.sinks import excel, layout, xlsx
from sheets_sync.sinks.excel import render_book, write_book
from tests.formulas import same, worked_out

faults = runpy.run_path(str(Path(__file__).with_name("xlsx_order.py")))["faults"]

COLUMNS = (
    Column("№", "integer"),
    Column("ФИО наставника"),
    Column("Дата приказа", "date", note="День подписания"),
    Column("Доля", "percent"),
    Column("Ячейка", "link"),
    Column("Примечание", wrap=True),
)


def roster(count: int, **more: Any) -> Book:
    rows = [
        (
            n,
            f"Орлова Мария {n}",
            date(2023, 9, 1),
            54.5,
            Link(f"F{n}", f"../inbox/ш{n % 2}/База.xlsx#'Пары'!F{n}"),
            "слово " * 30,
        )
        for n in range(1, count + 1)
    ]
    return Book("Сводный реестр", [Sheet("Пары", COLUMNS, rows, **more)], datetime(2024, 6, 20))


def opened(book: Book) -> Any:
    import openpyxl

    file = io.BytesIO()
    render_book(book, file)
    file.seek(0)
    assert faults(file) == []
    file.seek(0)
    return openpyxl.load_workbook(file)


def test_heading_stays_in_sight_filters_and_prints_on_every_page() -> None:
    """Frozen and repeated heading, filter over the whole table, A4 across, one page wide, numbered pages."""
    sheet = opened(roster(5, above=["Реестр", "за 2023 год"], below=["Итого 5"], frozen_columns=2)).worksheets[0]
    assert sheet.freeze_panes == "C5"
    assert sheet.auto_filter.ref == "A4:F9"
    assert sheet.print_title_rows == "$4:$4"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == (
        9,
        "landscape",
        0,
    )
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.oddFooter.left.text, sheet.oddFooter.right.text) == ("Сводный реестр", "Лист &P из &N")
    assert sheet["A4"].font.bold
    assert sheet["A1"].value == "Реестр"
    assert sheet["A11"].value == "Итого 5"
    assert "A1:F1" in {str(area) for area in sheet.merged_cells.ranges}
    assert [rule.prompt for rule in sheet.data_validations.dataValidation] == ["День подписания"]


def test_kinds_have_their_formats() -> None:
    """Dates as dd.mm.yyyy, per cents with one decimal, long text wrapped with the height it needs."""
    sheet = opened(roster(3)).worksheets[0]
    assert sheet["C2"].number_format == "dd.mm.yyyy"
    assert (sheet["D2"].value, sheet["D2"].number_format) == (0.545, r"0.0\ %")
    assert sheet["F2"].alignment.wrap_text
    assert sheet.row_dimensions[2].height > 30
    assert not sheet["B2"].alignment.wrap_text
    assert all(layout.NARROWEST <= column.width <= layout.WIDEST for column in sheet.column_dimensions.values())


def test_values_of_another_kind_keep_their_look() -> None:
    """A date in a text column is shown as a date, a word in a column of per cents as a word."""
    rows = [(date(2024, 5, 31), "нет данных", datetime(2024, 5, 31, 9, 30)), ("31 мая", 50, None), (7, None, "позже")]
    sheet = opened(Book("Б", [Sheet("Л", [Column("А"), Column("Б", "percent"), Column("В")], rows)])).worksheets[0]
    assert sheet["A2"].number_format == "dd.mm.yyyy"
    assert sheet["C2"].number_format == "dd.mm.yyyy hh:mm"
    assert [sheet["B2"].value, sheet["B3"].value, sheet["A4"].value, sheet["C4"].value] == [
        "нет данных",
        0.5,
        7,
        "позже",
    ]


def test_links_lead_to_cells_of_other_files_with_one_relationship_per_file() -> None:
    """Thousands of cells of a few files: a relationship for each file, the cell in the link itself."""
    sheet = opened(roster(40)).worksheets[0]
    links = {cell.coordinate: cell.hyperlink for row in sheet.iter_rows(min_row=2) for cell in row if cell.hyperlink}
    assert len(links) == 40
    assert links["E3"].location == "'Пары'!F2"
    assert {link.target for link in links.values()} == {"../inbox/ш0/База.xlsx", "../inbox/ш1/База.xlsx"}
    assert len({link.id for link in links.values()}) == 2


def test_links_inside_the_book_follow_a_renamed_sheet() -> None:
    """A title Excel does not accept is changed, and so are the links to it."""
    book = Book(
        "Б",
        [
            Sheet("А", [Column("К", "link")], [(Link("туда", "#'Пары/группы'!A1"),)]),
            Sheet("Пары/группы", [Column("Б")], [("б",)]),
        ],
    )
    workbook = opened(book)
    assert workbook.sheetnames == ["А", "Пары группы"]
    assert workbook["А"]["A2"].hyperlink.location == "'Пары группы'!A1"


def test_more_links_than_a_sheet_holds_stay_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond Excel's limit a link is only text, and a line below says so."""
    monkeypatch.setattr(xlsx, "MAX_LINKS", 10)
    sheet = opened(roster(12)).worksheets[0]
    assert sheet["E12"].hyperlink is None
    assert sheet["E12"].value == "F11"
    assert "Ссылки поставлены не во всех строках" in sheet["A15"].value


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """No row is lost, no tone or link slips, each part has its heading."""
    monkeypatch.setattr(xlsx, "MAX_ROWS", 50)
    monkeypatch.setattr(excel, "CHUNK", 7)
    workbook = opened(roster(100, tones={99: "bad"}, cell_tones={(60, 1): "warn"}))
    assert len(workbook.sheetnames) == 3
    numbers = [row[0].value for sheet in workbook for row in sheet.iter_rows(min_row=2) if row[0].value is not None]
    assert numbers == list(range(1, 101))
    assert {sheet["B1"].value for sheet in workbook} == {"ФИО наставника"}
    toned = [
        row[1].value for sheet in workbook for row in sheet.iter_rows(min_row=2) if row[1].fill.fill_type == "solid"
    ]
    assert toned == ["Орлова Мария 61", "Орлова Мария 100"]


def test_rows_are_read_once_and_tones_may_be_told_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """A generator does: it is read once, chunk by chunk, and may set tones while it goes."""
    monkeypatch.setattr(excel, "CHUNK", 3)
    sheet = Sheet("Л", [Column("А"), Column("Б", "integer")], ())

    def rows() -> Iterator[tuple[str, int]]:
        for n in range(10):
            if n % 4 == 0:
                sheet.cell_tones[n, 0] = "good"
            yield f"строка {n}", n

    sheet.rows = rows()
    found = opened(Book("Б", [sheet])).worksheets[0]
    assert [row[0].row for row in found.iter_rows(min_row=2) if row[0].fill.fill_type == "solid"] == [2, 6, 10]


def test_same_book_same_bytes(tmp_path: Path) -> None:
    """Nothing of the clock or the machine gets into the file."""
    one, two = tmp_path / "а.xlsx", tmp_path / "б.xlsx"
    write_book(roster(20), one)
    write_book(roster(20), two)
    assert one.read_bytes() == two.read_bytes()
    assert write_book(roster(20), one).state == "unchanged"


@pytest.mark.parametrize("book", [
    Book("пусто", []),
    Book("пусто", [Sheet("Л", (), ())]),
    Book("пусто", [Sheet("Л", [Column("А")], ())]),
    Book("пусто", [Sheet("Л", (), (), above=["Всё в порядке", None, "и ещё"], below=["внизу"])]),
    Book("коротко", [Sheet("Л", [Column("А"), Column("Б")], [("а",), ()])]),
])  # fmt: skip
def test_odd_books_are_sound_too(book: Book) -> None:
    """No sheets, no columns, no rows, short rows: still a workbook that opens."""
    assert opened(book).worksheets


def test_a_row_longer_than_its_heading_is_refused() -> None:
    """Nothing is cut off silently."""
    with pytest.raises(ValueError, match="longer than"):
        render_book(Book("Б", [Sheet("Л", [Column("А")], [("а", "б")])]), io.BytesIO())


@pytest.mark.system
def test_libreoffice_opens_what_we_write(tmp_path: Path) -> None:
    """LibreOffice reads the workbook, with values and links, and fits its width on one page."""
    assert shutil.which("soffice"), "LibreOffice is needed"
    write_book(roster(60, above=["Реестр пар"], below=["Итого"]), tmp_path / "а.xlsx")
    for form in ("csv:Text - txt - csv (StarCalc):44,34,76", "ods", "pdf"):
        command = [
            "soffice",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            form,
        ]
        subprocess.run(
            [*command, "--outdir", str(tmp_path), str(tmp_path / "а.xlsx")],
            check=True,
            timeout=180,
            capture_output=True,
        )
    lines = (tmp_path / "а.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("Реестр пар")
    assert lines[3].split(",")[:3] == ["1", "Орлова Мария 1", "01.09.2023"]
    from python_calamine import CalamineWorkbook

    again = CalamineWorkbook.from_path(str(tmp_path / "а.ods")).get_sheet_by_index(0).to_python()
    assert again[3][0:4] == [1.0, "Орлова Мария 1", date(2023, 9, 1), 0.545]
    info = subprocess.run(["pdfinfo", str(tmp_path / "а.pdf")], check=True, capture_output=True, text=True).stdout
    assert "841.89 x 595.3" in info or "842 x 595" in info


LIVE = (
    Column("Школа"),
    Column("Из", "integer"),
    Column("Всего", "integer"),
    Column("Доля, %", "number", format="[$-419]0.0", bar=100),
    Column("Статус", when=(When("▲", "good"), When("▼", "bad"))),
    Column("Отклонение", "number", when=(When("<0", "bad"),)),
)


def live_book(above: tuple[str, ...] = ("Показатели",)) -> Book:
    rows: list[tuple[Any, ...]] = [
        ("СОШ № 4", 1, 4, Formula("ROUND(100*{0}/{1},1)", 25.0, (Cell(0, 1), Cell(0, 2))), "▲ есть", 1.5),
        ("=1+1", 2, 3, Formula("ROUND(100*{0}/{1},1)", 66.7, (Cell(1, 1), Cell(1, 2))), "▼ нет", -0.5),
    ]
    rows.append(("Всего", *(Formula("SUM({0}:{1})", n, (Cell(0, c), Cell(1, c))) for n, c in ((3, 1), (7, 2))), None))
    shown = [(Formula('IF({0}>50,"много & ""больше""","")', "", (Cell(0, 3, "Пары/группы"),)), "нет")]
    span = Span(Cell(0, 0, "Пары/группы"), Cell(1, 0, "Пары/группы"), ("СОШ № 4", "=1+1"))
    values = Span(Cell(0, 3, "Пары/группы"), Cell(1, 3, "Пары/группы"), (25.0, None))
    chart = Chart("Доля", span, (Series("Факт", values, "fact"),), "Школа", "Доля, %", lying=True)
    return Book(
        "Живая",
        [
            Sheet("Пары/группы", LIVE, rows, above=above, tones={2: "total"}),
            Sheet("Итог", [Column("Слово", wrap=True), Column("Ещё")], shown, charts=[chart, chart, chart, chart]),
        ],
    )


@pytest.mark.parametrize("above", [(), ("Показатели",), ("Показатели", "района")])
def test_formulas_live_and_keep_their_values(above: tuple[str, ...]) -> None:
    """Wherever the table begins and whatever its sheet is called, a formula points to the cells it means."""
    file = io.BytesIO()
    render_book(live_book(above), file)
    file.seek(0)
    assert faults(file) == []
    file.seek(0)
    found = worked_out(file)
    assert len(found) == 5
    assert {at: line for at, line in found.items() if not same(line[1], line[2])} == {}
    first = len(above) + 3 if above else 2
    assert found["Пары группы", f"B{first + 2}"][0] == f"=SUM(B{first}:B{first + 1})"


def test_text_that_looks_like_a_formula_stays_text_beside_live_ones() -> None:
    """Only what the report itself made is alive; what a school typed never is."""
    sheet = opened(live_book()).worksheets[0]
    assert sheet["A5"].value == "=1+1"
    assert sheet["A5"].data_type != "f"


def test_conditions_colour_by_words_and_numbers() -> None:
    """Looks follow the value when somebody changes it; a bar shows how full."""
    sheet = opened(live_book()).worksheets[0]
    rules = {
        rule.formula[0]: rule.dxf.font.color.rgb
        for area in sheet.conditional_formatting
        for rule in area.rules
        if rule.type == "expression"
    }
    assert set(rules) == {'LEFT(E4,1)="▲"', 'LEFT(E4,1)="▼"', "AND(ISNUMBER(F4),F4<0)"}
    assert rules['LEFT(E4,1)="▼"'] == f"FF{layout.LOOKS['bad'].color}"
    assert [rule.type for area in sheet.conditional_formatting for rule in area.rules].count("dataBar") == 1


def test_charts_stand_below_on_pages_of_their_own() -> None:
    """They refer to the sheet as it is called in the file; none is cut by a page's edge; a value missing is a gap."""
    workbook = opened(live_book())
    sheet = workbook["Итог"]
    assert [chart.series[0].val.numRef.f for chart in sheet._charts] == ["'Пары группы'!$D$4:$D$5"] * 4
    assert [point.idx for point in sheet._charts[0].series[0].val.numRef.numCache.pt] == [0]
    assert not sheet.sheet_properties.pageSetUpPr.fitToPage
    assert len(sheet.row_breaks.brk) >= 1
    tops = [chart.anchor._from.row + 1 for chart in sheet._charts]
    assert {row.id + 1 for row in sheet.row_breaks.brk} <= set(tops)
