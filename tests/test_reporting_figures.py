"""Figures of a period: every special case of design.md §9, and the sums against an independent recomputation."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sheets_sync.issues import At, Issue
from sheets_sync.periods import Period, period_of
from sheets_sync.reporting.figures import Figures, compute, rows_behind
from sheets_sync.reporting.indicator import Indicators, load_indicators
from sheets_sync.reporting.report_json import report_object
from sheets_sync.reporting.settings import ReportSettings
from sheets_sync.rules import make_relations
from tests.rule_rows import shipped_rules, store_of

DECEMBER = period_of("2023-12")
JUNE = period_of("2024-06")
SETTINGS = ReportSettings(enterprises={2023: 10, 2024: 10})


@cache
def shipped() -> Indicators:
    """The shipped indicators, read once."""
    return load_indicators([Path(__file__).parent.parent / "reports"])


def many_figures_of(
    drawing: str, asked: Sequence[tuple[Period, ReportSettings]], issues: list[Issue] | None = None
) -> list[Figures]:
    """Figures of the tables drawn, for several periods and settings; periods of one day share their relations."""
    found = []
    with store_of(drawing, issues) as store:
        made: date | None = None
        for period, wanted in asked:
            if made != period.as_of:
                make_relations(store, shipped_rules(), period.as_of)
                made = period.as_of
            found.append(compute(store.connection, shipped(), period, wanted))
    return found


def figures_of(
    drawing: str, period: Period = JUNE, wanted: ReportSettings = SETTINGS, issues: list[Issue] | None = None
) -> Figures:
    """Figures of the tables drawn."""
    return many_figures_of(drawing, [(period, wanted)], issues)[0]


def told(figures: Figures, indicator: str, organisation: str | None = "school") -> tuple[object, ...]:
    """(numerator, denominator, value, target, deviation, status) of one figure."""
    figure = figures.of(organisation, indicator)
    return (figure.numerator, figure.denominator, figure.value, figure.target, figure.deviation, figure.status)


def with_profile(fields: str, values: str, organisation: str = "school") -> str:
    """The same four participants everywhere: a pupil of 12, a pupil mentor of 16, a young teacher, an old one."""
    return f"""
    school_profile @ {organisation}
    | as_of | {fields} |
    | 2024-06-20 | {values} |
    mentees @ {organisation}
    | full_name | kind | birth | experience_years |
    | Белкин Олег Ильич | pupil | 2012 | |
    | Юркина Яна Юрьевна | staff | 1999 | 3 |
    mentors @ {organisation}
    | full_name | category | birth |
    | Ветров Егор Львович | pupil | 2008 |
    | Мудрая Нина Петровна | teacher | 1970 |
    pairs @ {organisation}
    | mentor | mentee | form | order_no | order_date | date_from |
    | Ветров Егор Львович | Белкин Олег Ильич | pupil_pupil | 1 | 2024-01-10 | 2024-01-15 |
    | Мудрая Нина Петровна | Юркина Яна Юрьевна | teacher_teacher | 1 | 2024-01-10 | 2024-01-15 |
    """


def test_a_plain_share() -> None:
    """Numerator over the profile's number; the deviation is in points; the target is the year's."""
    figures = figures_of(with_profile("n_potential | n_15_18 | n_young | n_pupils | n_teachers", "3 | 8 | 1 | 60 | 20"))
    assert told(figures, "I1") == (1, 3, 33.3, 70, -36.7, "not_met")
    assert told(figures, "I2") == (1, 8, 12.5, 10, 2.5, "met")
    assert told(figures, "I3") == (1, 1, 100.0, 70, 30.0, "met")
    assert told(figures, "I7") == (4, 80, 5.0, None, None, "no_target")


def test_denominators_of_i2() -> None:
    """Blank is «нет данных», nothing under a participant is «ошибка данных», all of them is 100 %."""
    numbers = {"blank": "", "zero": "0", "one": "1"}
    figures = figures_of("".join(with_profile("n_15_18 | n_pupils", f"{n} | 50", name) for name, n in numbers.items()))
    assert told(figures, "I2", "blank") == (1, None, None, 10, None, "no_data")
    assert told(figures, "I2", "zero") == (1, 0, None, 10, None, "data_error")
    assert told(figures, "I2", "one") == (1, 1, 100.0, 10, 90.0, "met")


def test_zero_of_zero_concerns_nobody() -> None:
    """A kindergarten without pupils of 15 is «не применимо», for the district too when there is no other."""
    drawing = """
    school_profile
    | as_of | n_15_18 | n_potential |
    | 2024-06-20 | 0 | 0 |
    """
    figures = figures_of(drawing)
    assert told(figures, "I2") == (0, 0, None, 10, None, "not_applicable")
    assert told(figures, "I2", None) == (None, None, None, 10, None, "not_applicable")


def test_more_than_all() -> None:
    """I1 above 100 % is shown and marked; the others are «ошибка данных» with both numbers shown and no value."""
    drawing = with_profile("n_potential | n_15_18 | n_young | n_pupils | n_teachers", "1 | 1 | 1 | 1 | 1")
    more = drawing.replace(
        "| Белкин Олег Ильич | pupil | 2012 | |",
        "| Белкин Олег Ильич | pupil | 2012 | |\n| Белкина Ольга Ильинична | pupil | 2012 | |",
    ).replace(
        "    | Мудрая Нина Петровна | Юркина",
        "    | Ветров Егор Львович | Белкина Ольга Ильинична | pupil_pupil | 1 | 2024-01-10 | 2024-01-15 |\n"
        "    | Мудрая Нина Петровна | Юркина",
    )
    figures = figures_of(more)
    assert told(figures, "I1") == (2, 1, 200.0, 70, 130.0, "met")
    assert figures.of("school", "I1").flag == "check"
    assert told(figures, "I7") == (5, 2, None, None, None, "data_error")


def test_a_denominator_the_profile_contradicts() -> None:
    """An error of a profile rule on the field of the denominator spoils this indicator and no other."""
    place = At("school", "Книга.xlsx", "school_profile", "school_profile", 2, "C", "n_15_18")
    drawing = with_profile("n_potential | n_15_18 | n_pupils | n_teachers", "3 | 80 | 60 | 20")
    figures = figures_of(drawing, issues=[Issue("profile-order", "error", place)])
    assert told(figures, "I2") == (1, 80, None, 10, None, "data_error")
    assert [figures.of("school", one).status for one in ("I1", "I7")] == ["not_met", "no_target"]
    warned = figures_of(drawing, issues=[Issue("profile-order", "warning", place)])
    assert warned.of("school", "I2").status == "not_met"


def test_which_profile_row_counts() -> None:
    """The latest dated on or before the day; one of the same school year where none is; never an older one."""
    profile = """
    school_profile
    | as_of | school_year | n_15_18 |
    | 2023-12-20 | 2023-2024 | 10 |
    | 2024-06-20 | 2023-2024 | 20 |
    | 2022-06-20 | 2021-2022 | 99 |
    """
    others = """
    school_profile @ old
    | as_of | n_15_18 |
    | 2022-06-20 | 99 |
    school_profile @ undated
    | school_year | n_15_18 |
    | 2023-2024 | 7 |
    school_profile @ later
    | as_of | school_year | n_15_18 |
    | 2024-06-20 | 2023-2024 | 30 |
    """
    december, june = many_figures_of(profile + others, [(DECEMBER, SETTINGS), (JUNE, SETTINGS)])
    assert [told(december, "I2", one)[1] for one in ("school", "old", "undated", "later")] == [10, None, 7, 30]
    assert [told(june, "I2", one)[1] for one in ("school", "old", "undated", "later")] == [20, None, 7, 30]


def test_targets_by_who_sets_them() -> None:
    """The organisation's configuration, the district's, the school's own sheet, the shipped list; none after 2024."""
    drawing = with_profile("n_15_18", "8") + "\ntargets\n| indicator | y2024 |\n| I2 | 20 |"
    by_district = replace(SETTINGS, targets={"I2": {2024: 30}})
    by_school = replace(by_district, organisation_targets={"school": {"I2": {2024: 40}}})
    asked = [(JUNE, SETTINGS), (JUNE, by_district), (JUNE, by_school), (period_of("2025-06"), SETTINGS)]
    figures = many_figures_of(drawing, asked)
    assert [one.of("school", "I2").target for one in figures] == [20, 30, 40, None]
    assert [one.of(None, "I2").target for one in figures] == [10, 30, 30, None]


