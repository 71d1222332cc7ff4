"""Checks of one table: what is read, what is said of it, which rows are accepted. Sheets are drawn as Markdown tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sheets_sync.checks import CheckContext, check_table, school_year_on
from sheets_sync.issues import Issue
from sheets_sync.table import CellError, Table, TypedTable, Value
from sheets_sync.table_schema.model import EnumValue, Field, TableSchema
from sheets_sync.table_schema.types.dates import school_year_told

CONTEXT = CheckContext("school-1", "база.xlsx", date(2024, 6, 20), 2023)

PAIRS = TableSchema(
    "pairs",
    "Пары",
    (
        Field("mentor", "ФИО наставника", "name", required="value", severity="error"),
        Field("mentee", "ФИО наставляемого", "name", required="value", severity="error", explode=True),
        Field("form", "Форма", "enum", enum=(EnumValue("pupil_pupil", "ученик – ученик"),), bad_severity="warning"),
        Field("date_from", "Начало", "date", required="value"),
        Field("status", "Статус", "text"),
    ),
)
MEETINGS = TableSchema(
    "meetings",
    "Встречи",
    (Field("date", "Дата", "date", required="value", severity="error"), Field("topic", "Тема")),
)
MENTEES = TableSchema(
    "mentees",
    "Наставляемые",
    (
        Field("full_name", "ФИО", "name", required="value", severity="error"),
        Field(
            "kind",
            "Категория участника",
            "enum",
            enum=(EnumValue("staff", "педагог"), EnumValue("pupil", "обучающийся")),
        ),
        Field("birth", "Год рождения", "birth"),
        Field("class_group", "Класс", "class"),
        Field("position", "Должность"),
    ),
)


def drawn(
    schema: TableSchema, text: str, *, first_row: int = 2, errors: dict[tuple[int, str], str] | None = None
) -> Table:
    """A table from Markdown: its heading holds field names, its first record stands in sheet row ``first_row``."""
    lines = [
        [cell.strip().replace("⏎", "\n") for cell in line.strip().strip("|").split("|")]
        for line in text.strip().splitlines()
    ]
    names, records = lines[0], lines[1:]
    values: dict[str, list[Value]] = {name: [record[i] for record in records] for i, name in enumerate(names)}
    for (index, name), error in (errors or {}).items():
        values[name][index] = CellError(error)
    return Table(
        schema.name,
        "Лист1",
        (first_row - 1,),
        {name: (i + 1,) for i, name in enumerate(names)},
        {name: schema.field(name).title for name in names},
        [first_row + i for i in range(len(records))],
        values,
    )


def said(issues: list[Issue]) -> list[tuple[str, str, str | None]]:
    return [(issue.severity, issue.code, issue.at.cell) for issue in sorted(issues, key=Issue.sort_key)]


def checked(schema: TableSchema, table: Table) -> tuple[TypedTable, list[Issue]]:
    return check_table(table, schema, CONTEXT)


def test_clean_rows_are_typed_and_accepted() -> None:
    """A tidy table gives typed values and no word."""
    typed, issues = checked(
        PAIRS,
        drawn(
            PAIRS,
            """
        | mentor                | mentee               | form           | date_from  |
        | Орлова Анна Ильинична | Зуев Пётр Олегович   | ученик–ученик  | 02.10.2023 |
        """,
        ),
    )
    assert issues == []
    assert (typed.values["form"], typed.values["date_from"], typed.accepted) == (
        ["pupil_pupil"],
        [date(2023, 10, 2)],
        [True],
    )


def test_impossible_date_rejects_its_row_only() -> None:
    """A date no calendar has is an error at its cell; the other row stays."""
    typed, issues = checked(
        MEETINGS,
        drawn(
            MEETINGS,
            """
        | date       | topic |
        | 31.11.2023 | план  |
        | 01.12.2023 | итоги |
        """,
        ),
    )
    assert said(issues) == [("error", "cell-type", "A2")]
    assert typed.accepted == [False, True]
    assert typed.rows_read == typed.rows_accepted + 1


def test_missing_name_is_an_error_and_missing_start_a_warning() -> None:
    """Only what the row cannot be used without rejects it (tables.md, settled question 3)."""
    typed, issues = checked(
        PAIRS,
        drawn(
            PAIRS,
            """
        | mentor                | mentee             | date_from  |
        |                       | Зуев Пётр Олегович | 02.10.2023 |
        | Орлова Анна Ильинична | Зуев Пётр Олегович |            |
        """,
        ),
    )
    assert said(issues) == [("error", "cell-required", "A2"), ("warning", "cell-required", "C3")]
    assert typed.accepted == [False, True]


def test_several_people_in_a_cell_are_several_records_of_one_row() -> None:
    """A group written in one cell becomes a record per mentee, all with the row of the cell."""
    typed, issues = checked(
        PAIRS,
        drawn(
            PAIRS,
            """
        | mentor                | mentee                                      | date_from  |
        | Орлова Анна Ильинична | Зуев Пётр Олегович,⏎Гусева Инна Павловна    | 02.10.2023 |
        | Орлова Анна Ильинична | Котов Лев Ильич                             | 02.10.2023 |
        """,
        ),
    )
    assert issues == []
    assert (typed.row_numbers, typed.part) == ([2, 2, 3], [0, 1, 0])
    assert typed.values["mentee"] == ["Зуев Пётр Олегович", "Гусева Инна Павловна", "Котов Лев Ильич"]


def test_mentor_and_mentee_in_one_cell_are_one_pair() -> None:
    """A cell «наставник, наставляемый» feeds both fields: its line break parts a pair, not a group."""
    cell = "Орлова Анна Ильинична\nЗуев Пётр Олегович"
    table = Table(
        "pairs", "Л", (1,), {"mentor": (1,), "mentee": (1,)}, {}, [2], {"mentor": [cell], "mentee": [cell]},
        {"mentor": "pair", "mentee": "pair"},
    )  # fmt: skip
    typed, _ = checked(PAIRS, table)
    assert (typed.values["mentor"], typed.values["mentee"]) == (["Орлова Анна Ильинична"], ["Зуев Пётр Олегович"])


def test_an_error_cell_is_named_not_called_blank() -> None:
    """#REF! is a formula error at its cell, never a missing value (performance.md §7)."""
    _, issues = checked(
        MEETINGS,
        drawn(
            MEETINGS,
            """
        | date       | topic |
        |            | план  |
        """,
            errors={(0, "date"): "#REF!"},
        ),
    )
    assert said(issues) == [("error", "cell-formula-error", "A2")]


