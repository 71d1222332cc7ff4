"""«Мониторинг.xlsx» of a period, of the district or one organisation: what a coordinator checks, signs and passes on.

First the figures with live formulas, then the work behind them, then the rows each figure is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path

from sheets_sync.reporting.book_figures import (
    CHANGE,
    FIGURES,
    SHARE,
    STATUS_TONES,
    Behind,
    Places,
    above,
    behind_sheets,
    chart_sheet,
    figure_sheet,
    marked,
    matrix_sheet,
    upper_first,
)
from sheets_sync.reporting.book_process import process_sheets
from sheets_sync.reporting.figures import BehindRow
from sheets_sync.reporting.findings import path_between, place_link
from sheets_sync.reporting.note import NoteInput
from sheets_sync.reporting.page import Book, Cell, Column, Formula, Link, PlainValue, Sheet, When
from sheets_sync.reporting.restated import DISTRICT, Standing, restated_sheet
from sheets_sync.reporting.summary import Summary, explanations, missing_lines, target_words
from sheets_sync.reporting.wording import counted, day


def monitoring_book(
    given: NoteInput,
    organisation: str | None,
    behind: Behind,
    places: Places,
    people: Mapping[str, str] | None = None,
    standing: Standing | None = None,
) -> Book:
    """The book of the district (``organisation`` None) or of one organisation.

    ``behind``: (indicator, part) → the rows of all organisations; ``places``: where a row stands, seen from the book's
    folder (:func:`places_from`); ``people``: key of a person or enterprise → how it is shown: whoever is not in it is
    not told. A district's may hold no pupil's name. ``standing``: the period as sealed, and what is another since.
    ``created`` is the as-of day, so equal input gives equal bytes.
    """
    summary = Summary(given.figures, given.indicators, given.counters, given.settings, given.names, organisation)
    figures = figure_sheet(summary)
    sheets: list[Sheet | None] = [
        figures.sheet,
        matrix_sheet(summary, figures) if organisation is None else None,
        chart_sheet(summary, figures),
        _dynamics_sheet(given, summary),
        *process_sheets(given, summary, places),
        _missing_sheet(summary),
        None if standing is None else restated_sheet(standing, given.indicators, given.names, organisation, places),
        *behind_sheets(summary, behind, places, people or {}),
        _explanation_sheet(summary),
    ]
    title = f"{summary.title}. {summary.whose}" if summary.whose else summary.title
    return Book(title, [sheet for sheet in sheets if sheet], datetime.combine(given.period.as_of, time()))


def places_from(folder: Path, locators: Mapping[tuple[str, str], Path]) -> Callable[[BehindRow], Link | str]:
    """Where rows stand, as links from a book in ``folder``; ``locators``: (organisation, workbook) → its file."""
    files = {key: path_between(folder, path) for key, path in locators.items()}

    def place(row: BehindRow) -> Link | str:
        file = files.get((row.organisation, row.workbook))
        sheet = None if file and file.casefold().endswith(".csv") else row.sheet  # a text file has no sheets to lead to
        return place_link(str(row.row), file, sheet, f"A{row.row}")

    return place


def _dynamics_sheet(given: NoteInput, summary: Summary) -> Sheet | None:
    """What became of each indicator since the period before; the district's book tells it of its organisations too."""
    if given.earlier is None:
        return None
    told: dict[str | None, Sequence[Mapping[str, object]]] = {
        None: given.earlier.get("district", {}).get("indicators", []),
        **{one["id"]: one["indicators"] for one in given.earlier.get("organisations", [])},
    }
    owners = [None, *summary.organisations] if summary.organisation is None else [summary.organisation]
    rows: list[Sequence[PlainValue]] = []
    for owner in owners:
        before = {str(one["id"]): one.get("value") for one in told.get(owner, ())}
        for indicator in summary.indicators.all:
            was = before.get(indicator.id)
            now = summary.figures.of(owner, indicator.id)
            if not isinstance(was, (int, float)) or now.value is None:
                continue
            change = round(now.value - was, 1)
            cells = (Cell(len(rows), 3), Cell(len(rows), 4))
            whose = DISTRICT if owner is None else summary.name(owner)
            living = Formula("ROUND({1}-{0},1)", change, cells)
            rows.append((indicator.id, indicator.title_ru, whose, was, now.value, living))
    if not rows:
        return None
    sealed = "зафиксированный отчёт" if given.earlier_frozen else "пересчитанный по нынешним таблицам"
    return Sheet(
        "Динамика",
        (
            Column("Код", "text", 6),
            Column("Показатель", "text", 60, wrap=True),
            Column("Организация", "text", 30, wrap=True),
            Column("Было, %", "number", 10, format=SHARE),
            Column("Стало, %", "number", 10, format=SHARE),
            Column("Изменение, п.п.", "number", 12.5, format=CHANGE, when=(When("<0", "bad"), When(">0", "good"))),
        ),
        rows,
        above=above(summary, f"Было – на {day(date.fromisoformat(given.earlier['as_of']))} ({sealed})."),
        frozen_columns=1,
    )


def _missing_sheet(summary: Summary) -> Sheet | None:
    rows: list[Sequence[PlainValue]] = [
        (indicator.id, indicator.title_ru, summary.name(organisation), marked(figure), why)
        for indicator, organisation, figure, why in missing_lines(summary)
    ]
    if not rows:
        return None
    return Sheet(
        "Нет данных",
        (
            Column("Код", "text", 6),
            Column("Показатель", "text", 44, wrap=True),
            Column("Организация", "text", 30, wrap=True),
            Column("Статус", "text", 26, wrap=True, when=STATUS_TONES),
            Column("Почему и что сделать", "text", 60, wrap=True),
        ),
        rows,
        above=above(summary, "Чего не хватает, чтобы посчитать показатели, и что проверить."),
        frozen_columns=3,
    )


def _explanation_sheet(summary: Summary) -> Sheet:
    rows: list[Sequence[PlainValue]] = [
        (
            indicator.id,
            indicator.title_ru,
            upper_first(indicator.numerator_ru),
            upper_first(indicator.denominator_ru),
            target_words(indicator, summary),
        )
        for indicator in summary.indicators.all
    ]
    is_district = summary.organisation is None
    lines = [
        *explanations(summary),
        f"На листе «{FIGURES}» живые формулы: факт = 100 × числитель / знаменатель с одним знаком после запятой, "
        "отклонение = факт − план.",
    ]
    if is_district:
        lines += [
            "Числитель и знаменатель района – суммы столбца по организациям, у которых есть значение; остальные стоят "
            "под строкой района.",
            *(
                f"{one.id} – исключение: предприятия считаются по всему району без повторов, поэтому их число не равно "
                "сумме столбца."
                for one in summary.indicators.all
                if one.scope == "district"
            ),
            "Чьи это ответы на анкеты, в книге района не показано; средние баллы, за которыми меньше "
            f"{counted(summary.settings.small_count, 'ответа', 'ответов', 'ответов')}, скрыты.",
        ]
        if not summary.settings.pupil_names:
            lines.append("Обучающиеся показаны кодами (ОО-014): имена остаются в организациях.")
    return Sheet(
        "Как посчитано",
        (
            Column("Код", "text", 6),
            Column("Показатель", "text", 44, wrap=True),
            Column("Числитель", "text", 44, wrap=True),
            Column("Знаменатель", "text", 40, wrap=True),
            Column("План", "text", 34, wrap=True),
        ),
        rows,
        above=above(summary),
        below=lines,
        filters=False,
        frozen_columns=1,
    )
