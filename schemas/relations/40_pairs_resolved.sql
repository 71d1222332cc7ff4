-- relation: table, needs pairs
-- Every row of pairs with its persons. line numbers the rows; unit, the number of its first row, stands for the pair or group.
-- A name that several persons of the base bear goes to the one whose row there names the partner, or whose kind the form
-- asks for, if that leaves one; else the person is unknown and the name itself stands for it.
-- Until the end a line carries only what decides it; the rest of its row joins it there.
-- has_error: what is wrong with the row itself; once the rules that look at nothing made of this have run, their errors too
-- (rules.JUDGED).
WITH numbers AS MATERIALIZED (
    SELECT pair_id, pair_number(pair_id) AS number FROM (SELECT DISTINCT pair_id FROM pairs)
),
lines AS (
    SELECT row_number() OVER (ORDER BY organisation, workbook, sheet, "row", part)::INTEGER AS line, p.rowid AS place,
        organisation, workbook, sheet, "row", part, n.number, mentor_key, mentee_key, form, status,
        coalesce(date_from, order_date) AS starts, date_to AS ends, may_after(coalesce(date_from, order_date)) AS default_end,
        order_no IS NOT NULL AS has_order_no, order_date IS NOT NULL AS has_order_date, coalesce(date_to < date_from, false) AS dates_reversed
    FROM pairs AS p
    LEFT JOIN numbers AS n USING (pair_id)
),
named AS MATERIALIZED (
    SELECT l.*,
        r.how AS mentor_how, coalesce(r.candidates, 0) AS mentor_candidates, coalesce(r.no_base, true) AS no_mentors, r.persons AS mentors,
        e.how AS mentee_how, coalesce(e.candidates, 0) AS mentee_candidates, coalesce(e.no_base, true) AS no_mentees, e.persons AS mentees
    FROM lines AS l
    LEFT JOIN names AS r ON r.organisation = l.organisation AND r.role = 'mentor' AND r.name_key = l.mentor_key
    LEFT JOIN names AS e ON e.organisation = l.organisation AND e.role = 'mentee' AND e.name_key = l.mentee_key
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
        FROM (
            SELECT line, organisation, form, 'mentor' AS role, unnest(mentors) AS person_key, mentee_key AS partner_key FROM named
            WHERE mentor_candidates > 1 AND mentor_how = 'exact'
            UNION ALL
            SELECT line, organisation, form, 'mentee', unnest(mentees), mentor_key FROM named
            WHERE mentee_candidates > 1 AND mentee_how = 'exact'
        ) AS l
        JOIN known AS k ON k.organisation = l.organisation AND k.role = l.role AND k.person_key = l.person_key
    )
    GROUP BY line, role
),
persons AS MATERIALIZED (
    SELECT n.* EXCLUDE (mentors, mentees),
        CASE WHEN n.mentor_candidates = 1 THEN n.mentors[1] ELSE r.person_key END AS mentor_known,
        CASE WHEN n.mentee_candidates = 1 THEN n.mentees[1] ELSE e.person_key END AS mentee_known,
        coalesce(mentor_known, n.organisation || '|' || n.mentor_key) AS mentor_person,
        coalesce(mentee_known, n.organisation || '|' || n.mentee_key) AS mentee_person,
        -- R2: one person in both columns; a name that only one of the bases has is the same name twice
        mentor_person = mentee_person OR (n.mentor_key = n.mentee_key AND (mentor_known IS NULL OR mentee_known IS NULL)) AS same
    FROM named AS n
    LEFT JOIN told_apart AS r ON r.line = n.line AND r.role = 'mentor'
    LEFT JOIN told_apart AS e ON e.line = n.line AND e.role = 'mentee'
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
-- rows of one number and mentor are one group; without a number, the persons of one cell are. Most rows are alone: those that
-- may not be are told by a number before their texts are compared
grouped AS (
    SELECT hash(organisation, workbook, sheet, mentor_key, number) AS place
    FROM persons WHERE number IS NOT NULL AND mentor_key IS NOT NULL GROUP BY ALL HAVING count(*) > 1
),
groups AS (
    SELECT organisation, workbook, sheet, mentor_key, number, min(line) AS unit
    FROM persons
    WHERE hash(organisation, workbook, sheet, mentor_key, number) IN (SELECT place FROM grouped) AND number IS NOT NULL AND mentor_key IS NOT NULL
    GROUP BY ALL HAVING count(*) > 1
),
sheets AS (
    SELECT organisation, workbook, sheet, header_row, next_header_row,
        json_exists(columns, '$.order_no') AS has_order_no, json_exists(columns, '$.order_date') AS has_order_date
    FROM blocks WHERE "table" = 'pairs'
),
decided AS (
    SELECT p.line, p.place, p.number, p.mentor_how, p.mentor_candidates, p.no_mentors, p.mentee_how, p.mentee_candidates, p.no_mentees,
        p.starts, p.ends, p.default_end,
        (p.has_order_no OR NOT coalesce(s.has_order_no, false)) AND (p.has_order_date OR NOT coalesce(s.has_order_date, false))
            AND (p.has_order_no OR p.has_order_date) AS ordered,
        p.mentor_person, p.mentee_person, p.mentor_known, p.mentee_known,
        coalesce(g.unit, CASE WHEN p.number IS NULL OR p.mentor_key IS NULL THEN p.line - p.part ELSE p.line END) AS unit,
        r.duplicate_of,
        least(cm.refused_on, ce.refused_on) AS refused_on,
        coalesce(p.same, false) AS same_person,
        p.dates_reversed,
        x.other_name AS mentor_elsewhere,
        -- R11: a network mentor may be of another organisation
        (p.mentor_candidates = 0 AND NOT p.no_mentors AND NOT coalesce(p.form = 'network' AND x.other IS NOT NULL, false)) OR (p.mentee_candidates = 0 AND NOT p.no_mentees)
            OR coalesce(p.same, false) OR p.dates_reversed OR r.duplicate_of IS NOT NULL AS has_error,
        coalesce(p.status, 'active') = 'active' AND coalesce(p.starts <= getvariable('as_of'), true)
            AND coalesce(p.ends >= getvariable('as_of'), true) AS is_active
    FROM persons AS p
    LEFT JOIN sheets AS s ON s.organisation = p.organisation AND s.workbook = p.workbook AND s.sheet = p.sheet
        AND p."row" >= s.header_row AND p."row" < s.next_header_row
    LEFT JOIN groups AS g ON g.organisation = p.organisation AND g.workbook = p.workbook AND g.sheet = p.sheet
        AND g.mentor_key = p.mentor_key AND g.number = p.number
    LEFT JOIN repeated AS r ON r.line = p.line
    LEFT JOIN consent_of AS cm ON cm.person_key = p.mentor_known
    LEFT JOIN consent_of AS ce ON ce.person_key = p.mentee_known
    LEFT JOIN elsewhere AS x ON x.organisation = p.organisation AND x.name_key = p.mentor_key
)
SELECT d.line, o.*, d.number,
    d.mentor_how, d.mentor_candidates, d.no_mentors, d.mentee_how, d.mentee_candidates, d.no_mentees, d.starts, d.ends, d.default_end,
    d.ordered, d.mentor_person, d.mentee_person, d.mentor_known IS NOT NULL AS mentor_is_known, d.mentee_known IS NOT NULL AS mentee_is_known,
    d.unit,
    m.kind AS mentor_kind, m.category AS mentor_category, m.birth AS mentor_birth, m.birth_year AS mentor_birth_year,
    m.class_group AS mentor_class, m.enterprise_id, m.enterprise_key,
    e.kind AS mentee_kind, e.birth AS mentee_birth, e.birth_year AS mentee_birth_year, e.class_group AS mentee_class,
    e.experience_years AS mentee_experience,
    d.duplicate_of, d.refused_on, d.same_person, d.dates_reversed, d.mentor_elsewhere, d.has_error, d.is_active
FROM decided AS d
JOIN pairs AS o ON o.rowid = d.place
LEFT JOIN known AS m ON m.organisation = o.organisation AND m.role = 'mentor' AND m.person_key = d.mentor_known
LEFT JOIN known AS e ON e.organisation = o.organisation AND e.role = 'mentee' AND e.person_key = d.mentee_known
