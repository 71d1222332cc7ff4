"""Every code of the catalogue: one trouble in a district that is otherwise in order, and exactly one finding, where it is.

A code without a line here fails the last test: whoever adds a code draws the trouble it stands for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from sheets_sync.issues import Issue
from sheets_sync.messages import Messages
from sheets_sync.sources.bounds import Bounds
from sheets_sync.sources.excel import Excel, read_workbook
from tests.drawn_district import (
    AS_OF,
    CLEAN,
    edited,
    issues_of_district,
    issues_of_districts,
    without_column,
    without_sheet,
)
from tests.odd_files import compound, row_xml, sheet_xml, xlsx

RU = Messages.load("ru")


class Trouble(NamedTuple):
    """What is done to the clean district, and the one finding it brings: «organisation/sheet» and row."""

    code: str
    severity: str
    place: str
    row: int | None
    edits: tuple[Callable[[str], str], ...]
    as_of: date = AS_OF
    echoes: frozenset[str] = frozenset()  # findings of another cause that the same edit cannot but bring


def to(place: str, old: str, new: str) -> Callable[[str], str]:
    return lambda drawing: edited(drawing, place, old, new)


def no_column(place: str, heading: str) -> Callable[[str], str]:
    return lambda drawing: without_column(drawing, place, heading)


def no_sheet(place: str) -> Callable[[str], str]:
    return lambda drawing: without_sheet(drawing, place)


def one_more(sheet: str) -> Callable[[str], str]:
    return lambda drawing: f"{drawing}\n{sheet}"


BASE, MENTORS, MENTEES, PAIRS = "school-1/Паспорт", "school-1/Наставники", "school-1/Наставляемые", "school-1/Пары"
MEETINGS, PLANS, MARKS, ROADMAP = "school-1/Встречи", "school-1/Планы", "school-1/Оценка", "school-1/Дорожная карта"
CONSENTS, SURVEY, CURATORS = "school-1/Согласия", "school-1/Анкета наставляемого после", "school-1/Кураторы"
FIRMS, NETWORK = "school-1/Предприятия", "department/Сетевые наставники"
FIRST = "| П-1 | Орлова Мария Петровна | Белов Артём Ильич | учитель – ученик | 71-ОД | 2023-09-15 | 2023-09-18 | 2024-05-24 | Мохов Олег Ильич | действует |"
TWIN = "| 9 | Белов Артём Ильич | обучающийся | {birth} | 7А | | | 8 (914) 000-00-07 | ТЖС | математика | 2023-09-05 | | Орлова Мария Петровна | учитель – ученик | | нет | 2023-09-04 | в паре |\n| 2 | Серова"
SPARE = "| 5 | Лосев Ян Ильич | обучающийся | 2010-01-01 | 7А | | | 8 (914) 000-00-20 | ТЖС | физика | 2023-09-05 | | | | | | 2023-09-04 | в поиске |"
UNCONSENTED = to(CONSENTS, "| Белов Артём Ильич | наставляемый | ПДн | родитель | 2023-09-04 | | | каб. 12 |\n", "")


def as_network(mentor: str, form: str = "сетевое наставничество") -> tuple[Callable[[str], str], ...]:
    """The fourth pair with another mentor and form, the base of mentees following it."""
    return (
        to(PAIRS, "Панов Глеб Олегович | Жукова Нина Олеговна | учитель – учитель", f"{mentor} | Жукова Нина Олеговна | {form}"),
        to(MENTEES, "Панов Глеб Олегович | учитель – учитель", f" | {form}"),
        to("school-1/Встречи", "| 2023-09-28 | П-4 | Панов Глеб Олегович", f"| 2023-09-28 | П-4 | {mentor}"),
        to("school-1/Встречи", "| 2023-11-09 | П-4 | Панов Глеб Олегович", f"| 2023-11-09 | П-4 | {mentor}"),
        to("school-1/Планы", "| П-4 | Панов Глеб Олегович", f"| П-4 | {mentor}"),
        to(MENTORS, "| 2023-09-01 | | Жукова Нина Олеговна |", "| 2023-09-01 | | |"),
    )  # fmt: skip


SIX = "\n".join(
    [f"| П-{10 + n} | Орлова Мария Петровна | {name} Ян Ильич | учитель – ученик | 71-ОД | 2023-12-01 | 2023-12-04 | 2024-05-24 | Мохов Олег Ильич | действует |"
     for n, name in enumerate(("Лосев", "Зубров", "Бобров", "Соболев", "Волков"))]
)  # fmt: skip
SIX_MENTEES = "\n".join(
    f"| {n} | {name} Ян Ильич | обучающийся | 2010-01-01 | 7А | | | 8 (914) 000-00-20 | ТЖС | физика | 2023-09-05 | | | | | | 2023-09-04 | в паре |"
    for n, name in enumerate(("Лосев", "Зубров", "Бобров", "Соболев", "Волков"), 5)
)
SECOND_PAIR = (
    FIRST.replace("П-1", "П-5")
    .replace("Орлова Мария Петровна", "Панов Глеб Олегович")
    .replace("2023-09-18", "2023-12-01")
)

TICKS = """
school-2 / База.xlsx / 9 показателей
| № | Показатели | В полной мере (2 балла) | Частично (1 балл) | Не проявился (0 баллов) |
| 1 | Соответствие цели и задачам | v | | |
| 2 | Соответствие принципам | v | | |
| 3 | Соответствие современным подходам | | v | |
| 4 | Комфортный климат | v | | |
| 5 | Логичность деятельности | v | | |
| 6 | Удовлетворенность участников | v | | |
| 7 | Удовлетворенность партнеров | v | | |
| 8 | Активность наставляемого | v | | |
| 9 | Применение знаний | v | | |"""
IN_ROWS = "school-2/9 показателей"

TROUBLES = [
    # sheets
    Trouble("sheet-unrecognised", "info", "school-1/Кружки", None,
        (one_more("school-1 / База.xlsx / Кружки\n| День | Кружок | Кабинет |\n| пн | Шахматы | 12 |"),)),
    Trouble("sheet-near-miss", "warning", "school-1/Опека", 1,
        (one_more("school-1 / База.xlsx / Опека\n| Наставник | За кем закреплён | № пары | Куратор | Форма наставничества |\n"
            "| Орлова Мария Петровна | Белов Артём Ильич | П-1 | Мохов Олег Ильич | учитель – ученик |\n"
            "| Панов Глеб Олегович | Жукова Нина Олеговна | П-4 | Мохов Олег Ильич | учитель – учитель |"),)),
    Trouble("sheet-days-across", "warning", "school-1/Отметки", 1,
        (one_more("school-1 / База.xlsx / Отметки\n| ФИО наставника | ФИО наставляемого | \"02.10\" | \"09.10\" | \"16.10\" | \"23.10\" |\n"
            "| Орлова Мария Петровна | Белов Артём Ильич | + | + | | + |"),)),
    # headings
    Trouble("heading-missing", "error", MEETINGS, 1, (no_column(MEETINGS, "Дата"),)),
    Trouble("heading-missing", "error", MEETINGS, 1, (no_column(MEETINGS, "№ пары"), no_column(MEETINGS, "ФИО наставника"), no_column(MEETINGS, "ФИО наставляемого"))),
    Trouble("heading-duplicate", "warning", PLANS, 1,
        (to(PLANS, "| Цель |", "| Цель | Цель |"), to(PLANS, "| экзамен |", "| экзамен | |"), to(PLANS, "| профессия |", "| профессия | |"),
         to(PLANS, "| друзья |", "| друзья | |"), to(PLANS, "| уроки |", "| уроки | |"))),
    Trouble("heading-near-miss", "info", PAIRS, 1, (to(PAIRS, "Дата окончания", "Дата оканчания"),)),
    Trouble("heading-ambiguous", "info", PAIRS, 1, (to(PAIRS, "Дата приказа", "Дата"), no_column(PAIRS, "Дата окончания"))),
    Trouble("heading-unknown", "info", MENTEES, 1, (to(MENTEES, "Дата завершения программы", "Явка"),)),
    # rows
    Trouble("row-blank-inside", "info", PLANS, 3, (to(PLANS, "| П-2 |", "| | | | | | | | | |\n| П-2 |"),)),
    Trouble("row-total", "info", FIRMS, 3, (to(FIRMS, "| Рыбин Семён Львович |", "| Рыбин Семён Львович |\n| Итого: 1 | | | | | |"),)),
    Trouble("row-placeholder", "info", FIRMS, 3, (to(FIRMS, "| Рыбин Семён Львович |", "| Рыбин Семён Львович |\n| ________ | | | | | |"),)),
    Trouble("row-split", "info", ROADMAP, 2,
        (to(ROADMAP, "| выполнено | 2023-09-01 | Приказ 70-ОД |", "| выполнено | 2023-09-01 | Приказ 70-ОД |\n| | | целевой модели | | | | | |"),)),
    Trouble("row-duplicate", "warning", MEETINGS, 6, (to(MEETINGS, "| 2023-11-15 |",
        "| 2023-10-18 | П-1 | Орлова Мария Петровна | Белов Артём Ильич | регулярная | Дроби | 45 |\n| 2023-11-15 |"),)),
    Trouble("row-duplicate", "warning", "school-2/Паспорт", 3, (to("school-2/Паспорт", "| 30 | 4 |",
        "| 30 | 4 |\n| 102 | МБОУ «Лицей „Созвездие“» | школа | 2023-2024 | 2023-12-20 | 310 | 200 | 40 | 50 | 30 | 4 |"),)),
    # cells
    Trouble("cell-required", "warning", MEETINGS, 5, (to(MEETINGS, "| Дроби |", "| |"),)),
    Trouble("cell-required", "warning", MENTEES, 4, (to(MENTEES, "| 2023-09-05 | 2023-12-10 |", "| 2023-09-05 | |"),)),
    Trouble("cell-required", "warning", MENTORS, 4, (to(MENTORS, "№ 14 от 01.09.2023", ""),)),
    Trouble("cell-type", "error", MEETINGS, 5, (to(MEETINGS, "2023-10-18", "31.11.2023"),)),
    Trouble("cell-enum", "warning", PAIRS, 2, (to(PAIRS, "Белов Артём Ильич | учитель – ученик", "Белов Артём Ильич | дружба"),)),
    Trouble("cell-range", "warning", MENTEES, 2, (to(MENTEES, "2010-05-06", "2001-05-06"),)),
    Trouble("cell-range", "warning", MENTEES, 2, (to(MENTEES, "Белов Артём Ильич | обучающийся", "Белов Артём Ильич | педагог"),)),
    Trouble("cell-range", "warning", MENTORS, 2, (to(MENTORS, "Орлова Мария Петровна | педагог", "Орлова Мария Петровна | обучающийся"),)),
    Trouble("cell-range", "warning", MARKS, 2, (to(MARKS, "| 2 | 2 | 2 | 2 | 1", "| 3 | 2 | 2 | 2 | 1"), to(MARKS, "| 16 |", "| 19 |"))),
    Trouble("cell-range", "warning", MENTEES, 4, (to(MENTEES, "дружба | 2023-09-05", "дружба | 05.09.2203"),)),
    Trouble("cell-range", "warning", MENTEES, 2, (to(MENTEES, "| 7А |", "| 17А |"),)),
    Trouble("cell-range", "warning", MENTEES, 4, (to(MENTEES, "| 6А |", "| б |"),)),
    Trouble("cell-pattern", "warning", FIRMS, 2, (to(FIRMS, "7707083893", "7707083894"),)),
    Trouble("cell-pattern", "warning", MENTEES, 2, (to(MENTEES, "8 (914) 000-00-07", "мама 8 (914) 000-0-07"),)),
    Trouble("cell-name-order", "info", MENTEES, 6, (to(MENTEES, "методика | 2023-09-05 | | Панов Глеб Олегович | учитель – учитель | МБОУ «Средняя школа № 1» | нет | 2023-09-04 | в паре |",
           "методика | 2023-09-05 | | Панов Глеб Олегович | учитель – учитель | МБОУ «Средняя школа № 1» | нет | 2023-09-04 | в паре |\n"
           + SPARE.replace("Лосев Ян Ильич", "Анна Орлова Петровна")),)),
    Trouble("cell-formula-error", "error", MENTEES, 5, (to(MENTEES, "учитель | 1 |", "учитель | #ССЫЛКА! |"),)),
    Trouble("cell-formula-no-value", "error", MENTEES, 5, (to(MENTEES, "учитель | 1 |", "учитель | =? |"),)),
    Trouble("cell-text-number", "info", FIRMS, 2, (to(FIRMS, '"7707083893"', "412033171"),)),
    Trouble("cell-lookalike-letters", "warning", MENTEES, 3, (to(MENTEES, "Серова Анна", "Cерова Анна"),)),
    Trouble("cell-ditto", "info", MEETINGS, 5, (to(MEETINGS, "| 2023-10-18 |", '| " |'),)),
    Trouble("cell-inferred", "info", MENTEES, 5, (to(MENTEES, "учитель | 1 |", "учитель | более 1 |"),)),
    # keys
    Trouble("key-duplicate", "error", MENTEES, 3, (to(MENTEES, "| 2 | Серова", TWIN.format(birth="2010-05-06")),)),
    Trouble("key-duplicate", "error", PAIRS, 5, (to(PAIRS, "| П-4 |", "| П-2 |"), no_column(MEETINGS, "№ пары"), no_column(PLANS, "№ пары"))),
    Trouble("key-namesake", "info", MENTEES, 3, (to(MENTEES, "| 2 | Серова", TWIN.format(birth="2011-05-06").replace("| Орлова Мария Петровна | учитель – ученик ", "| | ")),)),
    Trouble("key-two-organisations", "info", "school-2/Наставляемые", 2,
        (to("school-2/Наставляемые", "Власов Егор Ильич | 2009-01-01", "Белов Артём Ильич | 2010-05-06"),
         to("school-2/Пары", "Власов Егор Ильич", "Белов Артём Ильич")), echoes=frozenset({"school-1/Наставляемые"})),
    Trouble("key-enterprise", "warning", FIRMS, 3,
        (to(FIRMS, "| Рыбин Семён Львович |", '| Рыбин Семён Львович |\n| Заря | "7707083893" | | 14 | 2023-09-01 | |'),)),
    # references
    Trouble("ref-unknown", "error", PAIRS, 2, (to(PAIRS, "Белов Артём", "Бюлов Артём"),)),
    Trouble("ref-unknown", "warning", FIRMS, 2, (to(FIRMS, "Рыбин Семён Львович", "Рыбин Семён Львович; Ухов Ким Ильич"),)),
    Trouble("ref-unknown", "warning", "school-1/Обучение", 2, (to("school-1/Обучение", "Орлова Мария", "Орлвоа Мария"),)),
    Trouble("ref-unknown", "warning", NETWORK, 2, (to(NETWORK, "Жукова", "Жюкова"),)),
    Trouble("ref-initials", "info", PAIRS, 2, (to(PAIRS, "Белов Артём Ильич", "Белов А.И."),)),
    Trouble("ref-ambiguous", "warning", PAIRS, 2, (to(MENTEES, "| 2 | Серова", TWIN.format(birth="2011-05-06")),)),
    Trouble("ref-ambiguous-initials", "warning", PAIRS, 2, (to(PAIRS, "Белов Артём Ильич", "Белов А.И."),
        to(MENTEES, "| 2 | Серова", SPARE.replace("Лосев Ян Ильич", "Белов Антон Ильич") + "\n| 2 | Серова"))),
    # pairs
    Trouble("pair-same-person", "error", PAIRS, 2, (to(PAIRS, "Орлова Мария Петровна | Белов Артём Ильич", "Орлова Мария Петровна | Орлова Мария Петровна"),)),
    Trouble("pair-order-old", "warning", PAIRS, 2, (to(PAIRS, "71-ОД | 2023-09-15", "71-ОД | 2022-09-15"),)),
    Trouble("pair-no-order", "warning", PAIRS, 2, (to(PAIRS, "71-ОД | 2023-09-15", " | 2023-09-15"),)),
    Trouble("pair-dates", "error", PAIRS, 2, (to(PAIRS, "2024-05-24", "2023-05-24"),)),
    Trouble("pair-duplicate", "error", PAIRS, 3, (to(PAIRS, "| П-2 |", FIRST + "\n| П-2 |"),)),
    Trouble("pair-two-mentors", "warning", PAIRS, 3, (to(PAIRS, "| П-2 |", SECOND_PAIR + "\n| П-2 |"),)),
    Trouble("pair-both-roles", "info", PAIRS, 6,
        (to(MENTEES, "| 2 | Серова", "| 7 | Орлова Мария Петровна | педагог | 1980-02-14 | | учитель | 20 | 8 (914) 000-00-03 | | опыт | 2023-09-05 | | | | | | 2023-09-01 | в паре |\n| 2 | Серова"),
         to(PAIRS, "Жукова Нина Олеговна | учитель – учитель | 71-ОД | 2023-09-15 | 2023-09-18 | 2024-05-24 | Мохов Олег Ильич | действует |",
            "Жукова Нина Олеговна | учитель – учитель | 71-ОД | 2023-09-15 | 2023-09-18 | 2024-05-24 | Мохов Олег Ильич | действует |\n"
            "| П-5 | Панов Глеб Олегович | Орлова Мария Петровна | учитель – учитель | 71-ОД | 2023-12-01 | 2023-12-04 | 2024-05-24 | Мохов Олег Ильич | действует |"))),
    Trouble("pair-form", "warning", PAIRS, 2, (to(PAIRS, "Белов Артём Ильич | учитель – ученик", "Белов Артём Ильич | работодатель – ученик"),)),
    Trouble("pair-mentor-younger", "info", PAIRS, 4, (to(MENTEES, "2011-07-08 | 6А", "2006-07-08 | 11А"),)),
    Trouble("pair-load", "warning", PAIRS, 7, (to(PAIRS, "| П-2 |", SIX + "\n| П-2 |"), to(MENTEES, "| 2 | Серова", SIX_MENTEES + "\n| 2 | Серова"))),
    Trouble("pair-organisation", "error", PAIRS, 5, as_network("Ершова Инна Глебовна", "учитель – учитель")),
    Trouble("pair-organisation", "warning", PAIRS, 5,
        (to(MENTORS, "8 (914) 000-00-04 | МБОУ «Средняя школа № 1»", "8 (914) 000-00-04 | МБОУ «Лицей „Созвездие“»"),
         to(MENTEES, "учитель – учитель | МБОУ «Средняя школа № 1»", "учитель – учитель | "))),
    Trouble("pair-base-disagrees", "warning", MENTEES, 2, (to(MENTEES, "| Орлова Мария Петровна |", "| Панов Глеб Олегович |"),)),
    Trouble("pair-base-disagrees", "warning", MENTEES, 2, (to(MENTEES, "учитель – ученик | МБОУ «Средняя школа № 1»", "учитель – ученик | ООО «Заря»"),)),
    Trouble("pair-base-disagrees", "warning", MENTORS, 2, (to(MENTORS, "| Белов Артём Ильич |", "| Климов Пётр Ильич |"),)),
    Trouble("pair-base-disagrees", "warning", MENTORS, 2, (to(MENTORS, "учитель – ученик | МБОУ «Средняя школа № 1»", "учитель – ученик | МБОУ «Лицей „Созвездие“»"),)),
    Trouble("pair-form-no-curator", "warning", CURATORS, None, (to(CURATORS, "все формы", "ученик – ученик, учитель – ученик, учитель – учитель"),)),
    Trouble("pair-no-coordinator", "warning", "school-1/None", None, (no_sheet(CURATORS), no_column(PAIRS, "Куратор"))),
    Trouble("pair-no-meetings", "warning", PAIRS, 5, (to(MEETINGS, "2023-11-09", "2023-10-05"),)),
    Trouble("pair-no-meetings", "warning", PAIRS, 5, (to(MEETINGS, "2023-11-09", "2023-11-24"),)),
    Trouble("pair-member-left", "warning", MENTORS, 2, (to(MENTORS, "2023-09-01 | | Белов", "2023-09-01 | 2023-11-01 | Белов"),)),
    Trouble("pair-mentor-age", "warning", MENTORS, 5, (to(MENTORS, "2007-05-17 | 10А", "2011-05-17 | 6А"),)),
    Trouble("pair-network-experience", "error", NETWORK, 2, (to("school-2/Наставники", "учитель | 20", "учитель | 2"),)),
    Trouble("pair-network-order", "error", NETWORK, 2, (to(NETWORK, "04.09.2023", "04.09.2022"),)),
    Trouble("pair-network-order", "error", PAIRS, 5, (*as_network("Дроздов Илья Сергеевич"), to(PAIRS, "Жукова Нина Олеговна | сетевое наставничество | 71-ОД | 2023-09-15 | 2023-09-18 | 2024-05-24",
        "Жукова Нина Олеговна | сетевое наставничество | 71-ОД | 2023-09-15 | 2023-09-18 | 2024-12-24"))),
    Trouble("pair-network-direction", "warning", NETWORK, 3, (to(NETWORK, "| 2 | Химия", "| 2 | Физика"),)),
    # meetings
    Trouble("meeting-outside-period", "error", MEETINGS, 5, (to(MEETINGS, "2023-10-18", "2022-10-18"),)),
    Trouble("meeting-future", "error", MEETINGS, 5, (to(MEETINGS, "2023-10-18", "2024-10-18"),)),
    Trouble("meeting-before-order", "warning", MEETINGS, 2, (to(PAIRS, "71-ОД | 2023-09-15", "71-ОД | 2023-11-15"),)),
    Trouble("meeting-no-pair", "error", MEETINGS, 5, (to(MEETINGS, "2023-10-18 | П-1 | Орлова Мария Петровна | Белов Артём", "2023-10-18 | | Орлова Мария Петровна | Климов Пётр"),)),
    Trouble("meeting-pair-disagrees", "warning", MEETINGS, 5, (to(MEETINGS, "2023-10-18 | П-1", "2023-10-18 | П-2"),)),
    Trouble("meeting-order", "warning", MEETINGS, 2, (to(MEETINGS, "первая, организационная | Знакомство", "регулярная | Знакомство"),)),
    Trouble("meeting-stage-skipped", "warning", MEETINGS, 5, (to(MEETINGS, "| 2023-10-04 | П-1 | Орлова Мария Петровна | Белов Артём Ильич | встреча-планирование", "| 2023-10-25 | П-1 | Орлова Мария Петровна | Белов Артём Ильич | регулярная"),)),
    Trouble("meeting-stage-repeated", "warning", MEETINGS, 5, (to(MEETINGS, "| регулярная | Дроби", "| первая, организационная | Дроби"),)),
    Trouble("meeting-after-final", "warning", MEETINGS, 14, (to(MEETINGS, "2023-11-10", "2023-12-09"), to(MEETINGS, "| 2023-10-13 |", "| 2023-10-20 | П-3 | Титов Марк Олегович | Климов Пётр Ильич | регулярная | Прогулка | 45 |\n| 2023-10-13 |"))),
    Trouble("meeting-day-off", "info", MEETINGS, 5, (to(MEETINGS, "2023-10-18", "2023-10-22"),)),
    # consents
    Trouble("consent-missing", "error", MENTEES, 2, (to(MENTEES, "нет | 2023-09-04 | в паре", "нет | | в паре"), UNCONSENTED)),
    Trouble("consent-not-kept", "warning", "school-1/None", None, (no_sheet(CONSENTS), no_column(MENTORS, "Согласие на обработку ПДн"), no_column(MENTEES, "Согласие на обработку ПДн"))),
    Trouble("consent-refused", "error", MENTEES, 2, (to(MENTEES, "нет | 2023-09-04 | в паре", "нет | нет | в паре"), UNCONSENTED)),
    Trouble("consent-revoked", "error", CONSENTS, 2, (to(CONSENTS, "родитель | 2023-09-04 | |", "родитель | 2023-09-04 | | 2023-11-01"),)),
    Trouble("consent-late", "error", CONSENTS, 2, (to(CONSENTS, "родитель | 2023-09-04", "родитель | 2023-11-04"), to(MENTEES, "нет | 2023-09-04 | в паре", "нет | да | в паре"))),
    Trouble("consent-own-needed", "warning", CONSENTS, 3, (to(MENTORS, "2007-05-17 | 10А", "2005-10-17 | 11А"),)),
    Trouble("consent-signed-by", "error", CONSENTS, 2, (to(CONSENTS, "родитель | 2023-09-04", "сам | 2023-09-04"),)),
    Trouble("consent-signed-by", "warning", CONSENTS, 4, (to(CONSENTS, "сам | 2023-09-04", "родитель | 2023-09-04"),)),
    Trouble("consent-expired", "warning", CONSENTS, 2, (to(CONSENTS, "родитель | 2023-09-04 | |", "родитель | 2023-09-04 | 2023-11-01 |"), to(MENTEES, "нет | 2023-09-04 | в паре", "нет | | в паре"))),
    Trouble("consent-expired", "error", CONSENTS, 2, (to(CONSENTS, "родитель | 2023-09-04 | |", "родитель | 2022-09-04 | 2023-08-31 |"), to(MENTEES, "нет | 2023-09-04 | в паре", "нет | | в паре"))),
    Trouble("cell-required", "warning", CONSENTS, 2, (to(CONSENTS, "родитель | 2023-09-04", "родитель | "),)),
    # plans, marks, questionnaires, passport, road map
    Trouble("plan-total", "warning", MARKS, 2, (to(MARKS, "| 16 |", "| 14 |"),)),
    Trouble("plan-total", "warning", MARKS, 2, (to(MARKS, "| 16 |", "| 19 |"),)),
    Trouble("cell-range", "warning", MARKS, 2, (to(MARKS, "| 1 | 16 |", "| 1 | 19 |"), to(MARKS, "| 2 | 2 | 2 | 1 | 19", "| - | 2 | 2 | 1 | 19")), echoes=frozenset({"plan-marks"})),
    Trouble("plan-level", "warning", MARKS, 2, (to(MARKS, "оптимальный", "допустимый"),)),
    Trouble("plan-marks", "warning", MARKS, 2, (to(MARKS, "| 2 | 2 | 2 | 2 | 1", "|  | 2 | 2 | 2 | 1"),)),
    Trouble("plan-marks", "info", IN_ROWS, 8, (one_more(TICKS), to(IN_ROWS, "партнеров | v | | |", "партнеров | - | - | - |"))),
    Trouble("plan-marks", "warning", IN_ROWS, 8, (one_more(TICKS), to(IN_ROWS, "партнеров | v |", "партнеров | |"))),
    Trouble("plan-marks", "warning", IN_ROWS, 6, (one_more(TICKS), to(IN_ROWS, "деятельности | v |", "деятельности | |"))),
    Trouble("plan-marks", "warning", IN_ROWS, 6, (one_more(TICKS), to(IN_ROWS, "деятельности | v | |", "деятельности | v | v |"))),
    Trouble("plan-missing", "info", PAIRS, 2, (to(PLANS, "| П-1 | Орлова Мария Петровна | Белов Артём Ильич | пробелы | учитель – ученик | экзамен | повторить | оценка | сентябрь 2023 – май 2024 |\n", ""),)),
    Trouble("questionnaire-respondent", "warning", SURVEY, 2, (to(SURVEY, "Климов", "Клямов"),)),
    Trouble("questionnaire-repeated", "warning", SURVEY, 2, (to(SURVEY, "| 9 | 9 | 10 |", "| 9 | 9 | 10 |\n| 2023-12-11 | Климов Пётр Ильич | наставляемый | ученик – ученик | после | 8 | 9 | 10 |"),)),
    Trouble("questionnaire-time", "warning", SURVEY, 2, (to(SURVEY, "2023-12-09", "2023-11-09"),)),
    Trouble("questionnaire-exit-missing", "warning", PAIRS, 4, (to(SURVEY, "2023-12-09 | Климов Пётр Ильич | наставляемый | ученик – ученик", "2023-12-09 | Белов Артём Ильич | наставляемый | учитель – ученик"),)),
    Trouble("questionnaire-exit-missing", "warning", MENTEES, 5, (to(MENTEES, "учитель – учитель | МБОУ «Средняя школа № 1» | нет", "учитель – учитель | МБОУ «Средняя школа № 1» | да"), to(MENTEES, "методика | 2023-09-05 | |", "методика | 2023-09-05 | 2023-12-20 |"))),
    Trouble("profile-order", "error", BASE, 2, (to(BASE, "| 60 | 30 |", "| 600 | 30 |"),)),
    Trouble("profile-categories", "warning", BASE, 2, (to(BASE, "| 60 | 30 |", "| 60 | 80 |"),)),
    Trouble("profile-young", "warning", BASE, 2, (to(BASE, "| 40 | 5 |", "| 40 | 0 |"),)),
    Trouble("profile-missing", "info", "school-2/None", None, (no_sheet("school-2/Паспорт"),)),
    Trouble("profile-missing", "info", BASE, 2, (to(BASE, "2023-2024 | 2023-12-20", "2022-2023 | 2022-12-20"),)),
    Trouble("profile-year", "warning", BASE, 2, (to(BASE, "2023-2024", "2022-2023"),)),
    Trouble("period-dates", "warning", BASE, 2, (to(BASE, "2023-12-20", "2032-12-20"),)),
    Trouble("roadmap-before-plan", "warning", ROADMAP, 3, (to(ROADMAP, "октябрь 2023", "октябрь 2021"),)),
    Trouble("roadmap-done", "warning", ROADMAP, 2, (to(ROADMAP, "| Приказ 70-ОД |", "| |"),)),
    Trouble("roadmap-done", "warning", ROADMAP, 3, (to(ROADMAP, "| выполнено | 2023-10-01", "| выполнено | 2032-10-01"),)),
    Trouble("roadmap-overdue", "info", ROADMAP, 4, (to(ROADMAP, "| выполнено | 2023-11-20 | Программа |", "| в работе | | |"),)),
    Trouble("period-dates", "warning", MENTEES, 4, (to(MENTEES, "| 2023-09-05 | 2023-12-10 |", "| 2023-09-05 | 2023-05-10 |"),)),
]  # fmt: skip


# Codes of files and of what no drawing can show: how each is brought about.
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(200)
ONE = sheet_xml(row_xml("<c><v>1</v></c>"))
FILES: dict[str, tuple[str, bytes]] = {
    "file-unreadable": ("а.xlsx", xlsx({"Л": ONE})[:200]),
    "file-encrypted": ("а.xlsx", compound({"EncryptionInfo": b"x", "EncryptedPackage": b"x"})),
    "file-empty": ("а.xlsx", b""),
    "file-too-large": ("а.csv", b"a;b\n" * 600_000),
    "file-not-a-workbook": ("а.xlsx", PICTURE),
    "file-encoding": ("а.csv", bytes(range(1, 256)) * 3),
    "sheet-hidden": ("а.xlsx", xlsx({"Л": ONE, "Черновик": ONE}, states={"Черновик": "hidden"})),
}

# Codes that need more than a drawing; the file named says them of what it draws.
ELSEWHERE = {
    "file-locked": "test_sources_listing.py",
    "file-changed": "test_sources_bad_input.py",
    "rule-failed": "test_rules_running.py",
}


def test_nothing_is_said_of_a_district_in_order() -> None:
    assert issues_of_district(CLEAN) == []


def drawing_of(trouble: Trouble) -> str:
    drawing = CLEAN
    for edit in trouble.edits:
        drawing = edit(drawing)
    return drawing


@cache
def said_of_each() -> dict[Trouble, list[Issue]]:
    """What is said of the clean district with each trouble: a district of its own for every one."""
    said: dict[Trouble, list[Issue]] = {}
    for as_of in {trouble.as_of for trouble in TROUBLES}:
        troubles = [trouble for trouble in TROUBLES if trouble.as_of == as_of]
        said |= zip(troubles, issues_of_districts([drawing_of(trouble) for trouble in troubles], as_of), strict=True)
    return said


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: f"{trouble.code}@{trouble.place}")
def test_one_trouble_one_finding(trouble: Trouble) -> None:
    """Code, severity, sheet and row; nothing else is called wrong because of it."""
    place = lambda issue: f"{issue.at.organisation}/{issue.at.sheet}"  # noqa: E731
    said = [
        (issue.code, issue.severity, place(issue), issue.at.row)
        for issue in said_of_each()[trouble]
        if (issue.severity != "info" or issue.code == trouble.code) and not {issue.code, place(issue)} & trouble.echoes
    ]
    assert said == [(trouble.code, trouble.severity, trouble.place, trouble.row)]


def test_many_districts_in_one_store_are_strangers() -> None:
    """Judged together, a hundred districts in order have as little to be said of them as one."""
    assert issues_of_districts([CLEAN] * 100) == [[]] * 100


def test_a_network_pair_may_have_a_mentor_of_another_organisation() -> None:
    """R11: nothing is said of it, though the mentor is in no base of the school."""
    drawing = CLEAN
    for edit in as_network("Дроздов Илья Сергеевич"):
        drawing = edit(drawing)
    assert issues_of_district(drawing) == []


def test_many_rows_of_one_cause_are_said_once() -> None:
    """A pair that was left out of «Пары»: its journal is one finding, with the number of rows."""
    drawing = edited(CLEAN, PAIRS, FIRST + "\n", "")
    found = [issue for issue in issues_of_district(drawing) if issue.severity != "info"]
    assert [(issue.code, issue.severity, issue.at.sheet, issue.at.row) for issue in found] == [
        ("ref-unknown", "error", "Встречи", 2)
    ]
    assert dict(found[0].params)["count"] == "6"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("| 2023-09-01 | 2023-09-01 |\n| 2 ", "| 2023-09-01 | |\n| 2 ", "labour_consent"),
        ("Согласие работника |", "Допсоглашение |", "addendum"),
    ],
)
def test_labour_law_of_2025(old: str, new: str, field: str) -> None:
    """From 1 March 2025 an employee's consent and an addendum are asked for, once a row; not before."""
    drawing = edited(CLEAN, MENTORS, old, new)
    if field == "addendum":
        drawing = edited(drawing, MENTORS, "| 2023-09-01 | 2023-09-01 |\n| 2 ", "| 2023-09-01 | |\n| 2 ")
    said = [
        (issue.code, issue.at.row, issue.at.field)
        for issue in issues_of_district(drawing, date(2025, 3, 1))
        if issue.at.sheet == "Наставники" and issue.code == "cell-required"
    ]
    assert said == [("cell-required", 2, field)]
    assert issues_of_district(drawing, date(2023, 12, 20)) == []


@pytest.mark.parametrize("code", sorted(FILES))
def test_one_file_one_finding(tmp_path: Path, code: str) -> None:
    """A file that cannot be read says so once, of the file; a hidden sheet is told too."""
    name, content = FILES[code]
    (tmp_path / name).write_bytes(content)
    (ref,) = Excel(tmp_path / name).list().workbooks
    issues = read_workbook(ref, Bounds(file_bytes=1_000_000)).issues
    assert [issue.code for issue in issues] == [code]


def test_every_code_has_its_trouble(project: Path) -> None:
    """What the catalogue says, some test draws: here, or in the file named."""
    drawn = {trouble.code for trouble in TROUBLES}
    assert drawn | FILES.keys() | ELSEWHERE.keys() == RU.entries.keys()
    for code, file in ELSEWHERE.items():
        assert f'"{code}"' in (project / "tests" / file).read_text(encoding="utf-8"), code
