SELECT organisation, n_15_18 AS value, workbook, sheet, "row" FROM profile_now
