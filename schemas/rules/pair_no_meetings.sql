-- Only where a journal is kept; summer and New Year holidays do not count; a meeting whose date is in doubt keeps the rule
-- silent, and so does a journal most of whose meetings belong to no pair. A break in the middle of the year is told with its first and last day, one finding a pair.
WITH credited AS (
    SELECT unnest(k.units) AS unit, p."date", p.accepted AND p."date" <= getvariable('as_of') AND coalesce(p.inside, true) AS valid
    FROM meeting_pairs AS p
    JOIN meeting_keys AS k USING (key)
    WHERE p.n_units > 0 AND (p.n_units > 1 OR k.unit IN (SELECT unit FROM units WHERE is_active))
),
last AS (
    SELECT unit, max("date") FILTER (valid) AS last_on, bool_or(NOT coalesce(valid, false)) AS doubtful
    FROM credited GROUP BY unit
),
apart AS (
    SELECT unit, "date" AS until, lag("date") OVER (PARTITION BY unit ORDER BY "date") AS since FROM credited WHERE valid
),
-- materialized, so that the days of school are counted for these few and not between every two meetings
wide AS MATERIALIZED (
    SELECT * FROM apart WHERE date_diff('day', since, until) > getvariable('gap_days')
),
breaks AS (
    SELECT unit, max(school_days(since, until)) AS days, string_agg(concat(russian_date(since), ' – ', russian_date(until)), ', ' ORDER BY since) AS breaks
    FROM wide
    WHERE school_days(since, until) > getvariable('gap_days')
    GROUP BY unit
),
lost AS (
    SELECT k.organisation FROM meeting_pairs AS p JOIN meeting_keys AS k USING (key) WHERE p.accepted
    GROUP BY k.organisation HAVING count(*) FILTER (p.n_units = 0) * 2 > count(*)
),
watched AS (
    SELECT u.unit, u.organisation, u.line, l.last_on, b.breaks, b.days AS break_days,
        school_days(greatest(coalesce(l.last_on, u.starts), u.starts), getvariable('as_of')) AS days
    FROM units AS u
    LEFT JOIN last AS l USING (unit)
    LEFT JOIN breaks AS b USING (unit)
    WHERE u.is_active AND u.starts IS NOT NULL AND NOT coalesce(l.doubtful, false)
)
SELECT p.organisation, p.workbook, p.sheet, p."row", NULL AS field,
    CASE WHEN w.days > getvariable('gap_days') THEN w.days ELSE w.break_days END AS days, w.last_on AS last_on, w.breaks AS breaks,
    CASE WHEN w.days > getvariable('gap_days') THEN NULL ELSE 'break' END AS why
FROM watched AS w
JOIN pairs_resolved AS p ON p.line = w.line AND p.accepted AND NOT p.has_error
JOIN organisations AS o ON o.organisation = w.organisation AND o.has_meetings
WHERE (w.days > getvariable('gap_days') OR w.breaks IS NOT NULL) AND w.organisation NOT IN (SELECT organisation FROM lost)
