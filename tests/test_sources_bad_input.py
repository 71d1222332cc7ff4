"""Bad input is normal input: one located issue, never an exception, and whatever can be read is read."""

from __future__ import annotations

import os
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheets_sync.sources import excel
from sheets_sync.sources.bounds import Bounds
from sheets_sync.sources.excel import Excel, read_workbook
from sheets_sync.table import Workbook
from tests.odd_files import compound, ods, ods_cell, row_xml, sheet_xml, xlsb, xlsx, zipped

ONE = sheet_xml(row_xml("<c><v>1</v></c>"))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv")


def read(folder: Path, name: str, content: bytes) -> Workbook:
    path = folder / name
    path.write_bytes(content)
    return read_workbook(Excel(path).list().workbooks[0])


def troubles(workbook: Workbook) -> list[tuple[str, str, str | None]]:
    return [(issue.code, issue.severity, issue.at.sheet) for issue in workbook.issues]


def only_trouble(workbook: Workbook) -> tuple[str, str | None]:
    assert workbook.grids == []
    (issue,) = workbook.issues
    assert issue.severity == "error"
    assert issue.at.workbook == workbook.path
    assert issue.at.organisation
    assert (issue.at.sheet, issue.at.row) == (None, None)
    return issue.code, dict(issue.params).get("reason")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_empty_file(tmp_path, suffix):
    """Zero bytes, as a broken copy leaves behind."""
    assert only_trouble(read(tmp_path, "а" + suffix, b"")) == ("file-empty", None)


@pytest.mark.parametrize("suffix", SUFFIXES[:-1])
@pytest.mark.parametrize(
    ("content", "kind"), [(PNG, "picture"), (b"%PDF-1.7\n...", "pdf"), (b"\xff\xd8\xff\xe0" + bytes(99), "picture")]
)
def test_picture_renamed(tmp_path, suffix, content, kind):
    """The content decides, not the name."""
    assert only_trouble(read(tmp_path, "а" + suffix, content)) == ("file-not-a-workbook", kind)


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"word/document.xml": "<w/>"}, "word"),
        ({"ppt/presentation.xml": "<p/>"}, "presentation"),
        ({"Index/Document.iwa": "x"}, "numbers"),
        ({"отчёт.xlsx": "x"}, "archive"),
        ({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}, "word"),
    ],
)
def test_other_documents_renamed(tmp_path, parts, kind):
    """A letter, slides, a Numbers document, an archive."""
    assert only_trouble(read(tmp_path, "а.xlsx", zipped(parts))) == ("file-not-a-workbook", kind)


def test_old_word_document_renamed(tmp_path):
    """A .doc that became .xls."""
    assert only_trouble(read(tmp_path, "а.xls", compound({"WordDocument": b"x"}))) == ("file-not-a-workbook", "word")


def test_encrypted_workbook(tmp_path):
    """Excel hides a workbook with a password in a compound file; the old format marks its stream; OpenDocument its manifest."""
    hidden = compound({"EncryptionInfo": b"x", "EncryptedPackage": b"x"})
    assert only_trouble(read(tmp_path, "а.xlsx", hidden)) == ("file-encrypted", None)
    stream = struct.pack("<HHHH", 0x0809, 4, 0x0600, 5) + struct.pack("<HH", 0x002F, 54) + bytes(54)
    assert only_trouble(read(tmp_path, "б.xls", compound({"Workbook": stream}))) == ("file-encrypted", None)
    manifest = {"META-INF/manifest.xml": "<manifest:encryption-data/>"}
    assert only_trouble(read(tmp_path, "в.ods", ods("", more=manifest))) == ("file-encrypted", None)


