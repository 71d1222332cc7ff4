-- Organising, trial and planning meetings take place once (a second final one is said by meeting-after-final); a group's
-- members may each have theirs. The suggestion is the next stage where the pair has none.
WITH several AS (
    SELECT unit, stage FROM meeting_pairs WHERE stage IN (1, 2, 3) GROUP BY unit, stage HAVING min("date") < max("date")
),
counted AS (
    SELECT p.meeting, p.unit, p.stage, p."date", CASE WHEN u.size > 1 THEN m.mentee_key END AS mentee_key,
        hash(m.topic, CASE WHEN m.topic IS NULL THEN (m.stage, m.mode, m.duration_min, m.result, m.present, m.note)::VARCHAR END) AS topic
    FROM meeting_pairs AS p
    JOIN units AS u ON u.unit = p.unit
    JOIN meetings AS m ON m.rowid = p.meeting
    WHERE p.stage IN (1, 2, 3) AND p.accepted AND p."date" <= getvariable('as_of') AND coalesce(p.inside, true)
        AND (p.unit, p.stage) IN (SELECT (unit, stage) FROM several)
),
repeated AS (
    SELECT *, row_number() OVER (PARTITION BY unit, mentee_key, stage ORDER BY "date", meeting) AS place,
        row_number() OVER (PARTITION BY unit, mentee_key, stage, "date", topic ORDER BY meeting) AS copy,
        lag("date") OVER (PARTITION BY unit, mentee_key, stage ORDER BY "date", meeting) AS before
    FROM counted
)
SELECT m.organisation, m.workbook, m.sheet, m."row", 'stage' AS field, stage_title(r.stage) AS value,
    CASE WHEN r.stage < 5 AND NOT EXISTS (SELECT 1 FROM meeting_pairs AS o WHERE o.unit = r.unit AND o.stage = r.stage + 1)
        THEN stage_title(r.stage + 1) ELSE stage_title(4) END AS suggestion,
    r.before AS other_date
FROM repeated AS r
JOIN meetings AS m ON m.rowid = r.meeting
-- the same meeting written twice is row-duplicate; one meeting of several people on one day is one meeting
WHERE r.place > 1 AND r.copy = 1 AND r."date" > r.before
