-- A passport of a day that has not come: a slip of the year. The row of the coming June, beside one of a day past, is no mistake.
SELECT p.organisation, p.workbook, p.sheet, p."row", 'as_of' AS field, p.as_of AS value,
    russian_date(coalesce(
        year_meant(p.as_of, make_date(left(p.school_year, 4)::INTEGER, 9, 1), make_date(left(p.school_year, 4)::INTEGER + 1, 8, 31)),
        year_meant(p.as_of, (getvariable('as_of') - INTERVAL 3 YEAR)::DATE, getvariable('as_of')))) AS suggestion,
    'future' AS why
FROM school_profile AS p
WHERE p.as_of > getvariable('as_of')
    AND (school_year(p.as_of) <> school_year(getvariable('as_of')) OR left(p.school_year, 4)::INTEGER <> school_year(p.as_of)
        OR NOT EXISTS (SELECT 1 FROM school_profile AS o WHERE o.organisation = p.organisation AND o.as_of <= getvariable('as_of')))
