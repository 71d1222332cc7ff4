"""Rules of profile, roadmap, plans, questionnaires and network: each with what it finds and what it leaves alone."""

from __future__ import annotations

from datetime import date

import pytest

from tests.rule_rows import found_in, issues_in


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        ("500 | 300 | 100 | 80 | 40 | 5", []),
        ("500 | 300 | 310 | 80 | 40 | 5", [("n_potential", None)]),
        ("500 | 600 | 100 | 80 | 40 | 5", [("n_10_18", None)]),
        ("500 | 286 | 100 | 2680 | 40 | 5", [("n_15_18", "268")]),
        ("500 | 300 | 100 | 80 | 40 | 41", [("n_young", None)]),
        ("500 | | 100 | 80 | | 5", []),
        ("500 | | 600 | | |", [("n_potential", None)]),
        ("0 | 0 | 0 | 0 | 10 | 0", []),
    ],
)
def test_numbers_of_the_profile(numbers: str, found: list[tuple[str, str | None]]) -> None:
    """§3.1: errors on the number that is too great; unknown numbers are not compared."""
    drawing = f"school_profile\n| n_pupils | n_10_18 | n_potential | n_15_18 | n_teachers | n_young |\n| {numbers} |"
    issues = issues_in(drawing, "profile-order")
    assert [(i.at.field, i.suggestion) for i in issues] == found
    assert all(i.severity == "error" for i in issues)


@pytest.mark.parametrize(
    ("numbers", "found"),
    [("96 | 34 | 62 | 0", False), ("100 | 34 | 62 | 0", True), ("30 | 34 | 5 | 0", True), ("100 | 34 | | 0", False)],
)
def test_categories_of_the_profile(numbers: str, found: bool) -> None:
    """The greatest category ≤ all ≤ their sum; without one of them the sum is not known."""
    heads = "n_potential | n_gifted | n_low_results | n_disability | n_hardship | n_behaviour | n_isolated"
    drawing = f"school_profile\n| {heads} |\n| {numbers} | 0 | 0 | 0 |"
    assert found_in(drawing, "profile-categories") == ([("profile-categories", 2, "n_potential")] if found else [])


def test_more_young_specialists_than_stated() -> None:
    """I3 above 100 %: the profile's own number is asked about."""
    drawing = """
        school_profile
        | as_of | n_teachers | n_young |
        | 2023-12-20 | 40 | {} |
        mentors
        | full_name | category |
        | Орлова Мария Петровна | teacher |
        mentees
        | full_name | kind | experience_years |
        | Белов Артём Ильич | staff | 0 |
        | Серова Анна Львовна | staff | 3 |
        | Лосев Ян Ильич | staff | 9 |
        pairs
        | mentor | mentee | order_no | date_from |
        | Орлова Мария Петровна | Белов Артём Ильич | 5 | 2023-09-25 |
        | Орлова Мария Петровна | Серова Анна Львовна | 5 | 2023-09-25 |
        | Орлова Мария Петровна | Лосев Ян Ильич | 5 | 2023-09-25 |
    """
    (issue,) = issues_in(drawing.format(1), "profile-young")
    assert (issue.at.cell, issue.severity, issue.suggestion) == ("C2", "warning", "2")
    assert found_in(drawing.format(2), "profile-young") == []


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (["2023-2024 | 2023-12-20", "2023-2024 | 2024-06-20"], []),
        (["2023-2024 | 2023-12-20", "2023-2024 | 2025-06-20"], [("period-dates", "20.06.2024")]),
        (["2024-2025 | 2052-06-20"], [("period-dates", "20.06.2025")]),
        (["2022-2023 | 2023-12-20"], [("profile-year", "2023-2024")]),
        (["2024-2025 | 2024-06-20", "2023-2024 | 2024-06-21", "2023-2024 | 2024-08-31"], []),
        (["2023-2024 | 2024-09-01"], [("profile-year", "2024-2025")]),
        (["| 2024-06-20", "2022-2023 |"], []),
    ],
)
def test_days_and_years_of_the_profile(rows: list[str], found: list[tuple[str, str]]) -> None:
    """§3.1: no day to come, but for the row of June beside one of a day past; the school year is that of the day."""
    lines = "\n".join(f"| {row} |" for row in rows)
    issues = issues_in(
        f"school_profile\n| school_year | as_of |\n{lines}", "period-dates", "profile-year", as_of=date(2024, 9, 20)
    )
    assert [(issue.code, issue.suggestion) for issue in issues] == found


