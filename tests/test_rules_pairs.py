"""Rules of pairs (R1–R9, R11, T6) and of the references to the bases: each with what it finds and what it leaves alone."""

from __future__ import annotations

from datetime import date

import pytest

from sheets_sync.rules import Thresholds, run_rules
from tests.rule_rows import AS_OF, found_in, issues_in, relations_of, shipped_rules, store_of

BASES = """
    mentors
    | full_name | category | birth | class_group | enterprise_id |
    | Орлова Мария Петровна | teacher | 1980 | | |
    | Панов Глеб Олегович | teacher | 1975 | | |
    | Рыбин Семён Львович | enterprise | 1970 | | ООО «Заря» |
    | Титов Марк Олегович | pupil | 2007 | 10А | |
    mentees
    | full_name | kind | birth | class_group |
    | Белов Артём Ильич | pupil | 2010-05-06 | 7А |
    | Серова Анна Львовна | pupil | 2011-01-01 | 6А |
    | Климов Пётр Ильич | pupil | 2006-01-01 | 11А |
    | Жукова Нина Олеговна | staff | 1998 | |
"""
PAIR = "| mentor | mentee | form | order_no | order_date | date_from | date_to | status |"


def pairs(*rows: str) -> str:
    return BASES + "\n pairs\n" + PAIR + "\n" + "\n".join(rows)


GOOD = "| Орлова Мария Петровна | Белов Артём Ильич | teacher_pupil | 5 | 2023-09-20 | 2023-09-25 | 2024-05-24 | finished |"
PAIR_CODES = (
    "ref-unknown", "ref-ambiguous-initials", "ref-ambiguous", "pair-same-person", "pair-no-order", "pair-dates",
    "pair-duplicate", "pair-two-mentors", "pair-form", "pair-mentor-younger", "pair-load",
)  # fmt: skip


def test_a_good_pair_is_left_alone() -> None:
    """Nothing is said of a pair in order."""
    assert found_in(pairs(GOOD), *PAIR_CODES) == []


def test_unknown_names() -> None:
    """R1: a name in no base is an error in pairs; the nearest name of the right base is suggested, only if near."""
    rows = (
        GOOD.replace("Белов Артём", "Белв Артём"),
        GOOD.replace("Орлова Мария Петровна", "Иваненко Зоя Юрьевна").replace(
            "Белов Артём Ильич", "Серова Анна Львовна"
        ),
        GOOD.replace("Белов Артём Ильич", "Артём Ильич Белов").replace("Орлова Мария", "Орлова Марья"),
    )
    issues = issues_in(pairs(*rows), "ref-unknown")
    assert [(i.at.cell, i.severity, i.value, i.suggestion) for i in issues] == [
        ("B2", "error", "Белв Артём Ильич", "Белов Артём Ильич"),
        ("A3", "error", "Иваненко Зоя Юрьевна", None),
        ("A4", "error", "Орлова Марья Петровна", "Орлова Мария Петровна"),
    ]


def test_a_name_of_the_other_base_is_unknown() -> None:
    """A mentee must stand in the base of mentees: that of mentors does not make one."""
    row = GOOD.replace("Белов Артём Ильич", "Панов Глеб Олегович")
    assert found_in(pairs(row), "ref-unknown") == [("ref-unknown", 2, "mentee")]


def test_without_a_base_nothing_can_be_said() -> None:
    """Only pairs were handed in: their names are not all unknown."""
    assert found_in("pairs\n" + PAIR + "\n" + GOOD, "ref-unknown") == []


def test_unknown_name_is_said_where_it_is() -> None:
    """A misspelt name of a pair is not said again in the journal; another one there is a warning."""
    drawing = (
        pairs(GOOD.replace("Белов Артём", "Белв Артём"))
        + """
        meetings
        | date | mentor | mentee | stage | topic |
        | 2023-10-02 | Орлова Мария Петровна | Белв Артём Ильич | org | Знакомство |
        | 2023-10-09 | Орлова Мария Петровна | Белов Артём Ильич | trial | План |
        | 2023-10-16 | Орлова Мария Петровна | Сирова Анна Львовна | planning | Разбор |
    """
    )
    issues = issues_in(drawing, "ref-unknown", "meeting-no-pair")
    assert [(i.code, i.at.table, i.at.row, i.severity, i.suggestion) for i in issues] == [
        ("ref-unknown", "meetings", 4, "warning", "Серова Анна Львовна"),
        ("ref-unknown", "pairs", 2, "error", "Белов Артём Ильич"),
    ]


