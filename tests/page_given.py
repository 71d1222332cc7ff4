"""An invented district for the page of a period: as much of everything as the page can say, without a store.

Numbers follow from the place of an organisation in the list, so that every test and picture shows the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from sheets_sync.periods import Period, period_of
from sheets_sync.reporting.completeness import Completeness, TableState
from sheets_sync.reporting.counters import Counters
from sheets_sync.reporting.figures import Figure, Figures, Status
from sheets_sync.reporting.freeze import Restatement
from sheets_sync.reporting.indicator import Indicator, Indicators, load_indicators
from sheets_sync.reporting.monitoring import (
    Compared,
    CriteriaLevels,
    ItemMean,
    Monitoring,
    Responses,
)
from sheets_sync.reporting.note import NoteInput
from sheets_sync.reporting.report_json import report_object
from sheets_sync.reporting.roadmap import Execution, Task
from sheets_sync.reporting.settings import ReportSettings
from sheets_sync.reporting.wording import share

REPORTS = Path(__file__).parent.parent / "reports"
NAMES = (
    "МКОУ «Лицей г. Светлоборска»",
    "МОУ «СОШ № 4»",
    "МКОУ «Мало – Еланская начальная школа – детский сад»",
    "МДОУ «Детский сад № 12 «Родничок»",
    "МБУ ДО «Центр дополнительного образования детей «Горизонт»",
    "ГБПОУ «Светлоборский индустриальный колледж»",
)
_TABLES = (
    ("school_profile", "паспорт организации"),
    ("documents", "документы"),
    ("curators", "кураторы"),
    ("mentees", "наставляемые"),
    ("mentors", "наставники"),
    ("pairs", "пары"),
    ("meetings", "встречи"),
    ("roadmap", "дорожная карта"),
)
_DOCUMENTS = ("приказ о внедрении", "положение о наставничестве", "дорожная карта", "приказ о назначении кураторов")


def names(number: int) -> dict[str, str]:
    """Ids and names of so many organisations: those of NAMES, then numbered schools."""
    more = [f"МБОУ «Средняя общеобразовательная школа № {index}»" for index in range(21, 21 + number)]
    return {f"org-{index:03d}": name for index, name in enumerate([*NAMES, *more][:number], 1)}


def figures(indicators: Indicators, ids: list[str], period: Period, shift: int = 0) -> Figures:
    """Figures in every status there is; ``shift`` makes those of another period."""

    def of(indicator: Indicator, index: int) -> Figure:
        target = indicator.targets.get(period.year)
        asked = indicator.respondents is not None
        if indicator.scope == "district":
            return Figure(indicator.id, index % 3, None, None, "%", target, None, "no_data")
        if asked and index % 4 == 3:
            return Figure(indicator.id, None, 40.0, None, "%", target, None, "no_data")
        below = 120 - 7 * (index % 9)
        above = (target or 50) * below // 100 + (index * 5 + shift) % 17 - 8
        if index % 6 == 2 and indicator.id == "I2":
            return Figure(indicator.id, 0, 0.0, None, "%", target, None, "not_applicable")
        if index % 6 == 4 and indicator.id == "I3":
            return Figure(indicator.id, 9, 7.0, None, "%", target, None, "data_error")
        if index % 6 == 3 and indicator.id == "I1":
            return Figure(indicator.id, int(above), None, None, "%", target, None, "no_data")
        if index % 6 == 5 and indicator.id == "I1":
            return _judged(indicator.id, below + 30, below, target, flag="check")
        return _judged(indicator.id, int(max(above, 0)), below, target, respondents=int(above) + 6 if asked else None)

    organisations = {one: tuple(of(indicator, index) for indicator in indicators.all) for index, one in enumerate(ids)}
    district = []
    for place, indicator in enumerate(indicators.all):
        target = indicator.targets.get(period.year)
        if indicator.scope == "district":
            district.append(replace(_judged(indicator.id, 11 + shift, 48, target), counted=tuple(ids), left_out={}))
            continue
        counted = [one for one in ids if organisations[one][place].is_shown]
        left_out: dict[str, Status] = {
            one: organisations[one][place].status for one in ids if not organisations[one][place].is_shown
        }
        above = sum(organisations[one][place].numerator or 0 for one in counted)
        below = sum(int(organisations[one][place].denominator or 0) for one in counted)
        asked = sum(organisations[one][place].respondents or 0 for one in counted)
        whole = _judged(indicator.id, above, below, target, respondents=asked or None)
        district.append(replace(whole, counted=tuple(counted), left_out=left_out))
    counts = {
        one: {
            "mentors": 20 + index % 5,
            "mentees": 44 + index % 7,
            "mentees_pupils": 38,
            "pairs_counted": 30,
            "pairs_running": 25,
            "unmatched": index % 4,
            "meetings": 90,
            "curators": 2,
        }
        for index, one in enumerate(ids)
    }
    sums = {key: sum(one[key] for one in counts.values()) for key in next(iter(counts.values()))}
    return Figures(period, tuple(district), organisations, counts, sums)


def _judged(
    identifier: str,
    above: int,
    below: int,
    target: float | None,
    *,
    flag: str = "",
    respondents: int | None = None,
) -> Figure:
    value = share(above, below)
    status: Status = "no_target" if target is None else "met" if value >= target else "not_met"
    deviation = None if target is None else round(value - target, 1)
    return Figure(
        identifier,
        above,
        float(below),
        value,
        "%",
        target,
        deviation,
        status,
        flag,
        respondents,
        share(above, respondents) if respondents else None,
    )


def given(
    number: int = 6, *, period_id: str = "2024-06", called: Mapping[str, str] | None = None, bare: bool = False
) -> NoteInput:
    """A district of so many organisations; ``bare``: only figures and counters, nothing else was kept or made yet."""
    period = period_of(period_id)
    indicators = load_indicators([REPORTS])
    named = dict(called or names(number))
    ids = list(named)
    told = figures(indicators, ids, period)
    before = period_of("2023-12")
    earlier: dict[str, Any] | None = None
    if not bare:
        earlier = report_object(figures(indicators, ids, before, shift=4), named)
    return NoteInput(
        period=period,
        figures=told,
        indicators=indicators,
        counters={one: _counters(index, bare) for index, one in enumerate(ids)},
        settings=ReportSettings(district_name="Светлоборский район", enterprises={2023: 48, 2024: 48}),
        names=named,
        monitoring={} if bare else {one: _monitoring(one) for one in [*ids, None]},
        roadmap={} if bare else _roadmaps(ids),
        completeness={} if bare else {one: _completeness(one, index) for index, one in enumerate(ids)},
        earlier=earlier,
        earlier_frozen=not bare,
        restated=() if bare else _restated(ids),
        facts={},
    )


def _counters(index: int, bare: bool) -> Counters:
    if bare:
        return Counters()
    return Counters(
        pairs=24,
        groups=index % 3,
        by_form={"pupil_pupil": 12, "teacher_teacher": 8, "employer_pupil": 4 + index % 3},
        by_state={"active": 20, "finished": 4 + index % 3},
        by_stage={"org": 4, "regular": 20},
        held=None if index % 5 == 4 else 90 - index % 9,
        held_in=24,
        planned=110,
        held_of_planned=80,
        without_meetings=None if index % 5 == 4 else index % 3,
        without_plan=1,
        without_order=index % 2,
        mentors=20,
        trained=15,
        trained_of=20,
        awards=2,
    )


def _monitoring(organisation: str | None) -> Monitoring:
    return Monitoring(
        organisation,
        responses=(
            Responses("mentee", "before", 240, 200, 83.3),
            Responses("mentee", "after", 240, 171, 71.3),
            Responses("mentor", "after", 120, 66, 55.0),
        ),
        items=(
            ItemMean("q_comfort", "Комфорт общения", "mentee", "after", None, 171, 9.1),
            ItemMean("q_useful", "Полезность встреч", "mentee", "after", None, 171, 8.4),
            ItemMean("q_result", "Довольны результатом", "mentee", "after", None, 169, 7.2),
            ItemMean("q_plan", "Удалось спланировать работу", "mentor", "after", None, 66, 6.8),
            ItemMean("q_involved", "Включённость наставляемого", "mentor", "after", None, 66, 4.9),
            ItemMean("q_comfort", "Комфорт общения", "mentee", "before", None, 200, 7.7),
            ItemMean("q_comfort", "Комфорт общения", "mentee", "after", "pupil_pupil", 90, 9.3),
        ),
        swot=(),
        criteria=CriteriaLevels(
            {"optimal": 61, "acceptable": 22, "unacceptable": 3, "undetermined": 4},
            "mixed",
            14.6,
            "c7",
            "уровень удовлетворённости партнёров",
            1.2,
        ),
        compared=(
            Compared("q_comfort", "Комфорт общения", "mentee", 150, 7.7, 9.1, 1.4, 62.0, 24.7, 13.3),
            Compared("q_plan", "План", "mentor", 4, 7.0, 6.5, None, 25.0, 50.0, 25.0),
        ),
        surveyed=True,
    )


def _task(organisation: str, number: int, status: str) -> Task:
    return Task(
        organisation,
        "Наставничество.xlsx",
        "Дорожная карта",
        10 + number,
        f"2.{number}",
        "Формирование базы наставляемых",
        "Сбор согласий на обработку персональных данных и обновление базы наставляемых",
        "май 2024",
        date(2024, 5, 31),
        "заместитель директора по УВР",
        status,
        date(2024, 6, 10) if status == "done_late" else None,
        "ждали справку" if status == "done_late" else "",
    )


def _roadmaps(ids: list[str]) -> dict[str | None, Execution]:
    stages = (("Подготовка условий для запуска программы", 5, 5), ("Формирование базы наставляемых", 3, 4))
    found: dict[str | None, Execution] = {}
    for index, one in enumerate(ids):
        if index % 6 == 3:
            continue
        overdue = tuple(_task(one, number, "overdue") for number in range(index % 3))
        done = 9 - len(overdue)
        late = (_task(one, 7, "done_late"),)
        found[one] = Execution(one, 9, done, 1, share(done, 9), late, overdue, 3, 1, 0, 0, 2, stages)
    if found:
        overdue = tuple(task for one in found.values() for task in one.overdue)
        due, done = (sum(getattr(one, name) for one in found.values()) for name in ("due", "done"))
        found[None] = Execution(
            None, due, done, len(found), share(done, due), (), overdue, 3 * len(found), 2, 0, 0, 2, stages
        )
    return found


def _completeness(organisation: str, index: int) -> Completeness:
    state = ("handed_in", "handed_in", "late", "not_handed_in", "handed_in", "empty")[index % 6]
    full = (98.4, 91.0, 74.5, 12.0, 88.8, 0.0)[index % 6]
    there = state in ("handed_in", "late")
    return Completeness(
        organisation,
        files=1 + index % 3 if state != "not_handed_in" else 0,
        last_change=date(2024, 6, 14) if state != "not_handed_in" else None,
        tables=tuple(
            TableState(table, title, True, there and not (place == 7 and index % 2), 20, 100, 97)
            for place, (table, title) in enumerate(_TABLES)
        ),
        read=1240 if there else 0,
        accepted=1213 if there else 0,
        rejected=27 if there else 0,
        errors=index % 7,
        warnings=3 * (index % 5),
        documents=tuple(
            (document, "да" if there and (index + place) % 3 else "нет") for place, document in enumerate(_DOCUMENTS)
        ),
        meetings_expected=120,
        meetings_held=96 if there else 0,
        due_on=date(2024, 6, 20),
        handed_in=date(2024, 6, 14) if state == "handed_in" else date(2024, 6, 24) if state == "late" else None,
        state=state,
        untouched_since=date(2024, 2, 12) if index % 6 == 2 else None,
        copied=("строки за апрель повторяют строки за март (лист «Встречи»)",) if index % 6 == 4 else (),
        share=full,
        light=("green", "green", "yellow", "red", "yellow", "red")[index % 6],
    )


def _restated(ids: list[str]) -> tuple[Restatement, ...]:
    words = "было 41, стало 43: добавились строки 12 и 19 (лист «Пары»)"
    return (
        Restatement("I1", ids[0], "numerator", 41, 43, (), (), words),
        Restatement("I1", None, "numerator", 241, 243, (), (), "было 241, стало 243"),
    )
