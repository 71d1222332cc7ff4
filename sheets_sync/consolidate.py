"""Accepted rows of all organisations → the district's roster, «Сводный реестр».

Works on a connection that holds the store and the relations of docs/architecture.md. What may leave a school is settled
here (design.md §10, domain.md §6): pupils are codes with an age band and a form; adults stand by name where a consent
is recorded; a person without one remains as an anonymous row, so that totals agree. No categories, contacts of
participants, requests or free text.

Rows are fetched as they are written: a district may have a hundred thousand of them. The sheets of the Book share one
connection, so a writer takes them one after another, in their order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sheets_sync.errors import SourceError
from sheets_sync.ledger import LIKENESS, Doubt, Side, entry_of, possible_matches
from sheets_sync.reporting.findings import path_between, place_link
from sheets_sync.reporting.page import Batch, Batches, Book, Column, Kept, Link, Links, PlainValue, Sheet, Tone
from sheets_sync.reporting.wording import (
    FORM_WORDS,
    ORGANISATION_TYPE_WORDS,
    PAIR_STATUS_WORDS,
    by_name,
    counted,
    day,
    form_of,
    whole,
)
from sheets_sync.store import keep_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from sheets_sync.memory import Connection
    from sheets_sync.reporting.settings import ReportSettings
    from sheets_sync.table_schema.model import Definitions

WITHOUT_CONSENT = "без согласия"
NOT_IN_BASE = (
    "нет в базе"  # a name that no row of a base, or several, may bear: nobody whose consent could be looked up
)
FETCHED_AT_ONCE = 2000
MATCHES_FILE = "possible-matches.toml"  # beside the store: entries with the names this book does not tell
# tables every organisation is expected to hand in; others are mentioned only where they are present
EXPECTED_TABLES = ("school_profile", "curators", "mentors", "mentees", "pairs", "meetings")

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
_STATES = {"running": "в паре", "finished": "пара завершена", "left": "выбыл", "none": "без пары"}


class Organisation(NamedTuple):
    """What an organisation is called: its id (the folder), name, type and own code; "" where unknown."""

    id: str
    name: str
    type: str
    code: str

    @property
    def shown(self) -> str:
        """The name, the id where there is none."""
        return self.name or self.id


class PupilCodes:
    """Stable codes of pupils, «ОО-014»: a person keeps the number once given, whatever rows move or schools join.

    Which code is whom is personal data: the file stays on the district's own machine, beside the store.
    """

    def __init__(self, numbers: Mapping[str, int] | None = None) -> None:
        self._numbers = dict(numbers or {})
        self._next = max(self._numbers.values(), default=0) + 1
        self._read_from: Path | None = None
        self._read = 0  # how many that file holds

    @classmethod
    def load(cls, path: Path) -> PupilCodes:
        """Codes given so far; none when there is no file. Raises SourceError for a file that cannot be read."""
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            codes = cls({str(key): int(number) for key, number in told["codes"].items()})
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise SourceError(
                f"the register of pupils' codes cannot be read ({type(error).__name__}): restore it from a copy, or "
                "remove it to number everyone anew",
                path=path,
            ) from None
        codes._read_from, codes._read = path, len(codes)
        return codes

    def save(self, path: Path) -> None:
        """Keep the codes, the file whole or as it was; a file they were read from that lacks none is left alone."""
        if path == self._read_from and len(self) == self._read:
            return  # it holds them: numbers are given, never taken back
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".new")
        # A line each, for those who compare files; ``indent`` would say the same at a tenth of the speed.
        codes = json.dumps(dict(sorted(self._numbers.items())), ensure_ascii=False, separators=(",\n", ": "))
        lines = f"{{\n{codes[1:-1]}\n}}" if self._numbers else "{}"
        beside.write_text(f'{{\n"version": 1,\n"codes": {lines}\n}}', encoding="utf-8")
        beside.replace(path)

    def assign(self, person_keys: Iterable[str]) -> None:
        """Number those who have no code yet. The order of files does not matter, nor do numbers follow the alphabet."""
        for key in sorted(set(person_keys) - self._numbers.keys(), key=_scattered):
            self._numbers[key] = self._next
            self._next += 1

    def of(self, person_key: str) -> str:
        """«ОО-014». The person has been :meth:`assign`-ed."""
        return f"ОО-{self._numbers[person_key]:03d}"

    def __len__(self) -> int:
        return len(self._numbers)


def _scattered(key: str) -> tuple[str, str]:
    return hashlib.sha256(key.encode()).hexdigest(), key


def organisations_of(
    connection: DuckDBPyConnection,
    names: Mapping[str, str] | None = None,
    types: Mapping[str, str] | None = None,
) -> dict[str, Organisation]:
    """Every organisation with a workbook, by id: named by the configuration (``names``), else by its latest profile."""
    lines = connection.execute(
        "WITH latest AS (SELECT * FROM main.school_profile WHERE accepted QUALIFY row_number() OVER ("
        'PARTITION BY organisation ORDER BY as_of DESC NULLS LAST, workbook, sheet, "row") = 1) '
        "SELECT w.organisation, coalesce(p.org_name, ''), coalesce(p.org_type, ''), coalesce(p.org_id, '') "
        "FROM (SELECT DISTINCT organisation FROM main.workbooks) w LEFT JOIN latest p USING (organisation) ORDER BY 1"
    ).fetchall()
    names, types = names or {}, types or {}
    return {
        identifier: Organisation(identifier, names.get(identifier) or name, types.get(identifier) or kind, code)
        for identifier, name, kind, code in lines
    }


def organisation_titles(connection: DuckDBPyConnection, names: Mapping[str, str] | None = None) -> dict[str, str]:
    """Name of every organisation with a workbook, by id; the id where neither configuration nor profile tells one."""
    return {identifier: organisation.shown for identifier, organisation in organisations_of(connection, names).items()}


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
    _make_people(connection, settings, as_of, codes)
    for name, sql in {"marks": _MARKS, "in_pairs": _IN_PAIRS, "one": _ONE_PER_PERSON}.items():
        connection.execute(f"CREATE OR REPLACE TEMP TABLE roster_{name} AS {sql}")
    doubts = doubts if doubts is not None else possible_matches(connection, asked)
    for table, sql in _KEPT.items():
        keep_of(connection, table, sql, asked)
    files = {key: path_between(folder, Path(path)) for key, path in locators.items()}
    context = _Context(
        connection,
        organisations if organisations is not None else organisations_of(connection),
        codes,
        files,
        dict(issue_titles or {}),
        as_of,
        settings.district_name,
        zone,
        None if asked is None else frozenset(asked),
    )
    _name_asked(context)
    title = "Сводный реестр участников наставничества"
    if settings.district_name:
        title = f"{title}. {settings.district_name}"
    sheets = [
        _organisations(context),
        _curators(context),
        _mentors(context),
        _mentees(context, "Наставляемые", unmatched=False),
        _pairs(context),
        _mentees(context, "Без пары", unmatched=True),
        _network(context),
        _quality(context, definitions),
        _possible(context, *doubts),
    ]
    return Book(title, sheets, datetime.combine(as_of, time()))


def people_shown(
    connection: DuckDBPyConnection, settings: ReportSettings, as_of: date, codes: PupilCodes
) -> dict[str, str]:
    """How each person of the bases is shown in what leaves the organisation, by key: as in the roster.

    A pupil by code, an adult who consented by name, anyone else as «без согласия». New pupils are given ``codes``,
    which the caller keeps. The relations have been made as of ``as_of``.
    """
    _make_people(connection, settings, as_of, codes)
    lines = connection.execute("SELECT person_key, full_name, access FROM roster_people").fetchall()
    return {key: _shown(codes, key, name, access) or "" for key, name, access in lines}


def people_named(connection: DuckDBPyConnection) -> dict[str, str]:
    """Name of each person of the bases as first typed, by key: for what stays in the organisation."""
    return dict(
        connection.execute(
            'SELECT person_key, arg_min(full_name, (NOT accepted, workbook, sheet, "row")) FROM base '
            "WHERE person_key IS NOT NULL AND full_name IS NOT NULL GROUP BY person_key"
        ).fetchall()
    )


def _make_people(connection: DuckDBPyConnection, settings: ReportSettings, as_of: date, codes: PupilCodes) -> None:
    """Make the table ``roster_people`` and give every pupil shown by code one."""
    connection.execute("SET VARIABLE roster_as_of = ?", [as_of])
    connection.execute("SET VARIABLE roster_pupil_names = ?", [settings.pupil_names])
    connection.execute(f"CREATE OR REPLACE TEMP TABLE roster_people AS {_PEOPLE}")
    codes.assign(line[0] for line in connection.execute("SELECT person_key FROM roster_people WHERE coded").fetchall())


def _shown(codes: PupilCodes, person_key: str | None, name: str | None, access: str | None) -> str | None:
    """How a person is shown: by name, by code or not at all. ``access``: name | code | none."""
    if access == "name":
        return name
    if access == "code" and person_key is not None:
        return codes.of(person_key)
    return NOT_IN_BASE if access is None else WITHOUT_CONSENT


def _row_link(lead: str, row: int) -> Link:
    """A link to a row by where its sheet's links lead (:meth:`_Context.lead`)."""
    return Link(str(row), f"{lead}{row}" if lead.endswith("!A") else lead)


