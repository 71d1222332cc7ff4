-- relation: table
-- Every name some table refers to, once per organisation and role, and whom of the base it can mean.
-- Exactly first; else, where a given name is only a letter or missing, everyone it fits. candidates: how many persons;
-- persons: their keys; how: exact | initials | none; no_base: the organisation keeps no such base, nothing can be said;
-- A person answers to other names too (other_names); a name the people ledger pins to one of several namesakes is theirs.
-- in_pairs: a row of pairs bears the name in that role, so what is wrong with it is said there.
WITH used AS (
    SELECT organisation, 'mentor' AS role, mentor_key AS name_key, true AS in_pairs FROM pairs
    UNION ALL SELECT organisation, 'mentee', mentee_key, true FROM pairs
    UNION ALL SELECT organisation, 'curator', curator_key, false FROM pairs
    UNION ALL SELECT organisation, 'mentor', mentor_key, false FROM journal_names
    UNION ALL SELECT organisation, 'mentee', mentee_key, false FROM journal_names
    UNION ALL SELECT organisation, 'mentor', mentor_key, false FROM plans
    UNION ALL SELECT organisation, 'mentee', mentee_key, false FROM plans
    UNION ALL SELECT organisation, 'mentor', mentor_key, false FROM evaluations
    UNION ALL SELECT organisation, 'mentee', mentee_key, false FROM evaluations
    UNION ALL SELECT organisation, coalesce(role, 'any'), full_name_key, false FROM consents
    UNION ALL SELECT organisation, coalesce(role, 'any'), full_name_key, false FROM questionnaires
    UNION ALL SELECT organisation, 'mentor', network_mentor_key, false FROM network
    UNION ALL SELECT organisation, 'mentor', mentor_key, false FROM mentees
    UNION ALL SELECT organisation, 'mentor', name_key, false FROM named_by_enterprises
    UNION ALL SELECT organisation, 'any', full_name_key, false FROM training WHERE contains(full_name_key, ' ')
),
wanted AS MATERIALIZED (
    SELECT organisation, role, name_key, bool_or(in_pairs) AS in_pairs
    FROM used WHERE name_key IS NOT NULL AND role IN ('mentor', 'mentee', 'curator', 'any')
    GROUP BY organisation, role, name_key
),
-- not materialized: reading the bases anew is quicker than copying them
bearers AS NOT MATERIALIZED (
    SELECT organisation, role, person_key, name_key FROM known
    UNION ALL
    SELECT organisation, role, person_key, name_key FROM other_names
    UNION ALL
    SELECT k.organisation, k.role, k.person_key, p.name_key
    FROM ledger_pins AS p
    JOIN known AS k ON k.organisation = p.organisation AND k.name_key = p.same_key
        AND k.person_key IN (concat_ws('|', p.organisation, p.same_key, p.birth), concat_ws('|', p.organisation, p.same_key, p.birth_year))
),
-- who bears exactly this name; a list is made only for namesakes
exactly AS (
    SELECT organisation, role, name_key, count(*) AS candidates, min(person_key) AS person_key FROM bearers GROUP BY ALL
    UNION ALL
    SELECT organisation, 'any', name_key, count(DISTINCT person_key), min(person_key)
    FROM bearers SEMI JOIN (FROM wanted WHERE role = 'any') AS w USING (organisation, name_key) WHERE role <> 'curator' GROUP BY ALL
),
matched AS (
    SELECT w.*, e.candidates AS exact, e.person_key
    FROM wanted AS w
    LEFT JOIN exactly AS e ON e.organisation = w.organisation AND e.role = w.role AND e.name_key = w.name_key
),
namesakes AS (
    SELECT m.organisation, m.role, m.name_key, list_sort(list(DISTINCT k.person_key)) AS persons
    FROM (SELECT organisation, role, name_key FROM matched WHERE exact > 1) AS m
    JOIN bearers AS k ON k.organisation = m.organisation AND k.name_key = m.name_key
        AND (k.role = m.role OR (m.role = 'any' AND k.role <> 'curator'))
    GROUP BY ALL
),
nearly AS (
    SELECT w.organisation, w.role, w.name_key, list_sort(list(DISTINCT k.person_key)) AS persons
    FROM (SELECT organisation, role, name_key, string_split(name_key, ' ') AS words FROM matched WHERE exact IS NULL) AS w
    JOIN bearers AS k ON k.organisation = w.organisation AND split_part(k.name_key, ' ', 1) = w.words[1]
        AND (k.role = w.role OR (w.role = 'any' AND k.role <> 'curator'))
    -- a surname alone is whoever bears it
    WHERE len(w.words) = 1 OR one_person(w.words, string_split(k.name_key, ' '))
    GROUP BY ALL
),
bases AS (
    SELECT organisation, role FROM known GROUP BY ALL
    UNION ALL SELECT DISTINCT organisation, 'any' FROM known WHERE role <> 'curator'
)
SELECT w.organisation, w.role, w.name_key, w.in_pairs,
    CASE WHEN w.exact = 1 THEN [w.person_key] ELSE coalesce(s.persons, n.persons, []) END AS persons,
    CASE WHEN w.exact = 1 THEN 1 ELSE len(coalesce(s.persons, n.persons, [])) END AS candidates,
    CASE WHEN w.exact IS NOT NULL THEN 'exact' WHEN n.persons IS NOT NULL THEN 'initials' ELSE 'none' END AS how,
    b.role IS NULL AS no_base
FROM matched AS w
LEFT JOIN namesakes AS s USING (organisation, role, name_key)
LEFT JOIN nearly AS n USING (organisation, role, name_key)
LEFT JOIN bases AS b USING (organisation, role)
