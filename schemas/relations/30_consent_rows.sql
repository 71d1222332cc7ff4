-- relation: view
-- Every statement about a person's consent, from the bases' own column and from the table of consents.
-- given: yes or no; given_on: its date if told; stops_on: revoked from that date (a refusal without a date: from the start).
SELECT b.person_key, b.organisation, b.role, 'base' AS source, CASE b.role WHEN 'mentor' THEN 'mentors' ELSE 'mentees' END AS "table",
    b.workbook, b.sheet, b."row", b.part, NULL::VARCHAR AS signed_by,
    b.consent AS given, b.consent_date AS given_on, NULL::DATE AS valid_to,
    CASE WHEN NOT b.consent THEN DATE '1900-01-01' END AS stops_on
FROM base AS b
WHERE b.role IN ('mentor', 'mentee') AND b.person_key IS NOT NULL AND b.consent IS NOT NULL
UNION ALL
SELECT person_key, organisation, role, 'consents', 'consents', workbook, sheet, "row", part, signed_by, true, given_on, valid_to, stops_on
FROM registered_consents
