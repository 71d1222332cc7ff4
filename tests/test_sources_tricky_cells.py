"""Cells readers stumble over: every one is the right value or something a check can name, in every format."""

from __future__ import annotations

import struct
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from sheets_sync.sources import xlsx_scan
from sheets_sync.sources.excel import Excel, read_workbook
from sheets_sync.sources.number_format import is_date, show
from sheets_sync.table import UNCALCULATED, CellError, Grid, Shown, Workbook
from tests.odd_files import (
    CLASS,
    DATE,
    DURATION,
    PERCENT,
    TIME,
    YEARS,
    ZEROS,
    ods,
    ods_cell,
    record,
    row_xml,
    sheet_xml,
    xlsb,
    xlsx,
)


def read(folder: Path, name: str, content: bytes) -> Workbook:
    path = folder / name
    path.write_bytes(content)
    return read_workbook(Excel(path).list().workbooks[0])


def only_grid(workbook: Workbook) -> Grid:
    assert workbook.issues == []
    assert len(workbook.grids) == 1
    return workbook.grids[0]


XLSX_CELLS = {
    "division by zero": ('<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', CellError("#DIV/0!")),
    "lost reference": ('<c t="e"><v>#REF!</v></c>', CellError("#REF!")),
    "styled error": ('<c s="2" t="e"><v>#N/A</v></c>', CellError("#N/A")),
    "text of digits": ('<c t="str"><v>007</v></c>', "007"),
    "number shown with zeros": (f'<c s="{ZEROS}"><v>7</v></c>', Shown(7, "007")),
    "integer": ("<c><v>7</v></c>", 7.0),
    "17 digits": ("<c><v>12345678901234567</v></c>", Shown(12345678901234567, "12345678901234567")),
    "17 digits below zero": ("<c><v>-12345678901234567</v></c>", Shown(-12345678901234567, "-12345678901234567")),
    "sum of tenths": ("<c><v>0.30000000000000004</v></c>", 0.1 + 0.2),
    "true": ('<c t="b"><v>1</v></c>', "ИСТИНА"),
    "false": ('<c t="b"><v>0</v></c>', "ЛОЖЬ"),
    "one": ("<c><v>1</v></c>", 1.0),
    "date": (f'<c s="{DATE}"><v>45170</v></c>', date(2023, 9, 1)),
    "date and time": (f'<c s="{DATE}"><v>45170.4375</v></c>', datetime(2023, 9, 1, 10, 30)),
    "ISO date": ('<c t="d"><v>2023-09-01</v></c>', date(2023, 9, 1)),
    "time": (f'<c s="{TIME}"><v>0.5625</v></c>', time(13, 30)),
    "duration": (f'<c s="{DURATION}"><v>1.2604166666666667</v></c>', timedelta(hours=30, minutes=15)),
    "serial 60": (f'<c s="{DATE}"><v>60</v></c>', "29.02.1900"),
    "serial 59": (f'<c s="{DATE}"><v>59</v></c>', date(1900, 2, 28)),
    "negative serial": (f'<c s="{DATE}"><v>-5</v></c>', -5.0),
    "year 12025": (f'<c s="{DATE}"><v>3700000</v></c>', 3700000.0),
    "per cent": (f'<c s="{PERCENT}"><v>0.85</v></c>', Shown(0.85, "85%")),
    "per cent by formula": (f'<c s="{PERCENT}"><f>A1/2</f><v>0.5</v></c>', Shown(0.5, "50%")),
    "years": (f'<c s="{YEARS}"><v>5</v></c>', Shown(5, "5 лет")),
    "class": (f'<c s="{CLASS}"><v>7</v></c>', Shown(7, "7А")),
    "formula": ("<c><f>1+1</f><v>2</v></c>", 2.0),
    "formula never calculated": ("<c><f>1+1</f></c>", UNCALCULATED),
    "formula with an empty result element": ("<c><f>1+1</f><v></v></c>", UNCALCULATED),
    "shared formula never calculated": ('<c><f t="shared" si="0"/><v/></c>', UNCALCULATED),
    "formula giving the empty text": ('<c t="str"><f>""</f><v></v></c>', ""),
    "formula giving text": ('<c t="str"><f>A1</f><v>да</v></c>', "да"),
    "NA": ('<c t="str"><v>NA</v></c>', "NA"),
    "null": ('<c t="inlineStr"><is><t>null</t></is></c>', "null"),
    "carriage return": ('<c t="inlineStr"><is><t>а_x000D_б</t></is></c>', "а\rб"),
    "rich text": ('<c t="inlineStr"><is><r><t>а</t></r><r><t>б</t></r></is></c>', "аб"),
    "emoji": ('<c t="inlineStr"><is><t>😀</t></is></c>', "😀"),
}


