"""«Проверка»: what a curator sees, in words and in order."""

from __future__ import annotations

import io
import runpy
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sheets_sync.history import Fixed, Past
from sheets_sync.issues import At, Issue
from sheets_sync.reporting.findings import AT_MOST, findings_book, path_between, summary_line
from sheets_sync.reporting.fixes import first_fixes
from sheets_sync.reporting.page import Book, Link
from sheets_sync.sinks.excel import render_book
from sheets_sync.table_schema.model import Field, TableSchema
from sheets_sync.waivers import Waiver

faults = runpy.run_path(str(Path(__file__).with_name("xlsx_order.py")))["faults"]
SCHEMAS = {
    "pairs": TableSchema("pairs", "Пары", (Field("mentor", "ФИО наставника"), Field("order_date", "Дата приказа")))
}


class Words(NamedTuple):
    title: str
    message: str
    hint: str


class Plain:
    """Words that show what they were given."""

    def render(self, issue: Issue, /, *, heading: str | None = None) -> Words:
        return Words(f"Заголовок {issue.code}", f"{heading}: {issue.value}", "Исправьте.")


class Found(NamedTuple):
    workbook: str
    sheet: str
    table: str
    header_row: int
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    columns: dict[str, str | list[str]]
    headings: dict[str, str]


def issue(code: str = "cell-type", severity: str = "error", row: int | None = 17, **more: str) -> Issue:
    at = At(
        "ш",
        more.get("workbook", "База.xlsx"),
        more.get("sheet", "Пары"),
        "pairs",
        row,
        "F" if row else None,
        "order_date",
    )
    return Issue(code, severity, at, more.get("value", "31.02.2024"), more.get("suggestion"))  # type: ignore[arg-type]


PAIRS = Found("База.xlsx", "Пары", "pairs", 4, 25, 24, 1, {"mentor": ["B", "C"], "order_date": "F"},
              {"mentor": "Наставник", "order_date": "Дата\nприказа"})  # fmt: skip


def book(issues: list[Issue], tables: list[Found], **more: Any) -> Book:
    made = findings_book("МКОУ «СОШ № 4»", issues, tables, Plain(), SCHEMAS, as_of=date(2024, 6, 20),
                         file_of=lambda workbook: f"../../inbox/ш/{workbook}", **more)  # fmt: skip
    file = io.BytesIO()
    render_book(made, file)
    file.seek(0)
    assert faults(file) == []
    return made


@pytest.mark.parametrize(
    ("severities", "line"),
    [
        ([], "Всё в порядке: исправлять нечего."),
        (["error"] * 3 + ["warning"] * 5 + ["info"] * 2, "Найдено: 3 ошибки, 5 замечаний, 2 подсказки."),
        (["error"] * 21 + ["warning"], "Найдено: 21 ошибка, 1 замечание."),
        (["warning"] * 11, "Найдено: 11 замечаний. Ошибок нет."),
        (["info"], "Всё в порядке: исправлять нечего. Найдено: 1 подсказка."),
    ],
)
def test_summary_counts_in_russian(severities: list[str], line: str) -> None:
    """Numerals agree; hints alone are nothing to mend."""
    assert summary_line(issue(severity=severity) for severity in severities).replace("\u00a0", " ") == line


def test_a_finding_leads_to_its_cell_and_says_what_to_type() -> None:
    """One line has place, heading as typed, value, words, suggestion, code, and a link into the school's own file."""
    sheet = book([issue(suggestion="29.02.2024")], [PAIRS]).sheets[0]
    assert list(sheet.rows) == [(
        "Ошибка", "База.xlsx", "Пары", Link("F17", "../../inbox/ш/База.xlsx#'Пары'!F17"), "Дата приказа", "31.02.2024",
        "Дата приказа: 31.02.2024", "Исправьте.", "29.02.2024", "cell-type",
    )]  # fmt: skip
    assert sheet.cell_tones == {(0, 0): "bad"}
    assert "Строк прочитано: 25, не принято: 1." in str(sheet.above[1])


def test_findings_stand_by_file_sheet_and_row() -> None:
    """Whole-sheet findings first, then row by row, however they were found."""
    mixed = [
        issue(row=9),
        issue(row=5, sheet="Журнал"),
        issue(row=None),
        issue(row=30),
        issue(row=2, workbook="А.xlsx"),
    ]
    rows = list(book(mixed, [PAIRS]).sheets[0].rows)
    assert [(row[1], row[2], row[3][0]) for row in rows] == [  # type: ignore[index]
        ("А.xlsx", "Пары", "F2"), ("База.xlsx", "Журнал", "F5"), ("База.xlsx", "Пары", "лист"),
        ("База.xlsx", "Пары", "F9"),
        ("База.xlsx", "Пары", "F30"),
    ]  # fmt: skip


def test_first_fixes_are_what_keeps_most_out_of_the_figures() -> None:
    """Errors before warnings however many, a missing column before rows, many rows before few; hints never."""
    fixes = first_fixes([
        *(issue("consent-missing", "warning", row) for row in range(2, 300)),
        *(issue("sheet-hidden", "info", row) for row in range(2, 300)),
        issue("pair-self", row=3),
        *(issue("cell-type", row=row) for row in range(5, 9)),
        issue("heading-missing", row=None),
    ])  # fmt: skip
    assert [(fix.first.code, fix.rows) for fix in fixes] == [("heading-missing", 1), ("cell-type", 4), ("pair-self", 1)]