def test_the_status_follows_the_value_shown() -> None:
    """«55,0 %» does not miss a target of 55 %, though the unrounded share is a little less."""
    lines = "\n".join(f"| Учёный Семён Сын{n} | staff | 1 |" for n in range(1, 123))
    pairs = "\n".join(f"| Мудрая Нина Петровна | Учёный Семён Сын{n} | 5 | 2023-09-01 |" for n in range(1, 123))
    drawing = f"""
    school_profile
    | as_of | n_young |
    | 2023-12-20 | 222 |
    mentees
    | full_name | kind | experience_years |
    {lines}
    mentors
    | full_name | category |
    | Мудрая Нина Петровна | teacher |
    pairs
    | mentor | mentee | order_no | date_from |
    {pairs}
    """
    assert told(figures_of(drawing, DECEMBER), "I3") == (122, 222, 55.0, 55, 0.0, "met")


def test_age_bounds_are_inclusive_and_young_means_three_years() -> None:
    """10 and 18, 15 and 18 count, 9 and 19 do not; 3 years are young, 3.5 are not; a birth year alone is enough."""
    pupils = {"9": "2014-06-21", "10": "2014-06-20", "18": "2005-06-21", "19": "2005-06-20", "18 by year": "2006"}
    letters = "АБВГД"
    mentees = "\n".join(
        f"| Детский {letters[n]}гор Ильич | pupil | {birth} | |" for n, birth in enumerate(pupils.values())
    )
    pairs = "\n".join(f"| Мудрая Нина Петровна | Детский {letters[n]}гор Ильич | 5 | 2024-01-10 |" for n in range(5))
    drawing = f"""
    school_profile
    | as_of | n_potential | n_young |
    | 2024-06-20 | 10 | 10 |
    mentees
    | full_name | kind | birth | experience_years |
    {mentees}
    | Молодова Ия Юрьевна | staff | 1999 | 3 |
    | Бывалова Ия Юрьевна | staff | 1990 | 3.5 |
    mentors
    | full_name | category |
    | Мудрая Нина Петровна | teacher |
    pairs
    | mentor | mentee | order_no | date_from |
    {pairs}
    | Мудрая Нина Петровна | Молодова Ия Юрьевна | 5 | 2024-01-10 |
    | Мудрая Нина Петровна | Бывалова Ия Юрьевна | 5 | 2024-01-10 |
    """
    narrower = replace(SETTINGS, mentee_age=(11, 17), young_specialist_years=2)
    shipped_ages, others = many_figures_of(drawing, [(JUNE, SETTINGS), (JUNE, narrower)])
    assert [told(shipped_ages, one)[0] for one in ("I1", "I3")] == [3, 1]
    assert [told(others, one)[0] for one in ("I1", "I3")] == [0, 0]


