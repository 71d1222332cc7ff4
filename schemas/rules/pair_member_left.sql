-- The base says the person left, or that the programme is over, before the day of the check; the pair is said to run on.
WITH left_on AS (
    SELECT b.*, CASE b.role WHEN 'mentor' THEN 'mentors' ELSE 'mentees' END AS base_table, m.status AS told
    FROM base AS b
    LEFT JOIN mentees AS m ON b.role = 'mentee' AND m.organisation = b.organisation AND m.workbook = b.workbook AND m.sheet = b.sheet
        AND m."row" = b."row" AND m.part = b.part
    WHERE b.role IN ('mentor', 'mentee') AND b.person_key IS NOT NULL
)
SELECT l.organisation, l.workbook, l.sheet, l."row", CASE WHEN l.date_out IS NOT NULL THEN 'date_out' ELSE 'status' END AS field,
    l.base_table AS "table", coalesce(russian_date(l.date_out), CASE l.told WHEN 'left' THEN 'выбыл' ELSE 'завершил' END) AS value,
    l.role AS role, p."row" AS pair_row
FROM left_on AS l
JOIN pairs_resolved AS p ON p.organisation = l.organisation
    AND CASE l.role WHEN 'mentor' THEN p.mentor_person = l.person_key ELSE p.mentee_person = l.person_key END
WHERE p.is_active AND p.accepted AND NOT p.has_error AND p.status = 'active'
    AND CASE WHEN l.date_out IS NOT NULL THEN l.date_out < getvariable('as_of') AND l.date_out > p.starts
        AND coalesce(l.date_out >= l.date_in, true) ELSE l.told IN ('left', 'completed') END
QUALIFY row_number() OVER (PARTITION BY l.organisation, l.role, l.person_key ORDER BY p.line) = 1
