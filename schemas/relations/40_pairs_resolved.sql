-- relation: table
-- Every row of pairs with its persons. line numbers the rows; unit, the number of its first row, stands for the pair or group.
-- A name that several persons of the base bear goes to the one whose row there names the partner, or whose kind the form
-- asks for, if that leaves one; else the person is unknown and the name itself stands for it.
WITH lines AS (
    SELECT row_number() OVER (ORDER BY organisation, workbook, sheet, "row", part) AS line, p.*,
        pair_number(p.pair_id) AS number
    FROM pairs AS p
),
sides AS (
    SELECT line, organisation, form, 'mentor' AS role, mentor_key AS name_key, mentee_key AS partner_key FROM lines
    UNION ALL
    SELECT line, organisation, form, 'mentee', mentee_key, mentor_key FROM lines
),
named AS MATERIALIZED (
    SELECT l.*, n.how, n.candidates, n.no_base, n.persons
    FROM sides AS l
    JOIN names AS n ON n.organisation = l.organisation AND n.role = l.role AND n.name_key = l.name_key
),
told_apart AS (
    SELECT line, role,
        CASE
            WHEN count(*) FILTER (partner_fits) = 1 THEN min(person_key) FILTER (partner_fits)
            WHEN count(*) FILTER (form_fits) = 1 THEN min(person_key) FILTER (form_fits)
        END AS person_key
    FROM (
        SELECT l.line, l.role, l.person_key, form_fits(l.form, l.role, k.kind) AS form_fits,
            coalesce(list_contains(string_split(k.partner_keys, chr(31)), l.partner_key), false) AS partner_fits
        FROM (SELECT *, unnest(persons) AS person_key FROM named WHERE candidates > 1 AND how = 'exact') AS l
        JOIN known AS k ON k.organisation = l.organisation AND k.role = l.role AND k.person_key = l.person_key
    )
    GROUP BY line, role
),
decided AS (
    SELECT n.line, n.role, n.how, n.candidates, n.no_base,
        CASE WHEN n.candidates = 1 THEN n.persons[1] ELSE t.person_key END AS person_key
    FROM named AS n
    LEFT JOIN told_apart AS t ON t.line = n.line AND t.role = n.role
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
-- rows of one number and mentor are one group; without a number, the persons of one cell are
groups AS (
    SELECT organisation, workbook, sheet, mentor_key, number, min(line) AS unit
    FROM lines WHERE number IS NOT NULL GROUP BY ALL
),
told AS (
    SELECT DISTINCT organisation, workbook, sheet, "row" FROM issues
    WHERE rule IS NOT NULL AND severity = 'error' AND "table" = 'pairs' AND "row" IS NOT NULL
        AND code NOT IN ('ref-unknown', 'pair-organisation', 'pair-same-person', 'pair-dates', 'pair-duplicate')
)
SELECT p.* EXCLUDE (mentor_known, mentee_known, same),
    mentor_known IS NOT NULL AS mentor_is_known, mentee_known IS NOT NULL AS mentee_is_known,
    coalesce(g.unit, p.line - p.part) AS unit,
    m.kind AS mentor_kind, m.category AS mentor_category, m.birth AS mentor_birth, m.birth_year AS mentor_birth_year,
    m.class_group AS mentor_class, m.enterprise_id, m.enterprise_key,
    e.kind AS mentee_kind, e.birth AS mentee_birth, e.birth_year AS mentee_birth_year, e.class_group AS mentee_class,
    e.experience_years AS mentee_experience,
    r.duplicate_of,
    least(cm.refused_on, ce.refused_on) AS refused_on,
    coalesce(p.same, false) AS same_person,
    coalesce(p.date_to < p.date_from, false) AS dates_reversed,
    x.other_name AS mentor_elsewhere,
    -- R11: a network mentor may be of another organisation
    (p.mentor_candidates = 0 AND NOT p.no_mentors AND NOT coalesce(p.form = 'network' AND x.other IS NOT NULL, false)) OR (p.mentee_candidates = 0 AND NOT p.no_mentees)
        OR coalesce(p.same, false) OR coalesce(p.date_to < p.date_from, false) OR r.duplicate_of IS NOT NULL OR t.organisation IS NOT NULL AS has_error,
    coalesce(p.status, 'active') = 'active' AND coalesce(p.starts <= getvariable('as_of'), true)
        AND coalesce(p.ends >= getvariable('as_of'), true) AS is_active
FROM persons AS p
LEFT JOIN groups AS g ON g.organisation = p.organisation AND g.workbook = p.workbook AND g.sheet = p.sheet
    AND g.mentor_key = p.mentor_key AND g.number = p.number
LEFT JOIN repeated AS r ON r.line = p.line
LEFT JOIN known AS m ON m.organisation = p.organisation AND m.role = 'mentor' AND m.person_key = p.mentor_known
LEFT JOIN known AS e ON e.organisation = p.organisation AND e.role = 'mentee' AND e.person_key = p.mentee_known
LEFT JOIN consent_of AS cm ON cm.person_key = p.mentor_known
LEFT JOIN consent_of AS ce ON ce.person_key = p.mentee_known
LEFT JOIN elsewhere AS x ON x.organisation = p.organisation AND x.name_key = p.mentor_key
LEFT JOIN told AS t ON t.organisation = p.organisation AND t.workbook = p.workbook AND t.sheet = p.sheet AND t."row" = p."row"
