"""The .xlsx writer's parts: cells, names of sheets, links, styles."""

from __future__ import annotations

import io
import math
import re
import runpy
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheets_sync.issues import column_letter
from sheets_sync.reporting.page import (
    Batch,
    Batches,
    Book,
    ByColumn,
    Column,
    Kind,
    Link,
    Links,
    PlainValue,
    Sheet,
    Tone,
)
from sheets_sync.sinks import excel, xlsx, xlsx_values
from sheets_sync.sinks.excel import render_book
from sheets_sync.sinks.layout import Lines
from sheets_sync.sinks.links import link_parts
from sheets_sync.sinks.office_xml import ILLEGAL
from sheets_sync.sinks.xlsx_names import sheet_name
from sheets_sync.sinks.xlsx_rows import rows_xml

faults = runpy.run_path(str(Path(__file__).with_name("xlsx_order.py")))["faults"]


def written(values: list[object], kind: Kind = "text") -> io.BytesIO:
    file = io.BytesIO()
    render_book(Book("Проба", [Sheet("Лист", [Column("А", kind)], [(value,) for value in values])]), file)
    file.seek(0)
    return file


def read_back(file: io.BytesIO) -> list[object]:
    import openpyxl

    return [cell.value for cell in openpyxl.load_workbook(file).worksheets[0]["A"]][1:]


@given(st.lists(st.text(), min_size=1, max_size=8))
def test_any_text_comes_back_as_text(texts: list[str]) -> None:
    """Whatever is in a cell, the file is sound and the text is the same, but for characters XML has no room for."""
    file = written(texts)
    assert faults(file) == []
    from python_calamine import CalamineWorkbook

    file.seek(0)
    sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
    back = [row[0] for row in sheet.to_python(skip_empty_area=False)][1:]
    wanted = [ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")) for text in texts]
    assert [str(value) for value in back] + [""] * (len(wanted) - len(back)) == wanted


@pytest.mark.parametrize(
    "text", ["=1+1", "+7 914", "-", "@имя", "\tтаб", "007", "_x0041_", " края ", "а\nб", "<b>&\"'"]
)
def test_text_stays_text(text: str) -> None:
    """Nothing is taken for a formula, a number or an escape."""
    file = written([text])
    assert faults(file) == []
    import openpyxl
    from python_calamine import CalamineWorkbook

    assert openpyxl.load_workbook(file).worksheets[0]["A2"].data_type in {"s", "inlineStr"}
    file.seek(0)
    assert CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()[1] == [text]


def test_numbers_and_dates_are_real() -> None:
    """Numbers, dates and per cents are values a spreadsheet can count with."""
    assert read_back(written([1, -2, 10**14], "integer")) == [1, -2, 10**14]
    assert read_back(written([date(2024, 2, 29), None, date(1900, 3, 1)], "date")) == [
        datetime(2024, 2, 29),
        None,
        datetime(1900, 3, 1),
    ]
    assert read_back(written([datetime(2024, 6, 20, 13, 45, 7)], "datetime")) == [datetime(2024, 6, 20, 13, 45, 7)]
    assert read_back(written([54.5, 100, 0, "нет данных"], "percent")) == [0.545, 1, 0, "нет данных"]


def test_what_a_spreadsheet_would_spoil_is_text_or_blank() -> None:
    """Long numbers keep all digits, early days stay readable, not-a-number is no number."""
    assert read_back(written([12345678901234567, 5], "integer")) == ["12345678901234567", 5]
    assert read_back(written([date(1890, 1, 5), date(2024, 1, 5)], "date"))[0] == "05.01.1890"
    assert read_back(written([math.nan, math.inf, 1.5], "number")) == [None, "∞", 1.5]
    assert read_back(written([True, False, 1, 0], "text")) == ["да", "нет", 1, 0]


def test_a_text_too_long_for_a_cell_is_cut_and_says_so() -> None:
    """Excel's limit counts UTF-16 units: 32,767."""
    for text in ("я" * 40_000, "😀" * 20_000):
        (back,) = read_back(written([text]))
        assert isinstance(back, str)
        assert len(back.encode("utf-16-le")) // 2 <= xlsx_values.MAX_TEXT
        assert back.endswith(f"… [показано не всё: в тексте {len(text)} знаков]")


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("Пары/группы: [7А]?", "Пары группы 7А"),
        ("Реестр наставников муниципального района", "Реестр наставников муниципально"),
        ("'кавычки'", "кавычки"),
        ("", "Лист"),
        ("пары", "пары (2)"),
        ("History", "History_"),
    ],
)
def test_sheet_names_are_such_as_excel_accepts(wanted: str, name: str) -> None:
    """At most 31 characters, none of []:*?/\\, no two alike."""
    assert sheet_name(wanted, ["Пары"]) == name