def test_categories_may_restrict_i1() -> None:
    """By choice of the district only pupils of the six categories count."""
    drawing = with_profile("n_potential", "10").replace(
        "| full_name | kind | birth | experience_years |\n    | Белкин Олег Ильич | pupil | 2012 | |",
        "| full_name | kind | birth | categories |\n    | Белкин Олег Ильич | pupil | 2012 | |",
    )
    gifted = drawing.replace("pupil | 2012 | |", "pupil | 2012 | gifted |").replace("@ school", "@ other")
    restricted = replace(SETTINGS, restrict_to_categories=True)
    anyone, only_six = many_figures_of(drawing + gifted, [(JUNE, SETTINGS), (JUNE, restricted)])
    assert [told(anyone, "I1", one)[0] for one in ("school", "other")] == [1, 1]
    assert [told(only_six, "I1", one)[0] for one in ("school", "other")] == [0, 1]


ENTERPRISES = """
mentors @ {school}
| full_name | category | enterprise_id | workplace |
| Токарев Иван {letter}ович | enterprise | {name} | |
| Слесарев Иван {letter}ович | enterprise | | {second} |
| Родителев Иван {letter}ович | parent | | ООО «Не считается» |
mentees @ {school}
| full_name | kind | birth |
| Ученик Илья {letter}ович | pupil | 2010 |
pairs @ {school}
| mentor | mentee | order_no | date_from |
| Токарев Иван {letter}ович | Ученик Илья {letter}ович | 1 | 2024-01-10 |
| Слесарев Иван {letter}ович | Ученик Илья {letter}ович | 1 | 2024-01-10 |
| Родителев Иван {letter}ович | Ученик Илья {letter}ович | 1 | 2024-01-10 |
"""


