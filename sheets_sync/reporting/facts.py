"""What a note tells besides figures: orders and documents, curators, training, awards, what is still missing.

Read from the store as of the date its relations were made for. Persons are counts here; only coordinators and curators,
who sign the note, have names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from sheets_sync.periods import Period, school_year

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Document:
    """An order or local act the organisation lists."""

    kind: str
    number: str
    on: date | None
    title: str
    url: str

    @property
    def is_order(self) -> bool:
        """Is it an order («приказ», «распоряжение»)?"""
        return bool(re.search(r"приказ|распоряжени", f"{self.kind} {self.title}".casefold()))


@dataclass(frozen=True, slots=True)
class Curator:
    """A coordinator or curator in office on the date; ``roles`` coordinator | curator, ``forms`` are codes."""

    name: str
    position: str
    roles: tuple[str, ...]
    forms: tuple[str, ...]
    order_no: str
    order_date: date | None
    is_trained: bool


@dataclass(frozen=True, slots=True)
class NetworkLine:
    """One trainee of a network mentor; ``plan_done`` in per cent, None where not told or impossible."""

    direction: str
    mentor: str
    mentor_org: str
    trainee: str
    trainee_org: str
    plan_done: float | None
    has_review: bool
    is_ready: bool = False  # the review says so


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of one organisation. None: it keeps no such table, so nothing is known.

    ``sources``: tables with rows. ``awards``: (kind, level, how many); ``programmes``: (programme, persons trained).
    ``categories``: pupils in the base of mentees by category, as far as told. ``without_consent``: minors and adults.
    ``cases``: persons of the bases with a case or review on the site.
    """

    organisation: str
    type: str = ""
    site: str = ""
    sources: frozenset[str] = frozenset()
    documents: tuple[Document, ...] = ()
    curators: tuple[Curator, ...] = ()
    programmes: tuple[tuple[str, int], ...] = ()
    awards: tuple[tuple[str, str, int], ...] = ()
    categories: tuple[tuple[str, int], ...] = ()
    mentor_categories: tuple[tuple[str, int], ...] = ()
    unmatched_pupils: int = 0
    unmatched_staff: int = 0
    minors_without_consent: int | None = None
    adults_without_consent: int | None = None
    refused: int = 0
    cases: int = 0
    network: tuple[NetworkLine, ...] = field(default=())

    @property
    def without_consent(self) -> int | None:
        """Persons of the bases without a consent."""
        if self.minors_without_consent is None or self.adults_without_consent is None:
            return None
        return self.minors_without_consent + self.adults_without_consent


_PLACE = 'organisation, workbook, sheet, "row", part'

