-- Within the pair's own span, yet before the order: said at the pair's first such meeting.
SELECT m.organisation, m.workbook, m.sheet, m."row", 'date' AS field, m."date" AS value, f.order_date AS order_date, f.together AS count
FROM (
    SELECT p.meeting, u.order_date, count(*) OVER (PARTITION BY p.unit) AS together,
        row_number() OVER (PARTITION BY p.unit ORDER BY p."date", p.meeting) AS place
    FROM meeting_pairs AS p
    JOIN units AS u USING (unit)
    WHERE p.accepted AND p."date" < u.order_date AND coalesce(p.inside, true) AND NOT u.dates_reversed
) AS f
JOIN meetings AS m ON m.rowid = f.meeting
WHERE f.place = 1
