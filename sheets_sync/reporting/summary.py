"""The monitoring summary of a period, «Мониторинг»: of the district or one organisation, as a Book and as Markdown.

Holds counts only, no names of people. What each line says is computed once here; the Markdown's words stand in
``reports/monitoring.md.j2``, which a district may replace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any, NamedTuple

from sheets_sync.errors import ConfigError
from sheets_sync.reporting.counters import Counters, add_up
from sheets_sync.reporting.figures import Figure, Figures
from sheets_sync.reporting.indicator import Indicator, Indicators
from sheets_sync.reporting.page import Book, Column, Kind, PlainValue, Sheet, Tone
from sheets_sync.reporting.settings import ReportSettings
from sheets_sync.reporting.wording import (
    FLAG_WORDS,
    FORM_WORDS,
    PAIR_STATUS_PLURAL,
    STATUS_WORDS,
    by_name,
    counted,
    decimal,
    form_of,
    half_up,
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
_TONES: dict[str, Tone] = {
    "met": "good",
    "not_met": "bad",
    "no_target": "",
    "no_data": "muted",
    "not_applicable": "muted",
    "data_error": "warn",
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


# --- Мониторинг.xlsx ---


def monitoring_book(summary: Summary) -> Book:
    """Sheets «Показатели», «Показатели района», «По организациям», «Счётчики», «Нет данных», «Пояснения».

    For one organisation there are no district sheets. ``created`` is the as-of day, so equal input gives equal bytes.
    """
    sheets = [_indicator_sheet(summary)]
    if summary.organisation is None:
        sheets += [_district_sheet(summary), _matrix_sheet(summary)]
    sheets += [_counter_sheet(summary), _missing_sheet(summary), _explanation_sheet(summary)]
    created = datetime.combine(summary.figures.period.as_of, time())
    return Book(_book_title(summary), sheets, created)


def _book_title(summary: Summary) -> str:
    return f"{summary.title}. {summary.whose}" if summary.whose else summary.title


def _above(summary: Summary) -> tuple[PlainValue, ...]:
    return (summary.title, summary.whose) if summary.whose else (summary.title,)


_FIGURE_COLUMNS = (
    Column("Числитель", "integer", 11),
    Column("Знаменатель", "integer", 13),
    Column("Значение, %", "percent", 12),
    Column("Цель, %", "percent", 10),
    Column("Отклонение, п.п.", "number", 14, note="Значение минус целевое, в процентных пунктах"),
    Column("Статус", "text", 26),
)


def _cells(figure: Figure) -> tuple[PlainValue, ...]:
    return (
        figure.numerator,
        figure.denominator,
        figure.value,
        figure.target,
        figure.deviation,
        status_words(figure),
    )


def _tone(figure: Figure) -> Tone:
    return "warn" if figure.flag else _TONES[figure.status]


def _indicator_sheet(summary: Summary) -> Sheet:
    rows: list[tuple[PlainValue, ...]] = []
    tones: dict[tuple[int, int], Tone] = {}
    for indicator in summary.indicators.all:
        for organisation in summary.organisations:
            figure = summary.figures.of(organisation, indicator.id)
            tones[len(rows), 8] = _tone(figure)
            rows.append(
                (
                    indicator.id,
                    indicator.title_ru,
                    summary.name(organisation),
                    *_cells(figure),
                    reason(indicator, figure) or _asked(figure),
                )
            )
    return Sheet(
        "Показатели",
        (
            Column("Код", "text", 6),
            Column("Показатель", "text", 44, wrap=True),
            Column("Организация", "text", 30, wrap=True),
            *_FIGURE_COLUMNS,
            Column("Примечание", "text", 50, wrap=True),
        ),
        rows,
        above=_above(summary),
        cell_tones=tones,
        frozen_columns=3,
    )


def _asked(figure: Figure) -> str:
    if not figure.respondents or figure.share_of_respondents is None:
        return ""
    return (
        f"{form_of(figure.respondents, 'Ответил', 'Ответили', 'Ответили')} "
        f"{counted(figure.respondents, 'человек', 'человека', 'человек')}; "
        f"среди ответивших довольны {percent(figure.share_of_respondents)}."
    )


def _district_sheet(summary: Summary) -> Sheet:
    rows: list[tuple[PlainValue, ...]] = []
    tones: dict[tuple[int, int], Tone] = {}
    for indicator, figure in zip(summary.indicators.all, summary.figures.district, strict=True):
        tones[len(rows), 7] = _tone(figure)
        notes = [district_reason(indicator, figure, summary.settings, summary.figures.period.year), _asked(figure)]
        if figure.left_out:
            notes.append(f"Не вошли: {_left_out(summary, figure)}.")
        rows.append(
            (
                indicator.id,
                indicator.title_ru,
                *_cells(figure),
                coverage(figure),
                " ".join(note for note in notes if note),
            )
        )
    return Sheet(
        "Показатели района",
        (
            Column("Код", "text", 6),
            Column("Показатель", "text", 50, wrap=True),
            *_FIGURE_COLUMNS,
            Column("Охват", "text", 16),
            Column("Примечание", "text", 60, wrap=True),
        ),
        rows,
        above=_above(summary),
        cell_tones=tones,
        frozen_columns=2,
    )


def _left_out(summary: Summary, figure: Figure) -> str:
    return "; ".join(f"{one['name']} – {one['status']}" for one in _left_out_lines(summary, figure))


def _left_out_lines(summary: Summary, figure: Figure) -> list[dict[str, str]]:
    left_out = figure.left_out or {}
    return [
        {"name": summary.name(name), "status": STATUS_WORDS[left_out[name]]}
        for name in summary.organisations
        if name in left_out
    ]


def _matrix_sheet(summary: Summary) -> Sheet:
    """One line per organisation, one column per indicator: the value, or why there is none."""
    rows: list[tuple[PlainValue, ...]] = []
    tones: dict[tuple[int, int], Tone] = {}

    def shown(figure: Figure) -> PlainValue:
        return figure.value if figure.value is not None else _instead(summary, figure)

    for organisation in summary.organisations:
        own = summary.figures.organisations[organisation]
        for column, figure in enumerate(own, 1):
            tones[len(rows), column] = _tone(figure)
        rows.append((summary.name(organisation), *(shown(figure) for figure in own)))
    rows.append(("Район", *(shown(figure) for figure in summary.figures.district)))
    return Sheet(
        "По организациям",
        (
            Column("Организация", "text", 34, wrap=True),
            *(Column(_matrix_title(one), "percent", 14, note=one.title_ru) for one in summary.indicators.all),
        ),
        rows,
        above=_above(summary),
        tones={len(rows) - 1: "total"},
        cell_tones=tones,
        frozen_columns=1,
    )


def _matrix_title(indicator: Indicator) -> str:
    return f"{indicator.id}, число (район – %)" if indicator.scope == "district" else f"{indicator.id}, %"


def _instead(summary: Summary, figure: Figure) -> str:
    """What stands where there is no value: the number alone where only the district has a share, else the status."""
    is_own_number = summary.indicators.by_id(figure.id).scope == "district" and figure.counted is None
    if is_own_number and figure.numerator is not None:
        return whole(figure.numerator)
    return STATUS_WORDS[figure.status]


class _CounterColumn(NamedTuple):
    """One counter: its heading, the kind of its values, and where the value is found."""

    title: str
    kind: Kind
    value: Callable[[Counters], PlainValue]


def _counter_columns(together: Counters) -> list[_CounterColumn]:
    """Counters worth a column: forms, states and stages only where some pair has them."""

    def part(name: str, key: str) -> Callable[[Counters], PlainValue]:
        return lambda one: getattr(one, name).get(key, 0)

    def per_pair(one: Counters) -> PlainValue:
        average = one.meetings_per_pair
        return None if average is None else float(half_up(average))

    columns = [
        _CounterColumn("Пары (по приказу, в этом календарном году)", "integer", lambda one: one.pairs),
        _CounterColumn("Группы", "integer", lambda one: one.groups),
    ]
    columns += [
        _CounterColumn(f"по форме «{FORM_WORDS.get(form, form)}»", "integer", part("by_form", form))
        for form in _in_order(together.by_form, FORM_WORDS)
    ]
    columns += [
        _CounterColumn(f"на дату {PAIR_STATUS_PLURAL[state]}", "integer", part("by_state", state))
        for state in _in_order(together.by_state, PAIR_STATUS_PLURAL)
    ]
    columns += [
        _CounterColumn(f"дошли до этапа «{STAGE_WORDS[stage]}»", "integer", part("by_stage", stage))
        for stage in _in_order(together.by_stage, STAGE_WORDS)
    ]
    columns += [
        _CounterColumn("Проведено встреч", "integer", lambda one: one.held),
        _CounterColumn("Запланировано встреч", "integer", lambda one: one.planned),
        _CounterColumn("из запланированных проведено", "integer", lambda one: one.held_of_planned),
        _CounterColumn("Встреч на пару (группу) в среднем", "number", per_pair),
        _CounterColumn("Без встреч", "integer", lambda one: one.without_meetings),
        _CounterColumn("Без индивидуального плана", "integer", lambda one: one.without_plan),
        _CounterColumn("Без приказа (в показатели не входят)", "integer", lambda one: one.without_order),
        _CounterColumn("Наставники в парах", "integer", lambda one: one.mentors),
        _CounterColumn("из них прошли обучение", "integer", lambda one: one.trained),
        _CounterColumn("доля обученных, %", "percent", trained_share),
        _CounterColumn("Поощрения за год", "integer", lambda one: one.awards),
    ]
    return columns


def _in_order(found: Mapping[str, int], order: Mapping[str, str]) -> list[str]:
    return [key for key in order if key in found] + sorted(key for key in found if key not in order)


def trained_share(counters: Counters) -> float | None:
    """Share of trained mentors where training is recorded, per cent; None when nothing is known or nobody is there."""
    if counters.trained is None or not counters.trained_of:
        return None
    return share(counters.trained, counters.trained_of)


_COUNT_WORDS = {
    "mentors": "Наставники в базе",
    "mentees": "Наставляемые в базе",
    "mentees_pupils": "из них обучающиеся",
    "pairs_counted": "Строки пар по приказу (всего на дату)",
    "pairs_running": "из них действуют на дату",
    "unmatched": "Наставляемые без пары",
    "meetings": "Встречи в журналах",
    "curators": "Координаторы и кураторы",
}


def _counter_sheet(summary: Summary) -> Sheet:
    """One line per organisation, in a district the total below; «нет данных» where no such table is kept."""
    together = summary.counter()
    counter_columns = _counter_columns(together)

    def line(title: str, counts: Mapping[str, int], counters: Counters) -> tuple[PlainValue, ...]:
        values = (column.value(counters) for column in counter_columns)
        told = ("нет данных" if value is None else value for value in values)
        return (title, *(counts.get(key, 0) for key in _COUNT_WORDS), *told)

    rows = [
        line(summary.name(name), summary.figures.counts[name], summary.counters.get(name, Counters()))
        for name in summary.organisations
    ]
    tones: dict[int, Tone] = {}
    if summary.organisation is None:
        tones[len(rows)] = "total"
        rows.append(line("Район", summary.figures.district_counts, together))
    columns = (
        Column("Организация", "text", 30, wrap=True),
        *(Column(words, "integer", 13, wrap=True) for words in _COUNT_WORDS.values()),
        *(Column(column.title, column.kind, 14, wrap=True) for column in counter_columns),
    )
    return Sheet("Счётчики", columns, rows, above=_above(summary), tones=tones, frozen_columns=1)


def _missing_lines(summary: Summary) -> Iterator[tuple[Indicator, str, Figure, str]]:
    for indicator in summary.indicators.all:
        if indicator.scope == "district":
            continue
        for organisation in summary.organisations:
            figure = summary.figures.of(organisation, indicator.id)
            why = reason(indicator, figure)
            if why:
                yield indicator, organisation, figure, why


def _missing_sheet(summary: Summary) -> Sheet:
    rows: list[tuple[PlainValue, ...]] = []
    tones: dict[tuple[int, int], Tone] = {}
    for indicator, organisation, figure, why in _missing_lines(summary):
        tones[len(rows), 3] = _tone(figure)
        rows.append((indicator.id, indicator.title_ru, summary.name(organisation), status_words(figure), why))
    return Sheet(
        "Нет данных",
        (
            Column("Код", "text", 6),
            Column("Показатель", "text", 44, wrap=True),
            Column("Организация", "text", 30, wrap=True),
            Column("Статус", "text", 26),
            Column("Почему и что сделать", "text", 70, wrap=True),
        ),
        rows,
        above=_above(summary),
        below=() if rows else ("По всем показателям данные есть.",),
        cell_tones=tones,
        frozen_columns=3,
    )


def _explanation_sheet(summary: Summary) -> Sheet:
    rows: list[tuple[PlainValue, ...]] = [
        (
            indicator.id,
            indicator.title_ru,
            _upper_first(indicator.numerator_ru),
            _upper_first(indicator.denominator_ru),
            _target_words(indicator, summary),
        )
        for indicator in summary.indicators.all
    ]
    return Sheet(
        "Пояснения",
        (
            Column("Код", "text", 6),
            Column("Показатель", "text", 44, wrap=True),
            Column("Числитель", "text", 50, wrap=True),
            Column("Знаменатель", "text", 44, wrap=True),
            Column("Целевое значение", "text", 40, wrap=True),
        ),
        rows,
        above=_above(summary),
        below=tuple(explanations(summary)),
        filters=False,
        frozen_columns=1,
    )


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _target_words(indicator: Indicator, summary: Summary) -> str:
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


def template_path(folders: Sequence[Path], name: str = TEMPLATE) -> Path:
    """The note's text: from the first of these ``reports/`` folders that has it. Raises ConfigError."""
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    raise ConfigError(f"{name} is missing", path=folders[-1] if folders else None)


