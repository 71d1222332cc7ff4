-- relation: table, needs meetings
-- Every meeting by its line in the store (meetings.rowid): the one pair or group it belongs to, NULL where none or several
-- fit; inside: within that pair's span (NULL where unknown); stage 1 (org) to 5 (final). Where a pair was renewed, the date
-- says which of its spans is meant.
WITH here AS (
    SELECT m.rowid AS meeting, k.key, k.unit, k.n_units::INTEGER AS n_units, k.starts, k.ends, m.accepted, m."date",
        list_position(['org', 'trial', 'planning', 'regular', 'final'], m.stage)::TINYINT AS stage
    FROM meetings AS m
    JOIN meeting_keys AS k ON k.organisation = m.organisation AND k.pair_id IS NOT DISTINCT FROM m.pair_id
        AND k.mentor_key IS NOT DISTINCT FROM m.mentor_key AND k.mentee_key IS NOT DISTINCT FROM m.mentee_key
),
several AS (
    SELECT h.meeting,
        CASE WHEN count(*) FILTER (h."date" >= u.starts AND h."date" <= coalesce(u.ends, DATE '2999-12-31')) = 1
            THEN max(u.unit) FILTER (h."date" >= u.starts AND h."date" <= coalesce(u.ends, DATE '2999-12-31')) END AS unit,
        bool_or(coalesce(h."date" >= u.starts AND h."date" <= coalesce(u.ends, DATE '2999-12-31'), true)) AS inside
    FROM (
        SELECT h.meeting, h."date", unnest(k.units) AS unit FROM here AS h JOIN meeting_keys AS k USING (key) WHERE h.n_units > 1
    ) AS h
    JOIN units AS u USING (unit)
    GROUP BY h.meeting
)
SELECT h.meeting, h.key, h.unit, h.n_units, h.accepted, h."date", h.stage,
    h."date" >= h.starts AND h."date" <= coalesce(h.ends, DATE '2999-12-31') AS inside
FROM here AS h WHERE h.n_units <= 1
UNION ALL
SELECT h.meeting, h.key, s.unit, h.n_units, h.accepted, h."date", h.stage, s.inside
FROM here AS h JOIN several AS s USING (meeting)
