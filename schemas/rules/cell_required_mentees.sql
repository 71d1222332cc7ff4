-- Birth and class of a pupil, post and experience of staff, the day a completed programme ended: only where the sheet has
-- the column.
WITH seen AS (
    SELECT m.organisation, m.workbook, m.sheet, m."row", b.kind AS known_kind, m.birth_year, m.class_group, m."position", m.experience_years,
        m.completed, m.date_out, x.columns
    FROM base AS b
    JOIN mentees AS m ON m.organisation = b.organisation AND m.workbook = b.workbook AND m.sheet = b.sheet AND m."row" = b."row" AND m.part = b.part
    JOIN blocks AS x ON x.organisation = b.organisation AND x.workbook = b.workbook AND x.sheet = b.sheet AND x."table" = 'mentees'
        AND b."row" >= x.header_row AND b."row" < x.next_header_row
    WHERE b.role = 'mentee' AND b.name_key IS NOT NULL AND NOT b.kind_in_doubt
        AND (b.kind = 'pupil' AND (m.birth_year IS NULL OR m.class_group IS NULL)
            OR b.kind = 'staff' AND (m."position" IS NULL OR m.experience_years IS NULL)
            OR m.completed AND m.date_out IS NULL)
)
SELECT organisation, workbook, sheet, "row", 'birth' AS field, 'pupil' AS why FROM seen
WHERE known_kind = 'pupil' AND birth_year IS NULL AND json_exists(columns, '$.birth')
UNION ALL
SELECT organisation, workbook, sheet, "row", 'class_group', 'pupil' FROM seen
WHERE known_kind = 'pupil' AND class_group IS NULL AND json_exists(columns, '$.class_group')
UNION ALL
SELECT organisation, workbook, sheet, "row", 'position', 'staff' FROM seen
WHERE known_kind = 'staff' AND "position" IS NULL AND json_exists(columns, '$.position')
UNION ALL
SELECT organisation, workbook, sheet, "row", 'experience_years', 'staff' FROM seen
WHERE known_kind = 'staff' AND experience_years IS NULL AND json_exists(columns, '$.experience_years')
UNION ALL
SELECT organisation, workbook, sheet, "row", 'date_out', 'completed' FROM seen
WHERE completed AND date_out IS NULL AND json_exists(columns, '$.date_out')