def test_rejected_rows_are_known_persons() -> None:
    """A row of a base that was rejected for another cell still makes its person known."""
    drawing = (
        pairs(GOOD.replace("Белов Артём Ильич", "Лосев Ян Ильич"))
        + """
        mentees @ school / Другая.xlsx
        | full_name | kind | birth |
        | Лосев Ян Ильич | pupil | 2010 | !
    """
    )
    assert found_in(drawing, "ref-unknown") == []


def test_initials() -> None:
    """Initials that fit one person: info with the full name; several: a warning that names them; none: unknown."""
    drawing = """
        mentors
        | full_name | category |
        | Орлова Мария Петровна | teacher |
        | Орлова Марта Павловна | teacher |
        | Панов Глеб Олегович | teacher |
        mentees
        | full_name | kind |
        | Белов Артём Ильич | pupil |
        | Серова А. Л. | pupil |
        pairs
        | mentor | mentee |
        | Панов Г.О. | Белов А.И. |
        | Орлова М.П. | Белов Артём Ильич |
        | Панов Глеб Олегович | Белов Г.И. |
        | Панов Глеб Олегович | Серова Анна Львовна |
    """
    issues = issues_in(drawing, "ref-initials", "ref-ambiguous-initials", "ref-unknown")
    assert [(i.code, i.at.cell, i.suggestion) for i in issues] == [
        ("ref-initials", "A2", "Панов Глеб Олегович"),
        ("ref-initials", "B2", "Белов Артём Ильич"),
        ("ref-ambiguous-initials", "A3", "Орлова Мария Петровна или Орлова Марта Павловна"),
        ("ref-unknown", "B4", "Белов Артём Ильич"),
    ]


def test_initials_elsewhere_are_said_once() -> None:
    """A journal kept with initials is one line of information, not one per meeting."""
    drawing = (
        pairs(GOOD)
        + """
        meetings
        | date | mentor | mentee | stage | topic |
        | 2023-10-02 | Орлова М. П. | Белов А. И. | org | Знакомство |
        | 2023-10-09 | Орлова М. П. | Белов А. И. | trial | План |
    """
    )
    issues = issues_in(drawing, "ref-initials")
    assert [(i.at.cell, dict(i.params)["count"]) for i in issues] == [("B2", "2"), ("C2", "2")]


NAMESAKES = """
    mentors
    | full_name | category |
    | Орлова Мария Петровна | teacher |
    | Панов Глеб Олегович | teacher |
    mentees
    | full_name | kind | birth | mentor |
    | Белов Артём Ильич | pupil | 2010 | {first} |
    | Белов Артём Ильич | {kind} | 1996 | |
    pairs
    | mentor | mentee | form |
    | Орлова Мария Петровна | Белов Артём Ильич | teacher_teacher |
"""


@pytest.mark.parametrize(
    ("first", "kind", "person"),
    [
        ("", "staff", "school|белов артем ильич|1996"),
        ("Орлова Мария Петровна", "pupil", "school|белов артем ильич|2010"),
        ("", "pupil", "school|белов артем ильич"),
    ],
)
def test_namesakes(first: str, kind: str, person: str) -> None:
    """Of two namesakes the one is meant whom the base gives this mentor, or whom the form fits; else it is asked."""
    drawing = NAMESAKES.format(first=first, kind=kind)
    assert found_in(drawing, "key-duplicate") == []
    unsure = [("ref-ambiguous", 2, "mentee")] if person.count("|") == 1 else []
    assert found_in(drawing, "ref-ambiguous", "ref-ambiguous-initials") == unsure
    with relations_of(drawing) as store:
        assert store.connection.execute("SELECT mentee_person FROM pairs_resolved").fetchone() == (person,)


