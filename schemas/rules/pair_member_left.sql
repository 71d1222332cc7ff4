-- The base says the person left, or that the programme is over, before the day of the check; the pair is said to run on.
WITH running AS (
    SELECT organisation, 'mentor' AS role, mentor_person AS person_key, line, "row", starts FROM pairs_resolved
    WHERE is_active AND accepted AND NOT has_error AND status = 'active' AND mentor_is_known
    UNION ALL
    SELECT organisation, 'mentee', mentee_person, line, "row", starts FROM pairs_resolved
    WHERE is_active AND accepted AND NOT has_error AND status = 'active' AND mentee_is_known
),
left_on AS (
    SELECT organisation, workbook, sheet, "row", role, person_key, date_in, date_out, status
    FROM base
    WHERE role IN ('mentor', 'mentee') AND (date_out < getvariable('as_of') OR (date_out IS NULL AND status IN ('left', 'completed')))
)
SELECT l.organisation, l.workbook, l.sheet, l."row", CASE WHEN l.date_out IS NOT NULL THEN 'date_out' ELSE 'status' END AS field,
    CASE l.role WHEN 'mentor' THEN 'mentors' ELSE 'mentees' END AS "table",
    coalesce(russian_date(l.date_out), CASE l.status WHEN 'left' THEN 'выбыл' ELSE 'завершил' END) AS value,
    l.role AS role, p."row" AS pair_row
FROM left_on AS l
JOIN running AS p USING (organisation, role, person_key)
-- left before the pair began, or before joining: those dates are another matter
WHERE l.date_out IS NULL OR (coalesce(l.date_out > p.starts, true) AND coalesce(l.date_out >= l.date_in, true))
QUALIFY row_number() OVER (PARTITION BY l.organisation, l.role, l.person_key ORDER BY p.line) = 1
