"""The sheets of «Мониторинг.xlsx» about the work itself: counters, questionnaires, criteria, road map, completeness.

Each sheet is made only where there is something to say. In the district's book what fewer than
``settings.small_count`` people said is not told, nor what would give it away (design.md §10).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple, TypeVar

from sheets_sync.reporting.book_figures import CHANGE, SHARE, Places, above
from sheets_sync.reporting.completeness import Completeness
from sheets_sync.reporting.counters import Counters
from sheets_sync.reporting.figures import BehindRow
from sheets_sync.reporting.monitoring import Compared, CriteriaLevels, Monitoring, kept_back
from sheets_sync.reporting.note import NoteInput
from sheets_sync.reporting.page import Cell, Column, Formula, Kind, Link, PlainValue, Sheet, Tone, When
from sheets_sync.reporting.roadmap import Execution, Task
from sheets_sync.reporting.summary import COUNT_WORDS, STAGE_WORDS, Summary, in_order, trained_share
from sheets_sync.reporting.wording import FORM_WORDS, PAIR_STATUS_PLURAL, day, half_up, percent, share, whole

NO_DATA = "нет данных"
ROLE_WORDS = {"mentee": "наставляемые", "mentor": "наставники"}
SURVEY_WORDS = {"before": "до («вход»)", "middle": "промежуточная", "after": "после («выход»)"}
LEVEL_WORDS = {
    "optimal": "Оптимальный уровень",
    "acceptable": "Допустимый уровень",
    "unacceptable": "Недопустимый уровень",
    "undetermined": "Уровень не определён",
}
SCOPE_WORDS = {"pair": "пары", "school": "организация в целом", "mixed": "пары и организация"}
LIGHT_WORDS = {"green": "▲ зелёный", "yellow": "● жёлтый", "red": "▼ красный"}
LIGHT_TONES = (When("▲", "good"), When("●", "warn"), When("▼", "bad"))
STATE_WORDS = {
    "handed_in": "сдано в срок",
    "late": "сдано позже срока",
    "not_handed_in": "ещё не сдано",
    "empty": "таблицы пока пусты",
}
STATE_TONES = (When("ещё", "bad"), When("таблицы", "bad"), When("сдано позже", "warn"))
HIGH, LOW = 8, 5  # a mean at which an item is a strength, a weakness (domain.md §4.3)
CAVEAT = (
    "Вопросы «до» – об ожиданиях, вопросы «после» – об опыте. Поэтому разница – это «оценка минус ожидание», а не "
    "личностный рост участника. Сравниваются только ответы тех, кто заполнил обе анкеты."
)
WHO = Column("Организация", "text", 30, wrap=True)
Item = TypeVar("Item")


def process_sheets(given: NoteInput, summary: Summary, places: Places) -> list[Sheet]:
    """All the sheets there is something to say in, in the order people read them."""
    made = [
        *_counter_sheets(summary),
        _response_sheet(given, summary),
        _item_sheet(given, summary),
        _compared_sheet(given, summary),
        _swot_sheet(given, summary),
        _criteria_sheet(given, summary),
        _roadmap_sheet(given, summary),
        _stage_sheet(given, summary),
        _task_sheet(given, summary, places),
        _completeness_sheet(given, summary),
        _table_sheet(given, summary),
        _document_sheet(given, summary),
    ]
    return [sheet for sheet in made if sheet is not None]


def _owned(summary: Summary, found: Mapping[str | None, Item]) -> list[tuple[str, Item]]:
    """What there is of the book's organisations, by the name to show; without the district's own."""
    return [(summary.name(name), found[name]) for name in summary.organisations if name in found]


def _quotient(numerator: int, denominator: int, row: int, columns: tuple[int, int]) -> PlainValue:
    """A share in per cents that stays alive; nothing without a denominator."""
    return Formula(
        'IF(N({1})>0,ROUND(100*{0}/{1},1),"")',
        share(numerator, denominator) if denominator else "",
        (Cell(row, columns[0]), Cell(row, columns[1])),
    )


def _with_sums(rows: Sequence[Sequence[PlainValue]], total: Sequence[PlainValue]) -> tuple[PlainValue, ...]:
    """The line of totals, each number that the column above adds up to as a live sum; words count as nothing."""
    line = list(total)
    for column, value in enumerate(total):
        numbers = [number for row in rows if isinstance(number := row[column], int)]
        if isinstance(value, int) and numbers and sum(numbers) == value:
            line[column] = Formula("SUM({0}:{1})", value, (Cell(0, column), Cell(len(rows) - 1, column)))
    return tuple(line)


# --- counters ---


class _Counter(NamedTuple):
    """One counter: its heading, where the value is found, the kind of its values."""

    title: str
    value: Callable[[Mapping[str, int], Counters], PlainValue]
    kind: Kind = "integer"


def _counter_groups(together: Counters) -> dict[str, list[_Counter]]:
    """Counters by sheet; forms, states and stages only where some pair has them."""

    def part(name: str, key: str) -> Callable[[Mapping[str, int], Counters], PlainValue]:
        return lambda counts, one: getattr(one, name).get(key, 0)

    def of(name: str) -> Callable[[Mapping[str, int], Counters], PlainValue]:
        return lambda counts, one: getattr(one, name)

    def per_pair(counts: Mapping[str, int], one: Counters) -> PlainValue:
        average = one.meetings_per_pair
        return None if average is None else float(half_up(average))

    def counted(key: str) -> Callable[[Mapping[str, int], Counters], PlainValue]:
        return lambda counts, one: counts.get(key, 0)

    return {
        "Участники": [
            *(_Counter(words, counted(key)) for key, words in COUNT_WORDS.items()),
            _Counter("Наставники в парах", of("mentors")),
            _Counter("из них прошли обучение", of("trained")),
            _Counter("доля обученных, %", lambda counts, one: trained_share(one), "percent"),
            _Counter("Поощрения за год", of("awards")),
        ],
        "Формы": [
            _Counter("Пары", of("pairs")),
            _Counter("Группы", of("groups")),
            *(
                _Counter(FORM_WORDS.get(form, form) if form else "форма не указана", part("by_form", form))
                for form in in_order(together.by_form, FORM_WORDS)
            ),
            _Counter("Без приказа (в показатели не входят)", of("without_order")),
        ],
        "Статусы и этапы": [
            *(
                _Counter(f"на дату {PAIR_STATUS_PLURAL[state]}", part("by_state", state))
                for state in in_order(together.by_state, PAIR_STATUS_PLURAL)
            ),
            *(
                _Counter(f"дошли до этапа «{STAGE_WORDS[stage]}»", part("by_stage", stage))
                for stage in in_order(together.by_stage, STAGE_WORDS)
            ),
        ],
        "Встречи и планы": [
            _Counter("Проведено встреч", of("held")),
            _Counter("Запланировано встреч", of("planned")),
            _Counter("проведено из плана", of("held_of_planned")),
            _Counter("Встреч на пару (группу) в среднем", per_pair, "number"),
            _Counter("Без встреч", of("without_meetings")),
            _Counter("Без индивидуального плана", of("without_plan")),
        ],
    }


_GROUP_WORDS = {
    "Формы": "Пары и группы по приказу, которые действовали в этом календарном году.",
    "Статусы и этапы": "Пары и группы: что с ними на дату отчёта и до какого этапа встреч они дошли.",
}


def _counter_sheets(summary: Summary) -> list[Sheet]:
    """In a district a line per organisation and the sums beneath; of one organisation a list in one sheet."""
    together = summary.counter()
    groups = _counter_groups(together)
    if summary.organisation is not None:
        counts = summary.figures.counts[summary.organisation]
        rows: list[Sequence[PlainValue]] = []
        tones: dict[int, Tone] = {}
        for title, counters in groups.items():
            if not counters:
                continue
            tones[len(rows)] = "section"
            rows.append((f"{title}. {said}" if (said := _GROUP_WORDS.get(title)) else title,))
            for one in counters:
                value = one.value(counts, together)
                if one.kind == "percent" and isinstance(value, float):
                    value = percent(value)
                rows.append((one.title[:1].upper() + one.title[1:], NO_DATA if value is None else value))
        columns = (Column("Что посчитано", "text", 70, wrap=True), Column("Число", "integer", 16))
        return [Sheet("Счётчики", columns, rows, above=above(summary), tones=tones, filters=False)]
    return [_district_counters(summary, title, counters, together) for title, counters in groups.items() if counters]


def _district_counters(summary: Summary, title: str, counters: Sequence[_Counter], together: Counters) -> Sheet:
    def line(name: str, counts: Mapping[str, int], one: Counters) -> list[PlainValue]:
        values = (counter.value(counts, one) for counter in counters)
        return [name, *(NO_DATA if value is None else value for value in values)]

    rows = [
        line(summary.name(name), summary.figures.counts[name], summary.counters.get(name, Counters()))
        for name in summary.organisations
    ]
    total = _with_sums(rows, line("Район", summary.figures.district_counts, together))
    formats = {"percent": r"[$-419]0.0\ %", "number": SHARE}
    columns = (WHO, *(Column(one.title, one.kind, format=formats.get(one.kind, "")) for one in counters))
    return Sheet(
        title,
        columns,
        [*rows, total],
        above=above(summary, *([_GROUP_WORDS[title]] if title in _GROUP_WORDS else [])),
        tones={len(rows): "total"},
        filters=False,
        frozen_columns=1,
    )


# --- questionnaires ---


def _surveyed(given: NoteInput, summary: Summary) -> Monitoring | None:
    """What was asked of the book's district or organisation; None where nothing was."""
    own = given.monitoring.get(summary.organisation)
    return own if own is not None and own.surveyed else None


