SELECT organisation, workbook, sheet, "row", 'date' AS field, "date" AS value,
    CASE WHEN month("date") = 1 AND day("date") <= 8 THEN 'holidays' ELSE 'sunday' END AS why
FROM meetings
WHERE dayofweek("date") = 0 OR (month("date") = 1 AND day("date") <= 8)
