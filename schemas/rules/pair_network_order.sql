-- A network mentor is appointed for one school year. The year the register is of is that of its latest order, so an old
-- register opened a year later is not one long list of errors. A pair of the network form must lie within the school year of an
-- order of its mentor, by the base of mentors or by a register, where any tells the day of one.
WITH orders AS (
    SELECT organisation, workbook, sheet, "row", part, "order", ordered_on FROM network_orders WHERE "table" = 'network'
),
current AS (
    SELECT organisation, max(school_year(ordered_on + INTERVAL 3 MONTH)) AS year, count(*) AS orders,
        arg_max("order", (ordered_on, "order")) AS latest
    FROM orders WHERE ordered_on <= getvariable('as_of')
    GROUP BY organisation
),
appointed AS (
    SELECT p.line, school_year(n.ordered_on + INTERVAL 3 MONTH) AS year, n."order" AS told
    FROM pairs_resolved AS p
    JOIN base AS b ON b.organisation = p.organisation AND b.role = 'mentor' AND b.person_key = p.mentor_person
    JOIN network_orders AS n ON n."table" = 'mentors' AND n.organisation = b.organisation AND n.workbook = b.workbook AND n.sheet = b.sheet
        AND n."row" = b."row" AND n.part = b.part
    WHERE p.form = 'network'
    UNION ALL
    SELECT p.line, school_year(n.ordered_on + INTERVAL 3 MONTH), n."order"
    FROM pairs_resolved AS p
    JOIN network_orders AS n ON n."table" = 'network' AND n.name_key = p.mentor_key
    WHERE p.form = 'network'
),
covered AS (
    SELECT p.line, bool_or(a.year IN (school_year(p.starts), school_year(p.starts + INTERVAL 3 MONTH)) AND coalesce(p.ends <= make_date((a.year + 1)::INTEGER, 8, 31), true)) AS is_covered,
        arg_max(a.told, (a.year, a.told)) AS told
    FROM pairs_resolved AS p
    JOIN appointed AS a USING (line)
    WHERE a.year IS NOT NULL AND p.starts IS NOT NULL AND NOT p.dates_reversed AND p.duplicate_of IS NULL AND NOT p.same_person
    GROUP BY p.line
)
SELECT o.organisation, o.workbook, o.sheet, o."row", 'order' AS field, 'network' AS "table", o."order" AS value, c.latest AS suggestion,
    NULL AS why, NULL AS starts, NULL AS ends
FROM orders AS o
JOIN current AS c USING (organisation)
WHERE school_year(o.ordered_on + INTERVAL 3 MONTH) < c.year
UNION ALL
SELECT p.organisation, p.workbook, p.sheet, p."row", 'date_from', 'pairs', c.told, NULL, 'pair', p.starts, p.ends
FROM covered AS c
JOIN pairs_resolved AS p USING (line)
WHERE NOT c.is_covered
