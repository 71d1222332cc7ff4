-- The plan begins where its other deadlines begin. The summer before the first school year is preparation; a single deadline
-- that ends before that, more than four months ahead of all others, is a slip of the year.
WITH dated AS (
    SELECT organisation, workbook, sheet, "row", due, coalesce(due_start, due_end) AS starts, due_end AS ends
    FROM roadmap
    WHERE due_end IS NOT NULL AND due_kind IN ('date', 'month', 'range', 'half_year')
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY organisation, workbook, sheet ORDER BY starts, "row") AS place,
        lead(starts) OVER (PARTITION BY organisation, workbook, sheet ORDER BY starts, "row") AS next_starts,
        count(*) OVER (PARTITION BY organisation, workbook, sheet) AS tasks
    FROM dated
)
SELECT organisation, workbook, sheet, "row", 'due' AS field, json_extract_string(due, '$.text') AS value,
    -- the same months of the first year in which they come after the plan's beginning
    CASE WHEN regexp_matches(json_extract_string(due, '$.text'), year(starts)::VARCHAR) THEN
        replace(json_extract_string(due, '$.text'), year(starts)::VARCHAR, (year(starts)
            + CASE WHEN starts + INTERVAL 1 YEAR >= date_trunc('month', next_starts) THEN 1 ELSE date_diff('year', starts, next_starts) END)::VARCHAR) END AS suggestion,
    next_starts AS plan_starts
FROM ranked
WHERE place = 1 AND tasks >= 4
    AND ends < make_date((year(next_starts) - (month(next_starts) < 6)::INTEGER)::INTEGER, 6, 1)
    AND ends + INTERVAL 4 MONTH < next_starts
