"""Execution of road maps (domain.md §4.5): what is due, done, late, overdue, and what stands outside the share."""

from __future__ import annotations

from datetime import date

from sheets_sync.periods import Period, as_of, period_of
from sheets_sync.reporting.roadmap import Execution, execute
from sheets_sync.rules import make_relations
from tests.rule_rows import shipped_rules, store_of

DECEMBER = period_of("2023-12")
JUNE = period_of("2024-06")


def executions(drawing: str, period: Period = JUNE, *organisations: str) -> dict[str | None, Execution]:
    """Execution of the road maps drawn."""
    with store_of(drawing) as store:
        make_relations(store, shipped_rules(), period.as_of)
        return execute(store.connection, period, organisations or ("school",))


def of_tasks(*tasks: str, period: Period = JUNE) -> Execution:
    """Execution of one school's road map; a task is «due | status | done_on»."""
    lines = "\n".join(f"| Дело {number} | {task} |" for number, task in enumerate(tasks, 1))
    return executions(f"roadmap\n| task | due | status | done_on |\n{lines}", period)["school"]


def figures(execution: Execution) -> tuple[object, ...]:
    """(due, done, done late, share, overdue) of an execution."""
    return (execution.due, execution.done, execution.done_late, execution.share, len(execution.overdue))


def test_a_share_of_what_is_due() -> None:
    """Done, late ones too, of what was due by the day; what is due later waits outside."""
    execution = of_tasks(
        "2023-09-15 | done | 2023-09-14",
        "2023-10-31 | done | 2023-11-08",
        "2023-11-30 | in_progress |",
        "2024-07-01 | not_started |",
        "2024-07-02 | done | 2024-06-01",
    )
    assert figures(execution) == (3, 2, 1, 66.7, 1)
    assert execution.upcoming == 2
    assert [(task.task, task.due_on, task.done_on) for task in execution.late] == [
        ("Дело 2", date(2023, 10, 31), date(2023, 11, 8))
    ]
    assert [(task.row, task.status) for task in execution.overdue] == [(4, "overdue")]


STATUSES = {
    "2023-09-15 | done |": "done",
    "2023-09-15 | done | 2023-09-15": "done",
    "2023-09-15 | done | 2023-09-16": "done_late",
    "2023-09-15 | done_late |": "done_late",
    "2023-09-15 | | 2023-09-10": "done",
    "2023-09-15 | overdue | 2023-10-01": "done_late",
    "2023-09-15 | in_progress |": "overdue",
    "2023-09-15 | not_started |": "overdue",
    "2023-09-15 | |": "overdue",
    "2023-09-15 | done | 2024-06-21": "overdue",
}


def test_the_status_of_a_task_due() -> None:
    """«Просрочено» and «с нарушением срока» follow from the days; a day of execution after the date is unknown yet."""
    names = [f"o{number}" for number in range(len(STATUSES))]
    heading = "| task | due | status | done_on |"
    drawing = "\n".join(
        f"roadmap @ {name}\n{heading}\n| Дело | {task} |" for name, task in zip(names, STATUSES, strict=True)
    )
    found = executions(drawing, JUNE, *names)
    for name, status in zip(names, STATUSES.values(), strict=True):
        execution = found[name]
        assert execution.due == 1
        on_time = execution.done - execution.done_late
        told = {"done": on_time, "done_late": execution.done_late, "overdue": len(execution.overdue)}
        assert told == {one: int(one == status) for one in told}, name


def test_due_on_the_very_day() -> None:
    """The day of the report is in the share; a task not done on it is not overdue yet."""
    assert figures(of_tasks("2024-06-20 | in_progress |")) == (1, 0, 0, 0.0, 0)


def test_outside_the_share() -> None:
    """Ongoing, conditional, planned elsewhere, cancelled and undated tasks are counted apart, done or not."""
    execution = of_tasks(
        "В течение года | done | 2023-10-01",
        "с 1 сентября | in_progress |",
        "ежегодно | done |",
        "2023-09-15 | ongoing |",
        "По мере реализации | |",
        "По плану отдела | done |",
        "По отдельному графику | |",
        "2023-09-15 | cancelled |",
        "| done |",
    )
    assert figures(execution) == (0, 0, 0, None, 0)
    counts = (execution.ongoing, execution.conditional, execution.planned, execution.cancelled, execution.undated)
    assert counts == (4, 1, 2, 1, 1)


def test_the_last_day_of_a_deadline() -> None:
    """«До 15 октября» is the 15th, «октябрь» and «конец октября» the 31st, two months the end of the later one."""
    execution = of_tasks(
        "до 15 октября 2023 | done | 2023-10-16",
        "октябрь 2023 | done | 2023-10-31",
        "конец октября 2023 | done | 2023-11-01",
        "ноябрь 2023, март 2024 | done | 2024-03-31",
    )
    assert figures(execution) == (4, 4, 2, 100.0, 0)
    assert [task.due_on for task in execution.late] == [date(2023, 10, 15), date(2023, 10, 31)]


