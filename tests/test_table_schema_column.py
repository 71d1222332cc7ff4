"""A column's reader reads each distinct cell once, shares what it read, and mixes no columns that read differently."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.table import CellError, Shown, Value
from sheets_sync.table_schema import column as column_room
from sheets_sync.table_schema.column import Reader, json_value, reader_for
from sheets_sync.table_schema.model import Field
from sheets_sync.table_schema.types import ReadContext, Reading

CONTEXT = ReadContext(date(2024, 6, 20), 2023)


def test_a_column_is_read_by_mapping_the_reader_over_it() -> None:
    reader = Reader(Field("date", "Дата", "date"), CONTEXT)
    column: list[Value] = ["01.09.2023", "", "31.11.2023", 45180.0, "01.09.2023"]
    assert list(map(reader.__getitem__, column)) == [date(2023, 9, 1), None, None, date(2023, 9, 11), date(2023, 9, 1)]
    assert set(reader.troubles) == {"31.11.2023"}


PARTS = st.sampled_from(
    ["Орлова", "Мария", "Петровна", "О.П.", "М.", "орлова", "учитель", "нет", "-", "(7А)", "Oрлова"]
)
NAMES = st.lists(PARTS, max_size=4).map(" ".join)
CONTACTS = st.sampled_from(["+7 914 123-45-67", "8 914 123-45-67", "89141234567", "914", "a@b.example", "нет", " "])


@given(
    st.lists(NAMES | CONTACTS | st.sampled_from([7.0, date(2024, 1, 2), CellError("#REF!")]), max_size=9),
    st.sampled_from(["name", "contacts"]),
    st.sampled_from([None, r"[^\W\d_]{2,}\S* [^\W\d_]{2,}.*"]),
)
def test_a_column_is_read_as_its_cells_are_one_by_one(cells: list[Value], kind: str, pattern: str | None) -> None:
    field = Field("who", "Кто", kind, pattern=pattern, missing_values=("нет",))
    whole, single = Reader(field, CONTEXT), Reader(field, CONTEXT)
    assert whole.column(cells) == [single[cell] for cell in cells]
    assert whole.troubles == single.troubles


def test_a_value_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(Field("topic", "Тема", "text"), CONTEXT)
    seen: list[Value] = []
    read = reader._read

    def counting(value: Value) -> Reading:
        seen.append(value)
        return read(value)

    monkeypatch.setattr(reader, "_read", counting)
    assert [reader[value] for value in ["тема"] * 5] == ["тема"] * 5
    assert seen == ["тема"]


def test_a_number_shown_as_percent_is_not_taken_for_the_plain_number() -> None:
    reader = Reader(Field("done", "Выполнено", "percent"), CONTEXT)
    assert reader[Shown(0.85, "85 %")] == 85.0
    assert Shown(0.85, "85 %") not in reader.troubles
    assert reader[0.85] == 85.0
    assert 0.85 in reader.troubles, "a fraction nobody marked as percent is inferred, and said so"


def test_the_memory_of_a_reader_is_bounded_and_loses_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column_room, "MEMO_LIMIT", 100)
    reader = Reader(Field("n", "Число", "integer"), CONTEXT)
    cells = ["плохо", *(str(number) for number in range(1000))]
    assert list(map(reader.__getitem__, cells)) == [None, *range(1000)]
    assert len(reader) <= 100
    assert "плохо" in reader.troubles, "troubles last as long as the column"


def test_columns_that_read_alike_share_a_reader_and_others_do_not() -> None:
    name, due = Field("full_name", "ФИО", "name"), Field("due", "Сроки", "deadline")
    other_year = ReadContext(date(2024, 6, 20), 2022)
    assert reader_for(name, CONTEXT) is reader_for(name, other_year)
    assert reader_for(due, CONTEXT) is not reader_for(due, other_year)
    period = Field("date_from", "Период", "date")
    start, end = (ReadContext(CONTEXT.as_of, 2023, part) for part in ("start", "end"))
    assert reader_for(period, start) is not reader_for(period, end)
    birth = Field("birth", "Год рождения", "birth")
    assert reader_for(birth, CONTEXT) is not reader_for(birth, ReadContext(CONTEXT.as_of, 2023, heading_says_age=True))
    assert reader_for(Field("mentor", "Наставник", "name", severity="error"), CONTEXT) is reader_for(name, CONTEXT)
    for unlike in (
        Field("full_name", "ФИО", "name", many=True),
        Field("full_name", "ФИО", "name", pattern=".+ .+"),
        Field("full_name", "ФИО", "name", missing_values=("нет",)),
    ):
        assert reader_for(unlike, CONTEXT) is not reader_for(name, CONTEXT)
    bounded = Field("n", "Число", "integer", maximum=5)
    assert reader_for(bounded, CONTEXT) is not reader_for(Field("n", "Число", "integer", maximum=6), CONTEXT)
    minutes = Field("duration_min", "Минуты", "integer")
    assert reader_for(minutes, CONTEXT) is not reader_for(Field("count", "Число", "integer"), CONTEXT)


def test_a_full_reader_forgets_between_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(column_room, "MEMO_LIMIT", 20)
    field = Field("n", "Число", "integer")
    reader = reader_for(field, CONTEXT)
    list(map(reader.__getitem__, [f"x{number}" for number in range(15)]))
    assert len(reader.troubles) == 15
    assert reader_for(field, CONTEXT) is reader
    assert not reader
    assert not reader.troubles


@pytest.mark.parametrize(
    ("kind", "typed", "shown"),
    [
        ("date", date(2023, 9, 1), "2023-09-01"),
        ("datetime", datetime(2023, 9, 1, 10, 30), "2023-09-01T10:30:00"),
        ("birth", 2010, 2010),
        ("birth", date(2010, 5, 1), "2010-05-01"),
        ("consent", True, True),
        ("consent", False, False),
        ("consent", date(2023, 9, 1), "2023-09-01"),
        ("experience", 1.5, 1.5),
        ("percent", 85.0, 85),
        ("people", ["Директор"], ["Директор"]),
        ("boolean", False, False),
        ("text", None, None),
        ("deadline", {"kind": "date", "start": None, "end": date(2023, 9, 15), "days": []},
         {"kind": "date", "start": None, "end": "2023-09-15", "days": []}),
    ],
)  # fmt: skip
def test_values_in_json_rows(kind: str, typed: object, shown: object) -> None:
    field = Field("f", "Поле", kind)
    assert json_value(field, typed) == shown
    assert type(json_value(field, typed)) is type(shown)
    json.dumps(json_value(field, typed))


NAMES = st.sampled_from(
    ["Ёлкин", "Анна", "Ильинична", "Директор", "не назначен", "О.К.", "Kозлов", "Лис-Петрова", "нет", "–", " "]
)
PHONES = st.text(st.sampled_from("+789(140) -."), max_size=18)
MOBILES = st.tuples(
    st.sampled_from(["8", "+7", "7", "9"]),
    st.sampled_from([" ", " (", "-", "", "  "]),
    st.sampled_from(["914", "395"]),
    st.sampled_from([") ", "-", " ", ""]),
    st.sampled_from(["1234567", "123-45-67", "123 45 67", "12345-6"]),
).map("".join)


@pytest.mark.parametrize(
    "field",
    [
        Field("full_name", "ФИО", "name"),
        Field("full_name", "ФИО", "name", pattern=r"[^\W\d_]{2,}\S* [^\W\d_]{2,}.*", missing_values=("не назначен",)),
        Field("full_name", "ФИО", "name", missing_values=("Ёлкин О.К.", "лис-петрова анна ильинична")),
        Field("contact", "Контакт", "contacts", missing_values=("8-914-123-45-67",)),
    ],
)
@given(st.one_of(st.lists(NAMES, max_size=4).map(" ".join), PHONES, MOBILES))
def test_what_stands_for_itself_is_read_as_with_care(field: Field, cell: str) -> None:
    reader = Reader(field, CONTEXT)
    value = reader[cell]
    assert (value, reader.troubles.get(cell)) == Reader(field, CONTEXT)._typed(cell)
