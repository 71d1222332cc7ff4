SELECT organisation, person_key, workbook, sheet, "row" FROM exit_responses WHERE role = 'mentor'
