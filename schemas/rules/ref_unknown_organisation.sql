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
)
SELECT m.organisation, m.workbook, m.sheet, m."row", m.field, m.name AS value,
    (SELECT arg_min(o.name, damerau_levenshtein(o.name_key, m.name_key) - 10 * len(list_intersect(string_split(o.name_key, ' '), string_split(m.name_key, ' '))))
        FROM organisation_names AS o WHERE o.name IS NOT NULL
            AND (damerau_levenshtein(o.name_key, m.name_key) <= 3
                OR len(list_intersect(string_split(o.name_key, ' '), string_split(m.name_key, ' '))) * 2 >= len(string_split(m.name_key, ' ')))) AS suggestion,
    'organisation' AS role
FROM marked AS m
JOIN registers AS r USING (organisation)
WHERE NOT m.is_known AND r.known_names >= 2 AND r.known_names * 3 >= r.all_names * 2
