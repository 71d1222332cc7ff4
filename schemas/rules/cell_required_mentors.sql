-- Contract of a mentor from outside; enterprise of its employee; birth and class of a pupil; after 1 March 2025 the written
-- consent of an employee. Only where the sheet has the column.
WITH seen AS (
    SELECT b.kind, b.accepted, m.*, x.columns
    FROM base AS b
    JOIN mentors AS m ON m.organisation = b.organisation AND m.workbook = b.workbook AND m.sheet = b.sheet AND m."row" = b."row" AND m.part = b.part
    JOIN blocks AS x ON x.organisation = b.organisation AND x.workbook = b.workbook AND x.sheet = b.sheet AND x."table" = 'mentors'
        AND b."row" >= x.header_row AND b."row" < x.next_header_row
    WHERE b.role = 'mentor' AND b.name_key IS NOT NULL
),
listed AS (
    SELECT organisation, first(name ORDER BY workbook, sheet, "row") AS name, unnest(mentors) AS mentor FROM enterprises WHERE name IS NOT NULL GROUP BY organisation, mentors
),
missing AS (
    SELECT organisation, workbook, sheet, "row", 'contract' AS field, 'external' AS why, NULL::VARCHAR AS suggestion FROM seen
    WHERE category IN ('parent', 'alumnus', 'enterprise', 'entrepreneur') AND contract IS NULL AND json_exists(columns, '$.contract')
    UNION ALL
    SELECT s.organisation, s.workbook, s.sheet, s."row", 'enterprise_id', 'enterprise', l.name FROM seen AS s
    LEFT JOIN listed AS l ON l.organisation = s.organisation AND l.mentor = s.full_name
    WHERE s.category IN ('enterprise', 'entrepreneur') AND s.enterprise_id IS NULL AND json_exists(s.columns, '$.enterprise_id')
    UNION ALL
    SELECT organisation, workbook, sheet, "row", 'birth', 'pupil', NULL FROM seen
    WHERE kind = 'pupil' AND birth_year IS NULL AND json_exists(columns, '$.birth')
    UNION ALL
    SELECT organisation, workbook, sheet, "row", 'class_group', 'pupil', NULL FROM seen
    WHERE kind = 'pupil' AND class_group IS NULL AND json_exists(columns, '$.class_group')
    UNION ALL
    SELECT organisation, workbook, sheet, "row", 'labour_consent', 'employee', NULL FROM seen
    WHERE kind = 'staff' AND labour_consent IS NULL AND json_exists(columns, '$.labour_consent')
        AND getvariable('as_of') >= getvariable('labour_consent_from') AND coalesce(date_out >= getvariable('as_of'), true)
)
SELECT organisation, workbook, sheet, "row", field, why, suggestion FROM missing
