-- relation: view
-- Meetings with the pair or group they belong to: its number in pairs_resolved.unit, NULL where none or several fit.
SELECT m.*, p.unit, p.n_units, p.inside,
    m.accepted AND m."date" <= getvariable('as_of') AND coalesce(p.inside, true) AS valid
FROM meetings AS m
JOIN meeting_pairs AS p ON p.meeting = m.rowid
