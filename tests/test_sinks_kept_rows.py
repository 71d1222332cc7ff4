"""Rows in groups: written as pieces that stand for themselves, and taken as they are by the file written next."""

from __future__ import annotations

import io
import runpy
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheets_sync.reporting.page import (
    Batch,
    Batches,
    Book,
    Cell,
    Column,
    Formula,
    Kept,
    Link,
    Links,
    PlainValue,
    Sheet,
    Tone,
)
from sheets_sync.sinks import crc32, excel, kept_rows, xlsx, xlsx_archive
from sheets_sync.sinks.excel import render_book
from sheets_sync.sinks.kept_rows import KeptRows, RowsNotKept

faults = runpy.run_path(str(Path(__file__).with_name("xlsx_order.py")))["faults"]

COLUMNS = (
    Column("Имя", "text", 12, wrap=True),
    Column("Когда", "date", 12),
    Column("Сколько", "integer", 9),
    Column("Доля", "percent", 9),
    Column("Число", "number", 9, format="0.00"),
    Column("Строка", "link", 8),
    Column("Ещё", "text", 10),
)
Row = tuple[tuple[PlainValue, ...], Tone]
Groups = dict[str, list[Row]]

TARGETS = ("а.xlsx#'Л'!A1", "а.xlsx#'Л'!A22", "б в.xlsx#'Л'!A7", "#'Итог'!C3", "#'Итог'!C4", "а.xlsx", "x:y", "",
           "https://a.example/x#y!A1", f"а.xlsx#'{'Л' * 250}'!A1")  # fmt: skip
LINKS = st.builds(Link, st.sampled_from(["5", "Пары", ""]), st.sampled_from(TARGETS))
VALUES: st.SearchStrategy[PlainValue] = st.one_of(
    st.none(),
    st.sampled_from(["", "да", "=1", " край & <", "длинная строка " * 9, "две\nстроки"]),
    st.integers(-99, 10**16),
    st.floats(allow_nan=True),
    st.booleans(),
    st.dates(date(1890, 1, 1), date(2100, 1, 1)),
    LINKS,
)
TONES: st.SearchStrategy[Tone] = st.sampled_from(["", "bad", "muted", "section", "total"])
# A column is mostly of its kind: so it is rendered at once in some batches and value by value in others.
ROWS = st.tuples(
    st.tuples(
        st.sampled_from(["Орлова", None, "Пётр"]) | VALUES,
        st.dates(date(2023, 1, 1), date(2024, 1, 1)) | st.none() | VALUES,
        st.integers(0, 9) | st.sampled_from(["нет", None]),
        st.floats(0, 100) | st.none() | VALUES,
        st.integers(0, 9) | st.floats(0, 9),
        LINKS | st.sampled_from(["12", None]),
        st.sampled_from(["а", None]) | LINKS,
    ),
    TONES,
)
GROUPS = st.dictionaries(
    st.sampled_from(["школа-1", "школа-2", "сад", "колледж", "\udc80"]), st.lists(ROWS, max_size=6)
)


def batches_of(rows: Sequence[tuple[str, Row]], cuts: Collection[int]) -> list[Batch | Kept]:
    """The rows of groups in batches that end at the cuts."""
    made: list[Batch | Kept] = []
    edges = [0, *sorted(cut for cut in cuts if cut < len(rows)), len(rows)]
    for start, end in pairwise(edges):
        part = rows[start:end]
        columns = list(zip(*(row for _, (row, _) in part), strict=True)) or [()] * len(COLUMNS)
        made.append(Batch(columns, [tone for _, (_, tone) in part], [group for group, _ in part]))
    return made


def book_of(batches: Iterable[Batch | Kept], groups: Collection[str] | None, **more: Any) -> Book:
    """A book with such rows in its second sheet, between two others."""
    sheet = Sheet("Пары", more.pop("columns", COLUMNS), (), above=["Реестр", Link("Итог", "#'Итог'!A1")], **more)
    sheet.rows = Batches(batches, sheet.tones, groups)
    before = Sheet("Школы", [Column("А")], [(Link("х", "ю.xlsx"),)])
    return Book("Проба", [before, sheet, Sheet("Итог", [Column("А"), Column("Б")], [("а", "б")])])


