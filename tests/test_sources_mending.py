"""One cell that cannot be costs only itself: the other cells of its sheet are read as they stand."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from sheets_sync.sources.excel import Excel, read_workbook
from sheets_sync.sources.xlsx_mend import mended
from sheets_sync.table import CellError, Value, Workbook
from tests.odd_files import DATE, DURATION, PERCENT, TIME, row_xml, sheet_xml, xlsb, xlsx, zipped

LOST = CellError("#REF!")


def read(folder: Path, rows: str, after: str = "") -> Workbook:
    path = folder / "а.xlsx"
    path.write_bytes(xlsx({"Лист": sheet_xml(rows, after=after)}, strings=["первая", "вторая"]))
    return read_workbook(Excel(path).list().workbooks[0])


def number(value: str, style: int) -> str:
    return f'<c s="{style}"><v>{value}</v></c>'


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (number("1e10", DURATION), 1e10),
        (number("-1e15", DURATION), -1e15),
        (number("1e300", DURATION), 1e300),
        (number("-1e15", DATE), -1e15),
        (number("-1e15", TIME), -1e15),
        ("<c><v>12,5</v></c>", "12,5"),
        ('<c t="n"><v>пять</v></c>', "пять"),
        ('<c t="s"><v>999</v></c>', LOST),
        ('<c t="e"><v>#SPILL!</v></c>', CellError("#SPILL!")),
        ('<c t="b"><v>да</v></c>', "да"),
        ('<c t="zz"><v>слово</v></c>', "слово"),
        ('<c t="inlineStr"><is><t>а&#xD800;б</t></is></c>', "а\ufffdб"),
        ('<c t="inlineStr"><is><t>а&#0;б</t></is></c>', "а\ufffdб"),
        ('<c t="inlineStr"><is><t>а&nbsp;б</t></is></c>', "а&nbsp;б"),
    ],
)
def test_cell_that_cannot_be(tmp_path: Path, cell: str, value: Value) -> None:
    """What stands there is given as it stands; dates, per cents and texts around it keep their meaning."""
    around = (number("45170", DATE), number("0.85", PERCENT), '<c t="s"><v>1</v></c>', '<c t="e"><v>#N/A</v></c>')
    workbook = read(tmp_path, row_xml(cell, *around) + row_xml("<c><v>1</v></c>", number=2))
    plain = read(tmp_path, row_xml("<c><v>1</v></c>", *around) + row_xml("<c><v>1</v></c>", number=2))
    assert workbook.issues == []
    (row, after), (expected, _) = workbook.grids[0].rows, plain.grids[0].rows
    assert (row[0], type(row[0])) == (value, type(value))
    assert row[1:] == expected[1:]
    assert after[0] == 1


def test_a_part_without_a_name_costs_nothing(tmp_path: Path) -> None:
    """What a broken program left in the archive is no part of the workbook."""
    content = xlsx({"Лист": sheet_xml(row_xml('<c t="zz"><v>пять</v></c>', "<c><v>1</v></c>"))})
    with_name = io.BytesIO(content)
    with zipfile.ZipFile(with_name, "a") as archive:
        archive.writestr("x", b"left over")
    nameless = with_name.getvalue()
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):  # the name is cut off, and what stood for it is an extra field
        at = nameless.rindex(mark)
        name = at + (26 if mark[2] == 3 else 28)
        length = int.from_bytes(nameless[name : name + 2], "little")
        assert length == 1
        nameless = nameless[:name] + b"\0\0\1\0" + nameless[name + 4 :]
    path = tmp_path / "а.xlsx"
    path.write_bytes(nameless)
    workbook = read_workbook(Excel(path).list().workbooks[0])
    assert workbook.issues == []
    assert workbook.grids[0].rows == [["пять", 1]]


def test_merges_that_cannot_be(tmp_path: Path) -> None:
    """Those that can are kept."""
    refs = ("F9:A1", "A0:B0", "ZZZ1:ZZZ9999999", "A1", "A1:B1")
    merges = "<mergeCells>" + "".join(f'<mergeCell ref="{ref}"/>' for ref in refs) + "</mergeCells>"
    workbook = read(tmp_path, row_xml("<c><v>1</v></c>", "<c><v>2</v></c>"), merges)
    assert workbook.issues == []
    assert workbook.grids[0].rows == [[1, 2]]
    assert (1, 1, 1, 2) in workbook.grids[0].merges


def test_good_cells_are_left_as_they_are() -> None:
    """Nothing to mend, nothing changed."""
    cells = [
        number("45170.5", DATE), number("-5", DATE), "<c/>", '<c s="3"/>', '<c t="s"><v>0</v></c>', '<c t="b"><v>1</v></c>',
        '<c t="str"><f>A1&amp;"x"</f><v>а&#10;б &lt;</v></c>', '<c t="d"><v>2024-01-09</v></c>', '<c t="e"><v>#N/A</v></c>',
        '<c t="inlineStr"><is><r><t>а</t></r></is></c>', "<c><f>1+1</f></c>",
    ]  # fmt: skip
    sheet = sheet_xml(row_xml(*cells)).encode()
    assert mended(sheet, 1) == sheet


def test_panic_of_the_reading_library_is_not_shown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The issue says what there is to say; a stack of another language helps nobody."""
    path = tmp_path / "а.xlsb"
    with zipfile.ZipFile(io.BytesIO(xlsb(b""))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/_rels/workbook.bin.rels"] = parts["xl/_rels/workbook.bin.rels"].replace(b"rId1", b"rId9")
    path.write_bytes(zipped(parts))
    workbook = read_workbook(Excel(path).list().workbooks[0])
    assert [issue.code for issue in workbook.issues] == ["file-unreadable"]
    assert capfd.readouterr().err == ""