@dataclass(frozen=True, slots=True)
class _Context:
    connection: DuckDBPyConnection
    organisations: Mapping[str, Organisation]
    codes: PupilCodes
    files: Mapping[tuple[str, str], str]
    issue_titles: Mapping[str, str]
    as_of: date
    district_name: str
    zone: tzinfo
    asked: frozenset[str] | None = None  # whose rows are made anew, None: everybody's
    leads: dict[tuple[str, str, str], str] = field(default_factory=dict)  # sheet of a workbook → where it leads

    def organisation(self, identifier: str) -> str:
        found = self.organisations.get(identifier)
        return found.shown if found else identifier

    def who(self, person_key: str | None, name: str | None, access: str | None) -> PlainValue:
        """How a person is shown: by name, by code or not at all. ``access``: name | code | none."""
        return _shown(self.codes, person_key, name, access)

    def place(self, organisation: str, workbook: str, sheet: str, row: int | None) -> tuple[PlainValue, ...]:
        """File, sheet and a link to the row."""
        lead = self.lead(organisation, workbook, sheet)
        if row is None or not lead:
            return (workbook, sheet, row)
        return (workbook, sheet, _row_link(lead, row))

    def lead(self, organisation: str, workbook: str, sheet: str) -> str:
        """Where a link to a row leads, but for the row's number after «!A»; "" when the file cannot be linked to."""
        key = (organisation, workbook, sheet)
        lead = self.leads.get(key)
        if lead is None:
            file = self.files.get((organisation, workbook), "")
            is_text = file.casefold().endswith(".csv")  # has no sheets to lead to
            link = place_link("?", file, None if is_text else sheet, "A")
            lead = self.leads[key] = link.target if isinstance(link, Link) else ""
        return lead

    # the same for some rows at a time

    def organisations_of(self, identifiers: Sequence[str]) -> list[PlainValue]:
        shown = {identifier: self.organisation(identifier) for identifier in set(identifiers)}
        return list(map(shown.__getitem__, identifiers))

    def persons(
        self, keys: Sequence[str | None], names: Sequence[str | None], access: Sequence[str | None]
    ) -> list[PlainValue]:
        codes = self.codes
        return [
            name if how == "name" else _shown(codes, key, name, how)
            for key, name, how in zip(keys, names, access, strict=True)
        ]

    def marks_of(self, found: Sequence[Sequence[str] | None]) -> list[PlainValue]:
        marks = self.marks
        return [marks(codes) if codes else "" for codes in found]

    def places(
        self, organisations: Sequence[str], workbooks: Sequence[str], sheets: Sequence[str], rows: Sequence[int]
    ) -> tuple[Sequence[PlainValue], ...]:
        places = list(zip(organisations, workbooks, sheets, strict=True))
        leads = {place: self.lead(*place) for place in set(places)}
        links: Sequence[PlainValue]
        if all(lead.endswith("!A") for lead in leads.values()):
            shown = list(map(str, rows))
            to_sheets = {place: lead.removesuffix("A") for place, lead in leads.items()}
            links = Links(shown, list(map(to_sheets.__getitem__, places)), [f"A{row}" for row in shown])
        else:
            links = [
                _row_link(leads[place], row) if leads[place] else row for place, row in zip(places, rows, strict=True)
            ]
        return (workbooks, sheets, links)

    def marks(self, found: Sequence[str] | None) -> str:
        if not found:
            return ""
        return "; ".join(dict.fromkeys(self.issue_titles.get(code, code) for code in sorted(found)))

    def columns(self, sql: str) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of a query column by column, some at a time, fetched as they are asked for."""
        self.connection.execute(sql)
        while batch := self.connection.fetchmany(FETCHED_AT_ONCE):
            yield list(zip(*batch, strict=True))


_SOURCE = (Column("Файл", "text", 20, wrap=True), Column("Лист", "text", 13, wrap=True), Column("Строка", "link", 8))
# sheets whose rows stand by organisation
LONG_SHEETS = ("Кураторы", "Наставники", "Наставляемые", "Пары", "Без пары", "Сетевые наставники")
_ORGANISATION = Column("Организация", "text", 22, wrap=True)


def _sheet(
    context: _Context,
    title: str,
    columns: Sequence[Column],
    rows: Callable[[Sheet], Iterator[tuple[Sequence[PlainValue], Tone]]],
    *,
    below: Sequence[PlainValue] = (),
    frozen: int = 2,
) -> Sheet:
    """A sheet whose rows come with their tone, told just before each row is handed over."""
    sheet = Sheet(title, columns, (), above=_above(context), below=below, frozen_columns=frozen)

    def told() -> Iterator[Sequence[PlainValue]]:
        for index, (row, tone) in enumerate(rows(sheet)):
            if tone:
                sheet.tones[index] = tone
            yield row

    sheet.rows = told()
    return sheet


def _long_sheet(
    context: _Context,
    title: str,
    columns: Sequence[Column],
    batches: Iterator[Batch],
    *,
    below: Sequence[PlainValue] = (),
    frozen: int = 2,
) -> Sheet:
    """A sheet whose rows come in batches, in groups by their organisation."""
    sheet = Sheet(title, columns, (), above=_above(context), below=below, frozen_columns=frozen)
    sheet.rows = Batches(_among_kept(context, batches), sheet.tones, context.organisations)
    return sheet


def _among_kept(context: _Context, batches: Iterator[Batch]) -> Iterator[Batch | Kept]:
    """The rows of the organisations asked, among those of the others as they were written last, by their ids."""
    if context.asked is None:
        yield from batches
        return
    others = iter(sorted(context.organisations.keys() - context.asked))
    other = next(others, None)
    for batch in batches:
        for organisation, rows in groupby(range(len(batch.groups)), batch.groups.__getitem__):
            before = []
            while other is not None and other < organisation:
                before.append(other)
                other = next(others, None)
            if before:
                yield Kept(before)
            first, *more = rows
            own = slice(first, first + len(more) + 1)
            yield Batch([column[own] for column in batch.columns], batch.tones[own], batch.groups[own])
    if other is not None:
        yield Kept([other, *others])


def _above(context: _Context) -> tuple[PlainValue, ...]:
    return (f"По состоянию на {day(context.as_of)}", *((context.district_name,) if context.district_name else ()))


# --- what all sheets read ---


def _name_asked(context: _Context) -> None:
    context.connection.execute(
        "CREATE OR REPLACE TEMP TABLE roster_asked AS SELECT unnest(?::VARCHAR[]) AS organisation",
        [sorted(context.asked or ())],
    )


def _of_the_asked(context: _Context, rows: str) -> str:
    """The condition that rows are of an organisation asked."""
    return "true" if context.asked is None else f"{rows}.organisation IN (FROM roster_asked)"


# A person's consent stands when one was given by the day, has not run out, and no refusal or withdrawal came by then.
# A minor's is the parent's: one signed by the minor alone does not count (domain.md §3.11). Curators are named by an
# order of the director and need none, unless they withdrew it.
_PEOPLE = """
WITH persons AS (
    SELECT organisation, person_key,
        arg_min(full_name, (NOT accepted, workbook, sheet, "row")) AS full_name,
        bool_or(role = 'curator') AS is_curator,
        bool_or(role <> 'curator') AS is_participant,
        bool_or(kind = 'pupil') AS pupil,
        bool_or(kind IN ('staff', 'external')) AS adult_kind,
        min(birth) AS birth, min(birth_year) AS birth_year
    FROM base WHERE person_key IS NOT NULL
    GROUP BY organisation, person_key
),
aged AS (
    SELECT *, CASE WHEN birth IS NOT NULL
            THEN date_diff('year', birth, getvariable('roster_as_of'))
                - (strftime(birth, '%m%d') > strftime(getvariable('roster_as_of'), '%m%d'))::INTEGER
            ELSE year(getvariable('roster_as_of')) - birth_year END AS age
    FROM persons
),
judged AS (
    -- whoever may be a child is protected as one
    SELECT *, coalesce(pupil, false) OR coalesce(age < 18, false) OR (NOT coalesce(adult_kind, false) AND NOT is_curator
        AND coalesce(age < 25, true)) AS protected
    FROM aged
),
consented AS (
    SELECT c.person_key
    FROM consent_rows AS c
    JOIN judged AS j USING (person_key)
    WHERE c.given AND (c.given_on IS NULL OR c.given_on <= getvariable('roster_as_of'))
        AND (c.valid_to IS NULL OR c.valid_to >= getvariable('roster_as_of'))
        AND NOT (coalesce(j.age < 18, false) AND coalesce(c.signed_by, '') = 'self')
    GROUP BY c.person_key
),
refused AS (
    SELECT person_key FROM consent_of WHERE refused_on <= getvariable('roster_as_of')
)
SELECT j.organisation, j.person_key, j.full_name, j.age, j.protected,
    CASE WHEN j.age < 10 THEN 'до 10 лет' WHEN j.age <= 14 THEN '10–14 лет' WHEN j.age <= 18 THEN '15–18 лет'
        WHEN j.age > 18 THEN 'старше 18 лет' ELSE 'не указан' END AS age_band,
    CASE
        WHEN r.person_key IS NOT NULL THEN 'none'
        WHEN j.is_curator AND NOT j.protected THEN 'name'
        WHEN c.person_key IS NULL THEN 'none'
        WHEN NOT j.protected OR getvariable('roster_pupil_names') THEN 'name'
        ELSE 'code'
    END AS access,
    access = 'code' AS coded
