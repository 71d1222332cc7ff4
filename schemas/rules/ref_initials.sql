-- Initials, or a surname alone, that fit exactly one person: said for each row of pairs, elsewhere once for a column.
WITH short AS (
    SELECT n.organisation, n.role, n.name_key, k.full_name AS person
    FROM unclear_names AS n
    JOIN known AS k ON k.organisation = n.organisation AND k.person_key = n.persons[1] AND (k.role = n.role OR n.role = 'any')
    WHERE n.how = 'initials' AND n.candidates = 1 AND length(split_part(n.name_key, ' ', 2)) <= 1
)
SELECT r.organisation, r.workbook, r.sheet, r."row", r.field, r."table", r.name AS value, s.person AS suggestion, 1 AS count
FROM short AS s
JOIN refs AS r ON r.organisation = s.organisation AND r.role = s.role AND r.name_key = s.name_key
WHERE r."table" = 'pairs'
UNION ALL
SELECT r.organisation, r.workbook, r.sheet, min(r."row"), r.field, r."table", arg_min(r.name, r."row"), arg_min(s.person, r."row"),
    count(*)
FROM short AS s
JOIN refs AS r ON r.organisation = s.organisation AND r.role = s.role AND r.name_key = s.name_key
WHERE r."table" <> 'pairs'
GROUP BY r.organisation, r.workbook, r.sheet, r.field, r."table"
