-- relation: table, needs mentees
-- Mentees without a pair so far (tables.md, question 5): in the base by the as-of date, not withdrawn by then, and in no
-- pair begun by then, running or finished, with or without an order. A pair broken off, one with an error and one whose
-- participant refused leave the mentee unmatched.
WITH paired AS (
  SELECT DISTINCT organisation, mentee_person AS person_key
  FROM pairs_resolved
  WHERE accepted AND mentee_person IS NOT NULL AND NOT (coalesce(status, '') = 'broken' AND coalesce(ends <= getvariable('as_of'), true))
    AND NOT has_error AND (refused_on IS NULL OR refused_on > getvariable('as_of'))
    AND (starts IS NULL OR starts <= getvariable('as_of'))
)
SELECT b.organisation, b.person_key, b.workbook, b.sheet, b."row", b.part, b.kind
FROM base b
JOIN mentees m USING (organisation, workbook, sheet, "row", part)
ANTI JOIN paired p ON p.organisation = b.organisation AND p.person_key = b.person_key
WHERE b.role = 'mentee' AND b.accepted
  AND (m.date_in IS NULL OR m.date_in <= getvariable('as_of'))
  AND CASE WHEN m.date_out IS NOT NULL THEN m.date_out >= getvariable('as_of')
           ELSE coalesce(m.status, '') <> 'left' END