def test_the_row_of_june_seen_in_december() -> None:
    """December is made again from June's files; a passport that has no other row is dated wrong."""
    drawing = "school_profile\n| as_of |\n| 2023-12-20 |\n| 2024-06-20 |"
    assert found_in(drawing, "period-dates", as_of=date(2023, 12, 20)) == []
    assert found_in(drawing, "period-dates", as_of=date(2023, 11, 1)) == [
        ("period-dates", 2, "as_of"),
        ("period-dates", 3, "as_of"),
    ]


def test_a_task_done_on_a_day_to_come() -> None:
    """§3.10: the year is mostly one slip away from a day within the plan; many such days are one finding."""
    heads = "roadmap\n| task | due | status | done_on |\n"
    plan = "| А | 2023-09-30 | done | 2023-09-10 |\n| Б | 2024-05-31 | {} | {} |"
    for day, suggestion in (
        ("2042-05-26", "26.05.2024"),
        ("2024-11-28", "28.11.2023"),
        ("2025-05-26", "26.05.2024"),
        ("2039-05-26", None),
    ):
        (issue,) = issues_in(heads + plan.format("in_progress", day), "roadmap-done")
        assert (issue.at.row, issue.at.field, issue.suggestion) == (3, "done_on", suggestion)
    late = "\n".join(f"| {n} | 2024-05-31 | done | 2024-05-{n} |" for n in range(10, 16))
    (issue,) = issues_in(heads + late, "roadmap-done", as_of=date(2023, 12, 20))
    assert (issue.at.row, dict(issue.params)["count"]) == (2, "6")


def test_roadmap_done() -> None:
    """§3.10: done means a date and a document, where there are columns for them."""
    drawing = """
        roadmap
        | task | status | done_on | document |
        | Приказ | done | 2023-09-01 | № 5 |
        | База | done_late | 2023-09-01 | |
        | Школа | done | | № 6 |
        | Встречи | ongoing | | |
        roadmap @ other
        | task | status |
        | Приказ | done |
    """
    assert found_in(drawing, "roadmap-done") == [("roadmap-done", 3, "document"), ("roadmap-done", 4, "done_on")]


def test_due_before_the_plan() -> None:
    """A slip of the year is far before all others; the summer before the school year is preparation."""
    drawing = """
        roadmap
        | task | due |
        | Приказ | {}..2023-08-31 |
        | База | 2023-09-01..2023-09-30 |
        | Школа | 2023-10-01..2023-10-31 |
        | Встречи | 2023-10-01..2024-05-31 |
        | Итоги | 2024-05-25 |
    """
    assert found_in(drawing.format("2023-06-01"), "roadmap-before-plan") == []
    slip = drawing.format("2022-11-01").replace("2023-08-31", "2022-11-30")
    assert found_in(slip, "roadmap-before-plan") == [("roadmap-before-plan", 2, "due")]


def test_nine_marks() -> None:
    """§3.7: the computed total wins, a blank is never a nought, partners (c7) may be open."""
    drawing = """
        evaluations
        | mentor | mentee | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 | c9 | total | level |
        | а | б | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 2 | 2 | 11 | acceptable |
        | а | в | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 2 | 2 | 14 | acceptable |
        | а | г | 1 | 1 | 1 | 1 |  | 1 | 1 | 2 | 2 | 10 | |
        | а | д | 2 | 2 | 2 | 2 | 2 | 2 |  | 2 | 2 | 16 | undetermined |
        | а | е | 2 | 2 | 2 | 2 | 2 | 2 | 2 | 2 | 2 | 18 | acceptable |
    """
    issues = issues_in(drawing, "plan-total", "plan-marks", "plan-level")
    assert [(i.code, i.at.row, i.at.field, i.suggestion) for i in issues] == [
        ("plan-total", 3, "total", "11"),
        ("plan-marks", 4, "c5", None),
        ("plan-level", 6, "level", "оптимальный"),
    ]


