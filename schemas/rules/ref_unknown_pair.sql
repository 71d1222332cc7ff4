-- A pair number that no pair has. A meeting that cannot be told from its names either is an error (T1); else a warning. Three rows
-- or more of one number have one cause: said once; plans and evaluations of a pair the journal names say nothing more.
WITH unknown_keys AS MATERIALIZED (
    SELECT k.organisation, k.pair_id, k.number, k.mentor_key, k.mentee_key, k.n_units
    FROM meeting_keys AS k
    JOIN organisations AS o ON o.organisation = k.organisation AND o.has_pairs
    WHERE k.number IS NOT NULL
        AND EXISTS (SELECT 1 FROM pairs_resolved AS p WHERE p.organisation = k.organisation AND p.number IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM pairs_resolved AS p WHERE p.organisation = k.organisation AND p.number = k.number)
),
unknown AS (
    SELECT m.organisation, m.workbook, m.sheet, m."row", m.part, 'meetings' AS "table", CASE WHEN k.n_units = 0 THEN 'error' ELSE 'warning' END AS severity,
        m.pair_id, k.number
    FROM unknown_keys AS k
    JOIN meetings AS m ON m.organisation = k.organisation AND m.pair_id = k.pair_id
        AND m.mentor_key IS NOT DISTINCT FROM k.mentor_key AND m.mentee_key IS NOT DISTINCT FROM k.mentee_key
    WHERE m.accepted
    UNION ALL
    SELECT r.organisation, r.workbook, r.sheet, r."row", r.part, r."table", 'warning', r.name, r.name_key
    FROM refs AS r
    WHERE r.field = 'pair_id' AND r.how = 'none' AND r."table" IN ('plans', 'evaluations')
        AND EXISTS (SELECT 1 FROM pairs_resolved AS p WHERE p.organisation = r.organisation AND p.number IS NOT NULL)
),
marked AS (
    SELECT *, count(*) OVER (PARTITION BY organisation, "table", severity, number) AS together,
        bool_or("table" = 'meetings') OVER (PARTITION BY organisation, number) AS in_journal,
        row_number() OVER (PARTITION BY organisation, "table", severity, number ORDER BY workbook, sheet, "row", part) AS place
    FROM unknown
)
SELECT organisation, workbook, sheet, "row", 'pair_id' AS field, "table", severity, pair_id AS value, 'pair' AS role,
    CASE WHEN together >= 3 THEN together ELSE 1 END AS count
FROM marked
WHERE (together < 3 OR place = 1) AND ("table" = 'meetings' OR NOT in_journal)