FROM judged AS j
LEFT JOIN consented AS c USING (person_key)
LEFT JOIN refused AS r USING (person_key)
"""

_MARKS = """
SELECT organisation, workbook, sheet, "row", list_sort(list(DISTINCT code)) AS codes
FROM main.issues SEMI JOIN (SELECT DISTINCT organisation FROM workbooks) USING (organisation)
WHERE severity = 'error' AND workbook <> '' AND "row" IS NOT NULL
GROUP BY organisation, workbook, sheet, "row"
"""

# What a person's pairs amount to as of the date, by role. Lists made distinct afterwards take less than distinct ones.
_IN_PAIRS = """
WITH lines AS (
    SELECT organisation, mentor_person, mentee_person, form,
        coalesce(ends >= getvariable('as_of'), coalesce(status, 'active') = 'active') AS running,
        coalesce(status, '') <> 'broken' AS kept
    FROM pairs_resolved
    WHERE accepted AND NOT has_error AND (refused_on IS NULL OR refused_on > getvariable('as_of'))
        AND (starts IS NULL OR starts <= getvariable('as_of'))
),
sides AS (
    SELECT organisation, mentor_person AS person_key, 'mentor' AS role, mentee_person AS partner, form, running, kept
    FROM lines
    UNION ALL
    SELECT organisation, mentee_person, 'mentee', mentor_person, form, running, kept FROM lines
)
SELECT organisation, person_key, role,
    array_to_string(list_sort(list_distinct(list(form))), chr(31)) AS forms,
    len(list_distinct(list(partner) FILTER (running))) AS running,
    count(*) FILTER (running OR kept) AS kept
