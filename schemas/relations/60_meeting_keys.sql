-- relation: view
-- Every way the journals name a pair (number, mentor, mentee), once, with the pairs and groups it can mean.
SELECT u.key, j.organisation, j.pair_id, u.number, j.mentor_key, j.mentee_key, u.units, u.n_units, u.unit, u.starts, u.ends
FROM journal_names AS j
JOIN journal_units AS u ON u.key = j.rowid
