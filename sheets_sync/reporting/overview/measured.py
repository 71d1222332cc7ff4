"""Indicators on the page: against their targets, by organisation, beside an earlier period, restated, missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sheets_sync.periods import period_of
from sheets_sync.reporting.figures import Figure
from sheets_sync.reporting.indicator import Indicator
from sheets_sync.reporting.overview.shapes import Bar, Card, Cell, Change, Dynamics, Heading, Mark, Row, Table
from sheets_sync.reporting.overview.view import (
    NO_DATA,
    View,
    headings,
    mark_of,
    numbered,
    percent_or_dash,
    span_of,
    upper_first,
)
from sheets_sync.reporting.summary import coverage, district_reason, reason, status_words
from sheets_sync.reporting.wording import (
    NBSP,
    STATUS_WORDS,
    counted,
    day,
    form_of,
    half_up,
    listed,
    percent,
    points,
    shortest,
    whole,
)


def bars(view: View) -> tuple[Bar, ...]:
    """The figures of whose page it is, with all there is to say beneath each.

    One that only the district can have has no bar on an organisation's page; the table has its number.
    """
    shown = [(one, view.main(one)) for one in (view.indicators if view.is_district else view.own)]
    return tuple(_bar(one, figure, _scale([figure]), tuple(_told(one, figure))) for one, figure in shown)


def aim_note(view: View) -> str:
    """What to keep in mind when a value is compared with its target before the year is over; "" in December."""
    if view.given.period.kind == "december":
        return ""
    return f"Цели поставлены на весь {view.given.period.year} год, а он ещё не закончился."


def _bar(indicator: Indicator, figure: Figure, scale: float, told: tuple[str, ...] = ()) -> Bar:
    shown = percent(figure.value) if figure.value is not None else STATUS_WORDS[figure.status]
    title, mark = indicator.title_ru, mark_of(figure)
    return Bar(indicator.id, title, figure.value, figure.target, scale, mark, shown, status_words(figure), told)


def _told(indicator: Indicator, figure: Figure) -> list[str]:
    told: list[str] = []
    if figure.numerator is not None and figure.denominator is not None:
        numbers = f"{whole(figure.numerator)} из {whole(figure.denominator)}"
        around = coverage(figure) if indicator.scope == "organisation" else ""
        told.append(f"{numbers} ({around})" if around else numbers)
    elif figure.numerator is not None and indicator.scope == "district":
        told.append(counted(figure.numerator, "предприятие", "предприятия", "предприятий"))
    if figure.target is not None:
        aim = f"цель – {shortest(figure.target)}{NBSP}%"
        told.append(f"{aim}, отклонение {points(figure.deviation)}" if figure.deviation is not None else aim)
    if figure.respondents and figure.share_of_respondents is not None:
        verb = form_of(figure.respondents, "ответил", "ответили", "ответили")
        words = counted(figure.respondents, "человек", "человека", "человек")
        told.append(f"{verb} {words}, из них довольны {percent(figure.share_of_respondents)}")
    return told


def _scale(figures: Sequence[Figure]) -> float:
    return _end([number for one in figures for number in (one.value, one.target) if number is not None])


def _end(values: Sequence[float]) -> float:
    """The end of a scale from 0: a round number not below any of the values."""
    most = max(values, default=100)
    return next((end for end in (10, 20, 25, 50, 75, 100, 150, 200) if end >= most), -(-most // 100) * 100)


def indicator_table(view: View) -> Table:
    """The numbers of the bars, and why a value is missing."""
    rows: list[Row] = []
    for indicator in view.indicators:
        figure = view.main(indicator)
        why = _why(view, indicator, figure)
        status = f"{status_words(figure)}. {why}" if why else status_words(figure)
        rows.append(
            (
                Cell(f"{indicator.id}. {indicator.title_ru}"),
                Cell("–" if figure.numerator is None else whole(figure.numerator)),
                Cell("–" if figure.denominator is None else whole(figure.denominator)),
                Cell(percent_or_dash(figure.value)),
                Cell("–" if figure.target is None else f"{shortest(figure.target)}{NBSP}%"),
                Cell("–" if figure.deviation is None else points(figure.deviation)),
                Cell(status, mark_of(figure)),
            )
        )
    numbers = ("Числитель", "Знаме\u00adнатель", "Значение", "Цель", "Откло\u00adнение")
    columns = headings("Показатель", *numbers, "Статус", numbers=numbers, texts=("Статус",))
    whose = "района" if view.is_district else "организации"
    caption = f"Показатели {whose} и целевые значения на {view.given.period.year} год"
    return Table(caption, columns, tuple(rows))


def _why(view: View, indicator: Indicator, figure: Figure) -> str:
    if view.is_district:
        return district_reason(indicator, figure, view.given.settings, view.given.period.year)
    return reason(indicator, figure)


def cards(view: View) -> tuple[Card, ...]:
    """Small multiples, an organisation each; an indicator's scale is the same in all of them."""
    if not view.is_district:
        return ()
    scale, of = _shared_scales(view), view.given.figures.of
    return tuple(
        Card(
            view.name(one), tuple(_bar(indicator, of(one, indicator.id), scale[indicator.id]) for indicator in view.own)
        )
        for one in view.organisations
    )