def _response_sheet(given: NoteInput, summary: Summary) -> Sheet | None:
    found: list[tuple[str, Monitoring]] = []
    if summary.organisation is None and (district := _surveyed(given, summary)):
        found.append(("Район", district))
    found += [(name, one) for name, one in _owned(summary, given.monitoring) if one.surveyed]
    rows: list[Sequence[PlainValue]] = []
    tones: dict[int, Tone] = {}
    for name, one in found:
        for answers in one.responses:
            if summary.organisation is None and name == "Район" and one is found[0][1]:
                tones[len(rows)] = "total"
            rows.append(
                (
                    name,
                    ROLE_WORDS.get(answers.role, answers.role),
                    SURVEY_WORDS.get(answers.stage, answers.stage),
                    answers.participants,
                    answers.answered,
                    _quotient(answers.answered, answers.participants, len(rows), (4, 3)),
                )
            )
    if not rows:
        return None
    return Sheet(
        "Анкеты",
        (
            WHO,
            Column("Роль", "text", 16),
            Column("Анкета", "text", 20),
            Column("Участников", "integer", 13, note="Участники пар этого периода"),
            Column("Ответили", "integer", 11),
            Column("Доля ответивших, %", "number", 14, format=SHARE, bar=100),
        ),
        rows,
        above=above(summary, "Сколько участников ответило на анкеты. Тексты ответов остаются в организации."),
        tones=tones,
        frozen_columns=1,
    )


