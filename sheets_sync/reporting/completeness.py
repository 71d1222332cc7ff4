"""How much of what an organisation is expected to hand in is there, counted from contents (domain.md §4.6).

The share is the mean over the tables expected of the organisation's type, each by the required cells that are filled (a
table that is missing counts nothing, one that requires no cells counts whole once it holds a row), and over the
meetings expected of its pairs where a journal is kept. Each part is at most whole, so the share never passes 100 %.

What is expected stands in ``reports/completeness.toml``, which a district may replace.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheets_sync.catalog import files_in, meant, shipped
from sheets_sync.errors import ConfigError
from sheets_sync.periods import Period, begin_of, school_year
from sheets_sync.reporting.settings import ReportSettings
from sheets_sync.reporting.wording import counted, half_up, shortest
from sheets_sync.store import quoted
from sheets_sync.table_schema.loading import load_definitions
from sheets_sync.table_schema.model import POSITION_COLUMNS, Definitions, Field, TableSchema
from sheets_sync.text import fold

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DEFINITION = "completeness"
FOUND = "rule_issues"  # what the rules found as of this day (rules.py), where they have run
STATE_WORDS = {
    "handed_in": "сдано",
    "late": "сдано после срока",
    "not_handed_in": "не сдано",
    "empty": "файлы есть, записей в них нет",
}
LIGHT_WORDS = {"green": "зелёный", "yellow": "жёлтый", "red": "красный"}
YES, NO = "да", "нет"
# A workbook changed longer after the due day than this tells nothing of when it was handed in: its contents do.
_LATE_WITHIN = timedelta(days=31)
_MONTHS = (
    ("январь", "январе"), ("февраль", "феврале"), ("март", "марте"), ("апрель", "апреле"), ("май", "мае"),
    ("июнь", "июне"), ("июль", "июле"), ("август", "августе"), ("сентябрь", "сентябре"), ("октябрь", "октябре"),
    ("ноябрь", "ноябре"), ("декабрь", "декабре"),
)  # fmt: skip
_SUMMER = (6, 7, 8)


@dataclass(frozen=True, slots=True)
class TableState:
    """One table of an organisation: its records, and the cells its schema requires of them."""

    table: str
    title: str
    expected: bool
    present: bool
    rows: int
    required_cells: int
    filled_cells: int

    @property
    def share(self) -> float:
        """From 0 to 1: required cells that are filled; of a table without required cells, whether it holds a row."""
        if not self.present:
            return 0.0
        return self.filled_cells / self.required_cells if self.required_cells else 1.0


@dataclass(frozen=True, slots=True)
class Completeness:
    """What one organisation handed in for a period, and what is missing.

    ``documents``: document expected → «да», «нет» or a link. ``meetings_held`` counts no more meetings of a pair than
    ``meetings_expected`` expects of it, so it never passes it; None where no journal is kept. ``handed_in`` is None
    when the day cannot be told. ``state``: handed_in | late | not_handed_in | empty; ``light``: green | yellow | red.
    """

    organisation: str
    files: int
    last_change: date | None
    tables: tuple[TableState, ...]
    read: int
    accepted: int
    rejected: int
    errors: int
    warnings: int
    documents: tuple[tuple[str, str], ...]
    meetings_expected: int | None
    meetings_held: int | None
    due_on: date
    handed_in: date | None
    state: str
    untouched_since: date | None
    copied: tuple[str, ...]
    share: float
    light: str


@dataclass(frozen=True, slots=True)
class Document:
    """One line of the checklist: how it is known in a list of documents, and what else shows that it is there."""

    title: str
    stems: tuple[str, ...] = ()
    table: str = ""
    cell: str = ""


@dataclass(frozen=True, slots=True)
class Expectations:
    """What ``completeness.toml`` says: tables by type of organisation, lights, documents."""

    tables: tuple[str, ...]
    tables_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    told_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    green: float = 90
    yellow: float = 60
    copied_least: int = 3
    documents: tuple[Document, ...] = ()

    def expected_of(self, kind: str) -> frozenset[str]:
        """Tables expected of a type of organisation; of an unknown type what all are asked for."""
        return frozenset(self.tables) | frozenset(self.tables_of.get(kind, ()))


def light_words(expectations: Expectations) -> str:
    """The thresholds of the traffic light, in words."""
    green, yellow = shortest(expectations.green), shortest(expectations.yellow)
    return (
        f"Зелёный – сдано в срок и заполнено не меньше {green}\u00a0%; жёлтый – заполнено не меньше {yellow}\u00a0%; "
        "красный – заполнено меньше или не сдано."
    )


def load_expectations(folders: Sequence[Path] | None = None) -> Expectations:
    """Expectations of these ``reports/`` folders, the first that has them winning. Raises ConfigError with the file."""
    path = files_in(list(folders) if folders is not None else [shipped("reports")]).get(DEFINITION)
    if path is None:
        path = shipped("reports") / f"{DEFINITION}.toml"
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        told = re.search(r"line (\d+)", str(error))
        raise ConfigError(f"not valid TOML: {error}", path=path, line=int(told[1]) if told else None) from None
    known = ("tables", "tables_of", "told_by", "needless", "lights", "copied", "documents")
    for key in values:
        if key not in known:
            raise ConfigError(f"unknown key {key}", path=path, mend=meant(key, known))
    try:
        return Expectations(
            tables=tuple(values["tables"]),
            tables_of={name: tuple(tables) for name, tables in values.get("tables_of", {}).items()},
            told_by={name: tuple(cells) for name, cells in values.get("told_by", {}).items()},
            needless={name: tuple(cells) for name, cells in values.get("needless", {}).items()},
            green=float(values.get("lights", {}).get("green", 90)),
            yellow=float(values.get("lights", {}).get("yellow", 60)),
            copied_least=int(values.get("copied", {}).get("least", 3)),
            documents=tuple(
                Document(one["title"], tuple(one.get("stems", ())), one.get("table", ""), one.get("cell", ""))
                for one in values.get("documents", [])
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"cannot be used: {error}", path=path, mend="compare it with the shipped file") from None


def completeness(
    connection: DuckDBPyConnection,
    period: Period,
    settings: ReportSettings,
    organisations: Sequence[str],
    due_on: Callable[[str, str], date],
    *,
    expectations: Expectations | None = None,
    definitions: Definitions | None = None,
    zone: tzinfo = UTC,
) -> dict[str, Completeness]:
    """Completeness by organisation, as of the day the relations were made for.

    ``due_on(organisation, period id)`` tells the due day; ``zone`` is that of the files' times. The type is that of
    ``settings.organisation_types``, else of the profile.
    """
    expectations = expectations or load_expectations()
    schemas = (definitions or load_definitions()).schemas
    _must_be_known(expectations, schemas)
    facts = _Facts(connection, period, settings, schemas, zone)
    return {name: _complete(name, period, due_on(name, period.id), facts, expectations) for name in organisations}


def _must_be_known(expectations: Expectations, schemas: Mapping[str, TableSchema]) -> None:
    named = [*expectations.tables, *(one for tables in expectations.tables_of.values() for one in tables)]
    named += [*expectations.told_by, *(document.table for document in expectations.documents if document.table)]
    for name in named:
        if name not in schemas:
            raise ConfigError(f"{DEFINITION}.toml: there is no table {name}", mend=meant(name, list(schemas)))
    cells = [*(one for cells in expectations.told_by.values() for one in cells)]
    cells += [one for cells in expectations.needless.values() for one in cells]
    cells += [document.cell for document in expectations.documents if document.cell]
    for cell in cells:
        table, _, name = cell.partition(".")
        if table not in schemas or name not in {item.name for item in schemas[table].fields}:
            raise ConfigError(f"{DEFINITION}.toml: there is no field {cell}", mend="write table.field")


def _complete(organisation: str, period: Period, due: date, facts: _Facts, expectations: Expectations) -> Completeness:
    kind = facts.types.get(organisation, "")
    expected = {
        table
        for table in expectations.expected_of(kind)
        if not any((organisation, *cell.split(".")) in facts.columns for cell in expectations.told_by.get(table, ()))
    }
    needless = frozenset(expectations.needless.get(kind, ()))
    tables = tuple(
        _table_state(organisation, schema, schema.name in expected, needless, facts)
        for schema in facts.schemas.values()
    )
    read, accepted, rejected = (sum(counts) for counts in zip((0, 0, 0), *facts.counts_of(organisation), strict=True))
    asked, held = facts.meetings(organisation)
    if not any(one.table == "meetings" and one.present for one in tables):
        held = None
    parts = [one.share for one in tables if one.expected]
    if asked and held is not None:
        parts.append(held / asked)
    share = float(half_up(100 * sum(parts) / len(parts))) if parts else 0.0
    changes = facts.changes.get(organisation, [])
    handed_in, state, untouched = _handed_in(organisation, period, due, bool(read), changes, facts)
    green = share >= expectations.green and state == "handed_in"
    red = share < expectations.yellow or state in ("empty", "not_handed_in")
    return Completeness(
        organisation=organisation,
        files=facts.files.get(organisation, 0),
        last_change=max(changes, default=None),
        tables=tables,
        read=read,
        accepted=accepted,
        rejected=rejected,
        errors=facts.issues.get((organisation, "error"), 0),
        warnings=facts.issues.get((organisation, "warning"), 0),
        documents=tuple((one.title, facts.document(organisation, one)) for one in expectations.documents),
        meetings_expected=asked,
        meetings_held=held,
        due_on=due,
        handed_in=handed_in,
        state=state,
        untouched_since=untouched,
        copied=tuple(facts.copied(organisation, expectations.copied_least)),
        share=share,
        light="green" if green else "red" if red else "yellow",
    )


def _table_state(
    organisation: str, schema: TableSchema, expected: bool, needless: frozenset[str], facts: _Facts
) -> TableState:
    rows = facts.rows.get((organisation, schema.name), (0, 0, 0))[0]
    records, filled = facts.filled.get((organisation, schema.name), (0, {}))
    asked = [name for name in filled if f"{schema.name}.{name}" not in needless]
    return TableState(
        schema.name,
        schema.title,
        expected,
        rows > 0,
        rows,
        records * len(asked),
        sum(filled[name] for name in asked),
    )


def _handed_in(
    organisation: str, period: Period, due: date, has_rows: bool, changes: Sequence[date], facts: _Facts
) -> tuple[date | None, str, date | None]:
    """When it was handed in, the state, and since when nothing was touched, where that is before the period began.

    A workbook tells only when it was last changed. Changed between the period's beginning and the due day, it was in
    time; within a month after, late; before the period began, untouched. Changed later still (a December made again in
    June) it tells nothing, and what is dated within the period decides.
    """
    begins = begin_of(period)
    if not changes and not has_rows:
        return None, "empty" if facts.files.get(organisation) else "not_handed_in", None
    if not has_rows:
        return None, "empty", None
    in_time = [day for day in changes if begins <= day <= due]
    if in_time:
        return max(in_time), "handed_in", None
    late = [day for day in changes if due < day <= due + _LATE_WITHIN]
    if late:
        return min(late), "late", None
    if changes and max(changes) < begins:
        return None, "not_handed_in", max(changes)
    return None, "handed_in" if facts.is_dated_within(organisation, begins) else "not_handed_in", None


# --- meetings expected ---


def whole_months(begins: date, ends: date) -> int:
    """Whole months from one day to another, both inclusive, without those that begin in summer."""
    after = ends + timedelta(days=1)
    found = number = 0
    while _months_later(begins, number + 1) <= after:
        found += _months_later(begins, number).month not in _SUMMER
        number += 1
    return found


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return first.replace(day=min(day.day, last))


@dataclass(frozen=True, slots=True)
class Run:
    """One pair or group: when it runs, how many meetings it plans for all that time."""

    starts: date
    ends: date
    planned: int | None

    def expected(self, since: date, until: date) -> int:
        """Meetings expected from one day to another: the plan's share of these months, else one a whole month."""
        begins, last = max(self.starts, since), min(self.ends, until)
        months = whole_months(begins, last) if begins <= last else 0
        if self.planned is None:
            return months
        total = whole_months(self.starts, self.ends) if self.starts <= self.ends else 0
        if total == 0:  # shorter than a month: all of the plan once it is over
            return self.planned if since <= self.ends <= until else 0
        return min(self.planned, math.floor(self.planned * months / total))


