-- relation: table, needs unknown_names
-- Mentors named by pairs who are in no base of their organisation, yet under the same full name in that of another one or in a
-- register of network mentors. Adults only: whether another school has a pupil of some name is not told.
WITH wanted AS (
    SELECT n.organisation, n.name_key FROM unknown_names AS n
    ANTI JOIN suggested_names AS s ON s.organisation = n.organisation AND s.role = n.role AND s.name_key = n.name_key
    WHERE n.role = 'mentor' AND n.in_pairs AND length(split_part(n.name_key, ' ', 2)) > 1 AND length(split_part(n.name_key, ' ', 3)) > 1
)
SELECT w.organisation, w.name_key, min(k.organisation) AS other, min(coalesce(o.name, k.organisation)) AS other_name
FROM wanted AS w
JOIN (
    SELECT organisation, name_key FROM known WHERE role = 'mentor' AND kind <> 'pupil'
    UNION ALL
    SELECT coalesce(o.organisation, w.organisation), w.network_mentor_key FROM network AS w LEFT JOIN organisation_names AS o ON o.name_key = w.mentor_org_key
) AS k ON k.name_key = w.name_key AND k.organisation <> w.organisation
LEFT JOIN (SELECT organisation, min(name) AS name FROM organisation_names GROUP BY organisation) AS o ON o.organisation = k.organisation
GROUP BY w.organisation, w.name_key
