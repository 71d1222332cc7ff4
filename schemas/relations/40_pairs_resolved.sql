-- relation: table
-- Every row of pairs with its persons. line numbers the rows; unit numbers the pairs and groups (rows of one group share it).
-- A name that several persons of the base bear goes to the one whose row there names the partner, or whose kind the form
-- asks for, if that leaves one; else the person is unknown and the name itself stands for it.
WITH lines AS (
    SELECT row_number() OVER (ORDER BY organisation, workbook, sheet, "row", part) AS line, p.*,
        pair_number(p.pair_id) AS number
    FROM pairs AS p
),
candidates AS (
    SELECT l.line, n.role, n.how, n.candidates, n.no_base, k.person_key,
        k.kind IS NULL OR form_fits(l.form, n.role, k.kind) AS form_fits,
        coalesce(list_contains(string_split(k.partner_keys, chr(31)), CASE n.role WHEN 'mentor' THEN l.mentee_key ELSE l.mentor_key END), false)
            AS partner_fits
    FROM lines AS l
    JOIN names AS n ON n.organisation = l.organisation
        AND ((n.role = 'mentor' AND n.name_key = l.mentor_key) OR (n.role = 'mentee' AND n.name_key = l.mentee_key))
    LEFT JOIN known AS k ON n.candidates > 0 AND k.organisation = n.organisation AND k.role = n.role AND list_contains(n.persons, k.person_key)
    WHERE n.candidates <> 1
    UNION ALL
    SELECT l.line, n.role, n.how, n.candidates, n.no_base, n.persons[1], true, true
    FROM lines AS l
    JOIN names AS n ON n.organisation = l.organisation AND n.role = 'mentor' AND n.name_key = l.mentor_key AND n.candidates = 1
    UNION ALL
    SELECT l.line, n.role, n.how, n.candidates, n.no_base, n.persons[1], true, true
    FROM lines AS l
    JOIN names AS n ON n.organisation = l.organisation AND n.role = 'mentee' AND n.name_key = l.mentee_key AND n.candidates = 1
),
decided AS (
    SELECT line, role, any_value(how) AS how, any_value(candidates) AS candidates, bool_or(no_base) AS no_base,
        CASE
            WHEN any_value(candidates) = 1 THEN any_value(person_key)
            WHEN any_value(how) <> 'exact' THEN NULL
            WHEN count(DISTINCT person_key) FILTER (partner_fits) = 1 THEN any_value(person_key) FILTER (partner_fits)
            WHEN count(DISTINCT person_key) FILTER (form_fits) = 1 THEN any_value(person_key) FILTER (form_fits)
        END AS person_key
    FROM candidates
    GROUP BY line, role
),
joined AS (
    SELECT l.*,
        r.person_key AS mentor_known, r.how AS mentor_how, coalesce(r.candidates, 0) AS mentor_candidates, coalesce(r.no_base, true) AS no_mentors,
        e.person_key AS mentee_known, e.how AS mentee_how, coalesce(e.candidates, 0) AS mentee_candidates, coalesce(e.no_base, true) AS no_mentees,
        coalesce(l.date_from, l.order_date) AS starts, l.date_to AS ends,
        may_after(coalesce(l.date_from, l.order_date)) AS default_end,
        (l.order_no IS NOT NULL OR NOT coalesce(json_exists(b.columns, '$.order_no'), false)) AND
        (l.order_date IS NOT NULL OR NOT coalesce(json_exists(b.columns, '$.order_date'), false)) AND
        (l.order_no IS NOT NULL OR l.order_date IS NOT NULL) AS ordered
    FROM lines AS l
    LEFT JOIN decided AS r ON r.line = l.line AND r.role = 'mentor'
    LEFT JOIN decided AS e ON e.line = l.line AND e.role = 'mentee'
    LEFT JOIN blocks AS b ON b.organisation = l.organisation AND b.workbook = l.workbook AND b.sheet = l.sheet AND b."table" = 'pairs'
        AND l."row" >= b.header_row AND l."row" < b.next_header_row
),
persons AS (
    SELECT j.*,
        coalesce(mentor_known, j.organisation || '|' || j.mentor_key) AS mentor_person,
        coalesce(mentee_known, j.organisation || '|' || j.mentee_key) AS mentee_person,
        -- R2: one person in both columns; a name that only one of the bases has is the same name twice
        coalesce(mentor_known, j.organisation || '|' || j.mentor_key) = coalesce(mentee_known, j.organisation || '|' || j.mentee_key)
            OR (j.mentor_key = j.mentee_key AND (mentor_known IS NULL OR mentee_known IS NULL)) AS same
    FROM joined AS j
),
-- R5: the same mentor, mentee and form again while the former row runs
repeated AS (
    SELECT later.line, min(earlier.line) AS duplicate_of
    FROM persons AS later
    JOIN persons AS earlier ON earlier.organisation = later.organisation AND earlier.mentor_person = later.mentor_person
        AND earlier.mentee_person = later.mentee_person AND earlier.line < later.line
        AND (earlier.form IS NOT DISTINCT FROM later.form OR earlier.form IS NULL OR later.form IS NULL)
        AND coalesce(earlier.starts, later.starts, DATE '1900-01-01') <= coalesce(later.ends, later.default_end, DATE '2999-12-31')
        AND coalesce(later.starts, earlier.starts, DATE '1900-01-01') <= coalesce(earlier.ends, earlier.default_end, DATE '2999-12-31')
    WHERE coalesce(earlier.ends >= earlier.starts, true) AND coalesce(later.ends >= later.starts, true)
        AND coalesce(earlier.status, '') <> 'broken'
    GROUP BY later.line
),
told AS (
    SELECT DISTINCT organisation, workbook, sheet, "row" FROM issues
    WHERE rule IS NOT NULL AND severity = 'error' AND "table" = 'pairs' AND "row" IS NOT NULL
        AND code NOT IN ('ref-unknown', 'pair-same-person', 'pair-dates', 'pair-duplicate')
)
SELECT p.* EXCLUDE (mentor_known, mentee_known, same),
    mentor_known IS NOT NULL AS mentor_is_known, mentee_known IS NOT NULL AS mentee_is_known,
    dense_rank() OVER (ORDER BY p.organisation, p.workbook, p.sheet, p.mentor_key,
        coalesce(p.number, 'row ' || p."row")) AS unit,
    m.kind AS mentor_kind, m.category AS mentor_category, m.birth AS mentor_birth, m.birth_year AS mentor_birth_year,
    m.class_group AS mentor_class, m.enterprise_id, m.enterprise_key,
    e.kind AS mentee_kind, e.birth AS mentee_birth, e.birth_year AS mentee_birth_year, e.class_group AS mentee_class,
    e.experience_years AS mentee_experience,
    r.duplicate_of,
    least(cm.refused_on, ce.refused_on) AS refused_on,
    coalesce(p.same, false) AS same_person,
    coalesce(p.date_to < p.date_from, false) AS dates_reversed,
    (p.mentor_candidates = 0 AND NOT p.no_mentors) OR (p.mentee_candidates = 0 AND NOT p.no_mentees)
        OR coalesce(p.same, false) OR coalesce(p.date_to < p.date_from, false) OR r.duplicate_of IS NOT NULL OR t.organisation IS NOT NULL AS has_error,
    coalesce(p.status, 'active') = 'active' AND coalesce(p.starts <= getvariable('as_of'), true)
        AND coalesce(p.ends >= getvariable('as_of'), true) AS is_active
FROM persons AS p
LEFT JOIN repeated AS r ON r.line = p.line
LEFT JOIN known AS m ON m.organisation = p.organisation AND m.role = 'mentor' AND m.person_key = p.mentor_known
LEFT JOIN known AS e ON e.organisation = p.organisation AND e.role = 'mentee' AND e.person_key = p.mentee_known
LEFT JOIN consent_of AS cm ON cm.person_key = p.mentor_known
LEFT JOIN consent_of AS ce ON ce.person_key = p.mentee_known
LEFT JOIN told AS t ON t.organisation = p.organisation AND t.workbook = p.workbook AND t.sheet = p.sheet AND t."row" = p."row"
