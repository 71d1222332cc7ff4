-- relation: table
-- Every person, by role, with a counted pair whose period meets 1 January … as-of of the calendar year. A name that several
-- persons of the base may bear is one of them, nobody more: who it is stays open, and it adds no person.
WITH taking_part AS (
    SELECT organisation, 'mentor' AS role, mentor_person AS person_key, mentor_kind AS kind, line FROM counted_pairs
    WHERE coalesce(ends >= date_trunc('year', getvariable('as_of')), true) AND mentor_person IS NOT NULL
        AND (mentor_is_known OR mentor_candidates <= 1)
    UNION ALL
    SELECT organisation, 'mentee', mentee_person, mentee_kind, line FROM counted_pairs
    WHERE coalesce(ends >= date_trunc('year', getvariable('as_of')), true) AND mentee_person IS NOT NULL
        AND (mentee_is_known OR mentee_candidates <= 1)
),
persons AS (
    SELECT organisation, role, person_key, min(line) AS line FROM taking_part GROUP BY organisation, role, person_key
)
SELECT p.organisation, p.person_key, p.role, k.kind, k.category, k.birth, k.birth_year,
    years_at(k.birth, k.birth_year, getvariable('as_of')) AS age, k.experience_years, k.enterprise_id, k.enterprise_key,
    coalesce(k.workbook, r.workbook) AS workbook, coalesce(k.sheet, r.sheet) AS sheet, coalesce(k."row", r."row") AS "row",
    r.workbook AS pair_workbook, r.sheet AS pair_sheet, r."row" AS pair_row
FROM persons AS p
JOIN pairs_resolved AS r ON r.line = p.line
LEFT JOIN known AS k ON k.organisation = p.organisation AND k.role = p.role AND k.person_key = p.person_key
