-- One fixed direction per network mentor and register: said of the first row that gives another one.
WITH told AS (
    SELECT organisation, workbook, sheet, "row", direction, network_mentor_key,
        first(direction) OVER w AS first_direction, first("row") OVER w AS other_row
    FROM network
    WHERE network_mentor_key IS NOT NULL AND folded(direction) IS NOT NULL
    WINDOW w AS (PARTITION BY organisation, workbook, sheet, network_mentor_key, school_year(date_in_text("order") + INTERVAL 3 MONTH)
        ORDER BY "row", part)
)
SELECT organisation, workbook, sheet, "row", 'direction' AS field, direction AS value, first_direction AS suggestion, other_row AS other_row
FROM told
WHERE folded(direction) <> folded(first_direction)
QUALIFY row_number() OVER (PARTITION BY organisation, workbook, sheet, network_mentor_key ORDER BY "row") = 1
