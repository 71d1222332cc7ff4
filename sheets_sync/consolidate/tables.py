"""What several sheets of the roster read, worked out once: the tables ``roster_…``."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from sheets_sync.store import keep_of

if TYPE_CHECKING:
    from sheets_sync.memory import Connection

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


def make_tables(connection: Connection, asked: Collection[str] | None) -> None:
    """Make what is told of rows and persons: ``roster_asked``, ``roster_marks``, ``roster_in_pairs``, ``roster_one``.

    ``asked``: the organisations whose rows are made anew, None: all.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE roster_asked AS SELECT unnest(?::VARCHAR[]) AS organisation",
        [sorted(asked or ())],
    )
    for name, sql in {"marks": _MARKS, "in_pairs": _IN_PAIRS, "one": _ONE_PER_PERSON}.items():
        connection.execute(f"CREATE OR REPLACE TEMP TABLE roster_{name} AS {sql}")


def keep_tables(connection: Connection, asked: Collection[str] | None) -> None:
    """Make what the store keeps of each organisation anew for those ``asked``.

    The other tables have been made, those of :mod:`~sheets_sync.consolidate.access` too, and doubtful pairs were looked
    for (``ledger.possible_matches``).
    """
    for table, sql in _KEPT.items():
        keep_of(connection, table, sql, asked)