def _old_format() -> bytes:
    import io

    import xlwt

    book, file = xlwt.Workbook(), io.BytesIO()
    sheet = book.add_sheet("Л")
    for row in range(300):
        sheet.write(row, 0, f"строка {row}")
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("keep", [0.05, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods"])
def test_truncated_file(tmp_path, suffix, keep):
    """Half a download."""
    row = f"<table:table-row>{ods_cell('string', '', 'а')}</table:table-row>"
    table = f'<table:table table:name="Л">{row}</table:table>'
    whole = {".xlsx": xlsx({"Л": ONE}), ".xls": _old_format(), ".ods": ods(table)}[suffix]
    workbook = read(tmp_path, "а" + suffix, whole[: int(len(whole) * keep)])
    assert {issue.code for issue in workbook.issues} == {"file-unreadable"}


def test_one_broken_sheet_leaves_the_others(tmp_path):
    """The issue names the sheet."""
    workbook = read(tmp_path, "а.xlsx", xlsx({"Целый": ONE, "Битый": ONE[:-30].replace("</c>", ""), "Ещё": ONE}))
    assert [grid.sheet for grid in workbook.grids] == ["Целый", "Ещё"]
    assert troubles(workbook) == [("file-unreadable", "error", "Битый")]


def test_missing_part(tmp_path):
    """A sheet is listed but its part is not there."""
    whole = xlsx({"А": ONE, "Б": ONE})
    path = tmp_path / "а.xlsx"
    path.write_bytes(whole)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if not name.endswith("sheet2.xml")}
    workbook = read(tmp_path, "а.xlsx", zipped(parts))
    assert [grid.sheet for grid in workbook.grids] == ["А"]
    assert troubles(workbook) == [("file-unreadable", "error", "Б")]


def test_zip_bomb_is_refused_before_it_is_inflated(tmp_path):
    """A hundred megabytes of blanks in a hundred kilobytes."""
    bomb = xlsx({"Л": b" " * 100_000_000})
    assert len(bomb) < 200_000
    assert only_trouble(read(tmp_path, "а.xlsx", bomb)) == ("file-too-large", "expands")


def test_zip_bomb_that_lies_about_its_size(tmp_path):
    """The part says it is small; inflating stops there."""
    content = bytearray(xlsx({"Л": b"<worksheet>" + b" " * 30_000_000}))
    real, lie = struct.pack("<I", 30_000_011), struct.pack("<I", 5000)
    assert content.count(real) == 2
    workbook = read(tmp_path, "а.xlsx", bytes(content.replace(real, lie)))
    assert workbook.grids == []
    assert troubles(workbook) == [("file-too-large", "error", "Л")]


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="900000"><c r="BB900000"><v>1</v></c></row>',
        '<row r="9999999"><c r="XFD9999999"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c s="0" r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r = "XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="ZZZZ1"><v>1</v></c><c r="A9999"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c>'
        + " " * 5000
        + '</row><row r="1048576">'
        + "<c><v>1</v></c>" * 2000
        + "</row>",
    ],
)
def test_values_far_apart_are_refused(tmp_path, rows):
    """Two cells in opposite corners would span billions; the other sheets are read."""
    workbook = read(tmp_path, "а.xlsx", xlsx({"Далеко": sheet_xml(rows), "Л": ONE}))
    assert [grid.sheet for grid in workbook.grids] == ["Л"]
    assert troubles(workbook) == [("file-too-large", "error", "Далеко")]


def test_cell_in_two_places_is_refused(tmp_path):
    """Whichever a reader took, it might be the one far away."""
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="B1" r="ZZZZ99999999"><v>1</v></c></row>'
    workbook = read(tmp_path, "а.xlsx", xlsx({"Где": sheet_xml(rows), "Л": ONE}))
    assert [grid.sheet for grid in workbook.grids] == ["Л"]
    assert troubles(workbook) == [("file-unreadable", "error", "Где")]


def test_a_million_rows_claimed_or_formatted_cost_nothing(tmp_path):
    """What the dimension claims and blank formatted cells far below do not count."""
    far = '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    sheet = sheet_xml(row_xml("<c><v>1</v></c>") + far, before='<dimension ref="A1:XFD1048576"/>')
    workbook = read(tmp_path, "а.xlsx", xlsx({"Л": sheet}))
    assert [grid.rows for grid in workbook.grids] == [[[1.0]]]
    assert workbook.issues == []


def test_a_long_narrow_sheet_is_read(tmp_path):
    """Twenty thousand rows are many, not too many."""
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="C{n}"><v>1</v></c></row>' for n in range(1, 20_001))
    workbook = read(tmp_path, "а.xlsx", xlsx({"Л": sheet_xml(rows)}))
    assert workbook.issues == []
    assert workbook.grids[0].value(20_000, 1) == 20_000


