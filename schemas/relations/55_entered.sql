-- relation: view
-- Every person, by role, with a counted pair whose period meets 1 January … as-of of the calendar year: what the base says of
-- the person, where it stands there, and the row of the first such pair.
SELECT p.organisation, p.person_key, p.role, k.kind, k.category, k.birth, k.birth_year,
    years_at(k.birth, k.birth_year, getvariable('as_of')) AS age, k.experience_years, k.enterprise_id, k.enterprise_key,
    coalesce(k.workbook, r.workbook) AS workbook, coalesce(k.sheet, r.sheet) AS sheet, coalesce(k."row", r."row") AS "row",
    r.workbook AS pair_workbook, r.sheet AS pair_sheet, r."row" AS pair_row
FROM first_counted AS p
JOIN pairs_resolved AS r ON r.line = p.line
LEFT JOIN known AS k ON k.organisation = p.organisation AND k.role = p.role AND k.person_key = p.person_key