@given(st.lists(st.text(max_size=40), min_size=1, max_size=6))
def test_any_titles_give_a_sound_workbook(titles: list[str]) -> None:
    """Whatever sheets are called, Excel has nothing to repair."""
    file = io.BytesIO()
    render_book(Book("&P " * 90, [Sheet(title, [Column("А")], [("а",)], above=["Строка"]) for title in titles]), file)
    file.seek(0)
    assert faults(file) == []


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("../inbox/ш/План #1 100%.xlsx#'Лист ''А'''!F17", ("../inbox/ш/План%20%231%20100%25.xlsx", "'Лист ''А'''!F17")),
        ("#'Пары'!A1", ("", "'Пары'!A1")),
        ("#Пары!A1", ("", "Пары!A1")),
        ("а.xlsx", ("а.xlsx", "")),
        ("папка\\а.xlsx#'Л'!A1", ("папка/а.xlsx", "'Л'!A1")),
        ("7:А.xlsx#'Л'!A1", ("./7:А.xlsx", "'Л'!A1")),
        ("https://a.example/x y#z", ("https://a.example/x%20y", "z")),
        ("javascript:alert(1)", None),
        ("http://a.example/" + "x" * 3000, None),
        ("", None),
    ],
)
def test_where_a_link_leads(target: str, parts: tuple[str, str] | None) -> None:
    """A file or page and a place in it, spelt as Excel spells them; what is dangerous or too long is no link."""
    assert link_parts(target) == parts


@given(st.text(min_size=1))
def test_a_plain_text_is_one_without_anything_to_care_for(text: str) -> None:
    """The quick look says yes only where the search would find nothing."""
    assert not xlsx_values._is_plain(text) or not xlsx_values._TO_CARE_FOR.search(text)


@given(st.data())
def test_rows_are_put_together_cell_by_cell(data: st.DataObject) -> None:
    """Rows made a column at a time are what they are one by one, each cell with its own address."""
    count, first = data.draw(st.integers(0, 5)), data.draw(st.integers(1, 10**6))
    style = st.sampled_from([b' s="1"', b' s="23"'])
    cell = st.sampled_from(
        [xlsx_values.BLANK.encode(), xlsx_values.text_cell("Пример\n& №").encode(), b"><v>1</v></c>"]
    )
    each = st.lists(style, min_size=count, max_size=count)
    columns = data.draw(
        st.lists(
            st.tuples(st.one_of(style, each), st.lists(cell, min_size=count, max_size=count)), min_size=1, max_size=30
        )
    )
    heights = data.draw(st.none() | st.lists(st.sampled_from([0.0, 27.5]), min_size=count, max_size=count))
    told = b""
    for offset in range(count):
        height = f' ht="{heights[offset]:g}"' if heights and heights[offset] else ""
        told += f'<row r="{first + offset}"{height}>'.encode()
        for position, (styles, cells) in enumerate(columns, 1):
            own = styles if isinstance(styles, bytes) else styles[offset]
            told += f'<c r="{column_letter(position)}{first + offset}"'.encode() + own + cells[offset]
        told += b"</row>"
    assert rows_xml(first, columns, heights) == told


TARGETS = (
    "а.xlsx#'Л'!A1", "а.xlsx#'Л'!B22", "а.xlsx#'Л'!A7777", "б в.xlsx#'Л ''1'''!A1", "#'Лист'!C3", "#'Лист'!D4", "а.xlsx",
    "x:y", "", "https://a.example/x#y!A1", "https://a.example/x#y!A2", f"а.xlsx#'{'Л' * 250}'!A1",
    f"а.xlsx#'{'Л' * 250}'!A12345", "а.xlsx#'Л'!A1:B2", "а.xlsx#'Л'!A12345678",
)  # fmt: skip
LINKS = st.builds(Link, st.sampled_from(["5", "Пары", ""]), st.sampled_from(TARGETS))
VALUES: st.SearchStrategy[PlainValue] = st.one_of(
    st.none(),
    st.sampled_from(["", "да", "1", "=1", " край", "длинная строка " * 9]),
    st.integers(-(10**17), 10**17),
    st.floats(allow_nan=True),
    st.booleans(),
    st.dates(date(1890, 1, 1), date(2100, 1, 1)),
    LINKS,
)
KINDS: tuple[Kind, ...] = ("text", "integer", "number", "percent", "date", "link")


@settings(max_examples=40)
@given(st.lists(st.one_of(VALUES, LINKS), min_size=1, max_size=6), st.sampled_from(KINDS))
def test_a_cell_is_the_same_whatever_stands_in_its_column(values: list[object], kind: Kind) -> None:
    """Columns of one type are rendered at once, mixed ones value by value: neither values nor links can tell."""
    import openpyxl

    def of(values: list[object]) -> list[tuple[object, object]]:
        file = written(values, kind)
        assert faults(file) == []
        cells = [row[0] for row in openpyxl.load_workbook(file).worksheets[0].iter_rows(2, len(values) + 1)]
        links = [cell.hyperlink and (cell.hyperlink.target, cell.hyperlink.location) for cell in cells]
        return list(zip([cell.value for cell in cells], links, strict=True))

    assert repr(of(values)) == repr([of([value])[0] for value in values])
    for value, (_, link) in zip(values, of(values), strict=True):
        parts = link_parts(value.target) if isinstance(value, Link) and value.text else None
        assert link == (parts and (parts[0] or None, parts[1] or None))