@pytest.mark.parametrize("suffix", [".xlsx", ".ods", ".xls"])
def test_entity_attack(tmp_path, suffix):
    """A document type definition is refused wherever it stands."""
    bomb = '<!DOCTYPE x [<!ENTITY a "аааа"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    if suffix == ".xlsx":
        content = xlsx({"Л": bomb + ONE.partition("?>")[2]})
    elif suffix == ".ods":
        content = zipped({"content.xml": bomb + "<office>&c;</office>"})
    else:
        name = "urn:schemas-microsoft-com:office:spreadsheet"
        content = f'<?xml version="1.0"?>{bomb}<Workbook xmlns="{name}">&c;</Workbook>'.encode()
    workbook = read(tmp_path, "а" + suffix, content)
    assert workbook.grids == []
    assert [issue.code for issue in workbook.issues] == ["file-unreadable"]


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [(Bounds(file_bytes=1000), "bytes"), (Bounds(unpacked_bytes=500), "expands")],
)
def test_what_exceeds_its_bounds_is_refused(tmp_path, bounds, reason):
    """The size alone is enough not to open a file; what it unpacks to is bounded too."""
    path = tmp_path / "а.xlsx"
    path.write_bytes(xlsx({"Л": ONE}))
    assert only_trouble(read_workbook(Excel(path).list().workbooks[0], bounds)) == ("file-too-large", reason)


def test_cells_are_bounded(tmp_path):
    """In a workbook of several sheets those that fit are read; a CSV file is one sheet."""
    path = tmp_path / "а.xlsx"
    path.write_bytes(xlsx({"Л": sheet_xml(row_xml("<c><v>1</v></c>", "<c><v>2</v></c>")), "М": ONE}))
    workbook = read_workbook(Excel(path).list().workbooks[0], Bounds(cells=2))
    assert [grid.sheet for grid in workbook.grids] == ["Л"]
    assert troubles(workbook) == [("file-too-large", "error", "М")]
    path = tmp_path / "а.csv"
    path.write_text("а;б\nв;г\n", encoding="utf-8")
    ref = Excel(path).list().workbooks[0]
    assert only_trouble(read_workbook(ref, Bounds(cells=3))) == ("file-too-large", "cells")
    assert read_workbook(ref, Bounds(cells=4)).issues == []


def test_file_that_changes_once_while_it_is_read_is_read_again(tmp_path, monkeypatch):
    """Somebody saved it just then: what counts is the newer one."""
    path, first = tmp_path / "а.xlsx", True
    path.write_bytes(xlsx({"Старый": ONE}))
    real = excel.read_grids

    def saved_meanwhile(*arguments):
        nonlocal first
        grids = real(*arguments)
        if first:
            path.write_bytes(xlsx({"Новый лист": ONE}))
        first = False
        return grids

    monkeypatch.setattr(excel, "read_grids", saved_meanwhile)
    workbook = read_workbook(Excel(path).list().workbooks[0])
    assert [grid.sheet for grid in workbook.grids] == ["Новый лист"]
    assert workbook.issues == []


def test_file_that_keeps_changing_is_said(tmp_path, monkeypatch):
    """Never half of one version and half of another."""
    path, times = tmp_path / "а.xlsx", 0
    path.write_bytes(xlsx({"Л": ONE}))
    real = excel.read_grids

    def saved_meanwhile(*arguments):
        nonlocal times
        times += 1
        grids = real(*arguments)
        os.utime(path, ns=(times, times))
        return grids

    monkeypatch.setattr(excel, "read_grids", saved_meanwhile)
    assert only_trouble(read_workbook(Excel(path).list().workbooks[0])) == ("file-changed", None)


def test_file_that_is_gone(tmp_path):
    """Deleted between listing and reading."""
    path = tmp_path / "а.xlsx"
    path.write_bytes(xlsx({"Л": ONE}))
    (ref,) = Excel(path).list().workbooks
    path.unlink()
    assert only_trouble(read_workbook(ref)) == ("file-unreadable", "gone")


def test_file_that_may_not_be_opened(tmp_path, monkeypatch):
    """Excel on Windows locks what it has open."""
    path = tmp_path / "а.xlsx"
    path.write_bytes(xlsx({"Л": ONE}))
    (ref,) = Excel(path).list().workbooks

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert only_trouble(read_workbook(ref)) == ("file-locked", "no-permission")


