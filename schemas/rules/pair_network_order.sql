-- A network mentor is appointed for one school year. The year the register is of is that of its latest order, so an old
-- register opened a year later is not one long list of errors.
WITH orders AS (
    SELECT organisation, workbook, sheet, "row", part, "order", date_in_text("order") AS ordered_on FROM network
),
current AS (
    SELECT organisation, max(school_year(ordered_on + INTERVAL 3 MONTH)) AS year, count(*) AS orders,
        arg_max("order", ordered_on) AS latest
    FROM orders WHERE ordered_on <= getvariable('as_of')
    GROUP BY organisation
)
SELECT o.organisation, o.workbook, o.sheet, o."row", 'order' AS field, o."order" AS value, c.latest AS suggestion
FROM orders AS o
JOIN current AS c USING (organisation)
WHERE school_year(o.ordered_on + INTERVAL 3 MONTH) < c.year
