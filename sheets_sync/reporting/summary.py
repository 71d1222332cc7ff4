"""The monitoring summary of a period, «Мониторинг», of the district or one organisation: its words, and it as Markdown.

Holds counts only, no names of people. What each line says is computed once here, for the workbook too
(``monitoring_book.py``); the Markdown's words stand in ``reports/monitoring.md.j2``, which a district may replace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sheets_sync.reporting.counters import Counters, add_up
from sheets_sync.reporting.figures import Figure, Figures
from sheets_sync.reporting.indicator import Indicator, Indicators
from sheets_sync.reporting.settings import ReportSettings
from sheets_sync.reporting.template import render
from sheets_sync.reporting.wording import (
    FLAG_WORDS,
    FORM_WORDS,
    PAIR_STATUS_PLURAL,
    STATUS_WORDS,
    by_name,
    counted,
    decimal,
    form_of,
    listed,
    percent,
    points,
    share,
    shortest,
    whole,
)
from sheets_sync.reporting.wording import day as day_words

TEMPLATE = "monitoring.md.j2"
STAGE_WORDS = {
    "org": "первая, организационная",
    "trial": "вторая, пробная рабочая",
    "planning": "встреча-планирование",
    "regular": "регулярные встречи",
    "final": "заключительная",
}


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything a monitoring summary is made of. ``organisation`` None: the district's; ``names``: id → name."""

    figures: Figures
    indicators: Indicators
    counters: Mapping[str, Counters]
    settings: ReportSettings
    names: Mapping[str, str]
    organisation: str | None = None

    @property
    def title(self) -> str:
        """«Мониторинг реализации целевой модели наставничества за I полугодие …»."""
        return f"Мониторинг реализации целевой модели наставничества за {self.figures.period.title_ru}"

    @property
    def whose(self) -> str:
        """Name of the district or of the organisation; may be empty for a district without a name."""
        if self.organisation is None:
            return self.settings.district_name
        return self.name(self.organisation)

    @property
    def organisations(self) -> list[str]:
        """Ids of the organisations the summary speaks of, in the order of their names."""
        ids = [name for name in self.figures.organisations if self.organisation in (None, name)]
        return sorted(ids, key=lambda name: (by_name(self.name(name)), name))

    def name(self, organisation: str) -> str:
        """Name of an organisation, its id where none is known."""
        return self.names.get(organisation) or organisation

    def counter(self) -> Counters:
        """Counters of all the organisations together."""
        return add_up([self.counters[name] for name in self.organisations if name in self.counters])


# --- the words of one figure ---


def status_words(figure: Figure) -> str:
    """«достигнут», with «требует проверки» after it where so."""
    words = STATUS_WORDS[figure.status]
    return f"{words}, {FLAG_WORDS[figure.flag]}" if figure.flag else words


def reason(indicator: Indicator, figure: Figure) -> str:
    """Why a figure has no value, or is to be checked, and what to do about it; "" where nothing is to be said."""
    if figure.flag:
        return (
            f"Вошедших {whole(figure.numerator or 0)}, а в знаменателе {whole(figure.denominator or 0)}: доля больше "
            "100 %. Проверьте число в паспорте: в показатель входят обучающиеся всех категорий."
        )
    if figure.status == "no_data":
        if indicator.scope == "district":
            return "Доля считается только по району: сколько предприятий на территории, знает район."
        if indicator.respondents is not None and figure.numerator is None:
            return "Итоговых анкет на эту дату нет."
        return f"Не указан знаменатель: {indicator.denominator_ru}."
    if figure.status == "not_applicable":
        return "Числитель и знаменатель равны нулю: таких участников в организации нет."
    if figure.status == "data_error":
        above, below = figure.numerator or 0, figure.denominator or 0
        if below == 0:
            return f"В паспорте указан 0, а участников {whole(above)}: уточните паспорт."
        if above > below:
            return f"Участников ({whole(above)}) больше, чем указано в паспорте ({whole(below)}): уточните паспорт."
        return "Число в паспорте не согласуется с другими числами паспорта: посмотрите файл «Проверка»."
    return ""


def district_reason(indicator: Indicator, figure: Figure, settings: ReportSettings, year: int) -> str:
    """Why the district's figure has no value; "" where it has one."""
    if figure.is_shown and not figure.flag:
        return ""
    if indicator.scope == "district" and figure.status == "no_data":
        return f"В настройках района не указано число предприятий на {year} год (enterprises)."
    if not figure.counted and figure.left_out:
        return "Ни у одной организации нет значения, которое можно сложить."
    return reason(indicator, figure)