def test_an_enterprise_counts_once_in_the_district() -> None:
    """By ИНН where one organisation knows it, else by name; organisations show their own number and no share."""
    drawing = (
        ENTERPRISES.format(school="a", letter="А", name="ООО «Заря»", second="АО Маяк")
        + ENTERPRISES.format(school="b", letter="Б", name="5400000000", second="«Маяк» АО")
        + "\nenterprises @ b\n| name | inn |\n| Заря, ООО | 5400000000 |"
    )
    figures, without_number = many_figures_of(drawing, [(JUNE, SETTINGS), (JUNE, ReportSettings())])
    assert told(figures, "I4", "a") == (2, None, None, 30, None, "no_data")
    assert told(figures, "I4", "b") == (2, None, None, 30, None, "no_data")
    assert told(figures, "I4", None) == (2, 10, 20.0, 30, -10.0, "not_met")
    assert told(without_number, "I4", None) == (
        2,
        None,
        None,
        30,
        None,
        "no_data",
    )


def test_an_enterprise_may_name_its_mentors_itself() -> None:
    """A mentor without an enterprise of his own is found in the list of the enterprise."""
    drawing = ENTERPRISES.format(school="a", letter="А", name="", second="") + (
        "\nenterprises @ a\n| name | mentors |\n| ООО Заря | Токарев Иван Аович;Слесарев Иван Аович |"
    )
    assert told(figures_of(drawing), "I4", "a")[0] == 1


