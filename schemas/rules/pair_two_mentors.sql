-- Said once per further mentor, on the later row.
WITH running AS (
    SELECT * FROM pairs_resolved
    WHERE accepted AND is_active AND NOT has_error AND mentee_person IS NOT NULL AND mentor_person IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY mentee_person, mentor_person ORDER BY line) = 1
)
SELECT organisation, workbook, sheet, "row", 'mentee' AS field, mentee AS value,
    first("row") OVER (PARTITION BY mentee_person ORDER BY line) AS other_row,
    nullif(first(sheet) OVER (PARTITION BY mentee_person ORDER BY line), sheet) AS other_sheet
FROM running
QUALIFY row_number() OVER (PARTITION BY mentee_person ORDER BY line) > 1
