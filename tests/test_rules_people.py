"""Rules of persons: duplicates, ages, what a cell of a base must hold, consents."""

from __future__ import annotations

from datetime import date

import pytest

from sheets_sync.issues import At, Issue
from tests.rule_rows import found_in, issues_in, relations_of


def test_a_person_twice() -> None:
    """The same name and birth: an error on the later row; a birth missing: a warning; another birth: a namesake."""
    drawing = """
        mentees
        | full_name | kind | birth |
        | Белов Артём Ильич | pupil | 2010 |
        | Белов Артем Ильич | pupil | 2010-05-06 |
        | Серова Анна Львовна | pupil | 2011 |
        | Серова Анна Львовна | pupil | |
        | Лосев Ян Ильич | pupil | 2010 |
        | Лосев Ян Ильич | pupil | 2012 |
        mentors
        | full_name | category | birth |
        | Лосев Ян Ильич | pupil | 2010 |
    """
    issues = issues_in(drawing, "key-duplicate")
    assert [(i.at.table, i.at.cell, i.severity, dict(i.params)["other_row"]) for i in issues] == [
        ("mentees", "A3", "error", "2"),
        ("mentees", "A5", "warning", "4"),
    ]


def test_one_adult_in_two_bases_is_one_person() -> None:
    """A teacher who is mentor and mentee has one key; namesakes have two."""
    drawing = """
        mentees
        | full_name | kind | birth |
        | Орлова Мария Петровна | staff | 1990 |
        | Лосев Ян Ильич | pupil | 2012 |
        mentors
        | full_name | category | birth |
        | ОРЛОВА МАРИЯ ПЕТРОВНА | teacher | 1990-02-03 |
        | Лосев Ян Ильич | teacher | 1970 |
    """
    with relations_of(drawing) as store:
        keys = store.connection.execute("SELECT DISTINCT person_key FROM base ORDER BY 1").fetchall()
    assert [key for (key,) in keys] == [
        "school|лосев ян ильич|1970",
        "school|лосев ян ильич|2012",
        "school|орлова мария петровна",
    ]


@pytest.mark.parametrize(
    ("kind", "birth", "found", "suggestion"),
    [
        ("pupil", "2041-02-27", True, "27.02.2014"),
        ("pupil", "1914", True, "2014"),
        ("pupil", "1990", True, None),
        ("pupil", "2022-01-01", True, None),
        ("pupil", "2014-02-27", False, None),
        ("staff", "2010", True, "2001"),
        ("staff", "2015", True, None),
        ("staff", "2087", True, "1987"),
        ("staff", "1975", False, None),
        ("staff", "1930", True, None),
        ("", "1975", False, None),
    ],
)
def test_birth(kind: str, birth: str, found: bool, suggestion: str | None) -> None:
    """Pupils are 5–20, staff 18–80, nobody is of the future; the slip is turned round where that makes sense."""
    issues = issues_in(f"mentees\n| full_name | kind | birth |\n| Белов Артём Ильич | {kind} | {birth} |", "cell-range")
    assert [(i.at.cell, i.severity, i.suggestion) for i in issues] == ([("C2", "warning", suggestion)] if found else [])


def test_students_may_be_older() -> None:
    """At a college a pupil of 22 is nothing to speak of."""
    drawing = """
        school_profile
        | org_name | org_type |
        | Колледж | college |
        mentees
        | full_name | kind | birth |
        | Белов Артём Ильич | pupil | 2002 |
    """
    assert found_in(drawing, "cell-range") == []


def test_experience_and_age() -> None:
    """Experience beyond age − 16."""
    drawing = """
        mentees
        | full_name | kind | birth | experience_years |
        | Белов Артём Ильич | staff | 1994-07-01 | 14 |
        | Серова Анна Львовна | staff | 1994-07-01 | 13.5 |
        | Лосев Ян Ильич | staff | | 40 |
    """
    (issue,) = issues_in(drawing, "cell-range")
    assert (issue.at.cell, issue.severity, issue.value, dict(issue.params)["maximum"]) == ("D2", "warning", "14", "13")


