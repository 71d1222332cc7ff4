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


SYNONYMS = {
    "ФИО наставляемого": ("Ф.И.О. наставляемого", "Наставляемый (ФИО)", "фамилия, имя, отчество наставляемого"),
    "Дата рождения": ("Дата рожд.", "Д.р.", "ДАТА РОЖДЕНИЯ"),
    "Класс": ("Класс/группа", "класс"),
    "Основной запрос наставляемого": ("Запрос", "Суть запроса"),
    "Дата вхождения в программу": ("Вступил в программу", "Дата вхождения"),
    "Согласие": ("Согласие (да/нет)", "Согласие на обработку ПДн"),
}
GARBAGE = ["", "???", "Столбец1", "xyz", "Примечание", "123", "Подпись"]
NEEDED = ("ФИО наставляемого", "Дата рождения")  # with another heading still said, whose rows these are is known
TITLES = ["УТВЕРЖДАЮ", "База наставляемых", "на 01.06.2024", "Приложение № 1 к приказу", "МКОУ «СОШ № 21»", "1", ""]


class Worked:
    """The good sheet in somebody's hands. ``whose``: per row the record it holds untouched, or None."""

    def __init__(self) -> None:
        self.rows: Rows = [list(HEADINGS), *[list(row) for row in GOOD]]
        self.whose: list[int | None] = [None, *range(len(GOOD))]
        self.heading = 0
        self.hidden: set[int] = set()  # records
        self.merges: list[tuple[int, int, int, int]] = []  # offsets into rows, until the end
        self.garbage = 0

    def __repr__(self) -> str:
        lines = (f"{whose}: {row}" for whose, row in zip(self.whose, self.rows, strict=True))
        return f"hidden {sorted(self.hidden)}, merged {self.merges}\n" + "\n".join(lines)

    def insert(self, at: int, row: list[Any], whose: int | None = None) -> None:
        self.rows.insert(at, row)
        self.whose.insert(at, whose)
        self.heading += at <= self.heading
        self.merges = [
            (top + (at <= top), left, bottom + (at <= bottom), right) for top, left, bottom, right in self.merges
        ]

    @property
    def width(self) -> int:
        return max(map(len, self.rows))

    def even(self) -> None:
        """All rows as long as the longest."""
        self.rows = [[*row, *[None] * (self.width - len(row))] for row in self.rows]

    def records(self) -> list[int]:
        return [at for at, whose in enumerate(self.whose) if whose is not None]


def title(sheet: Worked, draw: st.DrawFn) -> None:
    text = draw(st.sampled_from(TITLES))
    sheet.insert(0, [None] * draw(st.integers(0, 3)) + [text])
    if draw(st.booleans()) and text:
        sheet.merges.append((0, 0, 0, len(HEADINGS) - 1))
        sheet.rows[0] = [text]


def blank_column(sheet: Worked, draw: st.DrawFn) -> None:
    if not sheet.merges:
        sheet.even()
        place = draw(st.sampled_from((0, sheet.width)))
        sheet.rows = [[*row[:place], None, *row[place:]] for row in sheet.rows]


def more_column(sheet: Worked, draw: st.DrawFn) -> None:
    sheet.even()
    sheet.rows = [[*row, None] for row in sheet.rows]
    sheet.rows[sheet.heading][-1] = draw(st.sampled_from(GARBAGE))
    for at in sheet.records():
        sheet.rows[at][-1] = draw(st.sampled_from(["", None, "x", 5.0, "см. приказ"]))


def shuffle_columns(sheet: Worked, draw: st.DrawFn) -> None:
    if not sheet.merges:
        sheet.even()
        order = draw(st.permutations(range(sheet.width)))
        sheet.rows = [[row[place] for place in order] for row in sheet.rows]


def synonym(sheet: Worked, draw: st.DrawFn) -> None:
    heading = draw(st.sampled_from(sorted(SYNONYMS)))
    said = draw(st.sampled_from(SYNONYMS[heading]))
    sheet.rows[sheet.heading] = [said if text == heading else text for text in sheet.rows[sheet.heading]]


def garbage_heading(sheet: Worked, draw: st.DrawFn) -> None:
    heading = draw(st.sampled_from([one for one in HEADINGS[1:] if one not in NEEDED]))
    if heading in sheet.rows[sheet.heading] and not sheet.garbage:
        sheet.garbage = 1
        said = draw(st.sampled_from(GARBAGE))
        sheet.rows[sheet.heading] = [said if text == heading else text for text in sheet.rows[sheet.heading]]


