"""A small fictional district and everything its notes can say. Names of people, schools and places are invented."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from sheets_sync.periods import Period, period_of
from sheets_sync.reporting.completeness import Completeness, TableState
from sheets_sync.reporting.counters import Counters, count_process
from sheets_sync.reporting.figures import Figures, compute
from sheets_sync.reporting.freeze import Restatement
from sheets_sync.reporting.indicator import load_indicators
from sheets_sync.reporting.monitoring import Compared, CriteriaLevels, ItemMean, Monitoring, Responses, SwotEntry
from sheets_sync.reporting.note import Facts, NoteInput, facts
from sheets_sync.reporting.report_json import report_object
from sheets_sync.reporting.roadmap import Execution, Task
from sheets_sync.reporting.settings import ReportSettings
from tests.rule_rows import relations_of

REPORTS = Path(__file__).parent.parent / "reports"
NAMES = {
    "school": "МКОУ «СОШ № 4»",
    "garden": "Детский сад № 12 «Ромашка»",
    "centre": "ЦДО «Факел»",
    "empty": "Дальняя ООШ",
}
MENTEES = (
    "Белкин",
    "Стрелкин",
    "Галкин",
    "Одинок",
    "Юрк",
    "Нянин",
    "Тихон",
)  # stems: no case of them may stand in a note

DRAWING = """
school_profile @ school
| as_of | org_name | org_type | n_pupils | n_teachers | n_potential | n_15_18 | n_young | site_url |
| 2023-12-20 | МКОУ «СОШ № 4» | school | 398 | 30 | 12 | 42 | 1 | |
| 2024-06-20 | МКОУ «СОШ № 4» | school | 400 | 30 | 11 | 40 | 1 | https://school4.example/nastavnichestvo |
documents @ school
| kind | number | date | title | url |
| приказ | 69-ОД | 2023-09-01 | О внедрении целевой модели наставничества | |
| положение | 70-ОД | 2023-09-01 | Положение о наставничестве | |
| приказ | 71-ОД | 2023-10-02 | О закреплении наставника за Юркой А. В. | |
curators @ school
| full_name | position | role | form | order_no | order_date |
| Главная Вера Ильинична | заместитель директора по УВР | coordinator | | 69-ОД | 2023-09-01 |
| Мудрая Нина Петровна | педагог-психолог | curator | teacher_pupil;pupil_pupil | 69-ОД | 2023-09-01 |
mentees @ school
| full_name | kind | birth | date_in | categories | consent |
| Белкин Олег Ильич | pupil | 2011 | 2023-09-10 | low_results | true |
| Стрелкина Инна Ильинична | pupil | 2011 | 2023-09-10 | low_results;behaviour | true |
| Галкин Юрий Ильич | pupil | 2012 | 2023-09-10 | low_results | true |
| Галкина Анна Ильинична | pupil | 2012 | 2023-09-10 | low_results | true |
| Белкина Ольга Львовна | pupil | 2010 | 2023-09-10 | low_results;gifted | true |
| Одинокий Пётр Ильич | pupil | 2012 | 2023-09-10 | gifted | |
| Юрка Анна Викторовна | staff | 1999 | 2023-09-10 | young_specialist | true |
mentors @ school
| full_name | category | birth | enterprise_id | consent | case_url |
| Ветров Егор Львович | pupil | 2008 | | true | |
| Мудрая Нина Петровна | teacher | 1970 | | true | https://school4.example/opyt |
| Токарев Иван Иванович | enterprise | 1980 | ООО «Заря» | true | |
pairs @ school
| pair_id | mentor | mentee | form | order_no | order_date | date_from | date_to | planned_meetings | status |
| П-1 | Ветров Егор Львович | Белкин Олег Ильич | pupil_pupil | 73-ОД | 2023-10-09 | 2023-10-10 | | 4 | active |
| Г-2 | Мудрая Нина Петровна | Стрелкина Инна Ильинична | teacher_pupil | 73-ОД | 2023-10-09 | 2023-10-10 | 2024-05-24 | 6 | finished |
| Г-2 | Мудрая Нина Петровна | Галкин Юрий Ильич | teacher_pupil | 73-ОД | 2023-10-09 | 2023-10-10 | 2024-05-24 | 6 | finished |
| П-3 | Токарев Иван Иванович | Галкина Анна Ильинична | employer_pupil | 73-ОД | 2023-10-09 | 2023-10-10 | | | active |
| П-4 | Мудрая Нина Петровна | Юрка Анна Викторовна | teacher_teacher | 73-ОД | 2023-10-09 | 2023-10-10 | | 5 | active |
| П-5 | Токарев Иван Иванович | Белкина Ольга Львовна | employer_pupil | | | 2024-01-15 | | | active |
meetings @ school
| date | pair_id | stage |
| 2023-10-12 | П-1 | org |
| 2023-10-13 | Г-2 | org |
| 2023-11-14 | Г-2 | trial |
| 2023-11-20 | П-4 | org |
| 2024-02-21 | Г-2 | regular |
| 2024-03-21 | П-1 | regular |
| 2024-05-21 | Г-2 | final |
plans @ school
| pair_id | mentor | mentee | goal |
| П-1 | Ветров Егор Львович | Белкин Олег Ильич | успех |
| Г-2 | Мудрая Нина Петровна | Галкин Юрий Ильич | успех |
| П-4 | Мудрая Нина Петровна | Юрка Анна Викторовна | успех |
training @ school
| full_name | programme | date |
| Мудрая Нина Петровна | Школа наставников | 2023-11-08 |
| Ветров Егор Львович | Школа наставников | 2023-11-08 |
awards @ school
| full_name | kind | level | order_date |
| Мудрая Нина Петровна | грамота «Лучший наставник» | school | 2024-05-28 |
| Ветров Егор Львович | конкурс «Наставник года» | municipal | 2024-04-12 |
| Белкин Олег Ильич | Лучшая пара: Белкин О. И. | school | 2024-05-28 |
questionnaires @ school
| timestamp | full_name | role | stage | q_joint_work | q_result |
| 2024-05-20 10:00:00 | Белкин Олег Ильич | mentee | after | 9 | 8 |
| 2024-05-20 10:00:00 | Галкин Юрий Ильич | mentee | after | 9 | 8 |
| 2024-05-20 10:00:00 | Мудрая Нина Петровна | mentor | after | 9 | 8 |
roadmap @ school
| number | task | due | status |
| 1 | Издать приказ | 2023-09-01 | done |
school_profile @ garden
| as_of | org_name | org_type | n_pupils | n_teachers | n_potential | n_15_18 | n_young |
| 2023-12-20 | Детский сад № 12 «Ромашка» | kindergarten | 88 | 12 | 0 | 0 | |
| 2024-06-20 | Детский сад № 12 «Ромашка» | kindergarten | 90 | 12 | 0 | 0 | |
mentees @ garden
| full_name | kind | experience_years |
| Нянина Ия Юрьевна | staff | 1 |
mentors @ garden
| full_name | category |
| Садова Инна Юрьевна | teacher |
pairs @ garden
| mentor | mentee | form | order_no | order_date | date_from |
| Садова Инна Юрьевна | Нянина Ия Юрьевна | teacher_teacher | 3 | 2023-09-28 | 2023-10-01 |
school_profile @ centre
| as_of | org_name | org_type | n_pupils | n_teachers | n_potential | n_15_18 | n_young |
| 2023-12-20 | ЦДО «Факел» | additional | 240 | 14 | | 30 | 2 |
| 2024-06-20 | ЦДО «Факел» | additional | 250 | 14 | | 30 | 2 |
mentees @ centre
| full_name | kind | experience_years |
| Тихонов Лев Андреевич | staff | 2 |
mentors @ centre
| full_name | category |
| Яркая Ольга Борисовна | teacher |
pairs @ centre
| mentor | mentee | form | order_no | order_date | date_from |
| Яркая Ольга Борисовна | Тихонов Лев Андреевич | teacher_teacher | 8-о | 2023-09-20 | 2023-10-01 |
network @ centre
| direction | network_mentor | mentor_org | order | trainee | trainee_org | plan_done | review |
| Робототехника | Яркая Ольга Борисовна | ЦДО «Факел» | Приказ № 212 от 04.09.2023 | Юрка Анна Викторовна | МКОУ «СОШ № 4» | 100 | план выполнен, готова к самостоятельной работе |
| Робототехника | Яркая Ольга Борисовна | ЦДО «Факел» | Приказ № 212 от 04.09.2023 | Нянина Ия Юрьевна | Детский сад № 12 «Ромашка» | 70 | план выполнен частично |
| Робототехника | Яркая Ольга Борисовна | ЦДО «Факел» | Приказ № 187 от 06.09.2022 | Тихонов Лев Андреевич | ЦДО «Факел» | 50 | |
documents @ empty
| kind | number | date | title | url |
"""


SETTINGS = ReportSettings(
    district_name="Лесной район",
    enterprises={2023: 20, 2024: 20},
    organisation_targets={"school": {"I7": {2024: 2}}},
    targets={"I1": {2025: 75}},
)


@cache
def _counted(period_id: str) -> tuple[Figures, dict[str, Counters], dict[str, Facts]]:
    period = period_of(period_id)
    with relations_of(DRAWING, period.as_of) as store:
        figures = compute(store.connection, load_indicators([REPORTS]), period, SETTINGS)
        ids = list(figures.organisations)
        return figures, count_process(store.connection, ids), facts(store.connection, ids, period)


def note_input(period_id: str) -> NoteInput:
    """All that the notes of a period are made of."""
    period = period_of(period_id)
    figures, counters, found = _counted(period_id)
    earlier = None
    if period.kind != "december":
        earlier = report_object(_counted("2023-12")[0], NAMES)
        if period.kind == "august":  # told as those of a year ago
            earlier |= {"period": "2023-08", "as_of": "2023-08-20"}
    return NoteInput(
        period,
        figures,
        load_indicators([REPORTS]),
        counters,
        SETTINGS,
        NAMES,
        monitoring={one: _monitoring(one, period) for one in ("school", None)},
        roadmap={one: _execution(one, period) for one in ("school", None)},
        completeness=_completeness(period),
        earlier=earlier,
        earlier_frozen=True,
        restated=_restated() if period.kind == "june" else (),
        facts=found,
    )


def _monitoring(organisation: str | None, period: Period) -> Monitoring:
    june = period.kind != "december"
    responses = [Responses("mentee", "before", 5, 4, 80.0), Responses("mentor", "before", 3, 3, 100.0)]
    items = [
        ItemMean("q_comfort", "Комфорт общения", "mentee", "before", None, 4, 8.3),
        ItemMean("q_comfort", "Комфорт общения", "mentor", "before", None, 3, 7.7),
    ]
    compared: list[Compared] = []
    if june:
        responses += [Responses("mentee", "after", 5, 2, 40.0), Responses("mentor", "after", 3, 1, 33.3)]
        items += [
            ItemMean("q_comfort", "Комфорт общения", "mentee", "after", None, 2, 9.1),
            ItemMean("q_comfort", "Комфорт общения", "mentee", "after", "pupil_pupil", 1, 9.0),
            ItemMean("q_comfort", "Комфорт общения", "mentee", "after", "teacher_pupil", 1, 9.2),
            ItemMean("q_plan", "Планирование работы", "mentor", "after", None, 1, 5.0),
        ]
        compared = [
            Compared("q_comfort", "Комфорт общения", "mentee", 6, 8.3, 9.1, 0.8, 66.7, 16.7, 16.7),
            Compared("q_plan", "Планирование работы", "mentor", 2, 6.5, 5.0, None, 0.0, 50.0, 50.0),
        ]
    swot = [
        SwotEntry(
            "strength", "Комфорт общения – 9,1 (наставляемые)" if june else "Комфорт общения – 8,3 (наставляемые)"
        )
    ]
    if june:
        swot.append(SwotEntry("weakness", "Планирование работы – 5,0 (наставники)"))
    criteria = CriteriaLevels(
        {"optimal": 2, "acceptable": 1, "undetermined": 1},
        "pair",
        14.7,
        "c7",
        "Уровень удовлетворённости партнёров",
        1.2,
    )
    return Monitoring(
        organisation, tuple(responses), tuple(items), tuple(swot), criteria if june else None, tuple(compared), True
    )


def _task(number: str, task: str, due: str, on: date, status: str, reason: str = "") -> Task:
    return Task("school", "Книга.xlsx", "roadmap", 4, number, "", task, due, on, "Главная В. И.", status, None, reason)


def _execution(organisation: str | None, period: Period) -> Execution:
    late = _task("2", "Провести обучение наставников", "до 1 ноября 2023 г.", date(2023, 11, 1), "done_late")
    overdue = [
        _task("4", "Разместить кейсы на сайте", "декабрь 2023 г.", date(2023, 12, 15), "overdue", "перенос на январь")
    ]
    if period.kind != "december":
        return Execution(
            organisation, 9, 9, 1, 100.0, (late,), (), 2, 0, 1, 0, 0, (("Подготовка", 4, 4), ("Завершение", 5, 5))
        )
    stages = (("Подготовка условий", 3, 3), ("Отбор и обучение", 1, 2))
    return Execution(organisation, 5, 4, 1, 80.0, (late,), tuple(overdue), 2, 1, 0, 0, 4, stages)


def _completeness(period: Period) -> dict[str, Completeness]:
    def one(organisation: str, state: str, share: float, light: str, have: Sequence[str]) -> Completeness:
        expected = ("приказ о внедрении", "положение о наставничестве", "дорожная карта")
        tables = (
            TableState("mentees", "База наставляемых", True, state != "empty", 7, 28, 27),
            TableState("consents", "Согласия", True, False, 0, 0, 0),
        )
        return Completeness(
            organisation, 2 if state != "empty" else 1, date(2023, 12, 18), tables, 30, 29, 1, 1, 3,
            tuple((name, "да" if name in have else "нет") for name in expected),
            20, 15, period.as_of, date(2023, 12, 19), state, None, (), share, light,
        )  # fmt: skip

    return {
        "school": one("school", "handed_in", 92.5, "green", ("приказ о внедрении", "положение о наставничестве")),
        "garden": one("garden", "late", 71.4, "yellow", ()),
        "centre": one("centre", "handed_in", 71.4, "yellow", ()),
        "empty": one("empty", "empty", 0.0, "red", ()),
    }


def _restated() -> tuple[Restatement, ...]:
    words = "было 3, стало 4: добавилась строка 5 (лист «Пары»)"
    return tuple(Restatement("I1", one, "numerator", 3, 4, (), (), words) for one in ("school", None))
