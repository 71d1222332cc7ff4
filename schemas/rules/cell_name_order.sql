-- A name of a base whose parts stand in another order than surname, first name, patronymic.
SELECT b.organisation, b.workbook, b.sheet, b."row", 'full_name' AS field,
    CASE b.role WHEN 'mentor' THEN 'mentors' WHEN 'mentee' THEN 'mentees' ELSE 'curators' END AS "table",
    b.full_name AS value, t.suggestion
FROM base AS b
JOIN turned_names AS t ON t.organisation = b.organisation AND t.name_key = b.name_key
WHERE b.written_key = b.name_key
