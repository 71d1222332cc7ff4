"""The quick way of reading .xlsx gives the very grids of the careful way, and takes the files of known programs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from unittest.mock import patch

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheets_sync.issues import Issue, column_letter
from sheets_sync.sources import calamine, reading, xlsx_regular
from sheets_sync.sources.bounds import STANDARD, Bounds
from sheets_sync.sources.excel import Excel, read_workbook
from sheets_sync.sources.xlsx_cells import Irregular
from sheets_sync.table import Shown, Workbook
from tests.odd_files import (
    DATE,
    DURATION,
    MAIN,
    STYLES,
    TIME,
    row_xml,
    sheet_xml,
    xlsx,
    zipped,
)

PROJECT = Path(__file__).resolve().parent.parent
MANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
Seen = tuple[list[object], list[Issue]]


def read(path: Path, bounds: Bounds = STANDARD) -> Workbook:
    (ref,) = Excel(path).list().workbooks
    return read_workbook(ref, bounds)


@contextmanager
def the_careful_way() -> Iterator[None]:
    """As if no workbook were regular."""
    with patch.object(reading, "RegularBook", side_effect=Irregular):
        yield


@contextmanager
def only_the_quick_way() -> Iterator[None]:
    """As if there were no other: python-calamine opens nothing but what tells the formats."""
    with patch.object(reading._Parts, "_careful_xlsx", side_effect=AssertionError("not read the quick way")):
        yield


def seen(workbook: Workbook) -> Seen:
    """All of a workbook, with the types of its values and what is shown of them; nan is itself."""
    grids: list[object] = []
    for grid in workbook.grids:
        rows = [
            [(type(one), repr(one), one.text if isinstance(one, Shown) else "") for one in row] for row in grid.rows
        ]
        place = (grid.sheet, grid.visible, grid.first_row, grid.first_column)
        grids.append((*place, sorted(grid.hidden_rows), grid.merges, rows))
    return grids, workbook.issues


def assert_both_ways_agree(path: Path, bounds: Bounds = STANDARD) -> None:
    workbook = read(path, bounds)
    for grid in workbook.grids:
        assert grid.columns is None or repr(list(map(list, zip(*grid.columns, strict=True)))) == repr(grid.rows)
    quick = seen(workbook)
    with the_careful_way():
        assert quick == seen(read(path, bounds))


def book(folder: Path, content: bytes) -> Path:
    path = folder / "а.xlsx"
    path.write_bytes(content)
    return path


# --- what known programs write -------------------------------------------------------------------------------------

VALUES = (
    None, "", " ", "текст", " с краю ", "две\nстроки", "<&>\"'", "_x000D_", "=1+1", "007", "я" * 300, 1, -3, 2.5, 0.1,
    1e20, 12345678901234567, True, False, date(2024, 1, 2), date(1900, 1, 5), datetime(2024, 1, 2, 3, 4, 5), time(10, 30),
    timedelta(hours=30),
)  # fmt: skip
CODES = (
    "General",
    "0%",
    "000",
    "dd.mm.yyyy",
    "[h]:mm",
    "hh:mm",
    '0" лет"',
    "@",
    "0.00E+00",
    "d mmm;@",
    '[$-419]d" г."',
)
cells = st.dictionaries(
    st.tuples(st.integers(0, 12), st.integers(0, 9) | st.integers(0, 40)),
    st.tuples(st.sampled_from(VALUES), st.none() | st.sampled_from(CODES)),
    max_size=25,
)
Cells = Mapping[tuple[int, int], tuple[object, str | None]]


def with_xlsxwriter(cells: Cells, *, date_1904: bool = False) -> bytes:
    file = io.BytesIO()
    options = {"default_date_format": "dd.mm.yyyy", "date_1904": date_1904}
    with xlsxwriter.Workbook(file, options) as written:
        formats = {code: written.add_format({"num_format": code}) for code in CODES}
        bold = written.add_format({"bold": True})
        sheet = written.add_worksheet("Лист")
        for (row, column), (value, code) in cells.items():
            sheet.write(row, column, value, formats.get(code or ""))
        sheet.write_rich_string(13, 2, "про", bold, "пись ", "и <строка>")
        sheet.merge_range(14, 1, 15, 3, "слито")
        sheet.set_row(3, None, None, {"hidden": True})
        sheet.set_row(20, 30)
        written.add_worksheet("Пустой").hide()
    return file.getvalue()


def with_openpyxl(cells: Cells) -> bytes:
    written = openpyxl.Workbook()
    sheet = written.active
    for (row, column), (value, code) in cells.items():
        cell = sheet.cell(row + 1, column + 1, value)
        if code:
            cell.number_format = code
    sheet["C14"].font = openpyxl.styles.Font(bold=True)
    sheet.merge_cells("B15:D16")
    sheet.row_dimensions[4].hidden = True
    written.create_sheet("Второй").sheet_state = "hidden"
    file = io.BytesIO()
    written.save(file)
    return file.getvalue()


@MANY
@given(cells=cells, date_1904=st.booleans())
def test_workbooks_of_libraries(tmp_path: Path, cells: Cells, date_1904: bool) -> None:
    """Whatever stands in them."""
    assert_both_ways_agree(book(tmp_path, with_xlsxwriter(cells, date_1904=date_1904)))
    assert_both_ways_agree(book(tmp_path, with_openpyxl(cells)))


ORDINARY: Cells = {
    (i, j): (value, code)
    for i, value in enumerate(VALUES)
    for j, code in enumerate(CODES)
    if not (
        code in ("dd.mm.yyyy", "[h]:mm", "hh:mm", "d mmm;@", '[$-419]d" г."') and value in (-3, 1e20, 12345678901234567)
    )
}


@pytest.mark.parametrize(
    "content", [with_xlsxwriter(ORDINARY), with_openpyxl(ORDINARY)], ids=["xlsxwriter", "openpyxl"]
)
def test_files_of_libraries_are_read_the_quick_way(tmp_path: Path, content: bytes) -> None:
    """All but numbers no format of theirs can show."""
    with only_the_quick_way():
        assert len(read(book(tmp_path, content)).grids) == 2


def test_untidy_districts(tmp_path: Path) -> None:
    """Every workbook of the districts the benchmarks keep is read alike, the quick way."""
    paths = sorted((PROJECT / "benchmarks" / "districts").rglob("*.xlsx"))
    assert paths
    for path in paths:
        with only_the_quick_way():
            quick = seen(read(path))
        with the_careful_way():
            assert quick == seen(read(path)), path


# Spellings of other programs: LibreOffice, Google, Excel, SheetJS, POI, 1C.
OTHER_SPELLINGS = {
    "every text kept": '<si><t xml:space="preserve"> а </t></si><si><t xml:space="preserve">б&amp;в</t></si>',
    "layout between texts": "\n<si>\n<t>а</t>\n</si>\n<si><t> б </t></si>\n",
    "runs": '<si><r><t>а </t></r><r><rPr><b/></rPr><t xml:space="preserve"> б</t></r></si><si><t>в</t><phoneticPr fontId="1"/></si>',
    "readings": '<si><t>а</t><rPh sb="0" eb="1"><t>чтение</t></rPh></si><si/>',
    "nothing": "<si><t/></si><si><t></t></si>",
    "line ends": "<si><t>а\r\nб\rв&#10;г&#xD;</t></si><si><t>_x000D__x005F_x000D_</t></si>",
}


@pytest.mark.parametrize("texts", OTHER_SPELLINGS.values(), ids=OTHER_SPELLINGS)
def test_shared_texts(tmp_path: Path, texts: str) -> None:
    """However they are kept."""
    rows = row_xml('<c t="s"><v>0</v></c>', '<c s="1" t="s"><v>1</v></c>', '<c t="s" s="2"><v>1</v></c>')
    more = {"xl/sharedStrings.xml": f'<?xml version="1.0"?>\r\n<sst xmlns="{MAIN}">{texts}</sst>'}
    path = book(tmp_path, xlsx({"Л": sheet_xml(rows)}, more=more))
    with only_the_quick_way():
        read(path)
    assert_both_ways_agree(path)


OTHER_ROWS = {
    "styled blanks far below": '<row r="2"><c r="B2"><v>1</v></c></row>'
    + "".join(f'<row r="{row}" ht="15"><c r="A{row}" s="3"/><c r="C{row}" s="3" /></row>' for row in range(3, 400)),
    "rows without cells": '<row r="1"/><row r="2" hidden="1"/><row r="3"><c r="A3"><v>1</v></c></row><row r="5" ht="9" />',
    "gaps": '<row r="3"><c r="C3"><v>1</v></c></row><row r="9"></row><row r="40"><c r="A40"><v>2</v></c></row>',
    "columns that come later": "".join(f'<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>' for row in range(1, 600))
    + '<row r="600"><c r="B600"><v>1</v></c><c r="BQ600" t="str"><v>далеко</v></c></row>',
    "formulas": '<row r="1"><c r="A1"><f>SUM(B1:C1)</f><v>3</v></c><c r="B1"><f t="shared" ref="B1:B9" si="0">A1&amp;"&lt;"</f>'
    '<v>1</v></c><c r="C1" t="str"><f t="shared" si="0"/><v></v></c><c r="D1"><f>1</f></c><c r="E1"><f>2</f><v/></c>'
    '<c r="F1" t="str"><f>3</f></c><c r="G1" t="b"><f>4&gt;5</f><v>0</v></c><c r="H1" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>',
    "no value": '<row r="1"><c r="A1"></c><c r="B1" t="s"></c><c r="C1" t="n"><v></v></c><c r="D1" t="str"><v></v></c></row>',
    "texts in their cells": '<row r="1"><c r="A1" t="inlineStr"><is><t> а </t></is></c>'
    '<c r="B1" s="1" t="inlineStr"><is><t xml:space="preserve"> б </t></is></c><c r="C1" t="str"><v> в&#10;_x000D_</v></c></row>',
    "only blanks": '<row r="7"><c r="B7" s="2"/></row>',
    "none": "",
}


@pytest.mark.parametrize("rows", OTHER_ROWS.values(), ids=OTHER_ROWS)
def test_rows(tmp_path: Path, rows: str) -> None:
    """However they are spelt, they are read the quick way, and alike."""
    after = '<mergeCells count="1"><mergeCell ref="A1:B2" /></mergeCells><pageMargins left="0.7"/>'
    path = book(tmp_path, xlsx({"Л": sheet_xml(rows, before='<dimension ref="A1:B2"/>', after=after)}, strings=["т"]))
    with only_the_quick_way():
        read(path)
    assert_both_ways_agree(path)


@MANY
@given(
    serials=st.lists(st.floats(-2, 2_958_470) | st.integers(-2, 2_958_470) | st.floats(0, 62), min_size=1, max_size=20),
    seconds=st.lists(st.tuples(st.integers(0, 50_000), st.integers(0, 86_399)), max_size=20),
    date_1904=st.booleans(),
)
def test_days_and_times(tmp_path: Path, serials: list[float], seconds: list[tuple[int, int]], date_1904: bool) -> None:
    """To the millisecond, in both ways of counting days."""
    spelled = [repr(one) for one in serials] + [repr(day + second / 86_400) for day, second in seconds]
    rows = "".join(
        row_xml(*(f'<c s="{style}"><v>{one}</v></c>' for style in (DATE, TIME, DURATION)), number=number)
        for number, one in enumerate(spelled, 1)
    )
    properties = '<workbookPr date1904="1"/>' if date_1904 else ""
    assert_both_ways_agree(book(tmp_path, xlsx({"Л": sheet_xml(rows)}, properties=properties)))


# --- what nobody should write ----------------------------------------------------------------------------------------

NUMBERS = (
    *(
        "1 0 -1 60 59 61 60.5 45170 45170.5 0.25 -0 2958465 2958466 3700000 1e3 1E-3 12345678901234567 1e300 1e400"
    ).split(),
    *("nan inf +1 0012 .5 5. 0x1 1_0 12,5 -1e15 44927.999999999").split(),
    *(" 1", "1 ", ""),
)
TEXTS = (
    "а", "", " ", " а ", "\n", "а\r\nб", "а\rб", "&amp;", "&lt;x&gt;", "&#10;", "&#0;", "&nbsp;", "&", "_x000D_", "_xD800_",
    "😀", "а]]>б", "\x01", "\u00a0", "<b/>", "<![CDATA[x]]>", "<!-- c -->", "&#xD800;", "&#x1F600;", "а>б", "'",
)  # fmt: skip
FORMULAS = ("", "", "", "<f>A1</f>", "<f>A1&amp;B1</f>", '<f t="shared" si="0"/>', "<f/>", "<f>A1&B1</f>", "<f>1<2</f>")
ATTRIBUTES = st.lists(
    st.sampled_from(
        ['s="1"', 's="2"', 's="4"', 's="5"', 's="0"', 's="99"', 's="01"', 't="n"', 't="s"', 't="str"', 't="b"']
    )
    | st.sampled_from(['t="e"', 't="inlineStr"', 't="d"', 't="zz"', 'cm="1"', "s='1'", 'r="A1"', "x=1"]),
    max_size=2,
)
INSIDE = (
    st.sampled_from(NUMBERS).map("<v>{}</v>".format)
    | st.sampled_from(TEXTS).map("<v>{}</v>".format)
    | st.sampled_from(TEXTS).map("<is><t>{}</t></is>".format)
    | st.sampled_from(
        ["<v>#REF!</v>", "<v>#SPILL!</v>", "<v/>", "<v />", "", "<is><r><t>а</t></r></is>", "<x/>", "<v>1</v>"]
    )
    | st.sampled_from(
        ['<v xml:space="preserve"> 1</v>', '<is><t xml:space="preserve"> а</t></is>', "<is/>", "<v>true</v>"]
    )
)
ROW_ATTRIBUTES = (
    "",
    "",
    "",
    ' spans="1:9"',
    ' hidden="1"',
    ' hidden="true"',
    ' ht="9" s="2"',
    " hidden='1'",
    " a=b",
    ' r="3"',
)
BETWEEN = ("", "", "", "", "", "", "\n", "<!-- x -->", "текст", "</row>", "<row>", '<row r="5"/>', "<x/>")
BEFORE = ("", "", '<dimension ref="A1:I9"/>', '<dimension ref="B2:A1"/>', "<dimension/>", "<a>", "<!-- <sheetData> -->")
AFTER = (
    "", "", '<mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells>', '<mergeCells><mergeCell ref="B2:A1"/></mergeCells>',
    '<mergeCells><mergeCell ref="A1"/></mergeCells>', "<mergeCells><mergeCell ref='A1:B1'/></mergeCells>", "<a>", "<?x y?>",
    '<mergeCells><mergeCell ref="A1:ZZZ9999999"/></mergeCells>', "&x;", "<!-- c -->", "<sheetData/>",
)  # fmt: skip


@st.composite
def wild_sheets(draw: st.DrawFn) -> str:
    """Sheets with much that is right and something that is not."""
    rows = []
    number = 0
    for _ in range(draw(st.integers(0, 5))):
        number = draw(st.sampled_from([number + 1] * 8 + [number + 3, number, 9_999, 1_048_576, 1_048_577]))
        row = []
        for column in draw(st.lists(st.integers(1, 9), max_size=4, unique=draw(st.integers(0, 9)) > 0).map(sorted)):
            attributes = "".join(f" {one}" for one in draw(ATTRIBUTES))
            formula, inside = draw(st.sampled_from(FORMULAS)), draw(INSIDE)
            end = draw(st.sampled_from([f">{formula}{inside}</c>"] * 9 + ["/>", " />"]))
            address = draw(st.sampled_from([f' r="{column_letter(column)}{number}"'] * 19 + ["", f' r="a{number}"']))
            row.append(f"<c{address}{attributes}{end}")
        told = draw(st.sampled_from([f' r="{number}"'] * 9 + [""]))
        rows.append(f"<row{told}{draw(st.sampled_from(ROW_ATTRIBUTES))}>{''.join(row)}</row>")
        rows.append(draw(st.sampled_from(BETWEEN)))
    before, after = draw(st.sampled_from(BEFORE)), draw(st.sampled_from(AFTER))
    return sheet_xml("".join(rows), before=before, after=after)


@pytest.mark.long
@MANY
@given(sheets=st.lists(wild_sheets(), min_size=1, max_size=2), texts=st.lists(st.sampled_from(TEXTS), max_size=3))
def test_wild_sheets(tmp_path: Path, sheets: list[str], texts: list[str]) -> None:
    """What is not regular is not read as if it were."""
    named = {f"Лист{i}": sheet for i, sheet in enumerate(sheets)}
    assert_both_ways_agree(book(tmp_path, xlsx(named, strings=texts)))


_WHOLE = with_xlsxwriter({(i, j): (value, None) for i, value in enumerate(VALUES) for j in range(3)})
places = st.floats(0, 1, exclude_max=True)


@MANY
@given(damage=st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=4))
def test_damaged_files(tmp_path: Path, damage: list[tuple[float, int]]) -> None:
    """Bytes of the archive changed: refused as before, or read as before."""
    content = bytearray(_WHOLE)
    for place, byte in damage:
        content[int(place * len(content))] = byte
    assert_both_ways_agree(book(tmp_path, bytes(content)))


@MANY
@given(
    damage=st.lists(
        st.tuples(st.integers(0, 30), places, st.sampled_from([b"", b"<", b">", b'"', b"&", b"/", b" ", b"0", b"<c>"])),
        min_size=1,
        max_size=3,
    ),
    lost=st.integers(1, 12),
)
def test_damaged_parts(tmp_path: Path, damage: list[tuple[int, float, bytes]], lost: int) -> None:
    """Bytes of the XML changed, with the archive itself in order."""
    with zipfile.ZipFile(io.BytesIO(_WHOLE)) as archive:
        parts = {
            name: archive.read(name) for name in archive.namelist() if not name.startswith(("docProps", "xl/theme"))
        }
    names = list(parts)
    for which, place, new in damage:
        part = parts[names[which % len(names)]]
        at = int(place * len(part))
        parts[names[which % len(names)]] = part[:at] + new + part[at + lost :]
    assert_both_ways_agree(book(tmp_path, zipped(parts)))


@pytest.mark.parametrize(
    "start",
    [
        '<!DOCTYPE x [<!ENTITY a "б">]>',
        '<?xml version="1.0" encoding="windows-1251"?>',
        '<?xml version="1.0" encoding="UTF-16"?>',
        "<!-- c -->",
        "\ufeff",
    ],
)
@pytest.mark.parametrize(
    "name", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"]
)
def test_declarations(tmp_path: Path, start: str, name: str) -> None:
    """No entity is ever put in for its name; what is declared is left to the careful way."""
    parts = {
        "xl/worksheets/sheet1.xml": sheet_xml(row_xml('<c t="s"><v>0</v></c>')).removeprefix('<?xml version="1.0"?>'),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>а&a;</t></si></sst>' if "ENTITY" in start else "",
        "xl/styles.xml": STYLES,
    }
    whole = xlsx({"Л": ""}, strings=["а"])
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()} | {k: v for k, v in parts.items() if v}
    old = parts[name]
    parts[name] = (start + (old if isinstance(old, str) else old.decode())).encode()
    path = book(tmp_path, zipped(parts))
    assert_both_ways_agree(path)
    assert not any("аб" in repr(grid.rows) for grid in read(path).grids)


def test_bounds(tmp_path: Path) -> None:
    """Cells are counted over all sheets; a value far from the others is no reason to make room for it."""
    full = sheet_xml(row_xml("<c><v>1</v></c>", "<c><v>2</v></c>"))
    assert_both_ways_agree(book(tmp_path, xlsx({"А": full, "Б": full})), Bounds(cells=3))
    assert_both_ways_agree(book(tmp_path, xlsx({"А": full, "Б": full})), Bounds(unpacked_bytes=500))
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="{1}"><c r="{0}{1}"><v>1</v></c></row>'
    for column, row in (("I", 20_000), ("XFD", 1_048_576), ("A", 1_048_577)):
        path = book(tmp_path, xlsx({"А": sheet_xml(far.format(column, row)), "Б": full}))
        assert_both_ways_agree(path)


def test_one_irregular_sheet_leaves_the_others_to_the_quick_way(tmp_path: Path) -> None:
    """And the workbook is opened once for all irregular ones."""
    odd, plain = sheet_xml("<row><c><v>1</v></c></row>"), sheet_xml(row_xml("<c><v>2</v></c>"))
    path = book(tmp_path, xlsx({"А": odd, "Б": plain, "В": odd}))
    with patch.object(reading.calamine, "open_book", wraps=calamine.open_book) as opened:
        workbook = read(path)
    assert [grid.rows for grid in workbook.grids] == [[[1.0]], [[2.0]], [[1.0]]]
    assert [call.args[0] for call in opened.call_args_list].count(path) == 1


ODD_ROWS = {
    "plain": '<row r="{0}"><c r="A{0}"><v>{0}</v></c><c r="B{0}" t="s"><v>0</v></c></row>',
    "formula": '<row r="{0}"><c r="B{0}"><f>A1+1</f><v>{0}</v></c></row>',
    "blank": '<row r="{0}" ht="9"/>',
    "hidden": '<row r="{0}" hidden="1"><c r="A{0}"><v>{0}</v></c></row>',
    "inline": '<row r="{0}"><c r="C{0}" t="inlineStr"><is><t>а</t></is></c></row>',
    "wide": '<row r="{0}"><c r="AK{0}"><v>{0}</v></c></row>',
}


@MANY
@given(st.lists(st.sampled_from([*ODD_ROWS, "plain", "formula", "blank"]), max_size=12))
def test_rows_of_all_kinds_among_one_another(tmp_path: Path, kinds: list[str]) -> None:
    """Each keeps its place, whatever stands before and after it."""
    rows = "".join(ODD_ROWS[kind].format(number) for number, kind in enumerate(kinds, 1))
    path = book(tmp_path, xlsx({"Л": sheet_xml(rows)}, strings=["т"]))
    with only_the_quick_way():
        read(path)
    assert_both_ways_agree(path)


@pytest.mark.parametrize("odd", ["\n", "текст", "<!-- {0} -->", "<x/>", "<row>{0}</row>", "<![CDATA[{0}]]>", "</row>"])
@pytest.mark.parametrize("beside", ["blank", "formula", "plain"])
def test_a_row_within_something_odd_is_none(tmp_path: Path, odd: str, beside: str) -> None:
    """What stands between two rows may hold what looks like one."""
    rows = ODD_ROWS[beside].format(1) + odd.format(ODD_ROWS["plain"].format(2)) + ODD_ROWS[beside].format(3)
    path = book(tmp_path, xlsx({"Л": sheet_xml(rows)}, strings=["т"]))
    with pytest.raises(AssertionError, match="not read the quick way"), only_the_quick_way():
        read(path)
    assert_both_ways_agree(path)


def test_texts_by_number_are_each_workbook_s_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the spellings of their numbers are kept, as far as they are kept."""
    monkeypatch.setattr("sheets_sync.sources.xlsx_cells.MOST_NUMBERED", 3)
    monkeypatch.setattr("sheets_sync.sources.xlsx_cells._NUMBERED", {})
    for texts in (["а", "б"], ["в", "г", "д", "е", "ё"], ["ж"], list("зийклм")):
        for attributes in ('t="s"', 's="1" t="s"'):
            cells = [f"<c {attributes}><v>{number}</v></c>" for number in range(len(texts))]
            (grid,) = read(book(tmp_path, xlsx({"Л": sheet_xml(row_xml(*cells))}, strings=texts))).grids
            assert grid.rows == [texts]


def test_large_sheets_are_taken_block_by_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With spellings forgotten in between, nothing changes."""
    rows = "".join(
        row_xml(f"<c><v>{row}</v></c>", '<c s="1"/>', '<c t="s"><v>0</v></c>' if row > 40 else "<c/>", number=row)
        for row in range(1, 90)
    )
    blank = "".join(row_xml('<c s="3"/>', number=row) for row in range(90, 130))
    path = book(tmp_path, xlsx({"Л": sheet_xml(rows + blank)}, strings=["т"]))
    monkeypatch.setattr(xlsx_regular, "_BLOCK", 300)
    monkeypatch.setattr("sheets_sync.sources.xlsx_cells.MOST_SPELLINGS", 5)
    with only_the_quick_way():
        (grid,) = read(path).grids
    assert (len(grid.rows), grid.width) == (89, 3)
    assert_both_ways_agree(path)
