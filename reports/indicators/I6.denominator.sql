SELECT organisation, person_key, workbook, sheet, "row" FROM entered WHERE role = 'mentor'