def test_satisfaction_is_of_all_who_took_part() -> None:
    """The latest answer of each participant; satisfied from a mean of 7; shares of participants and of respondents."""
    drawing = """
    mentees
    | full_name | kind | birth |
    | Первый Олег Ильич | pupil | 2010 |
    | Второй Олег Ильич | pupil | 2010 |
    | Третий Олег Ильич | pupil | 2010 |
    | Одинокий Олег Ильич | pupil | 2010 |
    mentors
    | full_name | category |
    | Мудрая Нина Петровна | teacher |
    pairs
    | mentor | mentee | order_no | date_from |
    | Мудрая Нина Петровна | Первый Олег Ильич | 1 | 2023-09-10 |
    | Мудрая Нина Петровна | Второй Олег Ильич | 1 | 2023-09-10 |
    | Мудрая Нина Петровна | Третий Олег Ильич | 1 | 2023-09-10 |
    questionnaires
    | timestamp | full_name | role | stage | q_joint_work | q_result |
    | 2024-05-20 10:00:00 | Первый О. И. | mentee | after | 6 | 8 |
    | 2024-05-20 10:00:00 | Второй Олег Ильич | mentee | after | 10 | 10 |
    | 2024-05-21 10:00:00 | Второй Олег Ильич | mentee | after | 5 | |
    | 2024-05-21 10:00:00 | Одинокий Олег Ильич | mentee | after | 10 | 10 |
    | 2023-09-21 10:00:00 | Третий Олег Ильич | mentee | before | 10 | 10 |
    | 2024-07-01 10:00:00 | Третий Олег Ильич | mentee | after | 10 | 10 |
    """
    strict = replace(SETTINGS, satisfied=7.5)
    figures, stricter, december = many_figures_of(drawing, [(JUNE, SETTINGS), (JUNE, strict), (DECEMBER, SETTINGS)])
    assert told(figures, "I5") == (1, 3, 33.3, None, None, "no_target")
    figure = figures.of("school", "I5")
    assert (figure.respondents, figure.share_of_respondents) == (2, 50.0)
    assert told(figures, "I6") == (None, 1, None, None, None, "no_data")
    assert told(december, "I5") == (None, 3, None, None, None, "no_data")
    assert stricter.of("school", "I5").numerator == 0


def test_district_sums_leave_out_who_has_nothing_to_add() -> None:
    """Σ numerators over Σ denominators of those with a value; the others are named with their status."""
    drawing = (
        with_profile("n_15_18", "8", "a")
        + with_profile("n_15_18", "2", "b")
        + with_profile("n_15_18", "", "c")
        + with_profile("n_15_18", "0", "d")
        + "\nschool_profile @ e\n| as_of | n_15_18 |\n| 2024-06-20 | 0 |"
    )
    district = figures_of(drawing).of(None, "I2")
    assert (district.numerator, district.denominator, district.value) == (2, 10, 20.0)
    assert district.counted == ("a", "b")
    assert district.left_out == {"c": "no_data", "d": "data_error", "e": "not_applicable"}


def test_nothing_to_add_up_is_no_data() -> None:
    """A district none of whose schools has a denominator has «нет данных», not 0 %."""
    assert told(figures_of(with_profile("n_pupils", "9")), "I2", None) == (None, None, None, 10, None, "no_data")


def test_one_time_one_person() -> None:
    """Two pairs, two roles, two rows of the base: still one person in every figure and count."""
    drawing = """
    school_profile
    | as_of | n_pupils | n_teachers | n_potential |
    | 2024-06-20 | 50 | 5 | 10 |
    mentees
    | full_name | kind | birth |
    | Белкин Олег Ильич | pupil | 2008 |
    | Белкин Олег Ильич | pupil | 2008 |
    mentors
    | full_name | category | birth |
    | Белкин Олег Ильич | pupil | 2008 |
    | Мудрая Нина Петровна | teacher | 1970 |
    | Учёная Нина Петровна | teacher | 1970 |
    pairs
    | mentor | mentee | order_no | date_from |
    | Мудрая Нина Петровна | Белкин Олег Ильич | 1 | 2024-01-10 |
    | Учёная Нина Петровна | Белкин Олег Ильич | 1 | 2024-01-10 |
    """
    figures = figures_of(drawing)
    assert told(figures, "I1")[0] == 1
    assert told(figures, "I7")[0] == 3
    assert figures.counts["school"]["mentees"] == 1


