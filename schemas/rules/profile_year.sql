-- The school year runs from 1 September to 31 August; in the summer the coming one may be meant, or the one just over. A day that
-- has not come yet is said itself (period-dates).
SELECT organisation, workbook, sheet, "row", 'school_year' AS field, school_year AS value,
    concat(school_year(as_of), '-', school_year(as_of) + 1) AS suggestion, as_of AS as_of
FROM school_profile
WHERE as_of <= getvariable('as_of') AND left(school_year, 4)::INTEGER <> school_year(as_of)
    AND NOT (month(as_of) BETWEEN 6 AND 8 AND left(school_year, 4)::INTEGER = year(as_of))
