-- Questionnaires that count as of the date: of each respondent the latest per role, form, stage and school year
-- (domain.md §3.9). ``respondent`` is the person, or the name or code typed where the base knows no such person; an answer
-- without a name, or with one that tells nobody apart, is a respondent of its own and not ``identified``.
-- ``year``: the first calendar year of the school year the answer belongs to; entry questionnaires of July and August
-- are for the year to come, an answer without a date counts in every year. ``takes_part``: is the person among the
-- participants of this school year? NULL where nobody knows who it is.
WITH named AS (
  SELECT q.*, r.person_key,
         CASE WHEN r.person_key IS NOT NULL THEN r.person_key
              -- one word without a figure is a first name as likely as not; several may bear it
              WHEN coalesce(r.candidates, 0) = 0 AND regexp_matches(q.full_name_key, '[ 0-9]')
              THEN concat_ws('|', q.organisation, q.full_name_key) END AS told,
         coalesce(school_year(CASE q.stage WHEN 'before' THEN q."timestamp" + INTERVAL 2 MONTH ELSE q."timestamp" END),
                  left(getvariable('school_year'), 4)::BIGINT) AS year
  FROM questionnaires q
  LEFT JOIN refs r
    ON r."table" = 'questionnaires' AND r.organisation = q.organisation AND r.workbook = q.workbook
   AND r.sheet = q.sheet AND r."row" = q."row" AND r.part = q.part AND r.field = 'full_name'
   -- two questionnaires may lie side by side in the rows of one sheet
   AND r.role = q.role AND r.name_key = q.full_name_key
  WHERE q.accepted AND q.role IN ('mentor', 'mentee') AND q.stage IS NOT NULL
    AND (q."timestamp" IS NULL OR CAST(q."timestamp" AS DATE) <= getvariable('as_of'))
),
answers AS (
  SELECT * EXCLUDE (told), told IS NOT NULL AS identified,
         coalesce(told, 'row ' || concat_ws('/', workbook, sheet, "row", part)) AS respondent
  FROM named
)
SELECT a.* EXCLUDE (person_key),
       CASE WHEN a.person_key IS NOT NULL THEN p.person_key IS NOT NULL END AS takes_part,
       coalesce(a.form, p.form) AS pair_form
FROM answers a
LEFT JOIN participants p ON p.organisation = a.organisation AND p.role = a.role AND p.person_key = a.person_key
QUALIFY row_number() OVER (
  PARTITION BY a.organisation, a.role, a.stage, a.form, a.respondent, a.year
  ORDER BY a."timestamp" DESC NULLS LAST, a.workbook DESC, a.sheet DESC, a."row" DESC, a.part DESC
) = 1
