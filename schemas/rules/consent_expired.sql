-- The register tells how long a consent holds; what a base says of it is the same consent, unless it is a later one. It ended
-- while the pair still runs, or before a pair began, which then never had one (R10: an error for a minor).
WITH ended AS (
    SELECT person_key, max(valid_to) AS valid_to
    FROM consent_rows AS r
    WHERE given AND (source = 'consents' OR given_on > (SELECT max(c.given_on) FROM registered_consents AS c
        WHERE c.person_key = r.person_key))
    GROUP BY person_key HAVING bool_and(valid_to IS NOT NULL)
),
taking_part AS (
    SELECT mentor_person AS person_key, starts, is_active FROM pairs_resolved WHERE accepted AND NOT has_error
    UNION ALL
    SELECT mentee_person, starts, is_active FROM pairs_resolved WHERE accepted AND NOT has_error
),
out_of_date AS (
    SELECT e.person_key, e.valid_to, min(p.starts) FILTER (p.starts > e.valid_to) AS starts
    FROM ended AS e
    JOIN taking_part AS p USING (person_key)
    WHERE (p.is_active AND e.valid_to < getvariable('as_of')) OR (e.valid_to < p.starts AND p.starts <= getvariable('as_of'))
    GROUP BY ALL
)
SELECT r.organisation, r.workbook, r.sheet, r."row", 'valid_to' AS field, r.valid_to AS value, o.starts AS starts,
    CASE WHEN o.starts IS NOT NULL THEN 'before' END AS why,
    CASE WHEN o.starts IS NOT NULL AND coalesce(years_at(k.birth, k.birth_year, o.starts) < getvariable('adult_age'), k.kind = 'pupil', false)
        THEN 'error' END AS severity
FROM out_of_date AS o
JOIN registered_consents AS r ON r.person_key = o.person_key AND r.valid_to = o.valid_to
LEFT JOIN known AS k ON k.person_key = o.person_key
WHERE r.stops_on IS NULL
QUALIFY row_number() OVER (PARTITION BY o.person_key ORDER BY r.workbook, r.sheet, r."row", severity NULLS LAST) = 1
