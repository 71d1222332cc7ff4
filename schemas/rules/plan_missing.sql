-- Only where the organisation keeps plans, for most of its pairs: a running pair under way for a month has none. A plan names its
-- pair by number or by names.
WITH planned AS (
    SELECT DISTINCT p.unit
    FROM pairs_resolved AS p
    JOIN plans AS n ON n.organisation = p.organisation AND (pair_number(n.pair_id) = p.number
        OR (one_person(string_split(n.mentor_key, ' '), string_split(p.mentor_key, ' '))
            AND (n.mentee_key IS NULL OR one_person(string_split(n.mentee_key, ' '), string_split(p.mentee_key, ' '))))
        OR (n.mentor_key IS NULL AND one_person(string_split(n.mentee_key, ' '), string_split(p.mentee_key, ' '))))
),
watched AS (
    SELECT u.*, n.unit IS NOT NULL AS has_plan,
        count(*) FILTER (n.unit IS NOT NULL) OVER (PARTITION BY u.organisation) AS with_plan, count(*) OVER (PARTITION BY u.organisation) AS of_all
    FROM units AS u LEFT JOIN planned AS n USING (unit)
    WHERE u.is_active
)
SELECT p.organisation, p.workbook, p.sheet, p."row", NULL AS field
FROM watched AS w
JOIN pairs_resolved AS p ON p.line = w.line AND p.accepted AND NOT p.has_error
WHERE NOT w.has_plan AND w.with_plan * 2 > w.of_all AND w.starts + INTERVAL 1 MONTH < getvariable('as_of')
    -- plans that name nobody, or somebody unknown, may be this pair's
    AND NOT EXISTS (SELECT 1 FROM plans AS n WHERE n.organisation = w.organisation AND n.pair_id IS NULL AND n.mentor_key IS NULL AND n.mentee_key IS NULL)
    AND NOT EXISTS (SELECT 1 FROM refs AS r WHERE r.organisation = w.organisation AND r."table" = 'plans' AND r.how = 'none')
