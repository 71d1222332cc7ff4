"""How a person may be shown: outside the organisation by name, by code or not at all; within it by name."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sheets_sync.consolidate.pupil_codes import PupilCodes

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from sheets_sync.reporting.settings import ReportSettings

WITHOUT_CONSENT = "без согласия"
NOT_IN_BASE = (
    "нет в базе"  # a name that no row of a base, or several, may bear: nobody whose consent could be looked up
)


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


def make_people(connection: DuckDBPyConnection, settings: ReportSettings, as_of: date, codes: PupilCodes) -> None:
    """Make the table ``roster_people`` and give every pupil shown by code one."""
    connection.execute("SET VARIABLE roster_as_of = ?", [as_of])
    connection.execute("SET VARIABLE roster_pupil_names = ?", [settings.pupil_names])
    connection.execute(f"CREATE OR REPLACE TEMP TABLE roster_people AS {_PEOPLE}")
    codes.assign(line[0] for line in connection.execute("SELECT person_key FROM roster_people WHERE coded").fetchall())


def shown(codes: PupilCodes, person_key: str | None, name: str | None, access: str | None) -> str | None:
    """How a person is shown: by name, by code or not at all. ``access``: name | code | none."""
    if access == "name":
        return name
    if access == "code" and person_key is not None:
        return codes.of(person_key)
    return NOT_IN_BASE if access is None else WITHOUT_CONSENT


def people_shown(
    connection: DuckDBPyConnection, settings: ReportSettings, as_of: date, codes: PupilCodes
) -> dict[str, str]:
    """How each person of the bases is shown in what leaves the organisation, by key: as in the roster.

    A pupil by code, an adult who consented by name, anyone else as «без согласия». New pupils are given ``codes``,
    which the caller keeps. The relations have been made as of ``as_of``.
    """
    make_people(connection, settings, as_of, codes)
    lines = connection.execute("SELECT person_key, full_name, access FROM roster_people").fetchall()
    return {key: shown(codes, key, name, access) or "" for key, name, access in lines}


def people_named(connection: DuckDBPyConnection) -> dict[str, str]:
    """Name of each person of the bases as first typed, by key: for what stays in the organisation."""
    return dict(
        connection.execute(
            'SELECT person_key, arg_min(full_name, (NOT accepted, workbook, sheet, "row")) FROM base '
            "WHERE person_key IS NOT NULL AND full_name IS NOT NULL GROUP BY person_key"
        ).fetchall()
    )