def test_same_person_on_both_sides() -> None:
    """R2: mentor and mentee are one; that the mentee's base does not know the name is not said beside it."""
    row = GOOD.replace("Белов Артём Ильич", "Орлова М. П.")
    whole = GOOD.replace("Белов Артём Ильич", "Орлова Мария Петровна")
    assert found_in(pairs(whole), "pair-same-person", "ref-unknown") == [("pair-same-person", 2, "mentee")]
    assert found_in(pairs(row), "pair-same-person") == []


def test_order_is_missing() -> None:
    """R3: number or date missing, once per row; a sheet without the columns is one finding."""
    rows = (GOOD.replace("| 5 | 2023-09-20 ", "| | "), GOOD.replace("| 5 |", "| |"), GOOD.replace("2023-09-20", ""))
    assert found_in(pairs(*rows), "pair-no-order") == [
        ("pair-no-order", 2, "order_no"),
        ("pair-no-order", 3, "order_no"),
        ("pair-no-order", 4, "order_date"),
    ]
    bare = (
        BASES
        + "pairs\n| mentor | mentee |\n| Орлова Мария Петровна | Белов Артём Ильич |\n| Панов Глеб Олегович | Серова Анна Львовна |"
    )
    assert found_in(bare, "pair-no-order") == [("pair-no-order", None, "order_no")]


def test_order_of_the_school_year_before() -> None:
    """R3: an order half a year and more older than the pair is mostly a slip in the year; of the same summer it is not."""
    (issue,) = issues_in(pairs(GOOD.replace("2023-09-20", "2022-09-20")), "pair-order-old")
    assert (issue.at.row, issue.at.field, issue.suggestion) == (2, "order_date", "20.09.2023")
    (older,) = issues_in(pairs(GOOD.replace("2023-09-20", "2018-09-20")), "pair-order-old")
    assert older.suggestion is None
    for fine in ("2023-05-30", "2023-09-25", "2023-10-05"):
        assert found_in(pairs(GOOD.replace("2023-09-20", fine)), "pair-order-old") == []
    spring = GOOD.replace("2023-09-20", "2023-09-10").replace("2023-09-25", "2024-03-01")
    assert found_in(pairs(spring), "pair-order-old") == []
    assert (
        found_in(pairs(GOOD.replace("| 2023-09-25 |", "| |").replace("2023-09-20", "2022-09-20")), "pair-order-old")
        == []
    )


def test_end_before_beginning() -> None:
    """R4, with the year that was meant."""
    (issue,) = issues_in(pairs(GOOD.replace("2024-05-24", "2023-05-24")), "pair-dates")
    assert (issue.at.cell, issue.severity, issue.value, issue.suggestion) == ("G2", "error", "24.05.2023", "24.05.2024")
    assert found_in(pairs(GOOD.replace("2024-05-24", "")), "pair-dates") == []


def test_pair_written_twice() -> None:
    """R5: same mentor, mentee and form while the former runs; a renewal after it, or another form, is no duplicate."""
    renewed = GOOD.replace("2023-09-25", "2024-06-01").replace("2024-05-24", "2025-05-24")
    assert found_in(pairs(GOOD, GOOD), *PAIR_CODES) == [("pair-duplicate", 3, "mentee")]
    assert found_in(pairs(GOOD, GOOD.replace("2023-09-25", "2024-02-01")), "pair-duplicate") == [
        ("pair-duplicate", 3, "mentee")
    ]
    assert found_in(pairs(GOOD, renewed), "pair-duplicate") == []
    assert found_in(pairs(GOOD, GOOD.replace("teacher_pupil", "other")), "pair-duplicate") == []
    assert found_in(pairs(GOOD.replace("finished", "broken"), GOOD), "pair-duplicate") == []


RUNNING = GOOD.replace("2024-05-24", "2024-12-25").replace("finished", "active")


