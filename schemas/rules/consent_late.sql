-- The earliest consent counts; said once per person, where that consent is written.
WITH first_pairs AS (
    SELECT person_key, min(starts) AS starts FROM (
        SELECT mentor_person AS person_key, starts FROM pairs_resolved WHERE mentor_is_known AND accepted AND NOT has_error
        UNION ALL
        SELECT mentee_person, starts FROM pairs_resolved WHERE mentee_is_known AND accepted AND NOT has_error
    ) GROUP BY person_key
),
late AS (
    SELECT c.person_key, c.first_given_on, f.starts
    FROM consent_of AS c JOIN first_pairs AS f USING (person_key)
    WHERE c.first_given_on > f.starts AND c.refused_on IS NULL AND NOT c.undated_in_consents
        AND (c.in_consents OR NOT c.undated_in_base)
)
SELECT r.organisation, r.workbook, r.sheet, r."row", CASE r.source WHEN 'base' THEN 'consent' ELSE 'date' END AS field, r."table",
    r.given_on AS value, l.starts AS starts,
    CASE WHEN coalesce(years_at(k.birth, k.birth_year, l.starts) < getvariable('adult_age'), k.kind = 'pupil', false) THEN 'error' ELSE 'warning' END AS severity
FROM late AS l
JOIN consent_rows AS r ON r.person_key = l.person_key AND r.given AND r.given_on = l.first_given_on
LEFT JOIN known AS k ON k.person_key = l.person_key
QUALIFY row_number() OVER (PARTITION BY l.person_key ORDER BY r.source DESC, r.workbook, r.sheet, r."row") = 1
