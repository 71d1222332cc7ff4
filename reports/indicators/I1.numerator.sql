SELECT e.organisation, e.person_key, e.workbook, e.sheet, e."row"
FROM entered e
WHERE e.role = 'mentee' AND e.kind = 'pupil'
  AND e.age BETWEEN getvariable('mentee_age_from') AND getvariable('mentee_age_to')
  AND (NOT getvariable('restrict_to_categories') OR EXISTS (
        SELECT 1
        FROM base b
        JOIN mentees m
          ON m.organisation = b.organisation AND m.workbook = b.workbook AND m.sheet = b.sheet
         AND m."row" = b."row" AND m.part = b.part
        WHERE b.role = 'mentee' AND b.organisation = e.organisation AND b.person_key = e.person_key
          AND list_has_any(m.categories, ['gifted', 'low_results', 'disability', 'hardship', 'behaviour', 'isolated'])))