def test_counts_are_as_of_the_date() -> None:
    """December's counts from June's rows: who came later, met later or was paired later is not there yet."""
    drawing = """
    mentees
    | full_name | kind | birth | date_in | date_out | status |
    | Белкин Олег Ильич | pupil | 2010 | 2023-09-10 | | |
    | Стрелкин Олег Ильич | pupil | 2010 | 2024-01-10 | | |
    | Ушедший Олег Ильич | pupil | 2010 | 2023-09-10 | 2024-02-01 | left |
    | Ничей Олег Ильич | pupil | 2010 | 2023-09-10 | | |
    mentors
    | full_name | category | date_in |
    | Мудрая Нина Петровна | teacher | 2023-09-01 |
    pairs
    | mentor | mentee | order_no | date_from | date_to | status |
    | Мудрая Нина Петровна | Белкин Олег Ильич | 1 | 2023-09-20 | 2024-05-24 | finished |
    | Мудрая Нина Петровна | Стрелкин Олег Ильич | 1 | 2024-01-20 | | active |
    | Мудрая Нина Петровна | Ничей Олег Ильич | 1 | 2023-09-20 | | broken |
    meetings
    | date | mentor | mentee |
    | 2023-10-01 | Мудрая Нина Петровна | Белкин Олег Ильич |
    | 2024-02-01 | Мудрая Нина Петровна | Белкин Олег Ильич |
    curators
    | full_name | role |
    | Главная Вера Ильинична | coordinator |
    | Главная Вера Ильинична | curator |
    """
    december, june = (
        one.counts["school"] for one in many_figures_of(drawing, [(DECEMBER, SETTINGS), (JUNE, SETTINGS)])
    )
    assert (december["mentees"], june["mentees"]) == (3, 4)
    assert (december["unmatched"], june["unmatched"]) == (2, 1)
    assert (december["meetings"], june["meetings"]) == (1, 2)
    assert (december["pairs_counted"], june["pairs_counted"]) == (2, 3)
    assert (december["curators"], december["mentors"]) == (1, 1)


def test_broken_pairs_run_no_longer() -> None:
    """Running is what has begun, has not ended, and was neither broken off nor finished without a date."""
    drawing = """
    pairs
    | mentor | mentee | order_no | date_from | date_to | status |
    | Мудрая Нина Петровна | Белкин Олег Ильич | 1 | 2023-09-20 | 2024-06-20 | finished |
    | Мудрая Нина Петровна | Стрелкин Олег Ильич | 1 | 2023-09-20 | | finished |
    | Мудрая Нина Петровна | Ничей Олег Ильич | 1 | 2023-09-20 | | broken |
    | Мудрая Нина Петровна | Чей Олег Ильич | 1 | 2023-09-20 | | |
    """
    assert figures_of(drawing).counts["school"]["pairs_running"] == 2


def test_every_figure_lists_its_rows() -> None:
    """As many distinct persons behind a figure as it says, each with the row a person opens."""
    with store_of(with_profile("n_15_18 | n_potential", "8 | 3")) as store:
        make_relations(store, shipped_rules(), JUNE.as_of)
        figures = compute(store.connection, shipped(), JUNE, SETTINGS)
        for indicator in shipped().all:
            rows = rows_behind(store.connection, shipped(), JUNE, SETTINGS, indicator.id, "numerator", "school")
            assert len({row.person_key for row in rows}) == (figures.of("school", indicator.id).numerator or 0)
        (mentor,) = rows_behind(store.connection, shipped(), JUNE, SETTINGS, "I2")
        assert (mentor.organisation, mentor.workbook, mentor.sheet, mentor.row) == (
            "school",
            "Книга.xlsx",
            "mentors",
            2,
        )
        (profile,) = rows_behind(store.connection, shipped(), JUNE, SETTINGS, "I2", "denominator")
        assert (profile.sheet, profile.row, profile.value) == ("school_profile", 2, 8)


