-- relation: view
-- Every name or pair number that points to a base, row by row. how: exact | initials | pair_id | none.
WITH named AS (
    SELECT organisation, 'pairs' AS "table", workbook, sheet, "row", part, 'mentor' AS field, 'mentor' AS role, mentor AS name, mentor_key AS name_key FROM pairs
    UNION ALL SELECT organisation, 'pairs', workbook, sheet, "row", part, 'mentee', 'mentee', mentee, mentee_key FROM pairs
    UNION ALL SELECT organisation, 'pairs', workbook, sheet, "row", part, 'curator', 'curator', curator, curator_key FROM pairs
    UNION ALL SELECT organisation, 'meetings', workbook, sheet, "row", part, 'mentor', 'mentor', mentor, mentor_key FROM meetings
    UNION ALL SELECT organisation, 'meetings', workbook, sheet, "row", part, 'mentee', 'mentee', mentee, mentee_key FROM meetings
    UNION ALL SELECT organisation, 'plans', workbook, sheet, "row", part, 'mentor', 'mentor', mentor, mentor_key FROM plans
    UNION ALL SELECT organisation, 'plans', workbook, sheet, "row", part, 'mentee', 'mentee', mentee, mentee_key FROM plans
    UNION ALL SELECT organisation, 'evaluations', workbook, sheet, "row", part, 'mentor', 'mentor', mentor, mentor_key FROM evaluations
    UNION ALL SELECT organisation, 'evaluations', workbook, sheet, "row", part, 'mentee', 'mentee', mentee, mentee_key FROM evaluations
    UNION ALL SELECT organisation, 'consents', workbook, sheet, "row", part, 'full_name', coalesce(role, 'any'), full_name, full_name_key FROM consents
    UNION ALL SELECT organisation, 'questionnaires', workbook, sheet, "row", part, 'full_name', coalesce(role, 'any'), full_name, full_name_key FROM questionnaires
    UNION ALL SELECT organisation, 'mentees', workbook, sheet, "row", part, 'mentor', 'mentor', mentor, mentor_key FROM mentees
    UNION ALL SELECT organisation, 'enterprises', workbook, sheet, "row", part, 'mentors', 'mentor', name, name_key FROM named_by_enterprises
    UNION ALL SELECT organisation, 'training', workbook, sheet, "row", part, 'full_name', 'any', full_name, full_name_key FROM training
    UNION ALL SELECT organisation, 'network', workbook, sheet, "row", part, 'network_mentor', 'mentor', network_mentor, network_mentor_key FROM network
),
numbered AS (
    SELECT organisation, 'meetings' AS "table", workbook, sheet, "row", part, pair_id FROM meetings WHERE pair_id IS NOT NULL
    UNION ALL SELECT organisation, 'plans', workbook, sheet, "row", part, pair_id FROM plans WHERE pair_id IS NOT NULL
    UNION ALL SELECT organisation, 'evaluations', workbook, sheet, "row", part, pair_id FROM evaluations WHERE pair_id IS NOT NULL
)
SELECT r.organisation, r."table", r.workbook, r.sheet, r."row", r.part, r.field, r.role, r.name, r.name_key,
    CASE WHEN n.candidates = 1 THEN n.persons[1] END AS person_key, n.candidates, n.how
FROM named AS r
JOIN names AS n ON n.organisation = r.organisation AND n.role = r.role AND n.name_key = r.name_key
UNION ALL
SELECT r.organisation, r."table", r.workbook, r.sheet, r."row", r.part, 'pair_id', 'pair', r.pair_id, pair_number(r.pair_id),
    NULL, coalesce(c.units, 0), CASE WHEN c.units IS NULL THEN 'none' ELSE 'pair_id' END
FROM numbered AS r
LEFT JOIN (
    SELECT organisation, number, count(DISTINCT unit) AS units FROM pairs_resolved WHERE number IS NOT NULL GROUP BY ALL
) AS c ON c.organisation = r.organisation AND c.number = pair_number(r.pair_id)