def test_class_and_age() -> None:
    """A class two years off is common, four are worth a look; a course or a group tells nothing."""
    drawing = """
        mentees
        | full_name | kind | birth | class_group |
        | Белов Артём Ильич | pupil | 2010-05-06 | 3Б |
        | Серова Анна Львовна | pupil | 2012-05-06 | 3Б |
        | Лосев Ян Ильич | pupil | 2010 | 7А |
        | Жуков Пётр Ильич | pupil | 2006 | 1 курс |
        | Титов Пётр Ильич | pupil | 2006 | ЭЛ-21 |
    """
    issues = issues_in(drawing, "cell-range")
    assert [(i.at.cell, i.severity) for i in issues] == [("D2", "info")]


def test_what_a_mentor_row_must_hold() -> None:
    """Contract of an outsider, enterprise of its employee, birth and class of a pupil: where the sheet has the column."""
    drawing = """
        mentors
        | full_name | category | birth | class_group | enterprise_id | contract |
        | Рыбин Семён Львович | enterprise | 1970 | | ООО «Заря» | № 1 |
        | Котов Пётр Львович | enterprise | 1970 | | | № 2 |
        | Мохов Пётр Львович | alumnus | 1999 | | | |
        | Титов Марк Олегович | pupil | | | | |
        | Орлова Мария Петровна | teacher | | | | |
        | Ежова Мария Петровна | veteran | | | | |
        mentors @ other
        | full_name | category |
        | Мохов Пётр Львович | alumnus |
        enterprises
        | name | mentors |
        | ООО «Нива» | Котов Пётр Львович |
    """
    issues = issues_in(drawing, "cell-required")
    assert [(i.at.cell, i.severity, i.suggestion) for i in issues] == [
        ("E3", "warning", "ООО «Нива»"),
        ("F4", "warning", None),
        ("C5", "warning", None),
        ("D5", "warning", None),
    ]


def test_written_consent_of_employees() -> None:
    """From 1 March 2025 an employee's written consent is asked for, where the sheet has the column."""
    drawing = "mentors\n| full_name | category | labour_consent |\n| Орлова Мария Петровна | teacher | |"
    assert found_in(drawing, "cell-required", as_of=date(2025, 2, 28)) == []
    assert found_in(drawing, "cell-required", as_of=date(2025, 3, 1)) == [("cell-required", 2, "labour_consent")]


def test_what_a_mentee_row_must_hold() -> None:
    """Birth and class of a pupil, post and experience of staff, the end of a completed programme."""
    drawing = """
        mentees
        | full_name | kind | birth | class_group | position | experience_years | completed | date_out |
        | Белов Артём Ильич | pupil | | | | | | |
        | Серова Анна Львовна | staff | 1990 | | | | | |
        | Лосев Ян Ильич | pupil | 2010 | 7А | | | true | |
        | Жуков Пётр Ильич | staff | | | учитель | 0 | true | 2024-05-24 |
    """
    assert sorted(found_in(drawing, "cell-required")) == [
        ("cell-required", 2, "birth"),
        ("cell-required", 2, "class_group"),
        ("cell-required", 3, "experience_years"),
        ("cell-required", 3, "position"),
        ("cell-required", 4, "date_out"),
    ]


def test_pupil_as_mentor() -> None:
    """§3.5: a mentor of 13 is too young, of 14 not."""
    drawing = "mentors\n| full_name | category | birth |\n| Титов Марк Олегович | pupil | {} |"
    assert found_in(drawing.format("2011"), "pair-mentor-age") == [("pair-mentor-age", 2, "category")]
    assert found_in(drawing.format("2010-06-20"), "pair-mentor-age") == []


