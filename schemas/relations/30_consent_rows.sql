-- relation: table
-- Every statement about a person's consent, from the bases' own column and from the table of consents.
-- given: yes or no; given_on: its date if told; stops_on: revoked from that date (a refusal without a date: from the start).
SELECT b.person_key, b.organisation, b.role, 'base' AS source, CASE b.role WHEN 'mentor' THEN 'mentors' ELSE 'mentees' END AS "table",
    b.workbook, b.sheet, b."row", b.part, NULL::VARCHAR AS signed_by,
    b.consent AS given, b.consent_date AS given_on, NULL::DATE AS valid_to,
    CASE WHEN NOT b.consent THEN DATE '1900-01-01' END AS stops_on
FROM base AS b
WHERE b.role IN ('mentor', 'mentee') AND b.person_key IS NOT NULL AND b.consent IS NOT NULL
UNION ALL
SELECT unnest(n.persons), c.organisation, c.role, 'consents', 'consents', c.workbook, c.sheet, c."row", c.part, c.signed_by,
    true, c."date", c.valid_to, c.revoked_on
FROM consents AS c
JOIN names AS n ON n.organisation = c.organisation AND n.role = coalesce(c.role, 'any') AND n.name_key = c.full_name_key
WHERE n.candidates > 0 AND coalesce(c.kind::VARCHAR, '') NOT IN ('labour', '[labour]')
    AND NOT EXISTS (SELECT 1 FROM bad_cells AS x WHERE x.organisation = c.organisation AND x.workbook = c.workbook
        AND x.sheet = c.sheet AND x."row" = c."row" AND x.field = 'revoked_on')
