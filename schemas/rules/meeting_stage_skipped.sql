-- A later stage is there, an earlier one is not: said once per pair, at the first meeting beyond the gap. Silent where a
-- meeting's stage is unknown, and where one stage stands twice (that is the missing one, and is said there).
WITH of_unit AS (
    SELECT p.unit, bool_or(p.stage IS NULL) AS unknown, max(p.stage) AS last,
        list(DISTINCT p.stage) FILTER (p.stage IS NOT NULL) AS stages
    FROM meeting_pairs AS p WHERE p.unit IS NOT NULL GROUP BY p.unit
),
gaps AS (
    SELECT unit, list_filter([1, 2, 3], lambda stage: stage < last AND NOT list_contains(stages, stage::TINYINT)) AS missing
    FROM of_unit WHERE NOT unknown
),
several AS (
    SELECT DISTINCT unit FROM meeting_pairs AS p WHERE p.stage IN (1, 2, 3) AND p.unit IS NOT NULL
    GROUP BY p.unit, p.stage HAVING count(DISTINCT p."date") > 1
),
-- out of order: meeting-order or meeting-after-final says which stage is wrong, and so which is missing
firsts AS (
    SELECT unit, stage, min("date") AS on_date FROM meeting_pairs
    WHERE unit IS NOT NULL AND stage IS NOT NULL AND accepted AND "date" <= getvariable('as_of') AND coalesce(inside, true)
    GROUP BY unit, stage
),
disordered AS (
    SELECT DISTINCT a.unit FROM firsts AS a JOIN firsts AS b ON b.unit = a.unit AND b.stage < a.stage AND b.on_date > a.on_date
),
elsewhere AS (SELECT unnest(k.units) AS unit FROM meeting_keys AS k WHERE k.n_units > 1),
first_beyond AS (
    SELECT g.unit, g.missing, arg_min(p.meeting, (p."date", p.meeting)) AS meeting
    FROM gaps AS g
    JOIN meeting_pairs AS p ON p.unit = g.unit AND p.stage > g.missing[1] AND p.accepted AND p."date" <= getvariable('as_of') AND coalesce(p.inside, true)
    WHERE len(g.missing) > 0 AND g.unit NOT IN (SELECT unit FROM several) AND g.unit NOT IN (SELECT unit FROM elsewhere)
        AND g.unit NOT IN (SELECT unit FROM disordered)
    GROUP BY ALL
)
SELECT m.organisation, m.workbook, m.sheet, m."row", 'stage' AS field,
    stage_title(list_position(['org', 'trial', 'planning', 'regular', 'final'], m.stage)) AS value,
    array_to_string(list_transform(f.missing, lambda stage: stage_title(stage)), ', ') AS missing
FROM first_beyond AS f
JOIN meetings AS m ON m.rowid = f.meeting