def scales(view: View) -> str:
    """«I1 – до 100 %, I2 – до 20 %»: the scales of the cards."""
    return ", ".join(f"{one} – до {shortest(end)}{NBSP}%" for one, end in _shared_scales(view).items())


def _shared_scales(view: View) -> dict[str, float]:
    """By indicator. A share above 100 % is to be checked, not to press others together: its bar ends at the edge."""
    return {one.id: min(_scale([*view.figures(one), view.main(one)]), 100) for one in view.own}


def matrix(view: View) -> Table:
    """Organisation × indicator: the value, or why there is none."""

    def cell(indicator: Indicator, figure: Figure) -> Cell:
        if figure.value is not None:
            return Cell(percent(figure.value), mark_of(figure), status_words(figure))
        if indicator.scope == "district" and figure.counted is None and figure.numerator is not None:
            return Cell(whole(figure.numerator))
        return Cell(STATUS_WORDS[figure.status], mark_of(figure))

    of = view.given.figures.of
    wanted: list[tuple[str, str | None]] = [(view.name(one), one) for one in view.organisations]
    rows = tuple(
        (Cell(name), *(cell(indicator, of(one, indicator.id)) for indicator in view.indicators))
        for name, one in [*wanted, ("Район", None)]
    )
    columns = (Heading("Организация"), *(Heading(one.id, "number", one.title_ru) for one in view.indicators))
    return Table("Показатели по организациям", columns, rows, total=True)


def dynamics(view: View) -> Dynamics | None:
    """The period beside the earlier one; None without an earlier one, or with nothing to compare."""
    earlier = view.given.earlier
    if earlier is None:
        return None
    then = _earlier_figures(earlier, view.organisation)
    changes = []
    rows: list[Row] = []
    for indicator in view.indicators:
        before, now = then.get(indicator.id, {}).get("value"), view.main(indicator).value
        difference = _difference(before, now)
        if difference is not None and before is not None and now is not None:
            told = f"{percent(before)} → {percent(now)}, {points(difference)}"
            mark = _direction(difference)
            changes.append(Change(indicator.id, indicator.title_ru, before, now, _end([before, now]), mark, told))
        rows.append(
            (
                Cell(f"{indicator.id}. {indicator.title_ru}"),
                Cell(percent(before) if before is not None else _earlier_status(then.get(indicator.id))),
                Cell(percent(now) if now is not None else STATUS_WORDS[view.main(indicator).status]),
                _change_cell(difference),
            )
        )
    if not changes:
        return None
    span, seen = span_of(period_of(str(earlier["period"]))), date.fromisoformat(str(earlier["as_of"]))
    columns = numbered("Показатель", "Было", "Стало", "Изменение")
    tables = [Table(f"Показатели на {day(seen)} и на {day(view.given.period.as_of)}", columns, tuple(rows))]
    if view.is_district:
        by_organisation = _changes_by_organisation(view, earlier)
        tables += [by_organisation] if by_organisation else []
    told = f"{span} (по состоянию на {day(seen)})"
    return Dynamics(told, _caveats(view, seen, then), tuple(changes), tuple(tables))


def _earlier_figures(earlier: Mapping[str, Any], organisation: str | None) -> dict[str, Mapping[str, Any]]:
    """Figures of a report.json by indicator; none for an organisation it does not know."""
    if organisation is None:
        return {one["id"]: one for one in earlier["district"]["indicators"]}
    for one in earlier["organisations"]:
        if one["id"] == organisation:
            return {figure["id"]: figure for figure in one["indicators"]}
    return {}


def _earlier_status(figure: Mapping[str, Any] | None) -> str:
    return STATUS_WORDS.get(str(figure["status"]), NO_DATA) if figure else NO_DATA


def _difference(before: float | None, now: float | None) -> float | None:
    """The difference of the values as they are shown."""
    return None if before is None or now is None else float(half_up(half_up(now) - half_up(before)))


