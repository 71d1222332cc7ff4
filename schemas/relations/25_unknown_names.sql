-- relation: table
-- The names that are in no base, where the organisation keeps one.
SELECT organisation, role, name_key, in_pairs
FROM referred_names
WHERE how = 'none' AND NOT no_base
