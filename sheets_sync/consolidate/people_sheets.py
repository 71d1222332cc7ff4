"""The sheets of persons: «Кураторы», «Наставники», «Наставляемые» and «Без пары»."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from sheets_sync.consolidate.context import Context
from sheets_sync.consolidate.sheet import MARK_AND_SOURCE, ORGANISATION, in_words, long_sheet, tones_of
from sheets_sync.reporting.page import Batch, Column, PlainValue, Sheet, Tone
from sheets_sync.reporting.wording import FORM_WORDS, counted, form_of, whole

_MENTOR_CATEGORIES = {
    "pupil": "обучающийся",
    "teacher": "педагог",
    "parent": "родитель",
    "alumnus": "выпускник",
    "enterprise": "сотрудник предприятия",
    "entrepreneur": "предприниматель",
    "veteran": "ветеран педагогического труда",
}
_KINDS = {"pupil": "обучающийся", "staff": "педагог", "external": "внешний участник"}
_CURATOR_ROLES = {"coordinator": "координатор", "curator": "куратор"}
_PARTICIPANT = (
    ORGANISATION,
    Column("ФИО или код", "text", 22, wrap=True),
    Column("Категория", "text", 14, wrap=True),
    Column("Возраст", "text", 10, wrap=True),
    Column("Должность", "text", 17, wrap=True),
)
_SINCE = Column("В программе с", "date", 14)
_STATES = {"running": "в паре", "finished": "пара завершена", "left": "выбыл", "none": "без пары"}


def curators_sheet(context: Context) -> Sheet:
    """Every accepted row of a curator, with the order and, where named, how to reach them."""
    sql = f"""
        SELECT c.organisation, b.person_key, c.full_name, p.access, c."position", c.role, c.form, c.order_no,
            c.order_date, c.phone, c.email, c.training, k.codes, c.workbook, c.sheet, c."row"
        FROM curators AS c
        JOIN base AS b ON b.role = 'curator' AND b.organisation = c.organisation AND b.workbook = c.workbook
            AND b.sheet = c.sheet AND b."row" = c."row" AND b.part = c.part
        LEFT JOIN roster_people AS p ON p.person_key = b.person_key
        LEFT JOIN roster_marks AS k ON k.organisation = c.organisation AND k.workbook = c.workbook AND k.sheet = c.sheet
            AND k."row" = c."row"
        WHERE c.accepted AND {context.of_the_asked("c")}
        ORDER BY c.organisation, c.workbook, c.sheet, c."row", c.part
    """

    def batches() -> Iterator[Batch]:
        for fetched in context.columns(sql):
            organisations, keys, names, access, positions, roles, forms, numbers, ordered_on = fetched[:9]
            phones, emails, trainings, codes, *places = fetched[9:]
            yield Batch(
                (
                    context.organisations_of(organisations),
                    context.persons(keys, names, access),
                    _if_named(positions, access),
                    [in_words(role, _CURATOR_ROLES) for role in roles],
                    [in_words(form, FORM_WORDS) for form in forms],
                    numbers,
                    ordered_on,
                    _if_named(phones, access),
                    _if_named(emails, access),
                    _if_named(trainings, access),
                    context.marks_of(codes),
                    *context.places.of_rows(organisations, *places),
                ),
                tones_of(codes),
                organisations,
            )

    columns = (
        ORGANISATION,
        Column("ФИО", "text", 22, wrap=True),
        Column("Должность", "text", 17, wrap=True),
        Column("Роль", "text", 15, wrap=True),
        Column("Форма наставничества", "text", 15, wrap=True),
        Column("Приказ №", "text", 10),
        Column("Дата приказа", "date", 12),
        Column("Телефон", "text", 16),
        Column("Эл. почта", "text", 20, wrap=True),
        Column("Обучение", "text", 20, wrap=True),
        *MARK_AND_SOURCE,
    )
    persons = context.single("SELECT coalesce(sum(curators), 0) FROM main.roster_organisations")
    people = counted(persons, "человек", "человека", "человек")
    below = (f"Всего координаторов и кураторов: {people}.",)
    return long_sheet(context, "Кураторы", columns, batches(), below=below)


def mentors_sheet(context: Context) -> Sheet:
    """Each mentor of an organisation once, with the mentees the pairs give by now."""
    sql = f"""
        SELECT o.organisation, o.person_key, p.full_name, p.access,
            p.access = 'name' AND NOT p.protected AS told, CASE WHEN p.protected THEN p.age_band END,
            m.category, o.kind, CASE WHEN told THEN m."position" END, CASE WHEN told THEN m.enterprise_id END,
            CASE WHEN told THEN m.direction END, i.forms, m.form, coalesce(i.running, 0),
            CASE WHEN told THEN m.long_term END, m.date_in, o.codes, o.more, o.workbook, o.sheet, o."row"
        FROM (SELECT * FROM roster_one WHERE role = 'mentor') AS o
        JOIN mentors AS m ON m.organisation = o.organisation AND m.workbook = o.workbook AND m.sheet = o.sheet
            AND m."row" = o."row" AND m.part = o.part
        LEFT JOIN roster_people AS p ON p.person_key = o.person_key
        LEFT JOIN roster_in_pairs AS i ON i.role = 'mentor' AND i.person_key = o.person_key
        WHERE {context.of_the_asked("o")}
        ORDER BY o.place
    """

    def batches() -> Iterator[Batch]:
        for fetched in context.columns(sql):
            organisations, keys, names, access, _, bands, categories, kinds = fetched[:8]
            positions, enterprises, directions, forms, own_forms, running, long_term, since = fetched[8:16]
            codes, more, *places = fetched[16:]
            yield Batch(
                (
                    context.organisations_of(organisations),
                    context.persons(keys, names, access),
                    [
                        _MENTOR_CATEGORIES.get(category, _KINDS.get(kind, ""))
                        for category, kind in zip(categories, kinds, strict=True)
                    ],
                    bands,
                    positions,
                    enterprises,
                    directions,
                    _forms_of(forms, own_forms),
                    running,
                    [None if told is None else "да" if told else "нет" for told in long_term],
                    since,
                    _with_more(context.marks_of(codes), more),
                    *context.places.of_rows(organisations, *places),
                ),
                _tones(codes, access),
                organisations,
            )

    columns = (
        *_PARTICIPANT,
        Column("Предприятие", "text", 17, wrap=True),
        Column("Направление", "text", 15, wrap=True),
        Column("Форма наставничества", "text", 15, wrap=True),
        Column("Наставляемых сейчас", "integer", 15),
        Column("Долгосрочная база", "text", 14, wrap=True),
        _SINCE,
        *MARK_AND_SOURCE,
    )
    lines = context.single("SELECT coalesce(sum(mentor_lines), 0) FROM main.roster_organisations")
    persons = context.single("SELECT count(DISTINCT person) FROM main.roster_mentors")
    below = [
        f"Всего: {counted(lines, 'строка', 'строки', 'строк')}, {counted(persons, 'человек', 'человека', 'человек')}."
    ]
    if lines > persons:
        below.append("Взрослый наставник, записанный в нескольких организациях, в числе людей посчитан один раз.")
    return long_sheet(context, "Наставники", columns, batches(), below=below)


def mentees_sheet(context: Context, title: str, *, unmatched: bool) -> Sheet:
    """Each mentee of an organisation once, and whether in a pair by now; ``unmatched``: those without one alone."""
    # A mentee's row of the base tells what the sheet shows of it, and is found by its number.
    only = " AND o.person_key IN (SELECT person_key FROM unmatched_mentees)" if unmatched else ""
    sql = f"""
        SELECT o.organisation, o.person_key, p.full_name, p.access, CASE WHEN p.protected THEN p.age_band END, o.kind,
            CASE WHEN p.access = 'name' AND NOT p.protected THEN m."position" END, i.forms, m.form,
            CASE WHEN coalesce(i.running, 0) > 0 THEN 'running' WHEN i.kept > 0 THEN 'finished'
                WHEN CASE WHEN m.date_out IS NOT NULL THEN m.date_out < getvariable('as_of')
                    ELSE coalesce(m.status, '') = 'left' END THEN 'left'
                ELSE 'none' END,
            m.date_in, o.codes, o.more, o.workbook, o.sheet, o."row"
        FROM (SELECT * FROM roster_one WHERE role = 'mentee') AS o
        JOIN base AS m ON m.rowid = o.line
        LEFT JOIN roster_people AS p ON p.person_key = o.person_key
        LEFT JOIN roster_in_pairs AS i ON i.role = 'mentee' AND i.person_key = o.person_key
        WHERE {context.of_the_asked("o")}{only}
        ORDER BY o.place
    """

    def batches() -> Iterator[Batch]:
        for fetched in context.columns(sql):
            organisations, keys, names, access, bands, kinds, positions, forms, own_forms = fetched[:9]
            states, since, codes, more, *places = fetched[9:]
            yield Batch(
                (
                    context.organisations_of(organisations),
                    context.persons(keys, names, access),
                    [_KINDS.get(kind, "") for kind in kinds],
                    bands,
                    positions,
                    _forms_of(forms, own_forms),
                    list(map(_STATES.__getitem__, states)),
                    since,
                    _with_more(context.marks_of(codes), more),
                    *context.places.of_rows(organisations, *places),
                ),
                _tones(codes, access),
                organisations,
            )

    columns = (
        *_PARTICIPANT,
        Column("Форма наставничества", "text", 15, wrap=True),
        Column("Состояние", "text", 12, wrap=True),
        _SINCE,
        *MARK_AND_SOURCE,
    )
    return long_sheet(context, title, columns, batches())


def _if_named(values: Sequence[PlainValue], access: Sequence[str | None]) -> list[PlainValue]:
    """What is told of persons who stand by name, and of nobody else."""
    return [value if how == "name" else None for value, how in zip(values, access, strict=True)]


def _forms_of(forms: Sequence[str | None], own_forms: Sequence[Any]) -> list[PlainValue]:
    """Words of the forms of persons' pairs; of what the base says where there are none."""
    return [
        (_forms(codes) if codes else "") or in_words(own, FORM_WORDS)
        for codes, own in zip(forms, own_forms, strict=True)
    ]


@cache
def _forms(codes: str) -> str:
    """Words of the forms of a person's pairs, as ``roster_in_pairs`` tells them."""
    return ", ".join(FORM_WORDS.get(code, code) for code in codes.split("\x1f") if code)


def _tones(codes: Sequence[object], access: Sequence[str | None]) -> list[Tone]:
    return [
        "bad" if found else "muted" if how in (None, "none") else "" for found, how in zip(codes, access, strict=True)
    ]


def _with_more(marks: Sequence[PlainValue], more: Sequence[int]) -> list[PlainValue]:
    """The marks, and how many more rows the person has."""
    return [_and_more(mark, count) if count else mark for mark, count in zip(marks, more, strict=True)]


def _and_more(marks: PlainValue, more: int) -> str:
    note = f"в базе ещё {whole(more)} {form_of(more, 'строка', 'строки', 'строк')} этого человека"
    return f"{marks}; {note}" if marks else note
