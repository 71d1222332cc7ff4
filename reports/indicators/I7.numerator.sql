-- External mentors (enterprises, parents, alumni, veterans) are not in it (tables.md, question 6).
SELECT organisation, person_key, workbook, sheet, "row"
FROM entered
WHERE kind IS DISTINCT FROM 'external'
