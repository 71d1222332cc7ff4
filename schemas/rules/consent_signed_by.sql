-- Minor: under 18 on the day of the signature. A parent's consent for the same person elsewhere makes it good. Whoever works
-- signs for himself.
WITH persons AS (
    SELECT person_key, min(birth) AS birth, min(birth_year) AS birth_year, max(kind) AS kind FROM known
    WHERE role <> 'curator' GROUP BY person_key
)
SELECT r.organisation, r.workbook, r.sheet, r."row", 'signed_by' AS field, 'сам' AS value, 'родитель' AS suggestion,
    'error' AS severity, 'minor' AS who
FROM registered_consents AS r
JOIN persons AS k USING (person_key)
WHERE r.signed_by = 'self' AND r.given_on IS NOT NULL
    AND years_at(k.birth, k.birth_year, r.given_on) < getvariable('adult_age')
    AND NOT EXISTS (SELECT 1 FROM registered_consents AS p WHERE p.person_key = r.person_key AND p.signed_by = 'parent')
UNION ALL
SELECT r.organisation, r.workbook, r.sheet, r."row", 'signed_by', 'родитель', 'сам', 'warning', 'adult'
FROM registered_consents AS r
JOIN persons AS k USING (person_key)
WHERE r.signed_by = 'parent' AND k.kind IN ('staff', 'external')
    AND coalesce(years_at(k.birth, k.birth_year, coalesce(r.given_on, getvariable('as_of'))) >= getvariable('adult_age'), true)
    AND NOT EXISTS (SELECT 1 FROM registered_consents AS p WHERE p.person_key = r.person_key AND p.signed_by = 'self')
