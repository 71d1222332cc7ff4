"""Indicators computed over the store: one figure per organisation and one for the district, and the rows behind each.

Works on a connection that holds the store's tables and the relations of docs/architecture.md (``base``, ``refs``,
``pairs_resolved``, ``counted_pairs``, ``entered``). The special cases are those of design.md §9 and tables.md, settled
questions 5–9: never a silent 0 %.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sheets_sync.errors import ConfigError
from sheets_sync.periods import Period
from sheets_sync.reporting.indicator import Indicator, Indicators, RowSet
from sheets_sync.reporting.settings import ReportSettings
from sheets_sync.reporting.wording import half_up, share

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Status = Literal["met", "not_met", "no_target", "no_data", "not_applicable", "data_error"]
SHOWN: tuple[Status, ...] = ("met", "not_met", "no_target")
Part = Literal["numerator", "denominator", "respondents"]

COUNTS = (
    "mentors",
    "mentees",
    "mentees_pupils",
    "pairs_counted",
    "pairs_running",
    "unmatched",
    "meetings",
    "curators",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator of one organisation, or of the district.

    ``value`` is per cent with one decimal, None unless the status is met, not_met or no_target; ``deviation`` is the
    value shown minus the target, in points. ``counted`` and ``left_out`` (organisation → its status) are of district
    figures, ``respondents`` and ``share_of_respondents`` of indicators asked by questionnaire.
    """

    id: str
    numerator: int | None
    denominator: float | None
    value: float | None
    unit: str
    target: float | None
    deviation: float | None
    status: Status
    flag: str = ""
    respondents: int | None = None
    share_of_respondents: float | None = None
    counted: tuple[str, ...] | None = None
    left_out: Mapping[str, Status] | None = None

    @property
    def is_shown(self) -> bool:
        """Is there a value to show?"""
        return self.status in SHOWN


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a period; ``organisations``: id → figures in the order of the indicators."""

    period: Period
    district: tuple[Figure, ...]
    organisations: Mapping[str, tuple[Figure, ...]]
    counts: Mapping[str, Mapping[str, int]]
    district_counts: Mapping[str, int] = field(default_factory=dict)

    def of(self, organisation: str | None, indicator: str) -> Figure:
        """The figure of an organisation, of the district for None. KeyError when there is none."""
        figures = self.district if organisation is None else self.organisations[organisation]
        for figure in figures:
            if figure.id == indicator:
                return figure
        raise KeyError(indicator)


class BehindRow(NamedTuple):
    """One row behind a figure: whose it is and where it stands; ``person_key`` is the enterprise's key in I4."""

    organisation: str
    person_key: str | None
    workbook: str
    sheet: str
    row: int
    value: float | None = None


class _Denominator(NamedTuple):
    value: float | None
    spoilt: bool = False


def compute(
    connection: DuckDBPyConnection,
    indicators: Indicators,
    period: Period,
    settings: ReportSettings,
    organisations: Sequence[str] | None = None,
) -> Figures:
    """Every figure of a period, for the organisations given (all with a workbook by default, sorted).

    Raises ConfigError when the SQL of a definition does not run. The result does not depend on the order of rows.
    """
    prepare(connection, indicators, period, settings)
    ids = sorted(organisations) if organisations is not None else _organisations(connection)
    own_targets = sheet_targets(connection)
    by_indicator: dict[str, dict[str, Figure]] = {}
    district: list[Figure] = []
    for indicator in indicators.all:
        figures, whole = _figures(connection, indicator, period, settings, ids, own_targets)
        by_indicator[indicator.id] = figures
        district.append(whole)
    counts = {organisation: dict.fromkeys(COUNTS, 0) for organisation in ids}
    for name, per_organisation in _counts(connection).items():
        for organisation, count in per_organisation.items():
            if organisation in counts:
                counts[organisation][name] = count
    return Figures(
        period,
        tuple(district),
        {name: tuple(by_indicator[indicator.id][name] for indicator in indicators.all) for name in ids},
        counts,
        _district_counts(connection, counts),
    )


def rows_behind(
    connection: DuckDBPyConnection,
    indicators: Indicators,
    period: Period,
    settings: ReportSettings,
    identifier: str,
    part: Part = "numerator",
    organisation: str | None = None,
) -> list[BehindRow]:
    """The rows a figure counts, by organisation, workbook, sheet and row; a person in several rows has several lines.

    Raises ConfigError for an unknown indicator or SQL that does not run.
    """
    prepare(connection, indicators, period, settings)
    return _rows_of(connection, getattr(indicators.by_id(identifier), part), settings, organisation)