@pytest.mark.parametrize("spelling", ["plain", "prefixed", "single quotes", "no addresses", "spread out"])
def test_tricky_cells_of_xlsx(tmp_path, spelling):
    """The same however the writer spells its XML."""
    cells = [cell for cell, _ in XLSX_CELLS.values()]
    rows = "".join(row_xml(cell, number=number) for number, cell in enumerate(cells, 3))
    xml = sheet_xml(rows)
    if spelling == "prefixed":
        xml = xml.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:").replace("<x:?xml", "<?xml")
        xml = xml.replace("xmlns=", "xmlns:x=")
    elif spelling == "single quotes":
        xml = xml.replace('"', "'").replace("<f>''</f>", '<f>""</f>')
    elif spelling == "no addresses":
        xml = sheet_xml("<row/><row/>" + "".join(f"<row>{cell}</row>" for cell in cells))
    elif spelling == "spread out":
        xml = xml.replace("<v>", "\n  <v>").replace("<c ", "\n <c ").replace("</c>", "\n </c>")
    grid = only_grid(read(tmp_path, "а.xlsx", xlsx({"Лист": xml})))
    found = {name: grid.value(row, 1) for row, name in enumerate(XLSX_CELLS, 3)}
    assert found == {name: value for name, (_, value) in XLSX_CELLS.items()}
    assert {n: type(v) for n, v in found.items()} == {n: type(v) for n, (_, v) in XLSX_CELLS.items()}


@pytest.mark.parametrize(
    ("cell", "counted"),
    [
        ('<row r="9999"><c r="ZZ9999" s="1"><v>45189</v></c></row>', False),  # a date is no row beyond the 9,999th
        ('<row r="2"><c r="A2"><v>1234567</v></c></row>', False),
        ('<row r="10000"><c r="A10000"><v>1</v></c></row>', True),
        ('<row r="2"><c r="AAA2"><v>1</v></c></row>', True),
    ],
)
def test_only_sheets_that_reach_far_are_counted_cell_by_cell(monkeypatch, cell, counted):
    seen = []
    monkeypatch.setattr(xlsx_scan, "column_number", lambda letters: seen.append(letters) or 1)
    xlsx_scan.scan(
        f"<worksheet><sheetData>{cell}</sheetData></worksheet>".encode(), xlsx_scan.styles_of(b"<styleSheet/>")
    )
    assert bool(seen) == counted


def test_dates_counted_from_1904(tmp_path):
    """Workbooks from old Macs; serial 60 is a day there."""
    rows = row_xml(f'<c s="{DATE}"><v>43708</v></c>', f'<c s="{DATE}"><v>60</v></c>')
    grid = only_grid(read(tmp_path, "а.xlsx", xlsx({"Л": sheet_xml(rows)}, properties='<workbookPr date1904="1"/>')))
    assert grid.rows == [[date(2023, 9, 1), date(1904, 3, 1)]]


def test_rows_hidden_merged_and_blank_keep_their_numbers(tmp_path):
    """Blank rows above and within count; hidden rows are read and named; merges are told."""
    rows = (
        '<row r="4"><c r="B4" t="str"><v>а</v></c></row><row r="5" hidden="1"><c r="B5" t="str"><v>б</v></c></row>'
        '<row r="7" ht="20" hidden="true" customHeight="1"><c r="C7" t="str"><v>в</v></c></row>'
        '<row r="8" hidden="0"><c r="B8" t="str"><v> hidden="1" </v></c></row>'
    )
    after = '<mergeCells count="2"><mergeCell ref="B4:C5"/><mergeCell ref="AA7:AB7"/></mergeCells>'
    grid = only_grid(read(tmp_path, "а.xlsx", xlsx({"Л": sheet_xml(rows, after=after)})))
    assert (grid.first_row, grid.first_column) == (4, 2)
    assert [grid.value(4, 2), grid.value(5, 2), grid.value(7, 3)] == ["а", "б", "в"]
    assert grid.hidden_rows == {5, 7}
    assert grid.merges == ((4, 2, 5, 3), (7, 27, 7, 28))


