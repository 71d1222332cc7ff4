-- Which enterprise each mentor from outside the organisation comes from. ``enterprise`` is one key per enterprise of the
-- whole district: its ИНН where any organisation's list of enterprises tells it, else its name without legal form and
-- quotes (tables.md, question 6). ``enterprise_keys`` (typed name → key) is made before this relation is read.
WITH named AS (
  SELECT m.organisation, m.workbook, m.sheet, m."row", m.part, k.key,
         coalesce(m.enterprise_id, m.workplace) AS enterprise_name
  FROM mentors m
  JOIN enterprise_keys k
    ON k.name = CASE WHEN m.enterprise_id IS NOT NULL THEN m.enterprise_id
                     WHEN m.category IN ('enterprise', 'entrepreneur') THEN m.workplace END
  WHERE m.accepted AND coalesce(m.category, '') NOT IN ('pupil', 'teacher')
),
own_inn AS (
  SELECT e.organisation, k.key, min(e.inn) AS inn
  FROM enterprises e JOIN enterprise_keys k ON k.name = e.name
  WHERE e.accepted AND e.inn IS NOT NULL
  GROUP BY ALL
),
-- A name known elsewhere in the district under one ИНН only is that enterprise; under several it stays its own.
known_inn AS (
  SELECT key, min(inn) AS inn FROM own_inn GROUP BY key HAVING count(DISTINCT inn) = 1
)
SELECT n.organisation, n.workbook, n.sheet, n."row", n.part, n.enterprise_name,
       coalesce(o.inn, d.inn, n.key) AS enterprise
FROM named n
LEFT JOIN own_inn o ON o.organisation = n.organisation AND o.key = n.key
LEFT JOIN known_inn d ON d.key = n.key
