-- The one row of the school profile («паспорт ОО») that a period's denominators are taken from, per organisation:
-- the latest one dated on or before the as-of date within a year before it; else a row without a date of that school
-- year; else the first one dated later in that school year.
SELECT organisation, workbook, sheet, "row", org_name, org_type, school_year, as_of,
       n_pupils, n_10_18, n_potential, n_15_18, n_teachers, n_young
FROM school_profile
WHERE accepted
  AND CASE
        WHEN as_of <= getvariable('as_of') THEN as_of > getvariable('as_of') - INTERVAL 1 YEAR
        WHEN as_of IS NULL THEN school_year IS NULL OR school_year = getvariable('school_year')
        ELSE school_year = getvariable('school_year')
      END
QUALIFY row_number() OVER (
  PARTITION BY organisation
  ORDER BY CASE WHEN as_of <= getvariable('as_of') THEN 1 WHEN as_of IS NULL THEN 2 ELSE 3 END,
           abs(date_diff('day', as_of, getvariable('as_of'))),
           (school_year IS NULL), workbook, sheet, "row" DESC
) = 1