def test_two_active_mentors() -> None:
    """R6: a warning on the later row; not where one of the pairs is over."""
    other = RUNNING.replace("Орлова Мария Петровна", "Панов Глеб Олегович")
    assert found_in(pairs(RUNNING, other), "pair-two-mentors") == [("pair-two-mentors", 3, "mentee")]
    assert found_in(pairs(RUNNING, other.replace("active", "finished")), "pair-two-mentors") == []
    assert found_in(pairs(GOOD, other), "pair-two-mentors") == []


@pytest.mark.parametrize(
    ("mentor", "mentee", "form", "suggestion"),
    [
        ("Орлова Мария Петровна", "Белов Артём Ильич", "employer_pupil", "учитель – ученик"),
        ("Орлова Мария Петровна", "Жукова Нина Олеговна", "teacher_pupil", "учитель – учитель"),
        ("Титов Марк Олегович", "Белов Артём Ильич", "teacher_pupil", "ученик – ученик"),
        ("Рыбин Семён Львович", "Белов Артём Ильич", "pupil_pupil", "работодатель – ученик"),
        ("Рыбин Семён Львович", "Жукова Нина Олеговна", "teacher_teacher", None),
    ],
)
def test_form_does_not_fit(mentor: str, mentee: str, form: str, suggestion: str | None) -> None:
    """R7, with the form that fits."""
    row = (
        GOOD.replace("Орлова Мария Петровна", mentor)
        .replace("Белов Артём Ильич", mentee)
        .replace("teacher_pupil", form)
    )
    (issue,) = issues_in(pairs(row), "pair-form")
    assert (issue.at.cell, issue.severity, issue.suggestion) == ("C2", "warning", suggestion)


@pytest.mark.parametrize(
    ("mentor", "mentee", "form"),
    [
        ("Рыбин Семён Львович", "Белов Артём Ильич", "employer_pupil"),
        ("Титов Марк Олегович", "Белов Артём Ильич", "pupil_pupil"),
        ("Орлова Мария Петровна", "Жукова Нина Олеговна", "head_teacher"),
        ("Орлова Мария Петровна", "Жукова Нина Олеговна", "other"),
        ("Орлова Мария Петровна", "Неизвестный Иван Львович", "employer_pupil"),
    ],
)
def test_form_fits_or_is_unknown(mentor: str, mentee: str, form: str) -> None:
    """R7 is silent where the form fits; of an unknown person only the known side is judged."""
    row = (
        GOOD.replace("Орлова Мария Петровна", mentor)
        .replace("Белов Артём Ильич", mentee)
        .replace("teacher_pupil", form)
    )
    expected = [("pair-form", 2, "form")] if "Неизвестный" in mentee else []
    assert found_in(pairs(row), "pair-form") == expected


def test_younger_mentor_in_a_lower_class() -> None:
    """R8: only where both birth and class say so."""
    row = GOOD.replace("Орлова Мария Петровна", "Титов Марк Олегович").replace("teacher_pupil", "pupil_pupil")
    assert found_in(pairs(row.replace("Белов Артём", "Климов Пётр")), "pair-mentor-younger") == [
        ("pair-mentor-younger", 2, "mentor")
    ]
    assert found_in(pairs(row), "pair-mentor-younger") == []


def test_load() -> None:
    """R9: once per mentor, on the first row beyond the limit."""
    rows = [
        RUNNING,
        RUNNING.replace("Белов Артём Ильич", "Серова Анна Львовна"),
        RUNNING.replace("Белов Артём Ильич", "Климов Пётр Ильич"),
    ]
    assert found_in(pairs(*rows), "pair-load", thresholds=Thresholds(mentor_load=1)) == [("pair-load", 3, "mentor")]
    assert found_in(pairs(*rows), "pair-load", thresholds=Thresholds(mentor_load=3)) == []


