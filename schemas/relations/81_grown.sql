-- relation: view
-- Every adult with a full name, as a person of the district, and the row to look at: whom another organisation may have too.
SELECT d.organisation, d.person_key, d.district_key, d.name_key, d.birth, d.birth_year, b.full_name,
    (d.organisation, d.name_key) IN (
        SELECT (organisation, name_key) FROM district_people GROUP BY organisation, name_key HAVING count(*) > 1) AS needs_birth,
    b.workbook, b.sheet, b."row"
FROM (SELECT *, string_split(name_key, ' ') AS words FROM district_people WHERE adult AND contains(name_key, ' ')) AS d
JOIN base AS b ON b.rowid = d.line
WHERE len(d.words) >= 3 AND length(d.words[2]) > 1 AND length(d.words[3]) > 1
