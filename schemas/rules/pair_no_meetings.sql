-- Only where a journal is kept; summer and New Year holidays do not count; a meeting whose date is in doubt keeps the rule
-- silent, and so does a journal most of whose meetings belong to no pair. A break in the middle of the year is told with its first and last day, one finding a pair.
-- A meeting that may be of several pairs speaks for each of them.
WITH credited AS (
    SELECT unit, "date", accepted AND "date" <= getvariable('as_of') AND coalesce(inside, true) AS valid
    FROM (
        SELECT unit, "date", accepted, inside FROM meeting_pairs WHERE n_units = 1
        UNION ALL
        SELECT unnest(k.units), p."date", p.accepted, p.inside FROM meeting_pairs AS p JOIN meeting_keys AS k USING (key) WHERE p.n_units > 1
    )
    WHERE unit IN (SELECT unit FROM units WHERE is_active)
),
-- a pair's meetings by stretches of the days that may pass without one: only between two stretches is a break that counts
stretches AS (
    SELECT unit, ("date" - DATE '0001-01-01') // greatest(getvariable('gap_days'), 1) AS stretch,
        min("date") FILTER (valid) AS first_on, max("date") FILTER (valid) AS last_on, bool_or(NOT coalesce(valid, false)) AS doubtful
    FROM credited GROUP BY ALL
),
last AS (
    SELECT unit, max(last_on) AS last_on, bool_or(doubtful) AS doubtful FROM stretches GROUP BY unit
),
apart AS (
    SELECT unit, first_on AS until, lag(last_on) OVER (PARTITION BY unit ORDER BY stretch) AS since FROM stretches WHERE first_on IS NOT NULL
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
    SELECT k.organisation
    FROM (SELECT key, count(*) AS meetings FROM meeting_pairs WHERE accepted GROUP BY key) AS p JOIN meeting_keys AS k USING (key)
    GROUP BY k.organisation HAVING sum(p.meetings) FILTER (k.n_units = 0) * 2 > sum(p.meetings)
),
watched AS (
    SELECT u.unit, u.organisation, u.line, l.last_on, b.breaks, b.days AS break_days,
        -- counted only where there can be so many
        CASE WHEN date_diff('day', greatest(coalesce(l.last_on, u.starts), u.starts), getvariable('as_of')) > getvariable('gap_days')
            THEN school_days(greatest(coalesce(l.last_on, u.starts), u.starts), getvariable('as_of')) ELSE 0 END AS days
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
