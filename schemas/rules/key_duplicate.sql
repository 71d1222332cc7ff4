-- The same name and birth twice in one base: an error on the later row, a warning where a birth is missing. Another birth: a
-- namesake, nothing to say, nor of whom the people ledger tells apart.
WITH twice AS (
    SELECT organisation, role, name_key FROM base
    WHERE role IN ('mentor', 'mentee') AND contains(name_key, ' ') GROUP BY ALL HAVING count(*) > 1
),
rows_of_bases AS (
    SELECT b.*, CASE b.role WHEN 'mentor' THEN 'mentors' ELSE 'mentees' END AS base_table,
        row_number() OVER (PARTITION BY b.organisation, b.role, b.name_key ORDER BY b.workbook, b.sheet, b."row", b.part) AS place
    FROM base AS b
    JOIN twice AS t ON t.organisation = b.organisation AND t.role = b.role AND t.name_key = b.name_key
),
pairs_of_rows AS (
    SELECT later.*, earlier."row" AS other_row, nullif(earlier.sheet, later.sheet) AS other_sheet,
        nullif(earlier.workbook, later.workbook) AS other_workbook,
        later.birth_year IS NULL OR earlier.birth_year IS NULL AS unsure
    FROM rows_of_bases AS later
    JOIN rows_of_bases AS earlier ON earlier.organisation = later.organisation AND earlier.role = later.role
        AND earlier.name_key = later.name_key AND earlier.place < later.place
    WHERE (later.birth_year IS NULL OR earlier.birth_year IS NULL
        OR (later.birth_year = earlier.birth_year AND coalesce(later.birth = earlier.birth, true)))
        AND NOT (later.told_apart AND later.person_key <> earlier.person_key)
)
SELECT organisation, workbook, sheet, "row", 'full_name' AS field, base_table AS "table", full_name AS value,
    CASE WHEN unsure THEN 'warning' ELSE 'error' END AS severity, other_row, other_sheet, other_workbook
FROM pairs_of_rows
QUALIFY row_number() OVER (PARTITION BY organisation, role, workbook, sheet, "row", part ORDER BY unsure, other_row) = 1