def test_a_yearly_task_is_due_once_in_a_reporting_year() -> None:
    """Its day is of the school year reported, whichever year the cell was read in; last year's date of execution says
    nothing of this year's task, one of the summer before does."""
    tasks = (
        "Ежегодно, апрель | done | 2024-04-20",
        "До 15 сентября ежегодно | done | 2023-08-28",
        "ежегодно 20 декабря, 20 июня | in_progress |",
    )
    assert figures(of_tasks(*tasks, period=DECEMBER)) == (1, 1, 0, 100.0, 0)
    assert figures(of_tasks(*tasks)) == (3, 2, 0, 66.7, 0)
    next_year = of_tasks(*tasks, period=period_of("2025-06"))
    assert figures(next_year) == (3, 0, 0, 0.0, 2)
    assert [task.due_on for task in next_year.overdue] == [date(2024, 9, 15), date(2025, 4, 30)]


def test_a_yearly_half_and_a_leap_day() -> None:
    """A stretch without months of its own keeps its last day; 29 February is the month's last day in other years."""
    tasks = ("Ежегодно, I полугодие | done | 2024-12-31", "29 февраля ежегодно | done | 2025-02-28")
    assert figures(of_tasks(*tasks, period=period_of("2025-06"))) == (2, 2, 0, 100.0, 0)


def test_december_made_again_in_june() -> None:
    """What was done later does not count as of December, what has no day of execution does."""
    tasks = ("2023-10-31 | done | 2024-02-01", "2023-11-30 | done |", "2024-05-31 | done | 2024-05-20")
    assert figures(of_tasks(*tasks, period=DECEMBER)) == (2, 1, 0, 50.0, 1)
    assert figures(of_tasks(*tasks)) == (3, 3, 1, 100.0, 0)
    assert figures(of_tasks(*tasks, period=as_of(JUNE, date(2024, 2, 1)))) == (2, 2, 1, 100.0, 0)


def test_a_road_map_without_execution() -> None:
    """Where neither a status nor a day of execution is kept nothing is known: no share of 0 %, nobody is overdue."""
    drawing = """
    roadmap
    | task | due |
    | Приказ | 2023-09-15 |
    | Отчёт | 2024-09-15 |
    | Встречи | В течение года |
    """
    execution = executions(drawing)["school"]
    assert figures(execution) == (0, 0, 0, None, 0)
    assert (execution.untracked, execution.upcoming, execution.ongoing) == (1, 1, 1)


def test_only_those_who_keep_one() -> None:
    """An organisation without a road map is left out; without any there is no district; a rejected row is no task."""
    drawing = """
    roadmap @ a
    | task | due | status |
    | Приказ | 2023-09-15 | done |
    | Отчёт | 2023-09-15 | not_started |!
    roadmap @ other
    | task | due | status |
    | Приказ | 2023-09-15 | not_started |
    """
    found = executions(drawing, JUNE, "a", "b")
    assert set(found) == {"a", None}
    assert figures(found[None]) == (1, 1, 0, 100.0, 0)
    assert executions(drawing, JUNE, "b") == {}


def test_the_district_adds_up() -> None:
    """The district's share is of all tasks; its lists name the organisation, by day; everything typed is at hand."""
    drawing = """
    roadmap @ a
    | number | task | due | responsible | status | done_on | deviation_reason |
    | 1.1 | Приказ | до 15 сентября 2023 | Директор;Координатор | done | 2023-09-20 | каникулы |
    roadmap @ b / Карта.xlsx / План
    | number | task | due | responsible | status | done_on | deviation_reason |
    | 2 | Отчёт | 2023-12-31 | Куратор | in_progress | | |
    | 1 | База | 2023-10-31 | Куратор | | | |
    """
    district = executions(drawing, JUNE, "a", "b")[None]
    assert figures(district) == (3, 1, 1, 33.3, 2)
    assert [(task.organisation, task.number) for task in district.overdue] == [("b", "1"), ("b", "2")]
    task = district.late[0]
    assert (task.due, task.responsible, task.reason) == ("до 15 сентября 2023", "Директор, Координатор", "каникулы")
    assert (district.overdue[0].workbook, district.overdue[0].sheet, district.overdue[0].row) == (
        "Карта.xlsx",
        "План",
        3,
    )


def test_by_stage() -> None:
    """Stages in the order of the road map, those with nothing due left out; over the district, labels that differ in
    numbering and case alone are one stage."""
    drawing = """
    roadmap @ a
    | stage | task | due | status |
    | 1. Подготовка условий | Приказ | 2023-09-15 | done |
    | 2. Формирование пар | Пары | 2023-09-30 | done |
    | 2. Формирование пар | Ещё пары | 2023-10-30 | |
    | 3. Завершение | Отчёт | 2024-08-30 | |
    roadmap @ b
    | stage | task | due | status |
    | подготовка  условий | Положение | 2023-09-15 | |
    | | Разное | 2023-09-15 | done |
    | Формирование пар | Пары | 2023-09-30 | done |
    """
    found = executions(drawing, JUNE, "a", "b")
    assert found["a"].by_stage == (("1. Подготовка условий", 1, 1), ("2. Формирование пар", 1, 2))
    assert found["b"].by_stage == (("подготовка  условий", 0, 1), ("Формирование пар", 1, 1), ("", 1, 1))
    assert found[None].by_stage == (("1. Подготовка условий", 1, 2), ("2. Формирование пар", 2, 3), ("", 1, 1))


def test_a_road_map_without_stages() -> None:
    """Where no task names a stage there is nothing to tell by stage."""
    assert of_tasks("2023-09-15 | done |").by_stage == ()
