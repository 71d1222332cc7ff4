"""The sheets of «Мониторинг.xlsx» about figures: the indicators, the matrix, the charts, the rows behind each figure.

What a coordinator would check is alive: a district's numerator and denominator are sums of the column above them, a
share is worked out from the two, a deviation from share and plan, a status from both. The values they have now stand
beside the formulas, and are those of :mod:`~sheets_sync.reporting.figures`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from sheets_sync.reporting.figures import BehindRow, Figure
from sheets_sync.reporting.indicator import Indicator
from sheets_sync.reporting.page import Cell, Chart, Column, Formula, Link, PlainValue, Series, Sheet, Span, Tone, When
from sheets_sync.reporting.summary import (
    Summary,
    asked_words,
    coverage,
    district_reason,
    left_out_words,
    own_number,
    reason,
    sentence,
    status_words,
)
from sheets_sync.reporting.wording import STATUS_WORDS, by_name, share

FIGURES, MATRIX, CHARTS = "Показатели", "По организациям", "Диаграммы"
SYMBOLS = {"met": "▲", "not_met": "▼"}  # beside the colours, for a black-and-white print
OTHERWISE = "●"
STATUS_TONES = (
    When("▲ достигнут, требует", "warn"),
    When("▲", "good"),
    When("▼", "bad"),
    When("● ошибка", "warn"),
    When("●", "muted"),
)
# Russian number formats: a decimal comma, whatever the language of the program that shows or prints them.
SHARE = "[$-419]0.0"
SHARE_OR_WHOLE = "[$-419]General"
POINTS = '[$-419]"+"0.0;[$-419]"−"0.0;[$-419]0.0'
CHANGE = '[$-419]"▲ +"0.0;[$-419]"▼ −"0.0;[$-419]0.0'  # more or less than before, with no plan to reach
DEVIATION = '[$-419]"▲ +"0.0;[$-419]"▼ −"0.0;[$-419]"▲ "0.0'
SYMBOLS_WORDS = "▲ план достигнут, ▼ не достигнут, ● значения или плана нет. Формулы в ячейках можно проверить."
CHECK = "требует проверки"
BARS_IN_A_CHART = 18  # organisations; more of them go on in a further chart

Behind = Mapping[tuple[str, str], Sequence[BehindRow]]
Places = Callable[[BehindRow], Link | str]

CODE, WHO, NUMERATOR, DENOMINATOR, PLAN, FACT, DIFFERENCE, STATUS = range(8)  # columns of «Показатели»


def above(summary: Summary, *more: PlainValue) -> tuple[PlainValue, ...]:
    """Lines above every sheet: what this is, whose, and what else is to be said of the sheet."""
    return (summary.title, *((summary.whose,) if summary.whose else ()), *more)


def upper_first(text: str) -> str:
    """The text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def marked(figure: Figure) -> str:
    """«▲ достигнут», «▼ не достигнут», «● нет данных»."""
    return f"{SYMBOLS.get(figure.status, OTHERWISE)} {status_words(figure)}"


@dataclass(slots=True)
class FigureSheet:
    """«Показатели» and where each figure stands in it: (organisation, None for the district; indicator) → row."""

    sheet: Sheet
    rows: dict[tuple[str | None, str], int] = field(default_factory=dict)
    added_up: dict[str, list[str]] = field(default_factory=dict)  # indicator → organisations whose rows are added up

    def cell(self, organisation: str | None, indicator: str, column: int) -> Cell:
        """The cell of a figure, as the other sheets refer to it."""
        return Cell(self.rows[organisation, indicator], column, FIGURES)


