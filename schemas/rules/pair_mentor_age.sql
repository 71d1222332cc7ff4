SELECT organisation, workbook, sheet, "row", 'category' AS field, birth_year AS birth_year,
    age_now AS age, getvariable('pupil_mentor_age') AS minimum
FROM base
WHERE role = 'mentor' AND kind = 'pupil' AND birth_year < year(getvariable('as_of'))
    AND age_now < getvariable('pupil_mentor_age')
    AND age_now >= getvariable('pupil_age_from')
