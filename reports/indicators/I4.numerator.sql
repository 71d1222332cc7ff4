-- Here the «persons» are enterprises: one line per mentor of theirs who was in a pair this year.
SELECT e.organisation, m.enterprise AS person_key, e.workbook, e.sheet, e."row"
FROM entered e
JOIN base b ON b.role = 'mentor' AND b.organisation = e.organisation AND b.person_key = e.person_key
JOIN enterprise_mentors m
  ON m.organisation = b.organisation AND m.workbook = b.workbook AND m.sheet = b.sheet
 AND m."row" = b."row" AND m.part = b.part
WHERE e.role = 'mentor'
