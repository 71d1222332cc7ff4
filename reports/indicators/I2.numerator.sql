SELECT organisation, person_key, workbook, sheet, "row"
FROM entered
WHERE role = 'mentor' AND kind = 'pupil'
  AND age BETWEEN getvariable('mentor_age_from') AND getvariable('mentor_age_to')