def coverage(figure: Figure) -> str:
    """«по 4 из 6 ОО»; "" for figures that are not sums over organisations."""
    if figure.counted is None:
        return ""
    return f"по {len(figure.counted)} из {len(figure.counted) + len(figure.left_out or {})} ОО"


def sentence(indicator: Indicator, figure: Figure) -> str:
    """«54,5 % (60 из 110) при плановом значении 55 %, отклонение −0,5 п.п.; показатель не достигнут»."""
    if not figure.is_shown or figure.value is None:
        numbers = ""
        if figure.numerator is not None and figure.denominator is not None:
            numbers = f" ({whole(figure.numerator)} из {whole(figure.denominator)})"
        elif figure.numerator is not None and indicator.scope == "district":
            numbers = f" ({counted(figure.numerator, 'предприятие', 'предприятия', 'предприятий')})"
        return f"{STATUS_WORDS[figure.status]}{numbers}"
    text = f"{percent(figure.value)} ({whole(figure.numerator or 0)} из {whole(figure.denominator or 0)})"
    if figure.target is None:
        return f"{text}; целевое значение не установлено" + (f", {FLAG_WORDS[figure.flag]}" if figure.flag else "")
    text += f" при плановом значении {shortest(figure.target)}\u00a0%"
    text += f", отклонение {points(figure.deviation or 0)}; показатель {status_words(figure)}"
    return text


# --- words of the book and the note ---


def asked_words(figure: Figure) -> str:
    """«Ответили 12 человек; среди ответивших довольны 75,0 %.»; "" where nobody was asked."""
    if not figure.respondents or figure.share_of_respondents is None:
        return ""
    return (
        f"{form_of(figure.respondents, 'Ответил', 'Ответили', 'Ответили')} "
        f"{counted(figure.respondents, 'человек', 'человека', 'человек')}; "
        f"среди ответивших довольны {percent(figure.share_of_respondents)}."
    )


def left_out_words(summary: Summary, figure: Figure) -> str:
    """«Сад № 4 – нет данных; СОШ № 2 – ошибка данных»."""
    return "; ".join(f"{one['name']} – {one['status']}" for one in _left_out_lines(summary, figure))


def _left_out_lines(summary: Summary, figure: Figure) -> list[dict[str, str]]:
    left_out = figure.left_out or {}
    return [
        {"name": summary.name(name), "status": STATUS_WORDS[left_out[name]]}
        for name in summary.organisations
        if name in left_out
    ]


def own_number(summary: Summary, figure: Figure) -> str | None:
    """The number an organisation shows where only the district has a share; None where it has one of its own."""
    is_own = summary.indicators.by_id(figure.id).scope == "district" and figure.counted is None
    return whole(figure.numerator) if is_own and figure.numerator is not None else None


def _instead(summary: Summary, figure: Figure) -> str:
    """What stands where there is no value: the number alone where only the district has a share, else the status."""
    return own_number(summary, figure) or STATUS_WORDS[figure.status]


def in_order(found: Mapping[str, int], order: Mapping[str, str]) -> list[str]:
    """Keys found, in the order of a dictionary of words, unknown ones last."""
    return [key for key in order if key in found] + sorted(key for key in found if key not in order)


def trained_share(counters: Counters) -> float | None:
    """Share of trained mentors where training is recorded, per cent; None when nothing is known or nobody is there."""
    if counters.trained is None or not counters.trained_of:
        return None
    return share(counters.trained, counters.trained_of)


COUNT_WORDS = {
    "mentors": "Наставники в базе",
    "mentees": "Наставляемые в базе",
    "mentees_pupils": "из них обучающиеся",
    "pairs_counted": "Строки пар по приказу (всего на дату)",
    "pairs_running": "из них действуют на дату",
    "unmatched": "Наставляемые без пары",
    "meetings": "Встречи в журналах",
    "curators": "Координаторы и кураторы",
}


def missing_lines(summary: Summary) -> Iterator[tuple[Indicator, str, Figure, str]]:
    """Every figure of an organisation that has no value or is to be checked, and why."""
    for indicator in summary.indicators.all:
        if indicator.scope == "district":
            continue
        for organisation in summary.organisations:
            figure = summary.figures.of(organisation, indicator.id)
            why = reason(indicator, figure)
            if why:
                yield indicator, organisation, figure, why


def target_words(indicator: Indicator, summary: Summary) -> str:
    """«70 % на 2024 год; источник: …»."""
    year = summary.figures.period.year
    configured = summary.settings.targets.get(indicator.id, {})
    if year in configured:
        return f"{shortest(configured[year])}\u00a0% на {year} год; источник: настройки района"
    if year in indicator.targets:
        return f"{shortest(indicator.targets[year])}\u00a0% на {year} год; источник: {indicator.targets_source}"
    return f"на {year} год не установлено"