FROM sides
GROUP BY organisation, person_key, role
"""


# What is told of the district as a whole, kept by organisation (store.OWN).
_KEPT = {
    "roster_organisations": """
        WITH profile AS (
            SELECT * FROM school_profile WHERE accepted AND (as_of IS NULL OR as_of <= getvariable('as_of'))
            QUALIFY row_number() OVER (
                PARTITION BY organisation ORDER BY as_of DESC NULLS LAST, workbook, sheet, "row") = 1
        ),
        people AS (
            SELECT organisation, count(DISTINCT person_key) FILTER (role = 'mentor') AS mentors,
                count(DISTINCT person_key) FILTER (role = 'mentee') AS mentees,
                count(DISTINCT person_key) FILTER (role = 'curator') AS curators
            FROM base WHERE accepted GROUP BY organisation
        ),
        made AS (SELECT organisation, count(*) AS pairs FROM counted_pairs GROUP BY organisation),
        lines AS (SELECT organisation, count(*) AS lines FROM roster_one WHERE role = 'mentor' GROUP BY organisation)
        SELECT o.organisation, p.as_of, p.n_pupils, p.n_teachers, coalesce(b.curators, 0) AS curators,
            coalesce(b.mentors, 0) AS mentors, coalesce(b.mentees, 0) AS mentees, coalesce(m.pairs, 0) AS pairs,
            coalesce(l.lines, 0) AS mentor_lines, p.workbook, p.sheet, p."row"
        FROM (SELECT DISTINCT organisation FROM workbooks) AS o
        LEFT JOIN profile AS p USING (organisation)
        LEFT JOIN people AS b USING (organisation)
        LEFT JOIN made AS m USING (organisation)
        LEFT JOIN lines AS l USING (organisation)
    """,
    # An adult entered in two organisations is one person; a row without a name is somebody of its own.
    "roster_mentors": """
        SELECT DISTINCT b.organisation,
            hash(coalesce(d.district_key,
                concat_ws('/', b.organisation, b.workbook, b.sheet, b."row", b.part))) AS person
        FROM base AS b LEFT JOIN district_people AS d USING (person_key) WHERE b.role = 'mentor' AND b.accepted
    """,
    "roster_access": """
        WITH told AS (
            SELECT person_key FROM main.roster_adults UNION SELECT person_key FROM main.roster_doubts
            UNION SELECT other_person_key FROM main.roster_doubts
        )
        SELECT organisation, person_key, access, protected FROM roster_people SEMI JOIN told USING (person_key)
    """,
}


@cache
def _forms(codes: str) -> str:
    """Words of the forms of a person's pairs, as :data:`_IN_PAIRS` tells them."""
    return ", ".join(FORM_WORDS.get(code, code) for code in codes.split("\x1f") if code)