def figure_sheet(summary: Summary) -> FigureSheet:
    """«Показатели»: for each indicator the organisations that are added up, the district beneath, those left out."""
    is_district = summary.organisation is None
    table: list[Sequence[PlainValue]] = []
    sheet = Sheet(
        FIGURES,
        (
            Column("Код", "text", 6),
            Column("Организация" if is_district else "Показатель", "text", 34 if is_district else 50, wrap=True),
            Column("Числитель", "integer", 11),
            Column("Знаменатель", "integer", 13),
            Column("План, %", "number", 8.5, format=SHARE_OR_WHOLE),
            Column("Факт, %", "number", 9, note="100 × числитель / знаменатель, один знак после запятой", format=SHARE),
            Column("Отклонение, п.п.", "number", 12.5, note="Факт минус план, в процентных пунктах", format=POINTS),
            Column("Статус", "text", 24, wrap=True, when=STATUS_TONES),
            Column("Примечание", "text", 50, wrap=True),
        ),
        table,
        above=above(summary, SYMBOLS_WORDS),
        frozen_columns=2,
    )
    made = FigureSheet(sheet)
    for indicator in summary.indicators.all:
        if not is_district:
            figure = summary.figures.of(summary.organisation, indicator.id)
            made.rows[summary.organisation, indicator.id] = len(table)
            note = reason(indicator, figure) or asked_words(figure)
            table.append(_figure_row(indicator, figure, len(table), indicator.title_ru, note, figure.numerator))
            continue
        _block(summary, indicator, made, table)
    return made


def _block(summary: Summary, indicator: Indicator, made: FigureSheet, table: list[Sequence[PlainValue]]) -> None:
    """Rows of one indicator in the district's book."""
    district = summary.figures.of(None, indicator.id)
    left_out = district.left_out or {}
    made.sheet.tones[len(table)] = "section"
    table.append((Link(indicator.id, f"#'{indicator.id}'!A1"), indicator.title_ru))
    inside = [name for name in summary.organisations if name not in left_out]

    def organisation_row(name: str) -> None:
        figure = summary.figures.of(name, indicator.id)
        made.rows[name, indicator.id] = len(table)
        note = reason(indicator, figure) or asked_words(figure)
        table.append(_figure_row(indicator, figure, len(table), summary.name(name), note, figure.numerator))

    first = len(table)
    for name in inside:
        organisation_row(name)
    last = len(table) - 1
    numerator: PlainValue = district.numerator
    denominator: PlainValue = district.denominator
    notes = [district_reason(indicator, district, summary.settings, summary.figures.period.year), asked_words(district)]
    if indicator.scope == "district":
        notes.append(
            "Предприятие считается один раз на весь район, даже если его наставники работают в нескольких "
            "организациях: поэтому число района – не сумма столбца."
        )
    elif inside:
        made.added_up[indicator.id] = inside
        numerator, denominator = (
            Formula("SUM({0}:{1})", value or 0, (Cell(first, column), Cell(last, column)))
            for value, column in ((district.numerator, NUMERATOR), (district.denominator, DENOMINATOR))
        )
    if left_out:
        notes.append(f"Не вошли: {left_out_words(summary, district)}.")
    words = coverage(district)
    made.rows[None, indicator.id] = len(table)
    made.sheet.tones[len(table)] = "total"
    table.append(
        _figure_row(
            indicator,
            district,
            len(table),
            f"Район ({words})" if words and indicator.scope != "district" else "Район",
            " ".join(note for note in notes if note),
            numerator,
            denominator,
        )
    )
    for name in summary.organisations:
        if name in left_out:
            organisation_row(name)


def _figure_row(
    indicator: Indicator,
    figure: Figure,
    row: int,
    who: str,
    note: str,
    numerator: PlainValue,
    denominator: PlainValue = None,
) -> tuple[PlainValue, ...]:
    """A figure's cells; alive wherever the formula comes to what the figure is."""
    cells = {column: Cell(row, column) for column in range(8)}
    fact: PlainValue = figure.value
    if _works_out(indicator, figure):
        quotient = "ROUND(100*{0}/{1},1)"
        if indicator.over_100 == "error":  # more than there are: no share but a mistake in the data
            quotient = f'IF({{0}}<={{1}},{quotient},"")'
        value = "" if figure.value is None else figure.value
        fact = Formula(f'IF(N({{1}})>0,{quotient},"")', value, (cells[NUMERATOR], cells[DENOMINATOR]))
    difference: PlainValue = Formula(
        'IF(OR({0}="",{1}=""),"",ROUND({0}-{1},1))',
        "" if figure.deviation is None else figure.deviation,
        (cells[FACT], cells[PLAN]),
    )
    nothing = STATUS_WORDS[figure.status] if not figure.is_shown else STATUS_WORDS["no_data"]
    status = Formula(
        f'IF({{0}}="","{OTHERWISE} {nothing}",IF({{1}}="","{OTHERWISE} {STATUS_WORDS["no_target"]}",'
        f'IF({{0}}>={{1}},"{SYMBOLS["met"]} {STATUS_WORDS["met"]}","{SYMBOLS["not_met"]} {STATUS_WORDS["not_met"]}"))'
        f'&IF({{0}}>100,", {CHECK}",""))',
        marked(figure),
        (cells[FACT], cells[PLAN]),
    )
    below = figure.denominator if denominator is None else denominator
    return (indicator.id, who, numerator, below, figure.target, fact, difference, status, note)