def test_base_disagrees_with_pairs() -> None:
    """§3.4: the base of mentees names another mentor or form than the pairs do; without a pair nothing is said."""
    drawing = """
        mentors
        | full_name | category |
        | Орлова Мария Петровна | teacher |
        | Панов Глеб Олегович | teacher |
        mentees
        | full_name | kind | mentor | form |
        | Белов Артём Ильич | pupil | Панов Г. О. | teacher_pupil |
        | Серова Анна Львовна | pupil | Орлова М. П. | pupil_pupil |
        | Климов Пётр Ильич | pupil | Панов Г. О. | pupil_pupil |
        pairs
        | mentor | mentee | form |
        | Орлова Мария Петровна | Белов Артём Ильич | teacher_pupil |
        | Орлова Мария Петровна | Серова Анна Львовна | teacher_pupil |
    """
    issues = issues_in(drawing, "pair-base-disagrees")
    assert [(i.at.cell, i.value, i.suggestion) for i in issues] == [
        ("C2", "Панов Г. О.", "Орлова Мария Петровна"),
        ("D3", "ученик – ученик", "учитель – ученик"),
    ]


def test_coordinators_and_curators() -> None:
    """§3.3: an organisation with pairs needs someone active; each form with active pairs needs a curator."""
    curators = """
        curators
        | full_name | role | form | date_to |
        | Котова Анна Ильинична | coordinator | | |
        | Мохов Олег Ильич | curator | {form} | |
    """
    codes = ("pair-no-coordinator", "pair-form-no-curator")
    assert found_in(pairs(RUNNING) + curators.format(form="pupil_pupil"), *codes) == [
        ("pair-form-no-curator", None, "form")
    ]
    assert found_in(pairs(RUNNING) + curators.format(form="pupil_pupil; teacher_pupil"), *codes) == []
    assert found_in(pairs(RUNNING) + curators.format(form=""), *codes) == []
    assert found_in(pairs(GOOD) + curators.format(form="pupil_pupil"), *codes) == []
    gone = "\ncurators\n| full_name | role | date_to |\n| Котова Анна Ильинична | coordinator | 2023-06-01 |"
    (issue,) = issues_in(pairs(GOOD) + gone, *codes)
    assert (issue.code, issue.severity, issue.at.organisation, issue.at.workbook) == (
        "pair-no-coordinator",
        "error",
        "school",
        "",
    )
    (issue,) = issues_in(pairs(GOOD), *codes)
    assert (issue.code, issue.severity) == ("pair-no-coordinator", "warning")


def test_no_meetings_for_long() -> None:
    """T6: an active pair without a meeting for more than 45 days, where a journal is kept; the summer does not count."""
    journal = "\nmeetings\n| date | mentor | mentee | stage |\n| {} | Орлова Мария Петровна | Белов Артём Ильич | org |"
    assert found_in(pairs(RUNNING) + journal.format("2024-03-01"), "pair-no-meetings") == [
        ("pair-no-meetings", 2, None)
    ]
    assert found_in(pairs(RUNNING) + journal.format("2024-04-30"), "pair-no-meetings") == []
    assert found_in(pairs(RUNNING) + journal.format("2024-04-30"), "pair-no-meetings", as_of=date(2024, 8, 20)) == []
    assert found_in(pairs(RUNNING) + journal.format("2022-03-01"), "pair-no-meetings") == []
    assert found_in(pairs(RUNNING), "pair-no-meetings") == []
    assert found_in(pairs(GOOD) + journal.format("2024-03-01"), "pair-no-meetings") == []
    unknown = "\n| 2024-06-01 | Некто Иной Ильич | Никто Пётр Ильич | org |"
    assert found_in(pairs(RUNNING) + journal.format("2024-03-01") + unknown, "pair-no-meetings") != []
    assert found_in(pairs(RUNNING) + journal.format("2024-03-01") + 2 * unknown, "pair-no-meetings") == []


