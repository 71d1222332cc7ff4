-- Said once per further mentor, on the later row.
WITH running AS (
    SELECT mentee_person, mentor_person, min(line) AS line FROM pairs_resolved
    WHERE accepted AND is_active AND NOT has_error AND mentee_person IS NOT NULL AND mentor_person IS NOT NULL
    GROUP BY mentee_person, mentor_person
),
firsts AS (
    SELECT mentee_person, min(line) AS line FROM running GROUP BY mentee_person HAVING count(*) > 1
)
SELECT p.organisation, p.workbook, p.sheet, p."row", 'mentee' AS field, p.mentee AS value,
    o."row" AS other_row, nullif(o.sheet, p.sheet) AS other_sheet
FROM firsts AS f
JOIN running AS r ON r.mentee_person = f.mentee_person AND r.line > f.line
JOIN pairs_resolved AS p ON p.line = r.line
JOIN pairs_resolved AS o ON o.line = f.line
