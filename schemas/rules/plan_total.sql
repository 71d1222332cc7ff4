-- Only where all nine are marked: the computed total wins.
SELECT organisation, workbook, sheet, "row", 'total' AS field, total AS value, c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 AS suggestion
FROM evaluations
WHERE total <> c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9
