"""Whatever a sheet holds, recognition keeps its promises: no exception, every row told once, cells as they stand."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheets_sync.recognise import recognise
from sheets_sync.recognise.blocks import begins_word, cell_text, is_column_numbers
from sheets_sync.recognise.records import at_places
from sheets_sync.recognise.rows import BodyReader
from sheets_sync.table import CellError, Grid, Shown, Value, grid_of
from sheets_sync.table_schema.loading import load_definitions
from sheets_sync.table_schema.model import Definitions

WORDS = [
    "№", "ФИО", "ФИО наставника", "ФИО наставляемого", "Наставник", "Дата", "Форма", "Класс", "Тема", "Этап", "Статус", "Приказ №, дата",
    "Фамилия", "Имя", "Отчество", "Итого", "Всего:", "____", "...", "1", "2", "Сентябрь", "Белов Артём Ильич", "Орлова М.П.", "01.09.2023",
    "База наставников", "Наставляемые", "Наставник: Орлова Мария Петровна", "Мероприятия", "Сроки", "Ответственный", "показатели",
    "В полной мере 2б", "Частично 1б", "Отметка времени", "Насколько Вы довольны результатом", "Директор ______", "\n", " ",
]  # fmt: skip
CELLS: st.SearchStrategy[Value] = st.one_of(
    st.just(""),
    st.sampled_from(WORDS),
    st.sampled_from([1.0, 2.0, 2023.0, 45000.0, CellError("#REF!"), Shown(0.85, "85 %"), date(2023, 9, 1)]),
    st.text(max_size=12),
    st.floats(allow_nan=True, allow_infinity=True),
)


@pytest.fixture(scope="module")
def definitions() -> Definitions:
    return load_definitions()


@st.composite
def sheets(draw: st.DrawFn) -> Grid:
    rows = draw(st.lists(st.lists(CELLS, max_size=7), max_size=14))
    grid = grid_of("Лист", rows, first_row=draw(st.integers(1, 9)), first_column=draw(st.integers(1, 4)))
    merges = []
    for _ in range(draw(st.integers(0, 3))):
        top, left = draw(st.integers(1, 20)), draw(st.integers(1, 9))
        merges.append((top, left, top + draw(st.integers(0, 3)), left + draw(st.integers(0, 3))))
    grid.merges = tuple(merges)
    return grid


@settings(max_examples=250, deadline=None)
@given(grid=sheets())
def test_any_sheet(definitions: Definitions, grid: Grid) -> None:
    """No sheet breaks it; records and other rows are apart, ascending, inside the sheet and below their headings."""
    found = recognise(grid, definitions, "school-1", "Книга.xlsx")
    for table in found.tables:
        others = [row for row, _ in table.non_data]
        assert table.row_numbers == sorted(set(table.row_numbers))
        assert others == sorted(set(others))
        assert not set(others) & set(table.row_numbers)
        assert all(len(values) == len(table.row_numbers) for values in table.values.values())
        inside = range(grid.first_row, grid.last_row + 1)
        assert all(row in inside for row in (*table.row_numbers, *others, *table.header_rows))
        if not table.is_card:
            assert all(row > table.header_row for row in (*table.row_numbers, *others))
        used = list(table.columns.values())
        assert all(
            grid.first_column <= column < grid.first_column + grid.width for columns in used for column in columns
        )
    for issue in found.issues:
        assert issue.at.sheet == "Лист"
        assert issue.at.row is None or grid.first_row <= issue.at.row <= grid.last_row


NAMES = st.sampled_from(["Белов Артём Ильич", "Громова Яна Юрьевна", "Лыков Пётр Олегович", "Ким Олег", "Орлова М.П."])
RECORDS = st.lists(
    st.tuples(NAMES, NAMES, st.sampled_from(["учитель – ученик", "ученик – ученик", ""]), st.just("действует")),
    min_size=1,
    max_size=30,
)


@settings(max_examples=100, deadline=None)
@given(records=RECORDS, above=st.integers(0, 6), left=st.integers(0, 3), blanks=st.sets(st.integers(0, 29), max_size=4))
def test_every_record_is_read_where_it_stands(
    definitions: Definitions, records: list[tuple[str, ...]], above: int, left: int, blanks: set[int]
) -> None:
    """Title rows, leading columns and blank rows between the records move the numbers, and nothing is lost or doubled."""
    rows: list[list[Value]] = [["Приложение к приказу"] for _ in range(above)]
    rows.append([""] * left + ["Наставник", "Наставляемый", "Форма", "Статус"])
    expected = []
    for place, record in enumerate(records):
        if place in blanks:
            rows.append([""])
        rows.append([""] * left + list(record))
        expected.append(len(rows))
    found = recognise(grid_of("Пары", rows), definitions)
    (table,) = found.tables
    assert table.name == "pairs"
    assert table.row_numbers == expected
    assert table.values["mentor"] == [record[0] for record in records]
    assert table.values["mentee"] == [record[1] for record in records]
    inner = {row for row, kind in table.non_data if kind == "blank"}
    assert len(inner) == len([place for place in blanks if 0 < place < len(records)]) + (0 in blanks)


@given(st.data())
def test_rows_nearly_blank_are_found_by_the_columns(data: st.DataObject) -> None:
    """As if the cells of every row were counted."""
    width = data.draw(st.integers(1, 12))
    cell = (
        st.sampled_from(["", "", "а", " ", 1.0]) if data.draw(st.booleans()) else st.sampled_from(["а", 1.0, "б", ""])
    )
    rows = data.draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=8))
    reader = object.__new__(BodyReader)
    reader.rows, reader.turned = rows, list(zip(*rows, strict=True))
    reader.left = data.draw(st.integers(0, width - 1))
    reader.right = data.draw(st.integers(reader.left + 1, width))
    reader.columns = list(range(reader.left, reader.right))
    top = data.draw(st.integers(0, len(rows) - 1))
    few = max(1, min(3, len(reader.columns) // 3))
    filled = [sum(value != "" for value in row[reader.left : reader.right]) for row in rows]
    assert reader._nearly_blank(top, len(rows)) == [row for row in range(top, len(rows)) if filled[row] <= few]


@given(st.lists(CELLS, min_size=1, max_size=6))
def test_words_are_no_column_numbers(cells: list[Value]) -> None:
    assert not (any(map(begins_word, cells)) and is_column_numbers(list(map(cell_text, cells))))


@given(st.sets(st.integers(0, 19)))
def test_cells_at_places(places: set[int]) -> None:
    cells = list[Value](map(str, range(20)))
    assert at_places(cells, sorted(places)) == [cells[place] for place in sorted(places)]