def _item_sheet(given: NoteInput, summary: Summary) -> Sheet | None:
    own = _surveyed(given, summary)
    if own is None or not own.items:
        return None
    least = summary.settings.small_count if summary.organisation is None else 0
    hush = kept_back(own.items, least)
    rows: list[Sequence[PlainValue]] = []
    for one in own.items:
        secret = one in hush
        rows.append(
            (
                one.title,
                ROLE_WORDS.get(one.role, one.role),
                SURVEY_WORDS.get(one.stage, one.stage),
                "все формы" if one.form is None else FORM_WORDS.get(one.form, one.form),
                "скрыто" if secret else one.n,
                "скрыто" if secret else one.mean,
            )
        )
    below = (f"«Скрыто»: ответивших меньше {least} или по разности можно узнать, что они ответили.",)
    return Sheet(
        "Средние баллы",
        (
            Column("Вопрос", "text", 54, wrap=True),
            Column("Роль", "text", 16),
            Column("Анкета", "text", 18),
            Column("Форма", "text", 24, wrap=True),
            Column("Ответов", "integer", 10),
            Column(
                "Средний балл",
                "number",
                11,
                when=(When(f">={HIGH}", "good"), When(f"<={LOW}", "bad")),
                format=f'[>={HIGH}][$-419]"▲ "0.0;[<={LOW}][$-419]"▼ "0.0;[$-419]0.0',
            ),
        ),
        rows,
        above=above(
            summary, f"Шкала от 1 до 10. ▲ {HIGH} и выше – сильная сторона, ▼ {LOW} и ниже – на что обратить внимание."
        ),
        below=below if hush else (),
        frozen_columns=1,
    )


