"""The sheets with a row for each organisation: «Организации» and «Качество данных»."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from sheets_sync.consolidate.context import Context
from sheets_sync.consolidate.sheet import ORGANISATION, SOURCE, short_sheet
from sheets_sync.reporting.page import Column, PlainValue, Sheet, Tone
from sheets_sync.reporting.wording import ORGANISATION_TYPE_WORDS, by_name

if TYPE_CHECKING:
    from sheets_sync.table_schema.model import Definitions

# tables every organisation is expected to hand in; others are mentioned only where they are present
EXPECTED_TABLES = ("school_profile", "curators", "mentors", "mentees", "pairs", "meetings")


def organisations_sheet(context: Context) -> Sheet:
    """What each organisation is and how many take part in it, by its name."""

    def rows() -> Iterator[tuple[Sequence[PlainValue], Tone]]:
        lines = {
            line[0]: line[1:]
            for line in context.connection.execute(
                "SELECT organisation, as_of, n_pupils, n_teachers, curators, mentors, mentees, pairs, workbook, sheet, "
                '"row" FROM main.roster_organisations'
            ).fetchall()
        }
        for identifier in sorted(context.organisations, key=lambda one: (by_name(context.organisation(one)), one)):
            organisation = context.organisations[identifier]
            as_of, pupils, teachers, curators, mentors, mentees, pairs, *place = lines.get(
                identifier, (None, None, None, 0, 0, 0, 0, None, None, None)
            )
            source: tuple[PlainValue, ...] = ("", "", None)
            if place[0] is not None:
                source = context.places.of_row(identifier, *place)
            yield (
                (
                    identifier,
                    organisation.shown,
                    ORGANISATION_TYPE_WORDS.get(organisation.type, organisation.type),
                    organisation.code,
                    as_of,
                    pupils,
                    teachers,
                    curators,
                    mentors,
                    mentees,
                    pairs,
                    *source,
                ),
                "",
            )

    columns = (
        Column("ID", "text", 14, note="Имя папки организации"),
        Column("Наименование", "text", 34, wrap=True),
        Column("Тип", "text", 16, wrap=True),
        Column("Код ОО", "text", 12),
        Column("Дата паспорта", "date", 12),
        Column("Обучающиеся", "integer", 15),
        Column("Педагоги", "integer", 10),
        Column("Кураторы", "integer", 10),
        Column("Наставники", "integer", 11),
        Column("Наставляемые", "integer", 15.5),
        Column("Пары (учтённые)", "integer", 12, note="Строки пар по приказу без ошибок, на дату реестра"),
        *SOURCE,
    )
    return short_sheet(context, "Организации", columns, rows())


def quality_sheet(context: Context, definitions: Definitions) -> Sheet:
    """How much of what each organisation hands in can be relied on: files, tables, rows, issues."""
    titles = {name: schema.title for name, schema in definitions.schemas.items()}

    def rows() -> Iterator[tuple[Sequence[PlainValue], Tone]]:
        read = context.connection.execute(
            """
            WITH files AS (
                SELECT organisation, count(*) FILTER (readable) AS good, count(*) FILTER (NOT readable) AS bad,
                    max(mtime_ns) AS changed
                FROM main.workbooks GROUP BY organisation
            ),
            found AS (
                SELECT organisation, list(DISTINCT "table") AS names, sum(rows_read)::BIGINT AS rows_read,
                    sum(rows_accepted)::BIGINT AS rows_accepted, sum(rows_rejected)::BIGINT AS rows_rejected
                FROM main.tables GROUP BY organisation
            ),
            said AS (
                SELECT organisation, count(*) FILTER (severity = 'error') AS errors,
                    count(*) FILTER (severity = 'warning') AS warnings, count(*) FILTER (severity = 'info') AS infos
                FROM main.issues GROUP BY organisation
            )
            SELECT f.organisation, f.good, f.bad, coalesce(t.names, []), coalesce(t.rows_read, 0),
                coalesce(t.rows_accepted, 0), coalesce(t.rows_rejected, 0), coalesce(s.errors, 0),
                coalesce(s.warnings, 0), coalesce(s.infos, 0), f.changed
            FROM files AS f LEFT JOIN found AS t USING (organisation) LEFT JOIN said AS s USING (organisation)
            """
        ).fetchall()
        known = {line[0]: line[1:] for line in read}
        nothing: tuple[Any, ...] = (0, 0, [], 0, 0, 0, 0, 0, 0, None)
        for identifier in sorted(context.organisations, key=lambda one: (by_name(context.organisation(one)), one)):
            good, bad, names, total, accepted, rejected, errors, warnings, infos, changed = known.get(
                identifier, nothing
            )
            present = [title for name, title in titles.items() if name in names]
            absent = [titles.get(name, name) for name in EXPECTED_TABLES if name not in names]
            tone: Tone = "bad" if bad or errors or not good else "warn" if absent or warnings else "good"
            yield (
                (
                    context.organisation(identifier),
                    good,
                    bad,
                    ", ".join(present),
                    ", ".join(absent),
                    total,
                    accepted,
                    rejected,
                    errors,
                    warnings,
                    infos,
                    None if changed is None else _moment(changed, context.zone),
                ),
                tone,
            )

    columns = (
        ORGANISATION,
        Column("Файлов прочитано", "integer", 11),
        Column("Не прочитано", "integer", 11),
        Column("Таблицы есть", "text", 44, wrap=True),
        Column("Таблиц нет", "text", 34, wrap=True, note="Из тех, что нужны для показателей и реестра"),
        Column("Строк прочитано", "integer", 11),
        Column("Принято", "integer", 10),
        Column("Отклонено", "integer", 11),
        Column("Ошибки", "integer", 9),
        Column("Замечания", "integer", 11),
        Column("Подсказки", "integer", 11),
        Column("Последнее изменение", "datetime", 18),
    )
    return short_sheet(context, "Качество данных", columns, rows(), frozen=1)


def _moment(nanoseconds: int, zone: tzinfo) -> datetime:
    """Time of a file as a wall clock of the zone shows it, to the minute."""
    moment = datetime.fromtimestamp(nanoseconds // 1_000_000_000, tz=zone)
    return moment.replace(second=0, microsecond=0, tzinfo=None)