_PROFILES = """
SELECT organisation, max(org_type) AS org_type, max(site_url) AS site FROM school_profile WHERE accepted
GROUP BY organisation
"""
_SOURCES = 'SELECT DISTINCT organisation, "table" FROM tables WHERE rows_read > 0'
_DOCUMENTS = f"""
SELECT organisation, kind, number, "date", title, url FROM documents
WHERE accepted AND coalesce("date" <= getvariable('as_of'), true) ORDER BY {_PLACE}
"""
_CURATORS = f"""
SELECT organisation, full_name, "position", roles, forms, order_no, order_date, trained FROM (
    SELECT c.*, c.role::VARCHAR[] AS roles, c.form::VARCHAR[] AS forms, c.training IS NOT NULL AS trained
    FROM curators AS c
) WHERE accepted AND coalesce(date_from <= getvariable('as_of'), true)
    AND coalesce(date_to >= getvariable('as_of'), true)
    AND coalesce(order_date <= getvariable('as_of'), true)
ORDER BY {_PLACE}
"""
_PROGRAMMES = """
SELECT organisation, coalesce(programme, ''), count(DISTINCT full_name_key) FROM training
WHERE accepted AND coalesce("date" BETWEEN getvariable('school_year_from') AND getvariable('as_of'), true)
GROUP BY ALL ORDER BY 1, 3 DESC, 2
"""
# The same year as that of the counters' awards.
_AWARDS = """
SELECT organisation, coalesce(kind, ''), coalesce(level, ''), count(*) FROM awards
WHERE accepted
    AND (order_date IS NULL OR order_date BETWEEN date_trunc('year', getvariable('as_of')) AND getvariable('as_of'))
GROUP BY ALL ORDER BY 1, 4 DESC, 2, 3
"""
_CATEGORIES = """
SELECT organisation, category, count(DISTINCT person_key) FROM (
    SELECT b.organisation, unnest(m.categories) AS category, b.person_key
    FROM base AS b JOIN mentees AS m USING (organisation, workbook, sheet, "row", part)
    WHERE b.role = 'mentee' AND b.accepted AND coalesce(m.date_in <= getvariable('as_of'), true)
) GROUP BY ALL ORDER BY ALL
"""
_MENTOR_CATEGORIES = """
SELECT organisation, coalesce(category, ''), count(DISTINCT person_key) FROM base
WHERE role = 'mentor' AND accepted AND coalesce(date_in <= getvariable('as_of'), true) GROUP BY ALL ORDER BY ALL
"""
_UNMATCHED = """
SELECT organisation, count(DISTINCT person_key) FILTER (kind IS DISTINCT FROM 'staff'),
    count(DISTINCT person_key) FILTER (kind = 'staff') FROM unmatched_mentees GROUP BY organisation
"""
# Only an organisation that records consents at all can lack one; a person of both bases is asked once.
_CONSENTS = """
WITH persons AS (
    SELECT b.organisation, b.person_key,
        bool_or(coalesce(years_at(b.birth, b.birth_year, getvariable('as_of')) < 18, b.kind = 'pupil', false))
            AS is_minor
    FROM base AS b
    WHERE b.role IN ('mentor', 'mentee') AND b.accepted AND b.person_key IS NOT NULL
        AND coalesce(b.date_in <= getvariable('as_of'), true) AND coalesce(b.date_out >= getvariable('as_of'), true)
    GROUP BY ALL
),
judged AS (
    SELECT p.organisation, p.is_minor,
        coalesce(c.refused_on <= getvariable('as_of'), false) AS refused,
        coalesce(c.has_consent AND (c.first_given_on <= getvariable('as_of')
            OR c.undated_in_base OR c.undated_in_consents), false) AS has_consent
    FROM persons AS p LEFT JOIN consent_of AS c USING (person_key)
)
SELECT organisation, count(*) FILTER (is_minor AND NOT refused AND NOT has_consent),
    count(*) FILTER (NOT is_minor AND NOT refused AND NOT has_consent), count(*) FILTER (refused)
FROM judged WHERE organisation IN (SELECT organisation FROM consent_rows) GROUP BY organisation
"""
_CASES = """
SELECT organisation, count(*) FROM (
    SELECT DISTINCT organisation, full_name_key FROM mentees WHERE accepted AND case_url IS NOT NULL
    UNION SELECT DISTINCT organisation, full_name_key FROM mentors WHERE accepted AND case_url IS NOT NULL
) GROUP BY organisation
"""
_NETWORK = f"""
SELECT organisation, direction, network_mentor_key, mentor_org, mentor_org_key, trainee_key, trainee_org,
    trainee_org_key, plan_done, review, "order"
FROM network WHERE accepted AND network_mentor_key IS NOT NULL ORDER BY {_PLACE}
"""
_NAMES = """
SELECT name_key, min(organisation) FROM organisation_names GROUP BY name_key HAVING count(DISTINCT organisation) = 1
"""
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.((?:19|20)\d\d)")


def facts(connection: DuckDBPyConnection, organisations: Sequence[str], period: Period) -> dict[str, Facts]:
    """Facts of every organisation given, as of the period's day.

    The relations have been made for it.
    """
    connection.execute("SET VARIABLE school_year_from = ?", [date(int(period.school_year[:4]), 9, 1)])
    profiles = {line[0]: line[1:] for line in connection.execute(_PROFILES).fetchall()}
    sources = _grouped(connection, _SOURCES)
    documents = _grouped(connection, _DOCUMENTS)
    curators = _grouped(connection, _CURATORS)
    programmes = _grouped(connection, _PROGRAMMES)
    awards = _grouped(connection, _AWARDS)
    categories = _grouped(connection, _CATEGORIES)
    mentor_categories = _grouped(connection, _MENTOR_CATEGORIES)
    unmatched = {line[0]: line[1:] for line in connection.execute(_UNMATCHED).fetchall()}
    consents = {line[0]: line[1:] for line in connection.execute(_CONSENTS).fetchall()}
    cases = dict(connection.execute(_CASES).fetchall())
    network = _network(connection, period)
    found = {}
    for organisation in organisations:
        kind, site = profiles.get(organisation, (None, None))
        minors, adults, refused = consents.get(organisation, (None, None, 0))
        pupils, staff = unmatched.get(organisation, (0, 0))
        found[organisation] = Facts(
            organisation,
            type=str(kind or ""),
            site=str(site or ""),
            sources=frozenset(table for (table,) in sources.get(organisation, ())),
            documents=tuple(_document(line) for line in documents.get(organisation, ())),
            curators=_persons_once(curators.get(organisation, ())),
            programmes=tuple((nameless(name), count) for name, count in programmes.get(organisation, ())),
            awards=_awards(awards.get(organisation, ())),
            categories=tuple((str(name), int(count)) for name, count in categories.get(organisation, ())),
            mentor_categories=tuple((str(name), int(count)) for name, count in mentor_categories.get(organisation, ())),
            unmatched_pupils=pupils,
            unmatched_staff=staff,
            minors_without_consent=minors,
            adults_without_consent=adults,
            refused=refused,
            cases=cases.get(organisation, 0),
            network=tuple(network.get(organisation, ())),
        )
    return found


