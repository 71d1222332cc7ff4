SELECT organisation, n_young AS value, workbook, sheet, "row" FROM profile_now
