"""The first screen: headline figures, what to attend to, who has handed in."""

from __future__ import annotations

from collections.abc import Iterator

from sheets_sync.reporting.completeness import Completeness
from sheets_sync.reporting.overview.shapes import Cell, HandIn, Heading, Mark, Point, Row, Table, Tile
from sheets_sync.reporting.overview.view import (
    LIGHTS,
    NAMED,
    NO_DATA,
    STATES,
    View,
    asked_role,
    before_due,
    day_or_dash,
    headings,
    of_organisations,
    organisations_counted,
)
from sheets_sync.reporting.reminding import time_left
from sheets_sync.reporting.summary import trained_share
from sheets_sync.reporting.wording import NBSP, counted, day, form_of, listed, percent, shortest, whole


def tiles(view: View) -> tuple[Tile, ...]:
    """Headline figures."""
    found = [*_handing_in(view), _target_tile(view)]
    counters, counts = view.summary.counter(), view.counts
    active = counters.by_state.get("active", 0)
    on_the_day = f"на {day(view.given.period.as_of)} действуют {whole(active)}"
    found.append(Tile("Пары и группы по приказу", whole(counters.units), on_the_day))
    pupils = f"из них обучающиеся – {whole(counts.get('mentees_pupils', 0))}"
    found.append(Tile("Наставляемые в базах", whole(counts.get("mentees", 0)), pupils))
    trained = trained_share(counters)
    note = "" if trained is None else f"обучены {percent(trained)} тех, кто в парах"
    found.append(Tile("Наставники в базах", whole(counts.get("mentors", 0)), note))
    unmatched = counts.get("unmatched", 0)
    found.append(Tile("Ждут наставника", whole(unmatched), "наставляемые без пары", "warn" if unmatched else "good"))
    for indicator in view.indicators:
        figure = view.main(indicator)
        if indicator.respondents is not None and figure.share_of_respondents is not None and figure.respondents:
            note = f"среди {whole(figure.respondents)} ответивших"
            found.append(Tile(f"Довольны {asked_role(indicator)}", percent(figure.share_of_respondents), note))
    execution = view.given.roadmap.get(view.organisation)
    if execution is not None and execution.share is not None:
        told = f"{whole(execution.done)} из {whole(execution.due)} мероприятий, срок которых наступил"
        mark: Mark = "warn" if execution.overdue else "good"
        found.append(Tile("Дорожная карта", percent(execution.share), told, mark))
    if view.complete:
        errors, warnings = (sum(getattr(one, name) for one in view.complete) for name in ("errors", "warnings"))
        note = f"предупреждений – {whole(warnings)}"
        found.append(Tile("Ошибки в таблицах", whole(errors), note, "warn" if errors else "good"))
    return tuple(found)


def _handing_in(view: View) -> Iterator[Tile]:
    if view.complete and view.is_district:
        there = [one for one in view.complete if one.state in ("handed_in", "late")]
        late = sum(1 for one in there if one.state == "late")
        note = f"в срок – {whole(len(there) - late)}, с опозданием – {whole(late)}"
        mark: Mark = "good" if len(there) == len(view.organisations) else "warn"
        yield Tile("Отчёты сданы", f"{whole(len(there))} из {whole(len(view.organisations))}", note, mark)
    elif view.complete:
        own = view.complete[0]
        mark, words = _state(view, own)
        yield Tile("Отчёт", words, f"срок – {day(own.due_on)}", mark)
        light = _light(view, own)
        yield Tile("Полнота данных", percent(own.share), light.text, light.mark)


def _target_tile(view: View) -> Tile:
    figures = [view.main(one) for one in view.indicators if one.scope == "organisation" or view.is_district]
    aimed = [figure for figure in figures if figure.status in ("met", "not_met")]
    met = sum(1 for figure in aimed if figure.status == "met")
    if not aimed:
        return Tile("Показатели достигнуты", "–", "показателей с целевым значением и данными нет")
    without = len(figures) - len(aimed)
    note = f"без цели или без данных – ещё {whole(without)}" if without else "у всех есть целевое значение"
    return Tile("Показатели достигнуты", f"{met} из {len(aimed)}", note, "good" if met == len(aimed) else "warn")


def attention(view: View) -> tuple[Point, ...]:
    """What the head of a department would ask about first; each leads to the section that tells more."""
    points: list[Point] = []
    if view.is_district:
        points += _absent(view)
    for indicator in view.indicators:
        figure = view.main(indicator)
        if figure.status == "not_met" and figure.value is not None and figure.target is not None:
            told = f"{percent(figure.value)} при цели {shortest(figure.target)}{NBSP}%"
            points.append(Point(f"{indicator.id} не достигнут: {told}. {indicator.title_ru}.", "indicators"))
    points += _doubtful(view)
    unmatched, without_meetings = view.counts.get("unmatched", 0), view.summary.counter().without_meetings
    if unmatched:
        words = counted(unmatched, "наставляемый", "наставляемых", "наставляемых")
        points.append(Point(f"{form_of(unmatched, 'Ждёт', 'Ждут', 'Ждут')} наставника {words}.", "taking-part"))
    if without_meetings:
        words = counted(without_meetings, "пары (группы)", "пар (групп)", "пар (групп)")
        points.append(Point(f"Нет ни одной встречи у {words}.", "taking-part"))
    execution = view.given.roadmap.get(view.organisation)
    if execution is not None and execution.overdue:
        number = len(execution.overdue)
        verb = form_of(number, "Не выполнено", "Не выполнены", "Не выполнено")
        words = counted(number, "мероприятие", "мероприятия", "мероприятий")
        points.append(Point(f"{verb} в срок {words} дорожной карты.", "roadmap"))
    if view.restatements:
        number = len(view.restatements)
        verb = form_of(number, "Изменилось", "Изменились", "Изменилось")
        points.append(Point(f"{verb} {counted(number, 'число', 'числа', 'чисел')} закрытого отчёта.", "restated"))
    most = max(view.complete, key=lambda one: one.errors, default=None)
    if most is not None and most.errors:
        errors = sum(one.errors for one in view.complete)
        words = f"{counted(errors, 'ошибка', 'ошибки', 'ошибок')}, {form_of(errors, 'которую', 'которые', 'которые')}"
        where = f"; больше всего – {view.name(most.organisation)} ({whole(most.errors)})" if view.is_district else ""
        points.append(Point(f"В таблицах {words} нужно исправить{where}.", "quality"))
    return tuple(points)


