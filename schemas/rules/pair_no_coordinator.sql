-- An organisation with pairs needs one; where no list of curators was handed in at all, that is only a warning.
SELECT o.organisation, NULL AS workbook, NULL AS sheet, NULL AS "row", NULL AS field,
    CASE WHEN coalesce(o.has_curators, false) THEN 'error' ELSE 'warning' END AS severity
FROM organisations AS o
WHERE o.has_pairs AND NOT EXISTS (
    SELECT 1 FROM curators AS c
    WHERE c.organisation = o.organisation AND coalesce(c.date_from <= getvariable('as_of'), true)
        AND coalesce(c.date_to >= getvariable('as_of'), true))
