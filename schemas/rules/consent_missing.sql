-- A person of a base without any consent, in the base's own column or in the table of consents: an error for a minor. Said
-- once per person; a column that is empty from top to bottom is one finding at its heading.
WITH seen AS (
    SELECT b.*, CASE b.role WHEN 'mentor' THEN 'mentors' ELSE 'mentees' END AS base_table, x.header_row,
        json_exists(x.columns, '$.consent') AS has_column,
        coalesce(b.age_now < getvariable('adult_age'), b.kind = 'pupil', false) AS is_minor
    FROM base AS b
    JOIN organisations AS o USING (organisation)
    JOIN blocks AS x ON x.organisation = b.organisation AND x.workbook = b.workbook AND x.sheet = b.sheet
        AND x."table" = CASE b.role WHEN 'mentor' THEN 'mentors' ELSE 'mentees' END
        AND b."row" >= x.header_row AND b."row" < x.next_header_row
    WHERE b.role IN ('mentor', 'mentee') AND b.person_key IS NOT NULL AND (json_exists(x.columns, '$.consent') OR o.has_consents)
),
missing AS (
    SELECT s.* FROM seen AS s
    WHERE s.consent IS NULL AND NOT EXISTS (SELECT 1 FROM consent_of AS c WHERE c.person_key = s.person_key)
        AND NOT EXISTS (SELECT 1 FROM bad_cells AS x WHERE x.organisation = s.organisation AND x.workbook = s.workbook
            AND x.sheet = s.sheet AND x."row" = s."row" AND x.field = 'consent')
    QUALIFY row_number() OVER (PARTITION BY s.person_key ORDER BY s.has_column DESC, s.role, s.workbook, s.sheet, s."row") = 1
),
empty AS (
    SELECT m.*
    FROM (SELECT organisation, workbook, sheet, base_table, header_row, bool_or(is_minor) AS is_minor, count(*) AS people
        FROM missing WHERE has_column GROUP BY ALL) AS m
    JOIN (SELECT organisation, workbook, sheet, base_table, header_row, count(*) AS people FROM seen GROUP BY ALL) AS s
        USING (organisation, workbook, sheet, base_table, header_row)
    WHERE m.people >= 5 AND m.people = s.people
)
SELECT m.organisation, m.workbook, m.sheet, m."row", CASE WHEN m.has_column THEN 'consent' ELSE 'full_name' END AS field,
    m.base_table AS "table", CASE WHEN m.is_minor THEN 'error' ELSE 'warning' END AS severity,
    CASE WHEN NOT m.has_column THEN m.full_name END AS value,
    CASE WHEN m.is_minor THEN 'minor' ELSE 'adult' END AS who, 1 AS count
FROM missing AS m
ANTI JOIN empty AS e ON e.organisation = m.organisation AND e.workbook = m.workbook AND e.sheet = m.sheet
    AND e.base_table = m.base_table AND e.header_row = m.header_row
UNION ALL
SELECT organisation, workbook, sheet, header_row, 'consent', base_table, CASE WHEN is_minor THEN 'error' ELSE 'warning' END, NULL,
    CASE WHEN is_minor THEN 'minor' ELSE 'adult' END, people
FROM empty
