-- The number is that of one pair, mentor and mentee are those of another: the meeting goes to the latter. Many alike are said once.
WITH disagreeing AS (
    SELECT k.organisation, k.pair_id, k.mentor_key, k.mentee_key, min(p.pair_id) AS suggestion
    FROM meeting_keys AS k
    JOIN pairs_resolved AS p ON p.unit = k.unit
    WHERE k.number IS NOT NULL AND EXISTS (SELECT 1 FROM pairs_resolved AS o WHERE o.organisation = k.organisation AND o.number = k.number)
    GROUP BY k.organisation, k.pair_id, k.mentor_key, k.mentee_key, k.number
    HAVING NOT bool_or(coalesce(p.number = k.number, false))
),
marked AS (
    SELECT m.organisation, m.workbook, m.sheet, m."row", m.pair_id, d.suggestion, count(*) OVER w AS together,
        row_number() OVER (PARTITION BY m.organisation, m.pair_id, m.mentor_key, m.mentee_key ORDER BY m.workbook, m.sheet, m."row", m.part) AS place
    FROM disagreeing AS d
    JOIN meetings AS m ON m.organisation = d.organisation AND m.pair_id = d.pair_id AND m.mentor_key = d.mentor_key AND m.mentee_key = d.mentee_key
    WHERE m.accepted
    WINDOW w AS (PARTITION BY m.organisation, m.pair_id, m.mentor_key, m.mentee_key)
)
SELECT organisation, workbook, sheet, "row", 'pair_id' AS field, pair_id AS value, suggestion, CASE WHEN together >= 3 THEN together ELSE 1 END AS count
FROM marked
WHERE together < 3 OR place = 1