def test_report_json_has_the_keys_of_the_contract() -> None:
    """design.md §4, in this order; what only some figures have stands after the rest."""
    report = report_object(figures_of(with_profile("n_15_18", "8")), {"school": "СОШ № 4"})
    assert list(report) == ["version", "period", "as_of", "district", "organisations"]
    assert (report["version"], report["period"], report["as_of"]) == (1, "2024-06", "2024-06-20")
    (school,) = report["organisations"]
    assert (school["id"], school["name"]) == ("school", "СОШ № 4")
    assert list(school["counts"]) == [
        "mentors", "mentees", "mentees_pupils", "pairs_counted", "pairs_running", "unmatched", "meetings", "curators",
    ]  # fmt: skip
    second = {figure["id"]: figure for figure in school["indicators"]}["I2"]
    assert second == {
        "id": "I2", "numerator": 1, "denominator": 8, "value": 12.5, "unit": "%", "target": 10, "deviation": 2.5,
        "status": "met",
    }  # fmt: skip
    whole = {figure["id"]: figure for figure in report["district"]["indicators"]}["I2"]
    assert (whole["organisations_counted"], whole["left_out"]) == (["school"], {})


# --- against an independent recomputation ---

# Every example makes a store and its relations: few examples of several schools, and no shrinking of a failure.
CHEAP = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow],
    "phases": [Phase.explicit, Phase.reuse, Phase.generate],
}

DAYS = st.integers(0, 700).map(lambda days: date(2022, 9, 1) + timedelta(days))
PEOPLE = st.fixed_dictionaries(
    {
        "pupil": st.booleans(),
        "age": st.integers(7, 21),
        "experience": st.sampled_from([None, 0.0, 1.5, 3.0, 4.0]),
        "accepted": st.sampled_from([True, True, True, False]),
    }
)
PAIRS = st.fixed_dictionaries(
    {
        "mentor": st.integers(0, 3),
        "mentee": st.integers(0, 5),
        "ordered": st.sampled_from([True, True, True, False]),
        "start": DAYS,
        "length": st.sampled_from([None, 30, 200]),
        "accepted": st.sampled_from([True, True, True, False]),
    }
)
SCHOOLS = st.lists(
    st.fixed_dictionaries(
        {
            "mentors": st.lists(PEOPLE, min_size=4, max_size=4),
            "mentees": st.lists(PEOPLE, min_size=6, max_size=6),
            "pairs": st.lists(PAIRS, max_size=6, unique_by=lambda pair: (pair["mentor"], pair["mentee"])),
            "profile": st.fixed_dictionaries(
                {name: st.sampled_from([None, 0, 1, 5]) for name in ("n_potential", "n_15_18", "n_young")}
            ),
        }
    ),
    min_size=2,
    max_size=6,
)
LETTERS = "АБВГДЕ"


def drawn_school(number: int, school: dict, shuffled: random.Random | None = None) -> str:
    """A drawing of one random school; rows in another order when a shuffler is given."""

    def ordered(lines: list[str]) -> str:
        if shuffled:
            shuffled.shuffle(lines)
        return "\n".join(lines)

    def cell(value: object) -> str:
        return "" if value is None else str(value)

    def mark(accepted: bool) -> str:
        return "" if accepted else " !"

    mentors = [
        f"| Дубов {LETTERS[n]}гор Ильич | {'pupil' if one['pupil'] else 'teacher'} | {2024 - one['age']} |"
        + mark(one["accepted"])
        for n, one in enumerate(school["mentors"])
    ]
    mentees = [
        f"| Рябинин {LETTERS[n]}гор Ильич | {'pupil' if one['pupil'] else 'staff'} | {2024 - one['age']} |"
        f" {cell(one['experience'])} |" + mark(one["accepted"])
        for n, one in enumerate(school["mentees"])
    ]
    pairs = [
        f"| Дубов {LETTERS[one['mentor']]}гор Ильич | Рябинин {LETTERS[one['mentee']]}гор Ильич |"
        f" {'7' if one['ordered'] else ''} | {one['start']} |"
        f" {cell(one['length'] and one['start'] + timedelta(one['length']))} |" + mark(one["accepted"])
        for one in school["pairs"]
    ]
    place = f"s{number}"
    profile = school["profile"]
    return f"""
school_profile @ {place}
| as_of | {" | ".join(profile)} |
| 2024-06-20 | {" | ".join(map(cell, profile.values()))} |
mentors @ {place}
| full_name | category | birth |
{ordered(mentors)}
mentees @ {place}
| full_name | kind | birth | experience_years |
{ordered(mentees)}
pairs @ {place}
| mentor | mentee | order_no | date_from | date_to |
{ordered(pairs)}
"""


