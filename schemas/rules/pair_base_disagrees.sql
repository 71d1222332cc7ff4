-- Pairs win; said only of persons whose pairs are in order, and not for what is wrong in itself.
WITH lines AS (
    SELECT p.organisation, p.line, p.mentor, p.mentor_key, p.mentor_person, p.mentor_is_known, p.mentee, p.mentee_key, p.mentee_person,
        p.mentee_is_known, p.form,
        coalesce(p.has_error, false) OR NOT p.accepted OR p.mentor_key IS NULL OR p.mentee_key IS NULL
            OR NOT form_fits(p.form, 'mentor', p.mentor_kind) OR NOT form_fits(p.form, 'mentee', p.mentee_kind)
            OR x.field IS NOT NULL AS doubtful
    FROM pairs_resolved AS p
    LEFT JOIN bad_cells AS x ON x.organisation = p.organisation AND x.workbook = p.workbook AND x.sheet = p.sheet
        AND x."row" = p."row" AND x.field = 'form'
    WHERE p.duplicate_of IS NULL
),
of_mentee AS (
    SELECT mentee_person, list(DISTINCT form) FILTER (form IS NOT NULL) AS forms, bool_or(form IS NULL) AS form_unknown,
        list(DISTINCT string_split(mentor_key, ' ')) AS mentors, list(DISTINCT mentor_person) AS mentor_persons,
        first(mentor ORDER BY line DESC) AS last_mentor, first(form ORDER BY line DESC) AS last_form
    FROM lines
    WHERE mentee_is_known AND mentee_person IN (
        SELECT person_key FROM base WHERE role = 'mentee' AND (partner_keys IS NOT NULL OR form IS NOT NULL))
    GROUP BY mentee_person HAVING NOT bool_or(doubtful)
),
of_mentor AS (
    SELECT l.mentor_person, list(DISTINCT string_split(l.mentee_key, ' ')) || coalesce(list(DISTINCT a.words) FILTER (a.words IS NOT NULL), []) AS mentees,
        string_agg(DISTINCT l.mentee, ', ' ORDER BY l.mentee) AS together, bool_or(coalesce(l.form = 'network', false)) AS is_network
    FROM (SELECT * FROM lines WHERE mentor_is_known AND organisation IN (
        SELECT organisation FROM mentors WHERE len(mentees_keys) > 0 OR mentee_place IS NOT NULL)) AS l
    LEFT JOIN other_names AS a ON a.organisation = l.organisation AND a.role = 'mentee' AND a.person_key = l.mentee_person
    GROUP BY l.mentor_person HAVING NOT bool_or(l.doubtful)
),
-- places that are known to be somebody's: whoever is said to work at one of them is not said to work at another
places AS (
    SELECT organisation, folded(place) AS place
    FROM (
        SELECT organisation, workplace AS place FROM mentors
        UNION SELECT organisation, enterprise_id FROM mentors
        UNION SELECT organisation, name FROM enterprises
    )
    WHERE organisation IN (SELECT organisation FROM mentees WHERE mentor_place IS NOT NULL)
),
of_mentor_place AS (
    SELECT b.person_key, min(m.workplace) AS workplace, list(DISTINCT folded(p.place)) AS own
    FROM (SELECT * FROM base WHERE role = 'mentor' AND organisation IN (SELECT organisation FROM mentees WHERE mentor_place IS NOT NULL)) AS b
    JOIN mentors AS m USING (organisation, workbook, sheet, "row", part)
    CROSS JOIN LATERAL (
        SELECT m.workplace AS place UNION ALL SELECT m.enterprise_id
        UNION ALL SELECT n.name FROM organisation_names AS n
            WHERE n.organisation = b.organisation AND (m.workplace IS NULL OR b.kind IN ('staff', 'pupil'))
    ) AS p
    WHERE p.place IS NOT NULL
    GROUP BY b.person_key
)
SELECT b.organisation, b.workbook, b.sheet, b."row", 'mentor' AS field, 'mentees' AS "table", m.mentor AS value, p.last_mentor AS suggestion
FROM base AS b
JOIN of_mentee AS p ON p.mentee_person = b.person_key
JOIN mentees AS m USING (organisation, workbook, sheet, "row", part)
JOIN names AS n ON n.organisation = b.organisation AND n.role = 'mentor' AND n.name_key = m.mentor_key AND n.candidates = 1
WHERE b.role = 'mentee' AND NOT list_contains(p.mentor_persons, n.persons[1])
    AND len(list_filter(p.mentors, lambda words: one_person(words, n.words))) = 0
UNION ALL
SELECT b.organisation, b.workbook, b.sheet, b."row", 'form', 'mentees', form_title(b.form), form_title(p.last_form)
FROM base AS b
JOIN of_mentee AS p ON p.mentee_person = b.person_key
WHERE b.role = 'mentee' AND b.form IS NOT NULL AND NOT p.form_unknown AND NOT list_contains(p.forms, b.form)
UNION ALL
-- the place is that of the mentor the row names: of another mentor's place the row's mentor speaks
SELECT b.organisation, b.workbook, b.sheet, b."row", 'mentor_place', 'mentees', m.mentor_place, o.workplace
FROM base AS b
JOIN of_mentee AS p ON p.mentee_person = b.person_key AND len(p.mentor_persons) = 1
JOIN mentees AS m USING (organisation, workbook, sheet, "row", part)
JOIN of_mentor_place AS o ON o.person_key = p.mentor_persons[1]
WHERE b.role = 'mentee' AND ((b.organisation, folded(m.mentor_place)) IN (SELECT (organisation, place) FROM places WHERE place IS NOT NULL)
        OR folded(m.mentor_place) IN (SELECT place FROM organisation_names WHERE place IS NOT NULL))
    AND NOT list_contains(o.own, folded(m.mentor_place))
    AND (m.mentor_key IS NULL OR len(list_filter(p.mentors, lambda words: one_person(words, string_split(m.mentor_key, ' ')))) > 0)
UNION ALL
SELECT organisation, workbook, sheet, "row", 'mentees', 'mentors', array_to_string(list_filter(names, lambda name, place: list_contains(strange, place)), ', '), together
FROM (
    SELECT b.organisation, b.workbook, b.sheet, b."row", m.mentees AS names, p.together,
        list_filter(range(1, len(m.mentees_keys) + 1), lambda place: contains(m.mentees_keys[place], ' ')
            AND len(list_filter(p.mentees, lambda words: one_person(words, string_split(m.mentees_keys[place], ' ')))) = 0) AS strange
    FROM base AS b
    JOIN of_mentor AS p ON p.mentor_person = b.person_key
    JOIN mentors AS m USING (organisation, workbook, sheet, "row", part)
    WHERE b.role = 'mentor' AND len(m.mentees_keys) > 0
)
WHERE len(strange) > 0
UNION ALL
SELECT b.organisation, b.workbook, b.sheet, b."row", 'mentee_place', 'mentors', m.mentee_place, NULL
FROM base AS b
JOIN of_mentor AS p ON p.mentor_person = b.person_key AND NOT p.is_network
JOIN mentors AS m USING (organisation, workbook, sheet, "row", part)
WHERE b.role = 'mentor' AND EXISTS (SELECT 1 FROM organisation_names AS n WHERE n.place = folded(m.mentee_place) AND n.organisation <> b.organisation)
    AND NOT EXISTS (SELECT 1 FROM organisation_names AS n WHERE n.place = folded(m.mentee_place) AND n.organisation = b.organisation)