def test_dates_of_taking_part() -> None:
    """§3.4: left before joined, joined in the future; the planned end of a running programme is fine in its school year."""
    drawing = """
        mentees
        | full_name | kind | date_in | date_out | completed |
        | Белов Артём Ильич | pupil | 2023-09-10 | 2023-05-24 | |
        | Серова Анна Львовна | pupil | 2024-09-10 | | |
        | Лосев Ян Ильич | pupil | 2023-09-10 | 2024-08-30 | |
        | Жуков Пётр Ильич | pupil | 2023-09-10 | 2024-08-30 | true |
        | Ким Олег Ильич | pupil | 2023-09-10 | 2024-12-24 | |
    """
    assert found_in(drawing, "period-dates") == [
        ("period-dates", 2, "date_out"),
        ("period-dates", 3, "date_in"),
        ("period-dates", 5, "date_out"),
        ("period-dates", 6, "date_out"),
    ]


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [("12А", ""), ("17Б", ""), ("17 «А»", ""), ("117А", ""), ("б", "6"), ("в", ""), ("11А", None), ("7", None), ("17", None),
     ("старшая группа", None), ("ЭС-24", None)],
)  # fmt: skip
def test_classes_that_cannot_be(typed: str, suggestion: str | None) -> None:
    """Above 11, or a letter alone, among classes of a school; groups of a college or of a centre are left alone."""
    drawing = """
        school_profile
        | org_type |
        | {type} |
        mentees
        | full_name | kind | birth | class_group |
        | Белов Артём Ильич | pupil | 2012-05-06 | {typed} |
        | Серова Анна Львовна | pupil | 2012-05-06 | {other} |
        | Климов Пётр Ильич | pupil | 2012-05-06 | {other} |
    """
    found = [
        i
        for i in issues_in(drawing.format(type="school", typed=typed, other="6А"), "cell-range")
        if dict(i.params)["why"] != "class"
    ]
    assert [issue.suggestion or "" for issue in found] == ([] if suggestion is None else [suggestion])
    assert all((issue.severity, issue.at.field) == ("warning", "class_group") for issue in found)
    for kind, other in (("college", "6А"), ("additional", "12Б"), ("additional", "Б")):
        issues = issues_in(drawing.format(type=kind, typed=typed, other=other), "cell-range")
        assert [issue for issue in issues if dict(issue.params)["why"].startswith("class-")] == []


CONSENTS = (
    "consent-missing", "consent-not-kept", "consent-refused", "consent-revoked", "consent-late", "consent-signed-by",
    "consent-own-needed", "consent-expired", "ref-unknown",
)  # fmt: skip
MINOR_AND_ADULT = """
    mentees
    | full_name | kind | birth | consent |
    | Белов Артём Ильич | pupil | 2010-05-06 | {minor} |
    mentors
    | full_name | category | birth | consent |
    | Орлова Мария Петровна | teacher | 1980 | {adult} |
    pairs
    | mentor | mentee | form | order_no | order_date | date_from | date_to | status |
    | Орлова Мария Петровна | Белов Артём Ильич | teacher_pupil | 5 | 2023-09-20 | 2023-09-25 | {end} | active |
"""


def people(minor: str = "2023-09-01", adult: str = "true", end: str = "", consents: str = "") -> str:
    heading = "\nconsents\n| full_name | role | kind | signed_by | date | valid_to | revoked_on |\n"
    return MINOR_AND_ADULT.format(minor=minor, adult=adult, end=end) + (heading + consents if consents else "")


def test_consents_in_order() -> None:
    """A date or a «да» in the base is enough, and so is the table of consents."""
    assert found_in(people(), *CONSENTS) == []
    both = "| Белов А. И. | mentee | personal_data; participation | parent | 2023-09-02 | | |\n| Орлова Мария Петровна | | personal_data | self | 2023-09-02 | | |"
    assert found_in(people("", "", consents=both), *CONSENTS) == []


