-- An order of an earlier school year, half a year and more before the pair begins: the year is mostly a slip (in January
-- out of habit, in autumn from last year's sheet). A pair that goes on from year to year begins with its first order.
SELECT organisation, workbook, sheet, "row", 'order_date' AS field, order_date AS value,
    -- the same day of the first year in which it is not after the beginning, and near it
    CASE WHEN order_date + INTERVAL 1 YEAR BETWEEN date_from - INTERVAL 150 DAY AND date_from THEN russian_date(order_date + INTERVAL 1 YEAR)
        WHEN order_date + INTERVAL 2 YEAR BETWEEN date_from - INTERVAL 150 DAY AND date_from THEN russian_date(order_date + INTERVAL 2 YEAR)
        END AS suggestion,
    date_from AS date_from
FROM pairs_resolved
WHERE order_date < date_from - INTERVAL 150 DAY
    AND year(order_date) - (month(order_date) < 9)::INTEGER < year(date_from) - (month(date_from) < 9)::INTEGER