@pytest.mark.parametrize(
    ("days", "as_of", "breaks"),
    [
        (("2024-01-15", "2024-03-20", "2024-05-20"), AS_OF, "15.01.2024 – 20.03.2024, 20.03.2024 – 20.05.2024"),
        (("2024-03-20", "2024-05-02", "2024-05-20"), AS_OF, None),
        # the summer and the first week of January do not count; a day outside the pair keeps the rule silent
        (("2024-05-20", "2024-09-16"), date(2024, 9, 20), None),
        (("2023-12-01", "2024-01-20"), date(2024, 1, 22), None),
        (("2023-12-01", "2024-01-26"), date(2024, 1, 29), "01.12.2023 – 26.01.2024"),
        (("2023-01-15", "2024-03-20", "2024-05-20"), AS_OF, None),
    ],
)
def test_a_break_between_meetings(days: tuple[str, ...], as_of: date, breaks: str | None) -> None:
    """T6: more than 45 days between two meetings of a pair still running, with the first and last day of it."""
    lines = "".join(f"| {day} | Орлова Мария Петровна | Белов Артём Ильич |\n" for day in days)
    drawing = f"{pairs(RUNNING)}\nmeetings\n| date | mentor | mentee |\n{lines}"
    issues = issues_in(drawing, "pair-no-meetings", as_of=as_of)
    assert [dict(issue.params).get("breaks") for issue in issues] == ([breaks] if breaks else [])


@pytest.mark.parametrize(
    ("drawing", "found"),
    [
        ("training\n| full_name |\n| {} |", {"Ухов Ким Ильич": None, "Орлвоа Мария Петровна": "Орлова Мария Петровна"}),
        ("enterprises\n| mentors |\n| Рыбин С. Л.; {} |", {"Ухов Ким Ильич": None, "Рыбнн Семён Львович": "Рыбин Семён Львович"}),
    ],
    ids=("training", "enterprises"),
)  # fmt: skip
def test_people_told_outside_the_bases(drawing: str, found: dict[str, str | None]) -> None:
    """Whoever was trained is in some base, whom an enterprise gave is among the mentors; initials, posts and what the
    pairs say already are left alone, and so is everything where there are no bases."""
    curators = "curators\n| full_name | role |\n| Котова Анна Ильинична | coordinator |"
    for name, suggestion in found.items():
        (issue,) = issues_in(f"{BASES}\n{curators}\n{drawing.format(name)}", "ref-unknown")
        assert (issue.severity, issue.value, issue.suggestion) == ("warning", name, suggestion)
    fine = ["Рыбин Семён Львович", "Рыбин С. Л.", "главный инженер", "Котова Анна Ильинична"]
    for name in fine[: 4 if "training" in drawing else 3]:
        assert found_in(f"{BASES}\n{curators}\n{drawing.format(name)}", "ref-unknown") == [] or name == fine[2]
    assert found_in(drawing.format("Ухов Ким Ильич"), "ref-unknown") == []
    row = GOOD.replace("Орлова Мария Петровна", "Ухов Ким Ильич")
    assert found_in(f"{pairs(row)}\n{drawing.format('Ухов Ким Ильич')}", "ref-unknown") == [
        ("ref-unknown", 2, "mentor")
    ]


def test_a_name_of_a_plan_and_the_journal_below_it() -> None:
    """A pair's own sheet tells its names once, above: said of the plan, not of the journal too."""
    rows = "| mentor | mentee |\n| Орлова Мария Петровна | Некто Иной Ильич |"
    drawing = f"{BASES}\nplans @ school / К.xlsx / Пара\n{rows}\nmeetings @ school / К.xlsx / {{}}\n{rows}"
    assert [issue.at.table for issue in issues_in(drawing.format("Пара"), "ref-unknown")] == ["plans"]
    assert len(issues_in(drawing.format("Журнал"), "ref-unknown")) == 2


