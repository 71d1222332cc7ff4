"""The work itself on the page: who takes part, what the questionnaires tell, road maps, quality of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sheets_sync.reporting.completeness import Completeness
from sheets_sync.reporting.counters import Counters
from sheets_sync.reporting.monitoring import Monitoring
from sheets_sync.reporting.overview.shapes import Bar, Cell, Quality, RoadMap, Row, Survey, Table
from sheets_sync.reporting.overview.view import (
    LEVELS,
    ROLES,
    STAGES,
    View,
    asked_role,
    count_or_no_data,
    headings,
    numbered,
    percent_or_dash,
    sentence,
    upper_first,
)
from sheets_sync.reporting.roadmap import Execution, Task
from sheets_sync.reporting.wording import FORM_WORDS, counted, day, decimal, form_of, half_up, percent, share, whole

_TASKS = 40  # overdue tasks listed on one page
_ITEM_SCALE = 10


def taking_part(view: View) -> tuple[Table, ...]:
    """Pairs by form; people, pairs and meetings by organisation."""
    tables: list[Table] = []
    together = view.summary.counter()
    if together.by_form:
        forms = [one for one in FORM_WORDS if one in together.by_form]
        forms += sorted(one for one in together.by_form if one not in FORM_WORDS)
        rows = tuple(
            (
                Cell(FORM_WORDS.get(one, one)),
                Cell(whole(together.by_form[one])),
                Cell(percent(parted := share(together.by_form[one], together.units)), share=parted),
            )
            for one in forms
        )
        columns = numbered("Форма наставничества", "Пары и группы", "Доля")
        tables.append(Table("Пары и группы по формам наставничества", columns, rows))
    lines: tuple[Row, ...] = tuple(
        (Cell(view.name(one)), *_part_cells(view.given.figures.counts[one], view.given.counters.get(one, Counters())))
        for one in view.organisations
    )
    if view.is_district:
        lines += ((Cell("Район"), *_part_cells(view.given.figures.district_counts, together)),)
    people = ("Настав\u00adники", "Настав\u00adляемые", "Без пары")
    pairs = ("Пары и группы", "Действуют", "Встречи", "из них по планам", "Без встреч")
    columns = numbered("Организация", *people, *pairs)
    tables.append(Table("Участники, пары и встречи", columns, lines, total=view.is_district))
    return tuple(tables)


def _part_cells(counts: Mapping[str, int], counters: Counters) -> tuple[Cell, ...]:
    by_plan = "–"
    if counters.planned is not None and counters.held_of_planned is not None:
        by_plan = f"{whole(counters.held_of_planned)} из {whole(counters.planned)}"
    return (
        Cell(whole(counts.get("mentors", 0))),
        Cell(whole(counts.get("mentees", 0))),
        Cell(whole(counts.get("unmatched", 0))),
        Cell(whole(counters.units)),
        Cell(whole(counters.by_state.get("active", 0))),
        Cell(count_or_no_data(counters.held)),
        Cell(by_plan),
        Cell(count_or_no_data(counters.without_meetings)),
    )


def survey(view: View) -> Survey | None:
    """What the questionnaires tell; None where nothing was counted."""
    found = view.given.monitoring.get(view.organisation)
    if found is None:
        return None
    stage = _latest_stage(found)
    rows = tuple(
        (
            Cell(f"{upper_first(ROLES.get(one.role, one.role))}, {STAGES.get(one.stage, one.stage)}"),
            Cell(whole(one.participants)),
            Cell(whole(one.answered)),
            Cell(percent_or_dash(one.share), share=None if one.share is None else min(one.share, 100.0)),
        )
        for one in found.responses
    )
    columns = numbered("Кто и когда", "Участников", "Ответили", "Доля")
    tables = [Table("Сколько участников ответили на анкеты", columns, rows)] if rows else []
    compared, criteria = _compared(found), found.criteria
    return Survey(
        _satisfied_words(view, found),
        _items(found, stage),
        STAGES.get(stage, stage),
        tuple(tables),
        compared,
        _levels(found),
        _criteria_words(found) if criteria else "",
    )


def _latest_stage(found: Monitoring) -> str:
    kept = {one.stage for one in found.items if one.form is None}
    return next((stage for stage in ("after", "middle", "before") if stage in kept), "")


def _items(found: Monitoring, stage: str) -> tuple[Bar, ...]:
    """Means of the latest questionnaires, whoever was asked in one list; the highest first."""
    chosen = [one for one in found.items if one.form is None and one.stage == stage]
    chosen.sort(key=lambda one: (list(ROLES).index(one.role) if one.role in ROLES else len(ROLES), -one.mean, one.item))
    return tuple(
        Bar(
            one.item,
            f"{one.title} ({ROLES.get(one.role, one.role)})",
            one.mean,
            None,
            _ITEM_SCALE,
            "plain",
            decimal(one.mean),
            "",
            (counted(one.n, "ответ", "ответа", "ответов"),),
            unit="",
        )
        for one in chosen
    )


def _satisfied_words(view: View, found: Monitoring) -> tuple[str, ...]:
    if not found.surveyed:
        return ("Анкет в таблицах нет: сведений об опросе нет.",)
    lines = []
    for indicator in view.indicators:
        if indicator.respondents is None:
            continue
        figure = view.main(indicator)
        role = upper_first(asked_role(indicator))
        if figure.respondents and figure.share_of_respondents is not None and figure.denominator is not None:
            lines.append(
                f"{role}: {form_of(figure.respondents, 'ответил', 'ответили', 'ответили')} {whole(figure.respondents)} "
                f"из {whole(figure.denominator)}; среди ответивших довольны {percent(figure.share_of_respondents)}, "
                f"среди всех участников – {percent_or_dash(figure.value)}."
            )
        else:
            lines.append(f"{role}: итоговых анкет на эту дату нет.")
    return tuple(lines)


def _compared(found: Monitoring) -> Table | None:
    if not found.compared:
        return None
    rows = tuple(
        (
            Cell(f"{one.title} ({ROLES.get(one.role, one.role)})"),
            Cell(whole(one.n)),
            Cell(decimal(one.before)),
            Cell(decimal(one.after)),
            Cell("мало ответов" if one.delta is None else _signed(one.delta)),
            Cell("–" if one.delta is None else f"{percent(one.grew)} / {percent(one.same)} / {percent(one.fell)}"),
        )
        for one in found.compared
    )
    titles = ("Человек", "Ожидание «до»", "Оценка «после»", "Оценка минус ожидание", "Выше / так же / ниже")
    return Table(
        "Ожидания на входе и оценки на выходе (только те, кто ответил оба раза)",
        numbered("О чём спрашивали", *titles),
        rows,
    )


def _signed(value: float) -> str:
    return ("+" if half_up(value) > 0 else "") + decimal(value)


def _levels(found: Monitoring) -> Table | None:
    if found.criteria is None:
        return None
    total = sum(found.criteria.by_level.values())
    rows = tuple(
        (
            Cell(upper_first(words)),
            Cell(whole(found.criteria.by_level.get(level, 0))),
            Cell(percent(parted := share(found.criteria.by_level.get(level, 0), total)), share=parted),
        )
        for level, words in LEVELS.items()
        if total and (level != "undetermined" or found.criteria.by_level.get(level))
    )
    columns = numbered("Уровень", "Оценок", "Доля")
    return Table("Оценка программ по девяти показателям", columns, rows) if rows else None


def _criteria_words(found: Monitoring) -> str:
    criteria = found.criteria
    if criteria is None or criteria.mean_total is None:
        return ""
    words = f"Средняя сумма – {decimal(criteria.mean_total)} балла из 18."
    if criteria.weakest_title and criteria.weakest_mean is not None:
        words += f" Ниже других оценено: «{criteria.weakest_title}» ({decimal(criteria.weakest_mean)} из 2)."
    return words


def roadmap(view: View) -> RoadMap | None:
    """How far the road maps are done; None where nobody keeps one."""
    whole_map = view.given.roadmap.get(view.organisation)
    if whole_map is None:
        return None
    words = [_roadmap_words(whole_map)]
    tables: list[Table] = []
    if view.is_district:
        keeping = [one for one in view.organisations if one in view.given.roadmap]
        without = [one for one in view.organisations if one not in view.given.roadmap]
        if without:
            words.append(f"Дорожных карт в таблицах нет: {view.named(without)}.")
        lines = [(view.name(one), view.given.roadmap[one]) for one in keeping]
        rows = tuple((Cell(name), *_execution_cells(one)) for name, one in [*lines, ("Район", whole_map)])
        titles = ("Срок наступил", "Выполнено", "из них позже срока", "Не выполнено в срок", "Исполнение")
        columns = numbered("Организация", *titles)
        tables.append(Table("Исполнение дорожных карт", columns, rows, total=True))
    if whole_map.by_stage:
        stages = tuple(
            (
                Cell(stage or "Без этапа"),
                Cell(whole(due)),
                Cell(whole(done)),
                Cell("–") if not due else Cell(percent(parted := share(done, due)), share=parted),
            )
            for stage, done, due in whole_map.by_stage
        )
        columns = numbered("Этап", "Срок наступил", "Выполнено", "Исполнение")
        tables.append(Table("Исполнение по этапам", columns, stages))
    tables += [_task_table(view, "Мероприятия, которые не выполнены в срок", whole_map.overdue)]
    if not view.is_district:
        tables += [_task_table(view, "Мероприятия, выполненные позже срока", whole_map.late)]
    more = len(whole_map.overdue) - _TASKS
    if more > 0:
        words.append(
            f"В списке – первые {_TASKS} невыполненных мероприятий; ещё {whole(more)} – на страницах организаций."
        )
    return RoadMap(tuple(words), tuple(one for one in tables if one.rows))


def _roadmap_words(execution: Execution) -> str:
    apart = [
        (execution.upcoming, "срок впереди"),
        (execution.ongoing, "ведутся постоянно"),
        (execution.conditional, "по мере необходимости"),
        (execution.planned, "по отдельному плану"),
        (execution.undated, "без срока"),
        (execution.untracked, "без отметок об исполнении"),
        (execution.cancelled, "отменены"),
    ]
    others = ", ".join(f"{words} – {whole(number)}" for number, words in apart if number)
    if not execution.due and execution.untracked:
        text = "Об исполнении пока ничего не отмечено."
    elif not execution.due:
        text = "Срок ещё ни у одного мероприятия не наступил."
    else:
        verb = form_of(execution.done, "выполнено", "выполнены", "выполнено")
        text = f"Из {counted(execution.due, 'мероприятия', 'мероприятий', 'мероприятий')}, срок которых наступил, "
        text += f"{verb} {whole(execution.done)} ({percent_or_dash(execution.share)})."
    return f"{text} В долю не входят: {others}." if others else text


def _execution_cells(one: Execution) -> tuple[Cell, ...]:
    missed = len(one.overdue)
    return (
        Cell(whole(one.due)),
        Cell(whole(one.done)),
        Cell(whole(one.done_late)),
        Cell(whole(missed), "warn" if missed else "", "есть невыполненные" if missed else ""),
        Cell(percent_or_dash(one.share), share=one.share),
    )


def _task_table(view: View, caption: str, tasks: Sequence[Task]) -> Table:
    """Tasks by name; who is responsible only on the organisation's own page: that column holds names of people."""
    rows: list[Row] = []
    for one in tasks[:_TASKS]:
        due = day(one.due_on) if one.due_on else one.due
        first = Cell(f"{one.number} {one.task}".strip())
        if view.is_district:
            rows.append((first, Cell(view.name(one.organisation)), Cell(due)))
        else:
            rows.append((first, Cell(due), Cell(one.responsible or "–"), Cell(one.reason or "–")))
    titles = ("Организация", "Срок") if view.is_district else ("Срок", "Ответственный", "Причина отклонения")
    return Table(caption, headings("Мероприятие", *titles, texts=set(titles) - {"Срок"}), tuple(rows))


