SELECT organisation, workbook, sheet, "row", 'date_to' AS field, date_to AS value,
    -- the slip is mostly in the year: the same day of the first year in which it comes after the beginning
    CASE WHEN date_to + INTERVAL 1 YEAR > date_from THEN russian_date(date_to + INTERVAL 1 YEAR)
        WHEN date_to + INTERVAL 2 YEAR > date_from THEN russian_date(date_to + INTERVAL 2 YEAR) END AS suggestion,
    date_from AS date_from
FROM pairs_resolved
WHERE dates_reversed