def test_counted_pairs() -> None:
    """What counts: accepted, ordered, without an error, begun by the date; a consent refused ends it."""
    drawing = (
        pairs(
            GOOD,
            GOOD.replace("| 5 | 2023-09-20 ", "| | ").replace("Белов Артём", "Серова Анна").replace("Ильич", "Львовна"),
            GOOD.replace("Белов Артём Ильич", "Неизвестный Иван Львович"),
            GOOD.replace("Белов Артём", "Климов Пётр") + " !",
            GOOD.replace("Белов Артём Ильич", "Жукова Нина Олеговна").replace("2023-09-25", "2024-02-01"),
        )
        + "\nconsents\n| full_name | role | kind | revoked_on |\n| Жукова Нина Олеговна | mentee | personal_data | 2024-03-01 |"
    )
    for as_of, rows in ((date(2023, 12, 20), [2]), (date(2024, 2, 15), [2, 6]), (date(2024, 6, 20), [2])):
        with relations_of(drawing, as_of) as store:
            counted = store.connection.execute("SELECT row FROM counted_pairs ORDER BY row").fetchall()
        assert [row for (row,) in counted] == rows, as_of


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (("1 | О", "2 | П", "2 | Р", "4 | Т"), [(4, "3")]),
        (("П-01 | О", "П-03 | П", "П-03 | Р", "П-03 | Т"), [(4, None)]),
        (("1 | О", "2 | П", "2 | П", "3 | Р"), []),  # a group
        (("1 | О", "2 | П", "1 | Р", "2 | Т"), []),  # sections with a numbering of their own
        (("1 | О", "2 | П", "2 | Н", "4 | Т"), []),  # who is in no base: said of the name
    ],
)
def test_a_number_of_two_pairs(rows: tuple[str, ...], found: list[tuple[int, str | None]]) -> None:
    """Said once per number, with the number missing between the neighbours; a table has its own numbering."""
    mentors = {"О": "Орлова Мария", "П": "Панов Глеб", "Р": "Рыбин Семён", "Т": "Титов Марк", "Н": "Некто Иной"}
    mentees = ("Белов Артём Ильич", "Серова Анна Львовна", "Климов Пётр Ильич", "Жукова Нина Олеговна")
    lines = [
        f"| {number} | {mentors[mentor]} | {mentee} |"
        for (number, mentor), mentee in zip((row.split(" | ") for row in rows), mentees, strict=True)
    ]
    drawing = BASES + "\n pairs\n| pair_id | mentor | mentee |\n" + "\n".join(lines)
    issues = issues_in(drawing, "key-duplicate")
    assert [(issue.at.row, issue.suggestion) for issue in issues] == found
    assert all((issue.severity, issue.at.field) == ("error", "pair_id") for issue in issues)
    apart = [
        f"pairs @ school / Книга.xlsx / {n}\n| pair_id | mentor | mentee |\n{line}" for n, line in enumerate(lines)
    ]
    assert found_in(BASES + "\n" + "\n".join(apart), "key-duplicate") == []


def test_groups_are_one_unit() -> None:
    """Rows of one number and mentor are one group, as are the persons of one cell; the same number elsewhere is not."""
    drawing = """
        pairs
        | pair_id | mentor | mentee | row | part |
        | Г-1 | Орлова М. П. | Белов А. И. | 2 | 0 |
        | Г-01 | Орлова М. П. | Серова А. Л. | 3 | 0 |
        | Г-1 | Панов Г. О. | Климов П. И. | 4 | 0 |
        | | Панов Г. О. | Лосев Я. И. | 5 | 0 |
        | | Панов Г. О. | Жуков Н. О. | 5 | 1 |
    """
    with relations_of(drawing) as store:
        units = [
            unit
            for (unit,) in store.connection.execute("SELECT unit FROM pairs_resolved ORDER BY row, part").fetchall()
        ]
    assert units[0] == units[1]
    assert units[3] == units[4]
    assert len(set(units)) == 3


def test_a_pair_with_an_error_of_a_rule_never_counts() -> None:
    """A number that is another pair's keeps a pair from being counted, the first time the rules run and every time."""
    drawing = (
        BASES
        + f"""
    pairs
    | pair_id {PAIR}
    | 1 | Орлова Мария Петровна | Белов Артём Ильич | teacher_pupil | 12 | 2023-09-01 | 2023-09-10 | | active |
    | 2 | Орлова Мария Петровна | Климов Пётр Ильич | teacher_pupil | 12 | 2023-09-01 | 2023-09-10 | | active |
    | 2 | Панов Глеб Олегович | Серова Анна Львовна | teacher_pupil | 12 | 2023-09-01 | 2023-09-10 | | active |
    """
    )
    with store_of(drawing) as store:
        for _ in range(2):
            assert not run_rules(store, shipped_rules(), AS_OF).failed
            store.replace_rule_issues()
            counted = store.connection.execute('SELECT "row" FROM counted_pairs ORDER BY 1').fetchall()
            assert counted == [(2,), (3,)]
