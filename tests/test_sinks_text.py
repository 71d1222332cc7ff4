"""What `check` prints, and what it never prints."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import NamedTuple

import pytest

from sheets_sync.issues import At, Issue
from sheets_sync.sinks.text import (
    CheckedWorkbook,
    Masking,
    csv_pieces,
    json_pieces,
    markdown_pieces,
    mask,
    text_pieces,
)
from sheets_sync.table import Table, TypedTable
from sheets_sync.table_schema.model import Field, TableSchema

SCHEMAS = {
    "mentors": TableSchema("mentors", "Наставники", (
        Field("full_name", "ФИО", "name", personal="personal"),
        Field("birth", "Дата рождения", "birth", personal="personal"),
        Field("date_in", "Дата", "date"),
    ))
}  # fmt: skip
MASKING = Masking(SCHEMAS)


class Words(NamedTuple):
    message: str
    hint: str


class Plain:
    """Words that would leak whatever they were given."""

    def render(self, issue: Issue, /, *, heading: str | None = None) -> Words:
        return Words(f"{heading} «{issue.value}» {dict(issue.params)}", "Исправьте | это")


def issue(field: str | None, value: str, row: int = 5, code: str = "cell-type", **params: str) -> Issue:
    at = At("ш", "ш/а.xlsx", "Наставники", "mentors", row, "B", field)
    return Issue(code, "error", at, value, f"{value}!", tuple(params.items()))


def workbook(*issues: Issue) -> CheckedWorkbook:
    table = Table(
        "mentors", "Наставники", (1, 2), {"full_name": (2, 3)}, {"full_name": "Ф.И.О."}, [3, 5], {"full_name": ["", ""]}
    )
    typed = TypedTable(table, [3, 5], [0, 0], [True, False], {
        "full_name": ["Орлова Мария", None], "birth": [date(1990, 5, 1), 1980], "date_in": [date(2023, 9, 1), None],
    })  # fmt: skip
    return CheckedWorkbook("папка/ш/а.xlsx", "ш", [typed], list(issues))


def test_json_is_the_contract_of_the_design() -> None:
    """Exactly the keys of design.md §4, ordered by row, issues of an organisation apart."""
    whole = Issue("profile-missing", "warning", At("ш"))
    pieces = json_pieces(
        [workbook(issue("date_in", "вчера", 9), issue("date_in", "x", 4))], [whole], Plain(), MASKING, rows=True
    )
    found = json.loads("".join(pieces))
    assert list(found) == ["version", "workbooks", "issues"]
    (book,) = found["workbooks"]
    assert list(book) == ["path", "tables", "issues"]
    assert book["tables"] == [{
        "table": "mentors", "sheet": "Наставники", "header_row": 2,
        "rows_read": 2, "rows_accepted": 1, "rows_rejected": 1,
        "columns": {"full_name": ["B", "C"]},
        "rows": [{"row": 3, "values": {"full_name": "О… М…", "birth": "***", "date_in": "2023-09-01"}}],
    }]  # fmt: skip
    assert [one["row"] for one in book["issues"]] == [4, 9]
    assert list(book["issues"][0]) == [
        "code", "severity", "table", "sheet", "row", "field", "cell", "value", "message", "hint", "suggestion",
    ]  # fmt: skip
    assert (book["issues"][0]["cell"], book["issues"][0]["value"]) == ("B4", "x")
    assert found["issues"][0]["organisation"] == "ш"
    assert found["issues"][0]["row"] is None


@pytest.mark.parametrize("form", [json_pieces, csv_pieces, text_pieces, markdown_pieces])
def test_personal_values_are_nowhere_in_the_output(form: object) -> None:
    """Neither as the value nor within message, suggestion or parameters; with show_values they are."""
    issues = (
        issue("full_name", "Орлова Мария", mentor="Орлова Мария"),
        issue("birth", "01.05.1990", other="01.05.1990"),
        issue(None, "Орлова Мария", code="row-duplicate"),
        issue("date_in", "вчера", who="Громов Олег", phone="8 914 000-00-00", mail="a@example.org"),
    )
    shown = "".join(form([workbook(*issues)], issues, Plain(), MASKING))  # type: ignore[operator]
    for secret in ("Орлов", "Мария", "1990", "Громов", "914", "example.org"):
        assert secret not in shown
    assert "вчера" in shown
    assert "Орлова Мария" in "".join(form([workbook(*issues)], issues, Plain(), None))  # type: ignore[operator]


def test_harmless_parameters_and_headings_are_kept() -> None:
    """A row number, a type, a heading typed by the school say what is wrong and stay."""
    kept = MASKING.issue(issue("full_name", "Орлова", row_number="12", type="дата", allowed="да, нет"))
    assert dict(kept.params) == {"row_number": "12", "type": "дата", "allowed": "да, нет"}
    assert (
        MASKING.issue(issue("full_name", "Ф.И.О. преподавателя", code="heading-unknown")).value
        == "Ф.И.О. преподавателя"
    )


@pytest.mark.parametrize(
    ("text", "name", "shown"),
    [
        ("Орлова Мария Петровна", True, "О… М… П…"),
        ("8 914", True, "***"),
        ("ОВЗ", False, "***"),
        ("", False, ""),
        ("…", True, "***"),
    ],
)
def test_masks(text: str, name: bool, shown: str) -> None:
    """Initials of a name, stars for all else."""
    assert mask(text, name=name) == shown


def test_csv_has_no_formulas_and_reads_back() -> None:
    """A cell that begins like a formula gets an apostrophe; line breaks and quotes survive."""
    text = "".join(
        csv_pieces([workbook(issue("date_in", "=cmd()"), issue("date_in", 'a\n"b"', 6))], [], Plain(), MASKING)
    )
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["value"] for row in rows] == ["'=cmd()", 'a\n"b"']
    assert (rows[0]["path"], rows[0]["organisation"], rows[0]["cell"]) == ("папка/ш/а.xlsx", "ш", "B5")


def test_text_names_place_words_and_code_on_one_line() -> None:
    """One finding, one line, with the totals at the end; control characters of a cell never reach the terminal."""
    lines = "".join(text_pieces([workbook(issue("date_in", "a\x1b[31m\nb"))], [], Plain(), MASKING)).splitlines()
    assert lines[0] == "папка/ш/а.xlsx"
    assert lines[1] == "  Наставники: mentors, строк 2, не принято 1"
    assert lines[2].startswith("  Наставники!B5  ошибка: None «a [31m b»")
    assert lines[2].endswith("[cell-type]")
    assert lines[-1] == "Ошибок: 1, замечаний: 0, подсказок: 0"


def test_markdown_cells_do_not_break_the_table() -> None:
    """Bars and markup in a value are escaped."""
    text = "".join(markdown_pieces([workbook(issue("date_in", "а|б <b>*"))], [], Plain(), MASKING))
    row = next(line for line in text.splitlines() if "cell-type" in line)
    assert "а\\|б \\<b\\>\\*" in row
    assert row.replace("\\|", "").count("|") == 8


def test_nothing_found_is_said() -> None:
    """No issues: «Всё в порядке», in the language asked for."""
    assert "".join(text_pieces([workbook()], [], Plain(), MASKING)).splitlines()[-1] == "Всё в порядке"
    assert "Everything is in order" in "".join(text_pieces([], [], Plain(), MASKING, language="en"))
