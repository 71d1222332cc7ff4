-- Pairs win; said only where the mentee has a pair that is in order, and not for what is wrong in itself.
WITH of_mentee AS (
    SELECT mentee_person, list(DISTINCT form) FILTER (form IS NOT NULL) AS forms, bool_or(form IS NULL) AS form_unknown,
        bool_or(has_error OR NOT form_fits(form, 'mentor', mentor_kind) OR NOT form_fits(form, 'mentee', mentee_kind)) AS has_error,
        list(DISTINCT string_split(mentor_key, ' ')) AS mentors,
        list(DISTINCT mentor_person) AS mentor_persons, first(mentor ORDER BY line DESC) AS last_mentor, first(form ORDER BY line DESC) AS last_form
    FROM pairs_resolved
    WHERE mentee_is_known AND duplicate_of IS NULL AND mentee_person IN (
        SELECT person_key FROM base WHERE role = 'mentee' AND (partner_keys IS NOT NULL OR form IS NOT NULL))
    GROUP BY mentee_person
)
SELECT b.organisation, b.workbook, b.sheet, b."row", 'mentor' AS field, m.mentor AS value, p.last_mentor AS suggestion
FROM base AS b
JOIN of_mentee AS p ON p.mentee_person = b.person_key AND NOT p.has_error
JOIN mentees AS m ON m.organisation = b.organisation AND m.workbook = b.workbook AND m.sheet = b.sheet AND m."row" = b."row" AND m.part = b.part
JOIN names AS n ON n.organisation = b.organisation AND n.role = 'mentor' AND n.name_key = m.mentor_key AND n.candidates = 1
WHERE b.role = 'mentee' AND NOT list_contains(p.mentor_persons, n.persons[1])
    AND len(list_filter(p.mentors, lambda words: one_person(words, n.words))) = 0
UNION ALL
SELECT b.organisation, b.workbook, b.sheet, b."row", 'form', form_title(b.form), form_title(p.last_form)
FROM base AS b
JOIN of_mentee AS p ON p.mentee_person = b.person_key AND NOT p.has_error
WHERE b.role = 'mentee' AND b.form IS NOT NULL AND NOT p.form_unknown AND NOT list_contains(p.forms, b.form)