def quality(view: View) -> Quality | None:
    """What was read, found and missed; None where nothing was counted."""
    if not view.complete:
        return None
    tables = [_reading_table(view)]
    if view.is_district:
        tables += [_lacking_tables(view), _lacking_documents(view)]
    else:
        tables += [_own_tables(view.complete[0]), _own_documents(view.complete[0])]
    tables.append(_noticed(view))
    return Quality(_quality_words(view), tuple(one for one in tables if one.rows))


def _quality_words(view: View) -> tuple[str, ...]:
    read, accepted = (sum(getattr(one, name) for one in view.complete) for name in ("read", "accepted"))
    lines = []
    if read:
        lines.append(
            f"{form_of(read, 'Прочитана', 'Прочитаны', 'Прочитано')} {counted(read, 'строка', 'строки', 'строк')}, "
            f"{form_of(accepted, 'принята', 'приняты', 'принято')} {whole(accepted)} "
            f"({percent(share(accepted, read))})."
        )
    expected = [one for one in view.complete if one.meetings_expected]
    if expected:
        held = sum(one.meetings_held or 0 for one in expected)
        planned = sum(one.meetings_expected or 0 for one in expected)
        lines.append(f"Встреч в журналах – {whole(held)} из {whole(planned)} ожидаемых по парам и месяцам.")
    return tuple(lines)


