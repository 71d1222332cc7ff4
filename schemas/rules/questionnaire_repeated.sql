-- One answer per person, role, form and stage; the latest by time counts, so the earlier ones are named.
WITH answers AS (
    SELECT q.rowid AS answer, q.organisation, q.role, q.stage, q.form,
        coalesce(CASE WHEN n.candidates = 1 THEN n.persons[1] END, q.full_name_key) AS person
    FROM questionnaires AS q
    JOIN names AS n ON n.organisation = q.organisation AND n.role = coalesce(q.role, 'any') AND n.name_key = q.full_name_key
    WHERE q.accepted AND contains(q.full_name_key, ' ') AND q.stage IS NOT NULL
        AND NOT (n.candidates > 1)
),
repeated AS (
    SELECT q.organisation, q.workbook, q.sheet, q."row", q.full_name, q."timestamp", q.role, q.stage, q.form, a.person
    FROM answers AS a
    JOIN questionnaires AS q ON q.rowid = a.answer
    WHERE (a.organisation, a.person) IN (SELECT (organisation, person) FROM answers GROUP BY organisation, role, stage, form, person HAVING count(*) > 1)
)
SELECT organisation, workbook, sheet, "row", 'full_name' AS field, full_name AS value,
    last("row") OVER w AS other_row, nullif(last(sheet) OVER w, sheet) AS other_sheet
FROM repeated
WINDOW w AS (PARTITION BY organisation, role, stage, form, person ORDER BY "timestamp" NULLS FIRST, workbook, sheet, "row"
    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
QUALIFY row_number() OVER (PARTITION BY organisation, role, stage, form, person
    ORDER BY "timestamp" DESC NULLS LAST, workbook DESC, sheet DESC, "row" DESC) > 1
