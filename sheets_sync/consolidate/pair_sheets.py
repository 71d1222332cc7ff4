"""The sheets of who works with whom: «Пары» and «Сетевые наставники»."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sheets_sync.consolidate.access import WITHOUT_CONSENT
from sheets_sync.consolidate.context import Context
from sheets_sync.consolidate.sheet import MARK_AND_SOURCE, ORGANISATION, in_words, long_sheet, tones_of
from sheets_sync.reporting.page import Batch, Column, PlainValue, Sheet
from sheets_sync.reporting.wording import FORM_WORDS, PAIR_STATUS_WORDS


def pairs_sheet(context: Context) -> Sheet:
    """Every accepted row of a pair: who, on what order, whether it counts, how many meetings were held."""
    # A meeting whose row names several of a group is one; telling them apart takes long and is seldom needed.
    several = context.single("SELECT count(*) FROM meetings WHERE part > 0")
    held = 'count(DISTINCT (workbook, sheet, "row"))' if several else "count(*)"
    # What joins to a pair is put together beforehand, for its number alone: in one query each join would keep the
    # pairs with all that the sheet shows of them in memory, until the last one is written.
    context.connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE roster_pairs AS
        WITH met AS (
            SELECT unit, {held} AS held FROM meetings_resolved WHERE valid AND unit IS NOT NULL GROUP BY unit
        )
        SELECT r.line, a.full_name AS mentor_name, a.access AS mentor_access, b.full_name AS mentee_name,
            b.access AS mentee_access, c.line IS NOT NULL AS counted, coalesce(m.held, 0) AS held, k.codes
        FROM (SELECT line, mentor_person, mentee_person, unit, organisation, workbook, sheet, "row"
            FROM pairs_resolved WHERE accepted) AS r
        LEFT JOIN (SELECT line FROM counted_pairs) AS c ON c.line = r.line
        LEFT JOIN roster_people AS a ON a.person_key = r.mentor_person
        LEFT JOIN roster_people AS b ON b.person_key = r.mentee_person
        LEFT JOIN met AS m ON m.unit = r.unit
        LEFT JOIN roster_marks AS k ON k.organisation = r.organisation AND k.workbook = r.workbook AND k.sheet = r.sheet
            AND k."row" = r."row"
        """
    )
    sql = f"""
        SELECT r.organisation, r.pair_id, r.mentor_person, coalesce(t.mentor_name, r.mentor), t.mentor_access,
            r.mentee_person, coalesce(t.mentee_name, r.mentee), t.mentee_access, r.form, r.format, r.order_no,
            r.order_date, r.date_from, r.date_to, r.status,
            CASE WHEN r.has_error THEN 'нет: ошибка в строке' WHEN NOT r.ordered THEN 'нет: не указан приказ'
                WHEN r.refused_on <= getvariable('as_of') THEN 'нет: участник отказался'
                WHEN NOT t.counted THEN 'нет: ещё не началась' ELSE 'да' END,
            t.held, t.codes, r.workbook, r.sheet, r."row"
        FROM pairs_resolved AS r JOIN roster_pairs AS t ON t.line = r.line
        WHERE {context.of_the_asked("r")}
        ORDER BY r.line
    """

    def batches() -> Iterator[Batch]:
        for fetched in context.columns(sql):
            organisations, numbers, *persons = fetched[:8]
            forms, forms_at, order_numbers, order_dates, starts, ends, statuses, taken, held, codes = fetched[8:18]
            yield Batch(
                (
                    context.organisations_of(organisations),
                    numbers,
                    context.persons(*persons[:3]),
                    context.persons(*persons[3:]),
                    [in_words(form, FORM_WORDS) for form in forms],
                    forms_at,
                    order_numbers,
                    order_dates,
                    starts,
                    ends,
                    [PAIR_STATUS_WORDS.get(status, "") for status in statuses],
                    taken,
                    held,
                    context.marks_of(codes),
                    *context.places.of_rows(organisations, *fetched[18:]),
                ),
                [
                    "bad" if found else "" if counts == "да" else "warn"
                    for found, counts in zip(codes, taken, strict=True)
                ],
                organisations,
            )

    columns = (
        ORGANISATION,
        Column("№ пары", "text", 10),
        Column("Наставник", "text", 22, wrap=True),
        Column("Наставляемый", "text", 22, wrap=True),
        Column("Форма наставничества", "text", 15, wrap=True),
        Column("Формат", "text", 20, wrap=True),
        Column("Приказ №", "text", 10),
        Column("Дата приказа", "date", 12),
        Column("Начало", "date", 12),
        Column("Окончание", "date", 12),
        Column("Статус", "text", 12, wrap=True),
        Column("Учтена в показателях", "text", 14, wrap=True),
        Column("Встречи пары (группы)", "integer", 12),
        *MARK_AND_SOURCE,
    )
    return long_sheet(context, "Пары", columns, batches(), frozen=4)