def told_of(groups: Groups) -> list[tuple[str, Row]]:
    return [(group, row) for group, rows in sorted(groups.items()) for row in rows]


def written(book: Book, kept: KeptRows | None = None) -> bytes:
    file = io.BytesIO()
    render_book(book, file, kept=kept)
    return file.getvalue()


def keep(path: Path, groups: Groups, **more: Any) -> bytes:
    """The file of such rows, which are kept."""
    with KeptRows.load(path) as kept:
        made = written(book_of(batches_of(told_of(groups), ()), groups, **more), kept)
        kept.save("сегодня")
    return made


def narrowed(groups: Groups, left_out: Collection[str], cuts: Collection[int], together: bool) -> list[Batch | Kept]:
    """Batches of the rows, those of some groups left out."""
    made: list[Batch | Kept] = []
    for out, members in groupby(sorted(groups), left_out.__contains__):
        some = list(members)
        if not out:
            made += batches_of(told_of({group: groups[group] for group in some}), cuts)
        else:
            made += [Kept(some)] if together else [Kept([group]) for group in some]
    return made


def cells_of(file: bytes) -> list[tuple[object, ...]]:
    """What is in the cells of the second sheet, and how it looks."""
    import openpyxl

    sheet = openpyxl.load_workbook(io.BytesIO(file)).worksheets[1]
    return [
        (
            cell.coordinate,
            repr(cell.value),
            cell.value is not None and (cell.number_format, cell.font.b, cell.font.color, cell.fill.fgColor.rgb),
            cell.hyperlink and (cell.hyperlink.target, cell.hyperlink.location),
            sheet.row_dimensions[row].height,
        )
        for row, line in enumerate(sheet.iter_rows(), 1)
        for cell in line
    ]


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_rows_taken_as_they_were_give_the_file_that_all_rows_would(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Byte for byte, however told rows come in batches, from one file to the next and the one after that."""
    path = tmp_path_factory.mktemp("kept") / "rows"
    groups = data.draw(GROUPS, "groups")
    cuts = st.sets(st.integers(1, 12), max_size=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xlsx_archive, "COMPRESSED_AT_ONCE", data.draw(st.sampled_from([65_536, 700, 64]), "at once"))
        patch.setattr(excel, "CHUNK", data.draw(st.sampled_from([2_000, 3]), "chunk"))
        keep(path, groups)
        for _ in range(2):
            changed = data.draw(GROUPS, "changed")
            gone = data.draw(st.sets(st.sampled_from(sorted(groups))) if groups else st.just(set()), "gone")
            left_out = groups.keys() - changed.keys() - gone
            groups = {
                group: changed.get(group, rows) for group, rows in {**groups, **changed}.items() if group not in gone
            }
            with KeptRows.load(path) as kept:
                assert kept.stamp == "сегодня"
                assert kept.has("Пары", left_out)
                batches = narrowed(groups, left_out, data.draw(cuts), data.draw(st.booleans()))
                made = written(book_of(batches, groups, below=["Конец"]), kept)
                kept.save("сегодня")
            told = batches_of(told_of(groups), data.draw(cuts))
            assert made == written(book_of(told, groups, below=["Конец"]))
    assert faults(io.BytesIO(made)) == []
    assert cells_of(made) == cells_of(written(book_of(told, None, below=["Конец"])))


def sample(rows: int = 3) -> Groups:
    def row(group: str, number: int) -> Row:
        link = Link(str(number), f"{group}.xlsx#'Л'!A{number}")
        return ("Орлова", date(2024, number % 12 + 1, 1), number, 12.5, 0.5, link, None), "bad" if number == 2 else ""

    return {group: [row(group, number) for number in range(1, rows + 1)] for group in ("а", "б", "в")}


def test_readers_find_rows_without_numbers_where_they_stand(tmp_path: Path) -> None:
    """openpyxl, row by row too, python-calamine, pandas and our own reader see what they see in numbered rows."""
    import openpyxl
    import pandas
    from python_calamine import CalamineWorkbook

    from sheets_sync.sources import WorkbookRef
    from sheets_sync.sources.excel import read_workbook

    rows = told_of(sample(9))
    rows[4] = ("б", ((True, None, 10**17, None, "#Н/Д", "12", "007"), ""))
    files = [written(book_of(batches_of(rows, ()), groups, below=["Конец"])) for groups in (None, ("а", "б", "в"))]

    def seen(file: bytes) -> list[object]:
        place = tmp_path / "а.xlsx"
        place.write_bytes(file)
        status = place.stat()
        lines = openpyxl.load_workbook(place, read_only=True).worksheets[1].iter_rows(values_only=True)
        return [
            [[value for value in line if value is not None] for line in lines],  # as wide as the sheet says it is
            CalamineWorkbook.from_path(str(place)).get_sheet_by_index(1).to_python(),
            *(
                pandas.read_excel(place, sheet_name=1, header=3, engine=one).to_csv()
                for one in ("openpyxl", "calamine")
            ),
            read_workbook(WorkbookRef("о", "а.xlsx", str(place), status.st_size, status.st_mtime_ns)),
        ]

    assert b'<row r="5"' not in xlsx_part(files[1])
    assert seen(files[1]) == seen(files[0])
    assert cells_of(files[1]) == cells_of(files[0])


def xlsx_part(file: bytes) -> bytes:
    """The XML of the second sheet."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return archive.read("xl/worksheets/sheet2.xml")


@pytest.mark.system
def test_libreoffice_reads_rows_without_numbers(tmp_path: Path) -> None:
    """The values, where they stand, and the links of rows that were taken as they were."""
    assert shutil.which("soffice"), "LibreOffice is needed"
    groups = sample(40)
    keep(tmp_path / "rows", groups)
    with KeptRows.load(tmp_path / "rows") as kept:
        narrow = narrowed(groups, ("а", "в"), (), together=True)
        (tmp_path / "а.xlsx").write_bytes(written(book_of(narrow, groups, below=["Конец"]), kept))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "ods", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "а.xlsx")], check=True, timeout=180, capture_output=True)
    from python_calamine import CalamineWorkbook

    of_ours, again = (
        CalamineWorkbook.from_path(str(tmp_path / name)).get_sheet_by_index(1).to_python()
        for name in ("а.xlsx", "а.ods")
    )
    assert again == of_ours
    assert len(again) == 4 + 120 + 2