def first_day(period: Period) -> date:
    """The first day a note of the period speaks of: of the half-year, of the school year in August."""
    if period.kind == "june":
        return date(period.year, 1, 1)
    return date(int(period.school_year[:4]), 9, 1)


def _grouped(connection: DuckDBPyConnection, sql: str) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    for organisation, *values in connection.execute(sql).fetchall():
        found.setdefault(organisation, []).append(tuple(values))
    return found


def _document(line: tuple[Any, ...]) -> Document:
    kind, number, on, title, url = line
    return Document(nameless(kind or ""), str(number or ""), on, nameless(title or ""), str(url or ""))


def _persons_once(lines: Iterable[tuple[Any, ...]]) -> tuple[Curator, ...]:
    """Coordinators first; whoever has two lines (both roles, two forms) is one person."""
    found: dict[str, Curator] = {}
    for name, position, roles, forms, order_no, order_date, trained in lines:
        known = found.get(name)
        found[name] = Curator(
            str(name or ""),
            str(position or (known.position if known else "")),
            tuple(dict.fromkeys([*(known.roles if known else ()), *(roles or ())])),
            tuple(dict.fromkeys([*(known.forms if known else ()), *(forms or ())])),
            str(order_no or (known.order_no if known else "")),
            order_date or (known.order_date if known else None),
            bool(trained) or bool(known and known.is_trained),
        )
    return tuple(sorted(found.values(), key=lambda one: "coordinator" not in one.roles))


def _awards(lines: Iterable[tuple[Any, ...]]) -> tuple[tuple[str, str, int], ...]:
    counts: dict[tuple[str, str], int] = {}
    for kind, level, count in lines:
        key = (nameless(kind), str(level))
        counts[key] = counts.get(key, 0) + int(count)
    return tuple((kind, level, count) for (kind, level), count in counts.items())


def _network(connection: DuckDBPyConnection, period: Period) -> dict[str, list[NetworkLine]]:
    """Trainees of this school year: those of an order of another year are left out, those without a date stay."""
    known = dict(connection.execute(_NAMES).fetchall())
    found: dict[str, list[NetworkLine]] = {}
    for line in connection.execute(_NETWORK).fetchall():
        (
            organisation,
            direction,
            mentor,
            mentor_org,
            mentor_key,
            trainee,
            trainee_org,
            trainee_key,
            done,
            review,
            order,
        ) = line
        told = _DAY.search(str(order or ""))
        try:
            ordered = date(int(told[3]), int(told[2]), int(told[1])) if told else None
        except ValueError:
            ordered = None
        if ordered is not None and (school_year(ordered) != period.school_year or ordered > period.as_of):
            continue
        found.setdefault(organisation, []).append(
            NetworkLine(
                str(direction or ""),
                str(mentor),
                known.get(mentor_key, str(mentor_org or "")),
                str(trainee or ""),
                known.get(trainee_key, str(trainee_org or "")),
                float(done) if done is not None and 0 <= done <= 100 else None,
                bool(str(review or "").strip()),
                bool(re.search(r"(?<!не )готов", str(review or "").casefold())),
            )
        )
    return found


# A person in a title («О закреплении наставника за Ивановой О. К.»), in whatever case: notes name no participant.
_PERSON = re.compile(
    r"\b(?<!имени )(?<!им\. )(?:[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?\s+[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.)?"
    r"|[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.\s?)[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?"
    r"|[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?\s+[А-ЯЁ][а-яё]+\s+[А-ЯЁ][а-яё]+(?:ви|ич|вн|ичн|инич)[а-яё]*)"
)


def nameless(text: str) -> str:
    """What somebody typed, in one line and without the persons it names."""
    return " ".join(_PERSON.sub("…", text).split())