def test_an_error_beyond_the_other_cells_is_kept(tmp_path):
    """A lone error left of and below everything else widens the grid."""
    rows = '<row r="2"><c r="C2"><v>1</v></c></row><row r="9"><c r="A9"><f>B1</f></c><c r="E9" t="e"><v>#REF!</v></c></row>'
    grid = only_grid(read(tmp_path, "а.xlsx", xlsx({"Л": sheet_xml(rows)})))
    assert (grid.value(2, 3), grid.value(9, 1), grid.value(9, 5)) == (1.0, UNCALCULATED, CellError("#REF!"))
    assert {len(row) for row in grid.rows} == {5}


def test_hidden_sheets_are_read_and_said(tmp_path):
    """Hidden and very hidden ones; an empty hidden sheet is not worth a word."""
    filled = sheet_xml(row_xml("<c><v>1</v></c>"))
    content = xlsx(
        {"А": filled, "Б": filled, "В": filled, "Г": sheet_xml("")},
        states={"Б": "hidden", "В": "veryHidden", "Г": "hidden"},
    )
    workbook = read(tmp_path, "а.xlsx", content)
    assert [(grid.sheet, grid.visible) for grid in workbook.grids] == [
        ("А", True),
        ("Б", False),
        ("В", False),
        ("Г", False),
    ]
    assert [(issue.code, issue.severity, issue.at.sheet) for issue in workbook.issues] == [
        ("sheet-hidden", "info", "Б"),
        ("sheet-hidden", "info", "В"),
    ]


