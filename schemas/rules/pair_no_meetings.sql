-- Only where a journal is kept; the summer does not count; a meeting whose date is in doubt keeps the rule silent.
WITH credited AS (
    SELECT unnest(k.units) AS unit, p."date", p.accepted AND p."date" <= getvariable('as_of') AND coalesce(p.inside, true) AS valid
    FROM meeting_pairs AS p
    JOIN meeting_keys AS k USING (key)
    WHERE p.n_units > 0 AND (p.n_units > 1 OR k.unit IN (SELECT unit FROM units WHERE is_active))
),
last AS (
    SELECT unit, max("date") FILTER (valid) AS last_on, count(*) FILTER (valid) AS meetings, bool_or(NOT coalesce(valid, false)) AS doubtful
    FROM credited GROUP BY unit
),
watched AS (
    SELECT u.unit, u.organisation, u.line, u.starts, l.last_on, coalesce(l.meetings, 0) AS meetings, coalesce(l.doubtful, false) AS doubtful,
        least(getvariable('as_of'),
            CASE WHEN month(getvariable('as_of')) BETWEEN 6 AND 8 THEN make_date(year(getvariable('as_of')), 5, 31) ELSE getvariable('as_of') END) AS until
    FROM units AS u
    LEFT JOIN last AS l USING (unit)
    WHERE u.is_active
)
SELECT p.organisation, p.workbook, p.sheet, p."row", NULL AS field,
    date_diff('day', greatest(coalesce(w.last_on, w.starts), w.starts), w.until) AS days, w.last_on AS last_on
FROM watched AS w
JOIN pairs_resolved AS p ON p.line = w.line AND p.accepted AND NOT p.has_error
JOIN organisations AS o ON o.organisation = w.organisation AND o.has_meetings
WHERE NOT w.doubtful AND w.starts IS NOT NULL
    AND date_diff('day', greatest(coalesce(w.last_on, w.starts), w.starts), w.until) > getvariable('gap_days')
