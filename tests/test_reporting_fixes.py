"""What to mend first: causes, what each keeps out of the figures, and how that is said."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from sheets_sync.issues import At, Issue
from sheets_sync.reporting.fixes import Fix, first_fixes


class Read(NamedTuple):
    workbook: str
    sheet: str
    table: str
    rows_accepted: int
    rows_rejected: int


def issue(code: str, table: str, row: int | None = 5, field: str = "order_date", severity: str = "error", value: str | None = None) -> Issue:  # fmt: skip
    at = At("ш", "База.xlsx", table, table, row, "F" if row else None, field)
    return Issue(code, severity, at, value)  # type: ignore[arg-type]


def said(*issues: Issue, tables: tuple[Read, ...] = (), most: int = 3) -> list[tuple[str, str]]:
    return [(fix.first.code, words(fix)) for fix in first_fixes(issues, tables, most)]


def words(fix: Fix) -> str:
    return fix.gain.words().replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("issues", "line"),
    [
        ([issue("cell-type", "pairs", row) for row in range(5, 9)], "Это вернёт в показатели 4 пары."),
        ([issue("pair-no-order", "pairs", severity="warning")], "Это вернёт в показатели 1 пару."),
        ([issue("cell-type", "mentees", row) for row in range(5, 26)], "Это вернёт в базу 21 наставляемого."),
        ([issue("cell-type", "questionnaires")], "Это вернёт в показатели 1 анкету."),
        ([issue("cell-type", "meetings", row) for row in range(5, 17)], "Это вернёт в учёт 12 встреч."),
        ([issue("cell-type", "roadmap")], "Это вернёт в учёт 1 строку."),
        ([issue("consent-missing", "mentees")], ""),
        ([issue("cell-enum", "pairs", severity="warning")], ""),
        ([issue("cell-required", "school_profile", field="n_young", severity="warning")],
         "Это позволит посчитать показатель I3."),
        ([issue("cell-type", "school_profile", field="n_pupils")],
         "Это позволит посчитать показатели I1, I2, I3 и I7."),
        ([issue("profile-order", "school_profile", field="n_potential")], "Это позволит посчитать показатель I1."),
        ([issue("file-encrypted", "", None)], "Тогда будут учтены и таблицы этого файла."),
    ],
)  # fmt: skip
def test_what_mending_brings_is_said_in_words(issues: list[Issue], line: str) -> None:
    """Pairs and questionnaires return to the figures, people to their base, denominators open indicators."""
    assert [text for _, text in said(*issues)] == [line]


def test_one_misspelt_name_is_one_fix() -> None:
    """Twelve meetings and two pairs that name her wrongly wait for one correction, in whatever sheet they stand."""
    wrong = [issue("ref-unknown", "meetings", row, "mentor", "warning", "Орлва Мария") for row in range(5, 17)]
    wrong += [issue("ref-unknown", "pairs", row, "mentor", value="Орлва  Мария") for row in (3, 4)]
    (fix,) = first_fixes([*wrong])
    assert (fix.rows, fix.sheets) == (14, ("meetings", "pairs"))
    assert words(fix) == "Это вернёт в показатели 2 пары и свяжет с парами 12 встреч."


def test_a_row_with_two_troubles_comes_back_with_the_last() -> None:
    """Neither alone brings the pair back, and that is what is said."""
    both = [issue("cell-type", "pairs", 5), issue("pair-dates", "pairs", 5, "date_to")]
    assert [text for _, text in said(*both)] == ["Вместе с другими исправлениями это вернёт в показатели 1 пару."] * 2
    more = [*both, issue("cell-type", "pairs", 6)]
    assert said(*more)[0] == (
        "cell-type",
        "Это вернёт в показатели 1 пару, а вместе с другими исправлениями – ещё больше.",
    )


def test_the_order_is_by_what_mending_brings() -> None:
    """A file, a denominator, pairs, people, meetings; then errors before warnings. Hints never."""
    issues = [
        *(issue("sheet-hidden", "pairs", row, severity="info") for row in range(40)),
        *(issue("cell-enum", "mentors", row, severity="warning") for row in range(40)),
        *(issue("consent-missing", "mentees", row) for row in range(3)),
        *(issue("cell-type", "meetings", row) for row in range(12)),
        *(issue("cell-type", "mentees", row) for row in range(3)),
        *(issue("pair-no-order", "pairs", row, severity="warning") for row in (7, 8, 9)),
        issue("cell-required", "school_profile", field="n_potential", severity="warning"),
        issue("file-encrypted", "", None),
    ]
    assert [fix.first.code for fix in first_fixes(issues, most=9)] == [
        "file-encrypted", "cell-required", "pair-no-order", "cell-type", "cell-type", "consent-missing", "cell-enum",
    ]  # fmt: skip


def test_a_missing_column_keeps_its_whole_table_out() -> None:
    """The rows are those of the table; a sheet without a column for the order keeps its pairs out."""
    tables = (Read("База.xlsx", "pairs", "pairs", 14, 6), Read("База.xlsx", "mentors", "mentors", 3, 0))
    assert said(issue("heading-missing", "pairs", None, "mentee"), tables=tables) == [
        ("heading-missing", "Это вернёт в показатели 6 пар.")
    ]
    assert said(issue("pair-no-order", "pairs", None, "order_no", "warning"), tables=tables) == [
        ("pair-no-order", "Это вернёт в показатели 14 пар.")
    ]
