-- 15–18 optimal, 9–14 acceptable, 0–8 not; where the typed total is wrong itself, only that is said.
WITH summed AS (
    SELECT *, c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 AS computed
    FROM evaluations AS e
    ANTI JOIN (SELECT * FROM bad_cells WHERE regexp_matches(field, '^c[1-9]$')) AS x
        ON x.organisation = e.organisation AND x.workbook = e.workbook AND x.sheet = e.sheet AND x."row" = e."row"
),
levelled AS (
    SELECT *, CASE WHEN computed >= 15 THEN 'optimal' WHEN computed >= 9 THEN 'acceptable' ELSE 'unacceptable' END AS right_level
    FROM summed WHERE computed IS NOT NULL AND coalesce(total = computed, true)
)
SELECT organisation, workbook, sheet, "row", 'level' AS field, level_title(level) AS value, level_title(right_level) AS suggestion, computed AS total
FROM levelled
WHERE level <> right_level
