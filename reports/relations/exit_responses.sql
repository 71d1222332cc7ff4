-- Exit questionnaires as of the date, one line per respondent and role: the latest answer of each person who was in a
-- pair this year. ``satisfied``: the mean of «довольны совместной работой» and «довольны результатом» reaches the
-- threshold (domain.md §4.2); NULL when neither item was answered. An answer without a name is a respondent of its own.
WITH participants AS (
  SELECT DISTINCT organisation, role, person_key FROM entered
),
answers AS (
  SELECT q.organisation, q.role, q.workbook, q.sheet, q."row", q."timestamp",
         CASE WHEN q.full_name IS NULL THEN 'row ' || concat_ws('/', q.workbook, q.sheet, q."row") ELSE r.person_key END AS person_key,
         q.full_name IS NULL AS anonymous,
         CASE WHEN q.q_joint_work IS NULL THEN q.q_result WHEN q.q_result IS NULL THEN q.q_joint_work
              ELSE (q.q_joint_work + q.q_result) / 2 END AS satisfaction
  FROM questionnaires q
  LEFT JOIN refs r
    ON r."table" = 'questionnaires' AND r.organisation = q.organisation AND r.workbook = q.workbook
   AND r.sheet = q.sheet AND r."row" = q."row" AND r.part = q.part
   AND r.field = 'full_name' AND r.person_key IS NOT NULL
  WHERE q.accepted AND q.stage = 'after'
    AND (q."timestamp" IS NULL OR CAST(q."timestamp" AS DATE) <= getvariable('as_of'))
)
SELECT organisation, role, person_key, workbook, sheet, "row", satisfaction,
       satisfaction >= getvariable('satisfied') AS satisfied
FROM answers
WHERE satisfaction IS NOT NULL
  AND (anonymous OR (organisation, role, person_key) IN (SELECT organisation, role, person_key FROM participants))
QUALIFY row_number() OVER (
  PARTITION BY organisation, role, person_key
  ORDER BY "timestamp" DESC NULLS LAST, workbook, sheet, "row" DESC
) = 1
