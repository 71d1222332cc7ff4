-- An enterprise counts once in the district: by its ИНН, else by its name without legal form. In one list a second row of the same
-- one is a repetition; over the district one name with two ИНН is counted as two, one ИНН with two names as one.
WITH listed AS (
    SELECT organisation, workbook, sheet, "row", name, inn, enterprise_key(name) AS key
    FROM enterprises WHERE name IS NOT NULL AND accepted
),
within AS (
    SELECT later.*, earlier."row" AS other_row, nullif(earlier.sheet, later.sheet) AS other_sheet, nullif(earlier.workbook, later.workbook) AS other_workbook
    FROM listed AS later
    JOIN listed AS earlier ON earlier.organisation = later.organisation
        AND (earlier.workbook, earlier.sheet, earlier."row") < (later.workbook, later.sheet, later."row")
        AND CASE WHEN earlier.inn IS NOT NULL AND later.inn IS NOT NULL THEN earlier.inn = later.inn ELSE earlier.key = later.key END
    QUALIFY row_number() OVER (PARTITION BY later.organisation, later.workbook, later.sheet, later."row" ORDER BY earlier.workbook, earlier.sheet, earlier."row") = 1
),
firsts AS (
    SELECT * FROM listed QUALIFY row_number() OVER (PARTITION BY organisation, key, inn ORDER BY workbook, sheet, "row") = 1
)
SELECT organisation, workbook, sheet, "row", 'name' AS field, name AS value, 'warning' AS severity, 'twice' AS why, other_row, other_sheet, other_workbook, NULL AS other
FROM within
UNION ALL
SELECT a.organisation, a.workbook, a.sheet, a."row", 'inn', a.inn, 'info', 'inn', NULL, NULL, NULL, min(b.inn)
FROM firsts AS a JOIN firsts AS b ON b.key = a.key AND b.inn <> a.inn
GROUP BY ALL
UNION ALL
SELECT a.organisation, a.workbook, a.sheet, a."row", 'name', a.name, 'info', 'name', NULL, NULL, NULL, min(b.name)
FROM firsts AS a JOIN firsts AS b ON b.inn = a.inn AND b.key <> a.key AND b.organisation <> a.organisation
GROUP BY ALL
