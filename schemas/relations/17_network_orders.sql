-- relation: table
-- Every order by which somebody is a network mentor, as a register or the base of mentors tells it (by "table"), with its day.
SELECT *, date_in_text("order") AS ordered_on
FROM (
    SELECT organisation, 'network' AS "table", workbook, sheet, "row", part, network_mentor_key AS name_key, "order" FROM network
    UNION ALL
    SELECT organisation, 'mentors', workbook, sheet, "row", part, full_name_key, network_order FROM mentors WHERE network_order IS NOT NULL
)
