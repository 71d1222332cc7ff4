-- relation: table, needs base
-- Every person of the bases as a person of the district: an adult entered in several organisations under one name and year
-- of birth is one (domain.md §4.2), a pupil is counted where enrolled. The people ledger may say otherwise of adults.
-- line: the row of the bases that speaks for the person, the first accepted one, as its line in base (base.rowid).
WITH persons AS (
    SELECT organisation, person_key, any_value(name_key) AS name_key, min(birth) AS birth, min(birth_year) AS birth_year,
        coalesce(bool_and(age_now >= getvariable('adult_age')), true)
            AND NOT coalesce(bool_or(kind = 'pupil'), false)
            AND (bool_or(birth_year IS NOT NULL) OR coalesce(bool_or(kind IN ('staff', 'external')), false)) AS adult,
        CASE WHEN count(*) = 1 THEN any_value(rowid) ELSE arg_min(rowid, (NOT accepted, workbook, sheet, "row", part)) END AS line
    FROM base WHERE person_key IS NOT NULL
    GROUP BY organisation, person_key
)
SELECT organisation, person_key, name_key, birth, birth_year, adult, line,
    CASE WHEN adult AND birth_year IS NOT NULL AND contains(name_key, ' ') THEN name_key || '|' || birth_year ELSE person_key END AS district_key
FROM persons
