-- Only where all nine are marked, each with a mark there is: the computed total wins.
SELECT organisation, workbook, sheet, "row", 'total' AS field, total AS value, c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 AS suggestion
FROM evaluations AS e
ANTI JOIN (SELECT * FROM bad_cells WHERE regexp_matches(field, '^c[1-9]$')) AS x
    ON x.organisation = e.organisation AND x.workbook = e.workbook AND x.sheet = e.sheet AND x."row" = e."row"
WHERE total <> c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9
