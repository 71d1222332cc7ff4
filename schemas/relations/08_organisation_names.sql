-- relation: table
-- Names by which organisations are known: those of their profiles and of the district's own list (told_names); place: the name as
-- places are compared.
SELECT organisation, name, name_key, folded(name) AS place
FROM (
    SELECT organisation, org_name AS name, org_name_key AS name_key FROM school_profile WHERE org_name_key IS NOT NULL
    UNION
    SELECT organisation, name, name_key FROM told_names WHERE name_key IS NOT NULL
)
