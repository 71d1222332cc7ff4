"""The roster as a book: what its sheets read is made, and the sheets are put in their order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from sheets_sync.consolidate.access import make_people
from sheets_sync.consolidate.context import Context, Places
from sheets_sync.consolidate.matches_sheet import matches_sheet
from sheets_sync.consolidate.organisation_sheets import organisations_sheet, quality_sheet
from sheets_sync.consolidate.organisations import Organisation, organisations_of
from sheets_sync.consolidate.pair_sheets import network_sheet, pairs_sheet
from sheets_sync.consolidate.people_sheets import curators_sheet, mentees_sheet, mentors_sheet
from sheets_sync.consolidate.pupil_codes import PupilCodes
from sheets_sync.consolidate.tables import keep_tables, make_tables
from sheets_sync.ledger import Doubt, possible_matches
from sheets_sync.reporting.page import Book

if TYPE_CHECKING:
    from sheets_sync.memory import Connection
    from sheets_sync.reporting.settings import ReportSettings
    from sheets_sync.table_schema.model import Definitions


def roster_book(
    connection: Connection,
    definitions: Definitions,
    settings: ReportSettings,
    as_of: date,
    locators: Mapping[tuple[str, str], str | Path],
    folder: Path,
    *,
    organisations: Mapping[str, Organisation] | None = None,
    codes: PupilCodes | None = None,
    issue_titles: Mapping[str, str] | None = None,
    zone: tzinfo = UTC,
    doubts: tuple[Sequence[Doubt], int] | None = None,
    asked: Collection[str] | None = None,
) -> Book:
    """«Сводный реестр»: organisations, curators, mentors, mentees, pairs, mentees without a pair, network, quality,
    and persons who may be one.

    The relations have been made as of ``as_of``. ``locators``: (organisation, workbook) → its file, linked to as seen
    from ``folder``, where the roster will lie. New pupils are given ``codes``, which the caller keeps: without them
    numbers hold for this one book. ``issue_titles``: code of an issue → its words; ``zone`` is that of files' times.
    ``doubts``: what ``ledger.possible_matches`` found, if it was asked already.

    ``asked``: the organisations whose rows are made anew; in the long sheets those of the others are left as they were
    written last (:class:`page.Kept`).
    """
    codes = codes if codes is not None else PupilCodes()
    make_people(connection, settings, as_of, codes)
    make_tables(connection, asked)
    doubts = doubts if doubts is not None else possible_matches(connection, asked)
    keep_tables(connection, asked)
    context = Context(
        connection,
        organisations if organisations is not None else organisations_of(connection),
        codes,
        Places(locators, folder),
        dict(issue_titles or {}),
        as_of,
        settings.district_name,
        zone,
        None if asked is None else frozenset(asked),
    )
    title = "Сводный реестр участников наставничества"
    if settings.district_name:
        title = f"{title}. {settings.district_name}"
    sheets = [
        organisations_sheet(context),
        curators_sheet(context),
        mentors_sheet(context),
        mentees_sheet(context, "Наставляемые", unmatched=False),
        pairs_sheet(context),
        mentees_sheet(context, "Без пары", unmatched=True),
        network_sheet(context),
        quality_sheet(context, definitions),
        matches_sheet(context, *doubts),
    ]
    return Book(title, sheets, datetime.combine(as_of, time()))
