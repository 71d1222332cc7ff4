-- relation: table
-- One line per row of mentors, mentees and curators, rejected ones too: whoever stands in a base is a known person.
-- Namesakes are told apart by birth: in a group of equal names with different births the birth becomes part of the key,
-- by year as soon as one of them gives only a year (the same adult in two bases stays one person).
WITH rows_of_bases AS (
    SELECT organisation, 'mentor' AS role, workbook, sheet, "row", part, accepted, full_name, full_name_key AS name_key,
        birth, birth_year,
        CASE
            WHEN category = 'pupil' THEN 'pupil'
            WHEN category = 'teacher' THEN 'staff'
            WHEN category IS NOT NULL THEN 'external'
            WHEN enterprise_id IS NOT NULL THEN 'external'
            WHEN class_group IS NOT NULL THEN 'pupil'
            WHEN "position" IS NOT NULL OR experience_years IS NOT NULL THEN 'staff'
            WHEN years_at(birth, birth_year, getvariable('as_of')) < 18 THEN 'pupil'
        END AS kind,
        category, class_group, "position", experience_years, consent, consent_date, date_in, date_out, NULL::VARCHAR AS form,
        NULL::VARCHAR AS partner_keys, NULL::VARCHAR AS status, enterprise_id, enterprise_id_key
    FROM mentors
    UNION ALL
    SELECT organisation, 'mentee', workbook, sheet, "row", part, accepted, full_name, full_name_key,
        birth, birth_year,
        CASE
            WHEN kind IS NOT NULL THEN kind
            WHEN class_group IS NOT NULL THEN 'pupil'
            WHEN list_has_any(categories, ['young_specialist', 'burnout', 'newcomer', 'upskilling']) THEN 'staff'
            WHEN "position" IS NOT NULL OR experience_years IS NOT NULL THEN 'staff'
            WHEN len(categories) > 0 THEN 'pupil'
            WHEN years_at(birth, birth_year, getvariable('as_of')) < 18 THEN 'pupil'
            WHEN years_at(birth, birth_year, getvariable('as_of')) >= 25 THEN 'staff'
        END,
        NULL, class_group, "position", experience_years, consent, consent_date, date_in, date_out, form,
        mentor_key, status, NULL, NULL
    FROM mentees
    UNION ALL
    SELECT organisation, 'curator', workbook, sheet, "row", part, accepted, full_name, full_name_key,
        NULL, NULL, 'staff', NULL, NULL, "position", NULL, NULL, NULL, date_from, date_to, NULL,
        NULL, NULL, NULL, NULL
    FROM curators
),
names AS (
    SELECT organisation, name_key,
        count(DISTINCT birth_year) > 1 OR count(DISTINCT birth) > 1 AS namesakes,
        bool_or(birth IS NULL AND birth_year IS NOT NULL) AS by_year
    FROM rows_of_bases
    WHERE name_key IS NOT NULL
    GROUP BY organisation, name_key
)
SELECT r.*,
    coalesce(n.namesakes, false) AS namesakes,
    CASE
        WHEN r.name_key IS NULL THEN NULL
        WHEN NOT n.namesakes THEN r.organisation || '|' || r.name_key
        WHEN r.birth_year IS NULL THEN r.organisation || '|' || r.name_key || '|?'
        WHEN n.by_year THEN r.organisation || '|' || r.name_key || '|' || r.birth_year
        ELSE r.organisation || '|' || r.name_key || '|' || coalesce(r.birth::VARCHAR, r.birth_year::VARCHAR)
    END AS person_key
FROM rows_of_bases AS r
LEFT JOIN names AS n ON n.organisation = r.organisation AND n.name_key = r.name_key
