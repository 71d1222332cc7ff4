-- relation: table
-- The names that do not say outright who is meant: initials, or a name several persons of the base bear.
SELECT organisation, role, name_key, in_pairs, how, persons, candidates
FROM referred_names
WHERE candidates > 1 OR how = 'initials'
