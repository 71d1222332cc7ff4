-- A name that is in no base: an error in pairs, a warning elsewhere. What pairs say already is not said again, nor is a
-- mentor who stands in both columns of a pair (pair-same-person).
SELECT p.organisation, p.workbook, p.sheet, p."row", n.role AS field, 'pairs' AS "table",
    CASE WHEN n.role = 'curator' THEN 'warning' ELSE 'error' END AS severity,
    CASE n.role WHEN 'mentor' THEN p.mentor WHEN 'mentee' THEN p.mentee ELSE p.curator END AS value,
    s.suggestion, n.role AS role
FROM names AS n
JOIN pairs_resolved AS p ON p.organisation = n.organisation
    AND n.name_key = CASE n.role WHEN 'mentor' THEN p.mentor_key WHEN 'mentee' THEN p.mentee_key WHEN 'curator' THEN p.curator_key END
LEFT JOIN suggested_names AS s ON s.organisation = n.organisation AND s.role = n.role AND s.name_key = n.name_key
WHERE n.how = 'none' AND NOT n.no_base AND NOT (p.same_person AND n.role <> 'curator')
    AND (n.role <> 'curator' OR len(n.words) > 1)
UNION ALL
SELECT r.organisation, r.workbook, r.sheet, r."row", r.field, r."table", 'warning', r.name, s.suggestion, r.role
FROM names AS n
JOIN refs AS r ON r.organisation = n.organisation AND r.role = n.role AND r.name_key = n.name_key
LEFT JOIN suggested_names AS s ON s.organisation = n.organisation AND s.role = n.role AND s.name_key = n.name_key
WHERE n.how = 'none' AND NOT n.no_base AND n.role IN ('mentor', 'mentee', 'any')
    AND r."table" IN ('meetings', 'plans', 'evaluations', 'consents', 'mentees')
    AND NOT EXISTS (SELECT 1 FROM pairs AS p WHERE p.organisation = n.organisation
        AND ((n.role = 'mentor' AND p.mentor_key = n.name_key) OR (n.role = 'mentee' AND p.mentee_key = n.name_key)))
    -- a consent of a person who is in the other base is a wrong role at most
    AND NOT (r."table" = 'consents' AND EXISTS (SELECT 1 FROM known AS k
        WHERE k.organisation = n.organisation AND k.words[1] = n.words[1] AND one_person(k.words, n.words)))