def test_first_fixes_are_said_with_place_and_number_of_rows() -> None:
    """«Лист, столбец: что не так – 4 строки, первая – 5», leading to the first cell."""
    above = book([issue(row=row) for row in range(5, 9)], [PAIRS]).sheets[0].above
    fix = above[-1]
    assert isinstance(fix, Link)
    assert fix.text.replace("\u00a0", " ") == (
        "1. Лист «Пары», столбец «Дата приказа»: Заголовок cell-type – 4 строки, первая – 5. Исправьте. "
        "Это вернёт в показатели 4 пары."
    )
    assert fix.target.endswith("#'Пары'!F5")


def test_hints_stand_apart() -> None:
    """What need not be mended is on a sheet of its own and hides nothing that must be."""
    made = book([issue(row=5), issue("ref-initials", "info", 6), issue("row-total", "info", 7)], [PAIRS])
    first, hints = made.sheets[:2]
    assert [row[-1] for row in first.rows] == ["cell-type"]
    assert (hints.title, [row[-1] for row in hints.rows]) == ("Подсказки", ["ref-initials", "row-total"])
    assert any(isinstance(line, Link) and line.target == "#'Подсказки'!A1" for line in first.above)


def test_a_flood_of_one_code_is_cut_and_said() -> None:
    """At most 200 of a code are listed, the line below tells how many there are."""
    sheet = book([*(issue(row=row) for row in range(2, 302)), issue("row-total", row=400)], [PAIRS]).sheets[0]
    assert len(list(sheet.rows)) == AT_MOST + 1
    assert sheet.below == [
        "Показаны первые 200 «Заголовок cell-type» из 300: исправьте их, и здесь появятся остальные."
    ]


def test_how_the_sheets_were_read_is_shown() -> None:
    """Tables with their counts, and every column as it was understood."""
    _, read, columns = book([], [PAIRS]).sheets
    assert [tuple(row) for row in read.rows] == [
        ("База.xlsx", Link("Пары", "../../inbox/ш/База.xlsx#'Пары'!A4"), "Пары", 4, 25, 24, 1)
    ]
    assert [tuple(row)[3:] for row in columns.rows] == [
        ("B, C", "Наставник", "ФИО наставника"), ("F", "Дата приказа", "Дата приказа"),
    ]  # fmt: skip


def test_nothing_found_and_nothing_there_differ() -> None:
    """«Всё в порядке» is said of sheets that were read, not of an empty folder."""
    assert str(book([], [PAIRS]).sheets[0].above[1]).startswith("Всё в порядке")
    assert str(book([], []).sheets[0].above[1]).startswith("Таблиц пока нет")


FIXED = Fixed("ref-unknown", "pairs", "mentor", "ш/База.xlsx", "Пары", "Орлова Мария", "Орлва", date(2024, 3, 1),
              date(2024, 6, 20), True)  # fmt: skip
WAIVER = Waiver("ш", "cell-type", date(2024, 9, 1), "завуч Иванова", "ждём документы")


def test_what_was_fixed_stands_in_the_summary_and_in_a_sheet() -> None:
    """The number since the last time leads to the sheet that tells record, value and what it was."""
    made = book([], [PAIRS], past=Past([FIXED, FIXED._replace(just_now=False)], 3))
    assert made.sheets[0].above[2] == Link("Исправлено с прошлого раза: 1. Новых замечаний: 3.", "#'Исправлено'!A1")
    sheet = made.sheets[1]
    assert sheet.title == "Исправлено"
    assert next(iter(sheet.rows)) == (
        date(2024, 6, 20), "База.xlsx", "Пары", "ФИО наставника", "Орлова Мария", "Орлва", "Заголовок ref-unknown",
    )  # fmt: skip
    assert sheet.cell_tones == {(0, 0): "good"}


def test_nothing_fixed_nothing_said() -> None:
    """No line and no sheet about it; new findings alone are said in words of their own."""
    assert [sheet.title for sheet in book([], [PAIRS], past=Past([], 0)).sheets] == ["Проверка", "Прочитано", "Столбцы"]
    assert book([issue()], [PAIRS], past=Past([], 1)).sheets[0].above[2] == "С прошлого раза новых замечаний: 1."


def test_accepted_findings_are_listed_apart() -> None:
    """All that is left is in order; the sheet says until when, by whom and why."""
    made = book([], [PAIRS], accepted=[(issue(), WAIVER)])
    assert str(made.sheets[0].above[1]).startswith("Всё в порядке")
    assert made.sheets[1].title == "Принято"
    assert (
        next(iter(made.sheets[1].rows))[6]
        == "Принято до 1\u00a0сентября\u00a02024\u00a0г.: завуч Иванова, ждём документы"
    )


def test_a_waiver_run_out_is_said_beside_its_finding() -> None:
    """The finding counts again."""
    made = book([issue()], [PAIRS], expired={issue(): WAIVER})
    assert "(завуч Иванова): этот срок прошёл." in str(next(iter(made.sheets[0].rows))[6])
    assert "1\u00a0ошибка" in str(made.sheets[0].above[1])


def test_path_between_folders_is_relative_with_slashes(tmp_path: Path) -> None:
    """From outbox/школа to inbox/школа/файл."""
    assert path_between(tmp_path / "outbox" / "ш", tmp_path / "inbox" / "ш" / "а.xlsx") == "../../inbox/ш/а.xlsx"