def corrupt(sheet: Worked, draw: st.DrawFn) -> None:
    if sheet.records():
        at = draw(st.sampled_from(sheet.records()))
        sheet.rows[at][draw(st.integers(0, len(sheet.rows[at]) - 1))] = draw(st.sampled_from(JUNK))
        sheet.whose[at] = None


def blank_row(sheet: Worked, draw: st.DrawFn) -> None:
    sheet.insert(draw(st.integers(0, len(sheet.rows))), [])


def total(sheet: Worked, draw: st.DrawFn) -> None:
    at = draw(st.sampled_from((len(sheet.rows), draw(st.integers(sheet.heading + 2, len(sheet.rows))))))
    sheet.insert(at, [draw(st.sampled_from(["Итого", "Всего:", "ИТОГО по классу"])), None, 8.0])


def repeat_heading(sheet: Worked, draw: st.DrawFn) -> None:
    sheet.insert(draw(st.integers(sheet.heading + 2, len(sheet.rows))), list(sheet.rows[sheet.heading]))


def copy_row(sheet: Worked, draw: st.DrawFn) -> None:
    if sheet.records():
        at = draw(st.sampled_from(sheet.records()))
        sheet.insert(draw(st.integers(at + 1, len(sheet.rows))), list(sheet.rows[at]))


def hide(sheet: Worked, draw: st.DrawFn) -> None:
    sheet.hidden |= {at for at in range(len(GOOD)) if draw(st.booleans())}


def merge_cells(sheet: Worked, draw: st.DrawFn) -> None:
    """Two records share a cell, as people do with a class: only the upper one holds the value."""
    pairs = [at for at in sheet.records() if at + 1 in sheet.records()]
    if pairs:
        at = draw(st.sampled_from(pairs))
        place = draw(st.integers(0, len(sheet.rows[at]) - 1))
        if place < len(sheet.rows[at + 1]) and sheet.rows[at][place]:
            sheet.rows[at + 1][place] = None
            sheet.merges.append((at, place, at + 1, place))
            sheet.whose[at] = sheet.whose[at + 1] = None


WORK = (
    title, title, blank_column, more_column, shuffle_columns, synonym, garbage_heading, corrupt, corrupt, blank_row, total,
    repeat_heading, copy_row, hide, merge_cells,
)  # fmt: skip


@st.composite
def worked_on(draw: st.DrawFn) -> Worked:
    """The good sheet after a year in a school; what its records need to be understood still stands."""
    sheet = Worked()
    for step in draw(st.lists(st.sampled_from(WORK), min_size=1, max_size=8)):
        step(sheet, draw)
    return sheet


@SETTINGS
@given(sheet=worked_on(), first_row=st.integers(1, 9))
def test_untouched_rows_stand_whatever_was_done_around_them(sheet: Worked, first_row: int) -> None:
    """Accepted one and all, in their own rows; every row is accounted for; issues lie in the sheet."""
    sheet.even()
    last_row = first_row + len(sheet.rows) - 1
    merges = tuple(
        (top + first_row, left + 1, bottom + first_row, right + 1) for top, left, bottom, right in sheet.merges
    )
    hidden = frozenset(at + first_row for at, whose in enumerate(sheet.whose) if whose in sheet.hidden)
    tables, issues = read(sheet.rows, merges=merges, hidden_rows=hidden, first_row=first_row)
    accepted: list[int] = []
    for typed in tables:
        rejected = len(typed.accepted) - sum(typed.accepted)
        assert typed.rows_read == typed.rows_accepted + rejected == len(typed.table.row_numbers)
        assert all(first_row <= row <= last_row for row in typed.table.row_numbers)
        accepted += [row for row, good in zip(typed.table.row_numbers, typed.accepted, strict=True) if good]
    assert {typed.table.name for typed in tables} == {"mentees"}
    assert {at + first_row for at in sheet.records()} <= set(accepted)
    for issue in issues:
        assert issue.at.row is None or first_row <= issue.at.row <= last_row
        assert issue.at.column is None or 1 <= column_number(issue.at.column) <= sheet.width


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
