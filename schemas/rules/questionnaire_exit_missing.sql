-- A finished pair without an exit questionnaire of a role whose exit questionnaires the organisation keeps. Silent where the
-- answers are anonymous, or where an answer's misspelt name is most likely this person's.
WITH answers AS (
    SELECT q.organisation, q.role, q.full_name_key, q."timestamp" FROM questionnaires AS q
    WHERE q.stage = 'after' AND q.role IN ('mentor', 'mentee')
        AND coalesce(q."timestamp" < getvariable('as_of') + INTERVAL 1 DAY, true)
),
kept AS (
    SELECT organisation, role FROM answers GROUP BY ALL HAVING count(full_name_key) * 2 > count(*)
),
answered AS (
    SELECT a.organisation, a.role, unnest(n.persons) AS person, a."timestamp"::DATE AS on_date
    FROM answers AS a JOIN names AS n ON n.organisation = a.organisation AND n.role = a.role AND n.name_key = a.full_name_key
    UNION ALL
    SELECT a.organisation, a.role, k.person_key, a."timestamp"::DATE
    FROM answers AS a
    JOIN suggested_names AS s ON s.organisation = a.organisation AND s.role = a.role AND s.name_key = a.full_name_key
    JOIN known AS k ON k.organisation = a.organisation AND k.role = a.role AND k.full_name = s.suggestion
),
finished AS (
    SELECT 'mentor' AS role, mentor_person AS person, mentor_is_known AS is_known, * FROM pairs_resolved
    UNION ALL
    SELECT 'mentee', mentee_person, mentee_is_known, * FROM pairs_resolved
),
missing AS (
    SELECT p.organisation, p.workbook, p.sheet, p."row", NULL AS field, 'pairs' AS "table", CASE p.role WHEN 'mentor' THEN p.mentor ELSE p.mentee END AS value, p.role AS role, p.person AS person
    FROM finished AS p
    JOIN kept USING (organisation, role)
    WHERE p.is_known AND p.accepted AND NOT p.has_error AND coalesce(p.starts <= getvariable('as_of'), true)
        AND CASE WHEN p.status IS NULL THEN p.ends <= getvariable('as_of') ELSE p.status = 'finished' AND coalesce(p.ends <= getvariable('as_of'), true) END
        AND NOT EXISTS (SELECT 1 FROM answered AS a WHERE a.organisation = p.organisation AND a.role = p.role AND a.person = p.person
            AND coalesce(a.on_date >= p.starts, true))
)
SELECT * EXCLUDE (person) FROM missing
UNION ALL
-- a mentee whose base says that the programme is completed, where no pair says so
SELECT b.organisation, b.workbook, b.sheet, b."row", 'completed', 'mentees', b.full_name, 'mentee'
FROM base AS b
JOIN mentees AS m USING (organisation, workbook, sheet, "row", part)
JOIN kept AS k ON k.organisation = b.organisation AND k.role = 'mentee'
WHERE b.role = 'mentee' AND b.accepted AND m.completed AND coalesce(b.date_out <= getvariable('as_of'), true)
    AND NOT EXISTS (SELECT 1 FROM answered AS a WHERE a.organisation = b.organisation AND a.role = 'mentee' AND a.person = b.person_key)
    AND NOT EXISTS (SELECT 1 FROM missing AS x WHERE x.organisation = b.organisation AND x.role = 'mentee' AND x.person = b.person_key)
    AND NOT EXISTS (SELECT 1 FROM pairs_resolved AS p WHERE p.organisation = b.organisation AND p.mentee_person = b.person_key AND (p.has_error OR p.status = 'finished'))