@pytest.mark.parametrize("number_of_rows", [1, 3])
def test_more_rows_than_fit_go_on_and_are_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number_of_rows: int
) -> None:
    """Told in full they go on in a second sheet; kept ones are refused, before or behind the ones told."""
    path, groups = tmp_path / "rows", sample()
    keep(path, groups)
    monkeypatch.setattr(xlsx, "MAX_ROWS", 6 + 7)  # of nine rows
    one_told = sample(number_of_rows) | {"а": groups["а"], "в": groups["в"]}
    for left_out in ("а", "в", "бв", "аб", "абв"):
        with KeptRows.load(path) as kept, pytest.raises(RowsNotKept):
            written(book_of(narrowed(groups, left_out, (), together=False), groups), kept)
    with KeptRows.load(path) as kept:
        made = (
            written(book_of(narrowed(one_told, "ав", (), together=True), groups), kept) if number_of_rows == 1 else b""
        )
    assert number_of_rows == 3 or made == written(book_of(batches_of(told_of(one_told), ()), groups))
    made = keep(path, groups)
    assert made == written(book_of(batches_of(told_of(groups), (1, 5)), groups))
    assert faults(io.BytesIO(made)) == []
    import openpyxl

    sheets = openpyxl.load_workbook(io.BytesIO(made))
    assert sheets.sheetnames == ["Школы", "Пары", "Пары (2)", "Итог"]
    assert [sheets[name].max_row for name in ("Пары", "Пары (2)")] == [4 + 7, 4 + 2]
    with KeptRows.load(path) as kept:
        assert not kept.has("Пары", groups)


