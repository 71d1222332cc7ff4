-- Pairs are kept, but nothing says of how many people: the indicators will be «нет данных». Or the passport is of another year.
SELECT o.organisation, x.workbook, x.sheet, x."row", x.field AS field, x.as_of AS value, CASE WHEN x.organisation IS NULL THEN 'none' ELSE 'old' END AS why
FROM organisations AS o
LEFT JOIN (
    SELECT organisation, workbook, sheet, "row", 'as_of' AS field, as_of FROM school_profile WHERE as_of IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY organisation ORDER BY as_of DESC, workbook, sheet, "row") = 1
) AS x USING (organisation)
WHERE o.has_pairs AND CASE WHEN x.organisation IS NULL
    THEN NOT EXISTS (SELECT 1 FROM school_profile AS s WHERE s.organisation = o.organisation)
    ELSE x.as_of <= getvariable('as_of') - INTERVAL 1 YEAR
        AND NOT EXISTS (SELECT 1 FROM school_profile AS s WHERE s.organisation = o.organisation AND s.as_of IS NULL) END