def _compared_sheet(given: NoteInput, summary: Summary) -> Sheet | None:
    own = _surveyed(given, summary)
    if own is None or not own.compared:
        return None
    least = summary.settings.small_count
    rows: list[Sequence[PlainValue]] = []
    for one in own.compared:
        role = ROLE_WORDS.get(one.role, one.role)
        if one.n < least and summary.organisation is None:
            rows.append((one.title, role, "скрыто", *["скрыто"] * 2, f"меньше {least} ответов", *["скрыто"] * 3))
            continue
        rows.append(
            (one.title, role, one.n, one.before, one.after, _delta(one, len(rows)), one.grew, one.same, one.fell)
        )
    return Sheet(
        "Вход и выход",
        (
            Column("Вопрос", "text", 46, wrap=True),
            Column("Роль", "text", 15),
            Column("Ответили дважды", "integer", 11),
            Column("Ожидание («до»)", "number", 11, format=SHARE),
            Column("Оценка («после»)", "number", 11, format=SHARE),
            Column(
                "Оценка минус ожидание",
                "number",
                13,
                wrap=True,
                format=CHANGE,
                when=(When(">0", "good"), When("<0", "warn")),
            ),
            Column("Оценка выше, %", "number", 10, format=SHARE),
            Column("Совпала, %", "number", 10, format=SHARE),
            Column("Оценка ниже, %", "number", 10, format=SHARE),
        ),
        rows,
        above=above(summary, CAVEAT),
        below=(f"Разница показана, если на обе анкеты ответили не меньше {least} человек.",),
        frozen_columns=1,
    )


def _delta(one: Compared, row: int) -> PlainValue:
    """What the two means differ by; alive where the means as shown come to it."""
    if one.delta is None:
        return "мало ответов"
    if half_up(half_up(one.after) - half_up(one.before)) != half_up(one.delta):
        return one.delta
    return Formula("ROUND({1}-{0},1)", one.delta, (Cell(row, 3), Cell(row, 4)))


def _swot_sheet(given: NoteInput, summary: Summary) -> Sheet | None:
    own = _surveyed(given, summary)
    if own is None:
        return None
    rows: list[Sequence[PlainValue]] = []
    tones: dict[int, Tone] = {}
    cell_tones: dict[tuple[int, int], Tone] = {}
    for title, good, bad in (
        ("Внутренние: сильные и слабые стороны", "strength", "weakness"),
        ("Внешние: возможности и угрозы", "opportunity", "threat"),
    ):
        tones[len(rows)] = "section"
        rows.append((title,))
        columns = [[entry.text for entry in own.swot if entry.factor == factor] for factor in (good, bad)]
        names = ("Сильные стороны – слабые стороны", "Возможности – угрозы")[good == "opportunity"]
        for index in range(max(len(columns[0]), len(columns[1])) + 3):
            cell_tones[len(rows), 1] = cell_tones[len(rows), 2] = "input"
            texts = (column[index] if index < len(column) else None for column in columns)
            rows.append((names if index == 0 else None, *texts))
    return Sheet(
        "SWOT-анализ",
        (
            Column("Факторы", "text", 30, wrap=True),
            Column("Позитивные", "text", 50, wrap=True),
            Column("Негативные", "text", 50, wrap=True),
        ),
        rows,
        above=above(
            summary,
            f"Заполнено по анкетам: средний балл {HIGH} и выше – сильная сторона, {LOW} и ниже – слабая. Это черновик: "
            "светлые ячейки можно править и дополнять; возможности и угрозы вписывает куратор.",
        ),
        tones=tones,
        cell_tones=cell_tones,
        filters=False,
    )


def _criteria_sheet(given: NoteInput, summary: Summary) -> Sheet | None:
    found = [(name, one.criteria) for name, one in _owned(summary, given.monitoring) if one.criteria is not None]
    if not found:
        return None

    def line(name: str, one: CriteriaLevels) -> tuple[PlainValue, ...]:
        levels = (one.by_level.get(level, 0) for level in LEVEL_WORDS)
        scope = SCOPE_WORDS.get(one.scope, one.scope)
        return (name, *levels, one.mean_total, one.weakest_title, one.weakest_mean, scope)

    rows = [line(name, one) for name, one in found]
    tones: dict[int, Tone] = {}
    district = given.monitoring.get(None)
    if summary.organisation is None and district is not None and district.criteria is not None:
        tones[len(rows)] = "total"
        rows.append(_with_sums(rows, line("Район", district.criteria)))
    return Sheet(
        "Девять показателей",
        (
            WHO,
            *(Column(words, "integer", 14) for words in LEVEL_WORDS.values()),
            Column("Средняя сумма баллов", "number", 12, format=SHARE),
            Column("Самый слабый показатель", "text", 40, wrap=True),
            Column("Его средний балл", "number", 10, format=SHARE),
            Column("Что оценено", "text", 20, wrap=True),
        ),
        rows,
        above=above(summary, "15–18 баллов – оптимальный уровень, 9–14 – допустимый, 0–8 – недопустимый."),
        tones=tones,
        frozen_columns=1,
    )


