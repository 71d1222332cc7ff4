-- In one pair a mentor, in another a mentee, at the same time: said once, on the row where the person is the mentee.
SELECT e.organisation, e.workbook, e.sheet, e."row", 'mentee' AS field, e.mentee AS value, r."row" AS other_row,
    nullif(r.sheet, e.sheet) AS other_sheet
FROM pairs_resolved AS e
JOIN pairs_resolved AS r ON r.organisation = e.organisation AND r.mentor_person = e.mentee_person
WHERE e.mentee_is_known AND r.mentor_is_known AND e.is_active AND r.is_active AND NOT e.has_error AND NOT r.has_error
    AND e.accepted AND r.accepted
QUALIFY row_number() OVER (PARTITION BY e.organisation, e.mentee_person ORDER BY e.line, r.line) = 1
