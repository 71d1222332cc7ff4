"""The monitoring summary: approved Markdown and the counters behind it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sheets_sync.errors import ConfigError
from sheets_sync.periods import period_of
from sheets_sync.reporting.counters import Counters, add_up, count_process
from sheets_sync.reporting.figures import compute
from sheets_sync.reporting.indicator import load_indicators
from sheets_sync.reporting.settings import ReportSettings
from sheets_sync.reporting.summary import (
    Summary,
    markdown_text,
    monitoring_markdown,
    years,
)
from tests.rule_rows import relations_of

REPORTS = Path(__file__).parent.parent / "reports"
APPROVED = Path(__file__).parent / "approved"

# A school that keeps everything and a kindergarten that keeps little. Names are invented.
DRAWING = """
school_profile @ school
| as_of | n_pupils | n_teachers | n_potential | n_15_18 | n_young |
| 2024-06-20 | 400 | 30 | 2 | 40 | 1 |
mentees @ school
| full_name | kind | birth | date_in |
| Белкин Олег Ильич | pupil | 2011 | 2023-09-10 |
| Стрелкина Инна Ильинична | pupil | 2011 | 2023-09-10 |
| Галкин Юрий Ильич | pupil | 2012 | 2023-09-10 |
| Одинокий Пётр Ильич | pupil | 2012 | 2023-09-10 |
mentors @ school
| full_name | category | birth | enterprise_id |
| Ветров Егор Львович | pupil | 2008 | |
| Мудрая Нина Петровна | teacher | 1970 | |
| Токарев Иван Иванович | enterprise | 1980 | ООО «Заря» |
pairs @ school
| pair_id | mentor | mentee | form | order_no | order_date | date_from | date_to | planned_meetings | status |
| П-1 | Ветров Егор Львович | Белкин Олег Ильич | pupil_pupil | 1 | 2024-01-10 | 2024-01-15 | | 4 | active |
| Г-2 | Мудрая Нина Петровна | Стрелкина Инна Ильинична | teacher_pupil | 1 | 2024-01-10 | 2024-01-15 | 2024-05-24 | 6 | finished |
| Г-2 | Мудрая Нина Петровна | Галкин Юрий Ильич | teacher_pupil | 1 | 2024-01-10 | 2024-01-15 | 2024-05-24 | 6 | finished |
| П-3 | Токарев Иван Иванович | Галкин Юрий Ильич | employer_pupil | 1 | 2024-01-10 | 2024-01-15 | | | |
| П-4 | Токарев Иван Иванович | Белкин Олег Ильич | employer_pupil | | | 2024-01-15 | | | active |
meetings @ school
| date | pair_id | stage |
| 2024-01-20 | П-1 | org |
| 2024-01-21 | Г-2 | org |
| 2024-02-21 | Г-2 | regular |
| 2024-12-21 | П-1 | regular |
plans @ school
| pair_id | mentor | mentee | goal |
| П-1 | Ветров Егор Львович | Белкин Олег Ильич | успех |
| | Мудрая Н.П. | Галкин Ю.И. | успех |
training @ school
| full_name | programme | date |
| Мудрая Н. П. | «Школа наставников» | 2023-11-08 |
| Ветров Егор Львович | «Школа наставников» | 2024-11-08 |
awards @ school
| full_name | kind | order_date |
| Мудрая Нина Петровна | грамота | 2024-05-28 |
| Мудрая Нина Петровна | грамота | 2023-05-28 |
questionnaires @ school
| timestamp | full_name | role | stage | q_joint_work | q_result |
| 2024-05-20 10:00:00 | Белкин Олег Ильич | mentee | after | 9 | 8 |
curators @ school
| full_name | role |
| Главная Вера Ильинична | coordinator |
school_profile @ garden
| as_of | n_pupils | n_teachers | n_potential | n_15_18 | n_young |
| 2024-06-20 | 90 | 12 | 0 | 0 | |
mentees @ garden
| full_name | kind | experience_years |
| Нянина Ия Юрьевна | staff | 1 |
mentors @ garden
| full_name | category |
| Садова Инна Юрьевна | teacher |
pairs @ garden
| mentor | mentee | form | order_no | date_from |
| Садова Инна Юрьевна | Нянина Ия Юрьевна | teacher_teacher | 3 | 2024-02-01 |
"""


@pytest.fixture(scope="module")
def district() -> Summary:
    """The summary of June 2024 of the little district."""
    period = period_of("2024-06")
    indicators = load_indicators([REPORTS])
    settings = ReportSettings(district_name="Лесной район", enterprises={2024: 20})
    with relations_of(DRAWING, period.as_of) as store:
        figures = compute(store.connection, indicators, period, settings)
        counters = count_process(store.connection, list(figures.organisations))
    return Summary(figures, indicators, counters, settings, {"school": "СОШ № 4", "garden": "Сад * «Ромашка»"})


@pytest.mark.parametrize(
    ("organisation", "name"), [(None, "monitoring_district.md"), ("school", "monitoring_school.md")]
)
def test_markdown_is_the_approved_text(district: Summary, organisation: str | None, name: str) -> None:
    """Readable Russian to the letter; after a deliberate change approve the new text by copying it over the file."""
    text = monitoring_markdown(replace(district, organisation=organisation), [REPORTS])
    assert text == (APPROVED / name).read_text(encoding="utf-8")


def test_counters_of_pairs_and_meetings(district: Summary) -> None:
    """Groups count once, meetings after the day do not count, plans are found by number or by names."""
    school = district.counters["school"]
    assert (school.pairs, school.groups, school.without_order) == (2, 1, 1)
    assert dict(school.by_form) == {"employer_pupil": 1, "pupil_pupil": 1, "teacher_pupil": 1}
    assert dict(school.by_state) == {"active": 2, "finished": 1}
    assert dict(school.by_stage) == {"org": 1, "regular": 1}
    assert (school.held, school.planned, school.held_of_planned, school.without_meetings) == (3, 10, 3, 1)
    assert (school.without_plan, school.mentors, school.trained, school.awards) == (1, 3, 1, 1)


def test_a_table_that_is_not_kept_is_not_zero(district: Summary) -> None:
    """The kindergarten keeps no journal: nothing is known of its meetings."""
    garden = district.counters["garden"]
    assert (garden.held, garden.without_meetings, garden.without_plan, garden.trained, garden.awards) == (None,) * 5
    together = add_up(list(district.counters.values()))
    assert (together.held, together.mentors, together.trained, together.trained_of) == (3, 4, 1, 3)
    assert add_up([]) == Counters()


def test_the_summary_names_nobody(district: Summary) -> None:
    """Counts only: no participant's name in the note."""
    text = monitoring_markdown(district, [REPORTS])
    assert not [name for name in ("Белкин", "Стрелкина", "Мудрая", "Токарев", "Садова", "Главная") if name in text]


