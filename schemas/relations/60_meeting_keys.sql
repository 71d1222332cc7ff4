-- relation: table
-- Every way the journals name a pair (number, mentor, mentee), once, with the pairs and groups it can mean.
-- By number first, narrowed by the names beside it; by names where there is no number or no such number, or where both names
-- are those of another pair.
-- All schools number their pairs alike: a number is read once.
WITH numbers AS MATERIALIZED (
    SELECT pair_id, pair_number(pair_id) AS number FROM (SELECT DISTINCT pair_id FROM journal_names)
),
keys AS (
    SELECT row_number() OVER () AS key, j.*, n.number,
        string_split(mentor_key, ' ') AS mentor_words, string_split(mentee_key, ' ') AS mentee_words
    FROM (SELECT organisation, pair_id, mentor_key, mentee_key FROM journal_names) AS j
    LEFT JOIN numbers AS n USING (pair_id)
),
-- whoever answers to several names may be called by another one in the journal
answers AS (
    SELECT organisation, role, person_key, words FROM other_names
    UNION
    SELECT organisation, role, person_key, words FROM known SEMI JOIN other_names USING (organisation, role, person_key)
),
-- a pair whose name is misspelt answers to the right one too: the slip is said once, where it is
lines AS (
    SELECT p.unit, p.organisation, p.number, string_split(p.mentor_key, ' ') AS mentor_words, string_split(p.mentee_key, ' ') AS mentee_words,
        p.mentor_is_known AND p.mentee_is_known AS is_known
    FROM pairs_resolved AS p WHERE p.duplicate_of IS NULL
    UNION ALL
    SELECT p.unit, p.organisation, p.number, coalesce(kr.words, string_split(p.mentor_key, ' ')), coalesce(ke.words, string_split(p.mentee_key, ' ')), false
    FROM pairs_resolved AS p
    LEFT JOIN suggested_names AS r ON r.organisation = p.organisation AND r.role = 'mentor' AND r.name_key = p.mentor_key
    LEFT JOIN suggested_names AS e ON e.organisation = p.organisation AND e.role = 'mentee' AND e.name_key = p.mentee_key
    LEFT JOIN known AS kr ON kr.organisation = p.organisation AND kr.role = 'mentor' AND kr.full_name = r.suggestion
    LEFT JOIN known AS ke ON ke.organisation = p.organisation AND ke.role = 'mentee' AND ke.full_name = e.suggestion
    WHERE p.duplicate_of IS NULL AND (kr.words IS NOT NULL OR ke.words IS NOT NULL)
    UNION ALL
    SELECT p.unit, p.organisation, p.number, coalesce(r.words, string_split(p.mentor_key, ' ')), coalesce(e.words, string_split(p.mentee_key, ' ')), p.mentor_is_known AND p.mentee_is_known
    FROM pairs_resolved AS p
    LEFT JOIN answers AS r ON r.organisation = p.organisation AND r.role = 'mentor' AND r.person_key = p.mentor_person
    LEFT JOIN answers AS e ON e.organisation = p.organisation AND e.role = 'mentee' AND e.person_key = p.mentee_person
    WHERE p.duplicate_of IS NULL AND (r.words IS NOT NULL OR e.words IS NOT NULL)
),
numbered AS (
    SELECT k.key, l.unit,
        (k.mentor_words IS NULL OR one_person(k.mentor_words, l.mentor_words))
            AND (k.mentee_words IS NULL OR one_person(k.mentee_words, l.mentee_words)) AS names_fit
    FROM keys AS k JOIN lines AS l ON l.organisation = k.organisation AND l.number = k.number
),
-- a number that is another pair's: the names of two known persons say more (meeting-pair-disagrees)
misnumbered AS (
    SELECT DISTINCT k.key
    FROM (SELECT key FROM numbered GROUP BY key HAVING NOT bool_or(names_fit)) AS n
    JOIN keys AS k USING (key)
    JOIN lines AS l ON l.organisation = k.organisation AND l.mentee_words[1] = k.mentee_words[1]
    WHERE l.is_known AND one_person(k.mentee_words, l.mentee_words) AND one_person(k.mentor_words, l.mentor_words)
),
by_number AS (
    SELECT key, unit FROM numbered
    WHERE names_fit OR (key NOT IN (SELECT key FROM numbered WHERE names_fit) AND key NOT IN (SELECT key FROM misnumbered))
    GROUP BY ALL
),
unnumbered AS (SELECT * FROM keys WHERE key NOT IN (SELECT key FROM by_number)),
by_name AS (
    SELECT k.key, l.unit FROM unnumbered AS k
    JOIN lines AS l ON l.organisation = k.organisation AND l.mentee_words[1] = k.mentee_words[1]
    WHERE one_person(k.mentee_words, l.mentee_words)
        AND (k.mentor_words IS NULL OR one_person(k.mentor_words, l.mentor_words))
    UNION
    SELECT k.key, l.unit FROM unnumbered AS k
    JOIN lines AS l ON l.organisation = k.organisation AND l.mentor_words[1] = k.mentor_words[1]
    WHERE k.mentee_words IS NULL AND one_person(k.mentor_words, l.mentor_words)
),
found AS (
    SELECT key, list(unit ORDER BY unit) AS units FROM (SELECT * FROM by_number UNION SELECT * FROM by_name) GROUP BY key
)
SELECT k.key, k.organisation, k.pair_id, k.number, k.mentor_key, k.mentee_key,
    coalesce(f.units, []) AS units, len(coalesce(f.units, [])) AS n_units,
    CASE WHEN len(f.units) = 1 THEN f.units[1] END AS unit,
    u.starts, u.ends
FROM keys AS k
LEFT JOIN found AS f USING (key)
LEFT JOIN units AS u ON len(f.units) = 1 AND u.unit = f.units[1]