def test_more_links_than_allowed_are_text_and_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told in full a line below says so; kept ones are refused."""
    path, groups = tmp_path / "rows", sample()
    keep(path, groups)
    monkeypatch.setattr(xlsx, "MAX_LINKS", 8)  # one above, nine below
    for left_out in ("а", "в", "абв"):
        with KeptRows.load(path) as kept, pytest.raises(RowsNotKept):
            written(book_of(narrowed(groups, left_out, (), together=True), groups), kept)
    made = keep(path, groups)
    assert made == written(book_of(batches_of(told_of(groups), (1, 5)), groups))
    assert "больше 8 ссылок" in xlsx_part(made).decode()
    with KeptRows.load(path) as kept:
        assert not kept.has("Пары", groups)


def test_what_is_kept_is_told_beforehand(tmp_path: Path) -> None:
    """Of which sheet and groups; a group without rows is one of them where the sheet says it may have some."""
    groups: Groups = {**sample(), "г": []}
    path = tmp_path / "rows"
    with KeptRows.load(path) as kept:
        assert (kept.stamp, kept.has("Пары", ()), kept.has("Пары", "а")) == ("", False, False)
    keep(path, groups)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]
    with KeptRows.load(path) as kept:
        assert kept.stamp == "сегодня"
        assert kept.has("Пары", "абвг")
        assert not kept.has("Пары", "ад")
        assert not kept.has("Школы", ())
        with pytest.raises(RowsNotKept, match="'д'"):
            written(book_of([Kept("ад")], groups), kept)
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(RowsNotKept):
        written(book_of([Kept("а")], groups))


def test_a_group_told_twice_is_not_kept(tmp_path: Path) -> None:
    """Its rows could not be told from each other; taken and then told again they are refused."""
    path, groups = tmp_path / "rows", sample()
    twice = [*told_of(groups), *told_of({"а": groups["а"]})]
    keep(path, groups)
    with KeptRows.load(path) as kept, pytest.raises(RowsNotKept):
        written(book_of([Kept("абв"), *batches_of(told_of({"а": groups["а"]}), ())], groups), kept)
    with KeptRows.load(path) as kept:
        made = written(book_of(batches_of(twice, ()), groups), kept)
        kept.save()
    assert len(cells_of(made)) == len(COLUMNS) * (4 + 12)
    with KeptRows.load(path) as kept:
        assert not kept.has("Пары", "а")


def test_half_a_file_is_none_and_a_damaged_one_is_noticed(tmp_path: Path) -> None:
    """Cut short, of another version, or changed in its index it keeps nothing; changed in its rows these are refused."""
    path, groups = tmp_path / "rows", sample()
    keep(path, groups)
    whole = path.read_bytes()
    index_at = whole.index(b'{"version"')
    for content in (
        b"",
        whole[:30],
        whole[:-1],
        whole[1:],
        whole[:index_at] + whole[index_at:].replace(b"A1", b"A2", 1),
    ):
        path.write_bytes(content)
        with KeptRows.load(path) as kept:
            assert not kept.has("Пары", "а")
    path.write_bytes(bytes(index_at) + whole[index_at:])
    with KeptRows.load(path) as kept:
        assert kept.has("Пары", "а")
        with pytest.raises(RowsNotKept, match="damaged"):
            written(book_of([Kept("абв")], groups), kept)


def test_rows_of_another_program_or_layout_are_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version, another column, another sheet whose looks have numbers before theirs."""
    path, groups = tmp_path / "rows", sample()
    keep(path, groups)
    wider = (*COLUMNS[:-1], Column("Ещё", "text", 11))
    with KeptRows.load(path) as kept, pytest.raises(RowsNotKept):
        written(book_of([Kept("абв")], groups, columns=wider), kept)
    book = book_of([Kept("абв")], groups)
    book.sheets[0].title = "Организации"
    with KeptRows.load(path) as kept, pytest.raises(RowsNotKept):
        written(book, kept)
    monkeypatch.setattr(kept_rows, "_VERSION", "2")
    with KeptRows.load(path) as kept:
        assert not kept.has("Пары", "а")


