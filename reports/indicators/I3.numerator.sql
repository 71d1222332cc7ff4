SELECT organisation, person_key, workbook, sheet, "row"
FROM entered
WHERE role = 'mentee' AND kind = 'staff'
  AND experience_years <= getvariable('young_specialist_years')
