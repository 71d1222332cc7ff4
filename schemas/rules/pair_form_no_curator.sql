-- A curator without a form looks after all of them; a coordinator after none in particular.
WITH curated AS (
    SELECT organisation, workbook, sheet, form, coalesce(list_contains(role, 'curator'), true) AS is_curator
    FROM curators
    WHERE coalesce(date_from <= getvariable('as_of'), true) AND coalesce(date_to >= getvariable('as_of'), true)
),
places AS (
    SELECT organisation, first(workbook ORDER BY workbook, sheet) AS workbook, first(sheet ORDER BY workbook, sheet) AS sheet
    FROM blocks WHERE "table" = 'curators' AND json_exists(columns, '$.form')
    GROUP BY organisation
),
running AS (
    SELECT DISTINCT organisation, form FROM pairs_resolved
    WHERE accepted AND is_active AND NOT has_error AND form IS NOT NULL AND form <> 'other'
)
SELECT r.organisation, l.workbook, l.sheet, NULL AS "row", 'form' AS field, form_title(r.form) AS form
FROM running AS r
JOIN places AS l USING (organisation)
WHERE EXISTS (SELECT 1 FROM curated AS c WHERE c.organisation = r.organisation)
    AND NOT EXISTS (SELECT 1 FROM curated AS c WHERE c.organisation = r.organisation AND c.is_curator
        AND (c.form IS NULL OR len(c.form) = 0 OR list_contains(c.form, r.form)))