def test_what_cannot_be_kept_does_not_keep_the_book_from_being_written(tmp_path: Path) -> None:
    """No folder for the file; nor is a file replaced by one that was not saved."""
    groups = sample()
    with KeptRows.load(tmp_path / "нет" / "rows") as kept:
        made = written(book_of(batches_of(told_of(groups), ()), groups), kept)
        kept.save()
    assert not (tmp_path / "нет").exists()
    keep(tmp_path / "rows", groups)
    was = (tmp_path / "rows").read_bytes()
    with KeptRows.load(tmp_path / "rows") as kept:
        assert written(book_of([Kept("абв")], groups), kept) == made
        assert written(book_of([Kept("аб")], groups), kept) != made
    assert (tmp_path / "rows").read_bytes() == was


def test_rows_in_groups_look_as_their_columns_declare() -> None:
    """What would make them go by other rows is refused."""
    rows = batches_of(told_of(sample()), ())
    for column in (Column("А"), Column("А", "number", 9)):
        with pytest.raises(ValueError, match="must declare"):
            written(book_of([], (), columns=(column,)))
    with pytest.raises(ValueError, match="tones of cells"):
        written(book_of(rows, (), cell_tones={(0, 0): "bad"}))
    formula = Formula("{0}", 1, (Cell(0, 0),))
    with pytest.raises(ValueError, match="formulas"):
        written(book_of([Batch([[formula]], [""], ["а"])], (), columns=COLUMNS[:1]))
    with pytest.raises(ValueError, match="each its group"):
        written(book_of([Batch([["а"]], [""])], (), columns=COLUMNS[:1]))


def test_rows_that_are_kept_are_told_to_nobody() -> None:
    """Whoever goes through the rows cannot have them, nor can a sheet without groups."""
    batches = Batches([Kept("абв")], {}, "абв")
    with pytest.raises(ValueError, match="3 groups"):
        list(batches)
    with pytest.raises(ValueError, match="without groups"):
        written(book_of([Kept("абв")], None))


def test_a_column_of_links_is_kept_as_its_links_one_by_one(tmp_path: Path) -> None:
    """Also where some of its cells lead nowhere, or to another sheet now and then."""
    leads = ["а.xlsx#'Л'!", "", "а.xlsx#'Л'!", "б.xlsx#'Л'!", "а.xlsx#'Л'!", "а.xlsx#'Л'!"]
    texts, cells = [str(number) for number in range(6)], [f"A{number}" for number in range(6, 12)]
    columns = (Column("Строка", "link", 8), Column("Другая", "text", 8))
    column = Links(texts, leads, cells)
    at_once = [Batch([column[:3], column[3:]], [""] * 3, "ааб")]
    one_by_one = [Batch([list(column[:3]), list(column[3:])], [""] * 3, "ааб")]
    files = []
    for batches in (at_once, one_by_one, [Kept("аб")]):
        with KeptRows.load(tmp_path / "rows") as kept:
            files.append(written(book_of(batches, "аб", columns=columns), kept))
            kept.save()
    assert files[0] == files[1] == files[2]
    links = [cell[3] for cell in cells_of(files[0])[-6:]]
    assert links == [("а.xlsx", "'Л'!A6"), ("б.xlsx", "'Л'!A9"), None, ("а.xlsx", "'Л'!A10"), ("а.xlsx", "'Л'!A8"),
                     ("а.xlsx", "'Л'!A11")]  # fmt: skip


@given(st.lists(st.binary(max_size=40), max_size=6), st.integers(0, 70_000))
def test_the_crc_of_a_whole_comes_from_those_of_its_parts(parts: list[bytes], many: int) -> None:
    """However long the parts are."""
    joined = 0
    parts.insert(len(parts) // 2, b"\x01\0" * many)
    for part in parts:
        joined = crc32.joined(joined, zlib.crc32(part), len(part))
    assert joined == zlib.crc32(b"".join(parts))
