"""The .xlsx writer's parts: cells, names of sheets, links, styles."""

from __future__ import annotations

import io
import math
import runpy
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.reporting.page import Book, Column, Sheet
from sheets_sync.sinks import xlsx
from sheets_sync.sinks.excel import link_parts, render_book

faults = runpy.run_path(str(Path(__file__).with_name("xlsx_order.py")))["faults"]


def written(values: list[object], kind: str = "text") -> io.BytesIO:
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
    wanted = [xlsx.ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")) for text in texts]
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
        assert len(back.encode("utf-16-le")) // 2 <= xlsx.MAX_TEXT
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
    assert xlsx.sheet_name(wanted, ["Пары"]) == name


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