# --- the road map ---


def _roadmap_sheet(given: NoteInput, summary: Summary) -> Sheet | None:
    found = _owned(summary, given.roadmap)
    if not found:
        return None
    rows: list[Sequence[PlainValue]] = []

    def line(name: str, one: Execution) -> tuple[PlainValue, ...]:
        return (
            name, one.due, one.done, one.done_late, _quotient(one.done, one.due, len(rows), (2, 1)), len(one.overdue),
            one.upcoming, one.ongoing, one.conditional, one.planned, one.cancelled,
        )  # fmt: skip

    for name, one in found:
        rows.append(line(name, one))
    tones: dict[int, Tone] = {}
    district = given.roadmap.get(None)
    if summary.organisation is None and district is not None:
        tones[len(rows)] = "total"
        rows.append(_with_sums(rows, line("Район", district)))
    return Sheet(
        "Дорожная карта",
        (
            WHO,
            Column("Срок наступил", "integer", 11, note="Задачи со сроком не позже даты отчёта"),
            Column("Выполнено", "integer", 12),
            Column("из них с опозданием", "integer", 13),
            Column("Исполнение, %", "number", 13, format=SHARE, bar=100),
            Column("Просрочено", "integer", 13, when=(When(">0", "bad"),)),
            Column("Срок впереди", "integer", 11),
            Column("Постоянные", "integer", 13, note="В долю исполнения не входят"),
            Column("По мере наступления", "integer", 13, note="Срок зависит от события; в долю не входят"),
            Column("По отдельному плану", "integer", 13, note="Срок – в другом плане; в долю не входят"),
            Column("Отменены", "integer", 11),
        ),
        rows,
        above=above(summary, "Исполнение – выполненные задачи (и с опозданием) среди тех, чей срок уже наступил."),
        tones=tones,
        frozen_columns=1,
    )


def _stage_sheet(given: NoteInput, summary: Summary) -> Sheet | None:
    rows: list[Sequence[PlainValue]] = []
    for name, one in _owned(summary, given.roadmap):
        for stage, done, due in one.by_stage:
            rows.append((name, stage or "этап не указан", due, done, _quotient(done, due, len(rows), (3, 2))))
    if not rows:
        return None
    return Sheet(
        "Этапы дорожной карты",
        (
            WHO,
            Column("Этап", "text", 60, wrap=True),
            Column("Срок наступил", "integer", 11),
            Column("Выполнено", "integer", 12),
            Column("Исполнение, %", "number", 13, format=SHARE, bar=100),
        ),
        rows,
        above=above(summary),
        frozen_columns=1,
    )


def _task_sheet(given: NoteInput, summary: Summary, places: Places) -> Sheet | None:
    """Tasks late and overdue; the reasons, free text, stay in the organisation."""
    rows: list[Sequence[PlainValue]] = []
    is_own = summary.organisation is not None

    def line(name: str, task: Task, state: str) -> tuple[PlainValue, ...]:
        place = places(BehindRow(task.organisation, None, task.workbook, task.sheet, task.row))
        return (
            name, task.number, task.task, task.due, task.responsible, state, task.done_on,
            *([task.reason] if is_own else []), PurePosixPath(task.workbook).name, task.sheet, place,
        )  # fmt: skip

    for name, one in _owned(summary, given.roadmap):
        rows += [line(name, task, "▼ просрочено") for task in one.overdue]
        rows += [line(name, task, "● с опозданием") for task in one.late]
    if not rows:
        return None
    return Sheet(
        "Отклонения от сроков",
        (
            Column("Организация", "text", 22, wrap=True),
            Column("№", "text", 6),
            Column("Мероприятие", "text", 40, wrap=True),
            Column("Срок", "text", 18, wrap=True),
            Column("Ответственные", "text", 22, wrap=True),
            Column("Состояние", "text", 17, when=(When("▼", "bad"), When("●", "warn"))),
            Column("Выполнено", "date", 12),
            *([Column("Причина", "text", 22, wrap=True)] if is_own else []),
            Column("Файл", "text", 20, wrap=True),
            Column("Лист", "text", 13, wrap=True),
            Column("Строка", "link", 9),
        ),
        rows,
        above=above(summary, "Задачи дорожной карты, не выполненные к сроку или выполненные позже."),
        frozen_columns=1,
    )


