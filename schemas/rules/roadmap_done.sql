-- Only where the sheet has the column; one finding per cell.
WITH done AS (
    SELECT r.*, b.columns FROM roadmap AS r
    JOIN blocks AS b ON b.organisation = r.organisation AND b.workbook = r.workbook AND b.sheet = r.sheet AND b."table" = 'roadmap'
        AND r."row" >= b.header_row AND r."row" < b.next_header_row
    WHERE r.status IN ('done', 'done_late')
),
missing AS (
    SELECT organisation, workbook, sheet, "row", 'document' AS field FROM done WHERE document IS NULL AND json_exists(columns, '$.document')
    UNION ALL
    SELECT organisation, workbook, sheet, "row", 'done_on' FROM done WHERE done_on IS NULL AND json_exists(columns, '$.done_on')
)
SELECT m.* FROM missing AS m
WHERE NOT EXISTS (SELECT 1 FROM bad_cells AS x WHERE x.organisation = m.organisation AND x.workbook = m.workbook
    AND x.sheet = m.sheet AND x."row" = m."row" AND x.field = m.field)
