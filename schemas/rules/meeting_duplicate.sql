WITH alike AS (
    SELECT key, unit, "date", topic FROM meeting_pairs WHERE "date" IS NOT NULL
),
suspected AS (
    SELECT coalesce(unit, -key) AS pair, "date", topic FROM alike GROUP BY ALL HAVING count(*) > 1
),
marked AS (
    SELECT p.meeting, row_number() OVER w AS place, first(p.meeting) OVER w AS first_meeting
    FROM meeting_pairs AS p
    JOIN suspected AS s ON s.pair = coalesce(p.unit, -p.key) AND s."date" = p."date" AND s.topic = p.topic
    LEFT JOIN units AS u ON u.unit = p.unit
    JOIN meeting_keys AS k ON k.key = p.key
    JOIN meetings AS m ON m.rowid = p.meeting
    WHERE p."date" IS NOT NULL AND p.key IS NOT NULL AND (p.unit IS NOT NULL OR k.mentor_key IS NOT NULL OR k.mentee_key IS NOT NULL OR k.number IS NOT NULL)
    WINDOW w AS (PARTITION BY coalesce(p.unit, -p.key), CASE WHEN u.size > 1 THEN k.mentee_key END, m.part, p."date", p.topic
        ORDER BY m.workbook, m.sheet, m."row")
)
SELECT m.organisation, m.workbook, m.sheet, m."row", NULL AS field, o."row" AS other_row,
    nullif(o.sheet, m.sheet) AS other_sheet, nullif(o.workbook, m.workbook) AS other_workbook
FROM marked AS d
JOIN meetings AS m ON m.rowid = d.meeting
JOIN meetings AS o ON o.rowid = d.first_meeting
WHERE d.place > 1 AND (m.workbook, m.sheet, m."row") <> (o.workbook, o.sheet, o."row")
