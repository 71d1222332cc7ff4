SELECT organisation, n_pupils + n_teachers AS value, workbook, sheet, "row" FROM profile_now