def _works_out(indicator: Indicator, figure: Figure) -> bool:
    """Does numerator / denominator, guarded as the formula is, come to the value the figure has?"""
    above_line, below = figure.numerator, figure.denominator
    if not below or below < 0:
        return figure.value is None
    if indicator.over_100 == "error" and (above_line or 0) > below:
        return figure.value is None
    return above_line is not None and figure.value == share(above_line, below)


# --- the matrix ---


def matrix_sheet(summary: Summary, figures: FigureSheet) -> Sheet:
    """«По организациям»: a line per organisation and the district, each indicator's fact and deviation from plan."""
    wanted: list[str | None] = [*summary.organisations, None]
    planned = {
        indicator.id
        for indicator in summary.indicators.all
        if any(summary.figures.of(name, indicator.id).target is not None for name in wanted)
    }
    columns = [Column("Организация", "text", 30, wrap=True)]
    for indicator in summary.indicators.all:
        columns.append(
            Column(
                f"{indicator.id}, факт, %",
                "number",
                11.5,
                wrap=True,
                note=indicator.title_ru,
                when=(When("● ошибка", "warn"), When("●", "muted")),
                format=SHARE,
            )
        )
        if indicator.id in planned:
            columns.append(
                Column(
                    f"{indicator.id}, откл., п.п.",
                    "number",
                    11,
                    note="Факт минус план: ▲ план достигнут, ▼ не достигнут",
                    when=(When(">=0", "good"), When("<0", "bad")),
                    format=DEVIATION,
                )
            )

    def line(organisation: str | None, title: str) -> tuple[PlainValue, ...]:
        cells: list[PlainValue] = [title]
        for indicator in summary.indicators.all:
            figure = summary.figures.of(organisation, indicator.id)
            number = own_number(summary, figure)
            at = [figures.cell(organisation, indicator.id, column) for column in (FACT, STATUS, DIFFERENCE)]
            if number is not None:  # only the district has a share
                cells.append(f"{number} предпр.")
            else:
                fact = figure.value if figure.value is not None else marked(figure)
                cells.append(Formula('IF({0}="",{1},{0})', fact, tuple(at[:2])))
            if indicator.id in planned:
                cells.append(Formula("{0}", "" if figure.deviation is None else figure.deviation, (at[2],)))
        return tuple(cells)

    rows = [line(name, summary.name(name)) for name in summary.organisations]
    rows.append(line(None, "Район"))
    said = "▲ план достигнут, ▼ не достигнут, ● значения нет; подробно – на листе «Показатели»."
    return Sheet(
        MATRIX,
        columns,
        rows,
        above=above(summary, Link(said, f"#'{FIGURES}'!A1")),
        tones={len(rows) - 1: "total"},
        frozen_columns=1,
    )


# --- charts ---