def test_a_criterion_without_a_column_is_said_once() -> None:
    """One cause, one issue: not once a row."""
    drawing = """
        evaluations
        | mentor | mentee | c1 | c2 | c3 | c4 | c5 | c6 | c7 | c8 |
        | а | б | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 2 |
        | а | в | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 2 |
    """
    (issue,) = issues_in(drawing, "plan-marks")
    assert (issue.at.row, issue.at.field, dict(issue.params)) == (2, None, {"marks": "9", "why": "no-column"})


SURVEY = """
    mentors
    | full_name | category |
    | Орлова Мария Петровна | teacher |
    mentees
    | full_name | kind |
    | Белов Артём Ильич | pupil |
    | Серова Анна Львовна | pupil |
    pairs
    | mentor | mentee | date_from | date_to | status |
    | Орлова Мария Петровна | Белов Артём Ильич | 2023-09-25 | 2024-05-24 | finished |
    | Орлова Мария Петровна | Серова Анна Львовна | 2023-09-25 | 2024-05-24 | finished |
    meetings
    | date | mentor | mentee | stage |
    | 2024-05-20 | Орлова Мария Петровна | Белов Артём Ильич | final |
    questionnaires
    | timestamp | full_name | role | stage |
"""
SURVEY_CODES = (
    "questionnaire-respondent",
    "questionnaire-repeated",
    "questionnaire-time",
    "questionnaire-exit-missing",
)


def survey(*rows: str) -> str:
    return SURVEY + "\n".join(rows)


def test_questionnaires_in_order() -> None:
    """Both mentees answered once, in time; nobody keeps the mentors' exit questionnaires."""
    drawing = survey(
        "| 2023-10-20 10:00:00 | Белов А. И. | mentee | before |",
        "| 2024-05-22 10:00:00 | Белов Артём Ильич | mentee | after |",
        "| 2024-05-22 10:00:00 | Серова Анна Львовна | mentee | after |",
    )
    assert found_in(drawing, *SURVEY_CODES) == []


def test_exit_questionnaire_missing() -> None:
    """tables.md, 8: one warning per row of pairs, only for a role whose exit questionnaires are kept."""
    drawing = survey("| 2024-05-22 10:00:00 | Белов Артём Ильич | mentee | after |")
    (issue,) = issues_in(drawing, *SURVEY_CODES)
    assert (issue.code, issue.at.row, dict(issue.params)["role"]) == ("questionnaire-exit-missing", 3, "mentee")
    assert found_in(drawing.replace("| finished |", "| active |"), *SURVEY_CODES) == []
    assert found_in(survey("| 2024-05-22 10:00:00 | | mentee | after |"), *SURVEY_CODES) == []


def test_unknown_respondent() -> None:
    """An answer of somebody in no base; his pair, whose name is near, is not said to lack one. Anonymous ones are allowed."""
    drawing = survey(
        "| 2024-05-22 10:00:00 | Белов Артём Ильич | mentee | after |",
        "| 2024-05-22 10:00:00 | Сирова Анна Львовна | mentee | after |",
        "| 2024-05-22 10:00:00 | | mentee | after |",
    )
    (issue,) = issues_in(drawing, *SURVEY_CODES)
    assert (issue.code, issue.at.cell, issue.suggestion) == ("questionnaire-respondent", "B3", "Серова Анна Львовна")


def test_two_answers() -> None:
    """The latest by time counts, so the earlier one is named."""
    drawing = survey(
        "| 2024-05-26 10:00:00 | Серова Анна Львовна | mentee | after |",
        "| 2024-05-22 10:00:00 | Белов Артём Ильич | mentee | after |",
        "| 2024-05-28 10:00:00 | Белов А. И. | mentee | after |",
    )
    (issue,) = issues_in(drawing, *SURVEY_CODES)
    assert (issue.code, issue.at.cell, dict(issue.params)["other_row"]) == ("questionnaire-repeated", "B3", "4")


