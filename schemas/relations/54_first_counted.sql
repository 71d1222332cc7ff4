-- relation: table
-- Every person, by role, with a counted pair whose period meets 1 January … as-of of the calendar year. A name that several
-- persons of the base may bear is one of them, nobody more: who it is stays open, and it adds no person. line: the first of those
-- pairs (pairs_resolved.line).
WITH taking_part AS (
    SELECT organisation, 'mentor' AS role, mentor_person AS person_key, line FROM counted_pairs
    WHERE coalesce(ends >= date_trunc('year', getvariable('as_of')), true) AND mentor_person IS NOT NULL
        AND (mentor_is_known OR mentor_candidates <= 1)
    UNION ALL
    SELECT organisation, 'mentee', mentee_person, line FROM counted_pairs
    WHERE coalesce(ends >= date_trunc('year', getvariable('as_of')), true) AND mentee_person IS NOT NULL
        AND (mentee_is_known OR mentee_candidates <= 1)
)
SELECT organisation, role, person_key, min(line) AS line FROM taking_part GROUP BY organisation, role, person_key