@settings(max_examples=40)
@given(st.data())
def test_batches_give_the_same_workbook_as_their_rows(data: st.DataObject) -> None:
    """Whatever is in them, as they are or cut where a sheet is full; whoever goes by row is told the tones."""
    row = st.tuples(VALUES, st.sampled_from(["а", "б\nв", None]), LINKS)
    tone: st.SearchStrategy[Tone] = st.sampled_from(["", "bad", "muted"])  # type: ignore[arg-type]
    parts = data.draw(st.lists(st.lists(st.tuples(row, tone), max_size=5), max_size=4))
    told = [one for part in parts for one in part]
    columns = (Column("А", "text", 9, wrap=True), Column("Б", "text", 9), Column("В", "link", 9))
    batches = [
        Batch(list(zip(*(cells for cells, _ in part), strict=True)) or [()] * 3, [tone for _, tone in part])
        for part in parts
    ]

    def told_of(sheet: Sheet) -> tuple[list[str], list[object]]:
        """The ranges the sheets say they have, and what is in their cells."""
        import openpyxl

        file = io.BytesIO()
        render_book(Book("Проба", [sheet]), file)
        assert faults(file) == []
        with zipfile.ZipFile(file) as archive:
            parts = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
        ranges = [found.group(1) for part in parts if (found := re.search('<dimension ref="([^"]*)"', part))]
        cells = [
            (
                cell.coordinate,
                repr(cell.value),
                cell.font.b,
                cell.font.color.rgb,
                cell.hyperlink and cell.hyperlink.location,
            )
            for made in openpyxl.load_workbook(file)
            for line in made.iter_rows()
            for cell in line
            if cell.value is not None  # the look of an empty one goes by its neighbours
        ]
        return ranges, cells

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xlsx, "MAX_ROWS", data.draw(st.sampled_from([9, 12, 1_000])))
        by_row, by_batch = (Sheet("Лист", columns, (), above=["Проба"], below=["Конец"]) for _ in range(2))
        by_row.rows = list(Batches(batches, by_row.tones))
        by_batch.rows = Batches(batches, by_batch.tones)
        assert by_row.rows == [cells for cells, _ in told] or "nan" in repr(told)
        assert by_row.tones == {index: tone for index, (_, tone) in enumerate(told) if tone}
        ranges, cells = told_of(by_batch)
        assert cells == told_of(by_row)[1]
        assert set(ranges) <= set(told_of(by_row)[0])


LEADS = ("", "а.xlsx#'Л'!", "а.xlsx#'Л&\"'!", "б #1.xlsx#'Л'!", "#'Лист'!", "а.xlsx", "google:х#'Л'!", "ftp://х/#'Л'!",
         "js:х#'Л'!", f"а.xlsx#'{'я' * 250}'!")  # fmt: skip


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["А1", "строка 5", "=1", ""]),
            st.sampled_from(LEADS) | st.sampled_from(LEADS[:3]),
            st.sampled_from(["A1", "AB12"]) | st.sampled_from(["A1", "", "ABCD1", "a1", "A1:B2", "A12345678"]),
        ),
        max_size=7,
    ),
    st.sampled_from(KINDS),
    st.booleans(),
    st.sampled_from([xlsx.MAX_LINKS, 3]),
)
def test_a_column_of_links_gives_the_same_workbook_as_the_links_one_by_one(
    told: list[tuple[str, str, str]], kind: Kind, resolved: bool, most: int
) -> None:
    """Whatever is among them, and as rows too: byte for byte."""

    def resolve(link: Link) -> str | None:
        return f"https://х.рф/{len(link.target)}" if link.target.startswith("google:") else None

    def bytes_of(rows: Iterable[Sequence[PlainValue]]) -> bytes:
        file = io.BytesIO()
        book = Book("Проба", [Sheet("Лист", [Column("А", kind, 9), Column("Б")], rows)])
        render_book(book, file, resolve if resolved else None)
        return file.getvalue()

    column = Links(*(zip(*told, strict=True) if told else ((), (), ())))
    links = [Link(text, lead + cell) if lead else text for text, lead, cell in told]
    rows: list[tuple[PlainValue, ...]] = [(link, "б") for link in links]
    by_column = ByColumn((column, ["б"] * len(column)))
    assert list(column) == [column[n] for n in range(len(column))] == links
    assert list(by_column) == [by_column[n] for n in range(len(by_column))] == rows
    assert list(column[1:3]) == links[1:3]
    assert list(by_column[1:3]) == rows[1:3]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xlsx, "MAX_LINKS", most)
        patch.setattr(excel, "CHUNK", 4)
        made = bytes_of(by_column)
        assert made == bytes_of(rows)
    assert faults(io.BytesIO(made)) == []


@given(st.lists(st.none() | st.text("аб \n", max_size=30), max_size=6), st.floats(1, 40))
def test_lines_of_a_column_are_those_of_its_texts(texts: list[str | None], width: float) -> None:
    """Looked at together; nothing is told of a column whose texts take a line each."""
    lines = Lines(width)
    each = [lines.of(text) if text else 1 for text in texts]
    assert list(lines.of_column(texts) or [1] * len(texts)) == each
