-- Before the pair began or after the end it states; a pair without an end has no such error. Where most of a pair's meetings
-- are outside, the pair's own dates are the cause: said once, at the first of them.
WITH outside AS (
    SELECT p.meeting, p.unit, p."date",
        count(*) OVER (PARTITION BY p.unit) AS together, row_number() OVER (PARTITION BY p.unit ORDER BY p."date", p.meeting) AS place
    FROM meeting_pairs AS p
    WHERE NOT p.inside AND p.accepted AND p."date" <= getvariable('as_of')
),
totals AS (
    SELECT unit, count(*) AS meetings FROM meeting_pairs WHERE accepted AND unit IS NOT NULL GROUP BY unit
)
SELECT m.organisation, m.workbook, m.sheet, m."row", 'date' AS field, m."date" AS value,
    CASE WHEN m."date" < u.starts AND m."date" + INTERVAL 1 YEAR BETWEEN u.starts AND coalesce(u.ends, u.starts + INTERVAL 1 YEAR) THEN russian_date(m."date" + INTERVAL 1 YEAR)
        WHEN m."date" < u.starts AND m."date" + INTERVAL 2 YEAR BETWEEN u.starts AND coalesce(u.ends, u.starts + INTERVAL 1 YEAR) THEN russian_date(m."date" + INTERVAL 2 YEAR)
        WHEN m."date" > u.ends AND m."date" - INTERVAL 1 YEAR BETWEEN u.starts AND u.ends THEN russian_date(m."date" - INTERVAL 1 YEAR) END AS suggestion,
    u.starts AS starts, u.ends AS ends, CASE WHEN m."date" < u.starts THEN 'before' ELSE 'after' END AS why,
    CASE WHEN o.together >= 3 AND o.together * 2 > t.meetings THEN o.together ELSE 1 END AS count
FROM outside AS o
LEFT JOIN units AS u USING (unit)
LEFT JOIN totals AS t USING (unit)
JOIN meetings AS m ON m.rowid = o.meeting
WHERE NOT coalesce(u.dates_reversed, false)
    AND (o.unit IS NULL OR o.place = 1 OR NOT (o.together >= 3 AND o.together * 2 > t.meetings))