def test_chart_sheets_are_passed_over(tmp_path):
    """A chart between two sheets disturbs neither."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active["A1"] = "а"
    chart = book.create_chartsheet("Диаграмма")
    chart.add_chart(openpyxl.chart.BarChart())
    book.create_sheet("Б")["B2"] = "б"
    book.save(tmp_path / "а.xlsx")
    workbook = read_workbook(Excel(tmp_path / "а.xlsx").list().workbooks[0])
    assert [(grid.sheet, grid.rows) for grid in workbook.grids] == [("Sheet", [["а"]]), ("Б", [["б"]])]
    assert workbook.issues == []


def test_tricky_cells_of_ods(tmp_path):
    """The same cells as LibreOffice keeps them."""
    cells = {
        ods_cell("string", "", "#REF!", table__formula="of:=[.#REF!]", calcext__value_type="error"): CellError("#REF!"),
        ods_cell("float", "0", "#DIV/0!", table__formula="of:=1/0"): CellError("#DIV/0!"),
        ods_cell("float", "0", "Err:502", table__formula="of:=X()"): CellError("Err:502"),
        ods_cell("float", "0", "#ССЫЛКА!", table__formula="of:=1"): CellError("#ССЫЛКА!"),
        ods_cell("string", "", "007"): "007",
        ods_cell("float", "7", "007"): Shown(7, "007"),
        ods_cell("float", "7", "7"): 7.0,
        ods_cell("float", "1234.5", "1 234,50"): 1234.5,
        ods_cell("float", "1234.5", "1,234.50"): 1234.5,
        ods_cell("float", "8.5", "9"): 8.5,
        ods_cell("float", "7", "###"): 7.0,
        ods_cell("float", "12345678901234567", "1,23E+16"): Shown(12345678901234567, "12345678901234567"),
        ods_cell("float", "5", "5 лет"): Shown(5, "5 лет"),
        ods_cell("percentage", "0.85", "85 %"): Shown(0.85, "85 %"),
        ods_cell("percentage", "0.85"): Shown(0.85, "85%"),
        ods_cell("currency", "1500", "1 500,00 ₽"): 1500.0,
        ods_cell("boolean", "true", "ИСТИНА"): "ИСТИНА",
        ods_cell("float", "1", "TRUE"): "ИСТИНА",
        ods_cell("date", "2023-09-01", "01.09.23"): date(2023, 9, 1),
        ods_cell("date", "2023-09-01T10:30:00", "01.09.23 10:30"): datetime(2023, 9, 1, 10, 30),
        ods_cell("date", "12025-01-01", "01.01.12025"): "01.01.12025",
        ods_cell("time", "PT13H30M00S", "13:30"): time(13, 30),
        ods_cell("time", "PT30H15M00S", "30:15"): timedelta(hours=30, minutes=15),
        ods_cell("string", "", "а\nб"): "а\nб",
        ods_cell("string", "только значение"): "только значение",
        ods_cell("", "", None, table__formula="of:=1+1"): UNCALCULATED,
        ods_cell("", "", "", table__formula="of:=&quot;&quot;"): "",
        ods_cell("string", "", 'а<text:s text:c="3"/>б<text:tab/>в'): "а   б\tв",
        ods_cell("string", "", "  с  <text:span>отступом</text:span>\n"): "с отступом\n",
        ods_cell(
            "string", "", "имя</text:p><office:annotation><text:p>заметка</text:p></office:annotation><text:p>"
        ): "имя\n",
        "<table:table-cell><draw:frame><draw:text-box><text:p>рамка</text:p></draw:text-box></draw:frame></table:table-cell>": "",
    }
    rows = "".join(f"<table:table-row>{ods_cell('float', '1', '1')}{cell}</table:table-row>" for cell in cells)
    grid = only_grid(read(tmp_path, "а.ods", ods(f'<table:table table:name="Л">{rows}</table:table>')))
    found = [row[1] for row in grid.rows]
    assert found == list(cells.values())
    assert list(map(type, found)) == list(map(type, cells.values()))


def test_places_in_ods(tmp_path):
    """Repeated, blank, hidden and covered cells count; a million blank rows below cost nothing."""
    table = (
        '<table:table table:name="Л"><table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
        '<table:table-row><table:table-cell table:number-columns-repeated="2"/>'
        f"{ods_cell('string', '', 'а', table__number_columns_spanned='2', table__number_rows_spanned='2')}"
        "<table:covered-table-cell/></table:table-row>"
        '<table:table-row table:visibility="collapse"><table:table-cell table:number-columns-repeated="4"/>'
        f"{ods_cell('string', '', 'б', table__number_columns_repeated='2')}</table:table-row>"
        f'<table:table-row table:visibility="filter" table:number-rows-repeated="2">{ods_cell("float", "1", "1")}'
        "</table:table-row>"
        '<table:table-row table:number-rows-repeated="1048569"><table:table-cell table:number-columns-repeated="16384"/>'
        "</table:table-row></table:table>"
    )
    grid = only_grid(read(tmp_path, "а.ods", ods(table)))
    assert (grid.first_row, grid.first_column, grid.last_row, grid.width) == (4, 1, 7, 6)
    assert (grid.value(4, 3), grid.value(5, 5), grid.value(5, 6), grid.value(7, 1)) == ("а", "б", "б", 1.0)
    assert grid.merges == ((4, 3, 5, 4),)
    assert grid.hidden_rows == {5, 6, 7}


def test_hidden_sheet_of_ods(tmp_path):
    """Told by the style of the table."""
    row = f"<table:table-row>{ods_cell('string', '', 'а')}</table:table-row>"
    workbook = read(tmp_path, "а.ods", ods(f'<table:table table:name="Ч" table:style-name="ta2">{row}</table:table>'))
    assert [issue.code for issue in workbook.issues] == ["sheet-hidden"]
    assert not workbook.grids[0].visible


def test_tricky_cells_of_xls(tmp_path):
    """Errors, logical values, per cents, zeros, hidden rows and merges of the old format."""
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Лист")

    def style(code: str) -> xlwt.XFStyle:
        return xlwt.easyxf(num_format_str=code)

    sheet.row(2).set_cell_error(0, "#REF!")
    sheet.row(2).set_cell_error(1, "#DIV/0!")
    sheet.row(3).set_cell_boolean(0, True)
    sheet.row(3).set_cell_boolean(1, False)
    sheet.write(4, 0, 7, style("000"))
    sheet.write(4, 1, 0.85, style("0%"))
    sheet.write(4, 2, 8, style('0" баллов"'))
    sheet.write(5, 0, "007")
    sheet.write(5, 1, 1)
    sheet.write(5, 2, 0.1 + 0.2)
    sheet.write(6, 0, date(2023, 9, 1), style("DD.MM.YYYY"))
    sheet.write(6, 1, datetime(2023, 9, 1, 10, 30), style("DD.MM.YYYY HH:MM"))
    sheet.write(6, 2, 60, style("DD.MM.YYYY"))
    sheet.write(6, 3, -5, style("DD.MM.YYYY"))
    sheet.write(6, 4, 0.5625, style("HH:MM"))
    sheet.write(6, 5, 1.2604166666666667, style("[h]:mm"))
    sheet.write(6, 6, 3700000, style("DD.MM.YYYY"))
    sheet.write(7, 0, xlwt.Formula("1+1"))
    sheet.row(7).hidden = True
    sheet.write_merge(8, 9, 1, 2, "слито")
    hidden = book.add_sheet("Скрытый")
    hidden.write(0, 0, "х")
    hidden.visibility = 1
    book.save(str(tmp_path / "а.xls"))
    workbook = read_workbook(Excel(tmp_path / "а.xls").list().workbooks[0])
    assert [(issue.code, issue.at.sheet) for issue in workbook.issues] == [("sheet-hidden", "Скрытый")]
    grid = workbook.grids[0]
    expected = {
        3: [CellError("#REF!"), CellError("#DIV/0!")],
        4: ["ИСТИНА", "ЛОЖЬ"],
        5: [Shown(7, "007"), Shown(0.85, "85%"), Shown(8, "8 баллов")],
        6: ["007", 1.0, 0.1 + 0.2],
        7: [date(2023, 9, 1), datetime(2023, 9, 1, 10, 30), "29.02.1900", -5.0]
        + [time(13, 30), timedelta(hours=30, minutes=15), 3700000.0],
        8: [UNCALCULATED],
        9: ["", "слито"],
    }
    for row, values in expected.items():
        found = [grid.value(row, column) for column in range(1, len(values) + 1)]
        assert found == values
        assert list(map(type, found)) == list(map(type, values))
    assert grid.hidden_rows == {8}
    assert grid.merges == ((9, 2, 10, 3),)


def test_tricky_cells_of_xlsb(tmp_path):
    """Errors, logical values, per cents, hidden rows and merges of the binary format."""

    def cell(kind: int, column: int, value: bytes, style: int = 0) -> bytes:
        return record(kind, struct.pack("<II", column, style) + value)

    def row(number: int, hidden: bool = False) -> bytes:
        flags = bytes([0, 0x10 if hidden else 0, 0])
        return record(0, struct.pack("<IIH", number, 0, 300) + flags + struct.pack("<I", 0))

    sheet = row(1) + cell(3, 0, b"\x17") + cell(4, 1, b"\x01") + cell(5, 2, struct.pack("<d", 0.85), 1)
    sheet += cell(5, 3, struct.pack("<d", 45170), 2) + cell(5, 4, struct.pack("<d", -5), 2)
    sheet += row(2, hidden=True) + cell(2, 0, struct.pack("<I", 7 << 2 | 2)) + cell(5, 1, struct.pack("<d", 60), 2)
    after = record(146) + record(177, struct.pack("<I", 1)) + record(176, struct.pack("<4I", 1, 2, 0, 1)) + record(178)
    grid = only_grid(read(tmp_path, "а.xlsb", xlsb(sheet + after)))
    assert (grid.first_row, grid.first_column) == (2, 1)
    assert grid.rows[0] == [CellError("#REF!"), "ИСТИНА", Shown(0.85, "85%"), date(2023, 9, 1), -5.0]
    assert grid.rows[1][:2] == [7.0, "29.02.1900"]
    assert grid.hidden_rows == {3}
    assert grid.merges == ((2, 1, 3, 2),)


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ("0%", 0.85, "85%"),
        ("0.0%", 0.8547, "85,5%"),
        ("0.0#%", 0.12345, "12,35%"),
        ("[Red]0%;-0%", -0.5, "-50%"),
        ('0"%"', 85, "85%"),
        ("000", 7, "007"),
        ("000", -7, "-007"),
        ("0000000000", 123456789, "0123456789"),
        ('0" лет"', 5, "5 лет"),
        ('General" балл."', 8.5, "8,5 балл."),
        ("+7\\ (000)\\ 000\\-00\\-00", 9140000000, "+7 (914) 000-00-00"),
        ("00-00", 1234, "12-34"),
        ('#"А"', 7, "7А"),
        ("0%", float("inf"), "inf"),
        ("0%", 1e300, "1e+300"),
    ],
)
def test_formats_that_show_something_else(code, number, shown):
    """What the person sees is what is told."""
    showing = show(code)
    assert showing is not None
    assert showing(number) == shown


@pytest.mark.parametrize(
    "code",
    [
        "General",
        "0",
        "0.00",
        "#,##0.00",
        "# ##0",
        '#,##0.00\\ "₽"',
        "_-* #,##0.00\\ _₽_-",
        "[$₽-419]#,##0",
        "@",
        "0.00E+00",
        "[<=9]0;00",
        "# ?/?",
        "dd.mm.yyyy",
        "0;-0;;@",
        "",
        ";;;",
    ],
)
def test_formats_that_show_the_number(code):
    """Rounding, grouping, currency and colours change nothing worth telling."""
    assert show(code) is None


def test_formats_of_dates():
    """Dates and times of day, but neither durations nor words in quotes."""
    assert all(map(is_date, ["dd.mm.yyyy", "[$-419]d mmm yy", "h:mm", 'dd" числа"']))
    assert not any(map(is_date, ["0", '0" дней"', "[h]:mm", "[Red]0", "General", "@"]))
