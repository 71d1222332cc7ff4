-- A pair exists only by the director's order: its number or date is missing. A sheet without such columns is one finding.
WITH seen AS (
    SELECT p.organisation, p.workbook, p.sheet, p."row", p.order_no, p.order_date,
        json_exists(b.columns, '$.order_no') AS has_no, json_exists(b.columns, '$.order_date') AS has_date
    FROM pairs_resolved AS p
    JOIN blocks AS b ON b.organisation = p.organisation AND b.workbook = p.workbook AND b.sheet = p.sheet AND b."table" = 'pairs'
        AND p."row" >= b.header_row AND p."row" < b.next_header_row
)
SELECT s.organisation, s.workbook, s.sheet, s."row",
    CASE WHEN s.has_no AND s.order_no IS NULL THEN 'order_no' ELSE 'order_date' END AS field,
    CASE WHEN s.order_no IS NULL AND s.order_date IS NULL THEN 'order'
        WHEN s.order_no IS NULL THEN 'number' ELSE 'date' END AS missing
FROM seen AS s
WHERE ((s.has_no AND s.order_no IS NULL) OR (s.has_date AND s.order_date IS NULL))
    AND NOT EXISTS (SELECT 1 FROM bad_cells AS x WHERE x.organisation = s.organisation AND x.workbook = s.workbook
        AND x.sheet = s.sheet AND x."row" = s."row" AND x.field IN ('order_no', 'order_date'))
UNION ALL
SELECT DISTINCT s.organisation, s.workbook, s.sheet, NULL, 'order_no', 'column'
FROM seen AS s
WHERE NOT s.has_no AND NOT s.has_date
