-- On the first row that goes beyond the limit, once per mentor.
WITH people AS (
    SELECT mentor_person, mentee_person, min(line) AS line
    FROM pairs_resolved
    WHERE accepted AND is_active AND NOT has_error AND mentor_is_known AND mentee_person IS NOT NULL
    GROUP BY ALL
),
counted AS (
    SELECT line, row_number() OVER (PARTITION BY mentor_person ORDER BY line) AS place,
        count(*) OVER (PARTITION BY mentor_person) AS mentees
    FROM people
)
SELECT p.organisation, p.workbook, p.sheet, p."row", 'mentor' AS field, p.mentor AS value, c.mentees AS mentees,
    getvariable('mentor_load') AS "limit"
FROM counted AS c
JOIN pairs_resolved AS p ON p.line = c.line
WHERE c.place = getvariable('mentor_load') + 1
