-- relation: table
-- Every organisation that handed something in: its own words for itself, its type, the tables it keeps.
SELECT w.organisation AS organisation,
    max(p.org_name) AS org_name,
    max(p.org_type) AS org_type,
    max(t.mentors) AS has_mentors,
    max(t.mentees) AS has_mentees,
    max(t.pairs) AS has_pairs,
    max(t.meetings) AS has_meetings,
    max(t.consents) AS has_consents,
    max(t.curators) AS has_curators
FROM (SELECT DISTINCT organisation FROM workbooks UNION SELECT DISTINCT organisation FROM tables) AS w
LEFT JOIN (
    SELECT organisation, max(org_name) AS org_name, max(org_type) AS org_type FROM school_profile GROUP BY organisation
) AS p USING (organisation)
LEFT JOIN (
    SELECT organisation,
        bool_or("table" = 'mentors' AND rows_read > 0) AS mentors,
        bool_or("table" = 'mentees' AND rows_read > 0) AS mentees,
        bool_or("table" = 'pairs' AND rows_accepted > 0) AS pairs,
        bool_or("table" = 'meetings' AND rows_accepted > 0) AS meetings,
        bool_or("table" = 'consents' AND rows_accepted > 0) AS consents,
        bool_or("table" = 'curators') AS curators
    FROM tables GROUP BY organisation
) AS t USING (organisation)
GROUP BY w.organisation
