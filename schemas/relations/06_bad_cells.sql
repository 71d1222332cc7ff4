-- relation: table
-- Cells the checks have already spoken of, and how gravely: what is unknown because of them is not a second finding.
SELECT organisation, workbook, sheet, "row", field, CASE WHEN bool_or(severity = 'error') THEN 'error' ELSE 'warning' END AS severity
FROM issues
WHERE rule IS NULL AND field IS NOT NULL AND "row" IS NOT NULL AND severity <> 'info'
GROUP BY ALL
