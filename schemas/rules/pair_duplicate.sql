SELECT later.organisation, later.workbook, later.sheet, later."row", 'mentee' AS field, later.mentee AS value,
    first."row" AS other_row, nullif(first.sheet, later.sheet) AS other_sheet, nullif(first.workbook, later.workbook) AS other_workbook
FROM pairs_resolved AS later
JOIN pairs_resolved AS first ON first.line = later.duplicate_of
WHERE NOT later.same_person