def network_sheet(context: Context) -> Sheet:
    """Mentors of one organisation with trainees of another, by name where a base of the telling one has consent."""
    # A name in the network's own list is shown where its bearer's consent is found in the bases of that organisation.
    sql = f"""
        WITH consented AS (
            SELECT k.organisation, k.words, k.name_key
            FROM known AS k JOIN roster_people AS p ON p.person_key = k.person_key
            WHERE p.access = 'name' AND NOT p.protected
        )
        SELECT n.organisation, n.direction, n.network_mentor, n.mentor_org, n."order", n.trainee, n.trainee_org,
            n.basis, n.plan_done, n.review IS NOT NULL,
            EXISTS (SELECT 1 FROM consented AS c WHERE c.organisation = n.organisation
                AND one_person(c.words, string_split(n.network_mentor_key, ' '))),
            EXISTS (SELECT 1 FROM consented AS c WHERE c.organisation = n.organisation
                AND one_person(c.words, string_split(n.trainee_key, ' '))),
            k.codes, n.workbook, n.sheet, n."row"
        FROM network AS n
        LEFT JOIN roster_marks AS k ON k.organisation = n.organisation AND k.workbook = n.workbook AND k.sheet = n.sheet
            AND k."row" = n."row"
        WHERE n.accepted AND {context.of_the_asked("n")}
        ORDER BY n.organisation, n.workbook, n.sheet, n."row", n.part
    """

    def batches() -> Iterator[Batch]:
        for fetched in context.columns(sql):
            organisations, directions, mentors, mentor_orgs, orders, trainees, trainee_orgs, bases = fetched[:8]
            done, reviewed, mentors_shown, trainees_shown, codes, *places = fetched[8:]
            yield Batch(
                (
                    context.organisations_of(organisations),
                    directions,
                    _if_consented(mentors, mentors_shown),
                    mentor_orgs,
                    orders,
                    _if_consented(trainees, trainees_shown),
                    trainee_orgs,
                    bases,
                    done,
                    ["есть" if has_review else "нет" for has_review in reviewed],
                    context.marks_of(codes),
                    *context.places.of_rows(organisations, *places),
                ),
                tones_of(codes),
                organisations,
            )

    columns = (
        Column("Откуда сведения", "text", 20, wrap=True),
        Column("Направление", "text", 15, wrap=True),
        Column("Сетевой наставник", "text", 22, wrap=True),
        Column("ОО наставника", "text", 20, wrap=True),
        Column("Приказ", "text", 14, wrap=True),
        Column("Стажёр", "text", 22, wrap=True),
        Column("ОО стажёра", "text", 20, wrap=True),
        Column("Основание", "text", 20, wrap=True),
        Column("План выполнен, %", "percent", 12),
        Column("Отзыв", "text", 8),
        *MARK_AND_SOURCE,
    )
    return long_sheet(context, "Сетевые наставники", columns, batches(), frozen=3)


def _if_consented(names: Sequence[PlainValue], shown: Sequence[bool]) -> list[PlainValue]:
    return [name if is_shown else WITHOUT_CONSENT for name, is_shown in zip(names, shown, strict=True)]
