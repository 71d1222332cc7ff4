-- A later stage is there, an earlier one is not: said once per pair, at the first meeting beyond the gap. Silent where a
-- meeting's stage is unknown, and where one stage stands twice (that is the missing one, and is said there).
WITH stages AS (
    SELECT unit, stage, min("date") AS first_on, max("date") AS last_on,
        min("date") FILTER (accepted AND "date" <= getvariable('as_of') AND coalesce(inside, true)) AS on_date
    FROM meeting_pairs WHERE unit IS NOT NULL GROUP BY unit, stage
),
of_unit AS (
    SELECT unit, bool_or(stage IS NULL) AS unknown, max(stage) AS last, list(stage) FILTER (stage IS NOT NULL) AS stages
    FROM stages GROUP BY unit
),
gaps AS (
    SELECT unit, list_filter([1, 2, 3], lambda stage: stage < last AND NOT list_contains(stages, stage::TINYINT)) AS missing
    FROM of_unit WHERE NOT unknown
),
several AS (
    SELECT DISTINCT unit FROM stages WHERE stage IN (1, 2, 3) AND first_on < last_on
),
-- out of order: meeting-order or meeting-after-final says which stage is wrong, and so which is missing
disordered AS (
    SELECT DISTINCT a.unit FROM stages AS a JOIN stages AS b ON b.unit = a.unit AND b.stage < a.stage AND b.on_date > a.on_date
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