# --- the sheets ---


def _organisations(context: _Context) -> Sheet:
    def rows(sheet: Sheet) -> Iterator[tuple[Sequence[PlainValue], Tone]]:
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
                source = context.place(identifier, *place)
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
        *_SOURCE,
    )
    return _sheet(context, "Организации", columns, rows)


def _curators(context: _Context) -> Sheet:
    sql = f"""
        SELECT c.organisation, b.person_key, c.full_name, p.access, c."position", c.role, c.form, c.order_no,
            c.order_date, c.phone, c.email, c.training, k.codes, c.workbook, c.sheet, c."row"
        FROM curators AS c
        JOIN base AS b ON b.role = 'curator' AND b.organisation = c.organisation AND b.workbook = c.workbook
            AND b.sheet = c.sheet AND b."row" = c."row" AND b.part = c.part
        LEFT JOIN roster_people AS p ON p.person_key = b.person_key
        LEFT JOIN roster_marks AS k ON k.organisation = c.organisation AND k.workbook = c.workbook AND k.sheet = c.sheet
            AND k."row" = c."row"
        WHERE c.accepted AND {_of_the_asked(context, "c")}
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
                    [_words(role, _CURATOR_ROLES) for role in roles],
                    [_words(form, FORM_WORDS) for form in forms],
                    numbers,
                    ordered_on,
                    _if_named(phones, access),
                    _if_named(emails, access),
                    _if_named(trainings, access),
                    context.marks_of(codes),
                    *context.places(organisations, *places),
                ),
                _marked(codes),
                organisations,
            )

    columns = (
        _ORGANISATION,
        Column("ФИО", "text", 22, wrap=True),
        Column("Должность", "text", 17, wrap=True),
        Column("Роль", "text", 15, wrap=True),
        Column("Форма наставничества", "text", 15, wrap=True),
        Column("Приказ №", "text", 10),
        Column("Дата приказа", "date", 12),
        Column("Телефон", "text", 16),
        Column("Эл. почта", "text", 20, wrap=True),
        Column("Обучение", "text", 20, wrap=True),
        Column("Отметка", "text", 20, wrap=True),
        *_SOURCE,
    )
    persons = _single(context, "SELECT coalesce(sum(curators), 0) FROM main.roster_organisations")
    people = counted(persons, "человек", "человека", "человек")
    below = (f"Всего координаторов и кураторов: {people}.",)
    return _long_sheet(context, "Кураторы", columns, batches(), below=below)


def _if_named(values: Sequence[PlainValue], access: Sequence[str | None]) -> list[PlainValue]:
    """What is told of persons who stand by name, and of nobody else."""
    return [value if how == "name" else None for value, how in zip(values, access, strict=True)]


def _marked(codes: Sequence[object]) -> list[Tone]:
    return ["bad" if found else "" for found in codes]


def _words(value: Any, words: Mapping[str, str]) -> str:
    """Words of a code, of several where the field holds several."""
    if value is None:
        return ""
    codes = value if isinstance(value, list) else [value]
    return ", ".join(words.get(code, code) for code in codes)


# One line per person of a base: its first accepted row, and how many more rows the person has. Most have one row: what
# tells several apart is looked at only where there are several. ``place`` is the order of the sheets.
_ONE_PER_PERSON = """
WITH rows_accepted AS (
    SELECT rowid AS line, role, organisation, person_key, kind, workbook, sheet, "row", part
    FROM base WHERE role IN ('mentor', 'mentee') AND accepted
),
counted AS (
    SELECT role, organisation, person_key, count(*) AS n, any_value(line) AS line, any_value(kind) AS kind
    FROM rows_accepted WHERE person_key IS NOT NULL
    GROUP BY role, organisation, person_key
),
several AS (
    SELECT any_value(c.n) AS n, list(r.line) AS lines,
        arg_min(r.line, (r.workbook, r.sheet, r."row", r.part)) AS line,
        arg_min(r.kind, (r.workbook, r.sheet, r."row", r.part)) AS kind
    FROM counted AS c
    JOIN rows_accepted AS r ON r.role = c.role AND r.organisation = c.organisation AND r.person_key = c.person_key
    WHERE c.n > 1
    GROUP BY c.role, c.organisation, c.person_key
),
persons AS (
    SELECT line, kind, 0 AS more, NULL AS lines FROM counted WHERE n = 1
    UNION ALL
    SELECT line, kind, n - 1, lines FROM several
    UNION ALL
    SELECT line, kind, 0, NULL FROM rows_accepted WHERE person_key IS NULL
),
marks AS (
    SELECT r.line, k.codes
    FROM rows_accepted AS r
    JOIN roster_marks AS k ON k.organisation = r.organisation AND k.workbook = r.workbook AND k.sheet = r.sheet
        AND k."row" = r."row"
),
marked AS (
    SELECT p.first AS line, list_distinct(flatten(list(m.codes))) AS codes
    FROM (SELECT line AS first, unnest(lines) AS line FROM persons WHERE more > 0) AS p
    JOIN marks AS m USING (line)
    GROUP BY p.first
)
SELECT row_number() OVER (ORDER BY b.organisation, b.workbook, b.sheet, b."row", b.part) AS place, p.line,
    b.role, b.organisation, b.person_key, b.workbook, b.sheet, b."row", b.part, p.kind, p.more,
    CASE WHEN p.more = 0 THEN m.codes ELSE s.codes END AS codes
