"""Text files: encodings, delimiters, quotation marks, every cell as typed."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheets_sync.sources import csv_text
from sheets_sync.sources.refused import Refused
from sheets_sync.table import CellError

TABLE = "ФИО наставника;Дата встречи;Тема\nЁлкина Ольга;01.09.2023;Знакомство, планы\nЩукин Пётр;;—\n"
ROWS = [
    ["ФИО наставника", "Дата встречи", "Тема"],
    ["Ёлкина Ольга", "01.09.2023", "Знакомство, планы"],
    ["Щукин Пётр", "", "—"],
]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "koi8-r", "cp866"]
)
def test_encodings(encoding):
    """Whichever program saved it."""
    text = TABLE if encoding not in ("koi8-r", "cp866") else TABLE.replace("—", "-")
    grid = csv_text.read(text.encode(encoding), "журнал")
    assert grid.sheet == "журнал"
    assert grid.rows[:2] == ROWS[:2]
    assert len(grid.rows) == 3


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", "Иванова".encode() * 20 + b"\xd0;1\n", bytes(range(1, 256)) * 3])
def test_bytes_in_no_encoding(content):
    """Said, rather than guessed into nonsense."""
    with pytest.raises(Refused) as refusal:
        csv_text.read(content, "а")
    assert refusal.value.code == "file-encoding"


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_delimiters(delimiter):
    """Found by how evenly they cut; the others may stand in the cells."""
    file = io.StringIO()
    rows = [["ФИО", "Категории", "Балл"], ["Ким, Анна", "ОВЗ; ТЖС; одарённые", "8,5"], ["Ли, Юн", "ТЖС; ОВЗ", "9,5"]]
    csv.writer(file, delimiter=delimiter).writerows(rows)
    assert csv_text.read(file.getvalue().encode(), "а").rows == rows


def test_titles_above_do_not_mislead():
    """Lines of text over the table have commas of their own; rows keep their numbers, blank ones too."""
    text = "Журнал встреч, 2023-2024, СОШ № 4\n\n" + TABLE
    grid = csv_text.read(text.encode(), "а")
    assert grid.first_row == 1
    assert grid.rows[0] == ["Журнал встреч, 2023-2024, СОШ № 4", "", ""]
    assert grid.rows[1] == ["", "", ""]
    assert grid.rows[2:] == ROWS


def test_hint_of_excel():
    """«sep=» names the delimiter and is no row."""
    assert csv_text.read(b"sep=|\r\n1|2;3\r\n", "a").rows == [["1", "2;3"]]


def test_quotation_marks():
    """Line breaks and doubled marks inside a cell; one that never ends swallows nothing."""
    assert csv_text.read('"а\nб";"МБОУ ""Школа"""\n1;2\n'.encode(), "а").rows == [["а\nб", 'МБОУ "Школа"'], ["1", "2"]]
    assert csv_text.read('"Ромашка;1\nЛилия;2\nРоза;3\n'.encode(), "а").rows == [
        ['"Ромашка', "1"],
        ["Лилия", "2"],
        ["Роза", "3"],
    ]
    assert csv_text.read('ДС "Ромашка";1\n"Лилия" №2;3\n'.encode(), "а").rows[0] == ['ДС "Ромашка"', "1"]


def test_texts_that_excel_exports():
    """Errors are errors, ="007" is 007, numbers and words stay as typed."""
    rows = csv_text.read('="007";#ССЫЛКА!;1,50;ИСТИНА;NA\n'.encode(), "а").rows
    assert rows == [["007", CellError("#ССЫЛКА!"), "1,50", "ИСТИНА", "NA"]]
    assert type(rows[0][1]) is CellError


def test_one_column():
    """A list without any delimiter is a column; blank lines at the end are not rows."""
    assert csv_text.read("ФИО\nКим\n\nЛи\n\n\n".encode(), "а").rows == [["ФИО"], ["Ким"], [""], ["Ли"]]


_CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8).filter(
    lambda text: not text.startswith(("=", "#", "\ufeff")) and text == text.strip() and text
)


@settings(max_examples=100, deadline=None)
@given(
    rows=st.integers(2, 5).flatmap(lambda width: st.lists(st.lists(_CELL, min_size=width, max_size=width), min_size=3))
)
def test_what_a_program_writes_is_read(rows):
    """Semicolons, everything quoted, UTF-8 with a mark: whatever the cells hold."""
    file = io.StringIO()
    csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL).writerows(rows)
    assert csv_text.read(file.getvalue().encode("utf-8-sig"), "а").rows == rows