def _change_cell(difference: float | None) -> Cell:
    return Cell("–") if difference is None else Cell(points(difference), _direction(difference))


def _direction(difference: float) -> Mark:
    return "up" if difference > 0 else "down" if difference < 0 else ""


def _caveats(view: View, seen: date, then: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    lines = []
    if view.given.earlier_frozen:
        lines.append("Прежние значения взяты из закрытого отчёта: они не меняются.")
    else:
        lines.append("Прежний отчёт не закрыт: его значения пересчитаны по нынешним таблицам.")
    now = view.given.period.as_of
    if (seen.month, seen.day) != (now.month, now.day):
        lines.append(
            f"Участники считаются с 1 января каждого года, поэтому значения на {day(seen)} и на {day(now)} набраны за "
            "разное время: рост или снижение между ними ещё не означает, что работа стала лучше или хуже."
        )
    if view.is_district:
        uneven = [
            one.id
            for one in view.own
            if then.get(one.id, {}).get("value") is not None
            and view.main(one).value is not None
            and list(then[one.id].get("organisations_counted", [])) != list(view.main(one).counted or ())
        ]
        if uneven:
            lines.append(f"Состав организаций, по которым посчитаны значения, тогда был другим: {listed(uneven)}.")
    return tuple(lines)


def _changes_by_organisation(view: View, earlier: Mapping[str, Any]) -> Table | None:
    rows: list[Row] = []
    known = False
    for organisation in view.organisations:
        then = _earlier_figures(earlier, organisation)
        cells = []
        for indicator in view.own:
            now = view.given.figures.of(organisation, indicator.id).value
            difference = _difference(then.get(indicator.id, {}).get("value"), now)
            known = known or difference is not None
            cells.append(_change_cell(difference))
        rows.append((Cell(view.name(organisation)), *cells))
    if not known:
        return None
    columns = (Heading("Организация"), *(Heading(one.id, "number", one.title_ru) for one in view.own))
    return Table("Изменение показателей по организациям, в процентных пунктах", columns, tuple(rows))


def restated(view: View) -> Table | None:
    """What has changed of a sealed period."""
    found = view.restatements
    if not found:
        return None
    parts = {"numerator": "числитель", "denominator": "знаменатель"}
    rows = tuple(
        (
            Cell(f"{one.indicator}, {parts.get(one.part, one.part)}"),
            Cell(view.name(one.organisation) if one.organisation else "Район"),
            Cell(one.words),
        )
        for one in found
    )
    columns = headings("Показатель", "Организация", "Что изменилось", texts=("Организация", "Что изменилось"))
    return Table("Изменения после закрытия отчёта", columns, rows)


def missing(view: View) -> Table | None:
    """Figures without a value or to be checked, those of one cause together, with the organisations concerned."""
    causes: dict[tuple[str, Mark, str, str], list[str]] = {}
    for indicator in view.own:
        for organisation in view.organisations:
            figure = view.given.figures.of(organisation, indicator.id)
            why = reason(indicator, figure)
            if why:
                causes.setdefault((indicator.id, mark_of(figure), status_words(figure), why), []).append(organisation)
    if not causes:
        return None
    rows: list[Row] = []
    for (identifier, mark, status, why), which in causes.items():
        where = (Cell("; ".join(view.name(one) for one in which)),) if view.is_district else ()
        rows.append((Cell(identifier), Cell(status, mark), Cell(why), *where))
    titles = ("Показатель", "Статус", "Почему и что сделать") + (("Организации",) if view.is_district else ())
    return Table("Показатели без значения и те, которые нужно проверить", headings(*titles, texts=titles), tuple(rows))


def definitions(view: View) -> Table:
    """Who is counted, among whom, and the target with its source."""
    rows = tuple(
        (
            Cell(f"{one.id}. {one.title_ru}"),
            Cell(upper_first(one.numerator_ru) or "–"),
            Cell(upper_first(one.denominator_ru) or "–"),
            Cell(_aim(view, one)),
        )
        for one in view.indicators
    )
    titles = ("Показатель", "Кого считаем (числитель)", "Среди кого (знаменатель)", "Целевое значение")
    return Table("Как определены показатели", headings(*titles, texts=titles), rows)


def _aim(view: View, indicator: Indicator) -> str:
    target, year = view.main(indicator).target, view.given.period.year
    if target is None:
        return f"на {year} год не установлено"
    ships = target == indicator.targets.get(year)
    source = f"; источник: {indicator.targets_source}" if ships else "; задано районом или организацией"
    return f"{shortest(target)}{NBSP}% на {year} год{source}"
