-- relation: table
-- For a name that is in no base: the nearest one of that base, if it is near enough to be a slip of the pen.
WITH unknown AS (
    SELECT organisation, role, name_key, words,
        list_aggregate(list_transform(words[2:3], lambda word: length(word)), 'min') = 1 AS short
    FROM names WHERE how = 'none' AND NOT no_base AND length(name_key) BETWEEN 5 AND 100
),
measured AS (
    SELECT u.organisation, u.role, u.name_key, k.full_name,
        CASE WHEN list_sort(u.words) = list_sort(k.words) THEN 0
            WHEN u.short THEN damerau_levenshtein(u.name_key, initials(k.words))
            ELSE damerau_levenshtein(u.name_key, k.name_key) END AS distance
    FROM unknown AS u
    JOIN known AS k ON k.organisation = u.organisation AND (k.role = u.role OR (u.role = 'any' AND k.role <> 'curator'))
        AND (left(k.name_key, 1) = left(u.name_key, 1) OR k.words[2] = u.words[2] OR k.words[1] = u.words[2])
        AND abs(length(k.name_key) - length(u.name_key)) <= CASE WHEN u.short THEN 60 ELSE 3 END
)
SELECT organisation, role, name_key,
    arg_min(full_name, distance) AS suggestion
FROM measured
WHERE distance <= CASE WHEN length(name_key) < 12 THEN 1 WHEN length(name_key) < 20 THEN 2 ELSE 3 END
GROUP BY organisation, role, name_key
HAVING count(DISTINCT full_name) FILTER (distance = (SELECT min(m.distance) FROM measured AS m
    WHERE m.organisation = measured.organisation AND m.role = measured.role AND m.name_key = measured.name_key)) = 1