def chart_sheet(summary: Summary, figures: FigureSheet) -> Sheet | None:
    """«Диаграммы»: plan and fact by indicator, in a district by organisation too; None with nothing to draw."""
    own = summary.organisation
    shown = [
        (indicator, figure)
        for indicator in summary.indicators.all
        if (figure := summary.figures.of(own, indicator.id)).value is not None
    ]
    if not shown:
        return None
    rows: list[Sequence[PlainValue]] = []
    for indicator, figure in shown:
        plan, fact, status = (figures.cell(own, indicator.id, column) for column in (PLAN, FACT, STATUS))
        rows.append(
            (
                indicator.id,
                indicator.title_ru,
                None if figure.target is None else Formula("{0}", figure.target, (plan,)),
                Formula("{0}", figure.value or 0, (fact,)),
                Formula("{0}", marked(figure), (status,)),
            )
        )
    whose = "по району" if own is None else "по организации"
    last = len(rows) - 1

    def span(column: int, values: Iterable[str | float | None]) -> Span:
        return Span(Cell(0, column), Cell(last, column), tuple(values))

    charts = [
        Chart(
            f"План и факт по показателям {whose}, %",
            span(0, (indicator.id for indicator, _ in shown)),
            _plan_and_fact(
                span(2, (figure.target for _, figure in shown)), span(3, (figure.value for _, figure in shown))
            ),
            "Показатель",
            "Доля, %",
            description=f"Столбцы плана и факта {whose} для каждого показателя; числа – в таблице на этом листе.",
        )
    ]
    if own is None:
        for indicator in summary.indicators.all:
            charts += _by_organisation(summary, indicator, figures)
    without = [indicator.id for indicator in summary.indicators.all if indicator not in [one for one, _ in shown]]
    return Sheet(
        CHARTS,
        (
            Column("Код", "text", 6),
            Column("Показатель", "text", 76, wrap=True),
            Column("План, %", "number", 10, format=SHARE_OR_WHOLE),
            Column("Факт, %", "number", 10, format=SHARE),
            Column("Статус", "text", 34, wrap=True, when=STATUS_TONES),
        ),
        rows,
        above=above(summary),
        below=(f"Без значения: {', '.join(without)}. Причины – на листе «Нет данных».",) if without else (),
        filters=False,
        charts=charts,
    )


def _plan_and_fact(plan: Span, fact: Span) -> tuple[Series, ...]:
    """The bars of a chart; a plan nobody has is not in its legend either."""
    planned = [Series("План, %", plan, "plan")] if any(value is not None for value in plan.values) else []
    return (*planned, Series("Факт, %", fact, "fact"))