# --- completeness ---


def _completed(given: NoteInput, summary: Summary) -> list[tuple[str, Completeness]]:
    return [
        (summary.name(name), given.completeness[name]) for name in summary.organisations if name in given.completeness
    ]


def _completeness_sheet(given: NoteInput, summary: Summary) -> Sheet | None:
    found = _completed(given, summary)
    if not found:
        return None
    rows: list[Sequence[PlainValue]] = []
    for name, one in found:
        notes = [f"Без изменений с {day(one.untouched_since)}."] if one.untouched_since else []
        notes += [f"{words[:1].upper()}{words[1:].rstrip('.')}." for words in one.copied]
        rows.append(
            (
                name,
                LIGHT_WORDS.get(one.light, one.light),
                one.share,
                STATE_WORDS.get(one.state, one.state),
                one.due_on,
                one.handed_in,
                one.files,
                one.last_change,
                f"{whole(one.accepted)} из {whole(one.read)}",
                one.errors,
                one.warnings,
                _meetings(one),
                " ".join(notes),
            )
        )
    return Sheet(
        "Заполненность",
        (
            Column("Организация", "text", 26, wrap=True),
            Column("Светофор", "text", 13, when=LIGHT_TONES),
            Column("Заполнено, %", "number", 13, format=SHARE, bar=100),
            Column("Сдача", "text", 17, wrap=True, when=STATE_TONES),
            Column("Срок", "date", 11.5),
            Column("Сдано", "date", 11.5),
            Column("Файлов", "integer", 10),
            Column("Последнее изменение", "date", 13.5),
            Column("Строк принято", "text", 13, note="Из прочитанных; остальные ждут исправления ошибок"),
            Column("Ошибок", "integer", 10),
            Column("Замечаний", "integer", 12.5),
            Column("Встреч проведено", "text", 13.5, note="Из тех, что ожидались по парам и месяцам"),
            Column("Примечание", "text", 30, wrap=True),
        ),
        rows,
        above=above(summary, "Доля заполненных обязательных ячеек ожидаемых таблиц и проведённых встреч из ожидаемых."),
        frozen_columns=1,
    )


def _meetings(one: Completeness) -> str:
    """«18 из 20»; «нет данных» where no journal is kept."""
    if one.meetings_held is None:
        return NO_DATA
    held = whole(one.meetings_held)
    return held if one.meetings_expected is None else f"{held} из {whole(one.meetings_expected)}"


def _table_sheet(given: NoteInput, summary: Summary) -> Sheet | None:
    rows: list[Sequence[PlainValue]] = []
    for name, one in _completed(given, summary):
        for table in one.tables:
            if not table.expected and not table.present:
                continue
            state = "▲ есть" if table.present else "▼ ожидается, пока нет"
            filled = _quotient(table.filled_cells, table.required_cells, len(rows), (5, 4))
            rows.append((name, table.title, state, table.rows, table.required_cells, table.filled_cells, filled))
    if not rows:
        return None
    return Sheet(
        "Таблицы",
        (
            WHO,
            Column("Таблица", "text", 34, wrap=True),
            Column("Наличие", "text", 24, when=(When("▲", "good"), When("▼", "bad"))),
            Column("Строк", "integer", 9),
            Column("Обязательных ячеек", "integer", 15),
            Column("Заполнено", "integer", 12),
            Column("Доля, %", "number", 11, format=SHARE, bar=100),
        ),
        rows,
        above=above(summary),
        frozen_columns=1,
    )


def _document_sheet(given: NoteInput, summary: Summary) -> Sheet | None:
    rows: list[Sequence[PlainValue]] = []
    for name, one in _completed(given, summary):
        for title, value in one.documents:
            if value == "нет":
                shown: PlainValue = "▼ нет"
            else:
                shown = "▲ да" if value == "да" else Link("▲ есть, открыть", value)
            rows.append((name, title, shown))
    if not rows:
        return None
    columns = (
        WHO,
        Column("Документ", "text", 70, wrap=True),
        Column("Есть ли", "link", 20, when=(When("▼", "bad"),)),
    )
    return Sheet("Документы", columns, rows, above=above(summary), frozen_columns=1)
