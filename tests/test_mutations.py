"""Good sheets spoilt at random: nothing raises, every row is accounted for, issues stay inside the sheet."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheets_sync.catalog import Catalog
from sheets_sync.checks import CheckContext, check_table
from sheets_sync.issues import Issue, column_number
from sheets_sync.recognise import recognise
from sheets_sync.table import TypedTable, grid_of
from sheets_sync.table_schema.loading import load_definitions

Rows = list[list[Any]]
AS_OF = date(2024, 6, 20)

HEADINGS = [
    "№",
    "ФИО наставляемого",
    "Дата рождения",
    "Класс",
    "Основной запрос наставляемого",
    "Дата вхождения в программу",
    "Согласие",
]
SURNAMES = ["Белов", "Рогов", "Лаптев", "Зимин", "Дроздов", "Ершов", "Власов", "Туров"]
GOOD: Rows = [
    [number, f"{surname} Артём Ильич", f"{number + 3:02d}.05.2010", "7А", "Трудности с математикой", "04.09.2023", "да"]
    for number, surname in enumerate(SURNAMES, 1)
]
JUNK: list[Any] = [
    "", None, "—", "#REF!", "нет", "31.02.2023", "Ы" * 300, 0.0, -1.0, 1e20, 45000.0, date(1900, 1, 1), "=A1", "\u200b", "\n",
    "Итого", "1 2 3", "ФИО", "🙂", "Иванова О.К.", "a@b", "<p>", "\ud800",
]  # fmt: skip
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


DEFINITIONS = load_definitions(Catalog().folders("schemas"))


def read(rows: Rows, **more: Any) -> tuple[list[TypedTable], list[Issue]]:
    grid = grid_of("Наставляемые", rows, **more)
    found = recognise(grid, DEFINITIONS, "school-1", "Книга.xlsx")
    issues = list(found.issues)
    tables = []
    for table in found.tables:
        context = CheckContext("school-1", "Книга.xlsx", AS_OF, 2023)
        typed, more_issues = check_table(table, DEFINITIONS.schemas[table.name], context)
        tables.append(typed)
        issues += more_issues
    return tables, issues


def records(tables: list[TypedTable]) -> list[tuple[str, ...]]:
    """What the accepted rows say, whatever their order."""
    return sorted(
        tuple(f"{name}={column[at]}" for name, column in sorted(typed.values.items()))
        for typed in tables
        for at, accepted in enumerate(typed.accepted)
        if accepted
    )


@st.composite
def spoilt(draw: st.DrawFn) -> Rows:
    """The good sheet after some blows."""
    rows: Rows = [list(HEADINGS), *[list(row) for row in GOOD]]
    for _ in range(draw(st.integers(1, 6))):
        blow = draw(
            st.sampled_from(
                ("cell", "cell", "cell", "row out", "row twice", "blank row", "junk row", "column", "heading", "title")
            )
        )
        at = draw(st.integers(0, len(rows) - 1))
        place = draw(st.integers(0, max(0, len(rows[at]) - 1)))
        if blow == "cell" and rows[at]:
            rows[at][place] = draw(st.sampled_from(JUNK))
        elif blow == "row out" and len(rows) > 2:
            del rows[at]
        elif blow == "row twice":
            rows.insert(at, list(rows[at]))
        elif blow == "blank row":
            rows.insert(at, [])
        elif blow == "junk row":
            rows.insert(at, draw(st.lists(st.sampled_from(JUNK), max_size=8)))
        elif blow == "column":
            rows = [[*row[:place], None, *row[place:]] for row in rows]
        elif blow == "heading" and rows[0]:
            text = str(rows[0][min(place, len(rows[0]) - 1)] or "")
            rows[0][min(place, len(rows[0]) - 1)] = text[: len(text) // 2] + text[len(text) // 2 + 1 :]
        elif blow == "title":
            rows.insert(0, ["УТВЕРЖДАЮ", None, "Директор"])
    return rows


@SETTINGS
@given(rows=spoilt(), merged=st.booleans())
def test_whatever_is_typed_rows_are_accounted_for(rows: Rows, merged: bool) -> None:
    """No exception; read = accepted + rejected; each row once; issue cells lie in the sheet."""
    width = max((len(row) for row in rows), default=0)
    merges = ((1, 1, 2, 1),) if merged and len(rows) > 1 and width else ()
    tables, issues = read(rows, merges=merges)
    for typed in tables:
        assert len(typed.accepted) == len(typed.table.row_numbers)
        assert typed.rows_read >= typed.rows_accepted
        assert all(1 <= row <= len(rows) for row in typed.table.row_numbers)
    for issue in issues:
        assert issue.at.row is None or 1 <= issue.at.row <= len(rows)
        assert issue.at.column is None or 1 <= column_number(issue.at.column) <= width


@SETTINGS
@given(order=st.permutations(GOOD), down=st.integers(0, 4), right=st.integers(0, 3))
def test_order_and_place_change_nothing(order: Rows, down: int, right: int) -> None:
    """Sorted otherwise and moved on the sheet, the same records are read."""
    plain = records(read([HEADINGS, *GOOD])[0])
    numbered = [[number, *row[1:]] for number, row in enumerate(order, 1)]
    moved: Rows = [[] for _ in range(down)] + [[None] * right + row for row in ([*HEADINGS], *numbered)]
    assert records(read(moved)[0]) == plain
    assert len(plain) == len(GOOD)


@SETTINGS
@given(at=st.integers(0, len(GOOD) - 1), place=st.integers(1, len(HEADINGS) - 1), junk=st.sampled_from(JUNK))
def test_one_spoilt_cell_leaves_the_other_rows_alone(at: int, place: int, junk: Any) -> None:
    """As long as the headings stand, every untouched row is accepted."""
    rows = [list(row) for row in GOOD]
    rows[at][place] = junk
    tables, _ = read([HEADINGS, *rows])
    assert [typed.table.name for typed in tables] == ["mentees"]
    accepted = {
        row for typed in tables for row, good in zip(typed.table.row_numbers, typed.accepted, strict=True) if good
    }
    assert {number + 2 for number in range(len(GOOD)) if number != at} <= accepted


@pytest.mark.parametrize(
    ("known", "typed"),
    [
        ("ФИО наставляемого", "Ф.И.О. наставляемого"), ("ФИО наставляемого", "Наставляемый (ФИО полностью)"),
        ("ФИО наставляемого", "фио  НАСТАВЛЯЕМОГО"), ("Дата рождения", "Дата рожд."), ("Дата рождения", "Датарождения"),
        ("Класс", "Класс (группа)"), ("Основной запрос наставляемого", "Суть запроса"), ("Согласие", "Согл-е на обработку ПДн"),
        ("Дата вхождения в программу", "Дата вхожения в программу"), ("Дата вхождения в программу", "Вступил в программу"),
    ],
)  # fmt: skip
def test_heading_said_otherwise(known: str, typed: str) -> None:
    """A synonym, an abbreviation or a slip in one heading loses no column."""
    plain = records(read([HEADINGS, *GOOD])[0])
    headings = [typed if heading == known else heading for heading in HEADINGS]
    assert records(read([headings, *GOOD])[0]) == plain