def _by_organisation(summary: Summary, indicator: Indicator, figures: FigureSheet) -> list[Chart]:
    """Charts of an indicator by organisation, for those that have a value; none where fewer than two have."""
    names = figures.added_up.get(indicator.id, [])
    if len(names) < 2:
        return []
    charts = []
    parts = -(-len(names) // BARS_IN_A_CHART)
    size = -(-len(names) // parts)  # parts of about the same length
    for start in range(0, len(names), size):
        part = names[start : start + size]
        values = [summary.figures.of(name, indicator.id) for name in part]

        def span(column: int, shown: Iterable[str | float | None], ends: tuple[str, str] = (part[0], part[-1])) -> Span:
            first, last = (figures.cell(name, indicator.id, column) for name in ends)
            return Span(first, last, tuple(shown))

        words = "план и факт" if any(figure.target is not None for figure in values) else "факт"
        told = f" ({start + 1}–{start + len(part)} из {len(names)})" if parts > 1 else ""
        charts.append(
            Chart(
                f"{indicator.id}. {upper_first(words)} по организациям, %{told}",
                span(WHO, (summary.name(name) for name in part)),
                _plan_and_fact(
                    span(PLAN, (figure.target for figure in values)), span(FACT, (figure.value for figure in values))
                ),
                "Организация",
                "Доля, %",
                lying=True,
                description=f"{indicator.title_ru}: {words} организаций; числа – на листе «{FIGURES}».",
            )
        )
    return charts


# --- the rows behind ---

_PART_WORDS = {"numerator": "Числитель", "respondents": "Ответили на анкету", "denominator": "Знаменатель"}


def behind_sheets(summary: Summary, behind: Behind, places: Places, people: Mapping[str, str]) -> list[Sheet]:
    """A sheet per indicator with the rows its figure is made of, numerator and denominator apart."""
    return [_behind_sheet(summary, indicator, behind, places, people) for indicator in summary.indicators.all]


def _behind_sheet(
    summary: Summary, indicator: Indicator, behind: Behind, places: Places, people: Mapping[str, str]
) -> Sheet:
    is_district = summary.organisation is None
    figure = summary.figures.of(summary.organisation, indicator.id)
    rows: list[Sequence[PlainValue]] = []
    tones: dict[int, Tone] = {}
    parts = ["numerator", *(["respondents"] if indicator.respondents else []), "denominator"]
    said = {"numerator": indicator.numerator_ru, "denominator": indicator.denominator_ru}
    results = {"numerator": figure.numerator, "denominator": figure.denominator, "respondents": figure.respondents}
    counted_column = 5 if is_district else 4
    for part in parts:
        words = f"{_PART_WORDS[part]}: {said[part]}" if said.get(part) else _PART_WORDS[part]
        tones[len(rows)] = "section"
        rows.append((words,))
        lines = _of(summary, behind.get((indicator.id, part), ()))
        first = len(rows)
        for line, counts, note in _counting(summary, indicator, figure, lines):
            answers = indicator.respondents is not None and part != "denominator"
            # whose answer it is stays in the school
            who = "" if line.person_key is None or (answers and is_district) else people.get(line.person_key, "")
            place = places(line) if line.workbook else None
            name = summary.name(line.organisation) if line.organisation else summary.whose or "Район"
            file = line.workbook.rpartition("/")[2] if line.workbook else "Настройки района"
            told = (who, file, line.sheet, place, counts, note)
            rows.append((name, *told) if is_district else told)
        result = results[part]
        if len(rows) == first:
            rows.append(("Таких строк нет.",))
        elif result is not None:
            tones[len(rows)] = "total"
            cells = (Cell(first, counted_column), Cell(len(rows) - 1, counted_column))
            total = Formula("SUM({0}:{1})", result, cells)
            rows.append(("Итого", *[None] * (counted_column - 1), total))
    columns = (
        Column("Участник", "text", 30, wrap=True, note="Обучающиеся района показаны кодами" if is_district else ""),
        Column("Файл", "text", 34, wrap=True),
        Column("Лист", "text", 18, wrap=True),
        Column("Строка", "link", 9, note="Щёлкните, чтобы открыть файл на этой строке"),
        Column("Учтено", "number", 10),
        Column("Почему", "text", 34, wrap=True),
    )
    return Sheet(
        indicator.id,
        (Column("Организация", "text", 34, wrap=True), *columns) if is_district else columns,
        rows,
        above=(
            f"{indicator.id}. {indicator.title_ru}",
            *((summary.whose,) if summary.whose else ()),
            f"{sentence(indicator, figure)}.".capitalize()
            if figure.value is None
            else f"{sentence(indicator, figure)}.",
            Link(f"Ниже – строки, из которых сложился показатель. Назад – к листу «{FIGURES}».", f"#'{FIGURES}'!A1"),
        ),
        tones=tones,
        frozen_columns=0,
    )


def _of(summary: Summary, lines: Sequence[BehindRow]) -> list[BehindRow]:
    """The rows of the organisations the book speaks of, in the order of their names and then of the files."""
    order = {name: number for number, name in enumerate(summary.organisations)}
    own = summary.organisation
    named = cache(by_name)  # many rows, few files and sheets
    kept = [line for line in lines if line.organisation in order or (own is None and line.organisation is None)]
    return sorted(
        kept,
        key=lambda line: (
            order.get(line.organisation, -1),
            named(line.workbook or ""),
            named(line.sheet or ""),
            line.row or 0,
            line.person_key or "",
        ),
    )


def _counting(
    summary: Summary, indicator: Indicator, figure: Figure, lines: Iterable[BehindRow]
) -> Iterable[tuple[BehindRow, float | int, str]]:
    """Each row with what it adds to the figure and, where that is nothing, why."""
    left_out = (figure.left_out or {}) if summary.organisation is None else {}
    seen: dict[tuple[str, str], BehindRow] = {}
    for line in lines:
        if line.organisation in left_out:
            why = STATUS_WORDS[left_out[line.organisation]]
            yield line, 0, f"Не вошло в сумму района: {why}."
        elif line.value is not None:
            yield line, line.value, ""
        elif line.person_key is None:
            yield line, 0, "Ни человека, ни числа в строке нет."
        else:
            # over the district an enterprise is one, a person is one in each organisation
            key = ("" if indicator.scope == "district" else line.organisation, line.person_key)
            if (before := seen.setdefault(key, line)) is line:
                yield line, 1, ""
            else:
                where = f"строка {before.row}"
                if (before.workbook, before.sheet) != (line.workbook, line.sheet):
                    where += f", лист «{before.sheet}»"
                yield line, 0, f"Учтено выше: {where}."
