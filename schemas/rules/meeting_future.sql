-- Later than the date of the check. A journal seen as of a day in its middle is no mistake: many such dates are said once.
WITH coming AS (
    SELECT organisation, workbook, sheet, "row", "date",
        count(*) OVER (PARTITION BY organisation) AS together,
        row_number() OVER (PARTITION BY organisation ORDER BY workbook, sheet, "row") AS place
    FROM meetings WHERE "date" > getvariable('as_of') AND accepted
)
SELECT organisation, workbook, sheet, "row", 'date' AS field, "date" AS value, getvariable('as_of') AS as_of,
    CASE WHEN together > 20 THEN together ELSE 1 END AS count
FROM coming
WHERE together <= 20 OR place = 1
