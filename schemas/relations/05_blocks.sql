-- relation: table
-- Every table found, with the sheet rows its records can stand in: which columns a row's table has.
SELECT organisation, workbook, sheet, "table", header_row,
    coalesce(lead(header_row) OVER (
        PARTITION BY organisation, workbook, sheet, "table" ORDER BY header_row
    ), 2147483647) AS next_header_row,
    any_value(columns) AS columns,
    any_value(headings) AS headings
FROM tables
GROUP BY organisation, workbook, sheet, "table", header_row