def monitoring_markdown(summary: Summary, template: Path) -> str:
    """The summary as Markdown, by a Jinja2 template run in a sandbox. Raises ConfigError with the template's line."""
    from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False
    )
    environment.filters.update(
        md=markdown_text,
        percent=percent,
        points=points,
        whole=whole,
        decimal=decimal,
        shortest=shortest,
        day=day_words,
        counted=counted,
        form_of=form_of,
        listed=listed,
    )
    try:
        return environment.from_string(template.read_text(encoding="utf-8")).render(_context(summary))
    except TemplateSyntaxError as error:
        raise ConfigError(str(error.message), path=template, line=error.lineno) from None
    except TemplateError as error:
        raise ConfigError(str(error.message), path=template, line=_template_line(error)) from None


def _template_line(error: BaseException) -> int | None:
    """Line of the template an error arose in: the innermost frame that jinja2 compiled from it."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


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
                "asked": _asked(figure),
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
        "counts": {key: sum(counts[key] for counts in own_counts) for key in _COUNT_WORDS},
        "counters": counters,
        "forms": [(FORM_WORDS.get(one, one), counters.by_form[one]) for one in _in_order(counters.by_form, FORM_WORDS)],
        "states": [
            (PAIR_STATUS_PLURAL[one], counters.by_state[one])
            for one in _in_order(counters.by_state, PAIR_STATUS_PLURAL)
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
            for one, name, figure, why in _missing_lines(summary)
        ],
        "explanations": explanations(summary),
    }
