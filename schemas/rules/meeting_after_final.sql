-- Of each meeting after it; where most of a pair's meetings come after it, the final one is misplaced, and it is said there.
-- A group's members may each have a final one of their own: the group goes on until the last of them.
WITH called_final AS (
    SELECT unit, meeting, "date" FROM meeting_pairs
    WHERE stage = 5 AND unit IS NOT NULL AND accepted AND "date" <= getvariable('as_of') AND coalesce(inside, true)
),
several AS (SELECT unit FROM called_final GROUP BY unit HAVING min("date") < max("date")),
members AS (
    SELECT c.unit, min(c."date") AS final_on, arg_min(c.meeting, (c."date", c.meeting)) AS final_meeting
    FROM called_final AS c
    SEMI JOIN several USING (unit)
    JOIN units AS u ON u.unit = c.unit
    JOIN meetings AS m ON m.rowid = c.meeting
    GROUP BY c.unit, CASE WHEN u.size > 1 THEN m.mentee_key END
),
finals AS (
    SELECT unit, min("date") AS final_on, arg_min(meeting, ("date", meeting)) AS final_meeting
    FROM called_final ANTI JOIN several USING (unit) GROUP BY unit
    UNION ALL
    SELECT unit, max(final_on), arg_max(final_meeting, (final_on, final_meeting)) FROM members GROUP BY unit
),
placed AS (
    SELECT p.meeting, p.unit, p."date", f.final_on, f.final_meeting, p."date" > f.final_on AS after,
        count(*) FILTER (p."date" > f.final_on) OVER (PARTITION BY p.unit) AS n_after,
        count(*) FILTER (p."date" < f.final_on) OVER (PARTITION BY p.unit) AS n_before
    FROM meeting_pairs AS p
    JOIN finals AS f USING (unit)
    WHERE p.accepted AND p."date" <= getvariable('as_of') AND coalesce(p.inside, true)
)
SELECT m.organisation, m.workbook, m.sheet, m."row", 'stage' AS field,
    stage_title(list_position(['org', 'trial', 'planning', 'regular', 'final'], m.stage)) AS value, p.final_on AS final_on
FROM placed AS p
JOIN meetings AS m ON m.rowid = p.meeting
WHERE p.after AND p.n_after <= greatest(p.n_before, 1)
UNION ALL
SELECT DISTINCT m.organisation, m.workbook, m.sheet, m."row", 'stage', stage_title(5), p.final_on
FROM placed AS p
JOIN meetings AS m ON m.rowid = p.final_meeting
WHERE p.n_after > greatest(p.n_before, 1)
