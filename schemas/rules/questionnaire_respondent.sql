-- Anonymous answers are allowed. The role of the sheet says which base is meant.
SELECT q.organisation, q.workbook, q.sheet, q."row", 'full_name' AS field, q.full_name AS value, s.suggestion, n.role
FROM unknown_names AS n
JOIN questionnaires AS q ON q.organisation = n.organisation AND coalesce(q.role, 'any') = n.role AND q.full_name_key = n.name_key
LEFT JOIN suggested_names AS s ON s.organisation = n.organisation AND s.role = n.role AND s.name_key = n.name_key
WHERE contains(n.name_key, ' ')
