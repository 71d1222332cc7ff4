SELECT organisation, n_potential AS value, workbook, sheet, "row" FROM profile_now
