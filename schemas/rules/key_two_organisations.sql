-- The same full name and day of birth among the pupils of two organisations: each counts the child. The other one is not named: a
-- pupil's data do not leave the school.
WITH pupils AS (
    SELECT DISTINCT organisation, name_key, birth FROM base
    WHERE role = 'mentee' AND kind = 'pupil' AND birth IS NOT NULL AND len(string_split(name_key, ' ')) >= 3 AND length(string_split(name_key, ' ')[2]) > 1
),
twice AS (
    SELECT name_key, birth FROM pupils GROUP BY ALL HAVING count(*) > 1
)
SELECT b.organisation, b.workbook, b.sheet, b."row", 'full_name' AS field, b.full_name AS value
FROM base AS b
JOIN twice AS t ON t.name_key = b.name_key AND t.birth = b.birth
WHERE b.role = 'mentee' AND b.kind = 'pupil'
QUALIFY row_number() OVER (PARTITION BY b.organisation, b.name_key ORDER BY b.workbook, b.sheet, b."row") = 1