def test_answers_out_of_time() -> None:
    """«До» after the pair's first month, «после» before its final meeting."""
    drawing = survey(
        "| 2023-10-26 10:00:00 | Белов Артём Ильич | mentee | before |",
        "| 2024-05-19 10:00:00 | Белов Артём Ильич | mentee | after |",
        "| 2024-03-19 10:00:00 | Серова Анна Львовна | mentee | after |",
    )
    assert found_in(drawing, *SURVEY_CODES) == [
        ("questionnaire-time", 2, "timestamp"),
        ("questionnaire-time", 3, "timestamp"),
    ]


NETWORK = """
    school_profile @ school-1
    | org_name |
    | Средняя школа № 1 |
    school_profile @ school-2
    | org_name |
    | Светлогорский многопрофильный лицей |
    school_profile @ centre
    | org_name |
    | Центр творчества «Луч» |
    mentors @ centre
    | full_name | category | experience_years |
    | Орлова Мария Петровна | teacher | 20 |
    | Панов Глеб Олегович | teacher | 1 |
    mentors @ school-1
    | full_name | category | experience_years |
    | Рыбин Семён Львович | teacher | 2 |
    network @ centre
    | network_mentor | mentor_org | order | trainee | trainee_org |
    | Орлова Мария Петровна | Центр творчества «Луч» | Приказ № 212 от 04.09.2023 | Белов А. И. | Средняя школа № 1 |
    | Панов Глеб Олегович | Центр творчества «Луч» | Приказ № 212 от 04.09.2023 | Белов А. И. | Средняя школа № 1 |
    | Орлова Мария Петровна | Центр творчества «Луч» | Приказ № 187 от 6 сентября 2022 г. | Лосев Я. И. | Светлогорский многопрофильный лицей |
    | Рыбин Семён Львович | Средняя школа № 1 | Приказ № 200 от 25.08.2023 | Лосев Я. И. | Светлогорский лицей искусств |
"""


def test_network() -> None:
    """§3.5, §3.15: three years' experience, this year's order, known organisations."""
    issues = issues_in(NETWORK, "pair-network-experience", "pair-network-order", "ref-unknown")
    assert [(i.code, i.at.cell, i.severity, i.suggestion) for i in issues] == [
        ("pair-network-experience", "A3", "error", None),
        ("pair-network-order", "C4", "error", "Приказ № 212 от 04.09.2023"),
        ("pair-network-experience", "A5", "error", None),
        ("ref-unknown", "E5", "warning", "Светлогорский многопрофильный лицей"),
    ]


def test_organisations_that_handed_in_nothing() -> None:
    """Where most organisations of the register are not there, a name is not called unknown."""
    lines = NETWORK.splitlines()
    alone = "\n".join(lines[lines.index("    school_profile @ centre") :])
    assert found_in(alone, "ref-unknown") == []


def test_an_unknown_organisation_as_near_to_several() -> None:
    """«Школа № 9» may be a slip for any of them: none is proposed; of a slip that is near to one alone, that one is."""
    profiles = "".join(
        f"""
    school_profile @ school-{number}
    | org_name | school_year | as_of |
    | Школа № {number} | 2023-2024 | 2024-06-20 |
    """
        for number in (1, 2, 7, 33)
    )
    register = """
    network @ centre
    | network_mentor | mentor_org | order | trainee | trainee_org |
    | Орлова Мария Петровна | Школа № 1 | Приказ № 1 от 04.09.2023 | Белов А. И. | Школа № 2 |
    | Орлова Мария Петровна | Школа № 33 | Приказ № 1 от 04.09.2023 | Белов А. И. | Школа № 7 |
    | Орлова Мария Петровна | Школа № 9 | Приказ № 1 от 04.09.2023 | Белов А. И. | Школа № 333 |
    """
    issues = issues_in(profiles + register, "ref-unknown")
    assert [(i.at.cell, i.suggestion) for i in issues] == [("B4", None), ("E4", "Школа № 33")]
