-- Only where all nine are marked, each with a mark there is: the computed total wins. Where they are not, the total is at
-- least one that nine marks can give; a mark that cannot be has its own finding, and the total follows from it.
WITH summed AS (
    SELECT e.organisation, e.workbook, e.sheet, e."row", e.total, c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 AS computed
    FROM evaluations AS e
    ANTI JOIN (SELECT * FROM bad_cells WHERE regexp_matches(field, '^c[1-9]$')) AS x
        ON x.organisation = e.organisation AND x.workbook = e.workbook AND x.sheet = e.sheet AND x."row" = e."row"
)
SELECT organisation, workbook, sheet, "row", 'total' AS field, total AS value, computed AS suggestion, NULL AS code, NULL AS minimum, NULL AS maximum
FROM summed WHERE total <> computed
UNION ALL
SELECT organisation, workbook, sheet, "row", 'total', total, NULL, 'cell-range', 0, 18
FROM summed WHERE computed IS NULL AND total NOT BETWEEN 0 AND 18
