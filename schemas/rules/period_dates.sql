-- Left before joined, or a date that is still to come. What a cell the checks have spoken of says is no ground for another.
WITH rows_of_bases AS (
    SELECT b.*, CASE role WHEN 'mentor' THEN 'mentors' ELSE 'mentees' END AS base_table
    FROM base AS b
    ANTI JOIN bad_cells AS x ON x.field IN ('date_in', 'date_out') AND x.organisation = b.organisation AND x.workbook = b.workbook
        AND x.sheet = b.sheet AND x."row" = b."row"
    WHERE role IN ('mentor', 'mentee')
)
SELECT organisation, workbook, sheet, "row", 'date_out' AS field, base_table AS "table", date_out AS value, 'reversed' AS why, date_in AS date_in
FROM rows_of_bases WHERE date_out < date_in
UNION ALL
SELECT organisation, workbook, sheet, "row", 'date_in', base_table, date_in, 'future', NULL
FROM rows_of_bases WHERE role = 'mentee' AND date_in > getvariable('as_of') AND coalesce(date_out >= date_in, true)
UNION ALL
SELECT b.organisation, b.workbook, b.sheet, b."row", 'date_out', b.base_table, b.date_out, 'future', NULL
FROM rows_of_bases AS b
JOIN mentees AS m ON m.organisation = b.organisation AND m.workbook = b.workbook AND m.sheet = b.sheet AND m."row" = b."row" AND m.part = b.part
-- the end of a running programme may be planned within the school year; of one that is over it cannot
WHERE b.role = 'mentee' AND b.date_out > getvariable('as_of') AND coalesce(b.date_in <= getvariable('as_of'), true)
    AND (m.completed OR m.status IN ('completed', 'left')
        OR b.date_out > make_date(year(getvariable('as_of')) + (month(getvariable('as_of')) >= 9)::INTEGER, 8, 31))
