-- relation: table
-- Every name some table refers to, once per organisation and role, and whom of the base it can mean.
-- Exactly first; else, where a given name is only a letter or missing, everyone it fits. candidates: how many persons;
-- persons: their keys; how: exact | initials | none; no_base: the organisation keeps no such base, nothing can be said.
WITH used AS (
    SELECT organisation, 'mentor' AS role, mentor_key AS name_key, any_value(mentor) AS name FROM pairs GROUP BY ALL
    UNION ALL SELECT organisation, 'mentee', mentee_key, any_value(mentee) FROM pairs GROUP BY ALL
    UNION ALL SELECT organisation, 'curator', curator_key, any_value(curator) FROM pairs GROUP BY ALL
    UNION ALL SELECT organisation, 'mentor', mentor_key, any_value(mentor) FROM meetings GROUP BY ALL
    UNION ALL SELECT organisation, 'mentee', mentee_key, any_value(mentee) FROM meetings GROUP BY ALL
    UNION ALL SELECT organisation, 'mentor', mentor_key, any_value(mentor) FROM plans GROUP BY ALL
    UNION ALL SELECT organisation, 'mentee', mentee_key, any_value(mentee) FROM plans GROUP BY ALL
    UNION ALL SELECT organisation, 'mentor', mentor_key, any_value(mentor) FROM evaluations GROUP BY ALL
    UNION ALL SELECT organisation, 'mentee', mentee_key, any_value(mentee) FROM evaluations GROUP BY ALL
    UNION ALL SELECT organisation, coalesce(role, 'any'), full_name_key, any_value(full_name) FROM consents GROUP BY ALL
    UNION ALL SELECT organisation, coalesce(role, 'any'), full_name_key, any_value(full_name) FROM questionnaires GROUP BY ALL
    UNION ALL SELECT organisation, 'mentor', network_mentor_key, any_value(network_mentor) FROM network GROUP BY ALL
    UNION ALL SELECT organisation, 'mentor', mentor_key, any_value(mentor) FROM mentees GROUP BY ALL
),
wanted AS (
    SELECT organisation, role, name_key, any_value(name) AS name, string_split(name_key, ' ') AS words
    FROM used WHERE name_key IS NOT NULL AND role IN ('mentor', 'mentee', 'curator', 'any')
    GROUP BY organisation, role, name_key
),
exactly AS (
    SELECT w.organisation, w.role, w.name_key, list(DISTINCT k.person_key ORDER BY k.person_key) AS persons
    FROM wanted AS w
    JOIN known AS k ON k.organisation = w.organisation AND k.name_key = w.name_key AND (k.role = w.role OR (w.role = 'any' AND k.role <> 'curator'))
    GROUP BY ALL
),
rest AS (
    SELECT * FROM wanted AS w
    WHERE len(words) > 1 AND NOT EXISTS (
        SELECT 1 FROM exactly AS e WHERE e.organisation = w.organisation AND e.role = w.role AND e.name_key = w.name_key
    )
),
nearly AS (
    SELECT w.organisation, w.role, w.name_key, list(DISTINCT k.person_key ORDER BY k.person_key) AS persons
    FROM rest AS w
    JOIN known AS k ON k.organisation = w.organisation AND k.words[1] = w.words[1] AND (k.role = w.role OR (w.role = 'any' AND k.role <> 'curator'))
    WHERE one_person(w.words, k.words)
    GROUP BY ALL
),
bases AS (
    SELECT organisation, role FROM known GROUP BY ALL
    UNION ALL SELECT DISTINCT organisation, 'any' FROM known WHERE role <> 'curator'
)
SELECT w.organisation, w.role, w.name_key, w.name, w.words,
    coalesce(e.persons, n.persons, []) AS persons,
    len(coalesce(e.persons, n.persons, [])) AS candidates,
    CASE WHEN e.persons IS NOT NULL THEN 'exact' WHEN n.persons IS NOT NULL THEN 'initials' ELSE 'none' END AS how,
    b.role IS NULL AS no_base
FROM wanted AS w
LEFT JOIN exactly AS e USING (organisation, role, name_key)
LEFT JOIN nearly AS n USING (organisation, role, name_key)
LEFT JOIN bases AS b USING (organisation, role)