def test_consent_is_missing() -> None:
    """An error for a minor, a warning for an adult; a cell the checks have spoken of is not missing as well."""
    issues = issues_in(people("", ""), *CONSENTS)
    assert [(i.code, i.at.cell, i.severity) for i in issues] == [
        ("consent-missing", "D2", "error"),
        ("consent-missing", "D2", "warning"),
    ]
    told = Issue(
        "cell-type", "warning", At("school", "Книга.xlsx", "mentees", "mentees", 2, "D", "consent"), "на подписи"
    )
    assert [i.at.table for i in issues_in(people("", ""), *CONSENTS, issues=[told])] == ["mentors"]


def test_an_empty_column_is_one_finding() -> None:
    """Nobody's consent is noted: one finding at the heading, with how many."""
    rows = "\n".join(
        f"| Белов Артём {name} | pupil | 2010 | |" for name in ("Ильич", "Львович", "Олегович", "Юрьевич", "Янович")
    )
    (issue,) = issues_in("mentees\n| full_name | kind | birth | consent |\n" + rows, *CONSENTS)
    assert (issue.at.cell, issue.severity, dict(issue.params)["count"]) == ("D1", "error", "5")


def test_consents_kept_nowhere() -> None:
    """Neither column nor table: one finding for the organisation."""
    drawing = """
        mentees
        | full_name | kind |
        | Белов Артём Ильич | pupil |
        mentors
        | full_name | category |
        | Орлова Мария Петровна | teacher |
        pairs
        | mentor | mentee |
        | Орлова Мария Петровна | Белов Артём Ильич |
    """
    (issue,) = issues_in(drawing, *CONSENTS)
    assert (issue.code, issue.severity, issue.at.workbook, issue.at.organisation) == (
        "consent-not-kept",
        "warning",
        "",
        "school",
    )


def test_refusal() -> None:
    """«нет» is an error and ends the pair; a consent signed afterwards stands."""
    assert found_in(people("false"), *CONSENTS) == [("consent-refused", 2, "consent")]
    with relations_of(people("false")) as store:
        assert store.connection.execute("SELECT count(*) FROM counted_pairs").fetchone() == (0,)
    later = people("false", consents="| Белов Артём Ильич | mentee | personal_data | parent | 2023-09-20 | | |")
    assert found_in(later, *CONSENTS) == []


def test_revocation() -> None:
    """An error where the pair goes on, history where it had ended."""
    row = "| Белов Артём Ильич | mentee | personal_data | parent | 2023-09-02 | | 2024-02-01 |"
    assert found_in(people("", consents=row), *CONSENTS) == [("consent-revoked", 2, "revoked_on")]
    assert found_in(people("", end="2024-01-20", consents=row), *CONSENTS) == []


def test_late_consent() -> None:
    """R10: later than the pair's beginning, said once, where the earliest consent is written."""
    issues = issues_in(people("2023-11-20", "2023-11-20"), *CONSENTS)
    assert [(i.code, i.at.table, i.severity, i.value) for i in issues] == [
        ("consent-late", "mentees", "error", "20.11.2023"),
        ("consent-late", "mentors", "warning", "20.11.2023"),
    ]
    row = "| Белов Артём Ильич | mentee | personal_data | parent | {} | | |"
    assert found_in(people("2023-11-20", consents=row.format("2023-11-20")), *CONSENTS) == [("consent-late", 2, "date")]
    assert found_in(people("2023-11-20", consents=row.format("2023-09-01")), *CONSENTS) == []


