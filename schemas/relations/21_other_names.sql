-- relation: table
-- Further names a person of a base answers to: the one written where the people ledger says whose row it is, and the usual
-- order of a name whose parts stand in another (turned_names) while nobody else bears it.
SELECT DISTINCT organisation, role, person_key, written_key AS name_key, string_split(written_key, ' ') AS words
FROM base
WHERE written_key <> name_key AND person_key IS NOT NULL
UNION
SELECT k.organisation, k.role, k.person_key, t.turned_key, string_split(t.turned_key, ' ')
FROM known AS k
JOIN turned_names AS t ON t.organisation = k.organisation AND t.name_key = k.name_key
WHERE (k.organisation, k.role, t.turned_key) NOT IN (SELECT (organisation, role, name_key) FROM known)
