-- A pair is of one organisation unless its form is the network one: a mentor who is only in another organisation's base (R1: an
-- error), or whose row says he works at another one.
WITH works AS (
    SELECT b.person_key, min(n.name) AS name
    FROM base AS b
    JOIN mentors AS m USING (organisation, workbook, sheet, "row", part)
    JOIN organisation_names AS n ON n.place = folded(m.workplace)
    WHERE b.role = 'mentor' AND b.kind IN ('staff', 'pupil')
    GROUP BY b.person_key HAVING NOT bool_or(n.organisation = b.organisation)
)
SELECT organisation, workbook, sheet, "row", 'mentor' AS field, mentor AS value, mentor_elsewhere AS other_organisation,
    'error' AS severity, 'elsewhere' AS why
FROM pairs_resolved
WHERE mentor_elsewhere IS NOT NULL AND form IS DISTINCT FROM 'network' AND NOT same_person
UNION ALL
SELECT p.organisation, p.workbook, p.sheet, p."row", 'mentor', p.mentor, w.name, 'warning', 'workplace'
FROM pairs_resolved AS p
JOIN works AS w ON w.person_key = p.mentor_person
WHERE p.form <> 'network' AND NOT p.same_person AND p.duplicate_of IS NULL
QUALIFY row_number() OVER (PARTITION BY p.organisation, p.mentor_person ORDER BY p.line) = 1
