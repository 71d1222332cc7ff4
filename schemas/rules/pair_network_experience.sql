-- Said once per mentor. Experience is taken from the bases of the organisation that keeps the register, or of the one named beside the mentor.
WITH homes AS (
    SELECT DISTINCT w.organisation, w.network_mentor_key AS name_key, o.organisation AS home
    FROM network AS w
    JOIN organisation_names AS o ON o.name_key = w.mentor_org_key
    UNION
    SELECT DISTINCT organisation, network_mentor_key, organisation FROM network
),
served AS (
    SELECT h.organisation, h.name_key, max(k.experience_years) AS years
    FROM homes AS h
    JOIN known AS k ON k.organisation = h.home AND k.name_key = h.name_key AND k.experience_years IS NOT NULL
    GROUP BY ALL
)
SELECT w.organisation, w.workbook, w.sheet, w."row", 'network_mentor' AS field, w.network_mentor AS value,
    s.years AS experience, getvariable('network_mentor_years') AS minimum
FROM network AS w
JOIN served AS s ON s.organisation = w.organisation AND s.name_key = w.network_mentor_key
WHERE s.years < getvariable('network_mentor_years')
QUALIFY row_number() OVER (PARTITION BY w.organisation, w.network_mentor_key ORDER BY w.workbook, w.sheet, w."row") = 1
UNION ALL
SELECT p.organisation, p.workbook, p.sheet, p."row", 'mentor', p.mentor, k.experience_years, getvariable('network_mentor_years')
FROM pairs_resolved AS p
JOIN known AS k ON k.organisation = p.organisation AND k.role = 'mentor' AND k.person_key = p.mentor_person
WHERE p.form = 'network' AND k.experience_years < getvariable('network_mentor_years')
    AND NOT EXISTS (SELECT 1 FROM network AS w WHERE w.organisation = p.organisation AND w.network_mentor_key = p.mentor_key)
QUALIFY row_number() OVER (PARTITION BY p.organisation, p.mentor_person ORDER BY p.line) = 1
