WITH ended AS (
    SELECT person_key, max(valid_to) AS valid_to FROM consent_rows WHERE given
    GROUP BY person_key HAVING bool_and(valid_to IS NOT NULL)
)
SELECT r.organisation, r.workbook, r.sheet, r."row", 'valid_to' AS field, r.valid_to AS value
FROM ended AS e
JOIN consent_rows AS r ON r.person_key = e.person_key AND r.valid_to = e.valid_to
WHERE e.valid_to < getvariable('as_of') AND r.stops_on IS NULL
    AND EXISTS (SELECT 1 FROM pairs_resolved AS p WHERE (p.mentor_person = e.person_key OR p.mentee_person = e.person_key)
        AND p.accepted AND p.is_active AND NOT p.has_error)
QUALIFY row_number() OVER (PARTITION BY e.person_key ORDER BY r.workbook, r.sheet, r."row") = 1