def all_rows_behind(
    connection: DuckDBPyConnection, indicators: Indicators, period: Period, settings: ReportSettings
) -> dict[tuple[str, str], list[BehindRow]]:
    """The rows of every figure of a period, of all organisations: (indicator, part) → as :func:`rows_behind`."""
    prepare(connection, indicators, period, settings)
    return {
        (indicator.id, part): _rows_of(connection, getattr(indicator, part), settings, None)
        for indicator in indicators.all
        for part in ("numerator", "denominator", "respondents")
    }


def enterprise_names(connection: DuckDBPyConnection, indicators: Indicators) -> dict[str, str]:
    """Key of every enterprise → its name as typed, once the relations have been made (:func:`prepare`)."""
    if "enterprise_mentors" not in indicators.relations:
        return {}
    lines = connection.execute(
        "SELECT enterprise, min(enterprise_name) FROM enterprise_mentors WHERE enterprise IS NOT NULL GROUP BY ALL"
    )
    return dict(lines.fetchall())


def _rows_of(
    connection: DuckDBPyConnection, row_set: RowSet | None, settings: ReportSettings, organisation: str | None
) -> list[BehindRow]:
    if row_set is None:
        return []
    columns = _columns(connection, row_set, settings)
    wanted = [
        column if column in columns else "NULL"
        for column in ("organisation", "person_key", "workbook", "sheet", "row", "value")
    ]
    lines = _run(
        connection,
        row_set,
        settings,
        lambda sql: (
            f"SELECT DISTINCT {', '.join(_quoted(name) for name in wanted)} FROM ({sql}\n) "
            "WHERE $1::VARCHAR IS NULL OR organisation = $1 ORDER BY ALL"
        ),
        [organisation],
    )
    return [BehindRow(*line) for line in lines]


def in_order(rows: Sequence[BehindRow]) -> list[BehindRow]:
    """Rows as they stand in the workbooks: an order by persons would tell their names' order."""
    return sorted(
        rows,
        key=lambda row: (
            row.organisation or "",
            row.workbook or "",
            row.sheet or "",
            row.row or 0,
            row.person_key or "",
        ),
    )


# --- what the SQL of the definitions sees ---


def prepare(connection: DuckDBPyConnection, indicators: Indicators, period: Period, settings: ReportSettings) -> None:
    """Set the variables the SQL reads (``as_of``, thresholds, ages) and make the relations the indicators share."""
    variables: dict[str, Any] = {
        "as_of": period.as_of,
        "start_of_year": period.start_of_year,
        "year": period.year,
        "school_year": period.school_year,
        "satisfied": float(settings.satisfied),
        "young_specialist_years": float(settings.young_specialist_years),
        "mentee_age_from": settings.mentee_age[0],
        "mentee_age_to": settings.mentee_age[1],
        "mentor_age_from": settings.mentor_age[0],
        "mentor_age_to": settings.mentor_age[1],
        "restrict_to_categories": settings.restrict_to_categories,
        "n_enterprises": settings.enterprises.get(period.year),
    }
    for name, value in variables.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])
    _make_enterprise_keys(connection)
    for name, row_set in indicators.relations.items():
        with _reported(row_set, settings, connection):
            _checked(connection, row_set)
            connection.execute(f"CREATE OR REPLACE TEMP VIEW {_quoted(name)} AS {row_set.sql}")


def _make_enterprise_keys(connection: DuckDBPyConnection) -> None:
    """Tables for what SQL cannot compare by itself.

    ``enterprise_keys(name, key)``: a key for every name of an enterprise as typed.
    ``enterprise_lists(organisation, name, name_key)``: the mentors each enterprise's own row names.
    """
    from sheets_sync.people import enterprise_key, name_key

    names = connection.execute(
        "SELECT enterprise_id FROM mentors WHERE enterprise_id IS NOT NULL "
        "UNION SELECT workplace FROM mentors "
        "WHERE workplace IS NOT NULL AND category IN ('enterprise', 'entrepreneur') "
        "UNION SELECT name FROM enterprises WHERE name IS NOT NULL"
    ).fetchall()
    _make_texts(connection, "enterprise_keys", ("name", "key"), [(name, enterprise_key(name)) for (name,) in names])
    listed = connection.execute(
        "SELECT organisation, name, unnest(mentors) FROM enterprises WHERE accepted AND name IS NOT NULL"
    ).fetchall()
    _make_texts(
        connection,
        "enterprise_lists",
        ("organisation", "name", "name_key"),
        [(organisation, name, name_key(person)) for organisation, name, person in listed if person],
    )


