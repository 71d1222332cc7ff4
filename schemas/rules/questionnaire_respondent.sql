-- Anonymous answers are allowed. The role of the sheet says which base is meant.
SELECT r.organisation, r.workbook, r.sheet, r."row", 'full_name' AS field, r.name AS value, s.suggestion, r.role
FROM names AS n
JOIN refs AS r ON r.organisation = n.organisation AND r.role = n.role AND r.name_key = n.name_key AND r."table" = 'questionnaires'
LEFT JOIN suggested_names AS s ON s.organisation = n.organisation AND s.role = n.role AND s.name_key = n.name_key
WHERE n.how = 'none' AND NOT n.no_base AND len(n.words) > 1
