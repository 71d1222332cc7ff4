-- Contract of a mentor from outside; enterprise of its employee; birth and class of a pupil; after 1 March 2025 the written
-- consent of an employee. Only where the sheet has the column.
WITH seen AS (
    SELECT b.kind, b.accepted, m.*, x.columns
    FROM base AS b
    JOIN mentors AS m ON m.organisation = b.organisation AND m.workbook = b.workbook AND m.sheet = b.sheet AND m."row" = b."row" AND m.part = b.part
    JOIN blocks AS x ON x.organisation = b.organisation AND x.workbook = b.workbook AND x.sheet = b.sheet AND x."table" = 'mentors'
        AND b."row" >= x.header_row AND b."row" < x.next_header_row
    WHERE b.role = 'mentor' AND b.name_key IS NOT NULL AND NOT b.kind_in_doubt
),
listed AS (
    SELECT organisation, first(name ORDER BY workbook, sheet, "row") AS name, mentor
    FROM (SELECT *, unnest(mentors_keys) AS mentor FROM enterprises WHERE name IS NOT NULL) GROUP BY organisation, mentor
),
missing AS (
    SELECT organisation, workbook, sheet, "row", 'contract' AS field, 'external' AS why, NULL::VARCHAR AS suggestion FROM seen
    WHERE category IN ('parent', 'alumnus', 'enterprise', 'entrepreneur') AND contract IS NULL AND json_exists(columns, '$.contract')
    UNION ALL
    SELECT s.organisation, s.workbook, s.sheet, s."row", 'enterprise_id', 'enterprise', l.name FROM seen AS s
    LEFT JOIN listed AS l ON l.organisation = s.organisation AND l.mentor = s.full_name_key
    WHERE s.category IN ('enterprise', 'entrepreneur') AND s.enterprise_id IS NULL AND json_exists(s.columns, '$.enterprise_id')
    UNION ALL
    SELECT organisation, workbook, sheet, "row", 'birth', 'pupil', NULL FROM seen
    WHERE kind = 'pupil' AND birth_year IS NULL AND json_exists(columns, '$.birth')
    UNION ALL
    SELECT organisation, workbook, sheet, "row", 'class_group', 'pupil', NULL FROM seen
    WHERE kind = 'pupil' AND class_group IS NULL AND json_exists(columns, '$.class_group')
    UNION ALL
    -- said once a row: of the consent, or of the addendum where only that is missing; a consent may be in the table of consents
    SELECT organisation, workbook, sheet, "row", CASE WHEN lacks_consent THEN 'labour_consent' ELSE 'addendum' END,
        CASE WHEN lacks_consent THEN 'employee' ELSE 'addendum' END, NULL
    FROM (
        SELECT s.*, s.labour_consent IS NULL AND json_exists(s.columns, '$.labour_consent') AND (s.organisation, s.full_name_key) NOT IN (
            SELECT (organisation, full_name_key) FROM consents WHERE full_name_key IS NOT NULL AND kind::VARCHAR LIKE '%labour%') AS lacks_consent,
            s.addendum IS NULL AND json_exists(s.columns, '$.addendum') AS lacks_addendum
        FROM seen AS s
        WHERE s.kind = 'staff' AND getvariable('as_of') >= getvariable('labour_consent_from') AND coalesce(s.date_out >= getvariable('as_of'), true)
    ) WHERE lacks_consent OR lacks_addendum
)
SELECT organisation, workbook, sheet, "row", field, why, suggestion FROM missing
