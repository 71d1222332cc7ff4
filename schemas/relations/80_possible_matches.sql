-- relation: view
-- Doubtful pairs of persons, for a human to settle in people.toml: what looks alike and where both rows stand. Within an
-- organisation persons meet only in a block that shares two parts of the name; over the district, adults of one full name
-- meet their neighbour in the list of its bearers. Pairs the people ledger has settled are left out.
WITH persons AS MATERIALIZED (
    SELECT organisation, person_key, name_key, string_split(name_key, ' ') AS words,
        min(birth) AS birth, min(birth_year) AS birth_year
    FROM base
    WHERE person_key IS NOT NULL AND contains(name_key, ' ')
    GROUP BY organisation, person_key, name_key
),
numbered AS MATERIALIZED (
    SELECT row_number() OVER () AS id, organisation, person_key, name_key, words, birth, birth_year,
        -- the same in whatever order the parts stand
        CASE WHEN len(words) > 3 THEN hash(list_sort(words)) ELSE hash(hash(words[1])::HUGEINT + hash(words[2]) + hash(words[3])) END AS parts
    FROM persons
),
-- parts of the name two persons share; a crowd that shares one is no likeness
blocks_of AS (
    SELECT hash(organisation, 'surname', words[1], left(words[2], 1)) AS block, id FROM numbered
    UNION ALL
    SELECT hash(organisation, 'given', words[2], words[3]), id FROM numbered WHERE length(words[2]) > 1 AND words[3] IS NOT NULL
    UNION ALL
    SELECT hash(organisation, 'family', words[1], words[3]), id FROM numbered WHERE length(words[3]) > 1
    UNION ALL
    SELECT hash(organisation, 'parts', parts), id FROM numbered
),
met AS (
    SELECT list(id) AS ids FROM blocks_of GROUP BY block HAVING count(*) BETWEEN 2 AND 40
),
pairs_met AS (
    SELECT DISTINCT one, other FROM (SELECT one, unnest(ids) AS other FROM (SELECT ids, unnest(ids) AS one FROM met))
    WHERE one <> other
),
alike AS (
    SELECT a.organisation, a.person_key AS first, b.person_key AS second,
        a.words AS words, b.words AS others, a.parts = b.parts AS same_parts, a.name_key = b.name_key AS one_name,
        a.birth AS birth, b.birth AS other_birth, a.birth_year AS birth_year, b.birth_year AS other_year
    FROM pairs_met AS m
    JOIN numbered AS a ON a.id = m.one
    JOIN numbered AS b ON b.id = m.other
    WHERE a.organisation = b.organisation AND a.person_key < b.person_key
),
judged AS (
    SELECT *, coalesce(birth_year <> other_year, false) OR coalesce(birth <> other_birth, false) AS conflict,
        coalesce(birth_year = other_year, false) AND coalesce(birth = other_birth, true) AS same_birth
    FROM alike
),
within AS (
    SELECT organisation, first, organisation AS other_organisation, second,
        CASE
            WHEN one_name THEN CASE WHEN birth_year IS NULL OR other_year IS NULL THEN 'birth' END
            WHEN conflict THEN NULL
            WHEN same_parts AND list_sort(words) = list_sort(others) THEN 'order'
            WHEN one_person(words, others) THEN 'short'
            WHEN len(words) = 3 AND len(others) = 3 AND words[2:] = others[2:] THEN CASE
                WHEN damerau_levenshtein(words[1], others[1]) <= slips(words[1], others[1]) THEN 'letter'
                -- a married name; of children a year alone says little
                WHEN same_birth AND (birth IS NOT NULL AND other_birth IS NOT NULL OR (regexp_matches(words[3], '(на|кызы)$')
                    AND birth_year <= year(getvariable('as_of')) - getvariable('adult_age'))) THEN 'surname'
                END
            WHEN words[1] = others[1] AND words[3] IS NOT DISTINCT FROM others[3] AND length(words[2]) > 1 AND length(others[2]) > 1
                AND damerau_levenshtein(words[2], others[2]) <= 1 AND (len(words) = 3 OR same_birth) THEN 'letter'
            WHEN words[1:2] = others[1:2] AND length(words[3]) > 1 AND length(others[3]) > 1
                AND damerau_levenshtein(words[3], others[3]) <= slips(words[3], others[3]) THEN 'letter'
        END AS likeness
    FROM judged
),
grown AS (
    SELECT d.district_key, p.*, count(*) OVER (PARTITION BY p.name_key) AS bearers
    FROM district_people AS d
    JOIN persons AS p ON p.person_key = d.person_key
    WHERE d.adult AND len(p.words) >= 3 AND length(p.words[2]) > 1 AND length(p.words[3]) > 1
),
neighbours AS (
    SELECT organisation, person_key AS first, birth, birth_year, district_key,
        lead(organisation) OVER w AS other_organisation, lead(person_key) OVER w AS second,
        lead(birth) OVER w AS other_birth, lead(birth_year) OVER w AS other_year, lead(district_key) OVER w AS other_key
    FROM grown WHERE bearers > 1
    WINDOW w AS (PARTITION BY name_key ORDER BY birth_year NULLS LAST, birth NULLS LAST, organisation, person_key)
),
found AS MATERIALIZED (
    SELECT organisation, first, other_organisation, second, likeness FROM within WHERE likeness IS NOT NULL
    UNION ALL
    SELECT organisation, first, other_organisation, second, 'district' FROM neighbours
    WHERE organisation <> other_organisation AND district_key <> other_key AND (birth_year IS NULL OR other_year IS NULL)
),
-- where they stand: looked up for those found alone, which halves the time of all
places AS (
    SELECT organisation, person_key, name_key,
        arg_min({'workbook': workbook, 'sheet': sheet, 'row': "row", 'full_name': full_name, 'role': role},
            (NOT accepted, workbook, sheet, "row", part)) AS place
    FROM base
    WHERE person_key IN (SELECT first FROM found UNION ALL SELECT second FROM found) AND contains(name_key, ' ')
    GROUP BY organisation, person_key, name_key
)
SELECT f.likeness, f.organisation, f.first AS person_key, a.name_key, a.birth, a.birth_year, pa.place,
    f.other_organisation, f.second AS other_person_key, b.name_key AS other_name_key, b.birth AS other_birth,
    b.birth_year AS other_birth_year, pb.place AS other_place
FROM found AS f
JOIN persons AS a ON a.person_key = f.first
JOIN persons AS b ON b.person_key = f.second
JOIN places AS pa ON pa.organisation = a.organisation AND pa.person_key = a.person_key AND pa.name_key = a.name_key
JOIN places AS pb ON pb.organisation = b.organisation AND pb.person_key = b.person_key AND pb.name_key = b.name_key
WHERE NOT EXISTS (
    SELECT 1 FROM ledger_different AS l
    WHERE l.organisation = f.organisation AND l.name_key = a.name_key AND l.other_organisation = f.other_organisation
        AND l.other_key = b.name_key AND coalesce(l.birth_year = a.birth_year, l.birth_year IS NULL OR a.birth_year IS NULL)
        AND coalesce(l.other_birth_year = b.birth_year, l.other_birth_year IS NULL OR b.birth_year IS NULL))