def test_a_glued_cell_is_reported_once() -> None:
    """One cell feeding two fields is one cause, so one issue per code."""
    schema = TableSchema(
        "documents", "Документы", (Field("number", "№", "order_number"), Field("date", "Дата", "date"))
    )
    table = Table(
        "documents",
        "Л",
        (1,),
        {"number": (1,), "date": (1,)},
        {"number": "Приказ", "date": "Приказ"},
        [2],
        {"number": [CellError("#N/A")], "date": [CellError("#N/A")]},
        {"number": "number", "date": "date"},
    )
    assert said(checked(schema, table)[1]) == [("error", "cell-formula-error", "A2")]


def test_a_column_left_empty_is_one_issue_at_its_first_cell() -> None:
    """One cause, one issue: a wholly empty column is not said once a row, but where filling in begins."""
    rows = "\n".join("| Орлова Анна Ильинична | Зуев Пётр Олегович | |" for _ in range(6))
    _, issues = checked(PAIRS, drawn(PAIRS, f"| mentor | mentee | date_from |\n{rows}"))
    assert said(issues) == [("warning", "cell-required", "C2")]
    assert dict(issues[0].params)["count"] == "6"


def test_ages_for_years_of_birth_are_one_issue_at_the_heading() -> None:
    """A column «Возраст» is one cause: the years are inferred, and said once."""
    table = drawn(
        MENTEES,
        """
        | full_name            | birth |
        | Зуев Пётр Олегович   | 12    |
        | Гусева Инна Павловна | 13    |
        | Котов Лев Ильич      | 12    |
        """,
    )
    table.headings["birth"] = "Возраст"
    typed, issues = checked(MENTEES, table)
    assert [code for _, code, _ in said(issues)] == ["cell-inferred"]
    assert issues[0].at.cell == "B1"
    assert typed.values["birth"] == [2012, 2011, 2012]


def test_without_an_indispensable_column_no_row_is_accepted_and_cells_are_silent() -> None:
    """The missing heading is the one issue (the recogniser's); its rows are rejected without a word each."""
    typed, issues = checked(
        MEETINGS,
        drawn(
            MEETINGS,
            """
        | topic |
        | план  |
        """,
        ),
    )
    assert (typed.accepted, issues) == ([False], [])


def test_kind_follows_from_class_post_or_age() -> None:
    """An untyped kind is derived: class → pupil, post → staff, else by age."""
    typed, _ = checked(
        MENTEES,
        drawn(
            MENTEES,
            """
        | full_name            | birth | class_group | position |
        | Зуев Пётр Олегович   | 2010  | 7А          |          |
        | Гусева Инна Павловна | 1999  |             | учитель  |
        | Котов Лев Ильич      | 2011  |             |          |
        | Жук Вера Львовна     |       |             |          |
        """,
        ),
    )
    assert typed.values["kind"] == ["pupil", "staff", "pupil", None]


def test_a_criterion_ticked_twice_or_not_at_all_is_named_at_its_row() -> None:
    """Blank is never nought and two ticks are neither: the mark stays open, the sheet's one record accepted (domain.md §3.7)."""
    schema = TableSchema(
        "evaluations",
        "Оценка",
        (Field("score_2", "2"), Field("score_1", "1"), *(Field(f"c{n}", f"К{n}", "integer") for n in (1, 2, 3, 7))),
    )
    table = Table(
        "evaluations", "Л", (3, 4), {"score_2": (3,), "score_1": (4,)}, {}, [5],
        {"c1": [2.0], "c2": ["2;1"], "c3": [""], "c7": [""]},
        cells={"c1": "C5", "c2": "C6", "c3": "B7", "c7": "B8"},
    )  # fmt: skip
    typed, issues = checked(schema, table)
    assert [(i.severity, i.code, i.at.row, dict(i.params)["why"]) for i in issues] == [
        ("warning", "plan-marks", 6, "several"),
        ("warning", "plan-marks", 7, "none"),
        ("warning", "plan-marks", 8, "partners"),
    ]
    assert [(i.severity, dict(i.params)["why"]) for i in checked(schema, replace(table, values={"c7": ["-"]}))[1]] == [
        ("info", "no-partners")
    ]
    assert (typed.accepted, [typed.values[f"c{n}"] for n in (1, 2, 3, 7)]) == ([True], [[2], [None], [None], [None]])


def test_school_year_runs_from_september_to_august() -> None:
    """domain.md §1."""
    assert (school_year_on(date(2023, 9, 1)), school_year_on(date(2024, 8, 31))) == (2023, 2023)


def test_school_year_is_told_by_its_two_years() -> None:
    """«2020-2024» is a plan's term, not a school year."""
    assert school_year_told(["План на 2020-2024 годы", "на 2023/24 уч. год"]) == 2023
    assert school_year_told(["Целевая программа 2020–2024"]) is None
