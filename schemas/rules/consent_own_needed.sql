-- Only parents have signed, and the person still took part after turning 18. Where just the year of birth is known, the year
-- after counts: the day is not.
WITH adults AS (
    SELECT person_key, min(organisation) AS organisation, max(kind) AS kind, years_at(min(birth), min(birth_year), getvariable('as_of')) AS age, coalesce(min(birth) + INTERVAL 18 YEAR, make_date(min(birth_year) + 19, 1, 1))::DATE AS adult_on
    FROM known WHERE birth_year IS NOT NULL GROUP BY person_key
),
signed AS (
    SELECT person_key FROM registered_consents GROUP BY person_key HAVING bool_and(signed_by = 'parent')
)
SELECT r.organisation, r.workbook, r.sheet, r."row", 'date' AS field, r.given_on AS value, a.adult_on AS adult_on
FROM registered_consents AS r
JOIN signed USING (person_key)
JOIN adults AS a USING (person_key)
LEFT JOIN organisations AS o ON o.organisation = a.organisation
WHERE a.adult_on <= getvariable('as_of') AND coalesce(a.kind, 'pupil') = 'pupil'
    -- a pupil too old for one: the birth is the trouble, and is said; staff: consent-signed-by
    AND a.age <= CASE WHEN o.org_type = 'college' THEN getvariable('student_age_to') ELSE getvariable('pupil_age_to') END
    AND EXISTS (SELECT 1 FROM pairs_resolved AS p WHERE (p.mentor_person = r.person_key OR p.mentee_person = r.person_key)
        AND p.accepted AND NOT p.has_error AND coalesce(p.ends >= a.adult_on, true) AND coalesce(p.status, '') <> 'broken')
QUALIFY row_number() OVER (PARTITION BY r.person_key ORDER BY r.given_on, r.workbook, r.sheet, r."row") = 1
