-- «Просрочено» is derived: the last day of a deadline is past, and the status says that the task is not done.
SELECT organisation, workbook, sheet, "row", 'status' AS field, json_extract_string(due, '$.text') AS value
FROM roadmap
WHERE status IN ('in_progress', 'not_started') AND due_end < getvariable('as_of') AND due_kind IN ('date', 'month', 'range', 'half_year')
    AND NOT coalesce(json_extract_string(due, '$.recurring') = 'true', false)
