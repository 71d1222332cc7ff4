-- A name that is in no base: an error in pairs, a warning elsewhere. What pairs say already is not said again, nor is a
-- mentor who stands in both columns of a pair (pair-same-person), nor a consent of a person who is in the other base, nor the
-- training of a curator. Nor what the plan on a pair's own sheet says, above its journal.
WITH unknown AS MATERIALIZED (
    SELECT n.organisation, n.role, n.name_key, string_split(n.name_key, ' ') AS words, n.in_pairs, s.suggestion
    FROM unknown_names AS n
    LEFT JOIN suggested_names AS s ON s.organisation = n.organisation AND s.role = n.role AND s.name_key = n.name_key
),
sides AS (
    SELECT organisation, workbook, sheet, "row", 'mentor' AS role, mentor AS name, mentor_key AS name_key FROM pairs_resolved
    WHERE NOT same_person AND mentor_elsewhere IS NULL
    UNION ALL
    SELECT organisation, workbook, sheet, "row", 'mentee', mentee, mentee_key FROM pairs_resolved WHERE NOT same_person
    UNION ALL
    SELECT organisation, workbook, sheet, "row", 'curator', curator, curator_key FROM pairs_resolved
),
-- not materialized: all meetings twice over would be copied, a second, for the few with an unknown name. Of the journals the
-- whole way they name a pair is told: one name in several meetings of one pair has one cause
others AS NOT MATERIALIZED (
    SELECT organisation, 'meetings' AS "table", workbook, sheet, "row", 'mentor' AS field, 'mentor' AS role, mentor AS name, mentor_key AS name_key,
        pair_id, mentor_key, mentee_key FROM meetings
    UNION ALL SELECT organisation, 'meetings', workbook, sheet, "row", 'mentee', 'mentee', mentee, mentee_key, pair_id, mentor_key, mentee_key FROM meetings
    UNION ALL SELECT organisation, 'plans', workbook, sheet, "row", 'mentor', 'mentor', mentor, mentor_key, NULL, NULL, NULL FROM plans
    UNION ALL SELECT organisation, 'plans', workbook, sheet, "row", 'mentee', 'mentee', mentee, mentee_key, NULL, NULL, NULL FROM plans
    UNION ALL SELECT organisation, 'evaluations', workbook, sheet, "row", 'mentor', 'mentor', mentor, mentor_key, NULL, NULL, NULL FROM evaluations
    UNION ALL SELECT organisation, 'evaluations', workbook, sheet, "row", 'mentee', 'mentee', mentee, mentee_key, NULL, NULL, NULL FROM evaluations
    UNION ALL SELECT organisation, 'mentees', workbook, sheet, "row", 'mentor', 'mentor', mentor, mentor_key, NULL, NULL, NULL FROM mentees
    UNION ALL SELECT organisation, 'consents', workbook, sheet, "row", 'full_name', coalesce(role, 'any'), full_name, full_name_key, NULL, NULL, NULL FROM consents
    UNION ALL SELECT organisation, 'enterprises', workbook, sheet, "row", 'mentors', 'mentor', name, name_key, NULL, NULL, NULL FROM named_by_enterprises
    UNION ALL SELECT organisation, 'training', workbook, sheet, "row", 'full_name', 'any', full_name, full_name_key, NULL, NULL, NULL FROM training
)
SELECT p.organisation, p.workbook, p.sheet, p."row", p.role AS field, 'pairs' AS "table",
    CASE p.role WHEN 'curator' THEN 'warning' ELSE 'error' END AS severity, p.name AS value, u.suggestion, p.role AS role, 1 AS count
FROM sides AS p
JOIN unknown AS u ON u.organisation = p.organisation AND u.role = p.role AND u.name_key = p.name_key
WHERE p.role <> 'curator' OR len(u.words) > 1
UNION ALL
-- a name in three meetings or more of one pair has one cause: said of the first
SELECT r.organisation, r.workbook, r.sheet, r."row", r.field, r."table", 'warning', r.name, r.suggestion, r.role,
    CASE WHEN r."table" = 'meetings' AND r.together >= 3 THEN r.together ELSE 1 END
FROM (
    SELECT r.*, u.suggestion, count(*) OVER cause AS together, row_number() OVER (cause ORDER BY r.workbook, r.sheet, r."row") AS place
    FROM others AS r
    JOIN unknown AS u ON u.organisation = r.organisation AND u.role = r.role AND u.name_key = r.name_key
    WHERE NOT u.in_pairs
        AND NOT (r."table" IN ('consents', 'training') AND (r.organisation, r.name_key) IN (
            SELECT n.organisation, n.name_key FROM unknown AS n
            JOIN known AS k ON k.organisation = n.organisation AND k.words[1] = n.words[1]
            WHERE one_person(k.words, n.words)))
        AND NOT (r."table" = 'meetings' AND (r.organisation, r.workbook, r.sheet, r.role, r.name_key) IN (
            SELECT organisation, workbook, sheet, role, name_key FROM others WHERE "table" = 'plans' AND name_key IS NOT NULL))
        AND NOT (r."table" = 'training' AND (r.organisation, r.name_key) IN (SELECT organisation, name_key FROM unknown WHERE in_pairs))
    WINDOW cause AS (PARTITION BY r."table", r.organisation, r.role, r.name_key, r.pair_id, r.mentor_key, r.mentee_key)
) AS r
WHERE r."table" <> 'meetings' OR r.together < 3 OR r.place = 1
