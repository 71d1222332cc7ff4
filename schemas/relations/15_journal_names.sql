-- relation: table
-- Every way the journals name a pair (number, mentor, mentee), once: there are a hundred meetings to each.
SELECT organisation, pair_id, mentor_key, mentee_key, any_value(mentor) AS mentor, any_value(mentee) AS mentee
FROM meetings
GROUP BY organisation, pair_id, mentor_key, mentee_key