def test_a_district_may_write_its_own_note(district: Summary, tmp_path: Path) -> None:
    """The template beside the config wins; a mistake in it is told with its line; it can reach nothing but its words."""
    own = tmp_path / "monitoring.md.j2"
    own.write_text("{{ title }}: {{ counters.pairs | counted('пара', 'пары', 'пар') }}", encoding="utf-8")
    folders = [tmp_path, REPORTS]
    assert monitoring_markdown(district, folders).endswith("(по состоянию на 20.06.2024): 3\u00a0пары")
    for text, line in (("ok\n{{ nothing }}", 2), ("ok\n\n{% if %}", 3), ("{{ ''.__class__.__mro__ }}", 1)):
        own.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError) as caught:
            monitoring_markdown(district, folders)
        assert (caught.value.path, caught.value.line) == (str(own), line)


def test_names_cannot_break_the_note() -> None:
    """What a school calls itself stays text: no link, no heading, no table border, no HTML."""
    assert markdown_text("a|b [x](y) <i> *z*\n# c") == "a\\|b \\[x\\](y) \\<i\\> \\*z\\* \\# c"


def test_years_after_no_more_than() -> None:
    """не больше 1 года, 3 лет, 2,5 лет."""
    assert [years(1), years(3), years(21), years(2.5)] == ["1\u00a0года", "3\u00a0лет", "21\u00a0года", "2,5\u00a0лет"]
