-- A revocation after the last pair ended is history.
SELECT r.organisation, r.workbook, r.sheet, r."row", 'revoked_on' AS field, r.stops_on AS value
FROM registered_consents AS r
JOIN consent_of AS c ON c.person_key = r.person_key AND c.refused_on = r.stops_on
WHERE r.stops_on <= getvariable('as_of')
    AND EXISTS (SELECT 1 FROM pairs_resolved AS p WHERE (p.mentor_person = r.person_key OR p.mentee_person = r.person_key)
        AND p.accepted AND coalesce(p.status, 'active') <> 'broken' AND coalesce(p.ends > r.stops_on, p.status IS DISTINCT FROM 'finished')
        AND coalesce(p.starts <= getvariable('as_of'), true))