def _reading_table(view: View) -> Table:
    numbers = ("files", "read", "accepted", "rejected", "errors", "warnings")
    rows = [
        (
            Cell(view.name(one.organisation)),
            *(Cell(whole(getattr(one, name))) for name in numbers),
            Cell(percent(one.share), share=one.share),
        )
        for one in view.complete
    ]
    if view.is_district:
        sums = [Cell(whole(sum(getattr(one, name) for one in view.complete))) for name in numbers]
        rows.append((Cell("Район"), *sums, Cell("–")))
    titles = ("Файлы", "Строк прочитано", "Принято", "Не принято", "Ошибки", "Предупре\u00adждения", "Полнота")
    columns = numbered("Организация", *titles)
    return Table("Прочитанные строки, замечания и полнота", columns, tuple(rows), total=view.is_district)


def _lacking_tables(view: View) -> Table:
    lacking: dict[str, list[str]] = {}
    for one in view.complete:
        for state in one.tables:
            if state.expected and not state.present:
                lacking.setdefault(state.title, []).append(one.organisation)
    rows = tuple(
        (Cell(upper_first(title)), Cell(whole(len(which))), Cell(view.named(which))) for title, which in lacking.items()
    )
    columns = headings(
        "Таблица", "Организаций", "У кого её пока нет", numbers=("Организаций",), texts=("У кого её пока нет",)
    )
    return Table("Каких таблиц не хватает", columns, rows)