FROM persons AS p
JOIN base AS b ON b.rowid = p.line
LEFT JOIN marks AS m ON m.line = p.line
LEFT JOIN marked AS s ON s.line = p.line
"""


def _mentors(context: _Context) -> Sheet:
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
        WHERE {_of_the_asked(context, "o")}
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
                    *context.places(organisations, *places),
                ),
                _tones(codes, access),
                organisations,
            )

    columns = (
        _ORGANISATION,
        Column("ФИО или код", "text", 22, wrap=True),
        Column("Категория", "text", 14, wrap=True),
        Column("Возраст", "text", 10, wrap=True),
        Column("Должность", "text", 17, wrap=True),
        Column("Предприятие", "text", 17, wrap=True),
        Column("Направление", "text", 15, wrap=True),
        Column("Форма наставничества", "text", 15, wrap=True),
        Column("Наставляемых сейчас", "integer", 15),
        Column("Долгосрочная база", "text", 14, wrap=True),
        Column("В программе с", "date", 14),
        Column("Отметка", "text", 20, wrap=True),
        *_SOURCE,
    )
    lines = _single(context, "SELECT coalesce(sum(mentor_lines), 0) FROM main.roster_organisations")
    persons = _single(context, "SELECT count(DISTINCT person) FROM main.roster_mentors")
    below = [
        f"Всего: {counted(lines, 'строка', 'строки', 'строк')}, {counted(persons, 'человек', 'человека', 'человек')}."
    ]
    if lines > persons:
        below.append("Взрослый наставник, записанный в нескольких организациях, в числе людей посчитан один раз.")
    return _long_sheet(context, "Наставники", columns, batches(), below=below)


def _forms_of(forms: Sequence[str | None], own_forms: Sequence[Any]) -> list[PlainValue]:
    """Words of the forms of persons' pairs; of what the base says where there are none."""
    return [
        (_forms(codes) if codes else "") or _words(own, FORM_WORDS) for codes, own in zip(forms, own_forms, strict=True)
    ]


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


