-- relation: view
-- Doubtful pairs of persons of one organisation, for a human to settle in people.toml: what looks alike and where both rows
-- stand. Persons meet only in a block that shares two parts of the name. Pairs the people ledger has settled are left out.
-- needs_birth: several persons bear the name, which alone does not tell who is meant.
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
    SELECT organisation, first, second,
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
found AS MATERIALIZED (SELECT organisation, first, second, likeness FROM within WHERE likeness IS NOT NULL),
-- where they stand: looked up for those found alone, which halves the time of all
places AS (
    SELECT d.person_key, d.name_key, d.birth, d.birth_year, b.full_name, b.workbook, b.sheet, b."row",
        (d.organisation, d.name_key) IN (SELECT (organisation, name_key) FROM persons GROUP BY ALL HAVING count(*) > 1) AS needs_birth
    FROM district_people AS d
    JOIN base AS b ON b.rowid = d.line
    WHERE d.person_key IN (SELECT first FROM found UNION ALL SELECT second FROM found)
)
SELECT f.organisation, f.likeness,
    a.person_key, a.full_name, a.birth, a.birth_year, a.needs_birth, a.workbook, a.sheet, a."row",
    b.person_key AS other_person_key, b.full_name AS other_full_name, b.birth AS other_birth, b.birth_year AS other_birth_year,
    b.needs_birth AS other_needs_birth, b.workbook AS other_workbook, b.sheet AS other_sheet, b."row" AS other_row
FROM found AS f
JOIN places AS a ON a.person_key = f.first
JOIN places AS b ON b.person_key = f.second
WHERE NOT EXISTS (
    SELECT 1 FROM ledger_different AS l
    WHERE l.organisation = f.organisation AND l.name_key = a.name_key AND l.other_organisation = f.organisation
        AND l.other_key = b.name_key AND coalesce(l.birth_year = a.birth_year, l.birth_year IS NULL OR a.birth_year IS NULL)
        AND coalesce(l.other_birth_year = b.birth_year, l.other_birth_year IS NULL OR b.birth_year IS NULL))
