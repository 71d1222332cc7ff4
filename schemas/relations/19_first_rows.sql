-- relation: table, needs base
-- The row of a base that speaks for a person there: the first accepted one (a rejected one if there is no other), as its line
-- in base (base.rowid).
SELECT CASE WHEN count(*) = 1 THEN any_value(rowid) ELSE arg_min(rowid, (NOT accepted, workbook, sheet, "row", part)) END AS line
FROM base WHERE person_key IS NOT NULL GROUP BY organisation, role, person_key