def _mentees(context: _Context, title: str, *, unmatched: bool) -> Sheet:
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
        WHERE {_of_the_asked(context, "o")}{only}
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
                    *context.places(organisations, *places),
                ),
                _tones(codes, access),
                organisations,
            )

    columns = (
        _ORGANISATION,
        Column("ФИО или код", "text", 22, wrap=True),
        Column("Категория", "text", 14, wrap=True),
        Column("Возраст", "text", 10, wrap=True),
        Column("Должность", "text", 17, wrap=True),
        Column("Форма наставничества", "text", 15, wrap=True),
        Column("Состояние", "text", 12, wrap=True),
        Column("В программе с", "date", 14),
        Column("Отметка", "text", 20, wrap=True),
        *_SOURCE,
    )
    return _long_sheet(context, title, columns, batches())


def _pairs(context: _Context) -> Sheet:
    # A meeting whose row names several of a group is one; telling them apart takes long and is seldom needed.
    several = _single(context, "SELECT count(*) FROM meetings WHERE part > 0")
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
        WHERE {_of_the_asked(context, "r")}
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
                    [_words(form, FORM_WORDS) for form in forms],
                    forms_at,
                    order_numbers,
                    order_dates,
                    starts,
                    ends,
                    [PAIR_STATUS_WORDS.get(status, "") for status in statuses],
                    taken,
                    held,
                    context.marks_of(codes),
                    *context.places(organisations, *fetched[18:]),
                ),
                [
                    "bad" if found else "" if counts == "да" else "warn"
                    for found, counts in zip(codes, taken, strict=True)
                ],
                organisations,
            )

    columns = (
        _ORGANISATION,
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
        Column("Отметка", "text", 20, wrap=True),
        *_SOURCE,
    )
    return _long_sheet(context, "Пары", columns, batches(), frozen=4)


