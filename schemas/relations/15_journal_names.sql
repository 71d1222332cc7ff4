-- relation: table, needs meetings
-- Every way the journals name a pair (number, mentor, mentee), once: there are a hundred meetings to each.
SELECT DISTINCT organisation, pair_id, mentor_key, mentee_key FROM meetings
