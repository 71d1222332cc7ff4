-- relation: table
-- One line per row of mentors, mentees and curators, rejected ones too: whoever stands in a base is a known person.
-- Namesakes are told apart by birth: in a group of equal names with different births the birth becomes part of the key,
-- by year as soon as one of them gives only a year (the same adult in two bases stays one person).
-- What the people ledger settles (ledger.py) comes first: name_key and the key's birth are those of the person the row is
-- said to be, written_key is the name as written; told_apart: the ledger says that persons of this name are different.
-- Ages: age_now as of the date; age_joined on the day the person joined (joined: not later than the date), age_in_september on
-- 1 September of that school year.
WITH rows_of_bases AS (
    SELECT organisation, 'mentor' AS role, workbook, sheet, "row", part, accepted, full_name, full_name_key AS name_key,
        birth, birth_year, age AS age_now,
        CASE
            WHEN category = 'pupil' THEN 'pupil'
            WHEN category = 'teacher' THEN 'staff'
            WHEN category IS NOT NULL THEN 'external'
            WHEN enterprise_id IS NOT NULL THEN 'external'
            WHEN class_group IS NOT NULL THEN 'pupil'
            WHEN "position" IS NOT NULL OR experience_years IS NOT NULL THEN 'staff'
            WHEN age < 18 THEN 'pupil'
        END AS kind,
        category, class_group, "position", experience_years, consent, consent_date, date_in, date_out, NULL::VARCHAR AS form,
        NULL::VARCHAR AS partner_keys, NULL::VARCHAR AS status, enterprise_id, enterprise_id_key
    FROM (SELECT *, years_at(birth, birth_year, getvariable('as_of')) AS age FROM mentors)
    UNION ALL
    SELECT organisation, 'mentee', workbook, sheet, "row", part, accepted, full_name, full_name_key,
        birth, birth_year, age,
        CASE
            WHEN kind IS NOT NULL THEN kind
            WHEN class_group IS NOT NULL THEN 'pupil'
            WHEN list_has_any(categories, ['young_specialist', 'burnout', 'newcomer', 'upskilling']) THEN 'staff'
            WHEN "position" IS NOT NULL OR experience_years IS NOT NULL THEN 'staff'
            WHEN len(categories) > 0 THEN 'pupil'
            WHEN age < 18 THEN 'pupil'
            WHEN age >= 25 THEN 'staff'
        END,
        NULL, class_group, "position", experience_years, consent, consent_date, date_in, date_out, form,
        mentor_key, status, NULL, NULL
    FROM (SELECT *, years_at(birth, birth_year, getvariable('as_of')) AS age FROM mentees)
    UNION ALL
    SELECT organisation, 'curator', workbook, sheet, "row", part, accepted, full_name, full_name_key,
        NULL, NULL, NULL, 'staff', NULL, NULL, "position", NULL, NULL, NULL, date_from, date_to, NULL,
        NULL, NULL, NULL, NULL
    FROM curators
),
settled AS (
    SELECT r.* REPLACE (coalesce(l.same_key, r.name_key) AS name_key), r.name_key AS written_key,
        CASE WHEN l.same_key IS NULL THEN r.birth ELSE l.same_birth END AS own_birth,
        CASE WHEN l.same_key IS NULL THEN r.birth_year ELSE l.same_birth_year END AS own_year,
        least(coalesce(r.date_in, getvariable('as_of')), getvariable('as_of')) AS joined
    FROM rows_of_bases AS r
    LEFT JOIN ledger_people AS l ON l.organisation = r.organisation AND l.name_key = r.name_key
        AND l.birth IS NOT DISTINCT FROM r.birth AND l.birth_year IS NOT DISTINCT FROM r.birth_year
),
names AS (
    SELECT s.organisation, s.name_key,
        coalesce(min(own_year) < max(own_year), false) OR coalesce(min(own_birth) < max(own_birth), false)
            OR any_value(a.name_key) IS NOT NULL AS namesakes,
        any_value(a.name_key) IS NOT NULL AS told_apart,
        bool_or(own_birth IS NULL AND own_year IS NOT NULL) AS by_year
    FROM settled AS s
    LEFT JOIN ledger_apart AS a ON a.organisation = s.organisation AND a.name_key = s.name_key
    WHERE s.name_key IS NOT NULL
    GROUP BY s.organisation, s.name_key
)
SELECT r.* EXCLUDE (own_birth, own_year),
    -- «обучающийся» of forty with a post and no class, «педагог» of thirteen with a class: the word is wrong, not all the rest
    coalesce(CASE r.kind
        WHEN 'pupil' THEN r.class_group IS NULL AND (r."position" IS NOT NULL OR r.experience_years IS NOT NULL)
            AND r.age_now > getvariable('pupil_age_to')
        WHEN 'staff' THEN r.class_group IS NOT NULL AND r."position" IS NULL AND r.experience_years IS NULL
            AND r.age_now BETWEEN getvariable('pupil_age_from') AND getvariable('staff_age_from') - 1
    END, false) AS kind_in_doubt,
    coalesce(n.namesakes, false) AS namesakes, coalesce(n.told_apart, false) AS told_apart,
    CASE
        WHEN r.name_key IS NULL THEN NULL
        WHEN NOT n.namesakes THEN r.organisation || '|' || r.name_key
        WHEN r.own_year IS NULL THEN r.organisation || '|' || r.name_key || '|?'
        WHEN n.by_year THEN r.organisation || '|' || r.name_key || '|' || r.own_year
        ELSE r.organisation || '|' || r.name_key || '|' || coalesce(r.own_birth::VARCHAR, r.own_year::VARCHAR)
    END AS person_key,
    r.joined, years_at(r.birth, r.birth_year, r.joined) AS age_joined,
    -- 121 days after a birthday later than 1 September another year has begun
    school_year(r.joined) - coalesce(year(r.birth + 121), r.birth_year) AS age_in_september
FROM settled AS r
LEFT JOIN names AS n ON n.organisation = r.organisation AND n.name_key = r.name_key