def _network(context: _Context) -> Sheet:
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
        WHERE n.accepted AND {_of_the_asked(context, "n")}
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
                    *context.places(organisations, *places),
                ),
                _marked(codes),
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
        Column("Отметка", "text", 20, wrap=True),
        *_SOURCE,
    )
    return _long_sheet(context, "Сетевые наставники", columns, batches(), frozen=3)


def _if_consented(names: Sequence[PlainValue], shown: Sequence[bool]) -> list[PlainValue]:
    return [name if is_shown else WITHOUT_CONSENT for name, is_shown in zip(names, shown, strict=True)]


def _quality(context: _Context, definitions: Definitions) -> Sheet:
    titles = {name: schema.title for name, schema in definitions.schemas.items()}

    def rows(sheet: Sheet) -> Iterator[tuple[Sequence[PlainValue], Tone]]:
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
        _ORGANISATION,
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
    return _sheet(context, "Качество данных", columns, rows, frozen=1)


def _possible(context: _Context, doubts: Sequence[Doubt], total: int) -> Sheet:
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
        who = context.who(side.person_key, side.full_name, known.get(side.person_key, ("none", True))[0])
        return (
            context.organisation(side.organisation),
            who,
            *context.place(side.organisation, side.workbook, side.sheet, side.row),
        )

    def may_be_told(side: Side) -> bool:
        return known.get(side.person_key) == ("name", False) and not side.needs_birth

    def rows(sheet: Sheet) -> Iterator[tuple[Sequence[PlainValue], Tone]]:
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
        _ORGANISATION,
        Column("ФИО или код", "text", 30),
        *_SOURCE,
        *other,
        Column("Запись для people.toml", "text", 60, wrap=True),
    )
    below = (f"Показаны первые {whole(len(doubts))} из {whole(total)}.",) if total > len(doubts) else ()
    sheet = _sheet(context, "Возможные совпадения", columns, rows, below=below, frozen=2)
    sheet.above = (
        *sheet.above,
        "Может быть, это один человек. Посмотрите обе строки: опечатку исправит школа, остальное решает запись в файле "
        "people.toml рядом с config.toml.",
        "Один человек – вставьте запись как есть; разные люди – замените в ней [[merge]] на [[different]]. "
        "Уберёте запись – всё станет как было.",
    )
    return sheet


def _moment(nanoseconds: int, zone: tzinfo) -> datetime:
    """Time of a file as a wall clock of the zone shows it, to the minute."""
    moment = datetime.fromtimestamp(nanoseconds // 1_000_000_000, tz=zone)
    return moment.replace(second=0, microsecond=0, tzinfo=None)


def _single(context: _Context, sql: str) -> int:
    line = context.connection.execute(sql).fetchone()
    return int(line[0]) if line else 0
