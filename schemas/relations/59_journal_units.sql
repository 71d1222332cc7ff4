-- relation: table, needs journal_names
-- The pairs and groups each way the journals name a pair can mean, by its line among them (journal_names.rowid).
-- By number first, narrowed by the names beside it; by names where there is no number or no such number, or where both names
-- are those of another pair.
-- All schools number their pairs alike: a number is read once.
WITH numbers AS MATERIALIZED (
    SELECT pair_id, pair_number(pair_id) AS number FROM (SELECT DISTINCT pair_id FROM journal_names)
),
keys AS MATERIALIZED (
    SELECT j.rowid::INTEGER AS key, j.organisation, j.mentor_key, j.mentee_key, n.number
    FROM journal_names AS j
    LEFT JOIN numbers AS n USING (pair_id)
),
-- whoever answers to several names may be called by another one in the journal
answers AS (
    SELECT organisation, role, person_key, name_key FROM other_names
    UNION
    SELECT organisation, role, person_key, name_key FROM known SEMI JOIN other_names USING (organisation, role, person_key)
),
-- a pair whose name is misspelt answers to the right one too: the slip is said once, where it is
misspelt AS (
    SELECT p.unit, p.organisation, p.number, p.mentor_key, p.mentee_key, r.suggestion AS mentor, e.suggestion AS mentee
    FROM pairs_resolved AS p
    LEFT JOIN suggested_names AS r ON r.organisation = p.organisation AND r.role = 'mentor' AND r.name_key = p.mentor_key
    LEFT JOIN suggested_names AS e ON e.organisation = p.organisation AND e.role = 'mentee' AND e.name_key = p.mentee_key
    WHERE p.duplicate_of IS NULL AND (r.suggestion IS NOT NULL OR e.suggestion IS NOT NULL)
),
lines AS MATERIALIZED (
    SELECT unit, organisation, number, mentor_key, mentee_key, mentor_is_known AND mentee_is_known AS is_known
    FROM pairs_resolved WHERE duplicate_of IS NULL
    UNION ALL
    SELECT m.unit, m.organisation, m.number, coalesce(r.name_key, m.mentor_key), coalesce(e.name_key, m.mentee_key), false
    FROM misspelt AS m
    LEFT JOIN known AS r ON r.organisation = m.organisation AND r.role = 'mentor' AND r.full_name = m.mentor
    LEFT JOIN known AS e ON e.organisation = m.organisation AND e.role = 'mentee' AND e.full_name = m.mentee
    WHERE r.name_key IS NOT NULL OR e.name_key IS NOT NULL
    UNION ALL
    SELECT p.unit, p.organisation, p.number, coalesce(r.name_key, p.mentor_key), coalesce(e.name_key, p.mentee_key), p.mentor_is_known AND p.mentee_is_known
    FROM pairs_resolved AS p
    LEFT JOIN answers AS r ON r.organisation = p.organisation AND r.role = 'mentor' AND r.person_key = p.mentor_person
    LEFT JOIN answers AS e ON e.organisation = p.organisation AND e.role = 'mentee' AND e.person_key = p.mentee_person
    WHERE p.duplicate_of IS NULL AND (r.name_key IS NOT NULL OR e.name_key IS NOT NULL)
),
-- names are taken apart only where they are not the same letter for letter, and the surname is
numbered AS MATERIALIZED (
    SELECT k.key, l.unit,
        CASE WHEN k.mentor_key IS NULL OR k.mentor_key = l.mentor_key THEN true
            WHEN split_part(k.mentor_key, ' ', 1) <> split_part(l.mentor_key, ' ', 1) THEN false
            ELSE one_person(string_split(k.mentor_key, ' '), string_split(l.mentor_key, ' ')) END
        AND CASE WHEN k.mentee_key IS NULL OR k.mentee_key = l.mentee_key THEN true
            WHEN split_part(k.mentee_key, ' ', 1) <> split_part(l.mentee_key, ' ', 1) THEN false
            ELSE one_person(string_split(k.mentee_key, ' '), string_split(l.mentee_key, ' ')) END AS names_fit
    FROM keys AS k JOIN lines AS l ON l.organisation = k.organisation AND l.number = k.number
),
unfit AS MATERIALIZED (SELECT key FROM numbered GROUP BY key HAVING NOT bool_or(names_fit)),
-- a number that is another pair's: the names of two known persons say more (meeting-pair-disagrees)
misnumbered AS (
    SELECT DISTINCT k.key
    FROM (SELECT organisation, key, mentor_key, string_split(mentor_key, ' ') AS mentor_words, string_split(mentee_key, ' ') AS mentee_words
        FROM keys SEMI JOIN unfit USING (key)) AS k
    JOIN lines AS l ON l.organisation = k.organisation AND split_part(l.mentee_key, ' ', 1) = k.mentee_words[1]
    WHERE l.is_known AND one_person(k.mentee_words, string_split(l.mentee_key, ' ')) AND one_person(k.mentor_words, string_split(l.mentor_key, ' '))
),
by_number AS MATERIALIZED (
    SELECT key, unit FROM numbered WHERE names_fit
    UNION ALL
    -- where no name fits, or a pair that has the number bears none
    SELECT key, unit FROM numbered
    ANTI JOIN (SELECT key FROM numbered WHERE names_fit) AS f USING (key) ANTI JOIN misnumbered USING (key)
),
unnumbered AS MATERIALIZED (
    SELECT key, organisation, mentor_key, mentee_key, string_split(mentor_key, ' ') AS mentor_words, string_split(mentee_key, ' ') AS mentee_words
    FROM keys WHERE key NOT IN (SELECT key FROM by_number)
),
by_name AS (
    SELECT k.key, l.unit FROM unnumbered AS k
    JOIN lines AS l ON l.organisation = k.organisation AND split_part(l.mentee_key, ' ', 1) = k.mentee_words[1]
    WHERE one_person(k.mentee_words, string_split(l.mentee_key, ' '))
        AND (k.mentor_words IS NULL OR one_person(k.mentor_words, string_split(l.mentor_key, ' ')))
    UNION ALL
    SELECT k.key, l.unit FROM unnumbered AS k
    JOIN lines AS l ON l.organisation = k.organisation AND split_part(l.mentor_key, ' ', 1) = k.mentor_words[1]
    WHERE k.mentee_words IS NULL AND one_person(k.mentor_words, string_split(l.mentor_key, ' '))
),
meant AS MATERIALIZED (SELECT key, unit FROM by_number UNION ALL SELECT key, unit FROM by_name),
-- most ways mean one pair: a list is ordered only where several are meant
found AS MATERIALIZED (SELECT key, min(unit) AS unit, max(unit) AS last FROM meant GROUP BY key),
several AS (
    SELECT key, list_sort(list(DISTINCT unit)) AS units
    FROM meant SEMI JOIN (SELECT key FROM found WHERE unit < last) USING (key) GROUP BY key
),
told AS (
    SELECT f.key, coalesce(s.units, [f.unit]) AS units, CASE WHEN s.key IS NULL THEN f.unit END AS unit
    FROM found AS f LEFT JOIN several AS s USING (key)
)
SELECT k.key, k.number, coalesce(t.units, []) AS units, len(coalesce(t.units, [])) AS n_units, t.unit, u.starts, u.ends
FROM keys AS k
LEFT JOIN told AS t USING (key)
LEFT JOIN units AS u ON u.unit = t.unit