def _lacking_documents(view: View) -> Table:
    having: dict[str, int] = {}
    for one in view.complete:
        for document, state in one.documents:
            having[document] = having.get(document, 0) + (state != "нет")
    total = len(view.complete)
    rows = tuple(
        (
            Cell(upper_first(document)),
            Cell(f"{whole(number)} из {whole(total)}"),
            Cell(percent(parted := share(number, total)), share=parted),
        )
        for document, number in having.items()
    )
    columns = numbered("Документ", "Есть у организаций", "Доля")
    return Table("Приказы и локальные акты", columns, rows)


def _own_tables(own: Completeness) -> Table:
    rows: list[Row] = []
    for one in own.tables:
        if not one.expected and not one.present:
            continue
        present = Cell("есть", "good") if one.present else Cell("пока нет", "bad")
        filled = share(one.filled_cells, one.required_cells) if one.required_cells else None
        told = f"{whole(one.filled_cells)} из {whole(one.required_cells)}" if one.required_cells else "–"
        rows.append(
            (
                Cell(upper_first(one.title)),
                present,
                Cell(whole(one.rows)),
                Cell(told, share=filled),
            )
        )
    numbers = ("Строк", "Обязательных ячеек заполнено")
    columns = headings("Таблица", "Состояние", *numbers, numbers=numbers)
    return Table("Таблицы организации", columns, tuple(rows))


def _own_documents(own: Completeness) -> Table:
    rows = tuple(
        (Cell(upper_first(document)), Cell("нет", "bad") if state == "нет" else Cell("есть", "good"))
        for document, state in own.documents
    )
    return Table("Приказы и локальные акты", headings("Документ", "Наличие"), rows)


def _noticed(view: View) -> Table:
    rows: list[Row] = []
    for one in view.complete:
        lines = list(one.copied)
        if one.untouched_since is not None:
            lines.insert(0, f"Файлы не менялись с {day(one.untouched_since)}.")
        if lines:
            rows.append((Cell(view.name(one.organisation)), Cell(" ".join(sentence(line) for line in lines))))
    columns = headings("Организация", "На что взглянуть", texts=("На что взглянуть",))
    return Table("Похоже, данные не обновлялись", columns, tuple(rows))
