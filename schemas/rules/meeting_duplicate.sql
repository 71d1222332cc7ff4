-- The same meeting of a pair (of a member of a group) written down again: day and topic are equal, without a topic all else is.
-- Topics are read of those alone that share their day.
WITH days AS (
    SELECT coalesce(unit, -key) AS pair, "date" FROM meeting_pairs WHERE "date" IS NOT NULL GROUP BY ALL HAVING count(*) > 1
),
marked AS (
    SELECT p.meeting, row_number() OVER w AS place, first(p.meeting) OVER w AS first_meeting
    FROM meeting_pairs AS p
    JOIN days AS d ON d.pair = coalesce(p.unit, -p.key) AND d."date" = p."date"
    LEFT JOIN units AS u ON u.unit = p.unit
    JOIN meetings AS m ON m.rowid = p.meeting
    WHERE p.unit IS NOT NULL OR m.mentor_key IS NOT NULL OR m.mentee_key IS NOT NULL OR pair_number(m.pair_id) IS NOT NULL
    WINDOW w AS (PARTITION BY coalesce(p.unit, -p.key), CASE WHEN u.size > 1 THEN m.mentee_key END, m.part, p."date",
        hash(m.topic, CASE WHEN m.topic IS NULL THEN (m.stage, m.mode, m.duration_min, m.result, m.present, m.note)::VARCHAR END)
        ORDER BY m.workbook, m.sheet, m."row")
)
SELECT m.organisation, m.workbook, m.sheet, m."row", NULL AS field, o."row" AS other_row,
    nullif(o.sheet, m.sheet) AS other_sheet, nullif(o.workbook, m.workbook) AS other_workbook
FROM marked AS d
JOIN meetings AS m ON m.rowid = d.meeting
JOIN meetings AS o ON o.rowid = d.first_meeting
WHERE d.place > 1 AND (m.workbook, m.sheet, m."row") <> (o.workbook, o.sheet, o."row")
