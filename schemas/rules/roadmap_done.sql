-- Done means a date and a document, where the sheet has the columns; a day that has not come yet is a slip of the year, mostly
-- of one within the plan. A road map seen as of a day in its middle is no mistake: many such days are said once.
WITH done AS (
    SELECT r.*, b.columns, b.header_row FROM roadmap AS r
    JOIN blocks AS b ON b.organisation = r.organisation AND b.workbook = r.workbook AND b.sheet = r.sheet AND b."table" = 'roadmap'
        AND r."row" >= b.header_row AND r."row" < b.next_header_row
),
plans_span AS (
    SELECT organisation, workbook, sheet, header_row, min(coalesce(due_start, due_end)) AS since, max(due_end) AS until
    FROM done GROUP BY ALL
),
coming AS (
    SELECT *, count(*) OVER w AS together, row_number() OVER (w ORDER BY "row") AS place
    FROM done WHERE done_on > getvariable('as_of')
    WINDOW w AS (PARTITION BY organisation, workbook, sheet, header_row)
)
SELECT organisation, workbook, sheet, "row", 'document' AS field, NULL AS value, NULL AS suggestion, NULL AS why, NULL AS count
FROM done WHERE status IN ('done', 'done_late') AND document IS NULL AND json_exists(columns, '$.document')
UNION ALL
SELECT organisation, workbook, sheet, "row", 'done_on', NULL, NULL, NULL, NULL
FROM done WHERE status IN ('done', 'done_late') AND done_on IS NULL AND json_exists(columns, '$.done_on')
UNION ALL
SELECT c.organisation, c.workbook, c.sheet, c."row", 'done_on', russian_date(c.done_on),
    CASE WHEN c.together <= 5 THEN russian_date(year_meant(c.done_on, date_trunc('month', s.since)::DATE, least(getvariable('as_of'), s.until + INTERVAL 3 MONTH)::DATE)) END,
    'future', CASE WHEN c.together > 5 THEN c.together ELSE 1 END
FROM coming AS c
JOIN plans_span AS s USING (organisation, workbook, sheet, header_row)
WHERE c.together <= 5 OR c.place = 1
