-- relation: table
-- Cells the checks have already spoken of: what is unknown because of them is not a second finding.
SELECT DISTINCT organisation, workbook, sheet, "row", field
FROM issues
WHERE rule IS NULL AND field IS NOT NULL AND "row" IS NOT NULL AND severity <> 'info'