def _make_texts(
    connection: DuckDBPyConnection, table: str, columns: Sequence[str], lines: Sequence[Sequence[str]]
) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({', '.join(f'{name} VARCHAR' for name in columns)})")
    if lines:
        values = ", ".join(f"unnest(${number}::VARCHAR[])" for number in range(1, len(columns) + 1))
        connection.execute(
            f"INSERT INTO {table} SELECT {values}", [list(column) for column in zip(*lines, strict=True)]
        )


def _checked(connection: DuckDBPyConnection, row_set: RowSet) -> None:
    import duckdb

    statements = connection.extract_statements(row_set.sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise ConfigError("must be one SELECT", path=row_set.path)


def _run(
    connection: DuckDBPyConnection,
    row_set: RowSet,
    settings: ReportSettings,
    wrap: Callable[[str], str],
    parameters: Sequence[object] = (),
) -> list[tuple[Any, ...]]:
    with _reported(row_set, settings, connection):
        _checked(connection, row_set)
        return connection.execute(wrap(row_set.sql), list(parameters)).fetchall()


@contextmanager
def _reported(row_set: RowSet, settings: ReportSettings, connection: DuckDBPyConnection) -> Iterator[None]:
    """Turns what DuckDB says of a definition's SQL into a ConfigError with its file and line, and limits its time."""
    import duckdb

    timer = threading.Timer(settings.sql_seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except duckdb.InterruptException:
        raise ConfigError(f"takes longer than {settings.sql_seconds:g} seconds", path=row_set.path) from None
    except duckdb.Error as error:
        told = re.search(r"LINE (\d+):", str(error))
        message = str(error).split("\n", 1)[0]
        raise ConfigError(message, path=row_set.path, line=int(told[1]) if told else None) from None
    finally:
        timer.cancel()


def _columns(connection: DuckDBPyConnection, row_set: RowSet, settings: ReportSettings) -> list[str]:
    lines = _run(connection, row_set, settings, lambda sql: f"DESCRIBE SELECT * FROM ({sql}\n)")
    columns = [str(line[0]) for line in lines]
    needed = {"organisation", "workbook", "sheet", "row"}
    missing = sorted(needed - set(columns)) + ([] if {"person_key", "value"} & set(columns) else ["person_key"])
    if missing:
        raise ConfigError(f"does not return {', '.join(missing)}", path=row_set.path)
    return columns


def _organisations(connection: DuckDBPyConnection) -> list[str]:
    lines = connection.execute("SELECT DISTINCT organisation FROM workbooks ORDER BY 1").fetchall()
    return [str(line[0]) for line in lines]


def _quoted(name: str) -> str:
    return name if name == "NULL" else '"' + name.replace('"', '""') + '"'


# --- one indicator ---


def _figures(
    connection: DuckDBPyConnection,
    indicator: Indicator,
    period: Period,
    settings: ReportSettings,
    organisations: Sequence[str],
    own_targets: Mapping[str, Mapping[str, Mapping[int, float]]],
) -> tuple[dict[str, Figure], Figure]:
    numerators = _persons(connection, indicator.numerator, settings)
    denominators = _denominators(connection, indicator, settings)
    respondents = _persons(connection, indicator.respondents, settings) if indicator.respondents else None

    def figure(organisation: str) -> Figure:
        target = _target(indicator, period.year, settings, organisation, own_targets)
        numerator = numerators.get(organisation, 0)
        if indicator.scope == "district":
            return Figure(indicator.id, numerator, None, None, indicator.unit, target, None, "no_data")
        if respondents is not None and not respondents.get(organisation):
            denominator = denominators.get(organisation, _Denominator(None)).value
            return Figure(indicator.id, None, denominator, None, indicator.unit, target, None, "no_data")
        asked = None if respondents is None else respondents[organisation]
        denominator_here = denominators.get(organisation, _Denominator(None))
        return _judged(indicator, numerator, denominator_here, target, asked)

    figures = {organisation: figure(organisation) for organisation in organisations}
    target = _target(indicator, period.year, settings, None, own_targets)
    if indicator.scope == "district":
        distinct = _distinct_persons(connection, indicator.numerator, settings, organisations)
        whole = _judged(indicator, distinct, denominators.get("", _Denominator(None)), target, None)
        return figures, _with_organisations(whole, organisations, {})
    counted = tuple(name for name in organisations if figures[name].is_shown)
    left_out = {name: figures[name].status for name in organisations if not figures[name].is_shown}
    if not counted:
        # Nothing to add up. Only where the indicator concerns nobody is that «не применимо» for the district too.
        concerns_nobody = bool(left_out) and set(left_out.values()) == {"not_applicable"}
        status: Status = "not_applicable" if concerns_nobody else "no_data"
        whole = Figure(indicator.id, None, None, None, indicator.unit, target, None, status)
        return figures, _with_organisations(whole, counted, left_out)
    numerator = sum(figures[name].numerator or 0 for name in counted)
    denominator = sum(figures[name].denominator or 0 for name in counted)
    asked = None if respondents is None else sum(respondents[name] for name in counted)
    whole = _judged(indicator, numerator, _Denominator(denominator), target, asked)
    return figures, _with_organisations(whole, counted, left_out)


def _judged(
    indicator: Indicator, numerator: int, denominator: _Denominator, target: float | None, respondents: int | None
) -> Figure:
    """The figure of two known numbers: what design.md §9 and domain.md §4.2 say of every combination."""
    below = denominator.value
    value: float | None = None
    deviation: float | None = None
    flag = ""
    status: Status
    if below is None:
        status = "no_data"
    elif denominator.spoilt or below < 0:
        status = "data_error"
    elif below == 0:
        status = "not_applicable" if numerator == 0 else "data_error"
    elif numerator > below and indicator.over_100 == "error":
        status = "data_error"
    else:
        value = share(numerator, below)
        flag = "check" if numerator > below else ""
        if target is None:
            status = "no_target"
        else:
            # Judged by the value that is shown, so that «55,0 %» never misses a target of 55 %.
            deviation = float(half_up(half_up(value) - half_up(target, 4)))
            status = "met" if half_up(value) >= half_up(target, 4) else "not_met"
    return Figure(
        indicator.id,
        numerator,
        below,
        value,
        indicator.unit,
        target,
        deviation,
        status,
        flag,
        respondents,
        share(numerator, respondents) if respondents else None,
    )


def _with_organisations(figure: Figure, counted: Sequence[str], left_out: Mapping[str, Status]) -> Figure:
    from dataclasses import replace

    return replace(figure, counted=tuple(counted), left_out=dict(left_out))


def _persons(connection: DuckDBPyConnection, row_set: RowSet, settings: ReportSettings) -> dict[str, int]:
    """Distinct persons per organisation."""
    _columns(connection, row_set, settings)
    lines = _run(
        connection,
        row_set,
        settings,
        lambda sql: f"SELECT organisation, count(DISTINCT person_key) FROM ({sql}\n) GROUP BY organisation",
    )
    return {organisation: count for organisation, count in lines if count}


def _distinct_persons(
    connection: DuckDBPyConnection, row_set: RowSet, settings: ReportSettings, organisations: Sequence[str]
) -> int:
    lines = _run(
        connection,
        row_set,
        settings,
        lambda sql: (
            f"SELECT count(DISTINCT person_key) FROM ({sql}\n) WHERE list_contains($1::VARCHAR[], organisation)"
        ),
        [list(organisations)],
    )
    return int(lines[0][0])


# Profile rows whose numbers contradict one another. In a transposed card every field has a row of its own, so an issue
# there speaks of the one profile of its sheet.
_SPOILT = """spoilt AS (
    SELECT i.organisation, i.workbook, i.sheet, i."row",
        bool_or(coalesce(regexp_matches(json_extract_string(t.columns, '$.' || i.field), '[0-9]'), false)) AS card
    FROM issues i
    LEFT JOIN tables t ON t.organisation = i.organisation AND t.workbook = i.workbook AND t.sheet = i.sheet
        AND t."table" = 'school_profile'
    WHERE i.severity = 'error' AND starts_with(i.code, 'profile-') AND i."table" = 'school_profile'
        AND (i.field IS NULL OR list_contains($1::VARCHAR[], i.field))
    GROUP BY i.organisation, i.workbook, i.sheet, i."row"
)"""


def _denominators(
    connection: DuckDBPyConnection, indicator: Indicator, settings: ReportSettings
) -> dict[str, _Denominator]:
    """Denominator per organisation, of the district as a whole under ""; spoilt where a profile rule found an error."""
    row_set = indicator.denominator
    if "value" not in _columns(connection, row_set, settings):
        # Persons: an organisation without any has 0 of them.
        persons = _persons(connection, row_set, settings)
        return {name: _Denominator(persons.get(name, 0)) for name in _organisations(connection)} | {
            name: _Denominator(count) for name, count in persons.items()
        }
    lines = _run(
        connection,
        row_set,
        settings,
        lambda sql: (
            f"WITH denominator AS ({sql}\n), {_SPOILT} "
            "SELECT coalesce(d.organisation, ''), sum(d.value), bool_or(s.workbook IS NOT NULL) FROM denominator d "
            "LEFT JOIN spoilt s ON s.organisation = d.organisation AND s.workbook = d.workbook "
            'AND s.sheet = d.sheet AND (s."row" = d."row" OR s.card) GROUP BY ALL'
        ),
        [list(indicator.profile_fields)],
    )
    return {
        organisation: _Denominator(_number(value), bool(spoilt) and value is not None)
        for organisation, value, spoilt in lines
    }


def _number(value: Any) -> float | None:
    if value is None:
        return None
    return int(value) if float(value).is_integer() else float(value)


# --- targets ---


def _target(
    indicator: Indicator,
    year: int,
    settings: ReportSettings,
    organisation: str | None,
    own_targets: Mapping[str, Mapping[str, Mapping[int, float]]],
) -> float | None:
    """Target of a year: the organisation's configuration, the district's, the school's own sheet, the definition."""
    chain: list[Mapping[int, float]] = [settings.targets.get(indicator.id, {})]
    if organisation is not None:
        chain.insert(0, settings.organisation_targets.get(organisation, {}).get(indicator.id, {}))
        chain.append(own_targets.get(organisation, {}).get(indicator.id, {}))
    chain.append(indicator.targets)
    for targets in chain:
        if year in targets:
            return targets[year]
    return None


def sheet_targets(connection: DuckDBPyConnection) -> dict[str, dict[str, dict[int, float]]]:
    """Targets schools keep in a sheet of their own: organisation → indicator → year → per cent."""
    columns = [str(line[0]) for line in connection.execute("DESCRIBE targets").fetchall()]
    years = [name for name in columns if re.fullmatch(r"y(?:19|20)\d\d", name)]
    if not years:
        return {}
    lines = connection.execute(
        f"SELECT organisation, indicator, {', '.join(years)} FROM targets "
        'WHERE accepted AND indicator IS NOT NULL ORDER BY organisation, workbook, sheet, "row"'
    ).fetchall()
    found: dict[str, dict[str, dict[int, float]]] = {}
    for organisation, indicator, *values in lines:
        own = found.setdefault(organisation, {}).setdefault(indicator, {})
        for name, value in zip(years, values, strict=True):
            if value is not None:
                own[int(name[1:])] = _number(value) or 0
    return found


# --- counts (tables.md, question 13) ---

_COUNTS_SQL = {
    # Persons of a base, as of the date by the day they came in.
    "mentors": """
        SELECT b.organisation, count(DISTINCT b.person_key)
        FROM base b JOIN mentors m USING (organisation, workbook, sheet, "row", part)
        WHERE b.role = 'mentor' AND b.accepted AND (m.date_in IS NULL OR m.date_in <= getvariable('as_of'))
        GROUP BY ALL""",
    "mentees": """
        SELECT b.organisation, count(DISTINCT b.person_key)
        FROM base b JOIN mentees m USING (organisation, workbook, sheet, "row", part)
        WHERE b.role = 'mentee' AND b.accepted AND (m.date_in IS NULL OR m.date_in <= getvariable('as_of'))
        GROUP BY ALL""",
    "mentees_pupils": """
        SELECT b.organisation, count(DISTINCT b.person_key)
        FROM base b JOIN mentees m USING (organisation, workbook, sheet, "row", part)
        WHERE b.role = 'mentee' AND b.accepted AND b.kind = 'pupil'
          AND (m.date_in IS NULL OR m.date_in <= getvariable('as_of'))
        GROUP BY ALL""",
    "pairs_counted": "SELECT organisation, count(*) FROM counted_pairs GROUP BY ALL",
    "pairs_running": """
        -- without an end, what the row says today is all there is to know
        SELECT organisation, count(*) FROM counted_pairs
        WHERE starts <= getvariable('as_of')
            AND coalesce(ends >= getvariable('as_of'), coalesce(status, 'active') = 'active')
        GROUP BY ALL""",
    "unmatched": "SELECT organisation, count(DISTINCT person_key) FROM unmatched_mentees GROUP BY ALL",
    "meetings": """
        SELECT organisation, count(DISTINCT (workbook, sheet, "row", part)) FROM meetings
        WHERE accepted AND date <= getvariable('as_of') GROUP BY ALL""",
    "curators": """
        SELECT organisation, count(DISTINCT person_key) FROM base WHERE role = 'curator' AND accepted GROUP BY ALL""",
}


def _counts(connection: DuckDBPyConnection) -> dict[str, dict[str, int]]:
    return {name: dict(connection.execute(sql).fetchall()) for name, sql in _COUNTS_SQL.items()}


def _district_counts(connection: DuckDBPyConnection, counts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    return {name: sum(own[name] for own in counts.values()) for name in COUNTS}
