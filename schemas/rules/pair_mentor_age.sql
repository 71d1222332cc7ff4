SELECT organisation, workbook, sheet, "row", 'category' AS field, birth_year AS birth_year,
    years_at(birth, birth_year, getvariable('as_of')) AS age, getvariable('pupil_mentor_age') AS minimum
FROM base
WHERE role = 'mentor' AND kind = 'pupil' AND birth_year < year(getvariable('as_of'))
    AND years_at(birth, birth_year, getvariable('as_of')) < getvariable('pupil_mentor_age')
    AND years_at(birth, birth_year, getvariable('as_of')) >= getvariable('pupil_age_from')
