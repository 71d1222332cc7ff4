SELECT organisation, workbook, sheet, "row", 'mentee' AS field, mentee AS value
FROM pairs_resolved
WHERE same_person
