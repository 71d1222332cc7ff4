-- The first meetings of the stages should follow each other. Of all ways to leave out stages so that the rest are in order,
-- the one that leaves out fewest is taken (of equals the one that keeps the early stages): what it leaves out is out of place.
-- What comes after the final meeting is said by meeting-after-final.
WITH firsts AS (
    SELECT unit, stage, min("date") AS on_date FROM meeting_pairs
    WHERE unit IS NOT NULL AND stage < 5 AND accepted AND "date" <= getvariable('as_of') AND coalesce(inside, true)
    GROUP BY unit, stage
),
disordered AS (
    SELECT DISTINCT a.unit FROM firsts AS a JOIN firsts AS b ON b.unit = a.unit AND a.stage < b.stage AND a.on_date > b.on_date
),
choices AS (
    SELECT d.unit, c.mask
    FROM disordered AS d CROSS JOIN (SELECT unnest(range(1, 32)) AS mask) AS c
    WHERE NOT EXISTS (
        SELECT 1 FROM firsts AS a JOIN firsts AS b ON b.unit = a.unit AND a.stage < b.stage AND a.on_date > b.on_date
        WHERE a.unit = d.unit AND (c.mask >> (a.stage - 1)) & 1 = 1 AND (c.mask >> (b.stage - 1)) & 1 = 1)
),
kept AS (
    SELECT c.unit, c.mask,
        (SELECT count(*) FROM firsts AS f WHERE f.unit = c.unit AND (c.mask >> (f.stage - 1)) & 1 = 1) AS stages
    FROM choices AS c
),
best AS (
    -- the earlier a stage the more it weighs among equals
    SELECT unit, arg_max(mask, (stages, (mask & 1) * 16 + (mask & 2) * 4 + (mask & 4) + (mask & 8) // 4 + (mask & 16) // 16)) AS mask
    FROM kept GROUP BY unit
),
misplaced AS (
    SELECT f.unit, f.stage, f.on_date, min(p.meeting) AS meeting
    FROM best AS b
    JOIN firsts AS f ON f.unit = b.unit AND (b.mask >> (f.stage - 1)) & 1 = 0
    JOIN meeting_pairs AS p ON p.unit = f.unit AND p.stage = f.stage AND p."date" = f.on_date AND p.accepted AND coalesce(p.inside, true)
    GROUP BY ALL
)
SELECT m.organisation, m.workbook, m.sheet, m."row", 'stage' AS field, stage_title(f.stage) AS value,
    -- of two meetings that changed places the first takes the stage of the second
    CASE WHEN (SELECT count(*) FROM firsts AS g WHERE g.unit = f.unit AND g.stage < f.stage AND g.on_date > f.on_date) = 1
        THEN (SELECT stage_title(min(g.stage)) FROM firsts AS g WHERE g.unit = f.unit AND g.stage < f.stage AND g.on_date > f.on_date) END AS suggestion
FROM misplaced AS f
JOIN meetings AS m ON m.rowid = f.meeting