# --- what the store tells, once for all organisations ---

_UNITS = """
SELECT organisation, unit, min(starts), CASE WHEN bool_and(ends IS NOT NULL) THEN max(ends) END, max(default_end),
    max(planned_meetings), bool_or(coalesce(status, 'active') = 'active')
FROM counted_pairs GROUP BY organisation, unit ORDER BY organisation, unit
"""
_HELD = """
SELECT unit, "date" FROM (
    SELECT DISTINCT unit, workbook, sheet, "row", "date" FROM meetings_resolved WHERE valid AND unit IS NOT NULL
)
"""
_JOURNAL = """
SELECT DISTINCT organisation, workbook, sheet, "row", "date",
    coalesce(unit::VARCHAR, concat_ws('|', pair_id, mentor_key, mentee_key)) AS pair, topic, coalesce(result, '')
FROM meetings_resolved
WHERE accepted AND "date" <= getvariable('as_of') AND "date" >= $1 AND topic IS NOT NULL
"""
_DATED = """
SELECT organisation, max(dated) FROM (
    SELECT organisation, "date" AS dated FROM meetings WHERE accepted
    UNION ALL SELECT organisation, coalesce(date_from, order_date) FROM pairs WHERE accepted
    UNION ALL SELECT organisation, date_in FROM mentees WHERE accepted
    UNION ALL SELECT organisation, date_in FROM mentors WHERE accepted
    UNION ALL SELECT organisation, CAST("timestamp" AS DATE) FROM questionnaires WHERE accepted
    UNION ALL SELECT organisation, as_of FROM school_profile WHERE accepted
) WHERE dated <= getvariable('as_of') GROUP BY organisation
"""


