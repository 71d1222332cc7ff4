-- Said only where most organisations of the register are known: else others have simply not handed anything in.
WITH named AS (
    SELECT organisation, workbook, sheet, "row", 'mentor_org' AS field, mentor_org AS name, mentor_org_key AS name_key FROM network WHERE mentor_org IS NOT NULL
    UNION ALL
    SELECT organisation, workbook, sheet, "row", 'trainee_org', trainee_org, trainee_org_key FROM network WHERE trainee_org IS NOT NULL
),
marked AS (
    SELECT n.*, EXISTS (SELECT 1 FROM organisation_names AS o WHERE o.name_key = n.name_key) AS is_known FROM named AS n
),
registers AS (
    SELECT organisation, count(DISTINCT name_key) FILTER (is_known) AS known_names, count(DISTINCT name_key) AS all_names
    FROM marked GROUP BY organisation
),
measured AS (
    SELECT m.name_key, o.organisation, o.name, damerau_levenshtein(m.name_key, o.name_key) AS distance,
        len(list_intersect(regexp_extract_all(lower(m.name), '[а-яё]{4,}|\d+'), regexp_extract_all(lower(o.name), '[а-яё]{4,}|\d+'))) AS words
    FROM (SELECT name_key, min(name) AS name FROM marked WHERE NOT is_known GROUP BY name_key) AS m
    CROSS JOIN organisation_names AS o
    WHERE o.name IS NOT NULL
),
-- the nearest by letters, else the one that shares most words, if it is alone in that: «Школа № 9» is as near to all others
nearest AS (
    SELECT name_key, coalesce(
        CASE WHEN count(DISTINCT organisation) FILTER (distance = least) = 1 THEN min(name) FILTER (distance = least AND distance <= 3) END,
        CASE WHEN count(*) FILTER (words = most) = 1 AND max(words) >= 2 THEN arg_max(name, words) END) AS suggestion
    FROM (SELECT *, max(words) OVER w AS most, min(distance) OVER w AS least FROM measured WINDOW w AS (PARTITION BY name_key))
    GROUP BY name_key
)
SELECT m.organisation, m.workbook, m.sheet, m."row", m.field, m.name AS value,
    n.suggestion AS suggestion,
    'organisation' AS role
FROM marked AS m
JOIN registers AS r USING (organisation)
LEFT JOIN nearest AS n ON n.name_key = m.name_key
WHERE NOT m.is_known AND r.known_names >= 2 AND r.known_names * 3 >= r.all_names * 2
