-- relation: table, needs consents
-- Every statement of the table of consents, for each person the name in it can mean.
SELECT unnest(n.persons) AS person_key, c.organisation, c.role, c.workbook, c.sheet, c."row", c.part, c.signed_by,
    c."date" AS given_on, c.valid_to, c.revoked_on AS stops_on
FROM consents AS c
JOIN names AS n ON n.organisation = c.organisation AND n.role = coalesce(c.role, 'any') AND n.name_key = c.full_name_key
WHERE n.candidates > 0 AND coalesce(c.kind::VARCHAR, '') NOT IN ('labour', '[labour]')
    AND NOT EXISTS (SELECT 1 FROM bad_cells AS x WHERE x.organisation = c.organisation AND x.workbook = c.workbook
        AND x.sheet = c.sheet AND x."row" = c."row" AND x.field = 'revoked_on')