def expected(schools: list[dict]) -> dict[str, dict[str, tuple[int, int | None, str]]]:
    """(numerator, denominator, status) of I1, I2 and I3 per school and, under "", of the district: plain Python."""
    result: dict[str, dict[str, tuple[int, int | None, str]]] = defaultdict(dict)
    targets = {"I1": 70, "I2": 10, "I3": 70}

    def judge(identifier: str, above: int, below: int | None) -> str:
        if below is None:
            return "no_data"
        if below == 0:
            return "data_error" if above else "not_applicable"
        if above > below and identifier != "I1":
            return "data_error"
        return "met" if round(above * 1000 / below) >= targets[identifier] * 10 else "not_met"

    sums = {identifier: [0, 0, 0] for identifier in targets}
    others: dict[str, set[str]] = defaultdict(set)
    for number, school in enumerate(schools):
        taking = [
            pair
            for pair in school["pairs"]
            if pair["accepted"]
            and pair["ordered"]
            and pair["start"] <= date(2024, 6, 20)
            and (pair["length"] is None or pair["start"] + timedelta(pair["length"]) >= date(2024, 1, 1))
        ]
        mentees = [school["mentees"][n] for n in {pair["mentee"] for pair in taking}]
        mentors = [school["mentors"][n] for n in {pair["mentor"] for pair in taking}]
        numbers = {
            "I1": (sum(one["pupil"] and 10 <= one["age"] <= 18 for one in mentees), school["profile"]["n_potential"]),
            "I2": (sum(one["pupil"] and 15 <= one["age"] <= 18 for one in mentors), school["profile"]["n_15_18"]),
            "I3": (
                sum(not one["pupil"] and one["experience"] is not None and one["experience"] <= 3 for one in mentees),
                school["profile"]["n_young"],
            ),
        }
        for identifier, (above, below) in numbers.items():
            status = judge(identifier, above, below)
            result[f"s{number}"][identifier] = (above, below, status)
            if status in ("met", "not_met"):
                sums[identifier][0] += above
                sums[identifier][1] += below or 0
                sums[identifier][2] += 1
            else:
                others[identifier].add(status)
    for identifier, (above, below, count) in sums.items():
        if count:
            result[""][identifier] = (above, below, judge(identifier, above, below))
    return result


@pytest.mark.long
@settings(max_examples=8, **CHEAP)
@given(SCHOOLS)
def test_figures_agree_with_plain_python(schools: list[dict]) -> None:
    """Every share of every small random district, recomputed without SQL."""
    figures = figures_of("".join(drawn_school(number, school) for number, school in enumerate(schools)))
    for organisation, indicators in expected(schools).items():
        for identifier, (above, below, status) in indicators.items():
            figure = figures.of(organisation or None, identifier)
            assert (figure.numerator, figure.denominator) == (above, below), (organisation, identifier)
            assert figure.status == status, (organisation, identifier)


@settings(max_examples=3, **CHEAP)
@given(SCHOOLS, st.randoms(use_true_random=False))
def test_order_of_schools_and_rows_does_not_matter(schools: list[dict], shuffler: random.Random) -> None:
    """The same figures and counts whichever way the files and their rows come."""
    straight = [drawn_school(number, school) for number, school in enumerate(schools)]
    mixed = [drawn_school(number, school, shuffler) for number, school in enumerate(schools)]
    shuffler.shuffle(mixed)
    assert report_object(figures_of("".join(straight)), {}) == report_object(figures_of("".join(mixed)), {})
