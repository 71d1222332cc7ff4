-- «До» within the pair's first month; «после» not before the final meeting. With several pairs one of them is enough.
WITH answers AS (
    SELECT q.rowid AS answer, q.role, q."timestamp"::DATE AS on_date, n.persons[1] AS person
    FROM questionnaires AS q
    JOIN names AS n ON n.organisation = q.organisation AND n.role = q.role AND n.name_key = q.full_name_key AND n.candidates = 1
    WHERE q.accepted AND q."timestamp" IS NOT NULL AND q.stage IN ('before', 'after')
),
finals AS (
    SELECT unit, min("date") AS final_on FROM meeting_pairs
    WHERE stage = 5 AND unit IS NOT NULL AND accepted AND coalesce(inside, true) AND "date" <= getvariable('as_of') GROUP BY unit
),
pairs_of AS (
    SELECT 'mentor' AS role, mentor_person AS person, starts, unit FROM pairs_resolved WHERE mentor_is_known AND accepted AND NOT has_error
    UNION ALL
    SELECT 'mentee', mentee_person, starts, unit FROM pairs_resolved WHERE mentee_is_known AND accepted AND NOT has_error
),
judged AS (
    SELECT a.answer, a.on_date, max(p.starts) AS starts, min(f.final_on) AS final_on,
        bool_or(p.starts IS NULL OR a.on_date <= p.starts + INTERVAL 1 MONTH) AS in_time,
        bool_or(f.final_on IS NULL OR a.on_date >= f.final_on) AS after_final
    FROM answers AS a
    JOIN pairs_of AS p ON p.role = a.role AND p.person = a.person
    LEFT JOIN finals AS f USING (unit)
    GROUP BY a.answer, a.on_date
)
SELECT q.organisation, q.workbook, q.sheet, q."row", 'timestamp' AS field, russian_date(j.on_date) AS value, q.stage AS stage,
    CASE q.stage WHEN 'before' THEN j.starts ELSE j.final_on END AS boundary
FROM judged AS j
JOIN questionnaires AS q ON q.rowid = j.answer
WHERE (q.stage = 'before' AND NOT j.in_time) OR (q.stage = 'after' AND NOT j.after_final)