def _absent(view: View) -> Iterator[Point]:
    """Organisations that have handed in nothing, by their due days, or files without data."""
    as_of = view.given.period.as_of
    absent = [one for one in view.complete if one.state == "not_handed_in"]
    for due in sorted({one.due_on for one in absent}):
        which = [one for one in absent if one.due_on == due]
        still = "пока " if before_due(view, which) else ""
        verb = form_of(len(which), "сдала", "сдали", "сдали")
        words = f"Отчёт {still}не {verb} {organisations_counted(len(which))}"
        names = view.named([one.organisation for one in which])
        left = f" {time_left(due, as_of)}" if still else ""
        yield Point(f"{words}: {names}.{left}", "handed-in")
    without = view.given.without_workbooks
    for due in sorted(set(without.values())):
        own = [one for one in without if without[one] == due]
        words = f"Файлов пока нет у {counted(len(own), 'организации', 'организаций', 'организаций')}"
        left = f" {time_left(due, as_of)}" if as_of < due else ""
        yield Point(f"{words}: {view.named(own)}.{left}", "handed-in")
    empty = [one for one in view.complete if one.state == "empty"]
    if empty:
        words = f"Данных в файлах нет у {counted(len(empty), 'организации', 'организаций', 'организаций')}"
        yield Point(f"{words}: {view.named([one.organisation for one in empty])}.", "handed-in")


def _doubtful(view: View) -> Iterator[Point]:
    """Figures that contradict themselves or are to be checked."""
    doubtful = {
        one: [own.id for own in view.given.figures.organisations[one] if own.status == "data_error" or own.flag]
        for one in view.organisations
    }
    told = [
        f"{view.name(one)} – {listed(ids)}" if view.is_district else listed(ids) for one, ids in doubtful.items() if ids
    ]
    if told:
        names = "; ".join(told[:NAMED])
        more = f" и ещё {organisations_counted(len(told) - NAMED)}" if len(told) > NAMED else ""
        yield Point(f"Числа противоречат друг другу или требуют проверки: {names}{more}.", "missing")


def _state(view: View, one: Completeness) -> tuple[Mark, str]:
    if before_due(view, [one]):
        return "none", "пока не сдан"
    return STATES.get(one.state, ("none", one.state))


def _light(view: View, one: Completeness) -> Cell:
    mark, words = LIGHTS[one.light]
    return Cell("срок впереди", "none") if before_due(view, [one]) else Cell(words, mark)


def handed_in(view: View, lights: str) -> HandIn | None:
    """Who has handed in, who is late, what ``lights`` mean; None where nothing is known, and for one organisation."""
    if not view.is_district or not view.complete:
        return None
    known = {one.organisation: one for one in view.complete}
    rows: list[Row] = []
    for organisation in view.organisations:
        links = Cell(links=view.links(organisation))
        one = known.get(organisation)
        if one is None:
            rows.append((Cell(view.name(organisation)), Cell(NO_DATA, "none"), *[Cell("–")] * 4, links))
            continue
        mark, words = _state(view, one)
        handed = f"{words}, {day(one.handed_in)}" if one.handed_in else words
        rows.append(
            (
                Cell(view.name(organisation)),
                _light(view, one),
                Cell(handed, mark),
                Cell(day(one.due_on)),
                Cell(percent(one.share), share=one.share),
                Cell(day_or_dash(one.last_change)),
                links,
            )
        )
    columns = headings(
        *("Организация", "Светофор", "Отчёт", "Срок", "Полнота", "Файлы изменены"),
        numbers=("Полнота",),
        texts=("Отчёт",),
    )
    table = Table("Сдача отчётов по организациям", (*columns, Heading("Файлы", "links")), tuple(rows))
    return HandIn((*_handed_words(view), lights) if lights else _handed_words(view), table)


def _handed_words(view: View) -> tuple[str, ...]:
    by_state = {state: [one for one in view.complete if one.state == state] for state in STATES}
    there = len(by_state["handed_in"]) + len(by_state["late"])
    verb = form_of(there, "Отчёт сдала", "Отчёт сдали", "Отчёт сдали")
    lines = [f"{verb} {of_organisations(there, len(view.organisations))}."]
    told = (
        ("late", "С опозданием"),
        ("not_handed_in", "Пока не сдали" if before_due(view, by_state["not_handed_in"]) else "Не сдали"),
        ("empty", "Файлы есть, но данных в них нет"),
    )
    for state, words in told:
        if by_state[state]:
            lines.append(f"{words}: {view.named([one.organisation for one in by_state[state]])}.")
    return tuple(lines)
