-- relation: table
-- For a name that is in no base: the nearest one of that base, if it is near enough to be a slip of the pen. Only names that
-- share a word with it are measured (of initials: those with the same initials), for a slip mostly hits one word.
WITH unknown AS MATERIALIZED (
    SELECT organisation, role, name_key, words, length(words[2]) = 1 AS short
    FROM names
    WHERE how = 'none' AND NOT no_base AND len(words) BETWEEN 2 AND 6 AND length(name_key) <= 100
    -- where hundreds are unknown it is the base that is missing
    QUALIFY count(*) OVER (PARTITION BY organisation, role) <= 300
),
offered AS MATERIALIZED (
    SELECT organisation, role, full_name, name_key, words, words[1] AS word_1, words[2] AS word_2, words[3] AS word_3,
        left(words[2], 1) || coalesce(left(words[3], 1), '') AS letters
    FROM known WHERE organisation IN (SELECT organisation FROM unknown)
    UNION ALL
    SELECT organisation, 'any', full_name, name_key, words, words[1], words[2], words[3],
        left(words[2], 1) || coalesce(left(words[3], 1), '')
    FROM known WHERE role <> 'curator' AND organisation IN (SELECT organisation FROM unknown WHERE role = 'any')
),
sharing AS (
    SELECT u.*, o.full_name, o.name_key AS known_key, o.words AS known_words FROM unknown AS u
    JOIN offered AS o ON o.organisation = u.organisation AND o.role = u.role AND o.word_1 = u.words[1] WHERE NOT u.short
    UNION ALL
    SELECT u.*, o.full_name, o.name_key, o.words FROM unknown AS u
    JOIN offered AS o ON o.organisation = u.organisation AND o.role = u.role AND o.word_3 = u.words[3] WHERE NOT u.short
    UNION ALL
    SELECT u.*, o.full_name, o.name_key, o.words FROM unknown AS u
    JOIN offered AS o ON o.organisation = u.organisation AND o.role = u.role AND o.word_2 = u.words[2] WHERE NOT u.short
    UNION ALL
    -- the parts of the name in another order
    SELECT u.*, o.full_name, o.name_key, o.words FROM unknown AS u
    JOIN offered AS o ON o.organisation = u.organisation AND o.role = u.role AND o.word_1 = u.words[2] WHERE NOT u.short
    UNION ALL
    SELECT u.*, o.full_name, o.name_key, o.words FROM unknown AS u
    JOIN offered AS o ON o.organisation = u.organisation AND o.role = u.role AND o.word_1 = u.words[3] WHERE NOT u.short
    UNION ALL
    SELECT u.*, o.full_name, o.name_key, o.words FROM unknown AS u
    JOIN offered AS o ON o.organisation = u.organisation AND o.role = u.role
        AND o.letters = left(u.words[2], 1) || coalesce(left(u.words[3], 1), '') WHERE u.short
),
paired AS MATERIALIZED (
    SELECT * FROM sharing
    WHERE short OR abs(length(name_key) - length(known_key)) <= 3
),
measured AS (
    SELECT organisation, role, name_key, full_name,
        CASE WHEN list_sort(words) = list_sort(known_words) THEN 0
            WHEN short THEN damerau_levenshtein(name_key, initials(known_words))
            ELSE damerau_levenshtein(name_key, known_key) END AS distance
    FROM paired
)
SELECT organisation, role, name_key, any_value(full_name) AS suggestion
FROM (
    SELECT * FROM measured
    WHERE distance <= CASE WHEN length(name_key) < 12 THEN 1 WHEN length(name_key) < 20 THEN 2 ELSE 3 END
    QUALIFY distance = min(distance) OVER (PARTITION BY organisation, role, name_key)
)
GROUP BY organisation, role, name_key
HAVING count(DISTINCT full_name) = 1
