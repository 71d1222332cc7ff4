"""The sheet of persons who may be one, «Возможные совпадения»."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sheets_sync.consolidate.context import Context
from sheets_sync.consolidate.sheet import ORGANISATION, SOURCE, short_sheet
from sheets_sync.ledger import LIKENESS, Doubt, Side, entry_of
from sheets_sync.reporting.page import Column, PlainValue, Sheet, Tone
from sheets_sync.reporting.wording import whole

MATCHES_FILE = "possible-matches.toml"  # beside the store: entries with the names this book does not tell


def matches_sheet(context: Context, doubts: Sequence[Doubt], total: int) -> Sheet:
    """Persons who may be one, for a human to settle: nobody is named here who is not named in the roster itself."""
    known = dict[str, tuple[str, bool]]()
    keys = sorted({side.person_key for doubt in doubts for side in (doubt.first, doubt.second)})
    for key, access, protected in context.connection.execute(
        "SELECT person_key, access, protected FROM main.roster_access "
        "WHERE person_key IN (SELECT unnest($1::VARCHAR[]))",
        [keys],
    ).fetchall():
        known[key] = (access, protected)

    def shown(side: Side) -> tuple[PlainValue, ...]:
        who = context.person(side.person_key, side.full_name, known.get(side.person_key, ("none", True))[0])
        return (
            context.organisation(side.organisation),
            who,
            *context.places.of_row(side.organisation, side.workbook, side.sheet, side.row),
        )

    def may_be_told(side: Side) -> bool:
        return known.get(side.person_key) == ("name", False) and not side.needs_birth

    def rows() -> Iterator[tuple[Sequence[PlainValue], Tone]]:
        for doubt in doubts:
            told = may_be_told(doubt.first) and may_be_told(doubt.second)
            entry = entry_of(doubt) if told else f"№ {doubt.number} в файле {MATCHES_FILE} (служебная папка)"
            yield (doubt.number, LIKENESS[doubt.likeness], *shown(doubt.first), *shown(doubt.second), entry), ""

    other = (
        Column("Другая организация", "text", 30, wrap=True),
        Column("Другой человек", "text", 30),
        Column("Другой файл", "text", 28),
        Column("Другой лист", "text", 18),
        Column("Другая строка", "link", 8),
    )
    columns = (
        Column("№", "integer", 6),
        Column("Что похоже", "text", 30, wrap=True),
        ORGANISATION,
        Column("ФИО или код", "text", 30),
        *SOURCE,
        *other,
        Column("Запись для people.toml", "text", 60, wrap=True),
    )
    below = (f"Показаны первые {whole(len(doubts))} из {whole(total)}.",) if total > len(doubts) else ()
    sheet = short_sheet(context, "Возможные совпадения", columns, rows(), below=below, frozen=2)
    sheet.above = (
        *sheet.above,
        "Может быть, это один человек. Посмотрите обе строки: опечатку исправит школа, остальное решает запись в файле "
        "people.toml рядом с config.toml.",
        "Один человек – вставьте запись как есть; разные люди – замените в ней [[merge]] на [[different]]. "
        "Уберёте запись – всё станет как было.",
    )
    return sheet