def test_content_decides_what_a_file_is(tmp_path):
    """An .xls that is an .xlsx, a web page, Excel 2003 XML, OpenDocument, plain text: read as what it is."""
    page = (
        "<html><meta charset=utf-8><table><tr><th colspan=2>Дата</th></tr><tr><td>01.09.2023<td>тема<br>вторая</table>"
    )
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    old_xml = (
        f'<?xml version="1.0"?><Workbook xmlns="{name}" xmlns:ss="{name}"><Worksheet ss:Name="Л"><Table><Row ss:Index="3">'
        '<Cell ss:Index="2"><Data ss:Type="Number">7</Data></Cell><Cell><Data ss:Type="Error">#REF!</Data></Cell>'
        '<Cell><Data ss:Type="DateTime">2023-09-01T00:00:00.000</Data></Cell></Row></Table></Worksheet></Workbook>'
    )
    flat = zipfile.ZipFile(_file(tmp_path, ods('<table:table table:name="Л"/>'))).read("content.xml")
    assert [grid.rows for grid in read(tmp_path, "а.xls", xlsx({"Л": ONE})).grids] == [[[1.0]]]
    assert read(tmp_path, "б.xlsx", _old_format()).grids[0].rows[0] == ["строка 0"]
    (grid,) = read(tmp_path, "в.xls", page.encode()).grids
    assert grid.rows == [["Дата", ""], ["01.09.2023", "тема\nвторая"]]
    assert grid.merges == ((1, 1, 1, 2),)
    (grid,) = read(tmp_path, "г.xls", old_xml.encode()).grids
    assert (grid.sheet, grid.first_row, grid.first_column) == ("Л", 3, 2)
    assert [str(value) for value in grid.rows[0]] == ["7.0", "#REF!", "2023-09-01"]
    assert read(tmp_path, "д.xlsx", flat.replace(b"document-content", b"document")).issues == []
    (grid,) = read(tmp_path, "е.xls", "Дата;Тема\n01.09.2023;встреча\n".encode("cp1251")).grids
    assert grid.rows[1] == ["01.09.2023", "встреча"]


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "part.zip"
    path.write_bytes(content)
    return path


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=400),
    start=st.sampled_from(
        [b"", b"PK\3\4", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<?xml", b"<table>", b"\xff\xfe", b"sep=;\n"]
    ),
    suffix=st.sampled_from(SUFFIXES),
)
def test_arbitrary_bytes_never_raise(tmp_path, content, start, suffix):
    """Whatever a file holds, it is read or there is an issue."""
    workbook = read(tmp_path, "а" + suffix, start + content)
    assert workbook.grids or workbook.issues


_WHOLE = {
    ".xlsx": xlsx({"Л": ONE}),
    ".xls": _old_format(),
    ".ods": ods(
        f'<table:table table:name="Л"><table:table-row>{ods_cell("float", "1", "1")}</table:table-row></table:table>'
    ),
    ".xlsb": xlsb(b""),
}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    suffix=st.sampled_from(sorted(_WHOLE)),
    damage=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_damaged_workbooks_never_raise(tmp_path, suffix, damage):
    """A few bytes changed anywhere."""
    content = bytearray(_WHOLE[suffix])
    for where, byte in damage:
        content[int(where * len(content))] = byte
    read(tmp_path, "а" + suffix, bytes(content))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(
        st.sampled_from(
            ["<row>", '<row r="3">', "</row>", '<c r="B2">', "<c>", '<c t="e">', '<c t="b" s="2">', "</c>", "<v>60</v>"]
            + ["<v>#REF!</v>", "<f>1", "</f>", "<f/>", "<v/>", '<c r="XFD1048577"/>', "&amp;", "&x;", "<v>-1e999</v>"]
            + ['<row hidden="1">', '<c s="1">', '<c r="1">', '<c r="A0">', "<is><t>а</t></is>", '<row r="99999999999">']
        ),
        max_size=14,
    )
)
def test_odd_sheets_never_raise(tmp_path, pieces):
    """Tags in any order."""
    read(tmp_path, "а.xlsx", xlsx({"Л": sheet_xml("".join(pieces))}))
