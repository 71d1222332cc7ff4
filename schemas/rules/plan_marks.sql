-- A blank is never a nought: the level stays open. Satisfaction of partners (c7) may be open where there are none. A mark that
-- could not be read has its own finding. Where several are blank, the first is named and all are counted.
WITH marks AS NOT MATERIALIZED (
    SELECT e.organisation, e.workbook, e.sheet, e."row", b.columns,
        list_filter(['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c8', 'c9'], lambda name: CASE name
            WHEN 'c1' THEN e.c1 IS NULL WHEN 'c2' THEN e.c2 IS NULL WHEN 'c3' THEN e.c3 IS NULL WHEN 'c4' THEN e.c4 IS NULL
            WHEN 'c5' THEN e.c5 IS NULL WHEN 'c6' THEN e.c6 IS NULL WHEN 'c8' THEN e.c8 IS NULL ELSE e.c9 IS NULL END
            AND json_exists(b.columns, '$.' || name)) AS blank
    FROM evaluations AS e
    JOIN blocks AS b ON b.organisation = e.organisation AND b.workbook = e.workbook AND b.sheet = e.sheet AND b."table" = 'evaluations'
        AND e."row" >= b.header_row AND e."row" < b.next_header_row
    -- with criteria in rows the marks are columns «2, 1, 0»: the reader of that layout says what is wrong with them
    WHERE json_exists(b.columns, '$.c1') OR json_exists(b.columns, '$.c2')
),
unread AS (
    SELECT m.*, list_filter(m.blank, lambda name: NOT list_contains(coalesce(x.fields, []), name)) AS open
    FROM marks AS m
    LEFT JOIN (SELECT organisation, workbook, sheet, "row", list(field) AS fields FROM bad_cells GROUP BY ALL) AS x
        USING (organisation, workbook, sheet, "row")
)
SELECT organisation, workbook, sheet, "row", open[1] AS field, array_to_string(open, ', ') AS marks, len(open) AS count,
    NULL AS why
FROM unread
WHERE len(open) > 0
UNION ALL
-- a criterion without a column is one cause for all rows: said once, of the first
SELECT organisation, workbook, sheet, min("row"), NULL, replace(array_to_string(absent, ', '), 'c', ''), NULL, 'no-column'
FROM (
    SELECT m.*, list_filter(['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c8', 'c9'],
        lambda name: NOT json_exists(m.columns, '$.' || name)) AS absent
    FROM marks AS m
)
WHERE len(absent) > 0
GROUP BY organisation, workbook, sheet, absent
