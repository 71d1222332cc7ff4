-- A register names people of other organisations: a name that is in no base of the one it names, yet a letter or two from one
-- that is, is a slip of the pen. Of a name like no other nothing is said: the base may be kept elsewhere.
WITH named AS (
    SELECT w.organisation, w.workbook, w.sheet, w."row", 'network_mentor' AS field, w.network_mentor AS name, w.network_mentor_key AS name_key, coalesce(o.organisation, w.organisation) AS home
    FROM network AS w LEFT JOIN organisation_names AS o ON o.name_key = w.mentor_org_key
    UNION ALL
    SELECT w.organisation, w.workbook, w.sheet, w."row", 'trainee', w.trainee, w.trainee_key, coalesce(o.organisation, w.organisation)
    FROM network AS w LEFT JOIN organisation_names AS o ON o.name_key = w.trainee_org_key
),
strange AS (
    SELECT DISTINCT field, name_key, home FROM named AS n
    WHERE contains(name_key, ' ') AND NOT EXISTS (SELECT 1 FROM known AS k WHERE k.organisation = n.home AND string_split(n.name_key, ' ')[1] = k.words[1]
        AND one_person(string_split(n.name_key, ' '), k.words))
),
near AS (
    SELECT s.field, s.name_key, s.home, min(k.full_name) AS suggestion
    FROM strange AS s
    JOIN known AS k ON k.organisation = s.home AND len(string_split(s.name_key, ' ')) = len(k.words)
        AND damerau_levenshtein(s.name_key, k.name_key) <= CASE WHEN length(s.name_key) < 12 THEN 1 ELSE 2 END
    GROUP BY ALL HAVING count(DISTINCT k.person_key) = 1
)
-- a name the other organisation's own tables use too is said there
SELECT n.organisation, n.workbook, n.sheet, n."row", n.field, n.name AS value, x.suggestion,
    CASE n.field WHEN 'network_mentor' THEN 'mentor' ELSE 'any' END AS role
FROM named AS n
JOIN near AS x USING (field, name_key, home)
WHERE NOT EXISTS (SELECT 1 FROM names AS u WHERE u.organisation = n.home AND u.name_key = n.name_key AND u.how = 'none' AND u.in_pairs)
