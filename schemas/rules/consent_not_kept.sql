-- Neither a column in a base nor a table of consents: one finding for the organisation, not one per person.
SELECT o.organisation, NULL AS workbook, NULL AS sheet, NULL AS "row", NULL AS field
FROM organisations AS o
WHERE (o.has_mentors OR o.has_mentees) AND o.has_pairs AND NOT coalesce(o.has_consents, false)
    AND NOT EXISTS (SELECT 1 FROM blocks AS x WHERE x.organisation = o.organisation AND x."table" = 'consents')
    AND NOT EXISTS (SELECT 1 FROM blocks AS x WHERE x.organisation = o.organisation AND x."table" IN ('mentors', 'mentees')
        AND json_exists(x.columns, '$.consent'))