class _Facts:
    """What the store holds of all organisations, asked once."""

    def __init__(
        self,
        connection: DuckDBPyConnection,
        period: Period,
        settings: ReportSettings,
        schemas: Mapping[str, TableSchema],
        zone: tzinfo,
    ) -> None:
        self.connection = connection
        self.period = period
        self.schemas = schemas
        first_year = int(school_year(period.as_of)[:4])
        self.since = date(first_year, 9, 1)
        self.year_ends = date(first_year + 1, 5, 31)
        self.types: dict[str, str] = {
            organisation: kind
            for organisation, kind in self._lines("SELECT organisation, org_type FROM organisations")
            if kind
        } | dict(settings.organisation_types)
        self.files: dict[str, int] = {}
        self.changes: dict[str, list[date]] = {}
        for organisation, mtime in self._lines("SELECT organisation, mtime_ns FROM main.workbooks ORDER BY ALL"):
            self.files[organisation] = self.files.get(organisation, 0) + 1
            if mtime:  # 0: kept from an earlier reading, to be tried again
                changed = datetime.fromtimestamp(mtime // 1_000_000_000, tz=zone).date()
                self.changes.setdefault(organisation, []).append(changed)
        self.rows: dict[tuple[str, str], tuple[int, int, int]] = {
            (organisation, table): counts
            for organisation, table, *counts in self._lines(
                'SELECT organisation, "table", sum(rows_read)::BIGINT, sum(rows_accepted)::BIGINT, '
                "sum(rows_rejected)::BIGINT FROM main.tables GROUP BY ALL"
            )
        }
        self.columns: set[tuple[str, str, str]] = {
            (organisation, table, name)
            for organisation, table, columns in self._lines(
                'SELECT organisation, "table", columns FROM main.tables WHERE rows_read > 0'
            )
            for name in json.loads(columns)
        }
        self.issues = self._issues()
        self.filled: dict[tuple[str, str], tuple[int, dict[str, int]]] = {}
        for schema in schemas.values():
            self._count_cells(schema)
        self.latest: dict[str, date] = dict(self._lines(_DATED))
        self._meetings = self._count_meetings()
        self._journal = self._read_journal()
        self._documents = self._read_documents()

    def _lines(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        return self.connection.execute(sql, list(parameters)).fetchall()

    def counts_of(self, organisation: str) -> Iterator[tuple[int, int, int]]:
        """Rows read, accepted and rejected, table by table."""
        return (counts for (whose, _), counts in self.rows.items() if whose == organisation)

    def _issues(self) -> dict[tuple[str, str], int]:
        """Findings by severity: of the checks, and of the rules as of this day, or of the last sync if none ran."""
        ran = self._lines("SELECT 1 FROM duckdb_tables() WHERE table_name = $1", [FOUND])
        source = (
            f"SELECT organisation, severity FROM main.issues WHERE rule IS NULL "
            f"UNION ALL SELECT organisation, severity FROM {FOUND}"
            if ran
            else "SELECT organisation, severity FROM main.issues"
        )
        lines = self._lines(f"SELECT organisation, severity, count(*) FROM ({source}) GROUP BY ALL")
        return {(organisation, severity): count for organisation, severity, count in lines}

    def _count_cells(self, schema: TableSchema) -> None:
        required = [item for item in schema.fields if item.required == "value"]
        counts = "".join(f", count(*) FILTER ({_is_filled(item)})" for item in required)
        for organisation, records, *filled in self._lines(
            f"SELECT organisation, count(*){counts} FROM {quoted(schema.name)} GROUP BY organisation"
        ):
            named = zip((item.name for item in required), filled, strict=True)
            self.filled[organisation, schema.name] = (records, dict(named))

    def _count_meetings(self) -> dict[str, tuple[int, int]]:
        """(expected, held of these) by organisation, from the school year's beginning to the as-of day."""
        held: dict[int, list[date]] = {}
        for unit, day in self._lines(_HELD):
            held.setdefault(unit, []).append(day)
        found: dict[str, tuple[int, int]] = {}
        for organisation, unit, starts, ends, default_end, planned, runs in self._lines(_UNITS):
            days = held.get(unit, [])
            if ends is None:
                # an open end counts as running; one that is over on a day nobody wrote down ran to its last meeting
                ends = max(default_end, self.year_ends) if runs else max([*days, starts])
            expected = Run(starts, ends, planned).expected(self.since, self.period.as_of)
            counting = sum(1 for day in days if self.since <= day)
            asked, met = found.get(organisation, (0, 0))
            found[organisation] = (asked + expected, met + min(expected, counting))
        return found

    def meetings(self, organisation: str) -> tuple[int | None, int | None]:
        """Expected and held; (None, None) for an organisation without pairs."""
        return self._meetings.get(organisation, (None, None))

    def _read_journal(self) -> dict[str, dict[tuple[int, int], Counter[tuple[str, str, str]]]]:
        months: dict[str, dict[tuple[int, int], Counter[tuple[str, str, str]]]] = {}
        for organisation, _, _, _, day, pair, topic, result in self._lines(_JOURNAL, [self.since]):
            month = months.setdefault(organisation, {}).setdefault((day.year, day.month), Counter())
            month[pair, fold(topic), fold(result)] += 1
        return months

    def copied(self, organisation: str, least: int) -> Iterator[str]:
        """Words about each month whose meetings repeat those of the month before."""
        months = self._journal.get(organisation, {})
        for year, month in sorted(months):
            before = (year, month - 1) if month > 1 else (year - 1, 12)
            if months.get(before) == months[year, month] and months[year, month].total() >= least:
                meetings = counted(months[year, month].total(), "встреча", "встречи", "встреч")
                yield (
                    f"{_MONTHS[month - 1][0]} {year}\u00a0г.: те же пары, темы и результаты, что в "
                    f"{_MONTHS[before[1] - 1][1]} ({meetings})"
                )

    def is_dated_within(self, organisation: str, begins: date) -> bool:
        """Is anything dated from a day on, up to the as-of day?"""
        latest = self.latest.get(organisation)
        return latest is not None and latest >= begins

    def _read_documents(self) -> dict[str, list[tuple[list[str], str]]]:
        found: dict[str, list[tuple[list[str], str]]] = {}
        for organisation, kind, title, url in self._lines(
            "SELECT organisation, kind, title, url FROM documents "
            'WHERE accepted AND ("date" IS NULL OR "date" <= getvariable(\'as_of\')) '
            'ORDER BY organisation, workbook, sheet, "row"'
        ):
            words = re.findall(r"\w+", fold(f"{kind or ''} {title or ''}"))
            found.setdefault(organisation, []).append((words, url or YES))
        return found

    def document(self, organisation: str, document: Document) -> str:
        """«да», a link, or «нет»."""
        for stems in document.stems:
            for words, shown in self._documents.get(organisation, []):
                if all(any(word.startswith(stem) for word in words) for stem in fold(stems).split()):
                    return shown
        if document.cell:
            table, _, name = document.cell.partition(".")
            for (value,) in self._lines(
                f"SELECT {quoted(_stored(name))}::VARCHAR FROM {quoted(table)} WHERE accepted AND organisation = $1 "
                f'AND {quoted(_stored(name))} IS NOT NULL ORDER BY workbook, sheet, "row"',
                [organisation],
            ):
                return str(value)
        if document.table and self.rows.get((organisation, document.table), (0, 0, 0))[1]:
            return YES
        return NO


def _stored(name: str) -> str:
    return f"{name}_" if name in POSITION_COLUMNS else name


def _is_filled(item: Field) -> str:
    """SQL that tells whether a record has the field, whichever of its columns holds it."""
    name = _stored(item.name)
    if item.type == "birth":
        return f"{quoted(f'{name}_year')} IS NOT NULL"
    if item.type == "consent":
        return f"coalesce({quoted(name)}::VARCHAR, {quoted(f'{name}_date')}::VARCHAR) IS NOT NULL"
    if item.many or item.type == "people":
        return f"len({quoted(name)}) > 0"
    return f"{quoted(name)} IS NOT NULL"