def test_who_signs() -> None:
    """§3.11: a parent for a minor; the person after turning 18, while still taking part."""
    row = "| Белов Артём Ильич | mentee | personal_data | {} | 2023-09-02 | | |"
    assert found_in(people("", consents=row.format("self")), *CONSENTS) == [("consent-signed-by", 2, "signed_by")]
    grown = people("", consents=row.format("parent")).replace("2010-05-06", "2005-12-01")
    assert found_in(grown, *CONSENTS) == [("consent-own-needed", 2, "date")]
    assert found_in(grown + "\n| Белов Артём Ильич | mentee | personal_data | self | 2023-12-02 | | |", *CONSENTS) == []
    ended = people("", end="2023-11-20", consents=row.format("parent")).replace("2010-05-06", "2005-12-01")
    assert found_in(ended, *CONSENTS) == []
    assert found_in(grown.replace("2005-12-01", "2006"), *CONSENTS) == []


def test_expired_consent() -> None:
    """The term of the only consent is over while the pair works."""
    row = "| Белов Артём Ильич | mentee | personal_data | parent | 2023-09-02 | {} | |"
    assert found_in(people("", consents=row.format("2024-05-31")), *CONSENTS) == [("consent-expired", 2, "valid_to")]
    assert found_in(people("", consents=row.format("2024-12-31")), *CONSENTS) == []
    # what the base says of it is the same consent, unless it was given later
    assert found_in(people("2023-09-02", consents=row.format("2024-05-31")), *CONSENTS) == [
        ("consent-expired", 2, "valid_to")
    ]
    assert found_in(people("true", consents=row.format("2024-05-31")), *CONSENTS) == [
        ("consent-expired", 2, "valid_to")
    ]
    assert found_in(people("2024-06-01", consents=row.format("2024-05-31")), *CONSENTS) == []


def test_a_consent_over_before_the_pair_began() -> None:
    """R10: then there never was one: an error for a minor, a warning for an adult, whether or not the pair still runs."""
    row = "| Белов Артём Ильич | mentee | personal_data | parent | 2022-09-02 | {} | |"
    for end in ("", "2024-05-20"):
        (issue,) = issues_in(people("", end=end, consents=row.format("2023-08-31")), *CONSENTS)
        assert (issue.code, issue.severity, issue.at.field) == ("consent-expired", "error", "valid_to")
        assert (issue.value, dict(issue.params)["starts"]) == ("31.08.2023", "25.09.2023")
    assert found_in(people("", end="2024-05-20", consents=row.format("2024-05-01")), *CONSENTS) == []
    adult = "| Орлова Мария Петровна | mentor | personal_data | self | 2022-09-02 | 2023-08-31 | |"
    (issue,) = issues_in(people("2023-09-01", "", end="2024-05-20", consents=adult), *CONSENTS)
    assert (issue.code, issue.severity) == ("consent-expired", "warning")


def test_consent_of_an_unknown_person() -> None:
    """A name of the table of consents that is in no base: a warning; a wrong role alone is not."""
    rows = "| Белав Артём Ильич | mentee | personal_data | parent | 2023-09-02 | | |\n| Орлова Мария Петровна | mentee | personal_data | self | 2023-09-02 | | |"
    issues = issues_in(people(consents=rows), "ref-unknown")
    assert [(i.at.cell, i.severity, i.suggestion) for i in issues] == [("A2", "warning", "Белов Артём Ильич")]


def test_a_surname_alone() -> None:
    """Where one person of the base bears it, that one is meant; of two nobody can say; of none it is unknown."""
    drawing = """
        mentors
        | full_name | category |
        | Орлова Мария Петровна | teacher |
        | Панов Глеб Олегович | teacher |
        | Панов Иван Олегович | teacher |
        evaluations
        | mentor | c1 |
        | Орлова | 2 |
        | Панов | 2 |
        | Громов | 2 |
    """
    codes = ("ref-initials", "ref-ambiguous-initials", "ref-unknown")
    assert sorted(found_in(drawing, *codes), key=lambda found: found[1]) == [
        ("ref-initials", 2, "mentor"),
        ("ref-ambiguous-initials", 3, "mentor"),
        ("ref-unknown", 4, "mentor"),
    ]
