-- The district's number of enterprises, from its settings; no organisation knows it.
SELECT NULL::VARCHAR AS organisation, getvariable('n_enterprises') AS value,
       NULL::VARCHAR AS workbook, NULL::VARCHAR AS sheet, NULL::INTEGER AS "row"