def explanations(summary: Summary) -> list[str]:
    """How the figures were made, sentence by sentence: thresholds and readings in force."""
    settings, period = summary.settings, summary.figures.period
    lines = [
        f"Все числа – по состоянию на {day_words(period.as_of)}: учтено только то, что датировано не позже этого дня.",
        f"Вошедшими считаются участники пар, закреплённых приказом и действовавших с {day_words(period.start_of_year)} "
        f"по {day_words(period.as_of)}. Каждый человек считается один раз.",
        f"Возраст – полных лет на {day_words(period.as_of)}; если указан только год рождения – возраст, которого "
        "человек достигает в этом году.",
        f"Молодой специалист – стаж не больше {years(settings.young_specialist_years)}.",
        f"Доволен программой – средний балл за совместную работу и за результат не ниже {shortest(settings.satisfied)} "
        "из 10.",
        f"Значение сравнивается с целью на {period.year} год, отклонение указано в процентных пунктах.",
        "«Нет данных» – не указан знаменатель или нет анкет; «не применимо» – и числитель, и знаменатель равны нулю; "
        "«ошибка данных» – числа противоречат друг другу. Такие организации в сумму по району не входят.",
    ]
    if settings.restrict_to_categories:
        lines.append("В I1 учтены только обучающиеся шести категорий (настройка restrict_to_categories).")
    return lines


def years(number: float) -> str:
    """«1 года», «3 лет», «2,5 лет»: years after «не больше»."""
    if float(number).is_integer():
        return f"{whole(number)}\u00a0{form_of(int(number), 'года', 'лет', 'лет')}"
    return f"{decimal(number)}\u00a0лет"


# --- Мониторинг.md ---


def monitoring_markdown(summary: Summary, folders: Sequence[Path]) -> str:
    """The summary as Markdown, by the template of these ``reports/`` folders. Raises ConfigError with its line."""
    return render(TEMPLATE, folders, _context(summary), _filters())


@cache
def _filters() -> dict[str, Callable[..., Any]]:
    return {
        "md": markdown_text,
        "percent": percent,
        "points": points,
        "whole": whole,
        "decimal": decimal,
        "shortest": shortest,
        "day": day_words,
        "counted": counted,
        "form_of": form_of,
        "listed": listed,
    }


def markdown_text(value: object) -> str:
    """Text that Markdown shows as it is, in one line: nothing in it becomes a heading, a link, a border or HTML."""
    text = " ".join(str(value).split(" ")).replace("\n", " ").replace("\r", " ")
    return "".join("\\" + character if character in "\\`*_{}[]<>#|~" else character for character in text)


def _context(summary: Summary) -> dict[str, Any]:
    is_district = summary.organisation is None
    main = summary.figures.district if is_district else summary.figures.organisations[summary.organisations[0]]
    counters = summary.counter()
    own_counts = [summary.figures.counts[name] for name in summary.organisations]
    lines = []
    for indicator, figure in zip(summary.indicators.all, main, strict=True):
        why = (
            district_reason(indicator, figure, summary.settings, summary.figures.period.year)
            if is_district
            else reason(indicator, figure)
        )
        lines.append(
            {
                "id": indicator.id,
                "title": indicator.title_ru,
                "figure": figure,
                "sentence": sentence(indicator, figure),
                "status": status_words(figure),
                "coverage": coverage(figure) if is_district and indicator.scope != "district" else "",
                "asked": asked_words(figure),
                "why": why,
                "left_out": _left_out_lines(summary, figure),
            }
        )
    return {
        "title": summary.title,
        "whose": summary.whose,
        "district": is_district,
        "period": summary.figures.period,
        "indicators": lines,
        "organisations": [
            {
                "name": summary.name(name),
                "cells": [
                    percent(figure.value) if figure.value is not None else _instead(summary, figure)
                    for figure in summary.figures.organisations[name]
                ],
                "counts": summary.figures.counts[name],
            }
            for name in summary.organisations
        ],
        "counts": {key: sum(counts[key] for counts in own_counts) for key in COUNT_WORDS},
        "counters": counters,
        "forms": [(FORM_WORDS.get(one, one), counters.by_form[one]) for one in in_order(counters.by_form, FORM_WORDS)],
        "states": [
            (PAIR_STATUS_PLURAL[one], counters.by_state[one]) for one in in_order(counters.by_state, PAIR_STATUS_PLURAL)
        ],
        "trained_share": trained_share(counters),
        "missing": [
            {
                "id": one.id,
                "title": one.title_ru,
                "name": summary.name(name),
                "status": status_words(figure),
                "why": why,
            }
            for one, name, figure, why in missing_lines(summary)
        ],
        "explanations": explanations(summary),
    }
