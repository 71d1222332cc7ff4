-- The same full name with another birth in one base: two persons, unless one of the births is a slip. Said of the later row; not
-- of whom the people ledger tells apart.
WITH persons AS (
    SELECT *, CASE role WHEN 'mentor' THEN 'mentors' ELSE 'mentees' END AS base_table,
        row_number() OVER (PARTITION BY organisation, role, name_key ORDER BY workbook, sheet, "row", part) AS place
    FROM base
    WHERE role IN ('mentor', 'mentee') AND namesakes AND NOT told_apart AND birth_year IS NOT NULL AND contains(name_key, ' ')
)
SELECT later.organisation, later.workbook, later.sheet, later."row", 'full_name' AS field, later.base_table AS "table", later.full_name AS value,
    earlier."row" AS other_row, nullif(earlier.sheet, later.sheet) AS other_sheet
FROM persons AS later
JOIN persons AS earlier ON earlier.organisation = later.organisation AND earlier.role = later.role AND earlier.name_key = later.name_key
    AND earlier.place < later.place
    AND (earlier.birth_year <> later.birth_year OR coalesce(earlier.birth <> later.birth, false))
QUALIFY row_number() OVER (PARTITION BY later.organisation, later.role, later.name_key, later.person_key ORDER BY later.place, earlier.place) = 1
