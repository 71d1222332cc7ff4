-- Which enterprise each mentor from outside the organisation comes from: by the mentor's own row, else by the enterprise's
-- list of its mentors. ``enterprise`` is one key per enterprise of the whole district: its ИНН where any organisation's
-- list of enterprises tells it, else its name without legal form and quotes (tables.md, question 6).
-- ``enterprise_keys`` and ``enterprise_lists`` are made before this relation is read (reporting/figures.py).
WITH listed AS (
  SELECT organisation, name_key, min(name) AS name FROM enterprise_lists GROUP BY ALL
),
named AS (
  SELECT m.organisation, m.workbook, m.sheet, m."row", m.part,
         coalesce(m.enterprise_id, l.name,
                  CASE WHEN m.category IN ('enterprise', 'entrepreneur') THEN m.workplace END) AS name
  FROM mentors m
  LEFT JOIN listed l ON l.organisation = m.organisation AND l.name_key = m.full_name_key
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
SELECT n.organisation, n.workbook, n.sheet, n."row", n.part, n.name AS enterprise_name,
       coalesce(o.inn, d.inn, k.key) AS enterprise
FROM named n
JOIN enterprise_keys k ON k.name = n.name
LEFT JOIN own_inn o ON o.organisation = n.organisation AND o.key = k.key
LEFT JOIN known_inn d ON d.key = k.key
