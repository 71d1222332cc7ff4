-- A name that fits several persons of the base: initials (elsewhere than in pairs only where pairs do not tell who is meant),
-- or a full name of namesakes whom the row's form and the base's own columns do not tell apart.
WITH several AS (
    SELECT n.organisation, n.role, n.name_key, n.in_pairs, n.how, string_agg(DISTINCT k.full_name, ' или ' ORDER BY k.full_name) AS people
    FROM unclear_names AS n
    JOIN known AS k ON k.organisation = n.organisation AND list_contains(n.persons, k.person_key) AND (k.role = n.role OR n.role = 'any')
    WHERE n.candidates > 1
    GROUP BY ALL
)
SELECT p.organisation, p.workbook, p.sheet, p."row", s.role AS field, 'pairs' AS "table",
    CASE s.role WHEN 'mentor' THEN p.mentor ELSE p.mentee END AS value,
    CASE WHEN s.how = 'initials' THEN s.people END AS suggestion,
    CASE WHEN s.how = 'exact' THEN 'ref-ambiguous' END AS code
FROM several AS s
JOIN pairs_resolved AS p ON p.organisation = s.organisation
    AND ((s.role = 'mentor' AND p.mentor_key = s.name_key) OR (s.role = 'mentee' AND p.mentee_key = s.name_key))
WHERE s.how = 'initials' OR NOT CASE s.role WHEN 'mentor' THEN p.mentor_is_known ELSE p.mentee_is_known END
UNION ALL
SELECT r.organisation, r.workbook, r.sheet, r."row", r.field, r."table", r.name, s.people, NULL
FROM several AS s
JOIN refs AS r ON r.organisation = s.organisation AND r.role = s.role AND r.name_key = s.name_key
WHERE s.how = 'initials' AND r."table" IN ('consents', 'questionnaires', 'plans', 'evaluations')
    AND NOT s.in_pairs
    AND NOT EXISTS (SELECT 1 FROM refs AS o JOIN names AS n ON n.organisation = o.organisation AND n.role = o.role AND n.name_key = o.name_key
        WHERE o.organisation = r.organisation AND o."table" = r."table" AND o.workbook = r.workbook AND o.sheet = r.sheet
            AND o."row" = r."row" AND o.part = r.part AND o.role <> r.role AND n.candidates = 1)
UNION ALL
SELECT m.organisation, m.workbook, m.sheet, m."row", s.role, 'meetings', CASE s.role WHEN 'mentor' THEN m.mentor ELSE m.mentee END, s.people, NULL
FROM several AS s
JOIN meetings_resolved AS m ON m.organisation = s.organisation
    AND ((s.role = 'mentor' AND m.mentor_key = s.name_key) OR (s.role = 'mentee' AND m.mentee_key = s.name_key))
WHERE s.how = 'initials' AND m.n_units <> 1
    AND NOT s.in_pairs
