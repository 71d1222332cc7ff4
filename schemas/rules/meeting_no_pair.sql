-- Its persons are known, or the cells for them are empty, and no pair answers to them. Unknown names and numbers are said by
-- their own rules. Three meetings or more of the same two have one cause: said of the first.
WITH strange AS (
    SELECT m.organisation, m.workbook, m.sheet, m."row",
        CASE WHEN k.mentee_key IS NOT NULL THEN 'mentee' WHEN k.mentor_key IS NOT NULL THEN 'mentor'
            WHEN json_exists(b.columns, '$.pair_id') THEN 'pair_id' WHEN json_exists(b.columns, '$.mentee') THEN 'mentee' ELSE 'mentor' END AS field,
        coalesce(m.mentee, m.mentor) AS value,
        -- those that name nobody are each one's own
        CASE WHEN k.mentor_key IS NULL AND k.mentee_key IS NULL THEN -m.rowid ELSE k.key END AS cause
    FROM meeting_keys AS k
    JOIN organisations AS o ON o.organisation = k.organisation AND o.has_pairs
    JOIN meetings AS m ON m.organisation = k.organisation AND m.pair_id IS NOT DISTINCT FROM k.pair_id
        AND m.mentor_key IS NOT DISTINCT FROM k.mentor_key AND m.mentee_key IS NOT DISTINCT FROM k.mentee_key
    JOIN blocks AS b ON b.organisation = m.organisation AND b.workbook = m.workbook AND b.sheet = m.sheet AND b."table" = 'meetings'
        AND m."row" >= b.header_row AND m."row" < b.next_header_row
    LEFT JOIN names AS r ON r.organisation = k.organisation AND r.role = 'mentor' AND r.name_key = k.mentor_key
    LEFT JOIN names AS e ON e.organisation = k.organisation AND e.role = 'mentee' AND e.name_key = k.mentee_key
    WHERE k.n_units = 0 AND m.accepted AND k.number IS NULL
        AND coalesce(r.candidates >= 1 OR r.no_base, true) AND coalesce(e.candidates >= 1 OR e.no_base, true)
        AND (json_exists(b.columns, '$.pair_id') OR json_exists(b.columns, '$.mentee') OR json_exists(b.columns, '$.mentor'))
),
marked AS (
    SELECT *, count(*) OVER (PARTITION BY cause) AS together, row_number() OVER (PARTITION BY cause ORDER BY workbook, sheet, "row") AS place
    FROM strange
)
SELECT organisation, workbook, sheet, "row", field, value, CASE WHEN together >= 3 THEN together ELSE 1 END AS count
FROM marked
WHERE together < 3 OR place = 1
